"""What all parts of Terminal's API share: how routes are added, answers written, and connection tokens tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Response, Security
from fastapi.security import HTTPBearer

from tui_app.sandbox.connections import Connection
from tui_app.sandbox.errors import bad_request, forbidden
from tui_app.sandbox.store import Store

PREFIX = "/tsp/v1"

# Method, path, operation, its name in the description, and what it may answer.
Route = tuple[str, str, Callable[..., Any], str, dict[int | str, dict[str, Any]]]


def add_routes(app: FastAPI, *routes: Route) -> None:
    """Add routes below the API's prefix to an application."""
    # The key is checked before anything else is looked at (see gatekeeper); here it is only declared.
    bearer = HTTPBearer(scheme_name="Authorization", auto_error=False)
    for method, path, operation, name, replies in routes:
        app.add_api_route(
            PREFIX + path,
            operation,
            methods=[method],
            operation_id=name,
            responses=replies,
            response_class=Response,
            status_code=min(int(code) for code in replies),
            dependencies=[Security(bearer)],
        )


def answer(body: Any, status: int = 200) -> Response:
    """Return an answer with a JSON body."""
    try:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A test put half of a surrogate pair into a name: escaped, it can travel.
        content = json.dumps(body).encode()
    return Response(content, status, media_type="application/json")


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
