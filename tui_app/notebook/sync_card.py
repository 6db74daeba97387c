"""A sync as a cell shows it: how far it is, when it will probably end, its issues and journal, of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import meaning_of
from tui_app.findings.triage import triage_sync
from tui_app.models.actor import Actor
from tui_app.models.sync import Phase
from tui_app.models.times import age, clock_time, duration
from tui_app.notebook.pieces import Bar, Block, Blocks, Callout, Grid, Heading, Line, Says, Span, muted, plain
from tui_app.notebook.words import counted, finding_callout, issue_state, phase_role, sync_state, turn_line
from tui_app.workspace.estimates import estimate_of, stall_of

if TYPE_CHECKING:
    from tui_app.findings.triage import Finding
    from tui_app.models.issue import Issue
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync
    from tui_app.watch.journal import Entry
    from tui_app.workspace import Workspace

MOST_ENTRIES = 12
"""Lines of the journal in a card: the newest. The whole is a table of its own."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is known of a sync at one moment. Times are in the server's time.

    Attributes:
        connection: What its connection is called.
        provider: The same of its provider.
        sync_id: Which sync.
        now: The moment.
        sync: As last seen; ``None`` before the first look.
        seen_at: When that was.
        problem: Why the newest look failed, if it did.
        entries: The journal, oldest first.
        finding: Whose turn it is; ``None`` where nobody can say.
        outlook: When it will probably end, or that it seems to stand still; empty where nothing can be said.
        basis: What that rests on.
    """

    connection: str
    provider: str
    sync_id: str
    now: datetime
    sync: Sync | None = None
    seen_at: datetime | None = None
    problem: Problem | None = None
    entries: tuple[Entry, ...] = ()
    finding: Finding | None = None
    outlook: str = ""
    basis: str = ""

    @classmethod
    def of(cls, workspace: Workspace, connection_id: str, sync_id: str, listed: Sync | None = None) -> SyncState:
        """Take the snapshot, on the profile's thread.

        Args:
            workspace: The open profile.
            connection_id: Whose sync it is.
            sync_id: Which sync.
            listed: The sync as a list had it, where it is not followed.
        """
        row, watch, now = (
            workspace.row(connection_id),
            workspace.watcher.find(connection_id, sync_id),
            workspace.server_now(),
        )
        sync = (watch.latest_sync if watch is not None else None) or listed
        outlook = basis = stalled = ""
        if watch is not None and sync is not None and not sync.phase.is_final and not sync.awaits_provider:
            stall, estimate = stall_of(workspace, watch), estimate_of(workspace, watch)
            stalled = stall.words
            outlook = f"stalled? {stalled}" if stalled else estimate.words(now)
            basis = stall.basis if stalled else estimate.basis
        connection = row.connection if row is not None else watch.connection if watch is not None else None
        return cls(
            connection=connection.name if connection is not None else connection_id,
            provider=connection.provider.name if connection is not None else "",
            sync_id=sync_id,
            now=now,
            sync=sync,
            seen_at=watch.latest_good.observed_at if watch is not None and watch.latest_good is not None else None,
            problem=watch.problem if watch is not None else None,
            entries=tuple(watch.journal) if watch is not None else (),
            finding=triage_sync(row, sync, now=now, stalled=stalled) if row is not None and sync is not None else None,
            outlook=outlook,
            basis=basis,
        )

    def blocks(self) -> Blocks:
        """The card."""
        asides = tuple(Span(f"  ·  {text}", "muted") for text in (self.provider,) if text)
        ids = (Span("  ·  ", "muted"), Span(self.sync_id, "muted", code=True, limit=60))
        blocks: list[Block] = [Heading((Span(self.connection, strong=True, limit=80), *asides, *ids)), *self._course()]
        if self.problem is not None:
            blocks.append(self._could_not_look(self.problem))
        if self.finding is not None and (self.finding.actor is not Actor.NOBODY):
            blocks.append(finding_callout(self.finding))
        if self.sync is not None and self.sync.parts:
            blocks.append(parts_grid(self.sync))
        if self.sync is not None and self.sync.issue_ids:
            blocks.append(self._issues(self.sync))
        if self.entries or self.sync is None or not self.sync.phase.is_final:
            blocks.append(self._journal())
        return tuple(blocks)

    def _course(self) -> list[Block]:
        sync = self.sync
        if sync is None:
            return [Says((muted("Looking for the first time …"),))]
        if sync.phase.is_final:
            return [self._end(sync)]
        elapsed = Span(f"  ·  {duration(sync.elapsed(self.now))} so far", "muted")
        if sync.awaits_provider:
            waits = Span("  ·  waits for the provider, which may take days")
            return [Says(((*sync_state(sync), elapsed, waits),))]
        outlook = (Span("  ·  ", "muted"), Span(self.outlook, strong=True)) if self.outlook else ()
        if sync.percent is None:
            blocks: list[Block] = [Says(((*sync_state(sync), elapsed, *outlook),))]
        else:
            far = Span(f"  ·  {sync.percent:g} %", strong=True)
            blocks = [Bar(float(sync.percent), phase_role(sync.phase), (*sync_state(sync), far, elapsed, *outlook))]
        return [*blocks, Says((muted(self.basis),))] if self.basis else blocks

    def _end(self, sync: Sync) -> Block:
        issues = len(sync.issue_ids)
        met = f" with {counted(issues, 'issue')}" if issues else ""
        took = sync.elapsed(self.now)
        at = f"  ·  at {clock_time(sync.completed_at)}" if sync.completed_at else ""
        after = Span(f"{at}, after {duration(took)}" if took is not None else "", "muted")
        if sync.phase is Phase.SUCCEEDED:
            words: Line = (Span("✓ ", "success"), Span(f"Completed{met}", strong=True), after)
            return Bar(100.0, "success", words)
        if sync.phase is Phase.FAILED:
            failed = (Span("✗ Failed", "error", strong=True), after)
            if self.finding is not None and self.finding.quote:  # which is the reason
                return Says((failed,))
            return Callout("error", (failed, plain(sync.failure_reason or "The server gives no reason.", 500)))
        if sync.phase is Phase.CANCELLED:
            return Says(((Span("▫ Cancelled before it was done", strong=True), after),))
        return Says(((Span("◇ ", "warning"), Span("Its end was not seen", strong=True)),))

    def _could_not_look(self, problem: Problem) -> Block:
        seen = f" What is shown was seen {age(self.seen_at, self.now)}." if self.seen_at else ""
        words = f"{problem.title}.{seen} The sync itself may well be running; looking goes on by itself."
        lines = [(Span("Could not look: ", "warning", strong=True), Span(words, limit=400))]
        if problem.server_words:
            lines.append((Span("The server: ", "muted"), Span(problem.server_words, "muted", limit=300)))
        return Callout("warning", tuple(lines))

    def _issues(self, sync: Sync) -> Block:
        whole = {issue.id: issue for issue in sync.known_issues}
        rows = tuple(
            issue_cells(whole[each]) if each in whole else ((Span(each, code=True, limit=60),), (), ())
            for each in sync.issue_ids
        )
        title = (Span("Issues", strong=True), Span(f"  {len(rows)}", "muted"))
        return Grid(("Issue", "Next to act", "What it says"), rows, title)

    def _journal(self) -> Block:
        newest = self.entries[: -MOST_ENTRIES - 1 : -1]
        older = len(self.entries) - len(newest)
        title = [Span("Journal", strong=True), Span(f"  {len(self.entries)}", "muted")]
        title += [Span(f"  ·  the newest {len(newest)}; journal() has all", "muted")] if older else []
        rows = tuple(((Span(clock_time(entry.at), "muted"),), plain(entry.text)) for entry in newest)
        return Grid(("", ""), rows, tuple(title), "What changes between two looks appears here.")


def issue_cells(issue: Issue) -> tuple[Line, Line, Line]:
    """An issue in three cells: what it is, whose turn it is, what the server and we say of it."""
    meaning = meaning_of(issue)
    code: Line = (issue_state(issue)[0], Span(" "), Span(issue.error.code, code=True, limit=80))
    return code, turn_line(meaning.actor), plain(issue.error.message or meaning.words, 300)


def parts_grid(sync: Sync) -> Grid:
    """The parts of a sync that is done model by model."""
    rows = tuple(
        (
            plain(part.name, 60),
            (Span(part.status.replace("_", " "), phase_role(part.phase), limit=40),),
            plain(part.failure_reason or part.note, 200),
        )
        for part in sync.parts
    )
    title = (Span("Parts", strong=True), Span(f"  {sync.parts_ended} of {len(rows)} ended", "muted"))
    return Grid(("Model", "Status", ""), rows, title)
