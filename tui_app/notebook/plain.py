"""Blocks as plain text: for a script, and for what shows nothing else."""

from __future__ import annotations

import unicodedata

from tui_app.models.text import safe_text
from tui_app.notebook.pieces import Bar, Block, Blocks, Callout, Grid, Heading, Line, Picture, Says

WIDEST = 44
"""Cells of a column, at the most."""

_BAR = 30


def to_text(blocks: Blocks) -> str:
    """Write blocks as lines of text."""
    return "\n".join(_block(block) for block in blocks)


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _block(block: Block) -> str:
    match block:
        case Heading():
            return _line(block.line)
        case Says():
            return "\n".join(map(_line, block.lines))
        case Callout():
            return "\n".join(f"  {_line(line)}" for line in block.lines)
        case Bar():
            filled = round(max(0.0, min(block.percent, 100.0)) / 100 * _BAR)
            return f"{'━' * filled}{'─' * (_BAR - filled)}  {_line(block.words)}"
        case Grid():
            return _grid(block)
        case Picture():
            return safe_text(block.words)


def _line(line: Line) -> str:
    return "".join(safe_text(span.text, span.limit) for span in line)


def _grid(grid: Grid) -> str:
    title = [_line(grid.title)] if grid.title else []
    if not grid.rows:
        return "\n".join([*title, grid.empty])
    table = [[_cut(_line(cell)) for cell in row] for row in grid.rows]
    table = [list(grid.head), *table] if any(grid.head) else table
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(_filled(text, width) for text, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join([*title, *(line.rstrip() for line in lines)])


def _cut(text: str) -> str:
    if cells(text) <= WIDEST:
        return text
    while cells(text) > WIDEST - 1:
        text = text[:-1]
    return text + "…"


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
