"""The embedded server in hand: its time is told as it is, however it goes, and scenarios are played and followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, goes_by
from tests.unit.workspace.bench import Terminal, let_pass, opened
from tui_app.api.health import HealthState
from tui_app.changes import Change, ServerChanged
from tui_app.models.profile import Profile
from tui_app.models.times import age
from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.server import Sandbox
from tui_app.workspace import Workspace
from tui_app.workspace.listing import GATHERED
from tui_app.workspace.simulation import SPEEDS, NotPlayed, Simulation

InHand = tuple[Workspace, Simulation, FakeClock]


@pytest.fixture
async def in_hand(request: pytest.FixtureRequest) -> AsyncIterator[InHand]:
    """A workspace on the embedded server, whose time goes by the clock's as fast as it is told to."""
    sandbox = Sandbox(seed=1, connections=8, speed=0, start=START, rate_limits=False)
    announced = sandbox.start()
    clock = FakeClock()
    goes_by(clock, sandbox)
    kind = getattr(request, "param", "terminal")
    url, key = announced.servers[kind]
    workspace = Workspace(
        Profile(name="demo", kind=kind, budget=400), url, SecretStr(key), clock=clock, sandbox=sandbox
    )
    workspace.start()
    assert workspace.simulation is not None
    try:
        await let_pass(clock, lambda: workspace.reading.complete)
        yield workspace, workspace.simulation, clock
    finally:
        await workspace.close()
        sandbox.stop()


async def looks(workspace: Workspace, clock: FakeClock, *, seconds: float) -> int:
    """How many requests are sent meanwhile."""
    before, end = len(workspace.recorder), clock.monotonic() + seconds
    await let_pass(clock, lambda: clock.monotonic() >= end)
    return len(workspace.recorder) - before


