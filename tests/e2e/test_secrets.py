"""The main job in a real terminal on a server that repeats what it is sent: no secret is among the bytes written."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from tests.e2e.terminal import Terminal
from tests.e2e.test_copying import FAR, PLAIN
from tests.screens.canary import KEY, PASSWORD, PUBLIC_TOKEN, TOKEN, Echo, everything, told
from tests.screens.scripted import connection
from tests.servers import Reply

EXCHANGE = ("POST", "/public-token/exchange")


def bring_a_token(terminal: Terminal, server: Echo) -> None:
    """Paste an address that carries a public token, which is refused at first."""
    server.replies[EXCHANGE] = lambda request: Reply(404, json=everything(request))
    terminal.press("L")
    terminal.wait_for(r"1 Make a link")
    terminal.press("ctrl+t")
    terminal.wait_focus("Public token")
    terminal.type(f"https://ours.example/done?state=7&token={PUBLIC_TOKEN}")
    terminal.wait_for(r"Public token +•{28}")
    terminal.press("enter")
    terminal.wait_for(r"does not know this public token")
    server.replies[EXCHANGE] = lambda request: Reply(json=connection(token=TOKEN, echo=request.body.decode()))
    terminal.press("ctrl+t")
    terminal.wait_for(r"token +con_tkn_Ep2U••••••••")
    assert PUBLIC_TOKEN in server.sent("POST")[-1].body.decode()


def copy_as(terminal: Terminal, letter: str, said: str) -> None:
    """Copy something by the menu."""
    terminal.press("Y")
    terminal.wait_for(r"connection token")
    terminal.press(letter)
    terminal.wait_for(said)


def copied(terminal: Terminal) -> list[str]:
    """All that the terminal was asked to put on its clipboard."""
    return [base64.b64decode(text).decode() for text in re.findall(PLAIN, bytes(terminal.written))]


def test_no_secret_is_written_to_the_terminal_or_the_log(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    environ = {
        "SYNCSCOPE_CONFIG_DIR": str(tmp_path / "config"),
        "SYNCSCOPE_LOG_DIR": str(tmp_path / "logs"),
        "SYNCSCOPE_LOG": "debug",
        "OWN_KEY": KEY,
        **FAR,
    }
    with Echo() as server:
        profile = f'[profiles.own]\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n'
        (tmp_path / "config" / "profiles.toml").write_text(profile)
        with Terminal("--profile", "own", width=120, height=40, environ=environ) as terminal:
            terminal.wait_for(r"1 connection")
            bring_a_token(terminal, server)
            copy_as(terminal, "c", r"Copied a cURL command")
            copy_as(terminal, "j", r"Copied the JSON")
            copy_as(terminal, "t", r"Copy it\?")
            assert [told(text) for text in copied(terminal)] == [[], []]
            terminal.press("y")
            terminal.wait_for(r"Copied the connection token")
            assert copied(terminal)[2:] == [TOKEN]
            terminal.press("escape")
            terminal.wait_for(r"1 connection")
            terminal.press("n")
            terminal.wait_for(r"1 provider")
            terminal.type("geot")
            terminal.wait_for(r"Geotab\s+geotab")
            terminal.press("down", "enter")
            terminal.wait_focus("Username")
            terminal.type("fleet@prairie.example")
            terminal.press("tab")
            terminal.wait_focus("Password")
            terminal.type(PASSWORD)
            terminal.wait_for(r"Password +•{28}")
            server.refuses = 400
            terminal.press("ctrl+s")
            terminal.until(lambda: bool(server.sent("POST")), "the request")
            terminal.wait_for(r"You sent|400")
            server.refuses = 0
            server.replies["POST", "/connections"] = Reply(json=connection(token=TOKEN))
            terminal.press("ctrl+s")
            terminal.wait_for(r"token +con_tkn_Ep2U••••••••")
            terminal.press("s")
            terminal.wait_for(r"Request a sync")
            terminal.press("enter")
            terminal.wait_for(r"◐ in progress")  # what was asked for tells less than the first look at it
            terminal.press("j")
            terminal.wait_for(r"failureReason")
            terminal.press("escape")
            terminal.wait_gone(r"failureReason")
            server.refuses = 401
            terminal.press("space")
            terminal.wait_for(r"[Cc]ould not look|key refused")
            terminal.press("\x1b[24~")  # F12
            terminal.wait_for(r"kB in the newest file")
            terminal.press("escape")
            terminal.wait_gone(r"kB in the newest file")
            terminal.press("q")
            assert terminal.end() == 0
            written = terminal.written.decode()
    assert [request for request in server.sent("POST") if PASSWORD in request.body.decode()]
    assert told(written) == []
    # What moves the cursor between two letters hides neither.
    assert told(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", written)) == []
    log = (tmp_path / "logs" / "syncscope.log").read_text()
    assert "POST /tsp/v1/connections 400" in log
    assert told(log) == []
