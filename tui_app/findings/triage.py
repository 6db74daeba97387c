"""Who has to act next for a connection, and why: one function over what is known of it.

The rules, the first that holds decides; docs/triage.md holds a case of each, which the tests read:

| what is known | next to act | because |
|---|---|---|
| it is deleted, being deleted or archived | nobody | that is on purpose |
| syncing is switched off for it | us | somebody has to switch it on |
| it is being set up | nobody | that ends by itself |
| nobody signed in yet, the credentials no longer work, a new sign-in is wanted | the fleet | only they can do it |
| the server finds it unhealthy because of the provider | the provider | it has to answer again |
| the server finds it unhealthy otherwise | us | its advice is ours to follow |
| the server uses a state that nobody knows | us | somebody has to read up on it |
| the newest look at it was refused: the key or its token, or it is not known there any more | us | they are ours |
| its sync was cancelled | us | whoever cancelled it knows why |
| an open issue that somebody has to act upon | as the catalogue says | the data stays incomplete until then |
| its newest syncs failed and completed by turns, for want of a sign-in | the fleet | something there undoes it |
| its sync failed, and the reason given is that the provider refused the sign-in | the fleet | only they can do it |
| its sync failed | Terminal | failures are theirs: the connection stays valid, its data grows old |
| its sync's end was not seen | nobody | the next one will tell |
| its sync waits for the provider | the provider | that may rightly take days |
| its sync seems to stand still | Terminal | nothing else explains it |
| its sync was asked for over an hour ago and has not begun | Terminal | they begin it |
| its sync is being tried again | nobody | the server does it by itself |
| its sync runs, or is about to | nobody | it moves |
| its newest sync ended over a day ago though it syncs by itself | Terminal | they request those |
| the same, and it syncs only when asked to | nobody | that is how it was set; whoever wants newer data asks |
| open issues that nobody has to act upon | nobody | they pass, or stay for good |
| it was not looked at yet | nobody | nothing is known against it |
| it was never synced | us | somebody has to ask for its first sync |
| nothing of all that | nobody | nothing is known to be wrong |
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import Meaning, meaning_of
from tui_app.models.actor import Actor
from tui_app.models.times import duration

if TYPE_CHECKING:
    from tui_app.models.connection import Connection, ConnectionHealth
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync


@dataclass(frozen=True, slots=True)
class Finding:
    """Who acts, why, and how.

    Attributes:
        actor: Whose turn it is.
        reason: Why, in a sentence or two of ours.
        next_step: What they do; empty where there is nothing to do.
        in_writing: The same for somebody who has no keys to press, where `next_step` names some.
        quote: The server's own words on it, verbatim, where there are any.
        since: When it began, in the server's time, and what happened then, where the finding tells that better than
            the connection does.
    """

    actor: Actor
    reason: str
    next_step: str = ""
    quote: str = ""
    in_writing: str = ""
    since: tuple[datetime, str] | None = None

    @property
    def step_in_writing(self) -> str:
        """What they do, as a report says it."""
        return self.in_writing or self.next_step

    @property
    def first_line(self) -> str:
        """The finding in one line, the same on every screen and in every report."""
        return f"Next to act: {self.actor.value}"


_STANDINGS: dict[str, Finding] = {
    "deleted": Finding(Actor.NOBODY, "It is gone: only this record is left."),
    "leaving": Finding(Actor.NOBODY, "Deletion was asked for. Nothing is synced any more."),
    "archived": Finding(Actor.NOBODY, "It was put away on purpose. Nothing is synced."),
    "disabled": Finding(
        Actor.US,
        "Syncing is switched off for it at the server. Nothing is synced until somebody switches it on.",
        "Have it switched on, if that is wanted.",
    ),
    "setting_up": Finding(
        Actor.NOBODY, "The server is still setting it up. It can sync once that is done.", "Wait for a few minutes."
    ),
    "unauthorised": Finding(
        Actor.FLEET,
        "Nobody has signed in at the provider yet, so nothing can be read.",
        "Ask them to sign in, by the link that they were sent.",
    ),
    "disconnected": Finding(
        Actor.FLEET,
        "The stored credentials no longer work. Nothing is read until the fleet signs in by its link URL.",
        "Send them the link URL: press o, or Y to copy it.",
        in_writing="Send them the link URL.",
    ),
}

_REFUSALS = {
    "unauthorized": "The server does not accept the key, so nothing new can be seen of it.",
    "forbidden": "The server does not let this key or the connection's token look at it, so nothing new can be seen.",
    "not_found": "The server does not know it any more, though it was in its list.",
}

_AT_THE_PROVIDER = ("provider", "rate", "timeout", "upstream")
"""What stands in the health code of a server that blames the provider."""

WEIGHT = {Actor.FLEET: 0, Actor.US: 1, Actor.PLATFORM: 2, Actor.PROVIDER: 3, Actor.NOBODY: 4}
"""Whose turn counts first, where several might act: the lowest number."""


def triage(
    row: FleetRow,
    issues: Sequence[Issue] = (),
    *,
    syncs: Sequence[Sync] = (),
    now: datetime | None = None,
    stalled: str = "",
) -> Finding:
    """Say who has to act next for a connection.

    Args:
        row: What is known of it.
        issues: Its issues, as far as they were read; those of its newest sync count in any case.
        syncs: Its syncs, the newest first, as far as they were read.
        now: The time at the server; without it nothing is late.
        stalled: Why its newest sync seems to stand still, in words; empty where it does not.
    """
    sync = row.last_sync
    # What was read last is the later word on an issue that a sync brought along.
    known = {issue.id: issue for issue in (*(sync.known_issues if sync else ()), *issues)}
    gravest = min(
        ((issue, meaning_of(issue)) for issue in known.values() if issue.is_open),
        key=lambda found: (WEIGHT[found[1].actor], found[0].error.code),
        default=None,
    )
    return (
        _of_standing(row.connection)
        or _of_refusal(row.problem)
        or _of_cancelled(sync)
        or _of_issue(gravest, waiting=False)
        or _of_turns(syncs)
        or _of_failures(sync, syncs)
        or _of_sync(sync, now, stalled, gravest)
        or _of_age(row, now)
        or _of_issue(gravest, waiting=True)
        or _of_the_unsynced(row)
        or Finding(Actor.NOBODY, "Nothing is known to be wrong with it.")
    )


def triage_sync(
    row: FleetRow,
    sync: Sync,
    issues: Sequence[Issue] = (),
    *,
    syncs: Sequence[Sync] = (),
    now: datetime | None = None,
    stalled: str = "",
) -> Finding:
    """Say who has to act next for one sync: as for its connection, unless a later sync has made it history.

    Args:
        row: What is known of its connection.
        sync: As it was last seen.
        issues: Its connection's issues, as far as they were read.
        syncs: Its connection's syncs, the newest first, as far as they were read.
        now: The time at the server; without it nothing is late.
        stalled: Why it seems to stand still, in words; empty where it does not.
    """
    newest, issues = row.last_sync, issues or row.issues or ()
    if newest is None or newest.id == sync.id or newest.requested_at <= sync.requested_at:
        return triage(replace(row, last_sync=sync), issues, syncs=syncs, now=now, stalled=stalled)
    later = triage(row, issues, syncs=syncs, now=now)
    if later.actor is Actor.NOBODY and newest.phase.value == "succeeded":
        failed = "failed, and a later one has" if sync.phase.value == "failed" else "is over; a later one has"
        return Finding(Actor.NOBODY, f"This sync {failed} succeeded since.")
    return replace(later, reason=f"A later sync has begun since, and of that: {later.reason}")


def _of_standing(connection: Connection) -> Finding | None:
    """What the connection's own state tells, apart from its syncs."""
    standing, health = connection.standing.value, connection.health
    unhealthy = health if health is not None and health.healthy is False else None
    if standing in ("deleted", "leaving", "archived", "disabled", "setting_up"):
        return _STANDINGS[standing]
    if unhealthy is not None and unhealthy.authentication_required:
        return Finding(
            Actor.FLEET,
            "The server finds it unhealthy: somebody must sign in again.",
            "Ask them to sign in anew.",
            quote=advice(unhealthy),
        )
    if standing in _STANDINGS:
        return _STANDINGS[standing]
    if unhealthy is not None:
        return _of_health(unhealthy)
    if standing == "unhealthy":
        return Finding(Actor.US, "The server itself says that something is wrong with it, and not what.")
    if standing == "unknown":
        return Finding(
            Actor.US,
            f"The server uses a state that Syncscope does not know: “{connection.status}”.",
            "Ask Terminal, or its documentation, what it means.",
        )
    return None


