"""Hostile strings from a server, all the way to a real terminal: nothing of them may reach it as more than text.

A terminal obeys what is written to it. So what is looked at here is every byte that the program writes, not the screen.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import Terminal
from tests.screens import scripted
from tests.screens.integrations import Integrations, ledger
from tests.servers import Reply, ServerRequest
from tui_app.actions import ACTIONS

# What each would do if it got through: colours, titles, links, the clipboard, queries that answer as if typed.
PAYLOADS = {
    "markup": "[bold]CANARY[/] [/nope] [@click=app.quit]x[/] [unclosed",
    "colour": "\x1b[7;7;7;31mCANARY",
    "cursor": "\x1b[2J\x1b[1;1HCANARY\x1b[6n\x1b[c",
    "title": "\x1b]0;CANARY\x07",
    "link": "\x1b]8;;https://canary.example\x1b\\CANARY\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;RVZJTA==\x07",
    "device control": "\x1bPCANARY\x1b\\\x1bcCANARY\x1b_CANARY\x1b\\\x1b^CANARY\x1b\\",
    "8-bit": "\x9b31mCANARY\x9d0;CANARY\x9c\x90CANARY\x9c\x85\x84",
    "bell and back": "\x07\x07CANARY\x08\x08\x00\x7f\x0e\x0f",
    "bidi": "\u202eCANARY\u202c\u2066CANARY\u2069\u200f\u061c",
    "zero width": "CAN\u200bA\u200dR\u2060Y\ufeff\u00ad\u034f\u180e\ufe0f",
    "tags": "CANARY\U000e0041\U000e0042\U000e007f",
    "line ends": "CAN\nARY\r\nCAN\tARY\x0b\x0c\u2028CANARY\u2029",
    "surrogates": "CAN\ud800ARY\udc00\udfff",
    "combining": "CANARY" + "e" + "\u0301\u0327\u20dd" * 40,
    "wide": "漢字CANARY한국어" + "👨‍👩‍👧‍👦🏳️‍🌈🇺🇳👍🏽" * 4,
    "long": "CANARY " + "x" * 65536,
}
ALL = "".join(text for name, text in PAYLOADS.items() if name != "long")

# Everything that Textual writes for itself, and that holds no text of anybody's.
_ITS_OWN = re.compile(
    r"\x1b\[[0-9;:]*[mHKJ]"  # colours, the cursor's place, and emptying
    r"|\x1b\[\?[0-9;]*(?:[hlu]|\$p)|\x1b\[[<>=][0-9;]*[uqm]|\x1b\[[0-9]* ?q|\x1b\[[0-9;]*t"  # modes, asking for them
    r"|\x1b\]22;[a-z-]*\x07"  # the pointer's shape
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"  # what a person copied
    r"|\x1b\]9;[^\x00-\x1f\x7f-\x9f]*\x07"  # a notification, as the settings ask for
)
_RAW = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufe00-\ufe0f\ud800-\udfff\U000e0000-\U000e007f]"
)


OVERLAP = 4096
"""Bytes that are looked at again, because what was read last may end within a sequence."""


class Reader:
    """Looks at what was written since it last looked."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._seen = 0

    def inert(self) -> None:
        """Nothing that was written would make a terminal do what a server wants."""
        written = bytes(self._terminal.written[self._seen :]).decode("utf-8", errors="ignore")
        self._seen = max(len(self._terminal.written) - OVERLAP, 0)
        assert "\x1b[7;7;7;31m" not in written
        assert "\x1b]52;c;RVZJTA==" not in written
        # What stands at either end may be a part of a sequence.
        left = _ITS_OWN.sub("", re.sub(r"\A[^\x1b]{0,12}|\x1b[^\x1b]{0,12}\Z", "", written))
        found = _RAW.search(left)
        assert found is None, repr(left[max(found.start() - 80, 0) : found.end() + 80])


def said(row: int) -> str:
    """What a row says in each of its fields: all of it, each time beginning with something else."""
    names = [name for name in PAYLOADS if name != "long"]
    turn = row % len(names)
    return f"{row} " + "".join(PAYLOADS[name] for name in names[turn:] + names[:turn])


