"""Marks: they belong to what is marked, whatever the list is narrowed, sorted or refreshed to."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tui_app.widgets.marks import Marks

KEYS = [f"conn_{number}" for number in range(12)]
some_keys = st.lists(st.sampled_from(KEYS), unique=True)


class TestMarks:
    def test_a_mark_is_put_and_taken_away(self) -> None:
        marks = Marks()
        assert marks.toggle("a")
        assert "a" in marks
        assert not marks.toggle("a")
        assert len(marks) == 0

    def test_marking_all_completes_what_is_marked_in_part(self) -> None:
        marks = Marks()
        marks.toggle("b")
        marks.toggle_all(["a", "b", "c"])
        assert set(marks) == {"a", "b", "c"}

    def test_marking_all_again_takes_them_away_and_leaves_the_others(self) -> None:
        marks = Marks()
        marks.put(["elsewhere", "a", "b"])
        marks.toggle_all(["a", "b"])
        assert list(marks) == ["elsewhere"]

    def test_what_is_gone_is_marked_no_more(self) -> None:
        marks = Marks()
        marks.put(["a", "b"])
        marks.keep({"b", "c"})
        assert list(marks) == ["b"]

    def test_those_that_are_not_shown_are_counted(self) -> None:
        marks = Marks()
        marks.put(["a", "b", "c"])
        assert marks.outside({"b"}) == 2


class MarkedList(RuleBasedStateMachine):
    """A list that is narrowed, sorted and read again while rows are marked, beside a model that is a mere set."""

    @initialize(there=some_keys)
    def begin(self, there: list[str]) -> None:
        self.marks = Marks()
        self.there = there
        self.shown = list(there)
        self.model: set[str] = set()

    @rule(fitting=some_keys)
    def narrow(self, fitting: list[str]) -> None:
        self.shown = [key for key in self.there if key in fitting]

    @rule()
    def clear_the_filter(self) -> None:
        self.shown = list(self.there)

    @rule(reverse=st.booleans())
    def sort(self, reverse: bool) -> None:
        self.shown.sort(reverse=reverse)

    @rule(there=some_keys)
    def read_again(self, there: list[str]) -> None:
        self.there = there
        self.shown = [key for key in there if key in self.shown]
        self.marks.keep(set(there))
        self.model &= set(there)

    @rule(place=st.integers(0, 11))
    def mark_the_row_at(self, place: int) -> None:
        if place < len(self.shown):
            self.marks.toggle(self.shown[place])
            self.model ^= {self.shown[place]}

    @rule()
    def mark_all_shown(self) -> None:
        self.marks.toggle_all(self.shown)
        self.model = self.model - set(self.shown) if self.model >= set(self.shown) else self.model | set(self.shown)

    @rule()
    def drop_all(self) -> None:
        self.marks.clear()
        self.model = set()

    @invariant()
    def what_is_marked_is_what_the_model_says(self) -> None:
        assert set(self.marks) == self.model
        assert len(self.marks) == len(self.model)
        assert self.marks.outside(self.shown) == len(self.model - set(self.shown))


TestMarkedList = MarkedList.TestCase
