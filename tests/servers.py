"""A scripted HTTP server for tests: answers what it is told, records what it was sent, and misbehaves on request.

It listens on 127.0.0.1 on a thread of its own::

    with ScriptedServer(Reply(503), Reply(json={"results": []})) as server:
        ...                                  # speak to server.url
        assert server.requests[0].method == "GET"
"""

from __future__ import annotations

import json as json_module
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class ServerRequest:
    """What the server was sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Their names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json_module.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What to answer.

    Attributes:
        status: The HTTP status.
        json: The body, written as JSON, unless `body` is given.
        body: The body as it is.
        headers: Beside Content-Length, which comes by itself. Nothing else does: no Date, no Server.
        drop: Close the connection without a word.
        raw: Bytes to send in place of an HTTP answer; the connection then closes.
        length: A Content-Length that is not the body's.
        wait: Answer when this is set, at the latest after ten seconds.
    """

    status: int = 200
    json: Any = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    raw: bytes | None = None
    length: int | None = None
    wait: threading.Event | None = None

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is not None:
            return self.body
        return b"" if self.json is None else json_module.dumps(self.json).encode()


Answerer = Callable[[ServerRequest], Reply]


class ScriptedServer:
    """Answers from a script, one reply per request; the last one answers whatever comes after it.

    Attributes:
        requests: What it was sent, in order.
    """

    def __init__(self, *script: Reply | Answerer) -> None:
        """Prepare a server.

        Args:
            script: Replies, or functions that make one from a request. None at all: every request gets a 404.
        """
        self.requests: list[ServerRequest] = []
        self._script = list(script) or [Reply(404)]
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="scripted-server", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """A base URL in Terminal's form."""
        return f"http://127.0.0.1:{self.port}/tsp/v1"

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _reply(self, request: ServerRequest) -> Reply:
        with self._lock:
            self.requests.append(request)
            step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return step(request) if callable(step) else step

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = server._reply(ServerRequest(self.command, parts.path, query, headers, body))
                if reply.wait is not None:
                    reply.wait.wait(10)
                try:
                    self.send(reply)
                except OSError:
                    self.close_connection = True  # the client left before the answer

            def send(self, reply: Reply) -> None:
                if reply.drop or reply.raw is not None:
                    self.close_connection = True
                    self.wfile.write(reply.raw or b"")
                    return
                content = reply.content()
                lines = [f"HTTP/1.1 {reply.status} Scripted"]
                lines += [f"{name}: {value}" for name, value in reply.headers.items()]
                lines.append(f"Content-Length: {len(content) if reply.length is None else reply.length}")
                self.close_connection = reply.length is not None
                self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: a test reads `requests`."""

        return Handler


def pages(*pages_of_rows: list[Any]) -> Answerer:
    """Answer a list page by page, by cursors `c1`, `c2` …, whatever order the pages are asked for in."""

    def answer(request: ServerRequest) -> Reply:
        number = int(request.query.get("cursor", "c0")[1:])
        page: dict[str, Any] = {"results": pages_of_rows[number]}
        if number + 1 < len(pages_of_rows):
            page["next"] = f"c{number + 1}"
        return Reply(json=page)

    return answer
