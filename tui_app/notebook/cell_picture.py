"""A screen as it stands, in forms that need neither a terminal nor a program: HTML for documents, and plain text."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from textual._context import visible_screen_stack

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual.app import App
    from textual.strip import Strip

# Everything is said in place: what shows notebooks it does not trust drops style sheets, and keeps these.
_FRAME = (
    "margin:0;padding:6px 8px;border-radius:6px;overflow-x:auto;white-space:pre;font:13px/1.2 "
    "ui-monospace,'SF Mono','Cascadia Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"
)


def strips_of(app: App[Any]) -> list[Strip]:
    """The lines that an application's screen shows now. Nothing that waits to be painted is lost by it."""
    visible_screen_stack.set(app._background_screens)
    return [strip.simplify() for strip in app.screen._compositor.render_strips()]


def html_of(strips: list[Strip], colour: str, background: str) -> str:
    """A screen as HTML that carries its own colours.

    Args:
        strips: Its lines.
        colour: What colour a text has that says none, as in CSS.
        background: What is behind it.
    """
    lines = "\n".join("".join(_span(each) for each in strip if not each.control) for strip in strips)
    return f'<pre style="{_FRAME};color:{colour};background:{background}">{lines}</pre>'


def text_of(strips: list[Strip]) -> str:
    """A screen as plain text."""
    return "\n".join(strip.text.rstrip() for strip in strips)


def _span(segment: Segment) -> str:
    text = html.escape(segment.text)
    css = segment.style.without_color.get_html_style() if segment.style else ""
    colours = _colours(segment)
    style = ";".join(filter(None, (colours, css)))
    return f'<span style="{style}">{text}</span>' if style else text


def _colours(segment: Segment) -> str:
    style = segment.style
    if style is None:
        return ""
    front, back = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
    said = []
    if front is not None and not front.is_default:
        said.append(f"color:{front.get_truecolor().hex}")
    if back is not None and not back.is_default:
        said.append(f"background:{back.get_truecolor().hex};padding:.05em 0")  # no gap between lines
    return ";".join(said)
