"""``syncscope sandbox``: the simulated server alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

LIST = "list"
"""In place of a scenario's or a fault's name: show which there are."""


def serve(
    *,
    port: int,
    connections: int,
    seed: int,
    speed: float,
    state: Path | None,
    scenarios: Sequence[str] = (),
    faults: Sequence[str] = (),
) -> int:
    """Serve until interrupted. The announcement is the first line on standard output; everything else is on stderr.

    Args:
        port: Where to listen; 0 for any free port.
        connections: How many connections the fleet has.
        seed: The same seed makes the same fleet.
        speed: Simulated seconds per second.
        state: Where to keep what clients make, over restarts.
        scenarios: What to play, by name, each on a new connection; `list` shows what there is, and nothing is served.
        faults: What to switch on, as `NAME[=SETTING][:RATE[:OPERATION]]`; `list` as with scenarios.
    """
    if LIST in scenarios:
        return _show_scenarios()
    if LIST in faults:
        return _show_faults()
    from tui_app.sandbox.errors import SandboxError
    from tui_app.sandbox.faults.board import parsed, told
    from tui_app.sandbox.scenarios import named

    try:
        for name in scenarios:
            named(name)
        wrong = [parsed(text) for text in faults]
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 2
    from tui_app.sandbox.announcement import Announced
    from tui_app.sandbox.server import Announcement, Sandbox

    def announce(announcement: Announcement) -> None:
        played = [sandbox.play(name) for name in scenarios]
        announced = tuple(
            Announced(each.scenario.name, each.connection_id, sandbox.token_of(each.connection_id), each.sync_id)
            for each in played
        )
        print(replace(announcement, scenarios=announced).to_json(), flush=True)
        _tell(f"Serving {sandbox.connections} simulated connections at ×{speed:g}. Ctrl-C ends it.")
        for each in played:
            _tell(f"{each.scenario.title}, on {each.connection_id}: {each.scenario.what}")
            _tell(f"  Support sees: {each.scenario.support_sees}")
        for fault in sandbox.faults.on:
            _tell(f"{fault.fault.title}, {told(fault)}: {fault.fault.what}")
            _tell(f"  Support sees: {fault.fault.support_sees}")

    try:
        sandbox = Sandbox(seed=seed, connections=connections, speed=speed, port=port, state_file=state)
        for each in wrong:
            sandbox.faults.put(each)
        sandbox.serve_forever(announce)
    except SandboxError as error:
        print(f"The sandbox could not be served: {error}", file=sys.stderr)
        return 1
    return 0


def _show_scenarios() -> int:
    from tui_app.sandbox.scenarios import SCENARIOS

    for scenario in SCENARIOS:
        print(f"{scenario.name}\n  {scenario.what}\n  Support sees: {scenario.support_sees}")
    return 0


def _show_faults() -> int:
    from tui_app.sandbox.faults import FAULTS
    from tui_app.sandbox.faults.operations import GROUPS, names

    for fault in FAULTS:
        print(f"{fault.name}\n  {fault.what}\n  Support sees: {fault.support_sees}")
    print(f"\nOperations: {', '.join([*GROUPS, *names()])}")
    return 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
