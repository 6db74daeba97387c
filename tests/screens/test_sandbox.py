"""The server in hand: its clock, and scenarios that are started on its connections and followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clocks import until
from tests.screens.conftest import Scripted, end, running, simulated, stage_on
from tests.screens.scripted import Terminal
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_hostile import HOSTILE, inert
from tui_app.palette import ActionCommands
from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection_picker import ConnectionPicker
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.sandbox import NOTHING, SandboxScreen
from tui_app.screens.sync import SyncScreen
from tui_app.workspace.simulation import SPEEDS, Simulation, Started

NAMES = [scenario.name for scenario in SCENARIOS]


@asynccontextmanager
async def in_hand(
    sandbox: Sandbox, folder: Path, size: tuple[int, int] = SMALL, profile: str = "demo"
) -> AsyncIterator[Stage]:
    """The app on its sandbox screen, with the server in hand."""
    async with running(stage_on(sandbox, folder, profile, in_hand=True), size) as stage:
        await stage.press("6")
        assert isinstance(stage.app.screen, SandboxScreen)
        yield stage


@pytest.fixture
def empty() -> Iterator[Sandbox]:
    """A running server without any connection."""
    server = simulated(connections=0)
    server.start()
    yield server
    end(server)


def shown(stage: Stage) -> SandboxScreen:
    assert isinstance(stage.app.screen, SandboxScreen), stage.text
    return stage.app.screen


def simulation(stage: Stage) -> Simulation:
    assert stage.workspace.simulation is not None
    return stage.workspace.simulation


async def started(stage: Stage, count: int = 1) -> Started:
    """Wait until so many scenarios were started, and are shown; the newest."""
    await until(lambda: len(simulation(stage).started) == count)
    await stage.until(lambda: len(shown(stage).started.rows) == count, within=5)
    return simulation(stage).started[-1]


async def select(stage: Stage, name: str) -> None:
    assert shown(stage).scenarios.select(name)
    await stage.rest()


async def choose(stage: Stage, connection_id: str | None) -> None:
    shown(stage).chosen = connection_id
    await stage.rest()


def connected(stage: Stage) -> str:
    """A connection that nothing goes on with."""
    return next(row.id for row in stage.workspace.rows if row.state.word == "connected")


def selected(screen: ConnectionsScreen) -> str:
    assert screen.table.current is not None
    return str(screen.table.current.connection.name)


class TestWhatIsShown:
    @pytest.mark.parametrize("size", SIZES)
    async def test_every_scenario_is_offered_and_told_of(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            for scenario in SCENARIOS:
                await select(stage, scenario.name)
                assert scenario.title in stage.text
                assert scenario.what.split()[-1] in stage.words
                assert scenario.support_sees.split()[-1] in stage.words
                assert all(len(line) <= size[0] for line in stage.lines)
            assert "Nothing yet. Press s to start the selected scenario." in stage.text

    @pytest.mark.parametrize("size", SIZES)
    async def test_what_is_said_of_each_scenario_fits_without_scrolling(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            for scenario in SCENARIOS:
                await select(stage, scenario.name)
                assert shown(stage).query_one("ScenarioView").max_scroll_y == 0, scenario.name

    async def test_the_connection_that_was_selected_in_the_list_is_the_chosen_one(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with running(stage_on(sandbox, tmp_path, in_hand=True), MEDIUM) as stage:
            await stage.press("down", "down")
            list_screen = stage.app.screen
            assert isinstance(list_screen, ConnectionsScreen)
            name = selected(list_screen)
            await stage.press("6")
            assert f"start on  {name}" in stage.text
            await stage.press("1", "down", "enter", "6")
            other = selected(list_screen)
            assert other != name
            assert f"start on  {other}" in stage.text
            await stage.press("5", "6")
            assert f"start on  {other}" in stage.text

    async def test_an_empty_fleet_gets_new_connections(self, empty: Sandbox, tmp_path: Path) -> None:
        async with in_hand(empty, tmp_path) as stage:
            assert "a new connection each time" in stage.text
            await stage.press("c")
            assert isinstance(stage.app.screen, ConnectionPicker)
            assert "A new connection" in stage.text
            await stage.press("enter", "s")
            made = await started(stage)
            assert [row.id for row in stage.workspace.rows] == [made.connection_id]
            await stage.press("escape")
            assert "1 connection" in stage.text


class TestStarting:
    @pytest.mark.parametrize("size", SIZES)
    async def test_each_is_started_on_a_new_connection_and_followed(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            for count, name in enumerate(NAMES, 1):
                before = {row.id for row in stage.workspace.rows}
                await select(stage, name)
                await stage.press("n")
                made = await started(stage, count)
                assert made.scenario.name == name
                assert {row.id for row in stage.workspace.rows} - before == {made.connection_id}
                row = stage.workspace.row(made.connection_id)
                assert row is not None
                shown_name = row.connection.name[:14]
                await stage.until(lambda name=shown_name: "◌ requested" in stage.line(name), within=5)  # type: ignore[misc]
                await stage.press("w")
                assert isinstance(stage.app.screen, SyncScreen)
                assert stage.app.screen.sync_id == made.sync_id
                assert row.connection.name in stage.text
                await stage.press("escape")

    @pytest.mark.parametrize("size", SIZES)
    async def test_each_is_started_on_the_chosen_connection_and_followed(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            connections, chosen = len(stage.workspace.rows), connected(stage)
            await choose(stage, chosen)
            for count, name in enumerate(NAMES, 1):
                await select(stage, name)
                await stage.press("enter")
                made = await started(stage, count)
                assert (made.scenario.name, made.connection_id) == (name, chosen)
                assert len(stage.workspace.rows) == connections
                await stage.press("w")
                assert isinstance(stage.app.screen, SyncScreen)
                assert (stage.app.screen.connection_id, stage.app.screen.sync_id) == (chosen, made.sync_id)
                await stage.press("escape")

    async def test_a_new_connection_is_in_the_list_and_can_be_opened_at_once(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("n")
            made = await started(stage)
            await stage.press("1")
            screen = stage.app.screen
            assert isinstance(screen, ConnectionsScreen)
            assert screen.table.select(made.connection_id)
            await stage.press("enter")
            row = stage.workspace.row(made.connection_id)
            assert row is not None
            assert row.connection.name in stage.text

    async def test_what_was_started_is_seen_to_go_on_to_its_end(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path, MEDIUM) as stage:
            await select(stage, "disconnect-mid-sync")
            await stage.press("n")
            made = await started(stage)
            row = stage.workspace.row(made.connection_id)
            assert row is not None
            name = row.connection.name[:14]
            await stage.press("+", "+", "+", "+", "+")
            await stage.until(lambda: "◐ in progress" in stage.line(name), within=10)
            await stage.until(lambda: "✗ failed" in stage.line(name), within=60)
            await stage.until(lambda: "○ disconnected" in stage.line(name), within=2)

    async def test_what_was_started_earlier_can_be_selected_and_followed(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("n")
            first = await started(stage)
            await stage.press("down", "n")
            second = await started(stage, 2)
            assert first.connection_id != second.connection_id
            await stage.press("tab", "down", "enter")
            assert isinstance(stage.app.screen, SyncScreen)
            assert stage.app.screen.sync_id == first.sync_id
            await stage.press("escape", "up", "w")
            assert isinstance(stage.app.screen, SyncScreen)
            assert stage.app.screen.sync_id == second.sync_id

    async def test_following_says_so_where_nothing_was_started(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("w")
            assert any("Nothing was started here yet." in toast for toast in stage.toasts)
            shown(stage)

    async def test_what_cannot_be_played_is_refused_in_words_and_nothing_is_lost(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        token = sandbox.add_connection(company="Revoked Haulage")["token"]
        async with in_hand(sandbox, tmp_path) as stage:
            row = next(row for row in stage.workspace.rows if row.connection.name == "Revoked Haulage")
            sandbox.revoke_token(token)
            await choose(stage, row.id)
            await stage.press("s")
            await until(lambda: bool(stage.toasts))
            assert "Healthy first sync: not started" in stage.toasts[0]
            assert "was revoked" in stage.toasts[0]
            assert not simulation(stage).started
            await stage.press("n")
            await started(stage)

    async def test_6_leads_back_from_the_followed_sync_to_the_scenarios(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("n")
            await started(stage)
            await stage.press("w", "6")
            shown(stage)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    async def test_the_command_that_does_the_same_is_copied(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("down", "y")
            assert stage.clipboard == "syncscope sandbox --scenario missing-permissions"


class TestByMouse:
    @pytest.mark.parametrize("size", [MEDIUM, LARGE])
    async def test_a_scenario_is_started_and_followed(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            await stage.click_text("Stalled sync")
            await stage.click_text("start on new")
            made = await started(stage)
            assert made.scenario.name == "stall"
            await stage.click_text("◌ requested")
            assert isinstance(stage.app.screen, SyncScreen)
            assert stage.app.screen.sync_id == made.sync_id

    async def test_a_connection_is_chosen(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path, MEDIUM) as stage:
            await stage.click_text("start on  ")
            assert isinstance(stage.app.screen, ConnectionPicker)
            row = stage.workspace.row(connected(stage))
            assert row is not None
            await stage.click_text(row.connection.name)
            await stage.click_text("  Choose  ")
            assert f"start on  {row.connection.name}" in stage.text
            await stage.click_text("start on  ")
            await stage.click("#new")
            assert "start on  a new connection each time" in stage.text

    async def test_the_knobs_of_the_clock_are_pressed(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.click_text("+ faster")
            assert "SIMULATED ×2" in stage.lines[0]
            await stage.click_text("- slower")
            assert "SIMULATED ×1" in stage.lines[0]
            await stage.click_text("p pause")
            assert "paused" in stage.lines[0]
            await stage.click_text("p go on")
            assert "paused" not in stage.text
            before = simulation(stage).now
            await stage.click_text("a hour ahead")
            assert (simulation(stage).now - before).total_seconds() == 3600


class TestClock:
    @pytest.mark.parametrize("size", SIZES)
    async def test_it_goes_faster_and_slower_step_by_step_and_every_bar_says_so(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with in_hand(sandbox, tmp_path, size) as stage:
            for key, speeds in (("+", SPEEDS[1:]), ("-", SPEEDS[-2::-1]), ("=", SPEEDS[1:2])):
                for speed in speeds:
                    await stage.press(key)
                    assert simulation(stage).speed == speed
                    assert f"SIMULATED ×{speed} " in stage.lines[0]
                    assert f"  ×{speed}" in stage.line("slower")
            await stage.press("-", "-")
            assert any("×1 is the slowest." in toast for toast in stage.toasts)

    async def test_it_stands_still_and_goes_on(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("p")
            assert "SIMULATED ×1 paused" in stage.lines[0]
            assert "×1  paused" in stage.line("p go on")
            stood = simulation(stage).now
            await stage.pass_time(120)
            assert simulation(stage).now == stood
            assert stage.workspace.server_now() == stood
            await stage.press("1")
            assert "SIMULATED ×1 paused" in stage.lines[0]
            await stage.press("6", "p")
            assert "paused" not in stage.text
            await stage.pass_time(60)
            assert (simulation(stage).now - stood).total_seconds() == 60

    async def test_each_of_its_minutes_is_told_though_not_more_often_than_each_second(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with in_hand(sandbox, tmp_path, MEDIUM) as stage:
            waits: list[float] = []

            def set_timer(delay: float, call: object) -> object:
                if call == stage.app._tick:
                    waits.append(round(delay, 1))
                return timer(3600, call)  # type: ignore[arg-type]

            timer = stage.app.set_timer
            monkeypatch.setattr(stage.app, "set_timer", set_timer)
            await stage.press(*"++++++++")  # ×600, at which a minute lasts a tenth of a second
            assert waits == [30.0, 12.0, 6.0, 2.0, 1.0, 1.0, 1.0, 1.0]
            await stage.pass_time(1)
            stage.app._latency = 0.01
            stage.app._tick()
            await stage.rest()
            assert "14:12 simulated" in stage.lines[0]
            assert stage.app._latency == 0.0  # told anew in the first of our own minutes, and not in each of theirs
            stage.app._latency = 0.01
            stage.app._tick()
            assert stage.app._latency == 0.01
            waits.pop()
            assert "14:12" in stage.line("slower")
            assert waits.pop() == 1.0
            await stage.press("p")
            assert waits.pop() == 59.0  # it stands, and what is written once a minute is written as elsewhere

    async def test_what_points_another_program_at_it_is_copied(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("Y")
            url, key = sandbox.announcement.servers["terminal"]
            assert stage.clipboard == f"export TERMINAL_BASE_URL={url}\nexport TERMINAL_API_KEY={key}"
            assert any("Copied what points another program at this server" in toast for toast in stage.toasts)
            assert key not in stage.text

    async def test_an_hour_ahead_is_told_at_once(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path, MEDIUM) as stage:
            assert "22 Nov 2026 14:02" in stage.line("slower")
            await stage.press("p", "a")
            assert "22 Nov 2026 15:02" in stage.line("slower")
            assert "15:02 simulated" in stage.lines[0]

    async def test_its_line_is_painted_only_where_it_says_something_new(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            painted: list[object] = []
            time = shown(stage).query_one("#clock-time")
            monkeypatch.setattr(time, "update", painted.append)
            for _ in range(5):
                shown(stage).tell_time()
                await stage.rest()
            assert not painted
            await stage.pass_time(60)
            shown(stage).tell_time()
            await stage.rest()
            assert len(painted) == 1


class TestPicker:
    async def test_letters_narrow_the_connections_and_enter_takes_the_selected_one(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("c")
            await stage.type("trép")
            assert "Transport Trépanier" in stage.text
            assert "A new connection  " not in stage.line("Transport Trépanier")
            await stage.press("enter")
            assert "start on  Transport Trépanier" in stage.text

    async def test_arrows_move_from_the_filter_and_escape_changes_nothing(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            chosen = shown(stage).chosen
            await stage.press("c", "down", "escape")
            assert shown(stage).chosen == chosen
            await stage.press("c", "up", "enter")
            assert shown(stage).chosen != chosen

    async def test_a_filter_that_cannot_be_read_says_why_and_leaves_the_rows(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("c")
            await stage.type("stade:x")
            assert "✗ there is no filter “stade:”" in stage.text
            assert "A new connection" in stage.text

    @pytest.mark.parametrize("name", HOSTILE)
    async def test_names_may_say_anything(self, sandbox: Sandbox, tmp_path: Path, name: str) -> None:
        hostile = sandbox.add_connection(company=HOSTILE[name], provider=HOSTILE[name])
        async with in_hand(sandbox, tmp_path) as stage:
            await choose(stage, hostile["id"])
            inert(stage)
            await stage.press("c")
            inert(stage)
            await stage.press("enter", "s")
            await started(stage)
            inert(stage)


class TestOtherServers:
    async def test_a_server_without_scenarios_says_so_and_its_clock_works(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with in_hand(sandbox, tmp_path, SMALL, "demo-stuut") as stage:
            assert NOTHING in stage.text
            await stage.press("s", "n", "y")
            assert any(NOTHING in toast for toast in stage.toasts)
            await stage.press("+", "p")
            assert "SIMULATED ×2 paused" in stage.lines[0]

    @pytest.mark.parametrize("size", SIZES)
    async def test_a_real_server_has_no_such_screen_and_the_key_says_why(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(Terminal(), size) as stage:
            await stage.press("6")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert any("Only the simulated server that runs within Syncscope" in toast for toast in stage.toasts)
            provider = ActionCommands(stage.app.screen)
            offered = [hit.display async for hit in provider.discover()]  # type: ignore[union-attr]
            assert offered
            assert not any("(6)" in str(text) for text in offered)

    async def test_6_is_a_letter_like_any_other_in_a_field(self, scripted: Scripted) -> None:
        async with scripted(Terminal()) as stage:
            await stage.press("/", "6")
            assert not stage.toasts

    async def test_what_was_opened_from_here_is_left_with_its_server(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with in_hand(sandbox, tmp_path) as stage:
            await stage.press("n")
            await started(stage)
            await stage.press("w", "5")
            stage.app.open_profile("demo-stuut")
            await stage.until(lambda: stage.app.workspace is stage.opened[-1] and len(stage.opened) == 2)
            await stage.press("6")
            assert NOTHING in stage.text
            await stage.press("1", "]")
            await stage.until(lambda: stage.app.workspace is stage.opened[-1] and len(stage.opened) == 3)
            await stage.press("6")
            assert "Healthy first sync" in stage.text