def hostile_terminal() -> scripted.Terminal:
    """A server of the first kind."""

    def person(text: str) -> dict[str, str]:
        return {"firstName": text, "lastName": text, "email": text, "phone": text}

    def broken(row: int) -> dict[str, Any]:
        text = said(row)
        return scripted.issue(
            id=f"isu_{text}",
            status="ongoing" if row % 2 else text,
            error={"code": text, "message": text},
            resolutionType=text,
            documentationUrl=text,
        )

    def row(number: int) -> dict[str, Any]:
        text = PAYLOADS["long"] if number == 7 else said(number)
        return scripted.connection(
            id=f"conn_{text[:3000]}",
            status="connected" if number % 3 else text,
            company={"name": text, "dotNumbers": [text]},
            provider={"name": text, "code": text},
            account={"name": text, "user": person(text), "dotNumbers": [text]},
            externalId=text,
            sourceId=text,
            tags=[text, text],
            syncMode=text,
            linkUrl=text,
            options={text: text},
            filters={text: {text: text}},
            token=f"con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6ey{number:02}",
        )

    run = scripted.sync(
        id=f"sync_{ALL}", issues=[broken(1), broken(2)], providerRequests=[ALL], failureReason=ALL, appId=ALL
    )
    refusal = {"code": ALL, "message": ALL, "detail": [{"path": ALL, "message": ALL, "suggestion": ALL}]}
    terminal = scripted.Terminal(
        connections=[row(number) for number in range(len(PAYLOADS))],
        last_sync=run,
        issues=[broken(number) for number in range(6)],
        providers=[
            {"code": said(n), "name": said(n), "status": ALL, "supportedModels": {ALL: {ALL: ALL}}} for n in range(4)
        ],
    )

    def no(request: ServerRequest) -> Reply:
        return Reply(422, json=refusal, headers={"X-Request-Id": "[bold]CANARY"})

    def current(request: ServerRequest) -> Reply:
        number = int(request.headers["connection-token"][-2:])
        return Reply(json=row(number) | {"lastSync": run if number % 2 else run | {"status": ALL}})

    terminal.replies["GET", "/connections/current"] = current
    for place in ("/syncs", "/syncs/…", "/connections", "/connections/current", "/links", "/passthrough"):
        for method in ("POST", "PATCH", "PUT", "DELETE"):
            terminal.replies[method, place] = no
    return terminal


def hostile_integrations() -> Integrations:
    """A server of the second kind."""

    def job(text: str, status: str) -> dict[str, Any]:
        return {
            "created_at": "2026-11-22T14:00:00Z", "modified_at": text, "id": f"job_{text}", "status": status,
            "attempt": 1, "batch_id": text, "completed_at": None, "entity_id": text, "error": text, "file_id": text,
            "is_initial_sync": False, "is_one_off": True, "model_id": text, "pagination_state": {text: text},
            "started_at": "2026-11-22T14:00:10Z", "timerange_end": text, "timerange_start": text, "object": text,
        }  # fmt: skip

    def part(text: str, status: str) -> dict[str, Any]:
        return {
            "id": text, "name": text, "created_at": text, "is_read_enabled": True, "is_write_enabled": True,
            "write_to": [text], "last_sync": job(text, status), "next_sync": job(text, status), "object": text,
        }  # fmt: skip

    def row(number: int) -> dict[str, Any]:
        text = PAYLOADS["long"] if number == 7 else said(number)
        return ledger(
            id=f"c_{text[:3000]}",
            provider_name=text,
            name=text,
            company=text,
            environment=text,
            health={
                "healthy": False, "status_code": text, "authentication_required": True, "message": text,
                "suggested_resolution": text, "checked_at": text,
            },
            models=[part(text, "running"), part(f"2{text}", "failed"), part(f"3{text}", text)],
            sync_frequency=text,
            webhook_url=text,
        )  # fmt: skip

    server = Integrations(*(row(number) for number in range(len(PAYLOADS))))
    words = {"detail": [{"loc": ["body", ALL], "msg": ALL, "type": ALL}], "message": ALL}
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        server.replies[method] = Reply(422, json=words)
    return server


@pytest.fixture
def config(tmp_path: Path) -> dict[str, str]:
    """A person's own files: a profile that is hostile, too, and everything on that writes to the terminal."""
    evil = "\\u001b]52;c;RVZJTA==\\u0007\\u202eCANARY[bold]"
    (tmp_path / "settings.toml").write_text(f'bell = false\nnotify = true\nzone = "{evil}"\n"{evil}" = "{evil}"\n')
    return {"SYNCSCOPE_CONFIG_DIR": str(tmp_path)}


def profiles(folder: str, url: str, kind: str) -> None:
    evil = "\\u001b]52;c;RVZJTA==\\u0007\\u202eCANARY[bold]"
    Path(folder, "profiles.toml").write_text(
        f'[profiles.own]\nbase_url = "{url}"\nkind = "{kind}"\nkey_env = "OWN_KEY"\nnote = "{evil}"\n'
        f'[profiles."x{evil}"]\nbase_url = "https://x.example/{evil}"\n'
        f'[profiles.odd]\nkind = "{evil}"\nbase_url = "{evil}"\n'
        f'[profiles.file]\nkind = "{evil}"\nbase_url = "https://x.example"\nkey_command = ["{evil}"]\n'
    )


