"""Hostile strings on every screen: shown, never obeyed, and nothing raw reaches the terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.screens.conftest import Scripted
from tests.screens.scripted import Terminal, connection, issue, sync
from tests.screens.stage import LARGE, SMALL, Stage
from tests.servers import Reply
from tui_app.screens.comparison import ComparisonScreen
from tui_app.screens.create import CreateScreen

HOSTILE = {
    "closing markup": "[/foo]",
    "opening markup": "[b]bold[/b] [red on blue",
    "an action": "[@click=app.quit]press here[/]",
    "a link": "[link='https://evil.example']x[/link]",
    "escape sequences": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07",
    "C1 controls": "a\x9b31mred\x90q\x9c\x85b",
    "bidi": "abc\u202egpj.exe\u2066\u2069\u200f",
    "zero width": "pay\u200bpal\ufeff\u2060\u00ad",
    "line ends": "one\ntwo\r\nthree\ttab\x0b\x0c\u2028end",
    "backspaces and nulls": "ok\x08\x08no\x00\x7f",
    "wide and combining": "漢字" * 40 + "e" + "\u0301" * 50 + "👨‍👩‍👧‍👦",
    "64 kB": "x" * 65536,
    "64 kB of markup": "[" * 32768 + "]" * 32768,
    "variables": "$error {self.app} %s {0} \\[ \\",
}

# C0 and C1, bidi and zero-width characters, the byte-order mark, line and paragraph separators.
RAW = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def inert(stage: Stage) -> None:
    """Nothing raw is on screen, no link or action came from data, and every line fits."""
    for strip in stage.app.screen._compositor.render_strips():
        assert not RAW.search(strip.text), repr(strip.text)
        assert strip.cell_length <= stage.app.size.width
        for segment in strip:
            if segment.style is not None:
                assert segment.style.link is None
                assert "app.quit" not in str(segment.style.meta)
    assert not RAW.search(stage.app.title + stage.app.sub_title)


def hostile_terminal(text: str) -> Terminal:
    """A server that says this wherever it may say anything."""
    broken = issue(
        id=f"isu_{text[:40]}",
        status=text,
        error={"code": text, "message": text},
        resolutionType=text,
        documentationUrl=text,
    )
    run = sync(
        status="failed",
        failureReason=text,
        issues=[broken],
        completedAt="2026-11-22T14:01:00.000Z",
    )
    person = {"firstName": text, "lastName": text, "email": text}
    return Terminal(
        connections=[
            connection(
                company={"name": text, "dotNumbers": [text]},
                provider={"name": text, "code": text},
                account={"name": text, "user": person},
                externalId=text,
                sourceId=text,
                tags=[text, text],
                syncMode=text,
                linkUrl=text,
            ),
            connection(id="conn_2", status=text, company={"name": "Second"}),
            {"id": text, "status": None},
        ],
        last_sync=run,
        issues=[broken],
        providers=[{"code": text, "name": text, "status": text, "supportedModels": {text: {}}}],
    )


async def test_the_list_shows_all_of_them(scripted: Scripted) -> None:
    rows = [
        hostile_terminal(text).connections[0] | {"id": f"conn_{number}"} for number, text in enumerate(HOSTILE.values())
    ]
    rows += [connection(id=f"conn_{name}", status=text) for name, text in HOSTILE.items()]
    terminal = hostile_terminal(HOSTILE["escape sequences"])
    terminal.connections = rows
    async with scripted(terminal, LARGE) as stage:
        inert(stage)
        for _ in rows:
            await stage.press("down")
            inert(stage)


WORST = {
    "markup": HOSTILE["closing markup"] + HOSTILE["an action"],
    "controls": HOSTILE["escape sequences"] + HOSTILE["bidi"] + HOSTILE["line ends"],
    "64 kB of markup": HOSTILE["64 kB of markup"],
}


@pytest.mark.parametrize("name", WORST)
async def test_every_screen_shows_it_and_obeys_nothing(scripted: Scripted, name: str) -> None:
    text = WORST[name]
    async with scripted(hostile_terminal(text), SMALL) as stage:
        inert(stage)
        await stage.press("y")
        for keys in (("slash",), ("escape", "home", "enter"), ("tab",), ("tab",), ("tab",), ("tab",)):
            await stage.press(*keys)
            inert(stage)
        await stage.press("escape", "w")
        inert(stage)
        await stage.press("tab")
        inert(stage)
        await stage.press("j")
        inert(stage)
        await stage.press("escape", "t")
        inert(stage)
        await stage.press("escape", "d", "x")
        inert(stage)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ComparisonScreen)
        inert(stage)
        await stage.press("y")
        assert not RAW.search(stage.clipboard.replace("\n", ""))
        await stage.press("escape", "s")
        inert(stage)
        await stage.press("escape", "escape", "n", "down", "enter")
        assert isinstance(stage.app.screen, CreateScreen)
        inert(stage)
        await stage.press("escape", "2", "enter")
        inert(stage)
        await stage.press("m", "escape", "3")
        inert(stage)
        await stage.press("1", "ctrl+p")
        inert(stage)
        await stage.press("escape", "escape", "escape", "4")
        inert(stage)
        await stage.press("home", "enter", "plus")
        for _ in range(3):
            inert(stage)
            await stage.press("pagedown")
        await stage.press("Y")
        inert(stage)
        assert stage.app.is_running


@pytest.mark.parametrize("name", WORST)
async def test_what_servers_say_in_refusals_is_inert_in_toasts_and_forms(scripted: Scripted, name: str) -> None:
    text = WORST[name]
    detail: Any = [{"path": "{requestBody}.company.name", "message": text, "suggestion": text}]
    body = {"code": text, "message": text, "detail": detail}
    terminal = Terminal(last_sync=sync(status=text, providerRequests=[text]))
    terminal.replies["POST", "/syncs"] = Reply(400, json=body)
    terminal.replies["POST", "/connections"] = Reply(400, json=body)
    async with scripted(terminal) as stage:
        await stage.press("s", "enter")
        assert stage.toasts
        inert(stage)
        await stage.press("w")
        inert(stage)
        terminal.replies["GET", "/syncs/…"] = Reply(500, json=body)
        await stage.see("Could not look:", within=90)
        inert(stage)
        await stage.press("escape", "n")
        await stage.type("geotab")
        await stage.press("enter")
        for index in range(2):
            await stage.fill(f"credential-{index}", "x")
        await stage.press("ctrl+s")
        assert stage.problem("company")
        inert(stage)


@pytest.mark.parametrize("name", ["closing markup", "escape sequences", "bidi", "line ends", "64 kB"])
async def test_what_a_person_pastes_is_inert(scripted: Scripted, name: str) -> None:
    async with scripted(Terminal()) as stage:
        await stage.press("slash")
        await stage.type(HOSTILE[name])
        inert(stage)
        await stage.press("escape", "escape", "n")
        await stage.type(HOSTILE[name])
        await stage.press("tab")
        inert(stage)


@pytest.mark.parametrize("name", ["closing markup", "an action", "escape sequences", "bidi"])
async def test_a_profiles_file_may_say_anything(scripted: Scripted, name: str) -> None:
    text = HOSTILE[name].encode("unicode_escape").decode().replace("\\x", "\\u00")
    settings = f'[profiles."{text}"]\nbase_url = "https://x.example/{text}"\n[profiles.odd]\nbase_url = "{text}"\n'
    async with scripted(Terminal(), settings=settings) as stage:
        inert(stage)
        await stage.press("5")
        inert(stage)
        assert "is not used" in stage.words
