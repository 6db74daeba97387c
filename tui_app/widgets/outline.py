"""JSON, headers and texts as lines that can be folded and searched. Pure: what paints them is `json_view.py`.

A megabyte of JSON is some ten thousand lines: they are made once, and folding only chooses among them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from json.encoder import encode_basestring
from typing import Any, Self

from tui_app.models.text import safe_text
from tui_app.widgets.spans import Spans

SHORT = 200
"""Lines up to which everything stands open at first; of more, only what tells the structure does."""

MANY = 9999
"""Hits that are looked for at most."""

Step = str | int
Path = tuple[Step, ...]


@dataclass(slots=True)
class Line:
    """One line.

    Attributes:
        depth: How deep it stands.
        parent: The line of what it stands in; -1 on top.
        step: Its name or place in there.
        label: What stands in front of its value, made inert; empty where nothing does.
        value: Its value as JSON or text, made inert; of what holds other lines, its first character.
        role: What its value is, for its colour.
        end: The last line that belongs to it: itself, unless it holds others.
        count: How many things it holds.
        tail: What stands behind its value.
    """

    depth: int
    parent: int
    step: Step
    label: str
    value: str
    role: str
    end: int = -1
    count: int = 0
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading.

    Attributes:
        title: The heading.
        pairs: Names and values, such as headers.
        text: A text of any number of lines.
        value: A JSON value, where `is_json`.
        is_json: Whether `value` is meant.
        note: What is to be said of it besides, below it.
        folded: Whether it is folded at first.
    """

    title: str
    pairs: Sequence[tuple[str, str]] = ()
    text: str = ""
    value: Any = None
    is_json: bool = False
    note: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text was found.

    Attributes:
        line: The line's number.
        start: The first character in that line's text.
    """

    line: int
    start: int


_BRACKETS = {"{": "}", "[": "]"}


@dataclass
class Outline:
    """Lines, of which some are folded.

    Attributes:
        lines: All of them.
        folded: The numbers of those that are folded.
    """

    lines: list[Line] = field(default_factory=list)
    folded: set[int] = field(default_factory=set)
    _shown: list[int] | None = None

    @classmethod
    def of_json(cls, value: Any) -> Self:
        """The lines of one JSON value."""
        made = cls()
        made._add(value, "", "", 0, -1)
        made._begin_folded(0)
        return made

    @classmethod
    def of_sections(cls, sections: Sequence[Section]) -> Self:
        """The lines of several parts below their headings."""
        made = cls()
        for section in sections:
            made._add_section(section)
        made._begin_folded(1)
        return made

    def _begin_folded(self, roots: int) -> None:
        if len(self.lines) > SHORT:
            lines = enumerate(self.lines)
            self.folded |= {number for number, line in lines if line.end > number and line.depth > roots + 1}

    # Making lines

    def _add_section(self, section: Section) -> None:
        at = len(self.lines)
        head = Line(0, -1, section.title, "", safe_text(section.title), "heading")
        self.lines.append(head)
        for name, value in section.pairs:
            self._leaf(1, at, name, f"{safe_text(name)}: ", safe_text(value), "string")
        if section.is_json:
            self._add(section.value, section.title, "", 1, at)
        for number, line in enumerate(section.text.splitlines()):
            self._leaf(1, at, number, "", safe_text(line.replace("\t", "    ")), "text")
        if section.note:
            self._leaf(1, at, "note", "", safe_text(section.note), "muted")
        head.count = len(section.pairs)
        head.end = len(self.lines) - 1
        if section.folded and head.end > at:
            self.folded.add(at)

    def _leaf(self, depth: int, parent: int, step: Step, label: str, value: str, role: str) -> None:
        self.lines.append(Line(depth, parent, step, label, value, role, len(self.lines)))

    def _add(self, value: Any, step: Step, label: str, depth: int, parent: int) -> None:
        if not isinstance(value, dict | list) or not value:
            self._leaf(depth, parent, step, label, *_scalar(value))
            return
        at = len(self.lines)
        head = Line(depth, parent, step, label, "{" if isinstance(value, dict) else "[", "mark", count=len(value))
        self.lines.append(head)
        items: Any = value.items() if isinstance(value, dict) else enumerate(value)
        last = at
        for name, inner in items:
            last = len(self.lines)
            shown = f"{_quoted(name)}: " if isinstance(value, dict) else ""
            self._add(inner, name, shown, depth + 1, at)
            self._last_of(last).tail = ","
        self._last_of(last).tail = ""
        head.end = len(self.lines)
        self.lines.append(Line(depth, at, "", "", _BRACKETS[head.value], "mark", len(self.lines)))

    def _last_of(self, number: int) -> Line:
        """The line behind which a comma belongs."""
        return self.lines[self.lines[number].end]

    # What a line says

    def opens(self, number: int) -> bool:
        """Whether a line holds others."""
        return self.lines[number].end > number

    def text(self, number: int) -> str:
        """A line as it is searched: whole, without its indent."""
        line = self.lines[number]
        return f"{line.label}{line.value}{line.tail}"

    def spans(self, number: int) -> Spans:
        """A line as it is shown, folded or not, without its indent."""
        line = self.lines[number]
        label = ((line.label, "key"),) if line.label else ()
        if line.role == "heading":
            count = ((f"  {line.count}", "muted"),) if line.count else ()
            return ((line.value, "heading"), *count)
        if number not in self.folded:
            return (*label, (line.value, line.role), *(((line.tail, "mark"),) if line.tail else ()))
        closed = f"{line.value}…{_BRACKETS[line.value]}{self.lines[line.end].tail}"
        return (*label, (closed, "mark"), (f"  {self._summary(number)}", "muted"))

    def _summary(self, number: int) -> str:
        """What a folded line holds: how much, and what tells it from its neighbours."""
        line = self.lines[number]
        if line.value == "[":
            return f"{line.count:,} item{'s' * (line.count != 1)}"
        fields = f"{line.count:,} field{'s' * (line.count != 1)}"
        inner = {self.lines[each].step: self.lines[each] for each in self._children(number)}
        named = next((inner[name] for name in ("id", "name", "code", "title") if name in inner), None)
        if named is None or named.role != "string":
            return fields
        return f"{named.step} {named.value[1:-1][:80]}, {fields}"

    def _children(self, number: int) -> Iterator[int]:
        at, end = number + 1, self.lines[number].end
        while at < end or (at == end and self.lines[number].role == "heading"):
            yield at
            at = self.lines[at].end + 1

    def path(self, number: int) -> Path:
        """Where a line stands, by the names and places that lead to it."""
        steps: list[Step] = []
        while number >= 0:
            line = self.lines[number]
            steps.append(line.step)
            number = line.parent
        return tuple(reversed(steps))

    # Folding

    @property
    def shown(self) -> list[int]:
        """The numbers of the lines that no fold hides."""
        if self._shown is None:
            self._shown, at = [], 0
            while at < len(self.lines):
                self._shown.append(at)
                at = self.lines[at].end + 1 if at in self.folded else at + 1
        return self._shown

    def holder(self, number: int) -> int:
        """The line that is folded where one says to fold this one; -1 where there is none."""
        line = self.lines[number]
        closing = line.parent >= 0 and self.lines[line.parent].end == number and line.role == "mark" and line.step == ""
        return number if self.opens(number) else line.parent if closing else -1

    def fold(self, number: int) -> None:
        """Hide what a line holds."""
        if self.opens(number):
            self.folded.add(number)
            self._shown = None

    def unfold(self, number: int) -> None:
        """Show what a line holds."""
        self.folded.discard(number)
        self._shown = None

    def fold_all(self) -> None:
        """Hide everything but the outermost."""
        self.folded = {number for number, line in enumerate(self.lines) if line.depth and self.opens(number)}
        self._shown = None

    def unfold_all(self) -> None:
        """Show everything."""
        self.folded = set()
        self._shown = None

    def reveal(self, number: int) -> None:
        """Unfold whatever hides a line."""
        above = self.lines[number].parent
        while above >= 0:
            self.unfold(above)
            above = self.lines[above].parent

    def seen(self, number: int) -> int:
        """The line itself, or what is shown in its place where it is folded away."""
        seen, above = number, self.lines[number].parent
        while above >= 0:
            seen = above if above in self.folded else seen
            above = self.lines[above].parent
        return seen

    def place(self, number: int) -> int:
        """Which of the lines that are shown a line is, from 0."""
        return bisect_left(self.shown, self.seen(number))

    def take_over(self, before: Outline, cursor: int) -> int:
        """Fold what was folded in an earlier version of this, and nothing that stood open.

        Args:
            before: The earlier version.
            cursor: A line in it.

        Returns:
            The line that stands where that one stood, or above it.
        """
        here, there = self._holders(), before._holders()
        new = {number for number in self.folded if before._at(there, self.path(number)) < 0}
        same = {self._at(here, before.path(number)) for number in before.folded}
        self.folded = new | {number for number in same if number >= 0 and self.opens(number)}
        self._shown = None
        path = before.path(cursor) if before.lines else ()
        while path and self._at(here, path) < 0:
            path = path[:-1]
        return self.seen(max(self._at(here, path), 0)) if self.lines else 0

    def _holders(self) -> dict[tuple[int, Step], int]:
        """The lines that hold others, by what they stand in and their step there."""
        return {(line.parent, line.step): number for number, line in enumerate(self.lines) if line.end > number}

    def _at(self, holders: dict[tuple[int, Step], int], path: Path) -> int:
        """The line where a path leads; -1 where it leads nowhere."""
        at = -1
        for step in path[:-1]:
            at = holders.get((at, step), -2)
        if not path or at == -2:
            return -1
        last = holders.get((at, path[-1]), -1)
        if last < 0 and at >= 0:  # a plain value: few stand beside it
            last = next((number for number in self._children(at) if self.lines[number].step == path[-1]), -1)
        return last

    # Searching

    def find(self, words: str) -> list[Hit]:
        """Every place where a text stands, folded away or not, whatever its case; `MANY` at most."""
        if not words:
            return []
        wanted = re.compile(re.escape(words), re.IGNORECASE)
        hits: list[Hit] = []
        for number in range(len(self.lines)):
            found = (Hit(number, place.start()) for place in wanted.finditer(self.text(number)))
            hits += islice(found, MANY - len(hits))
            if len(hits) == MANY:
                break
        return hits


def _quoted(text: str) -> str:
    return _inert(encode_basestring(text))


def _inert(text: str) -> str:
    return text if text.isascii() and text.isprintable() else safe_text(text)  # nearly all of it: no search is needed


def _scalar(value: Any) -> tuple[str, str]:
    """A value without others in it, and its role."""
    if isinstance(value, str):
        return _quoted(value), "string"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]", "mark"
    if value is None or isinstance(value, bool):
        return json.dumps(value), "word"
    return safe_text(json.dumps(value, default=str)), "number"
