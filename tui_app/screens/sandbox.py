"""The embedded server at one's command: its clock, and scenarios that are started on its connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.changes import FleetChanged, RowChanged, ServerChanged, Watched
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen
from tui_app.style_sheets import styles
from tui_app.widgets.clock_line import ClockLine, Knob, Touch
from tui_app.widgets.scenario_view import Chooser, ScenarioView, Scene, command_of, scenario_columns, scene_columns
from tui_app.widgets.states import state_spans
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.models.fleet import FleetRow
    from tui_app.sandbox.scenarios import Scenario
    from tui_app.workspace.simulation import Simulation, Started

HOUR = 3600.0
LIVELY = timedelta(hours=2)
"""The server's time after its start for which a scenario may still do something to its connection by itself."""
LOOKS = 3.0
"""Seconds between two looks at the connections that something is going on with."""
NOTHING = "No scenarios for this server; the clock works."


class SandboxScreen(AppScreen[None]):
    """The clock on top, the scenarios, what the selected one is about, and what was started."""

    CSS_PATH = styles("sandbox")
    SCOPE = "sandbox"
    ABOUT = (
        "The simulated server at your command. Its time can go up to 600 times faster, stand still, or be moved an "
        "hour ahead. A scenario makes a connection go through something that support has to deal with: start it, then "
        "follow it as you would any other, from the sync's screen. Faults (f) go wrong between here and the server."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("sandbox")
    AUTO_FOCUS = "#scenarios"

    chosen: reactive[str | None] = reactive(None, init=False, repaint=False)
    """The ID of the connection that scenarios are started on; ``None``: one that is made for each."""

    clock_line = getters.query_one(ClockLine)
    scenarios = getters.query_one("#scenarios", Table)
    started = getters.query_one("#started", Table)

    def __init__(self) -> None:
        super().__init__()
        self._looked = 0.0
        self._faults = Knob("f", "faults: none on", "faults")

    def body(self) -> ComposeResult:
        """The clock, where scenarios are started, the scenarios, and what is known of them."""
        yield ClockLine()
        with Horizontal(id="target-line"):
            yield Touch("choose", id="target")
            yield self._faults
        with Horizontal(id="sandbox-area"):
            yield Chooser[Any](scenario_columns(), lambda scenario: scenario.name, id="scenarios")
            with Vertical(id="sandbox-side"):
                yield ScenarioView()
                yield Chooser[Any](scene_columns(self._now), lambda scene: scene.key, id="started")

    def on_mount(self) -> None:
        """Show what there is."""
        simulation = self._simulation
        found = simulation.scenarios if simulation else []
        self.scenarios.empty = ((NOTHING, "muted"),)
        self.started.empty = (("Nothing yet. ", "muted"), ("Press s to start the selected scenario.", "muted"))
        if not found:
            self.started.empty = (("Nothing: there is none to start.", "muted"),)
        self.scenarios.set_rows(found)

    def on_screen_resume(self) -> None:
        """Draw what came behind another screen."""
        self._see(True)
        self.tell_time()

    def on_screen_suspend(self) -> None:
        """Nobody sees what was started."""
        self._see(False)

    # What is shown

    @property
    def _simulation(self) -> Simulation | None:
        return self.host.workspace.simulation if self.host.workspace else None

    @property
    def subject(self) -> str | None:
        """The connection that scenarios are started on."""
        return self.chosen

    def _now(self) -> datetime:
        return self.host.workspace.server_now() if self.host.workspace else datetime.now(UTC)

    def _chosen_row(self) -> FleetRow | None:
        workspace = self.host.workspace
        return workspace.row(self.chosen) if workspace is not None and self.chosen is not None else None

    def on_change(self, change: Change) -> None:
        """Take what is new to where it is shown."""
        if isinstance(change, ServerChanged):
            self._draw_clock()
        elif isinstance(change, FleetChanged):
            self._draw()
        elif isinstance(change, RowChanged):
            self._draw_rows(change.connection_id)
        elif isinstance(change, Watched) and change.observation.next_look is None:
            self._look(change.observation.connection_id)

    def tell_time(self) -> None:
        """Another minute of the server's: look at what was started, though not each time where that comes often."""
        self._draw()
        workspace, simulation = self.host.workspace, self._simulation
        if workspace is None or simulation is None:
            return
        now = workspace.clock.monotonic()
        if now - self._looked >= LOOKS and any(self._now() - each.at < LIVELY for each in simulation.started):
            self._looked = now
            workspace.look_again()

    def watch_chosen(self) -> None:
        """Say which connection it is."""
        self._draw_target()

    def _draw(self) -> None:
        self._draw_clock()
        self._draw_target()
        simulation = self._simulation
        if simulation is not None:
            self.started.set_rows([self._scene(started) for started in reversed(simulation.started)])

    def _draw_clock(self) -> None:
        if self._simulation is not None:
            self.clock_line.show(self._simulation)
            count = self._simulation.faults.count
            self._faults.name_it(
                f"faults: {count} on" if count else "faults: none on", "bold $warning" if count else ""
            )

    def _draw_target(self) -> None:
        row = self._chosen_row()
        pieces: list[str | tuple[str, str]] = [("start on  ", "$muted")]
        if row is None:
            pieces.append(("a new connection each time", "bold"))
        else:
            ((word, role),) = state_spans(row.state)
            provider = safe_text(row.connection.provider.name, 24)
            pieces += [(safe_text(row.connection.name, 40), "bold"), f" · {provider} · ", (word, f"${role}")]
        self.query_one("#target", Static).update(Content.assemble(*pieces))

    def _draw_rows(self, connection_id: str) -> None:
        if connection_id == self.chosen:
            self._draw_target()
        for scene in self.started.rows:
            if scene.started.connection_id == connection_id:
                self.started.update_row(self._scene(scene.started))

    def _scene(self, started: Started) -> Scene:
        workspace = self.host.workspace
        if workspace is None:
            return Scene(started, None, None)
        row = workspace.row(started.connection_id)
        if started.sync_id is None:
            return Scene(started, row, None)
        watch = workspace.watcher.find(started.connection_id, started.sync_id)
        if watch is not None and watch.latest_sync is not None:
            return Scene(started, row, watch.latest_sync)
        newest = row.last_sync if row is not None else None
        return Scene(started, row, newest if newest is not None and newest.id == started.sync_id else None)

    @on(Table.Highlighted, "#scenarios")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        self.query_one(ScenarioView).show(event.row)

    @on(Table.Shown, "#started")
    def _rows_shown(self, event: Table.Shown) -> None:
        event.stop()
        if self.host.workspace is not None and self.is_current:
            self.host.workspace.show(list(dict.fromkeys(scene.started.connection_id for scene in event.rows)))

    def _see(self, visible: bool) -> None:
        """What a screen shows is looked at faster."""
        workspace, simulation = self.host.workspace, self._simulation
        if workspace is None or simulation is None:
            return
        for started in simulation.started:
            watch = workspace.watcher.find(started.connection_id, started.sync_id or "")
            if watch is not None:
                watch.visible = visible

    @work(group="look", exit_on_error=False)
    async def _look(self, connection_id: str) -> None:
        """See what the end of a sync has made of its connection."""
        from tui_app.api.errors import ApiError

        workspace, simulation = self.host.workspace, self._simulation
        if workspace is None or simulation is None:
            return
        if any(started.connection_id == connection_id for started in simulation.started):
            try:
                await workspace.read_connection(connection_id)
            except (ApiError, KeyError):
                return  # what was known stands, and is looked at again by itself

    # The clock

    def action_pause(self) -> None:
        """Let the server's time stand still, or go on."""
        simulation = self._simulation
        if simulation is not None:
            if simulation.paused:
                simulation.resume()
            else:
                simulation.pause()

    def action_faster(self) -> None:
        """To the next speed."""
        self._set_speed(faster=True)

    def action_slower(self) -> None:
        """To the speed before."""
        self._set_speed(faster=False)

    def action_ahead(self) -> None:
        """An hour ahead."""
        if self._simulation is not None:
            self._simulation.advance(HOUR)

    def _set_speed(self, *, faster: bool) -> None:
        simulation = self._simulation
        if simulation is None:
            return
        if not (simulation.faster() if faster else simulation.slower()):
            self.host.say(f"×{simulation.speed:g} is the {'fastest' if faster else 'slowest'}.", timeout=3)

    # The scenarios

    @on(Table.Chosen, "#scenarios")
    def _scenario_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.action_start()

    @on(Table.Chosen, "#started")
    def _started_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self._go_to(event.row.started)

    def action_start(self) -> None:
        """Start the selected scenario on the chosen connection."""
        self._start(self.chosen if self._chosen_row() is not None else None)

    def action_start_new(self) -> None:
        """Start the selected scenario on a new connection."""
        self._start(None)

    def _start(self, connection_id: str | None) -> None:
        scenario: Scenario | None = self.scenarios.current
        if scenario is None:
            self.host.say(NOTHING, severity="warning")
        else:
            self._play(scenario, connection_id)

    @work(group="play", exit_on_error=False)
    async def _play(self, scenario: Scenario, connection_id: str | None) -> None:
        from tui_app.workspace.simulation import NotPlayed

        workspace = self.host.workspace
        if workspace is None:
            return
        try:
            started = await workspace.play(scenario.name, connection_id)
        except NotPlayed as error:
            self.host.say(f"{error}.", title=f"{scenario.title}: not started", severity="error", timeout=12)
            return
        self._draw()
        self.started.select(str(started.number))

    def action_follow(self) -> None:
        """Follow what was started last, or what was selected since among what was started."""
        if self.started.current is not None:
            self._go_to(self.started.current.started)
        else:
            self.host.say("Nothing was started here yet.")

    def _go_to(self, started: Started) -> None:
        workspace = self.host.workspace
        if workspace is None:
            return
        if workspace.row(started.connection_id) is None:
            self.host.say("Its connection is not in the list: it is gone, or the list could not be read yet.")
        elif started.sync_id is not None:
            self.host.open_sync(started.connection_id, started.sync_id)
        else:
            self.host.open_connection(started.connection_id)

    def action_choose(self) -> None:
        """Choose the connection."""
        self._choose()

    @work(group="choose", exclusive=True, exit_on_error=False)
    async def _choose(self) -> None:
        from tui_app.screens.connection_picker import ConnectionPicker

        choice = await self.app.push_screen_wait(ConnectionPicker(self.chosen))
        if choice is not None:
            self.chosen = choice.row.id if choice.row is not None else None

    def action_copy_command(self) -> None:
        """Copy the command that serves the selected scenario without these screens."""
        scenario: Scenario | None = self.scenarios.current
        if scenario is not None:
            self.host.copy(command_of(scenario), command_of(scenario))

    def action_copy_way_in(self) -> None:
        """Copy how another program reaches this server. Its key opens nothing but what is simulated."""
        way_in = self.host.workspace.way_in if self.host.workspace is not None else ""
        if way_in:
            self.host.copy(way_in, "what points another program at this server")

    async def action_faults(self) -> None:
        """Show what can go wrong between here and the server."""
        from tui_app.screens.faults import FaultsScreen

        await self.app.push_screen(FaultsScreen())

    def action_end_faults(self) -> None:
        """End all faults."""
        if self._simulation is not None:
            self._simulation.faults.end_all()

    async def action_back(self) -> None:
        """Go back to the connections."""
        await self.app.switch_mode("connections")
