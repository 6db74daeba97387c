"""The one way to a server: authorised, paced, retried where that is safe, and recorded."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from pydantic import SecretStr

from tui_app.api.again import Sent
from tui_app.api.budget import Budget
from tui_app.api.errors import ApiError, Failed, doubtful, excerpt, problem_of, unreadable
from tui_app.api.exchanges import Exchange, Recorder, Request
from tui_app.api.failures import Failure, Place, TooLargeError, failure_of
from tui_app.api.gate import Gate
from tui_app.api.health import Health, HealthMonitor
from tui_app.api.network import Limits, Network
from tui_app.api.retry import backoff, http_date
from tui_app.api.server_clock import ServerClock
from tui_app.api.turns import Turns
from tui_app.api.wire import Answer, Body, Call, Received, prepared, received_from, shown, shown_answer, unquoted
from tui_app.models.budget import BUDGET
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.known_secrets import KNOWN
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.profile import is_loopback

# Their lines quote whole addresses and whatever headers an answer repeats. Exchanges are recorded here, masked.
for _logger in ("httpx", "httpcore"):
    logging.getLogger(_logger).setLevel(logging.WARNING)

_REPEATED = frozenset({429, 500, 502, 503, 504})
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_HEALTH_REASONS = {401: "key refused", 403: "not allowed", 404: "not found"}


def _key_of(transport: Transport) -> list[str]:
    return [] if transport._key is None else [transport._key.get_secret_value()]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one attempt brought: an answer, or a problem and whether trying again may help."""

    answer: Answer | None = None
    problem: Problem | None = None
    reason: str = ""
    repeat: bool = False


