"""``syncscope serve`` on the command line: what it refuses, and what it says where its extra is absent."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.unit.cli.run import syncscope
from tui_app.cli.serve import EXTRA, Serving, is_address, tab_command

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
BROUGHT = ("textual-serve", "textual_serve", "aiohttp", "playwright")

ABSENT = """
import sys
for name in {absent}:
    sys.modules[name] = None
sys.argv = ["syncscope", "serve", "--demo", "--no-open"]
from tui_app.__main__ import entry
sys.exit(entry())
"""


@pytest.mark.parametrize("absent", [["textual_serve"], ["aiohttp"], ["textual_serve", "aiohttp", "jinja2"]])
def test_without_its_extra_it_says_how_to_get_it(absent: list[str]) -> None:
    code = ABSENT.format(absent=absent)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{EXTRA}\n")
    assert "pip install 'syncscope[web]'" in EXTRA


def test_the_core_needs_nothing_of_it() -> None:
    assert not [each for each in PROJECT["dependencies"] if each.startswith(BROUGHT)]
    assert [each.split(">")[0] for each in PROJECT["optional-dependencies"]["web"]] == ["textual-serve"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--profile", "nope"), 1, "There is no profile “nope”"),
        (("--demo", "--profile", "production"), 2, "no embedded server"),
        (("--behind", "hub.example"), 2, "no address of a proxy"),
        (("--behind", "http://hub.example/x"), 2, "no address of a proxy"),
        (("--port", "70000"), 2, "--port"),
        (("--tabs", "0"), 2, "--tabs"),
        (("--idle", "-1"), 2, "--idle"),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_is(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = syncscope("serve", "--no-open", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("https://hub.example/user/jo/proxy/8000/", True),
        ("http://localhost:8888/proxy/8000", True),
        ("http://hub.example/user/jo/proxy/8000/", False),
        ("http://[::1]:8888/proxy/8000/", True),
        ("hub.example", False),
        ("ftp://hub.example", False),
        ("https://", False),
        ("https://jo:secret@hub.example", False),
        ("https://hub.example/?a=b", False),
        ("https://hub.example/#a", False),
        ("https://hub.example:port", False),
        ("https://hub.example:0", False),
        ("https://hub.ex ample", False),
        ("https://hüb.example", False),
    ],
)
def test_which_addresses_a_proxy_can_have(url: str, usable: bool) -> None:
    assert is_address(url) is usable


def test_no_shell_and_no_key_is_in_what_is_run_for_a_tab() -> None:
    command = tab_command(Serving(profile="a; rm -rf /", read_only=True))
    assert command[:3] == [sys.executable, "-m", "tui_app.cli.tab"]
    assert command[3:] == ['{"profile": "a; rm -rf /", "speed": null, "read_only": true}']
