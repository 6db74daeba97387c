"""The web application: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from tui_app.sandbox.serving import allowed_methods, answer_errors, describe
from tui_app.sandbox.stuut import PREFIX
from tui_app.sandbox.stuut.gate import Gate
from tui_app.sandbox.stuut.refusals import Refusal, invalid
from tui_app.sandbox.stuut.routes import StuutApi
from tui_app.sandbox.stuut.schema import SCHEMAS
from tui_app.sandbox.stuut.store import IntegrationStore

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

    answer_errors(
        app,
        Refusal,
        refusal,
        invalid=invalid,
        unrouted=lambda request, error: _unrouted(request, error, app.routes),
        broken=lambda: Refusal(500, "Internal Server Error"),
    )
    describe(app, _described)
    return app


def refusal(error: Refusal) -> Response:
    """Return the answer that a refusal stands for."""
    return Response(json.dumps(error.body).encode(), error.status, error.headers, media_type="application/json")


def _unrouted(request: Request, error: HTTPException, routes: Iterable[BaseRoute]) -> Refusal:
    """Return what to say where FastAPI itself refused."""
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = allowed_methods(request, routes)
    return Refusal(error.status_code, error.detail, headers)


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: the answers' schemas."""
    description["components"]["schemas"].update(SCHEMAS)
    return description
