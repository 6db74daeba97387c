"""Open issues in groups, one for each code: what it means, whose turn it is, how many connections it stands in."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import Meaning, meaning_of
from tui_app.findings.triage import WEIGHT
from tui_app.models.filter import FilterError

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue


@dataclass(frozen=True)
class OwnedIssue:
    """An open issue, and whose it is.

    Attributes:
        issue: As the server sent it.
        row: What is known of its connection; ``None`` where that is not in the list.
    """

    issue: Issue
    row: FleetRow | None

    @cached_property
    def meaning(self) -> Meaning:
        """What it means, and who has to act."""
        return meaning_of(self.issue)

    @property
    def id(self) -> str:
        """The issue's ID."""
        return self.issue.id

    @property
    def connection_id(self) -> str:
        """The ID of its connection, or an empty string where the server did not say."""
        return self.issue.connection_id

    @property
    def name(self) -> str:
        """What its connection is called, as it came; else its ID."""
        return self.row.connection.name if self.row is not None else self.connection_id

    @property
    def provider(self) -> str:
        """Its connection's provider, where that is known."""
        return self.row.connection.provider.name if self.row is not None else ""

    @cached_property
    def haystack(self) -> str:
        """Everything that a free word may match, in lower case."""
        parts = (self.issue.error.code, self.issue.error.message, self.meaning.words, self.id, self.connection_id)
        return "\n".join((*parts, self.row.haystack if self.row is not None else "")).lower()

    def sort_key(self) -> tuple[str, str]:
        """By what its connection is called."""
        return (self.name.lower(), self.id)


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """The open issues of one code.

    Attributes:
        code: The server's code, verbatim.
        meaning: What it means. Where it is one party's turn in one issue and another's in the next, the one that counts
            first.
        issues: Them, by what their connections are called; at least one.
        connections: How many connections they stand in.
    """

    code: str
    meaning: Meaning
    issues: tuple[OwnedIssue, ...]
    connections: int

    @property
    def first_at(self) -> datetime | None:
        """When the first of them was first seen, in the server's time."""
        return min((i for each in self.issues if (i := each.issue.first_reported_at) is not None), default=None)

    @property
    def last_at(self) -> datetime | None:
        """When one of them was last seen, in the server's time."""
        return max((i for each in self.issues if (i := each.issue.last_reported_at) is not None), default=None)


class Order(StrEnum):
    """What groups are ordered by, in the words that are shown."""

    TURN = "by whose turn it is"
    CONNECTIONS = "by how many connections"

    @property
    def other(self) -> Order:
        """The other one."""
        return Order.CONNECTIONS if self is Order.TURN else Order.TURN

    def key(self, group: IssueGroup) -> tuple[int, int, str]:
        """What groups are sorted by: what comes first here decides, then the other, then the code."""
        turn, count = WEIGHT[group.meaning.actor], -group.connections
        first, second = (turn, count) if self is Order.TURN else (count, turn)
        return (first, second, group.code)


def groups_of(issues: Iterable[OwnedIssue]) -> list[IssueGroup]:
    """Put issues into groups by their code."""
    by_code: dict[str, list[OwnedIssue]] = {}
    for issue in issues:
        by_code.setdefault(issue.issue.error.code, []).append(issue)
    return [_group(code, found) for code, found in by_code.items()]


def _group(code: str, found: list[OwnedIssue]) -> IssueGroup:
    meaning = min((each.meaning for each in found), key=lambda meaning: WEIGHT[meaning.actor])
    # Those of which the server does not say whose they are count as one: it may be one and the same.
    connections = len({each.connection_id for each in found})
    return IssueGroup(code, meaning, tuple(sorted(found, key=OwnedIssue.sort_key)), connections)


@dataclass(frozen=True)
class IssueFilter:
    """A filter that was read.

    Attributes:
        text: What was typed.
        tests: All of them hold for an issue that fits.
    """

    text: str = ""
    tests: Sequence[Callable[[OwnedIssue], bool]] = ()

    def __call__(self, issue: OwnedIssue) -> bool:
        """Whether an issue fits."""
        return all(test(issue) for test in self.tests)


_FIELDS: dict[str, Callable[[OwnedIssue], str]] = {
    "who": lambda issue: issue.meaning.actor.value,
    "code": lambda issue: issue.issue.error.code,
    "provider": lambda issue: issue.provider,
}


def parse_issue_filter(text: str) -> IssueFilter:
    """Read a filter line: words that match anything known of an issue and its connection; ``who: code: provider:``.

    Raises:
        FilterError: A name that means nothing here.
    """
    return IssueFilter(text.strip(), [_test(word) for word in text.lower().split()])


def _test(word: str) -> Callable[[OwnedIssue], bool]:
    name, colon, value = word.partition(":")
    if not colon or not name.isalpha() or value.startswith("//"):
        return lambda issue: word in issue.haystack
    field = _FIELDS.get(name)
    if field is None:
        close = difflib.get_close_matches(name, _FIELDS, n=1)
        hint = f"did you mean {close[0]}: ?" if close else "known: " + " ".join(f"{each}:" for each in _FIELDS)
        raise FilterError(f"there is no filter “{name}:” – {hint}")
    return lambda issue: value in field(issue).lower()
