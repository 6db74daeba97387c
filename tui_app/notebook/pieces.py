"""What is shown, before it is known in which form: blocks of plain text with the role of each piece.

HTML, Markdown and plain text are made of the same blocks, so that they say the same. Texts stand here as they came;
whoever writes a form makes them inert in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["", "success", "accent", "muted", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.

    Attributes:
        text: What it says, as it came.
        role: What its colour stands for; never that alone: a word or a sign says the same.
        strong: Whether it stands out.
        code: Whether it is an ID or a server's word, to be copied as it is.
        limit: The most characters that are shown of it.
    """

    text: str
    role: Role = ""
    strong: bool = False
    code: bool = False
    limit: int = 200


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What this is about, and beside it what else tells it from others."""

    line: Line


@dataclass(frozen=True, slots=True)
class Says:
    """Lines of text."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Callout:
    """What must not be overlooked.

    Attributes:
        role: What its colour stands for.
        lines: What it says.
    """

    role: Role
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something is.

    Attributes:
        percent: 0 to 100.
        role: What its colour stands for.
        words: The same in words, and what else belongs to it.
    """

    percent: float
    role: Role
    words: Line


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        head: What its columns are called.
        rows: Its cells, row by row.
        title: What stands above it; empty: nothing.
        empty: What is said where it has no rows.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    title: Line = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that we made, and what it shows in words.

    Attributes:
        svg: The drawing; it holds no text from elsewhere.
        words: What it shows, for whoever does not see it.
        width: In CSS pixels.
        height: The same.
    """

    svg: str
    words: str
    width: int
    height: int


Block = Heading | Says | Callout | Bar | Grid | Picture
Blocks = tuple[Block, ...]


def plain(text: str, limit: int = 200) -> Line:
    """A line of one piece without a role."""
    return (Span(text, limit=limit),)


def muted(text: str, limit: int = 200) -> Line:
    """A line that stands back."""
    return (Span(text, "muted", limit=limit),)