def _of_refusal(problem: Problem | None) -> Finding | None:
    """A server that answers, and does not let us look: nothing of what was seen before can be relied upon."""
    words = _REFUSALS.get(problem.kind.value) if problem is not None else None
    if problem is None or words is None:
        return None
    return Finding(Actor.US, words, problem.next_step, quote=problem.server_words)


def _of_health(health: ConnectionHealth) -> Finding:
    if any(word in health.code.lower() for word in _AT_THE_PROVIDER):
        return Finding(
            Actor.PROVIDER,
            "The server finds it unhealthy, because of what the provider does.",
            "Wait until the provider answers again.",
            quote=advice(health),
        )
    return Finding(
        Actor.US, "The server finds it unhealthy.", "Do what the server advises.", quote=advice(health) or health.code
    )


def advice(health: ConnectionHealth | None) -> str:
    """What a server itself says of a connection's health: what is wrong, then what to do."""
    return " ".join(text for text in (health.message, health.resolution) if text) if health else ""


def _was_cancelled(sync: Sync) -> bool:
    # A server without a word of its own for it calls it failed, and says in free text what happened.
    return sync.phase.value == "cancelled" or (
        sync.phase.value == "failed" and "cancel" in (sync.failure_reason or "").lower()
    )


def _of_cancelled(sync: Sync | None) -> Finding | None:
    if sync is None or not _was_cancelled(sync):
        return None
    return Finding(
        Actor.US,
        "Its newest sync was cancelled; what that did not bring in is as old as the sync before.",
        "Request a sync again, if it was not meant to stay so.",
        quote=sync.failure_reason or "",
        since=(sync.completed_at, "when it ended")
        if sync.completed_at
        else (sync.requested_at, "when it was requested"),
    )


