"""What this API says when it refuses: an object with one field, `detail`, as FastAPI writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Detail = str | list[dict[str, Any]]


class Refusal(Exception):
    """An answer that refuses.

    Attributes:
        status: HTTP status.
        body: What is sent.
        headers: Headers to send besides.
    """

    def __init__(self, status: int, detail: Detail, headers: Mapping[str, str] | None = None) -> None:
        """Settle the answer."""
        super().__init__(detail)
        self.status = status
        self.body: dict[str, Any] = {"detail": detail}
        self.headers = dict(headers or {})


def unauthorized(detail: str = "Not authenticated") -> Refusal:
    """Return a 401 for a missing or wrong key."""
    return Refusal(401, detail, {"WWW-Authenticate": "Bearer"})


def unknown_connection() -> Refusal:
    """Return a 404 for an id that no connection has."""
    return Refusal(404, "Connection not found")


def conflict(detail: str) -> Refusal:
    """Return a 409: the connection cannot be synced now."""
    return Refusal(409, detail)


def too_large(most_bytes: int) -> Refusal:
    """Return a 413 for a body of more bytes than are taken."""
    return Refusal(413, f"The body must not exceed {most_bytes} bytes")


def invalid(errors: Iterable[Mapping[str, Any]]) -> Refusal:
    """Return the 422 that stands for what validation found wrong.

    What was sent is not repeated: it may be long, and it may be text that no answer could carry.
    """
    return Refusal(422, [{"loc": list(each["loc"]), "msg": str(each["msg"]), "type": each["type"]} for each in errors])
