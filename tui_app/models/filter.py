"""The filter line of the connection list: free words, and ``name:value`` terms."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter, contains
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from tui_app.models.actor import Actor

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow

Test = Callable[["FleetRow"], bool]

_TERM = re.compile(
    r'(?P<not>-)?(?:(?P<name>[A-Za-z]+):(?!//))?(?:"(?P<quoted>[^"]*)"|(?P<open>"[^"]*$)|(?P<plain>\S*))'
)
_COUNT = re.compile(r"(>=|<=|>|<|=)?([0-9]{1,9})")
_ACTORS_SAID = {each: each.removeprefix("the ").lower() for each in Actor}
ACTORS = tuple(_ACTORS_SAID.values())
"""Who may have to act, each in one word."""
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "": operator.eq}


class FilterError(ValueError):
    """A filter that cannot be read; the text says what is wrong and what would be right."""


Row = TypeVar("Row")


_haystack = attrgetter("haystack")


class _Found(Protocol):
    @property
    def haystack(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Word:
    """The test whether a word, in lower case, stands anywhere in a row."""

    word: str

    def __call__(self, row: _Found) -> bool:
        """Whether it does."""
        return self.word in row.haystack


@dataclass(frozen=True)
class Filter(Generic[Row]):
    """A filter that was read.

    Attributes:
        text: What was typed.
        tests: All of them hold for a row that fits.
        also: The IDs of the rows that fit whatever the tests say.
    """

    text: str = ""
    tests: tuple[Callable[[Row], bool], ...] = ()
    also: frozenset[str] = frozenset()

    def __call__(self, row: Row) -> bool:
        """Whether a row fits."""
        return all(test(row) for test in self.tests) or (bool(self.also) and row.id in self.also)  # type: ignore[attr-defined]

    @property
    def of_words(self) -> bool:
        """Whether nothing but words decides, so that a row fits as long as its haystack stays as it is."""
        return all(isinstance(test, Word) for test in self.tests)

    def extends(self, before: Filter[Row]) -> bool:
        """Whether whatever fits this one fits an earlier one, too: then that one's rows are all that need a look."""
        if before.also or self.also or len(before.tests) > len(self.tests) or not self.of_words:
            return False
        pairs = zip(self.tests, before.tests, strict=False)
        return all(isinstance(its, Word) and isinstance(mine, Word) and its.word in mine.word for mine, its in pairs)

    def select(self, rows: Sequence[Row], haystacks: Sequence[str] = ()) -> list[Row]:
        """The rows that fit, in their order. A word costs as much as the scan for it, and hardly more.

        Args:
            rows: All rows.
            haystacks: Theirs, where they are at hand, in the same order: rows that do not fit are not even touched.
        """
        found: Sequence[Any] = rows
        for test in self.tests:
            if isinstance(test, Word):
                texts = haystacks if found is rows and haystacks else map(_haystack, found)
                found = list(compress(found, map(contains, texts, repeat(test.word))))
            else:
                found = [row for row in found if test(row)]
        if not self.also:
            return list(found)
        fitting = self.also.union(row.id for row in found)
        return [row for row in rows if row.id in fitting]  # type: ignore[attr-defined]


def parse_filter(text: str) -> Filter[FleetRow]:
    """Read a filter line.

    Words match any visible field or ID. ``status: state: provider: tag: mode: sync: id:`` narrow to a field, ``next:``
    to who has to act; ``issues:>0`` compares; quotes keep spaces together, a leading ``-`` excludes. ``status:`` takes
    the server's words and ours, ``state:`` ours alone.

    Raises:
        FilterError: A name or a value that means nothing here.
    """
    return read_filter(text, lambda word: Word(word.lower()), _FIELDS)