def _of_issue(found: tuple[Issue, Meaning] | None, *, waiting: bool) -> Finding | None:
    if found is None or (found[1].actor is Actor.NOBODY) is not waiting:
        return None
    issue, meaning = found
    at = issue.first_reported_at
    return Finding(
        meaning.actor,
        f"{issue.error.code}: {meaning.words}",
        meaning.next_step,
        quote=issue.error.message,
        since=(at, "when this issue was first seen") if at is not None else None,
    )


_SIGN_IN_REFUSED = re.compile(
    r"credential|password|log ?in\b|sign(?:ed)?[ -]?in|unauthori[sz]ed|\b401\b|\b403\b|forbidden|o-?auth"
    r"|(?:access|refresh|invalid|expired|revoked) token|token (?:has |is |was )?(?:expired|revoked|invalid)"
    r"|account (?:has been |is |was )?(?:locked|disabled|suspended|deactivated|expired)",
    re.IGNORECASE,
)
"""What a reason of failure says where the provider refused the account: servers have no word for it but free text."""

_TURNS = 4
"""How many syncs by turns, failed and completed, are no chance any more."""

_LATE_TO_BEGIN = timedelta(hours=1)
_LATE_BY_ITSELF = timedelta(days=1)
"""Connections that sync by themselves do so several times a day; the server does not say how often."""


def _of_turns(syncs: Sequence[Sync]) -> Finding | None:
    """Syncs that fail and complete by turns: what one repairs, something undoes."""
    ended = [sync for sync in syncs if sync.phase.value in ("failed", "succeeded") and not _was_cancelled(sync)]
    turns = 0
    for newer, older in itertools.pairwise(ended):
        if newer.phase is older.phase:
            break
        turns += 1
    failed = next((sync for sync in ended[: turns + 1] if sync.phase.value == "failed"), None)
    if turns + 1 < _TURNS or failed is None or not _SIGN_IN_REFUSED.search(failed.failure_reason or ""):
        return None
    return Finding(
        Actor.FLEET,
        f"Its newest {turns + 1} syncs failed and completed by turns: its sign-in is lost and comes back.",
        "Ask the fleet who changes the password there, or signs the account out.",
        quote=failed.failure_reason or "",
        since=(ended[turns].requested_at, "when the first of these syncs was requested"),
    )


def _of_failures(sync: Sync | None, syncs: Sequence[Sync]) -> Finding | None:
    """A newest sync that failed, and how many before it."""
    if sync is None or sync.phase.value != "failed":
        return None
    reason = sync.failure_reason or ""
    if _SIGN_IN_REFUSED.search(reason):
        return Finding(
            Actor.FLEET,
            "Its newest sync failed because the provider refused the sign-in, if the reason given is right.",
            "Ask them to check the account at the provider, and to sign in anew by their link URL.",
            quote=reason,
        )
    found = Finding(
        Actor.PLATFORM,
        "Its newest sync failed, in whole or in part; what that did not bring in is as old as the sync before.",
        "It is usually over with the next sync. If it fails again and again, report the sync's ID to Terminal.",
        quote=reason,
    )
    streak = 0
    for each in syncs:
        if each.phase.value != "failed" or _was_cancelled(each):
            break
        streak += 1
    if streak < 2:
        return found
    at_least = "at least " if streak == len(syncs) else ""
    return replace(
        found,
        reason=f"Its newest {at_least}{streak} syncs failed; its data is as old as the last one that did not.",
        next_step="Report the newest sync's ID to Terminal.",
        since=(syncs[streak - 1].requested_at, f"when the first of these {streak} syncs was requested"),
    )