def hover(terminal: Terminal, width: int, height: int) -> None:
    """Move the mouse over everything, and rest here and there until a tooltip would be shown."""
    for y in range(1, height, 7):
        for x in range(3, width, 40):
            terminal.type(f"\x1b[<35;{x};{y}M")
        terminal.rest()
    terminal.type(f"\x1b[<35;6;{height}M")
    terminal.rest(0.6)


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved without saying where, is saved to the current folder: not to the checkout."""
    monkeypatch.chdir(tmp_path)


def home(terminal: Terminal) -> None:
    """Leave whatever is open, until the list's own keys stand at the bottom."""
    for _ in range(200):  # half a minute: what a server sent may be long
        if "enter open" in terminal.text and "n new" in terminal.text:
            return
        terminal.press("escape")
    raise AssertionError(f"Esc does not lead home. The screen was:\n{terminal.text}")


QUIET = {"back", "next_server", "previous_server", "remove", "refresh", "clear", "copy_id", "previous_tab", "next_tab"}
"""Actions that show nothing of a server that the tour has not seen elsewhere."""


def look_over_the_list(terminal: Terminal, reader: Reader, width: int, height: int) -> None:
    """Select each connection once, so that it stands in the preview, and hover over all."""
    for _ in PAYLOADS:
        terminal.press("down")
        terminal.rest(0.02)
    hover(terminal, width, height)
    reader.inert()


def look_over(terminal: Terminal, reader: Reader, width: int, height: int, scope: str, way: tuple[str, ...]) -> None:
    """Go to a screen, hover over its parts, press each of its keys, and look at each byte that was written."""
    for action in [None, *(each for each in ACTIONS if each.scope == scope and each.id not in QUIET)]:
        terminal.press(*way)
        terminal.rest()
        if action is None:
            hover(terminal, width, height)
            for _ in range(4):  # the parts that a screen has
                terminal.press("tab")
                terminal.rest(0.05)
        else:
            terminal.press(action.key.split(",")[0])
            terminal.rest()
            terminal.press("enter", "enter")
            terminal.rest()
        home(terminal)
        reader.inert()


def leave(terminal: Terminal, reader: Reader) -> None:
    """Have the screen explained, and leave."""
    terminal.press("?")
    terminal.wait_for("Esc closes this")
    terminal.press("escape")
    terminal.wait_gone("Esc closes this")
    terminal.press("q")
    assert terminal.end() == 0
    reader.inert()


def tour(terminal: Terminal, width: int, height: int, scope: str, way: tuple[str, ...]) -> None:
    """Look over one screen of a server all of whose words are hostile; on the home screen, over each connection."""
    reader = Reader(terminal)
    terminal.wait_for(rf"{len(PAYLOADS)} connections")
    if scope == "connections":
        look_over_the_list(terminal, reader, width, height)
    terminal.press("g")  # the long one would make everything else take seconds
    terminal.rest()
    look_over(terminal, reader, width, height, scope, way)
    leave(terminal, reader)


def environ(config: dict[str, str], key: str) -> dict[str, str]:
    return config | {"OWN_KEY": key, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


BOTH: dict[str, tuple[str, ...]] = {
    "connections": (),
    "connection": ("enter",),
    "sync": ("w",),
    "create": ("n",),
    "watching": ("w", "3"),
    "requests": ("4",),
    "json": ("4", "enter"),
}
"""The screens of either kind of server, each with the keys that lead there from the list."""


@pytest.mark.parametrize(
    ("scope", "way"), (BOTH | {"profiles": ("5",), "issues": ("2",), "comparison": ("w", "d", "enter")}).items()
)
def test_nothing_that_terminals_server_says_is_obeyed(config: dict[str, str], scope: str, way: tuple[str, ...]) -> None:
    with hostile_terminal() as server:
        profiles(config["SYNCSCOPE_CONFIG_DIR"], server.url, "terminal")
        with Terminal("--profile", "own", width=160, height=50, environ=environ(config, scripted.KEY)) as terminal:
            tour(terminal, 160, 50, scope, way)
        assert scope != "connection" or {request.method for request in server.requests} >= {"GET", "POST"}


@pytest.mark.parametrize(("scope", "way"), (BOTH | {"edit": ("enter", "e")}).items())
def test_nothing_that_stuuts_server_says_is_obeyed(config: dict[str, str], scope: str, way: tuple[str, ...]) -> None:
    with hostile_integrations() as server:
        profiles(config["SYNCSCOPE_CONFIG_DIR"], server.url, "stuut")
        with Terminal("--profile", "own", width=160, height=50, environ=environ(config, "key")) as terminal:
            tour(terminal, 160, 50, scope, way)
        assert scope != "connection" or server.sent("POST")
