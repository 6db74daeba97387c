"""A followed sync in words: every piece of its screen is a function of one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING

from textual.content import Content

from tui_app.findings.triage import triage_sync
from tui_app.models.actor import Actor
from tui_app.models.text import safe_text
from tui_app.models.times import age, clock_time, day, day_and_time, duration
from tui_app.watch.journal import EntryKind
from tui_app.widgets.states import phase_glyph, with_issues

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.observation import Observation
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync
    from tui_app.watch.estimate import Estimate
    from tui_app.watch.journal import Entry
    from tui_app.watch.stall import Stall
    from tui_app.watch.watch import Watch

MOST_ENTRIES = 300
"""Journal lines on screen, the newest first."""

_PROVIDER_WORDS = {
    "historical_files": "waiting for the provider to deliver historical files",
    "provision_credentials": "waiting for the provider to set up credentials",
}


@dataclass(frozen=True)
class SyncView:
    """What is known of a followed sync at one moment.

    Attributes:
        sync_id: Which sync.
        sync: As last seen; ``None`` before the first good look.
        seen_at: When that was, in the server's time.
        problem: Why the last look failed, if it did.
        row: Its connection.
        entries: The journal, oldest first.
        now: The server's time.
        looked: Seconds since the last look, good or not; ``None`` before the first.
        latency: How long the last look took, in seconds.
        next_look: Seconds until the next look.
        pace: Why that long.
        paused: Whether looking is paused.
        finished: Whether nothing more will be looked at.
        recorded: Whether this was recorded elsewhere.
        estimate: When it will probably end; ``None`` where nobody was asked.
        stall: Whether it seems to stand still; the same.
        syncs: Its connection's syncs, the newest first and none left out, as far as they were read.
    """

    sync_id: str
    sync: Sync | None
    seen_at: datetime | None
    problem: Problem | None
    row: FleetRow | None
    entries: tuple[Entry, ...]
    now: datetime
    looked: float | None
    latency: float
    next_look: float | None
    pace: str
    paused: bool
    finished: bool
    recorded: bool = False
    estimate: Estimate | None = None
    stall: Stall | None = None
    syncs: Sequence[Sync] = ()

    @classmethod
    def of(
        cls,
        watch: Watch,
        row: FleetRow | None,
        now: datetime,
        monotonic: float,
        estimate: Estimate | None = None,
        stall: Stall | None = None,
        syncs: Sequence[Sync] = (),
    ) -> SyncView:
        """Take the snapshot.

        Args:
            watch: The watch that follows it.
            row: Its connection.
            now: The server's time.
            monotonic: The clock that looks are scheduled by, in seconds.
            estimate: When it will probably end.
            stall: Whether it seems to stand still.
            syncs: Its connection's syncs, the newest first, as far as they were read.
        """
        latest: Observation | None = watch.latest
        good = watch.latest_good
        return cls(
            sync_id=watch.sync_id,
            sync=watch.latest_sync
            or (row.last_sync if row and row.last_sync and row.last_sync.id == watch.sync_id else None),
            seen_at=good.observed_at if good else None,
            problem=watch.problem,
            row=row,
            entries=tuple(watch.journal),
            now=now,
            looked=monotonic - watch.looked_at if watch.looked_at is not None else None,
            latency=latest.latency if latest else 0.0,
            next_look=watch.next_look_at - monotonic if watch.next_look_at is not None else None,
            pace=watch.pace,
            paused=watch.paused,
            finished=watch.finished,
            recorded=watch.recorded,
            estimate=estimate,
            stall=stall,
            syncs=syncs,
        )


def heading(view: SyncView) -> tuple[Content, Content]:
    """Whose sync this is, and the window it brings in."""
    pieces: list[str | tuple[str, str]] = []
    if view.row is not None:
        connection = view.row.connection
        pieces += [(safe_text(connection.name, 60), "bold"), " · ", safe_text(connection.provider.name, 40), " · "]
    pieces.append((safe_text(view.sync_id, 60), "$muted"))
    window = ""
    if view.sync is not None and view.sync.start_from is not None:
        days = (view.sync.requested_at - view.sync.start_from).total_seconds() / 86400
        length = f"{days:.0f} days" if days >= 1.5 else "1 day" if days >= 0.5 else f"{days * 24:.0f} h"
        window = f"from {day(view.sync.start_from)}, {length}"
    return Content.assemble(*pieces), Content.styled(window, "$muted")


def path(view: SyncView) -> tuple[Content, Content]:
    """The way from requested to its end with the place it has reached, and how long it took so far."""
    sync = view.sync
    if sync is None:
        return Content.styled("looking for the first time …", "$muted"), Content("")
    phase = sync.phase.value
    reached = {"waiting": 0, "running": 1, "retrying": 1, "unknown": 1}.get(phase, 2)
    role = phase_glyph(phase)[1]
    middle = "retrying" if phase == "retrying" else safe_text(sync.status, 30) if phase == "unknown" else "in progress"
    last = {"failed": "failed", "cancelled": "cancelled", "lost": "out of sight"}.get(phase, "completed")
    pieces: list[tuple[str, str]] = []
    for index, name in enumerate(("requested", middle, last)):
        if index:
            pieces.append((" ── ", f"${role}" if index <= reached else "$track"))
        mark = "●" if index <= reached else "○"
        style = f"bold ${role}" if index == reached else "" if index < reached else "$muted"
        pieces.append((f"{mark} {name}", style))
    elapsed, told = sync.elapsed(view.now), []
    if elapsed is not None:
        told.append(f"{'took' if sync.phase.is_final else 'elapsed'} {duration(elapsed)}")
    if sync.attempts is not None:
        told.append(f"attempt {sync.attempts:g}" if sync.attempts else "no attempt yet")
    return Content.assemble(*pieces), Content(" · ".join(told))


def outlook(view: SyncView) -> Content | None:
    """What is inferred of its end, or that it seems to stand still, and beneath it what that rests on: two lines.

    ``None`` where it has ended or waits for the provider: the banner then says what there is to say.
    """
    if view.sync is None or view.estimate is None or view.sync.phase.is_final or view.sync.awaits_provider:
        return None
    if view.seen_at is None:
        return Content("\n")  # its place is kept
    if view.stall is not None and view.stall.stalled:
        said, basis = Content.styled(f"◔ stalled? {view.stall.words}", "bold $warning"), view.stall.basis
    elif words := view.estimate.words(view.now):
        said, basis = Content.styled(words, "bold $warning" if view.estimate.overdue else "bold"), view.estimate.basis
    else:
        said, basis = Content.styled("no estimate of its end", "$muted"), view.estimate.basis
    return Content("\n").join([said, Content.styled(basis, "$muted")])


def banner(view: SyncView) -> Content | None:
    """What must not be overlooked: how it ended, that it waits, that looking is paused or fails."""
    sync, lines = view.sync, list[Content]()
    if view.problem is not None:
        lines.append(_could_not_look(view, view.problem))
    if view.paused:
        lines.append(Content.styled("Paused: the server is not looked at. Press p to go on.", "bold $warning"))
    if sync is None:
        return Content("\n").join(lines) if lines else None
    if sync.phase.value == "succeeded":
        elapsed = sync.elapsed(view.now)
        after = f" at {clock_time(sync.completed_at)}, after {duration(elapsed)}" if sync.completed_at else ""
        lines.append(Content.assemble((f"✓ Completed{with_issues(sync)}", "bold $success"), f"{after}."))
    elif sync.phase.value == "failed":
        reason = safe_text(sync.failure_reason or "The server gives no reason.", 500)
        lines.append(Content.assemble(("✗ Failed: ", "bold $error"), reason))
    elif sync.phase.value == "cancelled":
        lines.append(Content.styled("▫ Cancelled before it was done.", "bold"))
    elif sync.phase.value == "lost":
        lines.append(
            Content.assemble(
                ("◇ Its end was not seen: ", "bold $warning"),
                "the server keeps only the newest job of each model, and a later one took its place.",
            )
        )
    elif sync.awaits_provider:
        words = [
            _PROVIDER_WORDS.get(word, f"waiting for the provider: {safe_text(word, 60)}")
            for word in sync.provider_requests
        ]
        said = "; ".join(words)
        lines.append(Content.assemble(("◌ " + said[:1].upper() + said[1:], "bold"), "; this may rightly take days."))
    elif sync.phase.value == "unknown":
        lines.append(
            Content.assemble(
                ("? The server says “", "bold $warning"),
                (safe_text(sync.status, 60), "bold $warning"),
                ("”", "bold $warning"),
                ", a word that Syncscope does not know. It is followed on.",
            )
        )
    return Content("\n").join(lines) if lines else None


def finding_of(view: SyncView) -> Content | None:
    """Who has to act next for it, why and how, as the head of its connection's screen says it."""
    if view.sync is None or view.row is None:
        return None
    stalled = view.stall.words if view.stall is not None else ""
    finding = triage_sync(view.row, view.sync, syncs=view.syncs, now=view.now, stalled=stalled)
    pieces: list[str | tuple[str, str]] = [(finding.first_line, "bold"), f" · {safe_text(finding.reason, 400)}"]
    step = finding.step_in_writing  # the keys that a next step may name are those of other screens
    if step and finding.actor is not Actor.NOBODY:
        pieces += ["\n", ("→ ", "bold $accent"), safe_text(step, 300)]
    return Content.assemble(*pieces)


