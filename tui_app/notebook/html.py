"""Blocks as HTML that a cell can show anywhere: escaped, with inline styles only, in the colours of its page.

A notebook that nobody trusts yet has its HTML sanitised: what is left of a style are simple properties and colours by
number, and of SVG only what an image holds. So text and backgrounds are inherited; what has a colour has one that can
be read on white and on black, and a word or a sign beside it.
"""

from __future__ import annotations

import base64
from html import escape

from tui_app.models.text import safe_text
from tui_app.notebook.pieces import Bar, Block, Blocks, Callout, Grid, Heading, Line, Picture, Role, Says, Span

COLOURS: dict[Role, str] = {
    "success": "#2f9e5f",
    "accent": "#3f86c9",
    "muted": "#8a8f98",
    "warning": "#b9791c",
    "error": "#d64b42",
    "": "#8a8f98",
}
"""Each has a contrast of 3 to 1 or more on white and on black."""

_RULE = "rgba(128,128,128,0.28)"
_TRACK = "rgba(128,128,128,0.22)"
_CELL = "text-align:left;vertical-align:top;border:none;background:none"
_SHORT = 32
"""Characters of a cell that is not broken into lines."""


def to_html(blocks: Blocks) -> str:
    """Write blocks as one HTML element."""
    inner = "".join(_block(block) for block in blocks)
    return f'<div style="font-size:13px;line-height:1.5;max-width:1080px;margin:2px 0 10px 0">{inner}</div>'


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f'<div style="font-size:15px;margin:0 0 2px 0">{_line(block.line)}</div>'
        case Says():
            return f'<div style="margin:2px 0">{"<br>".join(map(_line, block.lines))}</div>'
        case Callout():
            edge = f"border-left:3px solid {COLOURS[block.role]}"
            lines = "<br>".join(map(_line, block.lines))
            return f'<div style="{edge};padding:1px 0 1px 10px;margin:6px 0 8px 0">{lines}</div>'
        case Bar():
            return _bar(block)
        case Grid():
            return _grid(block)
        case Picture():
            return _picture(block)


def _span(span: Span) -> str:
    text = escape(safe_text(span.text, span.limit))
    styles = []
    if span.role == "muted":
        styles.append("opacity:0.68")
    elif span.role:
        styles.append(f"color:{COLOURS[span.role]}")
    if span.strong:
        styles.append("font-weight:600")
    if span.code:
        styles.append("font-family:monospace;font-size:12px")
    return f'<span style="{";".join(styles)}">{text}</span>' if styles else text


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _bar(bar: Bar) -> str:
    percent = max(0.0, min(bar.percent, 100.0))
    filled = f"background-color:{COLOURS[bar.role]};width:{percent:.1f}%;height:6px;border-radius:3px"
    track = f"background-color:{_TRACK};height:6px;border-radius:3px;max-width:480px;margin:8px 0 4px 0"
    return (
        f'<div style="{track}"><div style="{filled}"></div></div><div style="margin:0 0 4px 0">{_line(bar.words)}</div>'
    )


def _grid(grid: Grid) -> str:
    title = f'<div style="margin:10px 0 2px 0">{_line(grid.title)}</div>' if grid.title else ""
    if not grid.rows:
        return f'{title}<div style="opacity:0.68">{escape(grid.empty)}</div>'
    ruled = any(grid.head)
    style = (
        f"{_CELL};border-bottom:1px solid {_RULE};padding:4px 14px 4px 0"
        if ruled
        else f"{_CELL};padding:1px 14px 1px 0"
    )
    names = "".join(
        f'<th style="{style};font-weight:600;opacity:0.68;white-space:nowrap">{escape(name)}</th>' for name in grid.head
    )
    head = f'<thead><tr style="background:none">{names}</tr></thead>' if ruled else ""
    rows = ("".join(_cell(cell, style) for cell in row) for row in grid.rows)
    body = "".join(f'<tr style="background:none">{row}</tr>' for row in rows)
    table = f'<table style="border-collapse:collapse;border:none;margin:0">{head}<tbody>{body}</tbody></table>'
    return f'{title}<div style="overflow-x:auto">{table}</div>'


def _cell(cell: Line, style: str) -> str:
    short = sum(len(span.text) for span in cell) <= _SHORT
    return f'<td style="{style};{"white-space:nowrap" if short else "min-width:220px"}">{_line(cell)}</td>'


def _picture(picture: Picture) -> str:
    # As an image: a sanitiser takes elements of SVG out of a page, and leaves one that is whole.
    data = base64.b64encode(picture.svg.encode()).decode()
    words = escape(picture.words, quote=True)
    size = f'width="{picture.width}" height="{picture.height}"'
    style = "display:block;max-width:100%;margin:6px 0 2px 0"
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{words}" title="{words}" {size} style="{style}">'
