"""What the server's answers look like, as JSON schemas for its own OpenAPI description.

Written out by hand: answers are made as plain dictionaries, because validating each of them against a model on its way
out would cost more than making it.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_TIME: Schema = {"type": "string", "format": "date-time"}
_URI: Schema = {"type": "string", "format": "uri"}
_FREE: Schema = {"type": "object"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def _id(prefix: str) -> Schema:
    return {"type": "string", "pattern": f"^{prefix}_{_ULID}$"}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _page(name: str) -> Schema:
    return _object("results", results=_list(_ref(name)), next=_TEXT)


def _one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def _error(*codes: str, detail: Schema | None = None, **more: Schema) -> Schema:
    details = {} if detail is None else {"detail": detail}
    return _object("code message", code={"enum": list(codes)}, message=_TEXT, **details, **more)


_COMPANY = _object("", name=_TEXT, dotNumbers=_TEXTS)
_PERSON = _object("", sourceId=_TEXT, firstName=_TEXT, lastName=_TEXT, email=_TEXT)
_CONNECTION = _object(
    "id status provider company account syncMode token createdAt updatedAt",
    id=_id("conn"),
    status=_TEXT,
    sourceId=_TEXT,
    provider=_object("name code", name=_TEXT, code=_TEXT),
    company=_COMPANY,
    account=_object("", name=_TEXT, dotNumbers=_TEXTS, user=_PERSON),
    externalId=_TEXT,
    syncMode=_one_of("automatic", "manual"),
    token={"type": "string", "pattern": "^con_tkn_\\S+$"},
    tags=_TEXTS,
    options=_FREE,
    filters=_FREE,
    linkUrl=_URI,
    createdAt=_TIME,
    updatedAt=_TIME,
    deletedAt=_TIME,
)
_WRONG = _list(_object("message path", message=_TEXT, path=_TEXT))
_SUPPORT = _object(
    "supportedOperations",
    supportedOperations=_object(
        "read", read=_one_of("supported", "not_supported_by_terminal", "not_supported_by_provider")
    ),
)

SCHEMAS: dict[str, Schema] = {
    "Connection": _CONNECTION,
    "ConnectionPage": _page("Connection"),
    "Current": {
        **_CONNECTION,
        "required": [*_CONNECTION["required"], "agreements", "linkUrl"],
        "properties": {
            **_CONNECTION["properties"],
            "agreements": _list(_ref("Agreement")),
            "lastSync": _ref("Sync"),
        },
    },
    "PassthroughOutput": _object(
        "method path statusCode headers response",
        method=_TEXT,
        path=_TEXT,
        statusCode={"type": "integer"},
        headers=_FREE,
        response={"type": ["object", "array", "string", "number", "boolean"]},
    ),
    "ShortLink": _object(
        "id code url expiresAt",
        id=_id("slk"),
        code={"type": "string", "pattern": "^[a-hjkmnp-z2-9]{8}$"},
        url=_URI,
        expiresAt=_TIME,
    ),
    "Accepted": _object("message", message=_TEXT),
    "Agreement": _object(
        "id applicationId agreementUrl acceptedAt",
        id=_id("agr"),
        applicationId=_TEXT,
        connectionId=_TEXT,
        agreementUrl=_URI,
        acceptedBy=_PERSON,
        acceptedAt=_TIME,
        location=_TEXT,
        ipAddress={"type": "string", "format": "ipv4"},
        userAgent=_TEXT,
    ),
    "Sync": _object(
        "id status requestedAt issues attempts startFrom",
        id=_id("sync"),
        status=_one_of("requested", "in_progress", "completed", "failed"),
        failureReason=_TEXT,
        progress={"type": "number", "minimum": 0, "maximum": 100},
        issues=_list({"oneOf": [_id("isu"), _ref("Issue")]}),
        startFrom=_TIME,
        attempts={"type": "integer", "minimum": 0},
        requestedAt=_TIME,
        completedAt=_TIME,
        providerRequests=_list(_one_of("historical_files", "provision_credentials")),
    ),
    "SyncPage": _page("Sync"),
    "SyncAnswer": _object("id message", id=_id("sync"), message=_TEXT),
    "Issue": _object(
        "id status connection error firstReportedAt lastReportedAt resolutionType documentationUrl",
        id=_id("isu"),
        status=_one_of("ongoing", "resolved"),
        connection={"oneOf": [_id("conn"), _ref("Connection")]},
        error=_object("code message", code=_TEXT, message=_TEXT),
        firstReportedAt=_TIME,
        lastReportedAt=_TIME,
        resolutionType=_one_of(
            "action_required", "automatic_retry", "terminal_managed", "known_limitation", "investigation_required"
        ),
        documentationUrl=_URI,
    ),
    "IssuePage": _page("Issue"),
    "Provider": _object(
        "name status code baseCode logo icon supportedModels",
        name=_TEXT,
        status=_one_of("live", "beta", "sandbox", "deprecated"),
        code=_TEXT,
        baseCode=_TEXT,
        logo=_URI,
        icon=_URI,
        references=_list(_object("type url label", type=_TEXT, url=_URI, label=_TEXT)),
        supportedModels={"type": "object", "additionalProperties": _SUPPORT},
    ),
    "Providers": _list(_ref("Provider")),
    "Error400": _error("bad_request", detail=_WRONG),
    "Error401": _error("unauthorized", detail=_TEXT),
    "Error403": _error("forbidden", detail=_TEXT),
    "Error404": _error("not_found", detail=_TEXT),
    "Error409": _error("conflict", detail=_TEXT),
    "Error422": _error(
        "unprocessable_entity",
        "connection_disconnected",
        "insufficient_permissions",
        "invalid_credentials",
        detail=_WRONG,
    ),
    "Error429": _error("too_many_requests", detail=_TEXT, retryAfter={"type": "integer"}),
    "Error501": _error("not_implemented", detail=_TEXT),
    "Error502": _error("bad_gateway", detail=_TEXT),
    "Error500": _error("internal_server_error", detail=_TEXT),
}
_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
}


def answers(name: str | None, success: int = 200, *more: int) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer.

    Args:
        name: The schema of the answer that grants; None if it has no body.
        success: Its status.
        more: Statuses that refuse, besides those that every operation has.
    """
    refusals = sorted({400, 401, 403, 429, 500, *more})
    granted = {"description": _REASONS[success]} if name is None else _reply(success, name)
    return {success: granted, **{status: _reply(status, f"Error{status}") for status in refusals}}


def raw_answers(name: str, *more: int) -> dict[int | str, dict[str, Any]]:
    """Return what an operation may answer that hands on a provider's content.

    Args:
        name: The schema of the answer in which a refusal by the provider is told; the content itself has none.
        more: Statuses that refuse, besides those that every operation has.
    """
    anything: Schema = {"schema": {}}
    granted = {
        "description": f"What the provider granted, whatever its type; what it refused is told as {name}.",
        "content": {"application/json": anything, "text/csv": anything, "application/octet-stream": anything},
    }
    return {**answers(name, 200, *more), 200: granted}


def _reply(status: int, name: str) -> dict[str, Any]:
    return {"description": _REASONS[status], "content": {"application/json": {"schema": _ref(name)}}}
