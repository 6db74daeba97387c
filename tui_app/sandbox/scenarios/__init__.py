"""Scenarios: things that go right or wrong with a connection, to be shown to somebody when it suits.

Here is what is said of each; `plots` settles what happens, and `playing` puts it on a connection.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_app.sandbox.errors import SandboxError


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that can be shown on a connection.

    Attributes:
        name: As it is typed on the command line and stands in paths.
        title: What people call it.
        what: What happens, in one line.
        support_sees: What support should see in a client, and who must act, in one line.
        kind: Which of the simulated APIs it plays on, by its name in `Announcement.servers`.
    """

    name: str
    title: str
    what: str
    support_sees: str
    kind: str


@dataclass(frozen=True, slots=True)
class Played:
    """What came of playing a scenario.

    Attributes:
        scenario: Which one.
        connection_id: On which connection.
        sync_id: The sync that it began with; None if it began with none.
    """

    scenario: Scenario
    connection_id: str
    sync_id: str | None


class NoScenario(SandboxError):
    """There is no scenario of that name."""


class NotPlayable(SandboxError):
    """No scenario can be played on that connection."""


TERMINAL = "terminal"
SCENARIOS = (
    Scenario(
        "healthy-first-sync",
        "Healthy first sync",
        "A first sync glides to 100 % within some ten minutes and completes without an issue.",
        "Requested, in progress, completed: one attempt, no issue. Nobody has to act.",
        TERMINAL,
    ),
    Scenario(
        "missing-permissions",
        "Missing permissions",
        "A sync completes, but midway it finds that the provider account may not see part of the data.",
        "Completed, with an ongoing issue permission_missing: the fleet must grant the permission at its provider.",
        TERMINAL,
    ),
    Scenario(
        "provider-outage",
        "Provider outage with retries",
        "The provider is down for half an hour: the sync tries again after ever longer pauses, recovers and completes.",
        "Progress rests while attempts count up; an issue data_delayed comes and goes. Nobody has to act but to wait.",
        TERMINAL,
    ),
    Scenario(
        "provider-files",
        "Provider file delivery",
        "A sync waits five hours (days, in reality) for historical files from the provider, then completes.",
        "In progress with providerRequests: it waits and is not stuck. The provider must deliver; nobody can hurry it.",
        TERMINAL,
    ),
    Scenario(
        "disconnect-mid-sync",
        "Disconnect mid-sync",
        "The provider stops taking the stored credentials: the connection is disconnected and its sync fails midway.",
        "Disconnected, the sync failed, an issue just before: the fleet must sign in by the link URL; then retry.",
        TERMINAL,
    ),
    Scenario(
        "flapping",
        "Flapping connection",
        "Three times within an hour the connection is lost and comes back; its syncs fail and complete in turn.",
        "Failed and completed syncs alternate: the fleet must find who changes the password or signs the account out.",
        TERMINAL,
    ),
    Scenario(
        "stall",
        "Stalled sync",
        "A sync gets past half, does not move for forty minutes, then goes on and completes.",
        "Progress stands still, without further attempts, issues or provider requests: if it lasts, ask Terminal.",
        TERMINAL,
    ),
)
_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def named(name: str) -> Scenario:
    """Return the scenario of a name.

    Raises:
        NoScenario: There is none; the text says which there are.
    """
    if name not in _BY_NAME:
        # What was typed may be anything, so it is told as Python would write it.
        raise NoScenario(f"There is no scenario {name!a}. There are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