def read_filter(
    text: str,
    word: Callable[[str], Callable[[Row], bool]],
    fields: Mapping[str, Callable[[str], Callable[[Row], bool] | None]],
) -> Filter[Row]:
    """Read a filter line, whatever it is about.

    Args:
        text: What was typed.
        word: Makes the test of a free word.
        fields: By name, what makes the test of a value in lower case; ``None``: it is still being typed.

    Raises:
        FilterError: A name or a value that means nothing here.
    """
    tests: list[Callable[[Row], bool]] = []
    for term in terms_of(text):
        if term.name is not None and term.name.lower() not in fields:
            raise no_such_filter(term.name, fields)
        if not term.value:
            continue  # still being typed: narrows nothing yet
        test = word(term.value) if term.name is None else fields[term.name.lower()](term.value.lower())
        if test is not None:
            tests.append(_negated(test) if term.negated else test)
    return Filter(text.strip(), tuple(tests))


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a filter line.

    Attributes:
        name: What stands in front of its colon; ``None`` for a free word.
        value: The word, without its quotes.
        negated: Whether what it fits is left out.
    """

    name: str | None
    value: str
    negated: bool


def terms_of(text: str) -> list[Term]:
    """Take a filter line apart, whatever it is about.

    Raises:
        FilterError: A quotation mark is open.
    """
    terms: list[Term] = []
    position, stripped = 0, text.strip()
    while position < len(stripped):
        found = _TERM.match(stripped, position)
        if found is None or found.end() == position:
            position += 1
            continue
        position = found.end()
        if found["open"]:
            raise FilterError('a quotation mark is still open: close it with "')
        value = found["quoted"] if found["quoted"] is not None else found["plain"]
        terms.append(Term(found["name"], value, bool(found["not"])))
    return terms


def no_such_filter(name: str, names: Collection[str]) -> FilterError:
    """What to say of a name that means nothing here, beside those that do."""
    close = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {close[0]}: ?" if close else "known: " + " ".join(f"{field}:" for field in names)
    return FilterError(f"there is no filter “{name}:” – {hint}")


def no_such_actor(name: str) -> FilterError:
    """What to say where a filter takes who has to act, and nobody is called that."""
    return FilterError(f"{name}: takes who has to act: " + " ".join(ACTORS))


def has_terms(text: str) -> bool:
    """Whether a filter line narrows by a field or excludes something, rather than only naming words."""
    return any(found["name"] or found["not"] for found in _TERM.finditer(text))


def _negated(test: Callable[[Row], bool]) -> Callable[[Row], bool]:
    return lambda row: not test(row)


def _status(word: str) -> Test:
    if word == "any":
        return lambda row: True
    return lambda row: row.state.word.lower().startswith(word) or row.connection.status.lower().startswith(word)


def _state(word: str) -> Test:
    return lambda row: row.state.word.lower().startswith(word)


def _next(word: str) -> Test | None:
    word = word.removeprefix("the ")  # “the fleet” is what stands behind “Next to act:”
    if any(each.startswith(word) for each in ACTORS):
        return lambda row: row.actor is not None and _ACTORS_SAID[row.actor].startswith(word)
    raise no_such_actor("next")


def _provider(word: str) -> Test:
    return lambda row: word in row.connection.provider.code.lower() or word in row.connection.provider.name.lower()


def _tag(word: str) -> Test:
    return lambda row: any(word in tag.lower() for tag in row.connection.tags)


def _mode(word: str) -> Test:
    return lambda row: row.connection.sync_mode.lower().startswith(word)


def _sync(word: str) -> Test:
    return lambda row: (
        row.last_sync is not None
        and (row.last_sync.status.lower().startswith(word) or row.last_sync.phase.startswith(word))
    )


def _id(word: str) -> Test:
    return lambda row: word in row.haystack and word in row.identity


def _issues(word: str) -> Test | None:
    if word in (">", "<", ">=", "<=", "="):
        return None
    found = _COUNT.fullmatch(word)
    if found is None:
        raise FilterError("issues: compares a number, as in issues:>0")
    compare, count = _COMPARE[found[1] or ""], int(found[2])
    return lambda row: row.open_issues is not None and bool(compare(row.open_issues, count))


_FIELDS: dict[str, Callable[[str], Test | None]] = {
    "status": _status,
    "state": _state,
    "next": _next,
    "provider": _provider,
    "tag": _tag,
    "mode": _mode,
    "issues": _issues,
    "sync": _sync,
    "id": _id,
}
