"""What the control path's answers look like, as JSON schemas for its OpenAPI description."""

from __future__ import annotations

from typing import Any

from tui_app.sandbox.faults import DELAY, FORM, FORMS, WAIT

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TIME: Schema = {"type": "string", "format": "date-time"}
_URI: Schema = {"type": "string", "format": "uri"}
_RATE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _object(**properties: Schema) -> Schema:
    """Return the schema of an object that has all of its properties always, and no others."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _error(*codes: str) -> Schema:
    return _object(code={"enum": list(codes)}, message=_TEXT)


SCHEMAS: dict[str, Schema] = {
    "Overview": _object(
        clock=_ref("Clock"),
        scenarios=_list("Scenario"),
        played=_list("Past"),
        faults=_list("FaultOn"),
        seed={"type": "integer"},
        connections=_object(fleet=_COUNT, made=_COUNT),
        servers={"type": "object", "additionalProperties": _URI},
    ),
    "Clock": _object(now=_TIME, speed={"type": "number", "minimum": 0}, paused={"type": "boolean"}),
    "Scenario": _object(name=_TEXT, title=_TEXT, what=_TEXT, supportSees=_TEXT, kind=_TEXT),
    "Scenarios": _object(scenarios=_list("Scenario")),
    "Past": _object(scenario=_TEXT, connectionId=_TEXT, syncId=_TEXT_OR_NULL, playedAt=_TIME),
    "Played": _object(scenario=_TEXT, connectionId=_TEXT, syncId=_TEXT_OR_NULL, connectionToken=_TEXT),
    "Fault": _object(
        name=_TEXT,
        title=_TEXT,
        what=_TEXT,
        supportSees=_TEXT,
        kinds={"type": "array", "items": _TEXT},
        settings={"type": "array", "items": {"enum": [DELAY, FORM, WAIT]}},
        operations={"type": "array", "items": _TEXT},
        on={"type": "boolean"},
    ),
    "FaultOn": {
        **_object(name=_TEXT, rate=_RATE, operations={"type": "array", "items": _TEXT}),
        "properties": {
            "name": _TEXT,
            "rate": _RATE,
            "operations": {"type": "array", "items": _TEXT},
            DELAY: _COUNT,
            FORM: {"enum": list(FORMS)},
            WAIT: _COUNT,
        },
    },
    "Faults": _object(faults=_list("Fault"), on=_list("FaultOn")),
    "FaultsOn": _object(on=_list("FaultOn")),
    "Error400": {
        **_error("bad_request"),
        "properties": {"code": {"const": "bad_request"}, "message": _TEXT, "detail": _list("Wrong")},
    },
    "Error401": {
        **_error("unauthorized"),
        "properties": {"code": {"const": "unauthorized"}, "message": _TEXT, "detail": _TEXT},
    },
    "Error404": _error("not_found", "unknown_scenario", "unknown_fault"),
    "Error422": _object(code={"const": "unprocessable"}, message=_TEXT, detail=_list("Wrong")),
    "Error500": {
        **_error("internal_server_error"),
        "properties": {"code": {"const": "internal_server_error"}, "message": _TEXT, "detail": _TEXT},
    },
    "Wrong": _object(path=_TEXT, message=_TEXT),
}
_REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    422: "Unprocessable Content",
    500: "Internal Server Error",
}


def answers(name: str, success: int = 200, *more: int) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer.

    Args:
        name: The schema of the answer that grants.
        success: Its status.
        more: Statuses that refuse, besides those that every operation has.
    """
    refused: dict[int | str, dict[str, Any]] = {
        status: _reply(status, f"Error{status}") for status in sorted({401, 500, *more})
    }
    return {success: _reply(success, name), **refused}


def _reply(status: int, name: str) -> dict[str, Any]:
    return {"description": _REASONS[status], "content": {"application/json": {"schema": _ref(name)}}}
