"""The application in a cell, as the pages that show it have it."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.cell.viewer import SIZE, cell_of, pasted, until
from tests.clocks import FakeClock
from tests.screens.scripted import KEY, Terminal
from tests.screens.test_hostile import HOSTILE, RAW, hostile_terminal
from tui_app.config.profiles import built_in_profiles
from tui_app.notebook.cell_driver import BEGIN
from tui_app.notebook.cell_picture import html_of
from tui_app.notebook.cell_wire import AHEAD
from tui_app.workspace import Workspace

# The clipboard, the window's title, an erased screen, a C1 control: nothing that the application writes by itself here.
OBEYED = re.compile(r"\x1b\]52|\x1b\][02];|\x1b\[2J|[\x80-\x9f\u202e\u2066]")

# What a terminal paints in, by its 8 or 16 or 256 own colours rather than by what was asked for.
OWN_COLOURS = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;5;\d+)(?:;\d+)*m")
TRUE_COLOURS = re.compile(r";?[34]8;2;\d+;\d+;\d+")


async def test_it_shows_the_profile_that_it_was_lent(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        await cell.see(f"{len(lent.rows)} connections", lent.rows[0].connection.name[:10])
        assert cell.screens.workspace is lent


async def test_typing_filters_and_a_lone_escape_is_the_key(lent: Workspace, tmp_path: Path) -> None:
    wanted = "Coyote"
    async with cell_of(lent, tmp_path) as cell:
        cell.type("/")
        cell.type(wanted)
        await cell.see(f"1 of {len(lent.rows)} connections")
        cell.type("\x1b")
        await until(lambda: not cell.screens.screen.query_one("#filter").has_focus)
        cell.type("\x1b")
        await cell.see_no(f"1 of {len(lent.rows)} connections")


async def test_an_escape_that_comes_in_two_messages_is_one_key(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.type("?")
        await until(lambda: len(cell.screens.screen_stack) == 2)
        cell.type("\x1b")
        cell.type("[B")
        await until(lambda: cell.driver._ticking is None)
        assert len(cell.screens.screen_stack) == 2  # an arrow, and no Escape, which would have closed the help


async def test_a_click_chooses_and_the_wheel_scrolls(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.resize(100, 16)
        await until(lambda: cell.page.drawn[-1]["rows"] == 16)
        names = [row.connection.name for row in lent.rows]
        seen = [name for name in names if name[:12] in cell.page.text]
        hidden = [name for name in names if name not in seen]
        last = max(seen, key=lambda name: cell.page.place(name[:12])[1])
        cell.click(last[:12])
        await until(lambda: last in cell.page.text.replace(f"{last[:12]}", last, 1))
        x, y = cell.page.place(last[:12])
        for _ in names:
            cell.type(f"\x1b[<65;{x};{y}M")
        await until(lambda: any(name[:12] in cell.page.text for name in hidden))


async def test_a_new_size_is_painted_for(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.resize(130, 40)
        await until(lambda: cell.page.drawn[-1]["columns"] == 130)
        await until(lambda: len(cell.page.lines) == 40 and "help" in cell.page.lines[39])
        assert tuple(cell.screens.size) == (130, 40)


async def test_all_colours_are_those_of_the_theme(
    lent: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-color")  # as a kernel has it
    monkeypatch.delenv("COLORTERM", raising=False)
    async with cell_of(lent, tmp_path) as cell:
        await cell.see("connections")
        assert TRUE_COLOURS.search(cell.page.raw)
        assert not OWN_COLOURS.search(TRUE_COLOURS.sub("", cell.page.raw))


async def test_a_page_that_is_loaded_anew_is_sent_everything(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.type("?")
        await until(lambda: len(cell.screens.screen_stack) == 2)
        await cell.see("Esc closes this")
        before = cell.page.text
        cell.pages.clear()
        again = cell.look()
        await until(lambda: again.text == before)
        assert again.raw.startswith(BEGIN)


async def test_two_pages_show_one_application_at_the_size_of_the_latest(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        other = cell.look((120, 34))
        await until(lambda: len(other.lines) == 34 and "help" in other.lines[33])
        assert cell.page.text == other.text
        cell.type("/")
        cell.type(pasted("zzzz"))
        await cell.see(f"0 of {len(lent.rows)}")
        assert cell.page.text == other.text


async def test_a_page_that_does_not_answer_is_sent_little_and_everything_once_it_does(
    lent: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_app.notebook.cell_wire.PATIENCE", 600.0)
    async with cell_of(lent, tmp_path) as cell:
        await until(lambda: cell.wire.free)
        cell.answering = False
        sent = len(cell.page.drawn)
        for number in range(20):
            cell.resize(90 + number, 30)
            await until(lambda number=number: cell.screens.screen.size.width == 90 + number)  # type: ignore[misc]
        assert len(cell.page.drawn) <= sent + AHEAD
        cell.answering = True
        cell.wire.drawn(cell.page.drawn[-1]["frame"])
        await until(lambda: cell.page.drawn[-1]["columns"] == 109)
        await cell.see("connections")


async def test_nobody_is_sent_anything_before_somebody_looks(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path, looking=False) as cell:
        await cell.screens.worth_seeing.wait()
        assert cell.wire._sent == 0
        assert cell.look() is cell.page
        await cell.see("connections")


async def test_what_cells_print_goes_where_it_went_before(
    lent: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels, captured = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", captured)  # by a cell that begins with %%capture
    async with cell_of(lent, tmp_path) as cell:
        sys.stdout = kernels
        print("while it runs")
        await cell.end()
        print("after its end")
    assert kernels.getvalue() == "while it runs\nafter its end\n"
    assert captured.getvalue() == ""


async def test_the_profile_that_was_lent_stays_open_when_it_ends(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.type("q")
        await cell.ended()
    assert cell.screens.last_seen
    await lent.read_fleet()
    assert lent.reading.problem is None


async def test_it_ends_with_the_profile_that_it_was_lent(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        await lent.close()
        await cell.ended()


async def test_other_profiles_are_opened_and_closed_and_the_lent_one_is_come_back_to(
    lent: Workspace, tmp_path: Path
) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.screens.open_profile("demo-stuut")
        await until(lambda: cell.screens.workspace not in (None, lent))
        other = cell.screens.workspace
        assert other is not None
        cell.screens.open_profile(lent.profile.name)
        await until(lambda: cell.screens.workspace is lent)
        assert other._closed
        assert not lent._closed
        await cell.see(f"{len(lent.rows)} connections")


async def test_an_address_is_opened_by_the_page(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.screens.open_address("https://example.org/relink", "its re-link URL", "Press Y.")
        cell.screens.open_address("javascript:alert(1)", "its re-link URL", "Press Y.")
        await cell.see("This is no address that a browser could be given safely")
        assert cell.page.told == [{"kind": "open", "url": "https://example.org/relink"}]


async def test_what_is_copied_is_offered_to_the_page(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        cell.screens.copy("conn_1", "the ID")
        await until(lambda: "\x1b]52;c;Y29ubl8x\x07" in cell.page.raw)


async def test_what_a_server_says_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    texts = [
        HOSTILE[name] for name in ("escape sequences", "C1 controls", "bidi", "closing markup", "wide and combining")
    ]
    rows = [hostile_terminal(text).connections[0] | {"id": f"conn_{number}"} for number, text in enumerate(texts)]
    with Terminal(connections=rows) as terminal:
        hostile = Workspace(built_in_profiles()[0], terminal.url, SecretStr(KEY), clock=FakeClock())
        hostile.start()
        async with cell_of(hostile, tmp_path) as cell:
            await cell.see(f"{len(texts)} connections", "[/foo]", "漢字")
            assert not OBEYED.search(cell.page.raw)
            strips = cell.screens.strips()
        await hostile.close()
    shown = html_of(strips, "#fff", "#000")
    assert "[/foo]" in shown
    assert not RAW.search(shown.replace("\n", ""))


async def test_the_last_look_is_what_the_page_showed(lent: Workspace, tmp_path: Path) -> None:
    async with cell_of(lent, tmp_path) as cell:
        await cell.see("connections", "? help")
        await until(lambda: lent.looked_at == lent.to_look_at and cell.wire.free)

        def painted() -> list[str]:
            return [strip.text.rstrip() for strip in cell.screens.strips()]

        await until(lambda: painted() == cell.page.lines)  # the line on top may have one more word to say
        shown = cell.page.lines
        await cell.end()
        assert [strip.text.rstrip() for strip in cell.screens.last_seen] == shown
        assert len(shown) == SIZE[1]