def _could_not_look(view: SyncView, problem: Problem) -> Content:
    seen = f" What is shown was seen {age(view.seen_at, view.now)}." if view.seen_at else ""
    further = "" if view.recorded else "; looking goes on by itself"
    pieces: list[str | tuple[str, str]] = [
        ("Could not look: ", "bold $warning"),
        safe_text(problem.title, 200),
        f".{seen} The sync itself may well be running{further}.",
    ]
    if problem.next_step:
        pieces += ["\n", safe_text(problem.next_step, 300)]
    if problem.server_words:
        pieces += ["\n", ("the server: " + safe_text(problem.server_words, 300), "$muted")]
    return Content.assemble(*pieces)


def issues_content(view: SyncView) -> tuple[Content, Content]:
    """The issues that this sync met: title and list."""
    sync = view.sync
    count = len(sync.issue_ids) if sync else 0
    title = Content.assemble(("Issues ", "bold"), (str(count), "bold $warning" if count else "$muted"))
    if sync is None or not count:
        return title, Content.styled("None so far. What came incompletely appears here.", "$muted")
    whole = {issue.id: issue for issue in sync.known_issues}
    blocks = [_issue(whole[i], view.now) if i in whole else Content(safe_text(i, 60)) for i in sync.issue_ids]
    return title, Content("\n\n").join(blocks)


