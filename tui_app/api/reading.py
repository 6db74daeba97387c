"""Reads what servers answer into objects: tolerant, row by row, and without a secret in any complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tui_app.api.errors import ApiError, doubtful, unreadable
from tui_app.api.wire import Answer
from tui_app.models.page import Unreadable
from tui_app.models.problem import Problem
from tui_app.models.text import safe_text

_REASONS = 3  # reasons named for one unreadable row
_SOURCE = 16 * 1024  # characters kept of an unreadable row

Model = TypeVar("Model", bound=BaseModel)
Read = Callable[[Any], Model]


def validated(kind: type[Model], row: Any) -> Model:
    """Read a row as one kind of object.

    Raises:
        ValidationError: It is none.
    """
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


def read_bare_list(answer: Answer, read: Read[Model], what: str) -> list[Model]:
    """Read a list that is not paged: a bare array, or the rows of a page.

    Rows that cannot be read are left out.

    Raises:
        ApiError: It is neither.
    """
    found = answer.json.get("results") if isinstance(answer.json, dict) else answer.json
    rows = found if isinstance(found, list) else None
    del found  # it may hold tokens, and what is raised here may be printed with its variables
    if rows is None:
        raise ApiError(wrong_schema(answer, f"The server's answer is not a list of {what}"))
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
        raise ApiError(wrong_schema(answer, f"The server's answer is not a {what}", why))
    return found


def reason(error: ValidationError) -> str:
    """Say why something could not be read, without quoting any of it."""
    entries = error.errors(include_input=False, include_url=False, include_context=False)
    said = [f"{'.'.join(str(part) for part in entry['loc']) or 'row'}: {_words(entry)}" for entry in entries]
    more = f"; {len(said) - _REASONS} more" if len(said) > _REASONS else ""
    return safe_text("; ".join(said[:_REASONS]) + more, 500)


def _words(entry: ErrorDetails) -> str:
    return "not an object" if entry["type"] in ("model_type", "dict_type") else entry["msg"]


def _unreadable_row(answer: Answer, number: int, row: Any, why: str) -> Unreadable:
    found = row.get("id") if isinstance(row, dict) else None
    name = answer.redactor.text(found)[:200] if isinstance(found, str) else ""
    source, _ = answer.redactor.json(row, _SOURCE)
    return Unreadable(row=number, id=name, reason=why, source=source)


def wrong_schema(answer: Answer, title: str, why: str = "") -> Problem:
    """The problem of an answer that is not what was asked for.

    Args:
        answer: What came.
        title: What is wrong with it.
        why: The reason, without quoting any of it.
    """
    seen = answer.excerpt()
    problem = unreadable(title, f"{why} · {seen}" if why else seen, answer.status)
    return doubtful(problem) if answer.to_write else problem
