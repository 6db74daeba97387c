"""Why no answer came: what went wrong below HTTP, told apart as far as it changes what a person does next."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tui_app.api.errors import doubtful
from tui_app.models.problem import Problem, ProblemKind

NOT_TRUSTED, TLS_FAILED, CERTIFICATE_WANTED = "certificate not trusted", "TLS failed", "client certificate wanted"
TLS_REASONS = frozenset({NOT_TRUSTED, TLS_FAILED, CERTIFICATE_WANTED})
"""The reasons that are about TLS."""

NOT_RESOLVED = "name not resolved"
CONNECTION_REASONS = frozenset({"no connection", "refused the connection", "unreachable", "proxy refused"})
"""The reasons for which no connection came about, besides a name that is not known."""


class TooLargeError(Exception):
    """An answer's body exceeds what is read."""


# What a server says of a certificate that it was not shown, or does not accept; the names are OpenSSL's.
_CERTIFICATE_ALERTS = (
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_UNKNOWN_CA",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no usable answer.

    Attributes:
        problem: What that means, in words.
        reason: The same in a few words, for a status bar.
        repeat: Whether trying again may help.
        sent: Whether the request may have reached the server.
    """

    problem: Problem
    reason: str
    repeat: bool = False
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request was going, and how long it was waited for.

    Attributes:
        host: The server's host.
        port: Its port.
        proxied: Whether a proxy stands in between.
        connect: Seconds allowed for connecting.
        read: Seconds of silence allowed.
        total: Seconds allowed for the whole exchange.
        largest: Bytes that a body may have.
    """

    host: str
    port: int
    proxied: bool
    connect: float
    read: float
    total: float
    largest: int


def failure_of(error: Exception, place: Place, *, writing: bool) -> Failure:
    """Tell what an exception of a request means.

    Args:
        error: What was raised.
        place: Where the request was going.
        writing: Whether it would have changed something; then, if it may have arrived, the words say so.
    """
    failure = _transfer(error, place) or _connecting(error, place) or _other(error, place)
    if writing and failure.sent:
        return Failure(doubtful(failure.problem), failure.reason, sent=True)
    return failure


def _unreachable(title: str, meaning: str, next_step: str) -> Problem:
    return Problem(kind=ProblemKind.UNREACHABLE, title=title, meaning=meaning, next_step=next_step)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or any(current is one for one in seen):
            continue
        seen.append(current)
        yield current
        waiting += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions


def _find(error: BaseException, *kinds: type[BaseException]) -> BaseException | None:
    return next((cause for cause in _causes(error) if isinstance(cause, kinds)), None)


def _transfer(error: Exception, place: Place) -> Failure | None:
    """What happened to an exchange after its connection stood."""
    if isinstance(error, TooLargeError):
        problem = Problem(
            kind=ProblemKind.UNREADABLE,
            title=f"The answer is larger than {place.largest / 2**20:g} MB",
            meaning="It was not read to its end, so that it cannot fill the memory.",
            next_step="Ask for fewer rows per page, or check that the base URL is this API's.",
        )
        return Failure(problem, "answer too large", sent=True)
    if isinstance(error, httpx.DecodingError):
        problem = Problem(
            kind=ProblemKind.UNREADABLE,
            title="The answer is packed in a way that cannot be unpacked",
            meaning="It was damaged on its way, or something else than this API answered.",
            next_step="Try again; if it stays, check what stands between here and the server.",
        )
        return Failure(problem, "unreadable answer", sent=True)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return None
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        waited = place.total if isinstance(error, TimeoutError) else place.read
        problem = _unreachable(
            f"{place.host} did not answer within {waited:g} s",
            "The connection stands, but the answer did not come in time.",
            "Try again. If it recurs, the server is overloaded or the line is slow.",
        )
        return Failure(problem, "time-out", repeat=not isinstance(error, TimeoutError), sent=True)
    if failure := _wanting_certificate(error, place):
        return failure
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError | httpx.CloseError):
        problem = _unreachable(
            f"{place.host} dropped the connection",
            "The connection ended before the whole answer was there.",
            "Try again. If it recurs, the server or something on the way is failing.",
        )
        return Failure(problem, "connection dropped", repeat=True, sent=True)
    return None