class TestTime:
    async def test_while_it_stands_still_nothing_is_looked_at_until_it_goes_on(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        workspace.show([row.id for row in workspace.rows])
        await let_pass(clock, lambda: workspace.looked_at == workspace.to_look_at)
        simulation.pause()
        await looks(workspace, clock, seconds=20)  # what is on screen, once more
        assert await looks(workspace, clock, seconds=300) == 0
        simulation.resume()
        assert await looks(workspace, clock, seconds=20) >= workspace.to_look_at

    async def test_while_it_stands_still_what_anybody_does_there_is_seen(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        workspace.show([row.id for row in workspace.rows])
        await let_pass(clock, lambda: workspace.looked_at == workspace.to_look_at)
        simulation.pause()
        await looks(workspace, clock, seconds=20)
        row = next(row for row in workspace.rows if row.state.word == "connected")
        said = simulation._sandbox.play("healthy-first-sync", row.id)
        await let_pass(clock, lambda: (workspace.fleet.row(row.id) or row).last_sync is not row.last_sync, limit=20)
        seen = workspace.row(row.id)
        assert seen is not None
        assert seen.last_sync is not None
        assert seen.last_sync.id == said.sync_id
        simulation.faults.switch("error-500")
        await let_pass(clock, lambda: workspace.health.state is not HealthState.LIVE, limit=20)

    async def test_a_workspace_that_is_closed_hears_no_more_of_what_is_done_there(self, in_hand: InHand) -> None:
        workspace, simulation, _ = in_hand
        assert simulation._sandbox.on_write is not None
        await workspace.close()
        assert simulation._sandbox.on_write is None

    async def test_nothing_grows_older_while_it_stands_still(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        moment = simulation.now - timedelta(minutes=5)
        simulation.pause()
        for _ in range(10):
            await clock.advance(60)
            assert age(moment, workspace.server_now()) == "5 min ago"
        simulation.resume()
        await clock.advance(60)
        assert age(moment, workspace.server_now()) == "6 min ago"

    @pytest.mark.parametrize("speed", SPEEDS)
    async def test_ages_are_of_its_own_time_at_any_speed_also_where_nothing_was_asked_for_long(
        self, in_hand: InHand, speed: int
    ) -> None:
        workspace, simulation, clock = in_hand
        while simulation.speed < speed:
            assert simulation.faster()
        assert simulation.speed == speed
        moment = simulation.now
        clock._elapsed += 7  # nobody wakes, so nobody asks
        assert workspace.server_now() - moment == timedelta(seconds=7 * speed)

    async def test_it_never_seems_to_go_back_where_it_slows_down_stands_or_is_moved(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        before = workspace.server_now()
        for change in (simulation.faster, simulation.slower, simulation.pause, lambda: simulation.advance(3600)):
            change()
            await clock.advance(10)
            assert workspace.server_now() >= before
            before = workspace.server_now()

    async def test_speeds_go_step_by_step_from_any_speed_and_end(self, in_hand: InHand) -> None:
        _, simulation, _ = in_hand
        simulation._sandbox.clock.set_speed(45)
        assert simulation.faster()
        assert simulation.speed == 60
        simulation._sandbox.clock.set_speed(45)
        assert simulation.slower()
        assert simulation.speed == 30
        while simulation.slower():
            pass
        assert simulation.speed == SPEEDS[0]
        while simulation.faster():
            pass
        assert simulation.speed == SPEEDS[-1]

    async def test_the_next_minute_is_known_unless_it_stands(self, in_hand: InHand) -> None:
        _, simulation, _ = in_hand
        simulation.advance(60 - simulation.now.second - simulation.now.microsecond / 1e6)
        assert simulation.to_next_minute == pytest.approx(60, abs=0.1)
        assert simulation.faster()
        assert simulation.to_next_minute == pytest.approx(30, abs=0.1)
        simulation.pause()
        assert simulation.to_next_minute is None

    @pytest.mark.parametrize("in_hand", ["terminal", "stuut"], indirect=True)
    async def test_what_another_program_makes_there_is_listed_as_soon_as_it_is_heard_of(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        simulation.pause()  # and so it is not what is read from time to time
        add = {"terminal": simulation._sandbox.add_connection, "stuut": simulation._sandbox.add_integration}  # type: ignore[attr-defined]
        made = add[workspace.profile.kind](company="Made Elsewhere")["id"]
        simulation._sandbox.on_write()  # type: ignore[misc] # as after a request of any client
        await let_pass(clock, lambda: workspace.row(made) is not None, limit=GATHERED + 1)

    async def test_each_change_is_told_at_once(self, in_hand: InHand) -> None:
        workspace, simulation, _ = in_hand
        told: list[Change] = []
        workspace._publish = told.append  # type: ignore[assignment, method-assign]
        simulation.pause()
        simulation.resume()
        simulation.advance(60)
        simulation.faster()
        assert told.count(ServerChanged()) == 4


class TestWayIn:
    @pytest.mark.parametrize("in_hand", ["terminal", "stuut"], indirect=True)
    async def test_what_is_copied_for_another_program_opens_the_server(self, in_hand: InHand) -> None:
        workspace, _, _ = in_hand
        lines = dict(line.removeprefix("export ").split("=", 1) for line in workspace.way_in.splitlines())
        kind = workspace.profile.kind
        url, key = lines[f"{kind.upper()}_BASE_URL"], lines[f"{kind.upper()}_API_KEY"]
        async with httpx.AsyncClient() as client:
            for given, status in ((key, 200), (f"{key}x", 401)):
                headers = {"Authorization": f"Bearer {given}", "x-api-key": given}
                assert (await client.get(f"{url}/connections", headers=headers)).status_code == status

    async def test_of_a_server_that_is_not_embedded_nothing_is_told(self) -> None:
        async with opened(Terminal(), start=False) as (workspace, _):
            assert workspace.way_in == ""


class TestPacing:
    async def test_a_sync_that_is_looked_at_seldom_is_looked_at_once_its_time_was_moved(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        started = await workspace.play("provider-files")
        watch = workspace.watch(started.connection_id, started.sync_id or "")
        await let_pass(clock, lambda: (watch.next_look_at or 0) - clock.monotonic() > 100, limit=3600)
        simulation.advance(6 * 3600)
        began = clock.monotonic()
        await let_pass(clock, lambda: watch.finished, limit=20)
        assert clock.monotonic() - began <= 1

    async def test_after_a_long_rest_looks_are_as_close_as_at_first(self, in_hand: InHand) -> None:
        workspace, simulation, clock = in_hand
        started = await workspace.play("healthy-first-sync")
        watch = workspace.watch(started.connection_id, started.sync_id or "")
        simulation.advance(60)
        await let_pass(clock, lambda: watch.latest_sync is not None and watch.latest_sync.status == "in_progress")
        simulation.pause()
        await let_pass(clock, lambda: (watch.next_look_at or 0) - clock.monotonic() > 10)
        while simulation.speed < 60:
            simulation.faster()
        simulation.resume()
        seen, began = len(watch.observations), clock.monotonic()
        await let_pass(clock, lambda: watch.finished, limit=20)
        assert clock.monotonic() - began < 12
        assert len(watch.observations) - seen >= 6


class TestScenarios:
    async def test_each_is_played_on_a_connection_that_the_fleet_knows_at_once(self, in_hand: InHand) -> None:
        workspace, simulation, _ = in_hand
        for number, scenario in enumerate(SCENARIOS, 1):
            started = await workspace.play(scenario.name)
            assert (started.number, started.scenario) == (number, scenario)
            assert workspace.row(started.connection_id) is not None
            assert workspace.watcher.find(started.connection_id, started.sync_id or "") is not None
        assert len(simulation.started) == len({started.connection_id for started in simulation.started})

    async def test_a_list_that_is_being_read_already_is_read_again(self, in_hand: InHand) -> None:
        workspace, _, _ = in_hand
        workspace._spawn(workspace.read_fleet())
        started = await workspace.play("stall")
        assert workspace.row(started.connection_id) is not None

    async def test_the_chosen_connection_is_known_as_it_is_then(self, in_hand: InHand) -> None:
        workspace, _, _ = in_hand
        chosen = next(row for row in workspace.rows if row.state.word == "disconnected")
        started = await workspace.play("stall", chosen.id)
        assert started.connection_id == chosen.id
        row = workspace.row(chosen.id)
        assert row is not None
        assert row.connection.status == "connected"

    async def test_what_cannot_be_played_is_said_and_nothing_was_started(self, in_hand: InHand) -> None:
        workspace, simulation, _ = in_hand
        with pytest.raises(NotPlayed, match="no connection"):
            await workspace.play("stall", "conn_nope")
        with pytest.raises(NotPlayed, match="no scenario"):
            await workspace.play("nope")
        assert not simulation.started

    @pytest.mark.parametrize("in_hand", ["stuut"], indirect=True)
    async def test_another_kind_of_server_offers_only_its_own(self, in_hand: InHand) -> None:
        _, simulation, _ = in_hand
        assert {scenario.kind for scenario in simulation.scenarios} <= {"stuut"}

    async def test_a_server_elsewhere_is_not_in_hand(self) -> None:
        async with opened(Terminal()) as (workspace, _):
            assert (workspace.simulation, workspace.paused) == (None, False)
            with pytest.raises(NotPlayed):
                await workspace.play("stall")
