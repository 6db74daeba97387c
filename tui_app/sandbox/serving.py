"""What every simulated API shares: how its routes are added, its refusals written and its description finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

Refusal = TypeVar("Refusal", bound=Exception)

# Method, path, operation, its name in the description, and what it may answer.
Route = tuple[str, str, Callable[..., Any], str, dict[int | str, dict[str, Any]]]


def add_routes(app: FastAPI, prefix: str, *routes: Route) -> None:
    """Add routes to an application.

    Args:
        app: The application.
        prefix: What stands before their paths.
        routes: The routes.
    """
    # The gate before the application checks the key before anything else is looked at; here it is only declared.
    bearer = HTTPBearer(scheme_name="Authorization", auto_error=False)
    for method, path, operation, name, replies in routes:
        app.add_api_route(
            prefix + path,
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


def answer_errors(
    app: FastAPI,
    kind: type[Refusal],
    write: Callable[[Refusal], Response],
    *,
    invalid: Callable[[Sequence[Any]], Refusal],
    unrouted: Callable[[Request, HTTPException], Refusal],
    broken: Callable[[], Refusal],
) -> None:
    """Let an application answer what it cannot do as its API does.

    Args:
        app: The application.
        kind: What its operations raise to refuse.
        write: The answer that a refusal stands for.
        invalid: What to say of a request that does not fit, by what FastAPI finds wrong with it.
        unrouted: What to say where FastAPI itself refuses: no such path, no such method, an unreadable body.
        broken: What to say where an operation fails.
    """

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, kind)
        return write(error)

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return write(invalid(error.errors()))

    async def astray(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return write(unrouted(request, error))

    async def failed(request: Request, error: Exception) -> Response:
        return write(broken())

    app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, astray)
    app.add_exception_handler(Exception, failed)


def describe(app: FastAPI, finish: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Let an application describe itself without FastAPI's own 422, which none of the APIs answers, and then finish."""
    make = app.openapi

    def described() -> dict[str, Any]:
        description = make()
        for path in description["paths"].values():
            for operation in path.values():
                if "HTTPValidationError" in json.dumps(operation["responses"].get("422", {})):
                    del operation["responses"]["422"]
        schemas = description.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        return finish(description)

    app.openapi = described  # type: ignore[method-assign]


def allowed_methods(request: Request, routes: Iterable[BaseRoute]) -> str:
    """Return what the path of a request supports, as an `Allow` header writes it.

    A route knows its own method alone; what the path supports is known to all of its routes together.
    """
    fitting = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in fitting for method in getattr(route, "methods", None) or ()}))


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
