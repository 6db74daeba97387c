"""One sync, followed: what the screen says while it runs, when it ends, and when the server cannot be looked at."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import Terminal, connection, issue, sync
from tests.screens.stage import MEDIUM, SIZES, Stage
from tests.servers import Reply
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.json_dialog import JsonDialog
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.progress import Progress


async def watch(stage: Stage, company: str) -> SyncScreen:
    """Watch a connection's newest sync."""
    await stage.press("slash")
    await stage.type(company)
    await stage.press("enter", "w")
    screen = stage.app.screen
    assert isinstance(screen, SyncScreen)
    return screen


async def follow(stage: Stage) -> SyncScreen:
    """Watch the newest sync of the only connection."""
    await stage.press("w")
    screen = stage.app.screen
    assert isinstance(screen, SyncScreen)
    return screen


def running(**fields: Any) -> Terminal:
    return Terminal(last_sync=sync(**fields))


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_how_far_it_is_and_since_when(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await watch(stage, "frank")
        assert "Frank's Trucking · Samsara · sync_" in stage.lines[2] + stage.lines[1]
        assert "from 22 Nov 2026, 2 h" in stage.text
        assert "● requested ── ● in progress ── ○ completed" in stage.text
        assert "elapsed 6 min · attempt 1" in stage.text
        assert " %" in stage.text
        assert "◐ in progress" in stage.text
        assert "Looked just now (under 10 ms) · next in" in stage.text
        assert all(len(line) <= size[0] for line in stage.lines)


def filled(stage: Stage) -> int:
    """How many cells of the bar have the colour of the first one."""
    bar = stage.app.screen.query_one("#bar")
    [line] = stage.app.screen._compositor.render_strips()[bar.region.y : bar.region.y + 1]
    cells = line.crop(bar.region.x, bar.region.right)
    colours = [segment.style.bgcolor if segment.style else None for segment in cells for _ in segment.text]
    return colours.count(colours[0])


async def test_the_bar_is_as_long_as_the_server_says(scripted: Scripted) -> None:
    async with scripted(running(progress=50), MEDIUM) as stage:
        await follow(stage)
        bar = stage.app.screen.query_one("#bar")
        assert filled(stage) == pytest.approx(bar.size.width / 2, abs=1)
        assert "50 %" in stage.text


async def test_the_bar_is_seen_without_colours(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with scripted(running(progress=50), MEDIUM) as stage:
        await follow(stage)
        bar = stage.app.screen.query_one("#bar")
        first = stage.lines[bar.region.y][bar.region.x : bar.region.right]
        assert first.count("█") == pytest.approx(bar.size.width / 2, abs=1)


async def test_progress_moves_and_the_journal_says_so(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await watch(stage, "frank")
        before = stage.line(" %")
        await stage.pass_time(60)
        assert stage.line(" %") != before
        assert "progress " in stage.text
        assert "→" in stage.text


async def test_a_server_that_tells_no_progress_is_not_made_up_for(scripted: Scripted) -> None:
    async with scripted(running(progress=None)) as stage:
        await follow(stage)
        assert "no figure yet" in stage.text
        assert "%" not in stage.text.split("Journal")[0]


async def test_a_sync_that_waits_for_the_provider_says_so_calmly(scripted: Scripted) -> None:
    async with scripted(running(providerRequests=["historical_files"])) as stage:
        await follow(stage)
        assert "Waiting for the provider to deliver historical files; this may rightly take days." in stage.words


@pytest.mark.parametrize("size", SIZES)
async def test_when_it_will_probably_end_stands_under_the_bar_with_what_that_rests_on(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    terminal = running()
    day = "2026-11-21T1"
    earlier = [
        sync(id=f"sync_{n}", status="completed", requestedAt=f"{day}{n}:00:00Z", completedAt=f"{day}{n}:1{n}:00Z")
        for n in range(5)
    ]
    terminal.replies["GET", "/syncs"] = Reply(json={"results": earlier})
    async with scripted(terminal, size) as stage:
        screen = await follow(stage)
        bar, told = screen.query_one("#bar").region, screen.query_one("#outlook").region
        assert told.y == bar.bottom
        assert re.match(r"(done in \d+–\d+|done within \d+) (s|min)$", stage.lines[told.y].strip())
        basis = "from 5 earlier syncs of this connection (usual 11–13 min) and its pace"
        assert stage.lines[told.y + 1].strip() == basis


async def test_a_sync_that_seems_to_stand_still_says_so_and_by_what(scripted: Scripted) -> None:
    terminal = running()
    async with scripted(terminal) as stage:
        screen = await follow(stage)
        outlook = screen.query_one("#outlook").region
        for percent in range(41, 50):
            terminal.last_sync = sync(progress=percent)
            await stage.see(f"→ {percent}", within=30)
        assert "stalled?" not in stage.text
        await stage.see("◔ stalled? no change for", within=60)
        assert "; usually every " in stage.line("stalled?")
        assert "by what this run did so far" in stage.text
        assert screen.query_one("#outlook").region == outlook  # nothing jumps
        assert "Next to act: Terminal · Its sync seems to stand still" in stage.words


async def test_a_retried_sync_says_so(scripted: Scripted) -> None:
    async with scripted(running(status="retrying", attempts=3)) as stage:
        await follow(stage)
        assert "● retrying" in stage.text
        assert "attempt 3" in stage.text


async def test_issues_appear_while_it_runs(scripted: Scripted) -> None:
    terminal = running()
    async with scripted(terminal, MEDIUM) as stage:
        await follow(stage)
        assert "None so far." in stage.text
        terminal.last_sync = sync(progress=41, issues=[issue()])
        await stage.see("permission_missing", within=30)
        assert "Issues 1" in stage.text
        assert "user action required" in stage.text
        assert "Driver data cannot be read with these credentials." in stage.words
        assert "first seen 4 min ago" in stage.text


async def test_at_80_columns_tab_brings_the_issues_and_back_the_journal(scripted: Scripted) -> None:
    async with scripted(running(issues=[issue()])) as stage:
        await follow(stage)
        assert "Journal" in stage.text
        assert "Issues 1" not in stage.text
        await stage.press("tab")
        assert "Issues 1" in stage.text
        assert "permission_missing" in stage.text
        await stage.press("tab")
        assert "Journal" in stage.text


async def test_pause_sends_nothing_and_says_so_and_p_goes_on(scripted: Scripted) -> None:
    terminal = running()
    async with scripted(terminal) as stage:
        await follow(stage)
        await stage.press("p")
        assert "Paused: the server is not looked at. Press p to go on." in stage.text
        assert "· paused" in stage.text
        sent = [request for request in terminal.requests if "/syncs/" in request.path]
        await stage.pass_time(120)
        assert [request for request in terminal.requests if "/syncs/" in request.path] == sent
        await stage.press("p")
        await stage.pass_time(1)
        assert "Paused" not in stage.text
        assert len([request for request in terminal.requests if "/syncs/" in request.path]) > len(sent)


async def test_space_looks_at_once(scripted: Scripted) -> None:
    terminal = running()
    async with scripted(terminal) as stage:
        await follow(stage)
        await stage.pass_time(40)  # by now it is looked at rarely
        terminal.last_sync = sync(progress=77)
        await stage.press("space")
        await stage.pass_time(0.3)
        assert "77 %" in stage.text


async def test_the_journal_has_a_day_where_it_is_not_today(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await watch(stage, "transport tr")
        assert "14 Nov 2026 00:55:46  requested" in stage.text


class TestEnd:
    @pytest.mark.parametrize("size", SIZES)
    async def test_completion_is_said_on_screen_and_in_a_toast(self, scripted: Scripted, size: tuple[int, int]) -> None:
        terminal = running()
        async with scripted(terminal, size) as stage:
            await follow(stage)
            terminal.last_sync = sync(status="completed", progress=100, completedAt="2026-11-22T14:02:30.000Z")
            await stage.see("✓ Completed", within=30)
            assert "● completed" in stage.text
            assert "took 2 min" in stage.text
            assert [toast for toast in stage.toasts if "Frank's Trucking" in toast and "Sync completed." in toast]

    async def test_it_is_not_looked_at_any_more_and_its_keys_are_not_offered(self, scripted: Scripted) -> None:
        terminal = running(status="completed", progress=100, completedAt="2026-11-22T14:01:30.000Z")
        async with scripted(terminal, MEDIUM) as stage:
            screen = await follow(stage)
            assert "Ended: not looked at any more. Last look at 22 Nov 2026 14:02 (under 10 ms)" in stage.text
            sent = [request for request in terminal.requests if "/syncs/" in request.path]
            await stage.press("p", "space")
            await stage.pass_time(120)
            assert [request for request in terminal.requests if "/syncs/" in request.path] == sent
            assert screen.check_action("pause", ()) is False
            assert screen.check_action("look_now", ()) is False
            assert "pause" not in stage.lines[-1]
            assert "look now" not in stage.lines[-1]

    async def test_its_keys_leave_the_footer_when_it_ends(self, scripted: Scripted) -> None:
        terminal = running()
        async with scripted(terminal, MEDIUM) as stage:
            await follow(stage)
            assert "p pause" in stage.lines[-1]
            terminal.last_sync = sync(status="completed", progress=100, completedAt="2026-11-22T14:02:00.000Z")
            await stage.see("✓ Completed", within=30)
            assert "pause" not in stage.lines[-1]

    async def test_a_sync_that_had_ended_before_is_no_news(self, scripted: Scripted) -> None:
        async with scripted(running(status="completed", completedAt="2026-11-22T14:01:30.000Z")) as stage:
            await follow(stage)
            assert not stage.toasts

    async def test_a_failed_one_gives_the_servers_reason(self, scripted: Scripted) -> None:
        terminal = running()
        async with scripted(terminal, MEDIUM) as stage:
            await follow(stage)
            reason = "The provider rejected the stored credentials"
            terminal.last_sync = sync(
                status="failed", failureReason=reason, completedAt="2026-11-22T14:02:30.000Z", progress=61
            )
            await stage.see("✗ Failed:", within=30)
            assert f"✗ Failed: {reason}" in stage.text
            assert "● failed" in stage.text
            assert "61 %" in stage.text
            assert any("Sync failed" in toast and reason in toast for toast in stage.toasts)

    async def test_one_that_ends_behind_another_screen_is_announced(self, scripted: Scripted) -> None:
        terminal = running()
        async with scripted(terminal) as stage:
            await follow(stage)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            terminal.last_sync = sync(status="completed", progress=100, completedAt="2026-11-22T14:02:30.000Z")
            await stage.until(lambda: bool(stage.toasts), within=90)
            assert "Sync completed." in stage.toasts[0]

    async def test_a_word_that_nobody_knows_is_shown_as_it_came_and_followed_on(self, scripted: Scripted) -> None:
        terminal = running(status="defragmenting")
        async with scripted(terminal, MEDIUM) as stage:
            await follow(stage)
            assert "? The server says “defragmenting”, a word that Syncscope does not know." in stage.text
            terminal.last_sync = sync(status="completed", progress=100, completedAt="2026-11-22T14:02:30.000Z")
            await stage.see("✓ Completed", within=60)


class TestLooksThatFail:
    async def test_one_says_could_not_look_and_keeps_what_was_seen_with_its_age(self, scripted: Scripted) -> None:
        terminal = running(progress=40)
        async with scripted(terminal, MEDIUM) as stage:
            await follow(stage)
            terminal.replies["GET", "/syncs/…"] = Reply(500, json={"code": "boom", "message": "It is not our day"})
            await stage.pass_time(200)
            words = stage.words
            assert "Could not look:" in words
            assert "What is shown was seen 3 min ago." in words
            assert "The sync itself may well be running; looking goes on by itself." in words
            assert "the server: 500 · boom · It is not our day" in words
            assert "40 %" in stage.text
            assert "● failed" not in stage.text
            assert "Could not look" in stage.lines[-2]

    async def test_the_next_good_look_takes_it_back(self, scripted: Scripted) -> None:
        terminal = running()
        async with scripted(terminal, MEDIUM) as stage:
            await follow(stage)
            terminal.replies["GET", "/syncs/…"] = Reply(500)
            await stage.see("Could not look:", within=60)
            del terminal.replies["GET", "/syncs/…"]
            terminal.last_sync = sync(progress=55)
            await stage.see("55 %", within=120)
            assert "Could not look:" not in stage.text

    async def test_a_server_that_was_stopped_and_started_again_is_followed_on(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened(MEDIUM) as stage:
            await watch(stage, "frank")
            port = int(sandbox.announcement.terminal_url.rsplit(":", 1)[1].split("/")[0])
            sandbox.stop()
            await stage.see("Could not look:", within=60)
            assert "offline since 14:02" in stage.text
            sandbox._port = port
            sandbox.start()
            await stage.until(lambda: "Could not look:" not in stage.text, within=180)
            assert "live" in stage.lines[0]
            assert "Looked" in stage.text

    async def test_a_revoked_token_is_said_and_not_called_a_failed_sync(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened(MEDIUM) as stage:
            screen = await watch(stage, "frank")
            row = stage.workspace.row(screen.connection_id)
            assert row is not None
            assert row.connection.token is not None
            sandbox.revoke_token(row.connection.token.get_secret_value())
            await stage.see("Could not look:", within=60)
            assert "403" in stage.text
            assert "✗ Failed" not in stage.text


class TestKeys:
    async def test_j_shows_the_sync_as_it_came(self, scripted: Scripted) -> None:
        async with scripted(running()) as stage:
            await follow(stage)
            await stage.press("j")
            assert isinstance(stage.app.screen, JsonDialog)
            assert '"requestedAt": "2026-11-22T14:00:00.000Z"' in stage.text
            await stage.press("escape")
            assert isinstance(stage.app.screen, SyncScreen)

    async def test_y_copies_the_id(self, scripted: Scripted) -> None:
        async with scripted(running()) as stage:
            screen = await follow(stage)
            await stage.press("y")
            assert stage.clipboard == screen.sync_id

    async def test_the_footer_pauses_by_mouse(self, scripted: Scripted) -> None:
        async with scripted(running()) as stage:
            await follow(stage)
            await stage.click_text("p pause")
            assert "Paused:" in stage.text

    async def test_the_bar_follows_the_terminals_width(self, scripted: Scripted) -> None:
        async with scripted(running(progress=100), MEDIUM) as stage:
            await follow(stage)
            await stage.pilot.resize_terminal(80, 24)
            await stage.rest()
            assert filled(stage) == stage.app.screen.query_one(Progress).query_one("#bar").size.width


class TestRequest:
    @pytest.mark.parametrize(
        ("status", "doubt"),
        [
            ("disconnected", "It is disconnected: nothing is read until the fleet signs in again, so send the fleet"),
            ("archived", "It is archived: nothing is synced until it is made connected again."),
            ("pending_deletion", "Its deletion was asked for: nothing is synced any more."),
        ],
    )
    async def test_one_that_is_not_connected_is_warned_of_and_its_refusal_told_as_what_it_is(
        self, scripted: Scripted, status: str, doubt: str
    ) -> None:
        terminal = Terminal([connection(status=status)])
        message = "Connection must be connected to perform this action"
        terminal.replies["POST", "/syncs"] = Reply(400, json={"code": "bad_request", "message": message})
        async with scripted(terminal, MEDIUM) as stage:
            await stage.press("s")
            assert f"! {doubt}" in stage.words
            assert "It will most likely refuse." in stage.words
            await stage.press("ctrl+s")
            (toast,) = stage.toasts
            assert message in toast
            assert "Correct what the server names" not in toast

    async def test_of_a_connected_one_nothing_is_doubted(self, scripted: Scripted) -> None:
        async with scripted(Terminal(), MEDIUM) as stage:
            await stage.press("s")
            assert "most likely refuse" not in stage.words

    async def test_a_second_sync_attaches_to_the_one_that_runs_and_says_so(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("frank")
            await stage.press("enter", "s")
            assert "A sync runs already" in stage.text
            await stage.press("enter")
            assert isinstance(stage.app.screen, SyncScreen)
            assert any("No second one was started." in toast for toast in stage.toasts)

    async def test_a_requested_sync_is_followed_to_its_end(self, opened: Opening, sandbox: Sandbox) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("slash")
            await stage.type("prairie")
            await stage.press("enter", "s", "enter")
            assert isinstance(stage.app.screen, SyncScreen)
            assert "from 15 Nov 2026, 7 days" in stage.text
            sandbox.clock.advance(60)
            await stage.see("● requested ── ● in progress", within=30)
            sandbox.clock.advance(7200)
            await stage.see("✓ Completed", within=60)
            assert "→ completed" in stage.text

    @pytest.mark.parametrize(
        ("days", "start", "field", "said"),
        [
            ("0", "", "days", "days must be above 0 and at most 36,500"),
            ("-1", "", "days", "days must be above 0 and at most 36,500"),
            ("inf", "", "days", "days must be above 0 and at most 36,500"),
            ("a week", "", "days", "days must be a number, such as 7 or 0.5"),
            ("", "2026-13-01", "from", "write a date as 2026-11-01, or with a time as 2026-11-01 14:30"),
            ("", "2030-01-01", "from", "that lies in the future"),
            ("7", "2026-11-01", "from", "give days or a date, not both"),
        ],
    )
    async def test_a_wrong_window_is_said_on_its_field_and_sends_nothing(
        self, scripted: Scripted, days: str, start: str, field: str, said: str
    ) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("s")
            await stage.fill("days", days)
            await stage.fill("from", start)
            await stage.press("enter")
            assert stage.problem(field) == said
            assert said in stage.words
            assert not terminal.sent("POST")

    @pytest.mark.parametrize(
        ("days", "start", "sent"),
        [
            ("7", "", {"days": 7}),
            ("0,5", "", {"days": 0.5}),
            ("", "2026-11-01", {"startFrom": "2026-11-01T00:00:00.000Z"}),
            ("", "2026-11-01 14:30", {"startFrom": "2026-11-01T14:30:00.000Z"}),
        ],
    )
    async def test_the_window_is_sent_as_it_was_typed(
        self, scripted: Scripted, days: str, start: str, sent: dict[str, Any]
    ) -> None:
        terminal = Terminal(last_sync=None)
        async with scripted(terminal) as stage:
            await stage.press("s")
            await stage.fill("days", days)
            await stage.fill("from", start)
            terminal.last_sync = sync(status="requested", progress=0)
            await stage.press("enter")
            assert [request.json for request in terminal.sent("POST")] == [sent]

    async def test_both_empty_leaves_the_window_to_the_server(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("s")
            await stage.fill("days", "")
            terminal.last_sync = sync(status="requested", progress=0)
            await stage.click("#request")
            assert [request.body for request in terminal.sent("POST")] == [b""]

    async def test_what_to_ask_of_the_provider_can_be_ticked(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("s")
            await stage.click("#ask-historical_files")
            terminal.last_sync = sync(status="requested", progress=0)
            await stage.click("#request")
            assert terminal.sent("POST")[0].json == {"days": 7, "providerRequests": ["historical_files"]}

    @pytest.mark.parametrize("way", ["escape", "#cancel"])
    async def test_leaving_the_question_sends_nothing(self, scripted: Scripted, way: str) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("s")
            await (stage.click(way) if way.startswith("#") else stage.press(way))
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert not terminal.sent("POST")

    async def test_a_refusal_is_said_in_the_servers_words(self, scripted: Scripted) -> None:
        terminal = Terminal()
        terminal.replies["POST", "/syncs"] = Reply(400, json={"code": "bad_request", "message": "Not on a Sunday"})
        async with scripted(terminal) as stage:
            await stage.press("s", "enter")
            assert any("Requesting the sync" in toast and "Not on a Sunday" in toast for toast in stage.toasts)
