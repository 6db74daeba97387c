"""Tests a profile step by step, and says which step failed and what to do about it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from tui_app.api.base import ConnectionQuery
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Recorder
from tui_app.api.failures import CONNECTION_REASONS, NOT_RESOLVED, TLS_REASONS, Place, failure_of
from tui_app.api.gate import Gate
from tui_app.api.kinds import open_api
from tui_app.api.network import Limits, Network
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from tui_app.api.kinds import OpenApi

NAME, CONNECTION, TLS, KEY, PAGE = "Name", "Connection", "TLS", "Key", "First page"
STEPS = (NAME, CONNECTION, TLS, KEY, PAGE)
"""The steps in their order. None is taken after one that failed."""


_COMPLAINT_S = 0.05
"""The least that is waited for a server to complain of a certificate, in seconds; longer where it is far away."""


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
    network: Network | None = None,
) -> AsyncIterator[Step]:
    """Test whether a server can be used: name, connection, TLS, key, a first page. Only reads are sent.

    Certificates of the profile that cannot be read fail TLS before anything else is tried. Behind a proxy, name,
    connection and TLS are steps only where they fail.

    Args:
        kind: Which API it speaks.
        base_url: Where it answers.
        key: What is tested.
        clock: What measures.
        recorder: Where the test's exchanges are kept, if anywhere.
        limits: Times and sizes; each request is tried once whatever they say.
        network: The proxy and the certificates.

    Yields:
        Each step as it ends; the first one that failed is the last.
    """
    clock = clock or SystemClock()
    limits, network = replace(limits or Limits(), attempts=1), network or Network()
    api = open_api(
        kind,
        base_url,
        key,
        gate=Gate(locked=True, profile="test"),
        clock=clock,
        recorder=recorder,
        limits=limits,
        network=network,
    )
    try:
        try:
            network.check()
        except ApiError as error:
            yield _failed(TLS, error.problem, 0)
            return
        # A proxy resolves the name and makes the connection itself; what fails of that shows with the first request.
        if not api.transport.proxied:
            place = _place(base_url, limits)
            own = network if urlsplit(base_url).scheme == "https" else None
            for look in (_resolve, _connect, _secure):
                step = await look(place, own, clock)
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


async def _resolve(place: Place, network: Network | None, clock: Clock) -> Step:
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


async def _connect(place: Place, network: Network | None, clock: Clock) -> Step:
    began = clock.monotonic()
    try:
        async with asyncio.timeout(place.connect):
            _, writer = await asyncio.open_connection(place.host, place.port)
    except (OSError, UnicodeError) as error:
        return _not_connected(CONNECTION, error, place, clock.monotonic() - began)
    writer.transport.abort()  # closing in order would wait for the other side
    return Step(CONNECTION, True, f"port {place.port} answers", elapsed=clock.monotonic() - began)


async def _secure(place: Place, network: Network | None, clock: Clock) -> Step:
    if network is None:
        return Step(TLS, True, "none, and none needed: the server is on this machine")
    began = clock.monotonic()
    try:
        trusted = network.trust()
        async with asyncio.timeout(place.connect):
            reader, writer = await asyncio.open_connection(place.host, place.port, ssl=trusted)
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        # In TLS 1.3 a server that wants a certificate of us complains one way after the handshake. A request that is
        # sent meanwhile may be answered by a reset, which says nothing; so nothing is sent, and a little waited.
        with suppress(TimeoutError):
            async with asyncio.timeout(max(_COMPLAINT_S, clock.monotonic() - began)):
                await reader.read(1)
    except (OSError, UnicodeError) as error:
        return _not_connected(TLS, error, place, clock.monotonic() - began)
    writer.transport.abort()
    return Step(TLS, True, f"{session.version()}, certificate trusted", elapsed=clock.monotonic() - began)


def _not_connected(step: str, error: OSError | UnicodeError, place: Place, elapsed: float) -> Step:
    cause: httpx.TransportError = httpx.ConnectError("no connection")
    if isinstance(error, TimeoutError):
        cause = httpx.ConnectTimeout("no connection in time")
    cause.__cause__ = error
    return _failed(step, failure_of(cause, place, writing=False).problem, elapsed)


async def _read(api: OpenApi, clock: Clock) -> AsyncIterator[Step]:
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
        yield _failed(_step_of(api.transport.health.reason), problem, elapsed)


def _step_of(reason: str) -> str:
    """Which step a request failed at, by its reason: behind a proxy, all of them end in the first request."""
    if reason in TLS_REASONS:
        return TLS
    return NAME if reason == NOT_RESOLVED else CONNECTION if reason in CONNECTION_REASONS else KEY
