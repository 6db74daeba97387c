"""Reads what Terminal's API answers into our models: tolerant, row by row."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from pydantic import ValidationError

from tui_app.api.errors import ApiError
from tui_app.api.reading import Model, Read, read_rows, validated, wrong_schema
from tui_app.api.wire import Answer
from tui_app.models.connection import Connection, Standing
from tui_app.models.issue import Issue
from tui_app.models.link import Link
from tui_app.models.page import Page
from tui_app.models.passthrough import HEAD, PassthroughAnswer, RawAnswer
from tui_app.models.provider import Provider
from tui_app.models.sync import Phase, Sync

PHASES = {
    "requested": Phase.WAITING,
    "in_progress": Phase.RUNNING,
    "completed": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
STANDINGS = {
    "connected": Standing.CONNECTED,
    "disconnected": Standing.DISCONNECTED,
    "archived": Standing.ARCHIVED,
    "pending_deletion": Standing.LEAVING,
    "deleting": Standing.LEAVING,
    "deleted": Standing.DELETED,
}

_SYNC_ID = re.compile(r"\bsync_[0-9A-Za-z]{10,64}\b")
_ENVELOPE = {"method", "path", "statusCode", "headers", "response"}
_AT_ONCE = 250  # rows read without letting others run: 10 ms


def read_sync(row: Any) -> Sync:
    """Read a sync and say what its status word means."""
    sync = validated(Sync, row)
    return sync.model_copy(update={"phase": PHASES.get(sync.status, Phase.UNKNOWN)})


def read_connection(row: Any) -> Connection:
    """Read a connection, its last sync with it, and say what their status words mean."""
    connection = validated(Connection, row)
    update: dict[str, Any] = {"standing": STANDINGS.get(connection.status, Standing.UNKNOWN)}
    if connection.last_sync is not None:
        phase = PHASES.get(connection.last_sync.status, Phase.UNKNOWN)
        update["last_sync"] = connection.last_sync.model_copy(update={"phase": phase})
    return connection.model_copy(update=update)


def read_issue(row: Any) -> Issue:
    """Read an issue."""
    return validated(Issue, row)


def read_link(row: Any) -> Link:
    """Read a short link."""
    return validated(Link, row)


def read_passthrough(row: Any) -> PassthroughAnswer:
    """Read what a provider answered."""
    return validated(PassthroughAnswer, row)


def raw_answer(answer: Answer) -> RawAnswer:
    """Read what a provider answered byte for byte.

    Where the provider refused, the server answers 200 with an envelope instead of the bytes. One that speaks of success
    is no such envelope: it is what the provider itself sent.
    """
    if answer.status == 200 and isinstance(answer.json, dict) and answer.json.keys() >= _ENVELOPE:
        try:
            refusal = read_passthrough(answer.json)
        except ValidationError:
            pass
        else:
            if not refusal.ok:
                return RawAnswer(refusal.status_code, refusal=refusal)
    # Masked before it is cut, so that no secret is cut in half and missed.
    head = answer.redactor.content(answer.content[: 16 * HEAD])[:HEAD]
    return RawAnswer(answer.status, answer.headers.get("content-type", ""), answer.content, head)


def named_id(answer: Answer) -> str:
    """The ID that an answer names, or an empty string."""
    found = answer.json.get("id") if isinstance(answer.json, dict) else None
    return found if isinstance(found, str) else ""


def deletion_requested(connection: Connection) -> Connection:
    """A connection as the server says that it is once its deletion was asked for."""
    return connection.model_copy(update={"status": "pending_deletion", "standing": Standing.LEAVING})


def read_provider(row: Any) -> Provider:
    """Read a provider: its code and name at the least, because a form needs no more."""
    try:
        return validated(Provider, row)
    except ValidationError:
        if not isinstance(row, dict) or not isinstance(row.get("code"), str):
            raise
        return validated(Provider, {"code": row["code"], "name": str(row.get("name") or row["code"])})


async def read_page(answer: Answer, read: Read[Model], first: int = 0) -> Page[Model]:
    """Read one page of a list, letting others run in between: a page may have 50,000 rows, of 40 µs each.

    Raises:
        ApiError: It is no page of this API.
    """
    if not isinstance(answer.json, dict) or not isinstance(answer.json.get("results"), list):
        raise ApiError(wrong_schema(answer, "The server's answer is not a page of a list"))
    following = answer.json.get("next")
    if following is not None and not isinstance(following, str | int):
        raise ApiError(wrong_schema(answer, "The server's answer does not say what the next page is"))
    page: Page[Model] = Page([], [], str(following) if following not in (None, "", False) else None)
    for start in range(0, len(answer.json["results"]), _AT_ONCE):
        items, broken = read_rows(answer, answer.json["results"][start : start + _AT_ONCE], read, first + start)
        page.items.extend(items)
        page.unreadable.extend(broken)
        await asyncio.sleep(0)
    return page


def running_sync_in(text: str) -> str:
    """Find the ID of a sync in a server's words, or an empty string."""
    found = _SYNC_ID.search(text)
    return found.group() if found else ""
