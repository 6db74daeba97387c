"""The screens in a tab of a real browser: the main job by keys and by mouse, and what another page can do to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.chromium import need_browser
from tests.browser.serve_support import Tab, blocked, opened
from tests.e2e.test_main_job import watch_to_its_end
from tests.servers import Reply, ScriptedServer
from tests.serving import ends
from tui_app.themes import DARK, LIGHT

FAST = ("--speed", "100")

OPEN_SOCKET = """
const socket = new WebSocket('ws://%s/ws');
await new Promise((opens, fails) => { socket.onopen = opens; socket.onerror = () => fails('refused'); });
"""


@pytest.fixture(autouse=True)
def here() -> None:
    """Nothing of this without a browser."""
    need_browser()


def unseen(tab: Tab, secret: str) -> bool:
    """Whether a secret that was typed was never written to the page."""
    return secret.encode() not in tab.written and secret not in tab.text


def corners(picture: Image.Image) -> set[str]:
    """The colours of what is beside and below the cells."""
    width, height = picture.size
    found = (picture.getpixel((width - 1, 30)), picture.getpixel((width - 1, height - 1)))
    return {"#{:02x}{:02x}{:02x}".format(*each) for each in found}  # type: ignore[misc]


def test_by_keys_a_person_filters_opens_creates_syncs_and_watches(tmp_path: Path) -> None:
    with opened(tmp_path, *FAST) as (serving, tab, log):
        tab.wait_for(r"48 connections")
        tab.press("/")
        tab.wait_gone(r"enter open")
        tab.type("status:disconnected")
        tab.wait_for(r"\d of 48 connections")
        tab.press("enter")
        tab.wait_for(r"enter open")
        tab.press("enter")
        tab.wait_for(r"esc back")
        tab.wait_for(r"The stored credentials no longer work")
        tab.press("escape")
        tab.wait_for(r"\d of 48 connections")
        tab.press("escape")
        tab.wait_gone(r"\d of 48 connections")
        tab.press("n")
        tab.wait_for(r"\d+ providers")
        tab.type("geot")
        tab.wait_for(r"Geotab\s+geotab")
        tab.press("down", "enter")
        tab.wait_focus("Username")
        tab.type("fleet@prairie.example")
        tab.press("tab")
        tab.wait_focus("Password")
        tab.type("secret-of-the-fleet")
        tab.press("tab", "tab")
        tab.wait_focus("Company")
        tab.type("Harvest Moon Haulage")
        tab.wait_for(r"Company +Harvest Moon Haulage")
        tab.press("ctrl+s")
        tab.wait_for(r"Harvest Moon Haulage · Geotab · conn_")
        tab.press("s")
        tab.wait_for(r"Days\s+7")
        tab.press("enter")
        watch_to_its_end(tab)
        assert unseen(tab, "secret-of-the-fleet")
        assert not log.strangers(serving.root)
        assert not tab.complaints


def test_by_mouse_a_person_filters_opens_creates_syncs_and_watches(tmp_path: Path) -> None:
    with opened(tmp_path, *FAST, width=960, height=600) as (serving, tab, log):
        tab.wait_for(r"48 connections")
        tab.wait_for(r"\d disconnected")
        tab.click("disconnected")
        tab.wait_for(r"\d of 48 connections")
        tab.click("Transport Trép")
        tab.click("enter open")
        tab.wait_for(r"Transport Trépanier · ")
        tab.click("esc back")
        tab.wait_for(r"\d of 48 connections")
        tab.click("n new")
        tab.wait_for(r"\d+ providers")
        tab.type("geot")
        tab.click("Geotab")
        tab.click_field("Username")
        tab.type("fleet@prairie.example")
        tab.click_field("Password")
        tab.type("secret-of-the-fleet")
        tab.click_field("Company")
        tab.type("Harvest Moon Haulage")
        tab.wait_for(r"Company +Harvest Moon Haulage")
        tab.click(" Create  ")
        tab.wait_for(r"Harvest Moon Haulage · Geotab · conn_")
        tab.click("s sync")
        tab.wait_for(r"Days\s+7")
        tab.click("Request  ")
        watch_to_its_end(tab)
        assert unseen(tab, "secret-of-the-fleet")
        assert not log.strangers(serving.root)
        assert not tab.complaints


def test_it_fills_the_window_in_its_own_font_and_colours(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, tab, __):
        tab.wait_for(r"48 connections")
        for width, height in ((1280, 800), (907, 563)):
            tab.page.set_viewport_size({"width": width, "height": height})
            tab.until(lambda width=width: abs(tab._screen.columns * 9 - width) < 18, "the size of the window")  # type: ignore[misc]
            tab.rest()
            picture = tab.picture()
            assert picture.size == (width, height)
            # Beside and below the cells, what is left of the window has the screens' colour.
            assert corners(picture) == {DARK.background}
            y = next(y for y, line in enumerate(tab._screen.display) if "SIMULATED" in line)
            x = tab._screen.display[y].index("SIMULATED") - 1
            painted = picture.getpixel(tuple(int(each) for each in tab.place(x, y)))  # type: ignore[arg-type]
            assert "#{:02x}{:02x}{:02x}".format(*painted) == DARK.variables["simulated"]  # type: ignore[misc]
        tab.press("f2")
        tab.until(lambda: corners(tab.picture()) == {LIGHT.background}, "the light theme")
        root = "document.documentElement"
        assert tab.page.evaluate(f"[{root}.scrollWidth - innerWidth, {root}.scrollHeight - innerHeight]") == [0, 0]
        fonts = "[...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.weight).sort()"
        assert tab.page.evaluate(fonts) == ["bold", "normal"]


def test_the_browser_pastes_takes_what_is_copied_and_opens_addresses(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, tab, __):
        tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.wait_for(r"48 connections")
        tab.page.evaluate("navigator.clipboard.writeText('Prairie Lines')")
        tab.press("/")
        tab.wait_gone(r"enter open")
        tab.press("ctrl+v")
        tab.wait_for(r"1 of 48 connections")
        tab.press("escape")
        tab.wait_for(r"enter open")
        tab.press("y")
        tab.wait_for(r"Copied")
        copied = tab.page.context.new_page()  # ours may not read the clipboard
        copied.goto("about:blank")
        copied.set_content("<textarea autofocus></textarea>")
        copied.locator("textarea").press("Control+v")
        assert copied.locator("textarea").input_value().startswith("conn_")
        copied.close()
        with tab.page.context.expect_page() as another:
            tab.press("o")
        assert "/connection/conn_" in another.value.url
        assert another.value.evaluate("window.opener") is None


def test_a_reload_begins_anew_and_leaving_is_told(tmp_path: Path) -> None:
    with opened(tmp_path, "--tabs", "1") as (serving, tab, log):
        [before] = serving.tabs()
        assert tab.page.url == serving.root  # the token is gone from where it would be kept
        tab.page.reload()
        assert ends(before)
        tab.wait_for(r"48 connections")
        [after] = serving.tabs()
        tab.press("q")
        tab.page.get_by_text("Syncscope has ended.").wait_for()
        assert ends(after)
        tab.page.get_by_role("button", name="Start again").click()
        tab.wait_for(r"48 connections")
        assert not log.strangers(serving.root)


def test_a_page_of_another_port_gets_nothing_though_the_browser_has_the_cookie(tmp_path: Path) -> None:
    evil = Reply(body=b"<!DOCTYPE html><title>evil</title>", headers={"Content-Type": "text/html"})
    with opened(tmp_path) as (serving, tab, _), ScriptedServer(lambda request: evil) as other:
        before = serving.tabs()
        page = tab.page.context.new_page()
        for host in ("127.0.0.1", "localhost"):
            page.goto(re.sub(r"//[^:]+", f"//{host}", other.url))
            assert page.title() == "evil"
            ours = serving.root.removeprefix("http://").rstrip("/")
            for target in (ours, ours.replace("127.0.0.1", "localhost")):
                assert "refused" in blocked(page, OPEN_SOCKET % target)
                assert "Failed to fetch" in blocked(page, f"await fetch('http://{target}/')")
                assert blocked(page, f"await fetch('http://{target}/', {{credentials: 'include'}})")
        assert serving.tabs() == before
        # Nor can our own page be made to speak to another one.
        asked = len(other.requests)
        assert "Failed to fetch" in blocked(tab.page, f"await fetch('{other.url}')")
        assert "refused" in blocked(tab.page, OPEN_SOCKET % other.url.removeprefix("http://"))
        assert len(other.requests) == asked
