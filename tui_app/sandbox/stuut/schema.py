"""What the API's answers look like, as JSON schemas for its OpenAPI description.

Written out by hand: answers are made as plain dictionaries, because validating each of them against a model on its way
out would cost more than making it.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

STATUSES = ("scheduled", "queued", "running", "cancelled", "failed", "pending_retry", "complete")

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_FREE: Schema = {"type": "object"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(**properties: Schema) -> Schema:
    """Return the schema of an object that has all of its properties always, and no others."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


_MAYBE_TEXT, _MAYBE_TIME = _or_null(_TEXT), _or_null(_TIME)

SCHEMAS: dict[str, Schema] = {
    "Connection": _object(
        created_at=_TIME,
        modified_at=_MAYBE_TIME,
        id=_TEXT,
        provider_name=_TEXT,
        name=_TEXT,
        company=_MAYBE_TEXT,
        environment=_MAYBE_TEXT,
        api_url=_MAYBE_TEXT,
        is_on_premise=_FLAG,
        is_authentication_pending=_FLAG,
        is_running_setup=_FLAG,
        is_sync_disabled=_FLAG,
        health=_ref("Health"),
        models=_list(_ref("Model")),
    ),
    "Connections": _list(_ref("Connection")),
    "Health": _object(
        authentication_required=_FLAG,
        message=_TEXT,
        healthy=_FLAG,
        status_code=_TEXT,
        suggested_resolution=_MAYBE_TEXT,
        timestamp=_TIME,
    ),
    "Model": _object(
        created_at=_TIME,
        modified_at=_MAYBE_TIME,
        id=_TEXT,
        name=_TEXT,
        is_read_enabled=_FLAG,
        is_write_enabled=_FLAG,
        is_custom_object=_FLAG,
        is_file_upload_enabled=_FLAG,
        is_webhooks_setup=_FLAG,
        next_sync_at=_MAYBE_TIME,
        connection_id=_TEXT,
        last_sync=_or_null(_ref("Sync")),
        object={"const": "model"},
        display_name=_TEXT,
        is_read_supported=_FLAG,
        is_write_supported=_FLAG,
        is_sync_supported=_FLAG,
    ),
    "Sync": _object(
        created_at=_TIME,
        modified_at=_MAYBE_TIME,
        id=_TEXT,
        status={"type": "string", "enum": list(STATUSES)},
        attempt={"type": "integer", "minimum": 0},
        batch_id=_or_null({"type": "string", "format": "uuid"}),
        completed_at=_MAYBE_TIME,
        entity_id=_MAYBE_TEXT,
        error=_MAYBE_TEXT,
        file_id=_MAYBE_TEXT,
        is_initial_sync=_FLAG,
        is_one_off=_FLAG,
        model_id=_TEXT,
        pagination_state=_FREE,
        started_at=_MAYBE_TIME,
        timerange_end=_MAYBE_TIME,
        timerange_start=_MAYBE_TIME,
        object={"const": "sync"},
    ),
    "Syncs": _list(_ref("Sync")),
    "Refusal": _object(detail=_TEXT),
    "Invalid": _object(
        detail=_list(_object(loc=_list({"type": ["string", "integer"]}), msg=_TEXT, type=_TEXT)),
    ),
}
_REASONS = {
    200: "Successful Response",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    409: "Conflict",
    413: "Content Too Large",
    422: "Validation Error",
    500: "Internal Server Error",
}


def answers(name: str, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer.

    Args:
        name: The schema of the answer that grants.
        refusals: Statuses that refuse, besides those that every operation has.
    """
    refused: dict[int | str, dict[str, Any]] = {
        status: _reply(status, "Invalid" if status == 422 else "Refusal") for status in sorted({401, 500, *refusals})
    }
    return {200: _reply(200, name), **refused}


def _reply(status: int, name: str) -> dict[str, Any]:
    return {"description": _REASONS[status], "content": {"application/json": {"schema": _ref(name)}}}
