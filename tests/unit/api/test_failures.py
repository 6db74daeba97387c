"""Where no answer comes, the reasons are told apart."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace

import httpx
import pytest

from tui_app.api.failures import Place, TooLargeError, failure_of
from tui_app.models.problem import ProblemKind

PLACE = Place("api.example", 443, proxied=False, connect=5, read=20, total=120, largest=64 * 2**20)


def caused(error: Exception, *causes: BaseException) -> Exception:
    """An exception with what it came from."""
    current: BaseException = error
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return error


def untrusted() -> ssl.SSLCertVerificationError:
    """What Python raises for a certificate of nobody it knows."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "words", "repeat"),
    [
        (caused(httpx.ConnectError("x"), OSError("x"), socket.gaierror(-2, "x")), "could not be resolved", True),
        (caused(httpx.ConnectError("x"), OSError("x"), ConnectionRefusedError()), "refused the connection", True),
        (
            caused(httpx.ConnectError("x"), ExceptionGroup("all failed", [TimeoutError(), ConnectionRefusedError()])),
            "refused the connection",
            True,
        ),
        (caused(httpx.ConnectError("x"), untrusted()), "is not trusted", False),
        (caused(httpx.ConnectError("x"), ssl.SSLError(1, "wrong version")), "No secure connection", False),
        (httpx.ConnectTimeout("x"), "within 5 s", True),
        (httpx.ReadTimeout("x"), "within 20 s", True),
        (httpx.WriteTimeout("x"), "within 20 s", True),
        (TimeoutError(), "within 120 s", False),
        (httpx.PoolTimeout("x"), "Too many requests wait", True),
        (httpx.ReadError("x"), "dropped the connection", True),
        (httpx.RemoteProtocolError("x"), "dropped the connection", True),
        (httpx.ConnectError("x"), "could not be reached", True),
        (httpx.ProxyError("407"), "proxy", False),
    ],
)
def test_each_reason_has_its_own_words(error: Exception, words: str, repeat: bool) -> None:
    failure = failure_of(error, PLACE, writing=False)

    assert failure.problem.kind is ProblemKind.UNREACHABLE
    assert words in failure.problem.title
    assert failure.problem.meaning
    assert failure.problem.next_step
    assert failure.reason
    assert failure.repeat is repeat


@pytest.mark.parametrize("error", [TooLargeError(), httpx.DecodingError("x")])
def test_a_body_that_cannot_be_taken_in_is_unreadable(error: Exception) -> None:
    assert failure_of(error, PLACE, writing=False).problem.kind is ProblemKind.UNREADABLE


@pytest.mark.parametrize(
    "error", [ImportError("socksio"), ValueError("x"), OSError(2, "no file"), httpx.InvalidURL("x")]
)
def test_what_this_machine_cannot_send_is_not_the_servers_fault(error: Exception) -> None:
    failure = failure_of(error, PLACE, writing=True)

    assert failure.problem.kind is ProblemKind.REFUSED
    assert "not known" not in failure.problem.meaning


@pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), TooLargeError(), TimeoutError()])
def test_a_write_that_may_have_arrived_says_so_and_is_not_repeated(error: Exception) -> None:
    failure = failure_of(error, PLACE, writing=True)

    assert "not known" in failure.problem.meaning
    assert not failure.repeat


@pytest.mark.parametrize(
    "error", [httpx.ConnectTimeout("x"), caused(httpx.ConnectError("x"), ConnectionRefusedError())]
)
def test_a_write_that_never_left_does_not_cast_doubt(error: Exception) -> None:
    assert "not known" not in failure_of(error, PLACE, writing=True).problem.meaning


def test_behind_a_proxy_it_is_the_proxy_that_refused() -> None:
    error = caused(httpx.ConnectError("x"), ConnectionRefusedError())

    assert failure_of(error, replace(PLACE, proxied=True), writing=False).problem.title.startswith("The proxy")


def test_an_error_that_refers_to_itself_is_followed_once() -> None:
    error = httpx.ConnectError("x")
    error.__context__ = ValueError()
    error.__context__.__context__ = error

    assert "could not be reached" in failure_of(error, PLACE, writing=False).problem.title
