"""How what was seen becomes text, and is read again: all of it but secrets, which are masked or left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from tui_app.models.connection import Connection
from tui_app.models.issue import Issue
from tui_app.models.packed import whole
from tui_app.models.problem import FieldProblem, Problem, ProblemKind
from tui_app.models.secrets import redacted
from tui_app.models.sync import Sync

Mask = Callable[[str], str]
"""Takes a text, gives it with every secret masked."""

Model = TypeVar("Model", bound=BaseModel)

_HALF = re.compile("[\ud800-\udfff]")
_KEPT_APART = ("token", "last_sync", "recalled_at")
"""Of a connection: what is never kept, has a place of its own, or is about keeping."""


def sync_text(sync: Sync, mask: Mask) -> str:
    """A sync as text: what the server sent, and what our reading made of it."""
    return _text(_told(sync), mask)


def sync_from(text: str) -> Sync | None:
    """Read it again; ``None`` where nobody can."""
    return _read(Sync, _json(text))


def connection_text(connection: Connection, mask: Mask) -> str:
    """A connection as text, without its token; an address that would have to be masked is no address any more."""
    told = _told(connection)
    url = connection.link_url
    if url is not None and hidden(url, mask) != url:
        told["sent"].pop("linkUrl", None)
    told["synced"] = connection.last_sync is not None
    return _text(told, mask)


def connection_from(text: str, last_sync: Sync | None, seen_at: datetime) -> Connection | None:
    """Read it again, as one that is known from earlier; ``None`` where nobody can.

    Args:
        text: What was made of it.
        last_sync: Its newest sync, which it gets where it carried one.
        seen_at: When it was seen.
    """
    told = _json(text)
    carried = isinstance(told, dict) and told.get("synced") is True and last_sync is not None
    return _read(Connection, told, {"recalled_at": seen_at} | ({"last_sync": last_sync} if carried else {}))


def issues_text(issues: tuple[Issue, ...], mask: Mask) -> str:
    """Issues as text."""
    return _text([_told(issue) for issue in issues], mask)


def issues_from(text: str) -> tuple[Issue, ...]:
    """Read them again: those that can be."""
    found = (_read(Issue, told) for told in _json(text) or ())
    return tuple(issue for issue in found if issue is not None)


def problem_text(problem: Problem, mask: Mask) -> str:
    """A problem as text."""
    return _text(asdict(problem), mask)


def problem_from(text: str) -> Problem | None:
    """Read it again; ``None`` where nobody can."""
    try:
        told = json.loads(text)
        fields = tuple(FieldProblem(**field) for field in told.pop("fields"))
        return Problem(ProblemKind(told.pop("kind")), fields=fields, **told)
    except (TypeError, ValueError, KeyError):
        return None


def tells(mask: Mask, *names: str) -> bool:
    """Whether any of these would have to be masked, so that what it names could not be found again."""
    return any(hidden(name, mask) != name for name in names)


def hidden(value: Any, mask: Mask) -> Any:
    """Copy plain JSON values with every secret masked: by its name, its shape, or because `mask` knows it."""
    return _masked(redacted(value), mask)


def _masked(value: Any, mask: Mask) -> Any:
    if isinstance(value, dict):
        return {mask(key): _masked(inner, mask) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, mask) for inner in value]
    return mask(value) if isinstance(value, str) else value


def _text(told: Any, mask: Mask) -> str:
    value = hidden(told, mask)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half a character, which JSON can carry and a file cannot.
    return text if text.isascii() or not _HALF.search(text) else json.dumps(value, separators=(",", ":"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _told(model: BaseModel) -> dict[str, Any]:
    """What a server sent, by its own names; and beside it, by ours, what the API module set."""
    model = whole(model)
    sent = model.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={*_KEPT_APART})
    ours = {
        name: adapter.dump_python(getattr(model, name), mode="json")
        for name, adapter in _ours(type(model)).items()
        if name in model.model_fields_set
    }
    return {"sent": sent, "ours": ours}


@cache
def _ours(kind: type[BaseModel]) -> dict[str, TypeAdapter[Any]]:
    """The fields that no server sets."""
    fields = kind.model_fields.items()
    apart = {name: info.annotation for name, info in fields if info.exclude and name not in _KEPT_APART}
    return {name: TypeAdapter(annotation or Any) for name, annotation in apart.items()}


def _read(kind: type[Model], told: Any, more: dict[str, Any] | None = None) -> Model | None:
    try:
        return kind.model_validate(told["sent"] | told["ours"] | (more or {}))
    except (ValidationError, TypeError, KeyError):
        return None
