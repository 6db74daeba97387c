"""What the server says when it refuses: always `code`, `message` and, mostly, `detail`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

Detail = str | list[dict[str, Any]]

# Where a wrong value stood, in the API's way of writing paths.
_PLACES = {"query": "{requestQuery}", "body": "{requestBody}", "header": "{requestHeaders}", "path": "{requestPath}"}


class SandboxError(Exception):
    """The embedded server cannot start, or cannot keep its state. The text is meant for a person."""


class ApiError(Exception):
    """An answer that refuses.

    Attributes:
        status: HTTP status.
        body: What is sent.
        headers: Headers to send besides.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: Detail | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Settle the answer; `more` are further fields of its body."""
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": message, **more}
        if detail is not None:
            self.body["detail"] = detail
        self.headers = dict(headers or {})


def bad_request(message: str, *wrong: tuple[str, str]) -> ApiError:
    """Return a 400.

    Args:
        message: What is wrong as a whole.
        wrong: What is wrong in particular: pairs of a path and a message.
    """
    return ApiError(400, "bad_request", message, [{"message": text, "path": path} for path, text in wrong])


def unauthorized(detail: str = "Please ensure you have a valid API key") -> ApiError:
    """Return a 401 for a missing or wrong key."""
    return ApiError(401, "unauthorized", "Unauthorized Request", detail, headers={"WWW-Authenticate": "Bearer"})


def forbidden() -> ApiError:
    """Return a 403 for a connection token that opens nothing."""
    detail = "Please ensure the connection token matches the resource you are attempting to access."
    return ApiError(403, "forbidden", "Forbidden Request", detail)


def not_found(what: str) -> ApiError:
    """Return a 404 for an id, or for a path."""
    return ApiError(404, "not_found", "Resource not found", f"Could not find resource with ID: {what}")


def method_not_allowed(method: str, allowed: str) -> ApiError:
    """Return a 405 that names every method of the path, as an `Allow` header does."""
    detail = f"{method} is not supported here; supported: {allowed}"
    return ApiError(405, "method_not_allowed", "Method Not Allowed", detail, headers={"Allow": allowed})


def conflict(sync_id: str) -> ApiError:
    """Return a 409: one sync at a time."""
    return ApiError(409, "conflict", "Sync already in progress", f"Existing sync in progress: {sync_id}")


def invalid_credentials(path: str) -> ApiError:
    """Return a 422 for credentials that the provider turned down; the path says which."""
    wrong = [{"message": "The provider did not accept the credentials", "path": path}]
    return ApiError(422, "invalid_credentials", "Invalid credentials", wrong)


def unprocessable(message: str, path: str) -> ApiError:
    """Return a 422 for what cannot be done to something in its state; the path says to what."""
    return ApiError(422, "unprocessable_entity", message, [{"message": message, "path": path}])


def disconnected(message: str = "Connection must be connected to perform this action") -> ApiError:
    """Return the 422 for what only a connected connection can do."""
    return ApiError(422, "connection_disconnected", message, [])


def too_many_requests(wait_s: float) -> ApiError:
    """Return a 429.

    The documentation shows a fractional header, the API description a whole number in the body: a client has to cope
    with both, so both are sent.

    Args:
        wait_s: Real seconds until the next request would pass.
    """
    wait = f"{max(wait_s, 0.01):.2f}"
    return ApiError(
        429,
        "too_many_requests",
        "Too Many Requests",
        f"API rate limit exceeded - please try again in {wait} s",
        headers={"Retry-After": wait},
        retryAfter=math.ceil(wait_s) or 1,
    )


def not_implemented(detail: str) -> ApiError:
    """Return a 501 for what a provider does not offer."""
    return ApiError(501, "not_implemented", "Not Implemented", detail)


def bad_gateway(status: int) -> ApiError:
    """Return the 502 for a provider that broke down over a request; the status is the provider's."""
    detail = f"Error response received from provider with status {status}"
    return ApiError(502, "bad_gateway", "Provider Unavailable", detail)


def internal_error() -> ApiError:
    """Return a 500."""
    return ApiError(500, "internal_server_error", "Internal Server Error", "Something went wrong")


def from_validation(errors: Iterable[Mapping[str, Any]]) -> ApiError:
    """Return the 400 that stands for what validation found wrong."""
    wrong = [_wrong(error) for error in errors]
    places = {path.partition(".")[0] for path, _ in wrong}
    message = "Invalid request body" if places == {"{requestBody}"} else "Invalid request"
    return bad_request(message, *wrong)


def _wrong(error: Mapping[str, Any]) -> tuple[str, str]:
    place, *names = [str(name) for name in error["loc"]]
    root = _PLACES.get(place, "{request}")
    if error["type"] == "json_invalid":
        return root, "The body must be valid JSON"
    text = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if error["type"] == "missing":
        text = "is required"
    if not names:
        return root, f"The {'body' if place == 'body' else 'request'} {text}"
    return ".".join([root, *names]), f"'{names[-1]}' property {text}"
