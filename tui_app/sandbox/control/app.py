"""The web application of the control path: routes, how refusals are written, and the description of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from tui_app.sandbox.control import PREFIX
from tui_app.sandbox.control.faults import FaultsApi
from tui_app.sandbox.control.refusals import from_validation, unknown_path, unreadable
from tui_app.sandbox.control.routes import ControlApi
from tui_app.sandbox.control.schema import SCHEMAS
from tui_app.sandbox.errors import ApiError, internal_error, method_not_allowed
from tui_app.sandbox.faults.board import Faults
from tui_app.sandbox.gatekeeper import Gatekeeper
from tui_app.sandbox.serving import allowed_methods, answer_errors, describe, without_null
from tui_app.sandbox.store import Store
from tui_app.sandbox.web import refusal

DESCRIPTION = f"{PREFIX}/openapi.json"


def build_app(store: Store, on_write: Callable[[], None], faults: Faults) -> ASGIApp:
    """Return the application.

    Args:
        store: What the server knows; its key opens this path, too.
        on_write: Called after every change, before it is answered.
        faults: What goes wrong between clients and the simulated APIs.
    """
    return Gatekeeper(build_api(store, on_write, faults), store, PREFIX, None, open_path=DESCRIPTION)


def build_api(store: Store, on_write: Callable[[], None], faults: Faults) -> FastAPI:
    """Return the operations without their gatekeeper; see `build_app`."""
    app = FastAPI(
        title="Control of the simulated server", version="1", redirect_slashes=False, docs_url=None, redoc_url=None,
        openapi_url=DESCRIPTION,
    )  # fmt: skip
    ControlApi(store, on_write, faults).add_to(app)
    FaultsApi(faults).add_to(app)

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


def _unrouted(request: Request, error: HTTPException, routes: Iterable[BaseRoute]) -> ApiError:
    """Return what to say where FastAPI itself refused: no such path, no such method, or an unreadable body."""
    if error.status_code == 405:
        return method_not_allowed(request.method, allowed_methods(request, routes))
    if error.status_code == 404:
        return unknown_path(request.url.path)
    # FastAPI broke off reading a body, perhaps because the gatekeeper refused the rest of it.
    return error.__cause__ if isinstance(error.__cause__, ApiError) else unreadable()


def _described(description: dict[str, Any]) -> dict[str, Any]:
    """Finish FastAPI's description: no null where there is none, and the answers' schemas."""
    told: dict[str, Any] = without_null(description)
    told["components"]["schemas"].update(SCHEMAS)
    return told
