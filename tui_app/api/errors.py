"""What a server kind raises when something cannot be done, and how an answer's failure is put into words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tui_app.api.retry import retry_after
from tui_app.models.problem import FieldProblem, Problem, ProblemKind
from tui_app.models.text import safe_text

_TEXT_LIMIT = 4000  # characters of a server's own words that are kept
_FIELDS_LIMIT = 100
_REQUEST_PARTS = ("body", "query", "path", "header", "cookie")
EXCERPT = 160  # characters quoted of an answer that cannot be read


class ApiError(Exception):
    """A request that did not bring what it was for. `problem` says why, in the server's words and in ours."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class SyncConflict(ApiError):
    """A sync of this connection runs already.

    Attributes:
        running: The ID of the one that runs, where the server told it, else an empty string.
    """

    def __init__(self, problem: Problem, running: str = "") -> None:
        super().__init__(problem)
        self.running = running


class Unread(ApiError):
    """An order was taken, but what came of it could not be read.

    Attributes:
        id: The ID of what it was about, as the server's answer named it.
    """

    def __init__(self, problem: Problem, id: str) -> None:
        super().__init__(problem)
        self.id = id


@dataclass(frozen=True, slots=True)
class _Words:
    kind: ProblemKind
    title: str
    meaning: str = ""
    next_step: str = ""


_K = ProblemKind

_BY_STATUS = {
    400: _Words(
        _K.INVALID,
        "The server does not accept this request",
        "Something in it is not what the server expects.",
        "Correct what the server names below, and send it again.",
    ),
    401: _Words(
        _K.UNAUTHORIZED,
        "The server does not accept the API key",
        "The key is missing, mistyped, revoked, or belongs to another environment.",
        "Check the profile's key: it must be a secret key for this server.",
    ),
    403: _Words(
        _K.FORBIDDEN,
        "The API key may not do this",
        "The key itself is known, but this is not among what it is allowed.",
        "Use a secret key of the application that owns this data.",
    ),
    404: _Words(
        _K.NOT_FOUND,
        "The server does not know this",
        "It was deleted, belongs to another environment, or the base URL is not quite right.",
        "Check the ID and the profile's base URL.",
    ),
    405: _Words(
        _K.UNSUPPORTED,
        "The server does not offer this",
        "The address exists, but not for this operation.",
        "Check the profile's kind and base URL; otherwise this server cannot do it.",
    ),
    407: _Words(
        _K.UNREACHABLE,
        "The proxy wants a sign-in",
        "A proxy stands between here and the server, and refused the request.",
        "Put the proxy's user and password into HTTPS_PROXY, or name the server in NO_PROXY.",
    ),
    409: _Words(
        _K.CONFLICT,
        "This is in the way of something that runs already",
        "The server is busy with the same thing.",
        "Wait for what runs to end, then try again.",
    ),
    422: _Words(
        _K.INVALID,
        "The server understood the request but cannot carry it out",
        "What was asked does not fit the present state or content.",
        "Read the server's reason below.",
    ),
    429: _Words(
        _K.RATE_LIMITED,
        "The server asks to slow down",
        "More requests arrived than it allows; other clients with the same key count too.",
        "Wait a moment. If it recurs, lower the profile's request budget.",
    ),
    500: _Words(
        _K.SERVER,
        "The server failed",
        "It hit an error of its own; the request may be fine.",
        "Try again shortly. If it stays, tell the server's support the time and the path.",
    ),
    501: _Words(
        _K.UNSUPPORTED,
        "The server does not offer this",
        "It does not implement this for the server or this provider.",
        "Nothing to correct here: another way is needed.",
    ),
    502: _Words(
        _K.SERVER,
        "The provider did not answer the server properly",
        "The server works, but the system behind it gave no usable answer.",
        "Try again in a few minutes; the provider may be down.",
    ),
    503: _Words(
        _K.SERVER,
        "The server is not available just now",
        "It is overloaded or under maintenance.",
        "Try again in a few minutes.",
    ),
    504: _Words(
        _K.SERVER,
        "The server ran out of time",
        "Something behind it took too long to answer.",
        "Try again shortly, or ask for less at once.",
    ),
}

_WRONG_TOKEN = _Words(
    _K.FORBIDDEN,
    "The connection's token does not open this",
    "The token does not belong to this connection or key, or it was revoked. Tokens do not expire by themselves.",
    "Reload the connections to get the current token, and check that the profile is the right one.",
)

# These APIs tell of a provider's failure as JSON. A page, or nothing, is none of theirs.
_GATEWAY = _Words(
    _K.SERVER,
    "Something in front of the server could not reach it",
    "A gateway or a proxy on the way answered in the server's place, which is down or restarting.",
    "Try again in a few minutes. If it stays, tell the server's support the time and the path.",
)

_BY_CODE = {
    "connection_disconnected": _Words(
        _K.INVALID,
        "The connection is disconnected",
        "The provider no longer accepts the fleet's credentials, so nothing can be asked of it.",
        "Send the fleet its re-link URL; once it is connected, try again.",
    ),
    "invalid_credentials": _Words(
        _K.INVALID,
        "The provider refused the credentials",
        "They are mistyped, outdated, or for another account.",
        "Check each credential with the fleet, and send them again.",
    ),
    "insufficient_permissions": _Words(
        _K.INVALID,
        "The credentials are valid but may not do enough",
        "The account at the provider lacks permissions that this needs.",
        "Have the fleet's administrator grant them, then try again.",
    ),
    "provider_unavailable": _Words(
        _K.SERVER,
        "The provider is not available just now",
        "The server works, but the telematics provider does not answer.",
        "Try again in a few minutes.",
    ),
}

