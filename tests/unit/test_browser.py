"""Opening addresses: which are, which are not, and that nothing that is started can take the terminal."""

from __future__ import annotations

import json
import os
import sys
import webbrowser
from pathlib import Path

import pytest

from tui_app import browser
from tui_app.browser import on_server, open_address, unavailable, why_not

OWN = "http://127.0.0.1:8642/tsp/v1"


@pytest.mark.parametrize(
    "url",
    [
        "https://term.new/abcdefgh",
        "https://link.example/connection/conn_1?key=pk_sandbox_1&x=%20y#z",
        "https://[2001:db8::1]:8443/link",
        "http://127.0.0.1:8642/link/abcdefgh",
    ],
)
def test_https_is_opened_and_what_lies_on_the_server_of_this_machine(url: str) -> None:
    assert why_not(url, OWN) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://term.new/abcdefgh",
        "http://127.0.0.1:8643/link/abcdefgh",
        "http://localhost:8642/link/abcdefgh",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "JAVASCRIPT://x/%0aalert(1)",
        "data:text/html,x",
        "ftp://example.com/x",
        "vnd.app://x",
        "//example.com/x",
        "https://",
        "https:///nowhere",
        "https://exa mple.com/",
        "https://example.com/\x1b[2J",
        "https://example.com/\nhttps://other.example",
        "https://example.com/\x00",
        "https://example.com/\u202egpj.exe",
        "https://example.com/\x9b31m",
        "https://exämple.com/",
        "https://example.com/'`$(id)`\"",
        "https://good.example@evil.example/",
        "https://user:password@example.com/",
        "https://example.com:0/",
        "https://example.com:port/",
        "https://[::1/",
        "--version",
        "https://example.com/" + "x" * 5000,
    ],
)
def test_nothing_else_is(url: str) -> None:
    assert why_not(url, OWN).endswith(".")


def test_the_server_spoken_to_is_opened_by_http_only_on_this_machine() -> None:
    assert why_not("http://api.example/link/x", "http://api.example/v1")
    assert why_not("http://127.0.0.1:8642/link/x", "")


def test_an_address_that_stands_for_a_page_of_the_server_leads_there() -> None:
    url = "https://link.example/connection/conn_1?key=pk_1"
    assert on_server(url, OWN) == "http://127.0.0.1:8642/connection/conn_1?key=pk_1"


class Found(webbrowser.BaseBrowser):
    """A browser that is never started."""

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        raise AssertionError(url)


@pytest.mark.parametrize("name", ["w3m", "/usr/bin/lynx", "www-browser", "elinks"])
def test_a_text_browser_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: Found(name))
    assert f"The browser here is {Path(name).name}, which would take this terminal over." == unavailable({})


def test_where_there_is_none_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert unavailable({}) == "No browser is found on this machine."


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, ""),
        ({"SSH_CONNECTION": "1 2 3 4"}, "over SSH"),
        ({"SSH_TTY": "/dev/pts/1"}, "over SSH"),
        ({"SSH_CONNECTION": "1 2 3 4", "DISPLAY": "localhost:10.0"}, ""),
        ({"SSH_CONNECTION": "1 2 3 4", "BROWSER": "/opt/opens-at-home"}, ""),
    ],
)
def test_over_ssh_only_what_shows_up_here_is_opened(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: str
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: Found("firefox"))
    assert (said in unavailable(environ)) if said else unavailable(environ) == ""


def stand_in(folder: Path, code: str) -> str:
    """A command in place of a browser."""
    script = folder / "stand-in"
    script.write_text(f"#!{sys.executable}\n{code}")
    script.chmod(0o755)
    return str(script)


LOOK = """import json, os, sys
try:
    os.open("/dev/tty", os.O_RDWR)
    terminal = True
except OSError:
    terminal = False
known = [os.path.realpath(f"/proc/self/fd/{number}") for number in range(3)]
with open(OUT, "w") as file:
    json.dump([sys.argv[1:], terminal, known], file)
"""


async def test_what_is_started_gets_the_address_and_neither_screen_nor_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "seen.json"
    monkeypatch.setenv("BROWSER", stand_in(tmp_path, LOOK.replace("OUT", repr(str(out)))))
    monkeypatch.setattr(webbrowser, "get", lambda: Found("stand-in"))
    assert await open_address("https://term.new/abcdefgh") == ""
    given, terminal, known = json.loads(out.read_text())
    assert given == ["https://term.new/abcdefgh"]
    assert not terminal
    assert known == [os.devnull] * 3


async def test_a_browser_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", stand_in(tmp_path, "raise SystemExit(3)"))
    monkeypatch.setattr(webbrowser, "get", lambda: Found("stand-in"))
    assert await open_address("https://term.new/abcdefgh") == "The browser could not be started."


async def test_a_browser_that_stays_in_front_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "pid"
    code = f"import os, signal\nopen({str(left)!r}, 'w').write(str(os.getpid()))\nsignal.pause()"
    monkeypatch.setenv("BROWSER", stand_in(tmp_path, code))
    monkeypatch.setattr(webbrowser, "get", lambda: Found("stand-in"))
    monkeypatch.setattr(browser, "PATIENCE", 1.0)
    assert await open_address("https://term.new/abcdefgh") == ""
    if left.exists():
        os.kill(int(left.read_text()), 15)


async def test_nothing_is_started_for_what_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_open", lambda url: pytest.fail(url))
    assert await open_address("file:///etc/passwd", OWN)
