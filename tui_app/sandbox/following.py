"""What can be done next with an answer of Terminal's API, as links of its OpenAPI description."""

from __future__ import annotations

from typing import Any

_TOKEN = {"header.Connection-Token": "$response.body#/token"}
_SAME_TOKEN = {"header.Connection-Token": "$request.header.Connection-Token"}
_FIRST_TOKEN = {"header.Connection-Token": "$response.body#/results/0/token"}
_ID = {"path.id": "$response.body#/id"}
_NEXT = {"query.cursor": "$response.body#/next"}

# Whose answer, with which status, leads to which operations, and what each of them takes from it.
LINKS: dict[tuple[str, int], dict[str, dict[str, str]]] = {
    ("createConnection", 201): {
        "getCurrentConnection": _TOKEN,
        "updateCurrentConnection": _TOKEN,
        "deleteCurrentConnection": _TOKEN,
        "requestSync": _TOKEN,
        "listSyncHistory": _TOKEN,
        "passthrough": _TOKEN,
        "passthroughRaw": _TOKEN,
    },
    ("publicTokenExchange", 200): {"getCurrentConnection": _TOKEN, "requestSync": _TOKEN},
    ("listConnections", 200): {"getCurrentConnection": _FIRST_TOKEN, "listConnections": _NEXT},
    ("updateCurrentConnection", 200): {"getCurrentConnection": _TOKEN},
    ("deleteCurrentConnection", 202): {"getCurrentConnection": _SAME_TOKEN, "updateCurrentConnection": _SAME_TOKEN},
    ("requestSync", 201): {"getSyncJobStatus": {**_ID, **_SAME_TOKEN}, "cancelSync": {**_ID, **_SAME_TOKEN}},
    ("cancelSync", 200): {"getSyncJobStatus": {**_ID, **_SAME_TOKEN}, "retrySync": {**_ID, **_SAME_TOKEN}},
    ("retrySync", 200): {"getSyncJobStatus": {**_ID, **_SAME_TOKEN}, "cancelSync": {**_ID, **_SAME_TOKEN}},
    ("listSyncHistory", 200): {"getSyncJobStatus": {"path.id": "$response.body#/results/0/id", **_SAME_TOKEN}},
    ("listIssues", 200): {"resolveIssue": {"path.issueId": "$response.body#/results/0/id"}, "listIssues": _NEXT},
    ("createShortLink", 200): {"deleteShortLink": _ID},
}


def add_links(description: dict[str, Any]) -> None:
    """Write the links into an OpenAPI description.

    Args:
        description: The description of the whole API, which is changed.
    """
    operations = {each["operationId"]: each for path in description["paths"].values() for each in path.values()}
    for (source, status), targets in LINKS.items():
        operations[source]["responses"][str(status)]["links"] = {
            target: {"operationId": target, "parameters": dict(parameters)} for target, parameters in targets.items()
        }