def _of_sync(
    sync: Sync | None, now: datetime | None, stalled: str, gravest: tuple[Issue, Meaning] | None
) -> Finding | None:
    """What its newest sync tells."""
    if sync is None:
        return None
    if sync.awaits_provider:
        return Finding(
            Actor.PROVIDER,
            "A sync waits for the provider to do something by hand. This may rightly take days.",
            "Wait; after some days, ask the provider.",
        )
    if stalled and not sync.phase.is_final:
        return Finding(
            Actor.PLATFORM,
            f"Its sync seems to stand still: {stalled}.",
            "Look again in a while. If it lasts, report the sync's ID to Terminal.",
        )
    if sync.phase.value == "waiting" and now is not None and now - sync.requested_at > _LATE_TO_BEGIN:
        return Finding(
            Actor.PLATFORM,
            f"A sync was asked for {duration(now - sync.requested_at)} ago and has not begun.",
            "Report the sync's ID to Terminal.",
        )
    return _of_attempts(sync, gravest) or _OF_PHASES.get(sync.phase.value)


def _of_attempts(sync: Sync, gravest: tuple[Issue, Meaning] | None) -> Finding | None:
    """A sync that moves on after it met an error: why it takes so long, as far as an issue of it says."""
    if sync.phase.value not in ("running", "retrying") or (sync.attempts or 0) < 2:
        return None
    tried = "is being tried again by the server" if sync.phase.value == "retrying" else "runs again"
    # A person may have cancelled it and had it tried again: the attempts alone do not tell.
    met = "met an error" if gravest or sync.phase.value == "retrying" else "met an error or was cancelled,"
    reason = f"Its sync {met} and {tried}, in attempt {sync.attempts:g}."
    if gravest is None:
        return Finding(Actor.NOBODY, reason, "Wait for what comes of it.")
    issue, meaning = gravest
    return Finding(
        Actor.NOBODY,
        f"{reason} What is in its way, as far as its issues tell: {issue.error.code}. {meaning.words}",
        "Wait for what comes of it.",
        quote=issue.error.message,
    )


def _of_age(row: FleetRow, now: datetime | None) -> Finding | None:
    """Data that grows old where it should not."""
    sync = row.last_sync
    if sync is None or sync.completed_at is None or now is None or now - sync.completed_at <= _LATE_BY_ITSELF:
        return None
    if row.connection.sync_mode.lower() == "manual":
        return Finding(
            Actor.NOBODY,
            f"It syncs only when asked to, and its newest sync ended {duration(now - sync.completed_at)} ago.",
            "Press s to request a sync, if newer data is wanted.",
            in_writing="Request a sync, if newer data is wanted.",
        )
    if row.connection.sync_mode.lower() != "automatic":
        return None
    return Finding(
        Actor.PLATFORM,
        f"It should sync by itself, and its newest sync ended {duration(now - sync.completed_at)} ago.",
        "Request a sync; if none comes by itself after it, report the connection's ID to Terminal.",
    )


def _of_the_unsynced(row: FleetRow) -> Finding | None:
    # Before it was looked at nobody knows; and what has no sync and was not looked at is the rule in a list just read.
    if row.last_sync is not None:
        return None
    if row.looked_at is None:
        return Finding(Actor.NOBODY, "It was not looked at yet. The list says nothing against it.")
    return Finding(
        Actor.US,
        "It was never synced, so there is no data of it.",
        "Press s to request its first sync.",
        in_writing="Request its first sync.",
    )


_OF_PHASES = {
    "lost": Finding(
        Actor.NOBODY, "The end of its newest sync was not seen: a later run took its place.", "The next one will tell."
    ),
    "retrying": Finding(
        Actor.NOBODY, "Its sync met an error and is being tried again by the server.", "Wait for what comes of it."
    ),
    "running": Finding(Actor.NOBODY, "A sync is running now.", "Wait for its end."),
    "waiting": Finding(Actor.NOBODY, "A sync was asked for and has not begun.", "Wait for its beginning."),
    "unknown": Finding(
        Actor.US,
        "The server uses a word for its newest sync that Syncscope does not know.",
        "Ask Terminal, or its documentation, what it means.",
    ),
}
