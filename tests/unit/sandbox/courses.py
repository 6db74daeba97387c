"""Playing a scenario and following it to its end through the API, step by step of virtual time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import httpx

from tui_app.sandbox.server import Played, Sandbox

OVER = {"completed", "failed"}


@dataclass(frozen=True)
class Look:
    """What a client sees at one moment.

    Attributes:
        minute: Virtual minutes since the scenario began.
        status: The connection's.
        sync: The sync that the scenario began with, its issues expanded.
        syncs: All syncs of the connection, the newest first.
    """

    minute: float
    status: str
    sync: dict[str, Any]
    syncs: list[dict[str, Any]]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """The code and the state of each of the sync's issues."""
        return [(issue["error"]["code"], issue["status"]) for issue in self.sync["issues"]]


def opens(sandbox: Sandbox, played: Played) -> dict[str, str]:
    """Return the header that opens the connection of a scenario."""
    return {"Connection-Token": sandbox.token_of(played.connection_id)}


def look(sandbox: Sandbox, api: httpx.Client, played: Played, minute: float = 0) -> Look:
    """Look at the connection of a scenario and at its syncs now."""
    token = opens(sandbox, played)
    connection = api.get("/connections/current", headers=token)
    syncs = api.get("/syncs?expand=issues&limit=1000", headers=token)
    sync = api.get(f"/syncs/{played.sync_id}?expand=issues", headers=token)
    assert connection.status_code == syncs.status_code == sync.status_code == 200, sync.text
    return Look(minute, connection.json()["status"], sync.json(), syncs.json()["results"])


def course(sandbox: Sandbox, api: httpx.Client, played: Played, *, minutes: float, step_s: float = 20) -> list[Look]:
    """Follow a scenario for a while."""
    looks = [look(sandbox, api, played)]
    for number in range(1, int(minutes * 60 / step_s) + 1):
        sandbox.clock.advance(step_s)
        looks.append(look(sandbox, api, played, number * step_s / 60))
    return looks


def turns(looks: list[Look]) -> list[str]:
    """Return the states that the sync goes through, each once."""
    states = [each.sync["status"] for each in looks]
    return [states[0], *(after for before, after in pairwise(states) if after != before)]


def rises(looks: list[Look]) -> bool:
    """Whether what is told of the progress, and the attempts, never become less."""
    progress = [each.sync["progress"] for each in looks if "progress" in each.sync]
    attempts = [each.sync["attempts"] for each in looks]
    return progress == sorted(progress) and attempts == sorted(attempts) and len(progress) > 1


def rested(looks: list[Look]) -> float:
    """Return for how many minutes at most the progress of the sync stood still while it was in progress."""
    longest, since = 0.0, looks[0]
    for each in looks:
        if each.sync["status"] != "in_progress" or each.sync.get("progress") != since.sync.get("progress"):
            since = each
        longest = max(longest, each.minute - since.minute)
    return longest
