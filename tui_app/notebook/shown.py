"""What has a form for every cell: HTML, Markdown and plain text, made of the same blocks."""

from __future__ import annotations

from typing import Any

from tui_app.notebook.html import to_html
from tui_app.notebook.kernel import Bundle
from tui_app.notebook.markdown import to_markdown
from tui_app.notebook.pieces import Blocks
from tui_app.notebook.plain import to_text


def bundle_of(blocks: Blocks) -> Bundle:
    """Blocks in every form, the richest first."""
    return {"text/html": to_html(blocks), "text/markdown": to_markdown(blocks), "text/plain": to_text(blocks)}


class Showable:
    """Something that a cell shows. It shows what is known when it is asked, and asks no server for it."""

    def blocks(self) -> Blocks:
        """What it shows, as of now."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return bundle_of(self.blocks())

    def _repr_html_(self) -> str:
        return to_html(self.blocks())

    def _repr_markdown_(self) -> str:
        return to_markdown(self.blocks())

    def __repr__(self) -> str:
        return to_text(self.blocks())