def _issue(issue: Issue, now: datetime) -> Content:
    mark = ("! ", "bold $warning") if issue.is_open else ("✓ ", "$success")
    who = (issue.resolution_type or "").replace("_", " ")
    seen = [f"first seen {age(issue.first_reported_at, now)}"] if issue.first_reported_at else []
    if issue.is_open and issue.last_reported_at:
        seen.append(f"last {age(issue.last_reported_at, now)}")
    if not issue.is_open:
        seen.append(safe_text(issue.status, 40))
    pieces: list[str | tuple[str, str]] = [mark, (safe_text(issue.error.code, 80), "bold")]
    if who:
        pieces += ["  ", (safe_text(who, 60), "$warning")]
    pieces += ["\n", safe_text(issue.error.message, 600), "\n", (", ".join(seen), "$muted")]
    return Content.assemble(*pieces)


def journal_content(view: SyncView) -> tuple[Content, Content]:
    """What changed between looks, the newest first: title and list."""
    title = Content.assemble(("Journal ", "bold"), (str(len(view.entries)), "$muted"))
    if not view.entries:
        return title, Content.styled("What changes between two looks appears here.", "$muted")
    lines = [
        Content.assemble((when(entry.at, view.now), "$muted"), "  ", safe_text(text, 300))
        for entry, text in islice(_gathered(view.entries), MOST_ENTRIES)
    ]
    return title, Content("\n").join(lines)


def _gathered(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str]]:
    """Each entry and its text, the newest first; of steps of progress in a row only the last, with where it began.

    What is told at every look would otherwise push everything else out of sight.
    """
    for steps, some in groupby(reversed(entries), key=lambda entry: entry.kind is EntryKind.PROGRESS):
        row = list(some)
        if steps and len(row) > 1:
            text = f"progress {row[-1].before or '—'} → {row[0].after or '—'} in {len(row)} steps"
            yield row[0], text
        else:
            yield from ((entry, entry.text) for entry in row)


def when(moment: datetime, now: datetime) -> str:
    """A time to the second, with its day where that is not today."""
    if day(moment) == day(now):
        return clock_time(moment)
    return f"{day(moment)} {clock_time(moment)}"


def poll_line(view: SyncView) -> Content:
    """When the server was last looked at, how long that took, when the next look is due and why then."""
    if view.recorded:
        seen = f" Last seen {when(view.seen_at, view.now)}." if view.seen_at else ""
        text = f"Recorded {day_and_time(view.now)}: nothing is looked at anew.{seen}"
        return Content.styled(text, "$muted")
    if view.looked is None:
        seen = f" What is shown was seen {age(view.seen_at, view.now)}." if view.seen_at else ""
        return Content.styled(f"Looking for the first time …{seen}", "$muted")
    ago = "just now" if view.looked < 1.5 else f"{duration_seconds(view.looked)} ago"
    if view.finished:
        last = f" at {day_and_time(view.seen_at)}" if view.seen_at else ""
        return Content.styled(f"Ended: not looked at any more. Last look{last} ({_took(view.latency)})", "$muted")
    verb = "Could not look" if view.problem is not None else "Looked"
    text = f"{verb} {ago} ({_took(view.latency)})"
    if view.paused:
        return Content.styled(f"{text} · paused", "$muted")
    if view.next_look is None:
        return Content.styled(f"{text} · looking now", "$muted")
    # Told second by second, what comes at each second would be told twice in each.
    due = "a moment" if view.next_look < 1.5 else duration_seconds(view.next_look)
    return Content.styled(f"{text} · next in {due}: {safe_text(view.pace, 120)}", "$muted")


def _took(seconds: float) -> str:
    """How long a look took. Which few milliseconds it was exactly would change with every look."""
    return "under 10 ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"


def duration_seconds(seconds: float) -> str:
    """Seconds in words for the poll line: whole seconds below two minutes, then minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
