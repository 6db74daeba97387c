"""A production server for tests: it answers as the simulated one does, and keeps count of who wanted to change it."""

from __future__ import annotations

import http.client
from collections import Counter
from typing import Self
from urllib.parse import urlencode, urlsplit

from tests.servers import Reply, ScriptedServer, ServerRequest

_OF_THE_WAY = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


class Relay:
    """Stands before a simulated server. Reading goes through; whatever else arrives is counted and goes no further.

    Args:
        url: Where the simulated server answers.
        key: What that one is opened with.
        own_key: What this one is opened with.
    """

    def __init__(self, url: str, key: str, own_key: str) -> None:
        self._behind = urlsplit(url)
        self._key, self._own_key = key, own_key
        self._server = ScriptedServer(self._answer)

    @property
    def root(self) -> str:
        """Its address without a path."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def url(self) -> str:
        """Its base URL."""
        return self.root + self._behind.path

    @property
    def methods(self) -> Counter[str]:
        """How many requests arrived, by their method."""
        return Counter(request.method for request in list(self._server.requests))

    @property
    def changes(self) -> list[str]:
        """What arrived and was to change something."""
        return [f"{each.method} {each.path}" for each in list(self._server.requests) if each.method != "GET"]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, request: ServerRequest) -> Reply:
        if request.method != "GET":
            return Reply(403, json={"code": "forbidden", "message": "Nothing is changed here"})
        headers = {
            name: value.replace(self._own_key, self._key)
            for name, value in request.headers.items()
            if name not in _OF_THE_WAY
        }
        behind = http.client.HTTPConnection("127.0.0.1", self._behind.port or 80, timeout=20)
        try:
            behind.request("GET", f"{request.path}?{urlencode(request.query)}", headers=headers)
            answer = behind.getresponse()
            body = answer.read()
        finally:
            behind.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_THE_WAY}
        return Reply(answer.status, body=body, headers=kept)
