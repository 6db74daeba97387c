"""How open issues become rows: groups by their code, and the issues of one group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans

if TYPE_CHECKING:
    from tui_app.findings.issue_groups import IssueGroup, OwnedIssue
    from tui_app.models.actor import Actor

Now = Callable[[], datetime]

_ROLES = {"the fleet": "warning", "us": "warning", "Terminal": "accent", "the provider": "accent"}


def actor_spans(actor: Actor) -> Spans:
    """Whose turn it is, in a word."""
    return ((actor.value, _ROLES.get(actor.value, "muted")),)


def _seen(moment: datetime | None, now: datetime) -> Spans:
    return ((age(moment, now) if moment is not None else "", "muted"),)


def _latest_first(moment: datetime | None) -> float:
    return -moment.timestamp() if moment is not None else 0.0


def group_columns(now: Now) -> tuple[Column[IssueGroup], ...]:
    """The columns of the groups.

    Args:
        now: The time that ages count to.
    """
    from tui_app.findings.issue_groups import Order

    def code(group: IssueGroup, width: int) -> Spans:
        return ((safe_text(group.code, width * 2), "strong"),)

    def who(group: IssueGroup, width: int) -> Spans:
        return actor_spans(group.meaning.actor)

    def connections(group: IssueGroup, width: int) -> Spans:
        return ((f"{group.connections:,}", ""),)

    def issues(group: IssueGroup, width: int) -> Spans:
        return ((f"{len(group.issues):,}", "muted"),)

    def last(group: IssueGroup, width: int) -> Spans:
        return _seen(group.last_at, now())

    def words(group: IssueGroup, width: int) -> Spans:
        return ((safe_text(group.meaning.words, width * 2), "muted"),)

    return (
        Column("code", "Code", code, 24, 1, 36, comfort=30, sort=lambda group: group.code),
        Column("who", "Next to act", who, 12, sort=Order.TURN.key),
        Column("connections", "Connections", connections, 11, align="right", sort=Order.CONNECTIONS.key),
        Column("issues", "Issues", issues, 6, priority=3, align="right", sort=lambda group: -len(group.issues)),
        Column("last", "Last seen", last, 12, priority=1, sort=lambda group: _latest_first(group.last_at)),
        Column("words", "What it means", words, 30, 3, 100, priority=4),
    )


def issue_columns(now: Now, *, mixed: bool) -> tuple[Column[OwnedIssue], ...]:
    """The columns of one group's issues.

    Args:
        now: The time that ages count to.
        mixed: Whether it is not the same party's turn in all of them.
    """

    def name(issue: OwnedIssue, width: int) -> Spans:
        return ((safe_text(issue.name, width * 2) or "not said whose", "" if issue.row is not None else "muted"),)

    def provider(issue: OwnedIssue, width: int) -> Spans:
        return ((safe_text(issue.provider, width * 2), "muted"),)

    def who(issue: OwnedIssue, width: int) -> Spans:
        return actor_spans(issue.meaning.actor)

    def first(issue: OwnedIssue, width: int) -> Spans:
        return _seen(issue.issue.first_reported_at, now())

    def last(issue: OwnedIssue, width: int) -> Spans:
        return _seen(issue.issue.last_reported_at, now())

    def message(issue: OwnedIssue, width: int) -> Spans:
        return ((safe_text(issue.issue.error.message, width * 2), ""),)

    columns = (
        Column("name", "Connection", name, 16, 2, 32, comfort=22, sort=lambda issue: issue.name.lower()),
        Column("provider", "Provider", provider, 12, 1, 18, 4, sort=lambda issue: issue.provider.lower()),
        Column("who", "Next to act", who, 12, priority=2),
        Column("first", "First seen", first, 12, 0, 12, 2, sort=lambda i: _latest_first(i.issue.first_reported_at)),
        Column("last", "Last seen", last, 12, 0, 12, 1, sort=lambda i: _latest_first(i.issue.last_reported_at)),
        Column("message", "Message", message, 20, 4, 120, 1, comfort=30),
    )
    return tuple(column for column in columns if mixed or column.key != "who")


def group_content(group: IssueGroup) -> Content:
    """What a group is about: whose turn it is, what it means, what they do next."""
    ((actor, role),) = actor_spans(group.meaning.actor)
    return Content.assemble(
        (safe_text(group.code, 80), "bold"),
        ("  Next to act: ", "$muted"),
        (actor, f"bold ${role}"),
        "\n",
        safe_text(group.meaning.words, 300),
        "\n",
        ("→ ", "bold $accent"),
        safe_text(group.meaning.next_step, 300),
    )


def issue_content(issue: OwnedIssue) -> Content:
    """One issue, whole: the server's message, where it explains it, and its ID."""
    pieces: list[str | tuple[str, str]] = [safe_text(issue.issue.error.message, 1000) or "The server says no more."]
    known = [text for text in (issue.issue.documentation_url, issue.id) if text]
    pieces += ["\n", (safe_text("  ".join(known), 400), "$muted")]
    return Content.assemble(*pieces)
