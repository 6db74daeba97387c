"""Reads what Terminal's API answers into our models: tolerant, row by row."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tui_app.api.errors import ApiError, unreadable
from tui_app.api.wire import Answer
from tui_app.models.connection import Connection, Standing
from tui_app.models.issue import Issue
from tui_app.models.page import Page, Unreadable
from tui_app.models.provider import Provider
from tui_app.models.sync import Phase, Sync
from tui_app.models.text import safe_text

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
_REASONS = 3  # reasons named for one unreadable row
_AT_ONCE = 250  # rows read without letting others run: 10 ms
_SOURCE = 16 * 1024  # characters kept of an unreadable row

Model = TypeVar("Model", bound=BaseModel)
Read = Callable[[Any], Model]


def _validated(kind: type[Model], row: Any) -> Model:
    # By the server's names alone: a field of theirs that happens to be called as one of ours is an unknown field.
    try:
        return kind.model_validate(row, by_alias=True, by_name=False)
    except ValidationError:
        if (trimmed := _without_nulls(row)) == row:
            raise
    # Some servers write null for what they leave out elsewhere.
    return kind.model_validate(trimmed, by_alias=True, by_name=False)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def read_sync(row: Any) -> Sync:
    """Read a sync and say what its status word means."""
    sync = _validated(Sync, row)
    return sync.model_copy(update={"phase": PHASES.get(sync.status, Phase.UNKNOWN)})


def read_connection(row: Any) -> Connection:
    """Read a connection, its last sync with it, and say what their status words mean."""
    connection = _validated(Connection, row)
    update: dict[str, Any] = {"standing": STANDINGS.get(connection.status, Standing.UNKNOWN)}
    if connection.last_sync is not None:
        phase = PHASES.get(connection.last_sync.status, Phase.UNKNOWN)
        update["last_sync"] = connection.last_sync.model_copy(update={"phase": phase})
    return connection.model_copy(update=update)


def read_issue(row: Any) -> Issue:
    """Read an issue."""
    return _validated(Issue, row)


def read_provider(row: Any) -> Provider:
    """Read a provider: its code and name at the least, because a form needs no more."""
    try:
        return _validated(Provider, row)
    except ValidationError:
        if not isinstance(row, dict) or not isinstance(row.get("code"), str):
            raise
        return _validated(Provider, {"code": row["code"], "name": str(row.get("name") or row["code"])})


def read_rows(
    answer: Answer, rows: list[Any], read: Read[Model], first: int = 0
) -> tuple[list[Model], list[Unreadable]]:
    """Read every row that can be read, and say of the others why not.

    Args:
        answer: Where the rows are from; it knows which secrets to mask.
        rows: Plain JSON values.
        read: Reads one.
        first: The place of the first row in the whole list.
    """
    items: list[Model] = []
    broken: list[Unreadable] = []
    for number, row in enumerate(rows, first):
        try:
            items.append(read(row))
        except ValidationError as error:
            broken.append(_unreadable_row(answer, number, row, reason(error)))
    return items, broken


async def read_page(answer: Answer, read: Read[Model], first: int = 0) -> Page[Model]:
    """Read one page of a list, letting others run in between: a page may have 50,000 rows, of 40 µs each.

    Raises:
        ApiError: It is no page of this API.
    """
    if not isinstance(answer.json, dict) or not isinstance(answer.json.get("results"), list):
        raise ApiError(_wrong_schema(answer, "The server's answer is not a page of a list"))
    following = answer.json.get("next")
    if following is not None and not isinstance(following, str | int):
        raise ApiError(_wrong_schema(answer, "The server's answer does not say what the next page is"))
    page: Page[Model] = Page([], [], str(following) if following not in (None, "", False) else None)
    for start in range(0, len(answer.json["results"]), _AT_ONCE):
        items, broken = read_rows(answer, answer.json["results"][start : start + _AT_ONCE], read, first + start)
        page.items.extend(items)
        page.unreadable.extend(broken)
        await asyncio.sleep(0)
    return page


def read_bare_list(answer: Answer, read: Read[Model], what: str) -> list[Model]:
    """Read a list that is not paged: a bare array, or the rows of a page.

    Raises:
        ApiError: It is neither.
    """
    found = answer.json.get("results") if isinstance(answer.json, dict) else answer.json
    rows = found if isinstance(found, list) else None
    del found  # it may hold tokens, and what is raised here may be printed with its variables
    if rows is None:
        raise ApiError(_wrong_schema(answer, f"The server's answer is not a list of {what}"))
    return read_rows(answer, rows, read)[0]


def read_one(answer: Answer, read: Read[Model], what: str) -> Model:
    """Read a single object.

    Args:
        answer: What came.
        read: Reads it.
        what: What it should be, for the words: ``sync``, ``connection``.

    Raises:
        ApiError: It is none.
    """
    found: Model | None = None
    why = ""
    try:
        found = read(answer.json)
    except ValidationError as error:
        why = reason(error)
    if found is None:
        raise ApiError(_wrong_schema(answer, f"The server's answer is not a {what}", why))
    return found


def running_sync_in(text: str) -> str:
    """Find the ID of a sync in a server's words, or an empty string."""
    found = _SYNC_ID.search(text)
    return found.group() if found else ""


def reason(error: ValidationError) -> str:
    """Say why something could not be read, without quoting any of it."""
    entries = error.errors(include_input=False, include_url=False, include_context=False)
    said = [f"{'.'.join(str(part) for part in entry['loc']) or 'row'}: {entry['msg']}" for entry in entries]
    more = f"; {len(said) - _REASONS} more" if len(said) > _REASONS else ""
    return safe_text("; ".join(said[:_REASONS]) + more, 500)


def _unreadable_row(answer: Answer, number: int, row: Any, why: str) -> Unreadable:
    found = row.get("id") if isinstance(row, dict) else None
    name = answer.redactor.text(found)[:200] if isinstance(found, str) else ""
    source, _ = answer.redactor.json(row, _SOURCE)
    return Unreadable(row=number, id=name, reason=why, source=source)


def _wrong_schema(answer: Answer, title: str, why: str = "") -> Any:
    seen = answer.excerpt()
    return unreadable(title, f"{why} · {seen}" if why else seen, answer.status)
