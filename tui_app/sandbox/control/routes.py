"""The control path's operations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Request, Response

from tui_app.sandbox import routes as terminal
from tui_app.sandbox import stuut
from tui_app.sandbox.clock import VirtualClock, iso, to_ms
from tui_app.sandbox.control import PREFIX
from tui_app.sandbox.control.bodies import ClockBody, PlayBody, ScenarioName
from tui_app.sandbox.control.faults import faults_json
from tui_app.sandbox.control.refusals import object_or_none, unknown_scenario, unprocessable
from tui_app.sandbox.control.schema import answers
from tui_app.sandbox.faults.board import Faults
from tui_app.sandbox.scenarios import SCENARIOS, NoScenario, NotPlayable, Scenario
from tui_app.sandbox.scenarios.playing import play
from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.store import Store

# Moments further ahead than this could not all be written any more: what is asked for now may bear a later date.
FURTHEST_MS = to_ms(datetime(9000, 1, 1, tzinfo=UTC))
_SHOWN = 100


class ControlApi:
    """The operations. They run on one thread, the server's; what they change is guarded by the store's lock."""

    def __init__(self, store: Store, on_write: Callable[[], None], faults: Faults) -> None:
        """Answer from a store.

        Args:
            store: What the server knows.
            on_write: Called after every change, before it is answered.
            faults: What goes wrong between clients and the simulated APIs.
        """
        self._store = store
        self._faults = faults
        self._on_write = on_write

    def add_to(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        add_routes(
            app,
            PREFIX,
            ("GET", "", self.overview, "overview", answers("Overview")),
            ("GET", "/clock", self.read_clock, "readClock", answers("Clock")),
            ("PATCH", "/clock", self.set_clock, "setClock", answers("Clock", 200, 400, 422)),
            ("GET", "/scenarios", self.list_scenarios, "listScenarios", answers("Scenarios")),
            ("POST", "/scenarios/{name}", self.play, "playScenario", answers("Played", 201, 400, 404, 422)),
        )
        # Clients that put a base URL and an empty path together often end up here.
        app.add_api_route(f"{PREFIX}/", self.overview, methods=["GET"], include_in_schema=False)

    async def overview(self, request: Request) -> Response:
        """Tell what there is: the time, the scenarios, what was played last, what faults are on, where the APIs are."""
        # The address at which the request came in: the one that the client can reach.
        host, port = request.scope["server"]
        base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        with self._store.lock:
            played = self._store.played[: -_SHOWN - 1 : -1]
        told = {
            "clock": _clock_json(self._store.clock),
            "scenarios": [_scenario_json(scenario) for scenario in SCENARIOS],
            "played": [
                {"scenario": name, "connectionId": connection_id, "syncId": sync_id, "playedAt": iso(ms)}
                for name, connection_id, sync_id, ms in played
            ],
            "faults": faults_json(self._faults.on),
            "seed": self._store.seed,
            "connections": {"fleet": len(self._store.fleet), "made": len(self._store.made)},
            "servers": {"terminal": base + terminal.PREFIX, "stuut": base + stuut.PREFIX},
        }
        return answer(told)

    async def read_clock(self) -> Response:
        """Tell the time, and how it runs."""
        return answer(_clock_json(self._store.clock))

    async def set_clock(self, body: ClockBody) -> Response:
        """Let the clock run faster or slower, stand still or run again, or move it ahead."""
        clock = self._store.clock
        if body.advance_seconds is not None and clock.now_ms() + body.advance_seconds * 1000 > FURTHEST_MS:
            wrong = ("advanceSeconds", f"'advanceSeconds' must not lead beyond {iso(FURTHEST_MS)}")
            raise unprocessable("The clock cannot be moved that far ahead", wrong)
        if body.speed is not None:
            clock.set_speed(body.speed)
        if body.paused is not None:
            (clock.pause if body.paused else clock.resume)()
        if body.advance_seconds is not None:
            clock.advance(body.advance_seconds)
        self._on_write()
        return answer(_clock_json(clock))

    async def list_scenarios(self) -> Response:
        """List the scenarios, in the order in which they are best shown."""
        return answer({"scenarios": [_scenario_json(scenario) for scenario in SCENARIOS]})

    async def play(
        self,
        name: ScenarioName,
        body: Annotated[PlayBody | None, Body()] = None,
        checked: Annotated[None, Depends(object_or_none)] = None,
    ) -> Response:
        """Begin a scenario, on a connection or on a new one."""
        connection_id = None if body is None else body.connection_id
        try:
            played = play(self._store, name, connection_id)
        except NoScenario as error:
            raise unknown_scenario(str(error)) from error
        except NotPlayable as error:
            raise unprocessable(str(error), ("connectionId", str(error))) from error
        self._on_write()
        told = {
            "scenario": played.scenario.name,
            "connectionId": played.connection_id,
            "syncId": played.sync_id,
            "connectionToken": self._store.token_of(played.connection_id),
        }
        return answer(told, 201)


def _clock_json(clock: VirtualClock) -> dict[str, Any]:
    return {"now": iso(clock.now_ms()), "speed": clock.speed, "paused": clock.paused}


def _scenario_json(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "what": scenario.what,
        "supportSees": scenario.support_sees,
        "kind": scenario.kind,
    }
