"""The web application: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from tui_app.sandbox.changes import ChangesApi
from tui_app.sandbox.errors import ApiError, bad_request, from_validation, internal_error, method_not_allowed, not_found
from tui_app.sandbox.following import add_links
from tui_app.sandbox.gatekeeper import Gatekeeper
from tui_app.sandbox.limits import RateLimits
from tui_app.sandbox.linking import LinkingApi
from tui_app.sandbox.pages import LinkPages
from tui_app.sandbox.passthrough import PassthroughApi
from tui_app.sandbox.routes import PREFIX
from tui_app.sandbox.schema import SCHEMAS
from tui_app.sandbox.serving import allowed_methods, answer_errors, describe, without_null
from tui_app.sandbox.store import Store
from tui_app.sandbox.terminal import TerminalApi


def build_app(store: Store, on_write: Callable[[], None], *, rate_limits: bool) -> ASGIApp:
    """Return the application.

    Args:
        store: What the server knows.
        on_write: Called after every change, before it is answered.
        rate_limits: Whether too many requests are refused.
    """
    limits = RateLimits() if rate_limits else None
    return Gatekeeper(build_api(store, on_write), store, PREFIX, limits)


def build_api(store: Store, on_write: Callable[[], None]) -> FastAPI:
    """Return the operations without their gatekeeper; see `build_app`."""
    app = FastAPI(
        title="Simulated telematics API", version="1", redirect_slashes=False, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json",
    )  # fmt: skip
    for part in (TerminalApi, ChangesApi, LinkingApi, LinkPages):
        part(store, on_write).add_to(app)
    PassthroughApi(store).add_to(app)

    answer_errors(
        app,
        ApiError,
        refusal,
        invalid=from_validation,
        unrouted=lambda request, error: _unrouted(request, error, app.routes),
        broken=internal_error,
    )
    describe(app, _described)
    return app


def refusal(error: ApiError) -> Response:
    """Return the answer that an error stands for."""
    content = json.dumps(error.body).encode()
    return Response(content, error.status, error.headers, media_type="application/json")


def _unrouted(request: Request, error: HTTPException, routes: Iterable[BaseRoute]) -> ApiError:
    """Return what to say where FastAPI itself refused: no such path, no such method, or an unreadable body."""
    if error.status_code == 405:
        return method_not_allowed(request.method, allowed_methods(request, routes))
    if error.status_code == 404:
        return not_found(request.url.path)
    return bad_request("Invalid request body", ("{requestBody}", "The body could not be read as JSON"))


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: the answers' schemas, what leads where, and no null where there is none."""
    description["components"]["schemas"].update(SCHEMAS)
    add_links(description)
    told: dict[str, Any] = without_null(description)
    return told
