"""The web application: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
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

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return refusal(error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(from_validation(error.errors()))

    async def unrouted(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return refusal(_unrouted(request, error, app.routes))

    async def broken(request: Request, error: Exception) -> Response:
        return refusal(internal_error())

    app.add_exception_handler(ApiError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, broken)
    make_description = app.openapi
    app.openapi = lambda: _described(make_description())  # type: ignore[method-assign]
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


def allowed_methods(request: Request, routes: Iterable[BaseRoute]) -> str:
    """Return what the path of a request supports, as an `Allow` header writes it.

    A route knows its own method alone; what the path supports is known to all of its routes together.
    """
    fitting = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in fitting for method in getattr(route, "methods", None) or ()}))


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: the answers' schemas, no 422 nor null where there is none."""
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(SCHEMAS)
    for path in description["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
    add_links(description)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    told: dict[str, Any] = without_null(description)
    return told


def without_null(node: Any) -> Any:
    """Return a description in which nothing may be null: in Python, None stands for what was not sent."""
    if isinstance(node, list):
        return [without_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {name: without_null(each) for name, each in node.items()}
    kinds = [kind for kind in node.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del node["anyOf"]
        return {**kinds[0], **node}
    return node
