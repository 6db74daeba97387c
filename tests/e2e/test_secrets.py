"""The main job in a real terminal on a server that repeats what it is sent: no secret is among the bytes written."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.terminal import Terminal
from tests.screens.canary import KEY, PASSWORD, Echo, told


def test_no_secret_is_written_to_the_terminal_or_the_log(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    environ = {
        "SYNCSCOPE_CONFIG_DIR": str(tmp_path / "config"),
        "SYNCSCOPE_LOG_DIR": str(tmp_path / "logs"),
        "SYNCSCOPE_LOG": "debug",
        "OWN_KEY": KEY,
    }
    with Echo() as server:
        profile = f'[profiles.own]\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n'
        (tmp_path / "config" / "profiles.toml").write_text(profile)
        with Terminal("--profile", "own", width=120, height=40, environ=environ) as terminal:
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
            terminal.press("ctrl+s")
            terminal.wait_for(r"token +con_tkn_Ep2U••••••••")
            terminal.press("s")
            terminal.wait_for(r"Request a sync")
            terminal.press("enter")
            terminal.wait_for(r"The provider refused|in progress")
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
    assert PASSWORD in server.sent("POST")[0].body.decode()
    assert told(written) == []
    # What moves the cursor between two letters hides neither.
    assert told(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", "", written)) == []
    log = (tmp_path / "logs" / "syncscope.log").read_text()
    assert "POST /tsp/v1/connections 400" in log
    assert told(log) == []
