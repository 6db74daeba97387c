"""What the control path says when it refuses: `code` and `message`, and `detail` where single values are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request

from tui_app.sandbox.errors import ApiError

UNREADABLE = "The body must be a JSON object, sent as application/json"


def unreadable() -> ApiError:
    """Return a 400 for a body that is no JSON object."""
    return ApiError(400, "bad_request", UNREADABLE)


async def object_or_none(request: Request) -> None:
    """Refuse the body `null`: to FastAPI, that and no body are the same.

    Raises:
        ApiError: It is the body (400).
    """
    if (await request.body()).strip() == b"null":
        raise unreadable()


def unknown_path(path: str) -> ApiError:
    """Return a 404 for a path that is not there."""
    return ApiError(404, "not_found", f"Nothing is at {path!a}; what there is stands in /sandbox/openapi.json")


def unknown_scenario(message: str) -> ApiError:
    """Return a 404 for a scenario that there is not."""
    return ApiError(404, "unknown_scenario", message)


def unknown_fault(message: str) -> ApiError:
    """Return a 404 for a fault that there is not."""
    return ApiError(404, "unknown_fault", message)


def unprocessable(message: str, *wrong: tuple[str, str]) -> ApiError:
    """Return a 422.

    Args:
        message: What is wrong as a whole.
        wrong: What is wrong in particular: pairs of a field and a message.
    """
    return ApiError(422, "unprocessable", message, [{"path": path, "message": text} for path, text in wrong])


def from_validation(errors: Iterable[Mapping[str, Any]]) -> ApiError:
    """Return what stands for what validation found wrong: a 400 if the body is no object, else a 422."""
    wrong = []
    for error in errors:
        place = [str(name) for name in error["loc"][1:]]
        if error["type"] == "json_invalid" or not place:
            return unreadable()
        name = ".".join(place)
        text = str(error["msg"]).replace("Input should be", "must be").replace("Extra inputs are not permitted", "")
        wrong.append((name, f"'{name}' {text or 'is not known here'}"))
    return unprocessable("Some of what was sent is not right", *wrong)
