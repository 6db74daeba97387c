"""What all parts of Terminal's API share: where it lies, how connection tokens are tried and moments judged."""

from __future__ import annotations

from tui_app.sandbox.connections import Connection
from tui_app.sandbox.errors import bad_request, forbidden
from tui_app.sandbox.store import Store

PREFIX = "/tsp/v1"


def opened(store: Store, token: str) -> Connection:
    """Return the connection that a token opens.

    Raises:
        ApiError: It opens none (403).
    """
    connection = store.opened_by(token)
    if connection is None:
        raise forbidden()
    return connection


def not_ahead(moment_ms: int | None, now_ms: int, path: str) -> None:
    """Refuse a moment that has not come yet.

    Args:
        moment_ms: The moment, since the epoch; None if there is none.
        now_ms: The time, since the epoch.
        path: Where in the request the moment stood.

    Raises:
        ApiError: It has not come yet (400).
    """
    if moment_ms is not None and moment_ms > now_ms:
        name = path.rpartition(".")[2]
        raise bad_request("Invalid request body", (path, f"'{name}' property must not lie in the future"))
