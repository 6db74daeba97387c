"""The web application: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from tui_app.sandbox.stuut import PREFIX
from tui_app.sandbox.stuut.gate import Gate
from tui_app.sandbox.stuut.refusals import Refusal, invalid
from tui_app.sandbox.stuut.routes import StuutApi
from tui_app.sandbox.stuut.schema import SCHEMAS
from tui_app.sandbox.stuut.store import IntegrationStore
from tui_app.sandbox.web import allowed_methods

DESCRIPTION = f"{PREFIX}/openapi.json"


def build_app(store: IntegrationStore, on_write: Callable[[], None]) -> ASGIApp:
    """Return the application.

    Args:
        store: What the server knows.
        on_write: Called after every change, before it is answered.
    """
    return Gate(build_api(store, on_write), store, open_path=DESCRIPTION)


def build_api(store: IntegrationStore, on_write: Callable[[], None]) -> FastAPI:
    """Return the operations without their gate; see `build_app`."""
    app = FastAPI(
        title="Simulated integrations API", version="2", redirect_slashes=False, docs_url=None, redoc_url=None,
        openapi_url=DESCRIPTION,
    )  # fmt: skip
    StuutApi(store, on_write).add_to(app)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return refusal(error)

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(invalid(error.errors()))

    async def unrouted(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = allowed_methods(request, app.routes)
        return refusal(Refusal(error.status_code, error.detail, headers))

    async def broken(request: Request, error: Exception) -> Response:
        return refusal(Refusal(500, "Internal Server Error"))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, broken)
    make_description = app.openapi
    app.openapi = lambda: _described(make_description())  # type: ignore[method-assign]
    return app


def refusal(error: Refusal) -> Response:
    """Return the answer that a refusal stands for."""
    return Response(json.dumps(error.body).encode(), error.status, error.headers, media_type="application/json")


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: the answers' schemas, and no 422 where nothing can be invalid."""
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(SCHEMAS)
    for path in description["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return description
