"""Tests a profile step by step, and says which step failed and what to do about it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from tui_app.api.base import ConnectionQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Recorder
from tui_app.api.failures import Place, failure_of
from tui_app.api.gate import Gate
from tui_app.api.kinds import open_api
from tui_app.api.transport import Limits
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.problem import Problem, ProblemKind

NAME, CONNECTION, KEY, PAGE = "Name", "Connection", "Key", "First page"
STEPS = (NAME, CONNECTION, KEY, PAGE)
"""The steps in their order. None is taken after one that failed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a test.

    Attributes:
        name: One of `STEPS`.
        ok: Whether it succeeded.
        text: What was found.
        next_step: What to do where it failed, else an empty string.
        elapsed: Seconds that it took.
        problem: Why it failed, with the server's own words.
    """

    name: str
    ok: bool
    text: str
    next_step: str = ""
    elapsed: float = 0.0
    problem: Problem | None = None


async def steps(
    kind: str,
    base_url: str,
    key: SecretStr | None,
    *,
    clock: Clock | None = None,
    recorder: Recorder | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Step]:
    """Test whether a server can be used: its name, the connection, the key, a first page. Only reads are sent.

    Args:
        kind: Which API it speaks.
        base_url: Where it answers.
        key: What is tested.
        clock: What measures.
        recorder: Where the test's exchanges are kept, if anywhere.
        limits: Times and sizes; each request is tried once whatever they say.

    Yields:
        Each step as it ends; the first one that failed is the last.
    """
    clock = clock or SystemClock()
    limits = replace(limits or Limits(), attempts=1)
    api = open_api(
        kind, base_url, key, gate=Gate(locked=True, profile="test"), clock=clock, recorder=recorder, limits=limits
    )
    try:
        # A proxy resolves the name and makes the connection itself; both then show with the first request.
        if not api.transport.proxied:
            place = _place(base_url, limits)
            for look in (_resolve, _connect):
                step = await look(place, urlsplit(base_url).scheme == "https", clock)
                yield step
                if not step.ok:
                    return
        async for step in _read(api, clock):
            yield step
    finally:
        await api.aclose()


def _place(base_url: str, limits: Limits) -> Place:
    parts = urlsplit(base_url)
    return Place(
        host=parts.hostname or "",
        port=parts.port or (443 if parts.scheme == "https" else 80),
        proxied=False,
        connect=limits.connect,
        read=limits.read,
        total=limits.total,
        largest=limits.largest,
    )


def _failed(name: str, problem: Problem, elapsed: float) -> Step:
    return Step(name, False, f"{problem.title}. {problem.meaning}".strip(), problem.next_step, elapsed, problem)


async def _resolve(place: Place, secure: bool, clock: Clock) -> Step:
    began = clock.monotonic()
    try:
        async with asyncio.timeout(place.connect):
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a host that no name can be is a UnicodeError
        cause = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        return _failed(NAME, failure_of(cause, place, writing=False).problem, clock.monotonic() - began)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
    return Step(NAME, True, f"{place.host} is {addresses[0]}{more}", elapsed=clock.monotonic() - began)


async def _connect(place: Place, secure: bool, clock: Clock) -> Step:
    began = clock.monotonic()
    try:
        trusted = httpx.create_ssl_context() if secure else None
        async with asyncio.timeout(place.connect):
            _, writer = await asyncio.open_connection(place.host, place.port, ssl=trusted)
    except (OSError, UnicodeError) as error:
        cause: httpx.TransportError = httpx.ConnectError("no connection")
        if isinstance(error, TimeoutError):
            cause = httpx.ConnectTimeout("no connection in time")
        cause.__cause__ = error
        return _failed(CONNECTION, failure_of(cause, place, writing=False).problem, clock.monotonic() - began)
    session = writer.get_extra_info("ssl_object")
    writer.transport.abort()  # closing in order would wait for the other side
    secured = (
        f"{session.version()}, certificate trusted" if isinstance(session, ssl.SSLObject) else "without encryption"
    )
    return Step(CONNECTION, True, f"port {place.port}, {secured}", elapsed=clock.monotonic() - began)


async def _read(api: SyncApi, clock: Clock) -> AsyncIterator[Step]:
    """One request serves two steps: whether the key is accepted, and whether what comes can be read."""
    began = clock.monotonic()
    try:
        page = await anext(api.connections(ConnectionQuery(limit=1)))
    except ApiError as error:
        problem = error.problem
    else:
        elapsed = clock.monotonic() - began
        yield Step(KEY, True, "accepted", elapsed=elapsed)
        rows = len(page.items) + len(page.unreadable)
        more = ", more follow" if page.next else ""
        unread = f", {len(page.unreadable)} unreadable" if page.unreadable else ""
        yield Step(PAGE, True, f"{rows} connection{'' if rows == 1 else 's'}{unread}{more}", elapsed=elapsed)
        return
    elapsed = clock.monotonic() - began
    if problem.kind is ProblemKind.UNREADABLE and problem.status is not None and 200 <= problem.status < 300:
        yield Step(KEY, True, "not refused", elapsed=elapsed)
        yield _failed(PAGE, problem, elapsed)
    else:
        yield _failed(KEY, problem, elapsed)
