"""The web application of the control path: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tui_app.sandbox.control import PREFIX
from tui_app.sandbox.control.refusals import from_validation, unknown_path, unreadable
from tui_app.sandbox.control.routes import ControlApi
from tui_app.sandbox.control.schema import SCHEMAS
from tui_app.sandbox.errors import ApiError, internal_error, method_not_allowed
from tui_app.sandbox.gatekeeper import Gatekeeper
from tui_app.sandbox.store import Store
from tui_app.sandbox.web import allowed_methods, refusal, without_null

DESCRIPTION = f"{PREFIX}/openapi.json"


def build_app(store: Store, on_write: Callable[[], None]) -> ASGIApp:
    """Return the application.

    Args:
        store: What the server knows; its key opens this path, too.
        on_write: Called after every change, before it is answered.
    """
    return Gatekeeper(build_api(store, on_write), store, PREFIX, None, open_path=DESCRIPTION)


def build_api(store: Store, on_write: Callable[[], None]) -> FastAPI:
    """Return the operations without their gatekeeper; see `build_app`."""
    app = FastAPI(
        title="Control of the simulated server", version="1", redirect_slashes=False, docs_url=None, redoc_url=None,
        openapi_url=DESCRIPTION,
    )  # fmt: skip
    ControlApi(store, on_write).add_to(app)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return refusal(error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(from_validation(error.errors()))

    async def unrouted(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            return refusal(method_not_allowed(request.method, allowed_methods(request, app.routes)))
        if error.status_code == 404:
            return refusal(unknown_path(request.url.path))
        # FastAPI broke off reading a body, perhaps because the gatekeeper refused the rest of it.
        return refusal(error.__cause__ if isinstance(error.__cause__, ApiError) else unreadable())

    async def broken(request: Request, error: Exception) -> Response:
        return refusal(internal_error())

    app.add_exception_handler(ApiError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, broken)
    make_description = app.openapi
    app.openapi = lambda: _described(make_description())  # type: ignore[method-assign]
    return app


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: no 422 nor null where there is none, and the answers' schemas."""
    for path in description["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        description["components"]["schemas"].pop(name, None)
    told: dict[str, Any] = without_null(description)
    told["components"]["schemas"].update(SCHEMAS)
    return told
