"""One line in pieces, each with the role that colours it: what screens paint and plain output prints alike."""

from __future__ import annotations

Spans = tuple[tuple[str, str], ...]
"""Pieces of one line with their roles; an empty role is plain text. Every piece is already safe to show."""
