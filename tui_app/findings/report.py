"""The incident report: whose turn it is and why, since when, what changed, and which requests matter; in Markdown.

It is a function of what is known and asks nobody. Whatever came from a server is made inert and masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import meaning_of
from tui_app.findings.markdown import code, escaped
from tui_app.findings.triage import Finding, triage, triage_sync
from tui_app.models.secrets import redact_text
from tui_app.models.times import duration

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync, SyncPart

MOST_SYNCS = 10
"""Syncs of the connection that are listed, the newest first."""

MOST_ENTRIES = 200
"""Lines of the journal: the first, and the newest."""

MOST_FAILED, MOST_LAST = 20, 10
"""Requests that failed, and the last ones of whatever outcome."""

MOST_ISSUES = 50

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """What changed at one time.

    Attributes:
        at: When, in the server's time.
        text: What.
    """

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One attempt of one request.

    Attributes:
        number: Counts those of the session.
        at: When it was sent, by the clock of the machine that sent it.
        method: Its method.
        path: Its path and query.
        status: What was answered; ``None`` for no answer.
        latency: How long that took, in seconds.
        attempt: Which try it was, from 1.
        error: Why no usable answer came; empty where one did.
    """

    number: int
    at: datetime
    method: str
    path: str
    status: int | None
    latency: float
    attempt: int = 1
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether no usable answer came."""
        return bool(self.error) or self.status is None or self.status >= 400


@dataclass(frozen=True, slots=True)
class Incident:
    """All that a report is made of.

    Attributes:
        row: What is known of the connection.
        issues: Its issues, open and resolved, as far as they were read.
        syncs: Its syncs, the newest first, as far as they were read.
        sync: The sync that it is about, as last seen; its newest one where it is about the connection.
        sync_id: Which sync it is about; empty where it is about the connection.
        seen_at: When the sync was last seen, in the server's time.
        problem: Why the last look at it failed, if it did.
        journal: What changed in it, oldest first.
        requests: What went over the wire for this connection, oldest first.
        server_now: The server's time.
        profile: What the person calls the server.
        kind: Which kind of server it is, as a person calls it.
        environment: What its data is, in a word.
        made_by: Which Syncscope.
        gaps: What could not be read, each in a sentence.
        stalled: Why the sync seems to stand still, in words; empty where it does not.
    """

    row: FleetRow
    issues: Sequence[Issue] = ()
    syncs: Sequence[Sync] = ()
    sync: Sync | None = None
    sync_id: str = ""
    seen_at: datetime | None = None
    problem: Problem | None = None
    journal: Sequence[JournalLine] = ()
    requests: Sequence[RequestLine] = ()
    server_now: datetime = _NEVER
    profile: str = ""
    kind: str = ""
    environment: str = ""
    made_by: str = ""
    gaps: Sequence[str] = ()
    stalled: str = ""

    @property
    def finding(self) -> Finding:
        """Who has to act next for the sync or the connection, and why."""
        issues, now = self.issues or self.row.issues or (), None if self.server_now == _NEVER else self.server_now
        if self.sync_id and self.sync is not None:
            return triage_sync(self.row, self.sync, issues, syncs=self.syncs, now=now, stalled=self.stalled)
        return triage(self.row, issues, syncs=self.syncs, now=now, stalled=self.stalled)


def report(incident: Incident, mask: Mask = redact_text) -> str:
    """Write the report. Its first line is the finding's.

    Args:
        incident: What is known.
        mask: Hides what is secret in a text, before anything else is done with it.
    """
    if mask is redact_text:
        return _Report(incident, mask).text()
    return _Report(incident, lambda text: mask(redact_text(text))).text()


def moment(at: datetime) -> str:
    """A time as reports write it: in UTC, because who reads it is elsewhere."""
    try:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError):
        return at.isoformat()


class _Report:
    def __init__(self, incident: Incident, mask: Mask) -> None:
        self._of = incident
        self._mask = mask

    def text(self) -> str:
        sections = [self._turn(), self._what(), self._sync(), self._syncs(), self._journal(), self._issues()]
        sections += [self._requests(), self._made()]
        lines = [line for section in sections if section for line in [*section, ""]]
        return "\n".join(lines).rstrip("\n") + "\n"

    def _md(self, text: str, limit: int = 600) -> str:
        return escaped(self._mask(text), limit)

    def _code(self, text: str) -> str:
        return code(self._mask(text))

    def _turn(self) -> list[str]:
        finding = self._of.finding
        lines = [finding.first_line, "", self._md(finding.reason)]
        if finding.quote:
            lines += ["", f"- The server says: “{self._md(finding.quote)}”"]
        if finding.step_in_writing:
            lines += ["", f"**What to do:** {self._md(finding.step_in_writing)}"]
        return lines

    def _what(self) -> list[str]:
        row, connection = self._of.row, self._of.row.connection
        lines = [f"# {self._md(connection.name, 120)} · {self._md(connection.provider.name or '—', 60)}", ""]
        lines.append(f"- Connection: {self._code(connection.id)}, {self._md(row.state.word, 60)}")
        lines.append(f"- Since: {self._since()}")
        if connection.external_id:
            lines.append(f"- External ID: {self._code(connection.external_id)}")
        if connection.company.dot_numbers:
            numbers = ", ".join(self._code(number) for number in connection.company.dot_numbers[:20])
            lines.append(f"- DOT numbers: {numbers}")
        health = connection.health
        if health is not None:
            verdict = {True: "healthy", False: "unhealthy", None: "no verdict"}[health.healthy]
            words = [verdict, *([self._md(health.code, 60)] if health.code else [])]
            lines.append(f"- Health, as the server finds it: {', '.join(words)}")
        if connection.hindrance:
            lines.append(f"- In the way of a sync: {self._md(connection.hindrance)}")
        if row.problem is not None:
            lines.append(f"- Could not look at it last time: {self._md(row.problem.title)}")
        lines.append(f"- As seen: {moment(row.looked_at or self._of.server_now)}")
        return [*lines, *(f"- Not read: {self._md(gap)}" for gap in self._of.gaps)]

    def _since(self) -> str:
        """The best that is known of when this began, with what it rests on."""
        if (since := self._of.finding.since) is not None:
            return f"{moment(since[0])}, {since[1]}"
        connection, sync = self._of.row.connection, self._of.row.last_sync
        health = connection.health
        if health is not None and health.healthy is False and health.at is not None:
            return f"{moment(health.at)}, when the server found it unhealthy"
        if connection.standing.value not in ("connected", "unknown"):
            at = connection.deleted_at or connection.updated_at
            return f"at the latest {moment(at)}, when its record last changed" if at else "not known"
        first = min((issue.first_reported_at for issue in self._open if issue.first_reported_at), default=None)
        if first is not None:
            return f"{moment(first)}, when the oldest open issue was first seen"
        if sync is None:
            return f"{moment(connection.created_at)}, when it was made" if connection.created_at else "not known"
        if sync.completed_at is not None:
            return f"{moment(sync.completed_at)}, when its newest sync ended"
        return f"{moment(sync.requested_at)}, when its newest sync was requested"

    @property
    def _known_issues(self) -> list[Issue]:
        of_sync = self._of.sync.known_issues if self._of.sync else ()
        of_row = self._of.row.issues or ()
        known = {issue.id: issue for issue in (*of_row, *of_sync, *self._of.issues)}
        return sorted(known.values(), key=lambda issue: not issue.is_open)

    @property
    def _open(self) -> list[Issue]:
        return [issue for issue in self._known_issues if issue.is_open]

    def _sync(self) -> list[str]:
        sync = self._of.sync
        if sync is None:
            seen = self._of.row.looked_at is not None
            words = "It was never synced." if seen and not self._of.sync_id else "It could not be looked at."
            return ["## Sync", "", words]
        lines = ["## Sync", "", f"- {self._code(sync.id)}: {self._md(sync.status, 60)}"]
        lines += self._times(sync)
        lines += self._course(sync)
        if self._of.problem is not None:
            said = f"{self._of.problem.title} {self._of.problem.server_words}".strip()
            lines.append(f"- Could not look last time: {self._md(said)}. That says nothing about the sync itself.")
        if self._of.seen_at is not None:
            lines.append(f"- As seen: {moment(self._of.seen_at)}")
        return [*lines, *(f"- {self._part(part)}" for part in sync.parts[:100])]

    def _syncs(self) -> list[str]:
        """Its connection's newest syncs: the finding may rest on how they went by turns."""
        syncs = self._of.syncs
        if len(syncs) < 2:
            return []
        left_out = [f"- … and {len(syncs) - MOST_SYNCS} more"] if len(syncs) > MOST_SYNCS else []
        return ["## Newest syncs", "", *map(self._outcome, syncs[:MOST_SYNCS]), *left_out]

    def _outcome(self, sync: Sync) -> str:
        line = f"- {moment(sync.requested_at)}: {self._code(sync.id)}, {self._md(sync.status, 60)}"
        if sync.completed_at is not None:
            line += f" after {duration(sync.elapsed(sync.completed_at))}"
        return f"{line}: “{self._md(sync.failure_reason, 200)}”" if sync.failure_reason else line

    def _times(self, sync: Sync) -> Iterator[str]:
        newest = self._of.row.last_sync
        if newest is not None and newest.id != sync.id:
            newer = f"{self._code(newest.id)}, {self._md(newest.status, 60)}"
            yield f"- This is not the connection's newest sync. That is {newer}."
        yield f"- Requested: {moment(sync.requested_at)}"
        if sync.start_from is not None:
            until = f" to {moment(sync.until)}" if sync.until else ""
            yield f"- Brings in: from {moment(sync.start_from)}{until}"
        if sync.completed_at is not None:
            yield f"- Ended: {moment(sync.completed_at)}, after {duration(sync.elapsed(sync.completed_at))}"
        elif not sync.phase.is_final:
            yield f"- Runs for: {duration(sync.elapsed(self._of.server_now))}"

    def _course(self, sync: Sync) -> Iterator[str]:
        if sync.percent is not None:
            yield f"- Progress: {sync.percent:g} %"
        if sync.attempts is not None:
            yield f"- Attempts: {sync.attempts:g}"
        if sync.failure_reason:
            yield f"- Why it failed, in the server's words: “{self._md(sync.failure_reason)}”"
        if sync.provider_requests:
            yield f"- Waits at the provider for: {', '.join(map(self._code, sync.provider_requests))}"

    def _part(self, part: SyncPart) -> str:
        words = [f"{self._md(part.name, 60)}: {self._md(part.status, 60)}"]
        words += [f"attempt {part.attempt}"] if part.attempt is not None else []
        words += [f"“{self._md(part.failure_reason)}”"] if part.failure_reason else []
        words += [self._md(note) for note in (part.note, part.inference) if note]
        return ", ".join(words)

    def _journal(self) -> list[str]:
        entries = list(self._of.journal)
        if not entries:
            return ["## Journal", "", "Nothing was seen to change."]
        left_out = len(entries) - MOST_ENTRIES
        if left_out > 0:
            entries = [entries[0], *entries[1 - MOST_ENTRIES :]]
        lines = [f"- {moment(entry.at)}: {self._md(entry.text, 200)}" for entry in entries]
        if left_out > 0:
            lines.insert(1, f"- … {left_out} more …")
        return ["## Journal", "", *lines]

    def _issues(self) -> list[str]:
        issues = self._known_issues
        if not issues:
            return ["## Issues", "", "None is known."]
        lines = ["## Issues", ""]
        for issue in issues[:MOST_ISSUES]:
            meaning = meaning_of(issue)
            word = "open" if issue.is_open else issue.status
            lines.append(f"- {self._code(issue.error.code)}, {self._md(word, 40)}: {self._md(meaning.words)}")
            if issue.error.message:
                lines.append(f"  - The server says: “{self._md(issue.error.message)}”")
            lines.append(f"  - Acts: {meaning.actor.value}. {self._md(meaning.next_step)}")
            seen = [f"first seen {moment(issue.first_reported_at)}"] if issue.first_reported_at else []
            seen += [f"last {moment(issue.last_reported_at)}"] if issue.last_reported_at else []
            lines.append(f"  - {', '.join([self._code(issue.id), *seen])}")
        if len(issues) > MOST_ISSUES:
            lines.append(f"- … and {len(issues) - MOST_ISSUES} more")
        return lines

    def _requests(self) -> list[str]:
        failed = [request for request in self._of.requests if request.failed]
        lines = ["## Requests that matter", ""]
        if not self._of.requests:
            return [*lines, "None was recorded for this connection."]
        shown = failed[-MOST_FAILED:]
        lines.append(f"Failed: {len(failed) or 'none'} of {len(self._of.requests)}.")
        if shown:
            lines += ["", *(self._request(request) for request in shown)]
        lines += ["", "The last ones:", ""]
        return [*lines, *(self._request(request) for request in self._of.requests[-MOST_LAST:])]

    def _request(self, request: RequestLine) -> str:
        came = f"{request.status}" if request.status is not None else "no answer"
        tried = f", try {request.attempt}" if request.attempt > 1 else ""
        error = f": {self._md(request.error, 300)}" if request.error else ""
        sent = f"{self._code(request.method)} {self._md(request.path, 300)}"
        return (
            f"- #{request.number}, {moment(request.at)}: {sent} → {came}, {request.latency * 1000:.0f} ms{tried}{error}"
        )

    def _made(self) -> list[str]:
        of = self._of
        server = f"the server “{self._md(of.profile, 64)}” ({self._md(of.kind, 60)}, {of.environment.upper()})"
        return [
            "---",
            "",
            f"Made by {self._md(of.made_by, 60)} from {server} at {moment(of.server_now)}, the server's time. "
            "Secrets are masked. Texts in quotation marks are the server's own.",
        ]
