"""A scripted server in the form of Terminal's: for all that the simulated one does not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from tests.servers import Reply, ScriptedServer, ServerRequest

KEY = "sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc"
TOKEN = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
CONNECTION_ID = "conn_01GV12VR4DJP70GD1ZBK0SDWFH"
SYNC_ID = "sync_01GV12VR4DJP70GD1ZBK0SDWFH"

Answer = Reply | Callable[[ServerRequest], Reply]


def connection(**fields: Any) -> dict[str, Any]:
    """A connection as it is listed."""
    return {
        "id": CONNECTION_ID,
        "status": "connected",
        "provider": {"name": "Geotab", "code": "geotab"},
        "company": {"name": "Frank's Trucking", "dotNumbers": ["1234567"]},
        "syncMode": "automatic",
        "token": TOKEN,
        "tags": [],
        "createdAt": "2026-01-06T03:24:53.000Z",
        "updatedAt": "2026-11-20T03:24:53.000Z",
    } | fields


def sync(**fields: Any) -> dict[str, Any]:
    """A sync that runs."""
    return {
        "id": SYNC_ID,
        "status": "in_progress",
        "progress": 40,
        "attempts": 1,
        "requestedAt": "2026-11-22T14:00:00.000Z",
        "startFrom": "2026-11-15T14:00:00.000Z",
        "issues": [],
    } | fields


def issue(**fields: Any) -> dict[str, Any]:
    """An open issue."""
    return {
        "id": "isu_01GV12VR4DJP70GD1ZBK0SDWFH",
        "status": "ongoing",
        "connection": CONNECTION_ID,
        "error": {"code": "permission_missing", "message": "Driver data cannot be read with these credentials."},
        "firstReportedAt": "2026-11-22T13:58:00.000Z",
        "lastReportedAt": "2026-11-22T14:01:00.000Z",
        "resolutionType": "user_action_required",
    } | fields


PROVIDERS = [{"code": "geotab", "name": "Geotab", "status": "live", "supportedModels": {}}]


class Terminal:
    """A server that answers from what it is given, which may change at any time.

    Attributes:
        connections: What is listed; the first is what every token opens.
        last_sync: The newest sync of that connection, which every sync ID names.
        issues: What is listed.
        providers: What is listed.
        replies: By method and path, what is answered instead; `/syncs/…` for one sync.
    """

    def __init__(
        self,
        connections: list[Any] | None = None,
        last_sync: dict[str, Any] | None = None,
        issues: list[Any] | None = None,
        providers: list[Any] | None = None,
    ) -> None:
        self.connections = [connection()] if connections is None else connections
        self.last_sync = last_sync
        self.issues = issues or []
        self.providers = PROVIDERS if providers is None else providers
        self.replies: dict[tuple[str, str], Answer] = {}
        self._server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        """Its base URL."""
        return self._server.url

    @property
    def requests(self) -> list[ServerRequest]:
        """What it was sent."""
        return self._server.requests

    def sent(self, method: str) -> list[ServerRequest]:
        """What it was sent by one method."""
        return [request for request in self.requests if request.method == method]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, request: ServerRequest) -> Reply:
        path = request.path.removeprefix("/tsp/v1")
        place = "/syncs/…" if path.startswith("/syncs/") else path
        scripted = self.replies.get((request.method, place)) or self.replies.get(("*", "*"))
        if scripted is not None:
            return scripted(request) if callable(scripted) else scripted
        syncs = [] if self.last_sync is None else [self.last_sync]
        answers: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/connections"): lambda: {"results": self.connections},
            ("GET", "/connections/current"): lambda: self.connections[0] | {"lastSync": self.last_sync},
            ("GET", "/syncs"): lambda: {"results": syncs},
            ("GET", "/syncs/…"): lambda: self.last_sync,
            ("GET", "/issues"): lambda: {"results": self.issues},
            ("GET", "/providers"): lambda: self.providers,
            ("POST", "/syncs"): lambda: sync(status="requested", progress=0),
            ("POST", "/connections"): lambda: connection(id="conn_01NEW"),
        }
        make = answers.get((request.method, place))
        return Reply(404, json={"code": "not_found", "message": "Nothing here"}) if make is None else Reply(json=make())
