"""A server of the second kind that answers what a test gives it, over a real socket."""

from __future__ import annotations

from typing import Any, Self

from tests.servers import Reply, ScriptedServer, ServerRequest


def ledger(**fields: Any) -> dict[str, Any]:
    """A connection as it is listed."""
    return {
        "id": "c1",
        "created_at": "2026-01-06T03:24:53Z",
        "modified_at": "2026-11-20T03:24:53Z",
        "is_authentication_pending": False,
        "is_running_setup": False,
        "is_sync_disabled": False,
        "health": {"healthy": True, "status_code": "healthy", "authentication_required": False},
        "models": [],
        "provider_name": "netsuite",
        "name": "Main ledger",
        "company": "Prairie Lines",
        "environment": None,
    } | fields


class Integrations:
    """A server that answers from what it is given, which may change at any time.

    Attributes:
        connections: What is listed.
        replies: By method, what is answered instead.
    """

    def __init__(self, *connections: dict[str, Any]) -> None:
        self.connections = list(connections) or [ledger()]
        self.replies: dict[str, Reply] = {}
        self._server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._server.port}/v2/integrations"

    def sent(self, method: str) -> list[ServerRequest]:
        """What it was sent by one method."""
        return [request for request in self._server.requests if request.method == method]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, request: ServerRequest) -> Reply:
        if request.method in self.replies:
            return self.replies[request.method]
        if request.method == "GET":
            return Reply(json=self.connections)
        if request.method == "POST":
            self.connections.append(ledger(id="c-new", company=None) | request.json)
            return Reply(json=self.connections[-1])
        place = next(i for i, each in enumerate(self.connections) if request.path.endswith(f"/{each['id']}"))
        self.connections[place] |= request.json
        return Reply(json=self.connections[place])