NOT_KNOWN_WHETHER_DONE = "Whether the change was made is not known."
LOOK_FIRST = "Look whether it happened before sending it again."


@dataclass(frozen=True, slots=True)
class Failed:
    """An answer that says that something went wrong.

    Attributes:
        status: Its HTTP status.
        headers: Looked up without regard to case.
        json: Its body where that was JSON.
        text: The beginning of its body as text, for where it was not.
        with_token: Whether the request carried a connection's token.
        writing: Whether the request would have changed something.
        server_now: The server's time.
    """

    status: int
    headers: Mapping[str, str]
    json: Any = None
    text: str = ""
    with_token: bool = False
    writing: bool = False
    server_now: datetime = datetime.min


def problem_of(failed: Failed, redact: Callable[[str], str]) -> Problem:
    """Put a failed answer into words.

    Args:
        failed: The answer.
        redact: Masks the secrets in a text: servers quote what they were sent.
    """
    body = failed.json if isinstance(failed.json, dict) else {}
    detail = body.get("detail")
    code = _text(body.get("code"), redact)
    words = _words(failed, code, redact)
    problem = Problem(
        kind=words.kind,
        title=words.title,
        meaning=words.meaning,
        next_step=words.next_step,
        status=failed.status,
        code=code,
        message=_text(body.get("message"), redact) or ("" if body else excerpt(failed.text, redact)),
        detail=_text(detail, redact),
        fields=_fields(detail, redact) if isinstance(detail, list) else (),
        retry_after=retry_after(failed.headers, body, failed.server_now),
    )
    return doubtful(problem) if failed.writing and failed.status >= 500 and failed.status != 501 else problem


def doubtful(problem: Problem) -> Problem:
    """Add to a failed write that it may have been carried out all the same."""
    return replace(
        problem, meaning=f"{problem.meaning} {NOT_KNOWN_WHETHER_DONE}".strip(), next_step=LOOK_FIRST, retry_after=None
    )


def is_doubtful(problem: Problem) -> bool:
    """Whether a write that failed may have been carried out all the same."""
    return NOT_KNOWN_WHETHER_DONE in problem.meaning


def unreadable(title: str, seen: str, status: int | None = None) -> Problem:
    """The problem of an answer that is not what this API makes.

    Args:
        title: What is wrong with it.
        seen: A short, safe excerpt of what came, or the reason in words.
        status: Its HTTP status.
    """
    return Problem(
        kind=ProblemKind.UNREADABLE,
        title=title,
        meaning="Something else than this API answered, or the answer was damaged on its way.",
        next_step="Check the profile's base URL and kind, and whether a proxy or sign-in page stands in between.",
        status=status,
        message=seen,
    )


def excerpt(text: str, redact: Callable[[str], str]) -> str:
    """Quote the beginning of an answer on one line, safe to show; of a web page its title."""
    page = re.search(r"<title[^>]*>(.{1,500}?)</title>", text[:20_000], re.I | re.S)
    if page:
        text = f"a web page titled “{html.unescape(page.group(1)).strip()}”"
    elif re.match(r"\s*<(!doctype html|html)\b", text, re.I):
        text = "a web page without a title"
    return safe_text(redact(" ".join(text[:20_000].split())), EXCERPT)


def _words(failed: Failed, code: str, redact: Callable[[str], str]) -> _Words:
    status = failed.status
    if 300 <= status < 400:
        return _redirected(failed.headers.get("location", ""), redact)
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == 403 and failed.with_token:
        return _WRONG_TOKEN
    if status == 502 and not isinstance(failed.json, dict):
        return _GATEWAY
    return _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 400]


def as_if(problem: Problem, code: str) -> Problem:
    """Put a problem into the words of a code that the server could have sent for it, and did not."""
    words = _BY_CODE[code]
    return replace(problem, kind=words.kind, title=words.title, meaning=words.meaning, next_step=words.next_step)


def _redirected(location: str, redact: Callable[[str], str]) -> _Words:
    target = safe_text(redact(location), EXCERPT)
    return _Words(
        ProblemKind.UNREADABLE,
        "The server points to another address",
        f"It redirects to {target or 'an address it does not name'}. Following would hand the key to wherever that is.",
        "If that address is right, make it the profile's base URL.",
    )


def _text(value: Any, redact: Callable[[str], str]) -> str:
    if value is None or isinstance(value, list | dict):
        return ""
    return redact(str(value))[:_TEXT_LIMIT]


def _fields(detail: list[Any], redact: Callable[[str], str]) -> tuple[FieldProblem, ...]:
    fields = []
    for entry in detail[:_FIELDS_LIMIT]:
        if isinstance(entry, dict):
            path, message, suggestion = (_text(entry.get(name), redact) for name in ("path", "message", "suggestion"))
            # FastAPI, which some servers are made with, calls them `loc` and `msg`.
            path = path or _location(entry.get("loc"), redact)
            message = message or _text(entry.get("msg"), redact)
            fields.append(FieldProblem(path=path, message=message, suggestion=suggestion))
        elif isinstance(entry, str):
            fields.append(FieldProblem(path="", message=_text(entry, redact)))
    return tuple(fields)


def _location(steps: Any, redact: Callable[[str], str]) -> str:
    """A place in the request from its steps: ``["body", "name"]`` is `name`; what leads to it is known anyway."""
    if not isinstance(steps, list):
        return ""
    named = [step for step in steps[:_FIELDS_LIMIT] if isinstance(step, str | int)]
    if len(named) > 1 and named[0] in _REQUEST_PARTS:
        del named[0]
    return _text(".".join(str(step) for step in named), redact)