class Transport:
    """Everything that is sent to one server goes through here.

    Reads are repeated where that is safe; writes pass the gate and are sent once. Each attempt waits for the request
    budget, is recorded with its secrets masked, and tells how the server is doing and what its clock shows.

    Attributes:
        base_url: Where the server answers, without a final slash.
        gate: What every write passes.
        budget: What every request waits for.
        turns: What everything that looks by itself asks before it sends.
        recorder: Where exchanges are kept, if anywhere.
        sent: What was sent, by the numbers of its exchanges, as far as it can be sent again.
    """

    def __init__(
        self,
        base_url: str,
        key: SecretStr | None,
        *,
        gate: Gate,
        clock: Clock | None = None,
        budget: float = BUDGET,
        recorder: Recorder | None = None,
        on_health: Callable[[Health], None] | None = None,
        limits: Limits | None = None,
        network: Network | None = None,
        chance: Callable[[], float] = random.random,
        key_variable: str = "API_KEY",
    ) -> None:
        """Make a transport. Nothing is opened before the first request.

        Args:
            base_url: Where the server answers.
            key: Sent as bearer; ``None`` sends none.
            gate: What every write passes.
            clock: What waits and measures.
            budget: The most requests per second.
            recorder: Where exchanges are kept.
            on_health: Called after each exchange.
            limits: Times and sizes.
            network: The proxy and the certificates; those of the environment by default.
            chance: Random numbers from 0 to 1, for the jitter of repeated reads.
            key_variable: What stands for the key where a request is written as code.
        """
        self.base_url = base_url.rstrip("/")
        self.gate = gate
        self.recorder = recorder
        self.sent = Sent()
        self._clock = clock or SystemClock()
        self.budget = Budget(budget, self._clock)
        self.turns = Turns(self.budget, self._clock)
        self._monitor = HealthMonitor(self._clock, on_health)
        self._server_clock = ServerClock(self._clock)
        self._key = key
        self._limits = limits or Limits()
        self._network = network or Network()
        self._chance = chance
        self._key_variable = key_variable
        self._client: httpx.AsyncClient | None = None
        self._closed = False
        KNOWN.add(self, _key_of)

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    @property
    def health(self) -> Health:
        """How the server is doing, as its latest answer told."""
        return self._monitor.health

    @property
    def proxied(self) -> bool:
        """Whether a proxy stands in between: its own, or one that the environment names, which loopback never has."""
        if self._network.proxy:
            return True
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        proxies = getproxies()
        named = proxies.get(parts.scheme) or proxies.get("all")
        return bool(named) and not is_loopback(host) and not proxy_bypass(host)

    def server_now(self) -> datetime:
        """The server's date and time in UTC, learnt from its answers; this machine's until the first one."""
        return self._server_clock.now()

    async def read(
        self,
        path: str,
        params: Mapping[str, str | None] | None = None,
        token: SecretStr | None = None,
        *,
        attempts: int | None = None,
    ) -> Answer:
        """GET something, again where that may help.

        Repeated are connections that fail, time-outs, and 429, 500, 502, 503 and 504. What the server asks to wait is
        waited exactly; longer than `Limits.patience` is left to the caller.

        Args:
            path: Below the base URL, from its slash; IDs in it already quoted.
            params: The query; a value of ``None`` is left out.
            token: The connection's, where the operation is about one.
            attempts: The most tries. 1 for callers that pace themselves.

        Raises:
            ApiError: The last try failed, or trying again would not help.
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        call = self._call("GET", path, params=given, token=token)
        most = attempts or self._limits.attempts
        for attempt in itertools.count(1):
            outcome = await self._exchange(call, attempt)
            if outcome.answer is not None:
                return outcome.answer
            assert outcome.problem is not None
            wait = self._wait(outcome, attempt)
            if attempt >= most or wait is None:
                raise ApiError(outcome.problem)
            self._monitor.resumes_in(wait)
            await self._clock.sleep(wait)
        raise AssertionError("unreachable")

    async def write(
        self,
        method: str,
        path: str,
        *,
        action: str,
        json: Body | Mapping[str, Any] | None = None,
        token: SecretStr | None = None,
        raw: bool = False,
    ) -> Answer:
        """Change something, once: a write is never repeated by itself.

        Args:
            method: The HTTP method.
            path: Below the base URL; IDs in it already quoted.
            action: What the person is doing, which the gate admits or not.
            json: What to send; ``None`` sends no body at all. A `Body` says which of its texts are secret.
            token: The connection's, where the operation is about one.
            raw: Whether any content is an answer, byte for byte; else only JSON is.

        Raises:
            ApiError: The gate refused, or it failed; the problem says whether it may have been carried out.
        """
        body = json if isinstance(json, Body | None) else Body(json)
        call = self._call(method, path, token=token, body=body, raw=raw)
        call.action = action
        self.gate.admit(action)
        outcome = await self._exchange(call, 1)
        if outcome.answer is None:
            assert outcome.problem is not None
            raise ApiError(outcome.problem)
        return outcome.answer

    def planned(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | None] | None = None,
        json: Body | Mapping[str, Any] | None = None,
        token: SecretStr | None = None,
        raw: bool = False,
    ) -> Request:
        """Show a request as it would be sent, secrets masked. Nothing is sent."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        body = json if isinstance(json, Body | None) else Body(json)
        call = Call(method, path, key=self._key, token=token, params=given, body=body, raw=raw)
        return shown(self.base_url, self._key, call, self._key_variable)

    async def aclose(self) -> None:
        """Close every connection. Requests after this are refused."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        token: SecretStr | None = None,
        body: Body | None = None,
        raw: bool = False,
    ) -> Call:
        """Refuse what cannot be sent before the gate is asked: an unlock is for what is really sent."""
        if self._closed:
            raise ApiError(
                Problem(
                    kind=ProblemKind.REFUSED,
                    title="Nothing was sent: this server is closed",
                    meaning="The profile was left before the request could be sent.",
                    next_step="Open the profile again.",
                )
            )
        for name, secret in (("API key", self._key), ("connection's token", token)):
            if secret is not None and not _SENDABLE.fullmatch(secret.get_secret_value()):
                raise ApiError(
                    Problem(
                        kind=ProblemKind.REFUSED,
                        title=f"Nothing was sent: the {name} cannot be put into a request",
                        meaning="It is empty, or holds spaces, line ends or characters outside ASCII.",
                        next_step="Copy it again, without what stands around it.",
                    )
                )
        if self._client is None:
            self._network.check()
        return Call(method, path, key=self._key, token=token, params=params, body=body, raw=raw)

    async def _exchange(self, call: Call, attempt: int) -> _Outcome:
        """One attempt, from the budget to the record."""
        await self.budget.acquire()
        started_at, began = self._clock.now(), self._clock.monotonic()
        received: Received | None = None
        failure: Failure | None = None
        try:
            async with asyncio.timeout(self._limits.total):
                received = await self._receive(call)
        except asyncio.CancelledError:
            self._record(call, attempt, started_at, began, None, "left before the answer came")
            raise
        # What httpx raises, and what setting it up may: certificates (OSError), proxies (ValueError, ImportError).
        except (httpx.HTTPError, httpx.InvalidURL, TooLargeError, OSError, ValueError, ImportError) as error:
            failure = failure_of(error, self._place(), writing=call.writing)
        latency = self._clock.monotonic() - began
        if failure is not None:
            outcome = _Outcome(problem=failure.problem, reason=failure.reason, repeat=failure.repeat)
        else:
            assert received is not None
            outcome = self._judge(call, received, latency)
        error_text = outcome.problem.title if outcome.problem else ""
        self.turns.note(outcome.problem)
        self._record(call, attempt, started_at, began, received, error_text)
        self._monitor.note(outcome.problem, outcome.reason, latency if received is not None else None)
        return outcome

    async def _receive(self, call: Call) -> Received:
        client = self._client = self._client or self._open()
        sent = self._clock.monotonic()
        response = await client.send(prepared(client, self.base_url, self._key, call), stream=True)
        try:
            self._learn_time(response.headers, sent)
            return await received_from(response, self._limits.largest)
        finally:
            await response.aclose()
            client.cookies.clear()  # nothing here signs in by cookie, so none is ever sent back

    def _open(self) -> httpx.AsyncClient:
        limits, proxy = self._limits, self._network.proxy or ""
        parts = urlsplit(self.base_url)
        # For plain http a context without any certificate, which trusts nothing: reading them takes longer than a look.
        secure = parts.scheme == "https" or proxy.startswith("https:")
        trusted = self._network.trust() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.AsyncClient(
            verify=trusted,
            proxy=httpx.Proxy(proxy, ssl_context=trusted if proxy.startswith("https:") else None) if proxy else None,
            follow_redirects=False,  # the key goes to the host that the profile names, and to no other
            trust_env=not is_loopback(parts.hostname or ""),  # a proxy cannot reach this machine's loopback
            timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=limits.total),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=20, keepalive_expiry=15),
        )

    def _learn_time(self, headers: httpx.Headers, sent: float) -> None:
        # An answer from a cache (Age) tells when it was made, not what time it is.
        if "age" not in headers and (date := http_date(headers.get("date"))) is not None:
            self._server_clock.learn(date, sent, self._clock.monotonic())

    def _judge(self, call: Call, received: Received, latency: float) -> _Outcome:
        status, redact = received.status, call.redactor.text
        if 200 <= status < 300:
            if received.is_json or call.raw:
                content = received.content if call.raw else b""
                answer = Answer(
                    status,
                    unquoted(call, received),
                    latency,
                    call.redactor,
                    received.headers,
                    content,
                    to_write=call.writing,
                )
                return _Outcome(answer)
            problem = unreadable("The server's answer is not JSON", excerpt(received.text, redact), status)
            return _Outcome(problem=doubtful(problem) if call.writing else problem, reason="unreadable answer")
        failed = Failed(
            status=status,
            headers=received.headers,
            json=received.json,
            text=received.text,
            with_token=call.token is not None,
            writing=call.writing,
            server_now=self.server_now(),
        )
        reason = _HEALTH_REASONS.get(status, str(status))
        return _Outcome(problem=problem_of(failed, redact), reason=reason, repeat=status in _REPEATED)

    def _wait(self, outcome: _Outcome, attempt: int) -> float | None:
        """Seconds until the next try, or ``None`` where there should be none."""
        if not outcome.repeat or outcome.problem is None:
            return None
        said = outcome.problem.retry_after
        if said is None:
            return backoff(attempt, self._chance())
        return said if said <= self._limits.patience else None

    def _place(self) -> Place:
        parts, limits = urlsplit(self.base_url), self._limits
        port = parts.port or (443 if parts.scheme == "https" else 80)
        times = {"connect": limits.connect, "read": limits.read, "total": limits.total}
        return Place(parts.hostname or self.base_url, port, self.proxied, **times, largest=limits.largest)

    def _record(
        self, call: Call, attempt: int, started_at: datetime, began: float, received: Received | None, error: str
    ) -> None:
        if self.recorder is None:
            return
        text, cut = shown_answer(call.redactor, received) if received else ("", False)
        self.sent.keep(number := self.recorder.next_number(), call)
        self.recorder.add(
            Exchange(
                number=number,
                started_at=started_at,
                request=shown(self.base_url, self._key, call, self._key_variable),
                attempt=attempt,
                status=received.status if received else None,
                response_headers=call.redactor.headers(received.headers.multi_items()) if received else (),
                response_body=text,
                truncated=cut,
                size=received.size if received else 0,
                latency=self._clock.monotonic() - began,
                error=error,
            )
        )
