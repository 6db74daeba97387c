"""What is known of connections, syncs and issues, as lines: the same facts as on the screens, in fewer words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.models.actor import Actor
from tui_app.models.sync import Phase, Sync
from tui_app.models.times import age, duration
from tui_app.notebook.pieces import Callout, Line, Role, Span

if TYPE_CHECKING:
    from tui_app.findings.triage import Finding
    from tui_app.models.fleet import FleetRow, State
    from tui_app.models.issue import Issue

_SIGNS: dict[Role, str] = {"success": "●", "accent": "◐", "muted": "◌", "warning": "◔", "error": "✗", "": "·"}
_PHASES: dict[Phase, tuple[str, Role]] = {
    Phase.WAITING: ("◌", "muted"),
    Phase.RUNNING: ("◐", "accent"),
    Phase.RETRYING: ("◔", "warning"),
    Phase.SUCCEEDED: ("✓", "success"),
    Phase.FAILED: ("✗", "error"),
    Phase.CANCELLED: ("▫", "muted"),
    Phase.LOST: ("◇", "warning"),
    Phase.UNKNOWN: ("?", "warning"),
}
_ACTORS: dict[Actor, Role] = {
    Actor.FLEET: "error",
    Actor.US: "warning",
    Actor.PLATFORM: "accent",
    Actor.PROVIDER: "muted",
    Actor.NOBODY: "success",
}


def state_line(state: State) -> Line:
    """A connection's state: a sign in its colour, and the word."""
    return (Span(_SIGNS[state.role], state.role), Span(f" {state.word}", limit=40))


def phase_role(phase: Phase) -> Role:
    """What a phase's colour stands for."""
    return _PHASES[phase][1]


def sync_state(sync: Sync) -> Line:
    """A sync's state: a sign in its colour, and the server's own word."""
    sign, role = _PHASES[sync.phase]
    return (Span(sign, role), Span(f" {sync.status.replace('_', ' ')}", limit=40))


def last_sync(row: FleetRow, now: datetime) -> Line:
    """A connection's newest sync in one cell: how far it is, or how it ended and when."""
    sync = row.last_sync
    if sync is None and row.connection.standing.value in ("archived", "leaving", "deleted"):
        return (Span("—", "muted"),)
    if sync is None:
        words = "could not look" if row.problem else "never synced" if row.looked_at else "not looked at yet"
        return (Span(words, "warning" if row.problem else "muted"),)
    if sync.phase.is_final:
        at = age(sync.completed_at, now) if sync.completed_at else f"≤ {age(sync.requested_at, now)}"
        return (*sync_state(sync), Span(f"  {at}", "muted"))
    far = f"  {sync.percent:g} %" if sync.percent is not None else f"  {duration(sync.elapsed(now))}"
    return (*sync_state(sync), Span(far, "muted"))


def turn_line(actor: Actor) -> Line:
    """Whose turn it is; nobody's stands back."""
    if actor is Actor.NOBODY:
        return (Span(actor.value, "muted"),)
    return (Span("●", _ACTORS[actor]), Span(f" {actor.value}"))


def finding_callout(finding: Finding) -> Callout:
    """Whose turn it is, why, and what they do: what stands first wherever a connection or a sync is shown."""
    lines: list[Line] = [(Span(finding.first_line, strong=True),), (Span(finding.reason, limit=400),)]
    if finding.quote:
        lines.append((Span("The server says: “", "muted"), Span(finding.quote, limit=400), Span("”", "muted")))
    if finding.step_in_writing and finding.actor is not Actor.NOBODY:
        lines.append((Span("→ ", "muted"), Span(finding.step_in_writing, limit=300)))
    return Callout(_ACTORS[finding.actor], tuple(lines))


def issues_words(count: int | None) -> Line:
    """How many issues are open."""
    if count is None:
        return (Span("not known", "muted"),)
    return (Span(f"{count}", "warning", strong=True),) if count else (Span("0", "muted"),)


def issue_state(issue: Issue) -> Line:
    """Whether an issue stands, in a sign and the server's word."""
    sign: tuple[str, Role] = ("!", "warning") if issue.is_open else ("✓", "success")
    return (Span(sign[0], sign[1], strong=True), Span(f" {issue.status}", limit=40))


def counted(count: int, one: str) -> str:
    """So many of something: ``1 issue``, ``3 issues``."""
    return f"1 {one}" if count == 1 else f"{count:,} {one}s"
