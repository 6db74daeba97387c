"""How much is sent at a time, and what happens where nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from tui_app.notebook.cell_wire import AHEAD, MOST_PATIENCE, PATIENCE, Wire


class Handle:
    """Something that is due later, unless it is cancelled."""

    def __init__(self, after: float, function: Callable[[], None]) -> None:
        self.after = after
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        """Take it back."""
        self.cancelled = True


class Bench:
    """A wire, what was sent on it, how often all was painted anew, and what is due later."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.later: list[Handle] = []
        self.painted = 0
        self.wire = Wire(self.sent.append, cast(asyncio.AbstractEventLoop, self))
        self.wire.repaint = self._paint

    def _paint(self) -> None:
        self.painted += 1

    def call_later(self, after: float, function: Callable[[], None]) -> Handle:
        """As a loop has it."""
        self.later.append(Handle(after, function))
        return self.later[-1]

    def paint(self) -> None:
        """Paint as the application does: a picture, where the wire is free."""
        if self.wire.free:
            self.wire.draw("picture")
        else:
            self.wire.miss()


@pytest.fixture
def bench() -> Bench:
    """A wire on a bench, seen by one page."""
    bench = Bench()
    bench.wire.shown()
    return bench


def test_before_anybody_looks_nothing_is_sent_and_nothing_waited_for() -> None:
    bench = Bench()
    bench.paint()
    assert (bench.sent, bench.later) == ([], [])


def test_what_is_sent_says_which_picture_it_is_and_for_which_size(bench: Bench) -> None:
    bench.wire.size = (90, 20)
    bench.wire.draw("a")
    bench.wire.draw("b")
    assert bench.sent[-1] == {"kind": "draw", "frame": 2, "columns": 90, "rows": 20, "text": "b"}


def test_no_more_is_under_way_than_may_be_and_an_answer_brings_the_rest(bench: Bench) -> None:
    for _ in range(10):
        bench.paint()
    assert len(bench.sent) == AHEAD
    painted = bench.painted
    bench.wire.drawn(AHEAD)
    assert bench.painted == painted + 1


def test_an_answer_where_nothing_was_left_out_paints_nothing(bench: Bench) -> None:
    bench.paint()
    painted = bench.painted
    bench.wire.drawn(1)
    assert bench.painted == painted


def test_answers_to_what_was_never_sent_or_long_answered_count_for_nothing(bench: Bench) -> None:
    for _ in range(AHEAD):
        bench.paint()
    bench.wire.drawn(99)
    assert not bench.wire.free
    bench.wire.drawn(2)
    bench.wire.drawn(1)
    bench.paint()
    bench.paint()
    assert not bench.wire.free


def test_who_does_not_answer_is_sent_one_picture_after_ever_longer_waits(bench: Bench) -> None:
    for _ in range(AHEAD):
        bench.paint()
    bench.paint()  # one too many: this one is missed
    waits = []
    for _ in range(12):
        due, sent = bench.later[-1], len(bench.sent)
        waits.append(due.after)
        due.function()
        bench.paint()
        bench.paint()
        assert len(bench.sent) == sent + 1
    assert waits[0] == PATIENCE
    assert waits == sorted(waits)
    assert waits[-1] == MOST_PATIENCE


def test_an_answer_ends_the_waiting(bench: Bench) -> None:
    for _ in range(AHEAD + 1):
        bench.paint()
    bench.wire.drawn(1)
    assert bench.later[-1].cancelled


def test_half_a_surrogate_is_no_reason_to_break(bench: Bench) -> None:
    bench.wire.draw("a\ud800b")
    assert bench.sent[-1]["text"] == "a?b"
