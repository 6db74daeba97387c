"""Blocks as Markdown: for whoever shows no HTML. Whatever a text holds, it stays text."""

from __future__ import annotations

from tui_app.findings.markdown import code, escaped
from tui_app.notebook.pieces import Bar, Block, Blocks, Callout, Grid, Heading, Line, Picture, Says, Span


def to_markdown(blocks: Blocks) -> str:
    """Write blocks as Markdown."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"### {_line(block.line)}"
        case Says():
            return "  \n".join(map(_line, block.lines))
        case Callout():
            return "\n".join(f"> {_line(line)}  " for line in block.lines)
        case Bar():
            return _line(block.words)
        case Grid():
            return _grid(block)
        case Picture():
            return escaped(block.words)


def _span(span: Span) -> str:
    text = code(span.text) if span.code and len(span.text) <= span.limit else escaped(span.text, span.limit)
    inner = text.strip()
    if not span.strong or not inner:
        return text
    before, _, after = text.partition(inner)
    return f"{before}**{inner}**{after}"


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _grid(grid: Grid) -> str:
    title = f"{_line(grid.title)}\n\n" if grid.title else ""
    if not grid.rows:
        return f"{title}{grid.empty}"
    lines = [f"| {' | '.join(grid.head)} |", f"|{' --- |' * len(grid.head)}"]
    lines += [f"| {' | '.join(map(_line, row))} |" for row in grid.rows]
    return title + "\n".join(lines)
