"""Pages: a cursor names the last row that was shown, so rows that come or go in between shift nothing."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tui_app.sandbox.errors import bad_request

T = TypeVar("T")

DEFAULT_LIMIT = 100
# Above this a page is cut: that keeps one answer from holding up all others.
MOST = 1000
# Rows looked through before other requests get their turn: what is looked at first may have to be worked out.
_AT_ONCE = 200
_ROW = re.compile(r"(conn|sync|isu)_[0-9A-HJKMNP-TV-Z]{26}")


def encode_cursor(order: str, last_id: str) -> str:
    """Return the opaque cursor for the rows after `last_id`."""
    return base64.urlsafe_b64encode(f"{order}:{last_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, order: str, prefix: str) -> str | None:
    """Return the id after which a page begins, or None for the first page.

    Args:
        cursor: What the client sent.
        order: asc or desc: a cursor is good for the order in which it was handed out.
        prefix: The kind of row, as ids begin: `conn`, `sync` or `isu`.

    Raises:
        ApiError: A cursor that this list did not hand out.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, _, last_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        made_for = last_id = ""
    if made_for != order or not _ROW.fullmatch(last_id) or not last_id.startswith(f"{prefix}_"):
        raise bad_request(
            "Invalid request", ("{requestQuery}.cursor", "'cursor' property must be a cursor of this list")
        )
    return last_id


async def page(
    rows: Iterator[T],
    fits: Callable[[T], bool],
    limit: int | None,
    order: str,
    row_id: Callable[[T], str],
    shown: Callable[[T], Any],
) -> dict[str, Any]:
    """Return one page. However many rows have to be looked through for it, other requests are answered meanwhile.

    Args:
        rows: The rows from the page's first one on.
        fits: Tells whether a row is wanted.
        limit: How many the client wants at most.
        order: asc or desc, for the next cursor.
        row_id: Tells a row's id.
        shown: Tells how the API shows a row.
    """
    size = min(limit or DEFAULT_LIMIT, MOST)
    chosen: list[T] = []
    for number, row in enumerate(rows, 1):
        if fits(row):
            chosen.append(row)
            if len(chosen) > size:
                break
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    answer: dict[str, Any] = {"results": [shown(row) for row in chosen[:size]]}
    if len(chosen) > size:
        answer["next"] = encode_cursor(order, row_id(chosen[size - 1]))
    return answer
