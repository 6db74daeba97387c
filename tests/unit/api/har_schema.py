"""A JSON schema of HAR 1.2, written from its specification.

An object may hold what the specification names, and fields of one's own whose names begin with an underscore. What
only browsers know (pages, the browser itself) is named, and not looked into.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": -1}
"""Bytes; -1 where they are not known."""
MILLISECONDS = {"type": "number", "minimum": 0}
PERHAPS = {"anyOf": [MILLISECONDS, {"const": -1}]}
"""A part of the time that need not have happened."""


def thing(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object: what it must hold, what it may, a comment, and fields of one's own."""
    return {
        "type": "object",
        "required": sorted(required),
        "properties": required | optional | {"comment": TEXT},
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


def several(item: dict[str, Any]) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": item}


NAMED = thing({"name": TEXT, "value": TEXT})
TIME = {"type": "string", "format": "date-time"}
COOKIE = thing(
    {"name": TEXT, "value": TEXT},
    path=TEXT,
    domain=TEXT,
    expires=TIME,
    httpOnly={"type": "boolean"},
    secure={"type": "boolean"},
)
PARAM = thing({"name": TEXT}, value=TEXT, fileName=TEXT, contentType=TEXT)
# Posted is either a form or a text, never both.
POSTED = thing({"mimeType": TEXT}, params=several(PARAM), text=TEXT) | {"not": {"required": ["params", "text"]}}
CONTENT = thing(
    {"size": COUNT, "mimeType": TEXT}, compression={"type": "integer"}, text=TEXT, encoding={"const": "base64"}
)
MESSAGE = {
    "httpVersion": TEXT,
    "cookies": several(COOKIE),
    "headers": several(NAMED),
    "headersSize": COUNT,
    "bodySize": COUNT,
}
REQUEST = thing(
    MESSAGE
    | {
        "method": {"type": "string", "minLength": 1},
        "url": {"type": "string", "format": "uri"},
        "queryString": several(NAMED),
    },
    postData=POSTED,
)
RESPONSE = thing(
    MESSAGE
    | {
        "status": {"type": "integer", "minimum": 0, "maximum": 999},
        "statusText": TEXT,
        "content": CONTENT,
        "redirectURL": TEXT,
    }
)
CACHED = {"anyOf": [thing({"lastAccess": TIME, "eTag": TEXT, "hitCount": COUNT}, expires=TIME), {"type": "null"}]}
TIMINGS = thing(
    {"send": MILLISECONDS, "wait": MILLISECONDS, "receive": MILLISECONDS},
    blocked=PERHAPS,
    dns=PERHAPS,
    connect=PERHAPS,
    ssl=PERHAPS,
)
ENTRY = thing(
    {
        "startedDateTime": TIME,
        "time": MILLISECONDS,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": thing({}, beforeRequest=CACHED, afterRequest=CACHED),
        "timings": TIMINGS,
    },
    pageref=TEXT,
    serverIPAddress=TEXT,
    connection=TEXT,
)
MAKER = thing({"name": TEXT, "version": TEXT})
LOG = thing(
    {"version": {"const": "1.2"}, "creator": MAKER, "entries": several(ENTRY)},
    browser=MAKER,
    pages=several({"type": "object"}),
)
HAR = thing({"log": LOG})
