"""What the screens say of connections that something is wrong with: who has to act next, and why.

Each case lives in the simulated server. What is asserted is what somebody in support would tell the customer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.screens.conftest import running, stage_on
from tests.screens.stage import LARGE, Stage
from tui_app.models.actor import Actor
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.workspace.handing_over import hand_over


@dataclass(frozen=True, slots=True)
class Case:
    """Something that goes right or wrong.

    Attributes:
        name: What it is called here.
        minutes: How long ago it began when somebody looks.
        begin: Lets it begin, and returns the connection's ID.
        actor: Who has to act next.
        words: What the reason must say.
    """

    name: str
    minutes: float
    begin: Callable[[Sandbox], str]
    actor: Actor
    words: str


def played(name: str) -> Callable[[Sandbox], str]:
    return lambda sandbox: sandbox.play(name).connection_id


def added(**facts: str) -> Callable[[Sandbox], str]:
    return lambda sandbox: str(sandbox.add_connection(**facts)["id"])


def integrated(**facts: object) -> Callable[[Sandbox], str]:
    return lambda sandbox: str(sandbox.add_integration(**facts)["id"])  # type: ignore[arg-type]


def cancelled(sandbox: Sandbox) -> str:
    """A connection whose first sync somebody cancelled."""
    connection_id = str(sandbox.add_connection(company="Cancelled")["id"])
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": sandbox.token_of(connection_id)}
    with httpx.Client(base_url=said.terminal_url, headers=headers) as client:
        sync_id = client.post("/syncs").raise_for_status().json()["id"]
        client.post(f"/syncs/{sync_id}/cancel").raise_for_status()
    return connection_id


TELEMATICS = [
    Case("a healthy first sync", 30, played("healthy-first-sync"), Actor.NOBODY, "Nothing is known to be wrong"),
    Case("a first sync under way", 4, played("healthy-first-sync"), Actor.NOBODY, "A sync is running now"),
    Case("missing permissions", 30, played("missing-permissions"), Actor.FLEET, "permission_missing"),
    Case("a provider that is down", 12, played("provider-outage"), Actor.NOBODY, "Its sync met an error"),
    Case("files that the provider delivers", 60, played("provider-files"), Actor.PROVIDER, "by hand"),
    Case("credentials refused midway", 25, played("disconnect-mid-sync"), Actor.FLEET, "credentials no longer work"),
    Case("a sign-in that comes and goes", 60, played("flapping"), Actor.FLEET, "by turns"),
    Case("put away", 5, added(company="Put Away", status="archived"), Actor.NOBODY, "put away on purpose"),
    Case("a state that nobody knows", 5, added(company="Odd", status="quarantined"), Actor.US, "“quarantined”"),
    Case("never synced", 5, added(company="New"), Actor.US, "never synced"),
    Case("cancelled", 5, cancelled, Actor.US, "cancelled"),
]
INTEGRATIONS = [
    Case("all is well", 5, integrated(company="Well"), Actor.US, "never synced"),
    Case("switched off", 5, integrated(company="Off", is_sync_disabled=True), Actor.US, "switched off"),
    Case("being set up", 5, integrated(company="Set Up", is_running_setup=True), Actor.NOBODY, "setting it up"),
    Case("not signed in", 5, integrated(company="No", is_authentication_pending=True), Actor.FLEET, "sign"),
    Case(
        "a ledger that does not answer",
        5,
        integrated(company="Down", healthy=False),
        Actor.PROVIDER,
        "what the provider",
    ),
]


def begun(sandbox: Sandbox, cases: list[Case]) -> dict[str, str]:
    """Let everything begin when it should have, and return the connections' IDs by the names of the cases."""
    found, left = {}, max(case.minutes for case in cases)
    for case in sorted(cases, key=lambda case: -case.minutes):
        sandbox.clock.advance((left - case.minutes) * 60)
        left = case.minutes
        found[case.name] = case.begin(sandbox)
    sandbox.clock.advance(left * 60)
    return found


async def concluded(stage: Stage, case: Case, connection_id: str) -> None:
    """Open a connection, and hold what is said of it against what should be."""
    stage.app.open_connection(connection_id)
    assert isinstance(stage.app.screen, ConnectionScreen)

    def said() -> bool:
        return f"Next to act: {case.actor} " in stage.words and case.words in stage.words

    # What it rests on is read within the budget, one by one; then it stands.
    for _ in range(2):
        await stage.until(said, within=60)
        await stage.pass_time(2)
    written = asyncio.create_task(hand_over(stage.workspace, connection_id))
    await stage.until(written.done, within=60)
    report = written.result().report.replace("\\", "")  # what Markdown would take for more than text is escaped in it
    assert report.startswith(f"Next to act: {case.actor}\n"), f"{case.name}:\n{report}"
    assert case.words in " ".join(report.split()), f"{case.name}:\n{report}"
    await stage.press("escape")


@pytest.mark.parametrize(("profile", "cases"), [("demo", TELEMATICS), ("demo-stuut", INTEGRATIONS)])
async def test_who_has_to_act_next_is_said_of_everything_that_may_go_wrong(
    sandbox: Sandbox, tmp_path: Path, profile: str, cases: list[Case]
) -> None:
    ids = begun(sandbox, cases)
    async with running(stage_on(sandbox, tmp_path, profile), LARGE) as stage:
        for case in cases:
            await concluded(stage, case, ids[case.name])


async def test_of_a_sync_that_stands_still_its_screen_its_connection_and_the_report_say_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    played = sandbox.play("stall")
    assert played.sync_id is not None
    case = Case("a sync that stands still", 0, lambda _: played.connection_id, Actor.PLATFORM, "no change for")
    async with running(stage_on(sandbox, tmp_path, speed=10), LARGE) as stage:
        stage.app.open_sync(played.connection_id, played.sync_id)
        await stage.see("stalled?", within=1800)
        assert "Next to act: Terminal · Its sync seems to stand still: no change for" in stage.words
        await stage.press("escape")
        await concluded(stage, case, played.connection_id)
