"""What a request is for, by its method and path: the operations of both APIs, and the words for several of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui_app.sandbox.faults import BOTH, STUUT, TERMINAL
from tui_app.sandbox.routes import PREFIX as TERMINAL_PREFIX
from tui_app.sandbox.stuut import PREFIX as STUUT_PREFIX

GROUPS = {
    "all": "every operation",
    "reads": "whatever changes nothing",
    "writes": "whatever changes something, or may",
}
"""The words that stand for several operations, and what each stands for."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: As the API's description names it; both APIs may have one of the same name.
        kind: Which API has it.
        method: The HTTP method.
        path: Below the API's base URL, with names in braces.
    """

    name: str
    kind: str
    method: str
    path: str

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


OPERATIONS = tuple(
    Operation(name, kind, method, path)
    for kind, method, path, name in (
        (TERMINAL, "GET", "/connections", "listConnections"),
        (TERMINAL, "POST", "/connections", "createConnection"),
        (TERMINAL, "GET", "/connections/current", "getCurrentConnection"),
        (TERMINAL, "PATCH", "/connections/current", "updateCurrentConnection"),
        (TERMINAL, "DELETE", "/connections/current", "deleteCurrentConnection"),
        (TERMINAL, "GET", "/syncs", "listSyncHistory"),
        (TERMINAL, "POST", "/syncs", "requestSync"),
        (TERMINAL, "GET", "/syncs/{id}", "getSyncJobStatus"),
        (TERMINAL, "POST", "/syncs/{id}/retry", "retrySync"),
        (TERMINAL, "POST", "/syncs/{id}/cancel", "cancelSync"),
        (TERMINAL, "GET", "/issues", "listIssues"),
        (TERMINAL, "POST", "/issues/{issueId}/resolve", "resolveIssue"),
        (TERMINAL, "GET", "/providers", "listProviders"),
        (TERMINAL, "POST", "/link/short", "createShortLink"),
        (TERMINAL, "DELETE", "/link/short/{id}", "deleteShortLink"),
        (TERMINAL, "POST", "/public-token/exchange", "publicTokenExchange"),
        (TERMINAL, "POST", "/passthrough", "passthrough"),
        (TERMINAL, "POST", "/passthrough/raw", "passthroughRaw"),
        (STUUT, "GET", "/connections", "listConnections"),
        (STUUT, "POST", "/connections", "createConnection"),
        (STUUT, "PATCH", "/connections/{connection_id}", "updateConnection"),
        (STUUT, "POST", "/connections/{connection_id}/sync", "requestSync"),
    )
)
_PREFIXES = {TERMINAL: TERMINAL_PREFIX, STUUT: STUUT_PREFIX}


def names(*kinds: str) -> tuple[str, ...]:
    """Return the names of the operations of some kinds of API, of all by default, each once."""
    return tuple(dict.fromkeys(each.name for each in OPERATIONS if each.kind in (kinds or BOTH)))


def _pattern(operation: Operation) -> re.Pattern[str]:
    path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(_PREFIXES[operation.kind] + operation.path))
    return re.compile(path)


_PATTERNS = [(operation, _pattern(operation)) for operation in OPERATIONS]


def operation_of(kind: str, method: str, path: str) -> Operation | None:
    """Return the operation that a request is for; None if it is for none."""
    for operation, pattern in _PATTERNS:
        if (operation.kind, operation.method) == (kind, method) and pattern.fullmatch(path):
            return operation
    return None


def is_among(operation: Operation, words: tuple[str, ...]) -> bool:
    """Return whether an operation is among what some words stand for."""
    return not {"all", "reads" if operation.reads else "writes", operation.name}.isdisjoint(words)