def _wanting_certificate(error: Exception, place: Place) -> Failure | None:
    """Whether the server ended the connection because it was shown no certificate, or one that it does not know."""
    refusal = _find(error, ssl.SSLError)
    reason = getattr(refusal, "reason", None) or ""
    if not reason.endswith(_CERTIFICATE_ALERTS):
        return None
    problem = _unreachable(
        f"{place.host} asks for a client certificate",
        f"It ended the connection: {reason.replace('_', ' ').lower()}.",
        "Name a certificate that it knows as the profile's client_cert, and its private key as client_key.",
    )
    return Failure(problem, CERTIFICATE_WANTED)


def _connecting(error: Exception, place: Place) -> Failure | None:
    """Why a connection did not come about. Nothing was sent."""
    whom = "The proxy" if place.proxied else place.host
    if _find(error, socket.gaierror):
        problem = _unreachable(
            f"{'The proxy’s name' if place.proxied else place.host} could not be resolved",
            "No address is known for this name: it is mistyped, or this machine has no name service.",
            "Check the base URL's host and the network (or VPN).",
        )
        return Failure(problem, NOT_RESOLVED, repeat=True)
    if certificate := _find(error, ssl.SSLCertVerificationError):
        assert isinstance(certificate, ssl.SSLCertVerificationError)
        problem = _unreachable(
            f"The certificate of {place.host} is not trusted",
            f"{(certificate.verify_message or 'It could not be verified').rstrip('.').capitalize()}.",
            "If a company proxy signs connections, name its certificates as the profile's ca_bundle, or in "
            "SSL_CERT_FILE; otherwise do not go on.",
        )
        return Failure(problem, NOT_TRUSTED)
    if failure := _wanting_certificate(error, place):
        return failure
    if _find(error, ssl.SSLError):
        problem = _unreachable(
            f"No secure connection to {place.host} could be made",
            "Something answers there, but does not speak TLS as it should.",
            "Check the base URL's scheme (http or https) and port. It may also want a certificate (client_cert).",
        )
        return Failure(problem, TLS_FAILED)
    if isinstance(error, httpx.ConnectTimeout):
        problem = _unreachable(
            f"{whom} did not accept a connection within {place.connect:g} s",
            "Packets go out and nothing comes back: the host is down, or a firewall drops them.",
            "Check the network, VPN and firewall, and the base URL's host and port.",
        )
        return Failure(problem, "no connection", repeat=True)
    if _find(error, ConnectionRefusedError):
        problem = _unreachable(
            f"{whom} refused the connection",
            f"The machine is there, but nothing listens on port {place.port}."
            if not place.proxied
            else "The machine is there, but no proxy listens.",
            "Start the server, or check the base URL's port.",
        )
        return Failure(problem, "refused the connection", repeat=True)
    return None


def _other(error: Exception, place: Place) -> Failure:
    if isinstance(error, httpx.ProxyError):
        problem = _unreachable(
            "The proxy did not let the request through",
            "A proxy is set in the profile or in the environment, and it answered with a refusal.",
            "Check the profile's proxy; or HTTPS_PROXY with its sign-in, or name the server in NO_PROXY.",
        )
        return Failure(problem, "proxy refused")
    if isinstance(error, httpx.PoolTimeout):
        problem = _unreachable(
            "Too many requests wait for an answer",
            f"Every connection to {place.host} is busy.",
            "Wait until some have ended.",
        )
        return Failure(problem, "busy", repeat=True)
    if isinstance(error, httpx.ConnectError | httpx.NetworkError):
        problem = _unreachable(
            f"{place.host} could not be reached",
            "No connection came about; the network gives no clearer reason.",
            "Check the network, VPN and proxy settings.",
        )
        return Failure(problem, "unreachable", repeat=True)
    problem = Problem(
        kind=ProblemKind.REFUSED,
        title="The request could not be sent from here",
        meaning="A proxy or certificate setting of this machine, or the request itself, cannot be used.",
        next_step="Check HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and the profile's base URL.",
    )
    return Failure(problem, "cannot send")
