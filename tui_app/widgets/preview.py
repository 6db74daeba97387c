"""A connection at a glance: what is wrong first, then what is known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from tui_app.findings.catalogue import meaning_of
from tui_app.findings.triage import Finding, advice
from tui_app.models.secrets import redact_text
from tui_app.models.text import mask, safe_text
from tui_app.models.times import age, ahead, day_and_time, duration
from tui_app.widgets.facts import Fact, facts_content
from tui_app.widgets.states import progress_words, state_spans, sync_spans

if TYPE_CHECKING:
    from tui_app.models.connection import ConnectionHealth, ProviderName
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync


def headline(row: FleetRow, now: datetime, finding: Finding) -> Content:
    """A connection's state, large; who has to act next, why and how; then what its server says of its health.

    Args:
        row: What is known of it.
        now: The time at the server.
        finding: Who has to act next for it.
    """
    ((word, role),) = state_spans(row.state)
    health, hindrance = row.connection.health, row.connection.hindrance
    pieces: list[str | tuple[str, str]] = [(word, f"bold ${role}")]
    if health is not None and health.healthy is False:
        pieces += _verdict(health, now)
    pieces += ["\n", (finding.first_line, "bold"), "\n", safe_text(finding.reason, 400)]
    if finding.quote and finding.quote not in (_why(row), advice(health)):  # those stand below in any case
        pieces += ["\n", (f"the server: {safe_text(finding.quote, 400)}", "$muted")]
    if finding.next_step:
        pieces += ["\n", ("→ ", "bold $accent"), finding.next_step]
    if hindrance:
        pieces += ["\n", (safe_text(hindrance, 300), "$warning")]
    if health is not None and health.healthy is not False:
        pieces += ["\n", _SAYS[health.healthy], *_verdict(health, now)]
    if health is not None:
        pieces += _advice(health)
    return Content.assemble(*pieces)


def issue_finding(issue: Issue) -> list[str | tuple[str, str]]:
    """Who has to act next for an issue that is open, and why, in two lines."""
    if not issue.is_open:
        return [("✓ Resolved", "bold $success"), " until it is met again.\n"]
    meaning = meaning_of(issue)
    first = Finding(meaning.actor, meaning.words).first_line
    return [(first, "bold"), f" · {safe_text(meaning.words, 300)}\n", ("→ ", "bold $accent"), meaning.next_step, "\n"]


def _why(row: FleetRow) -> str:
    return (row.last_sync.failure_reason or "") if row.last_sync else ""


_SAYS = {
    True: ("✓ The server finds it healthy", "$success"),
    None: ("? The server does not say whether it is healthy", "$warning"),
}


def _verdict(health: ConnectionHealth, now: datetime) -> list[tuple[str, str]]:
    """The server's own word, whether somebody must sign in again, and when it found that."""
    words = [safe_text(health.code, 60)] if health.code and health.code != "healthy" else []
    if health.healthy is False and health.authentication_required is not None:
        words.append("somebody must sign in again" if health.authentication_required else "no new sign-in needed")
    words += [f"found {age(health.at, now)}"] if health.at else []
    return [(f" · {word}", "$muted") for word in words]


def _advice(health: ConnectionHealth) -> list[str | tuple[str, str]]:
    """What is wrong and what to do, in the server's words."""
    pieces: list[str | tuple[str, str]] = []
    if health.message:
        pieces += ["\n", safe_text(health.message, 600)]
    if health.resolution:
        pieces += ["\n", ("→ ", "bold $accent"), (safe_text(health.resolution, 600), "bold")]
    return pieces


def last_sync_text(sync: Sync, now: datetime) -> Content:
    """A sync in one line: how it stands, how long, since when."""
    spans = [(text, f"${role}") for text, role in sync_spans(sync)]
    if sync.phase.is_final:
        ended = sync.completed_at
        rest = f" · {age(ended, now)}" if ended else f" · asked {age(sync.requested_at, now)}"
    else:
        progress = progress_words(sync)
        rest = f"{' ' + progress if progress else ''} · for {duration(sync.elapsed(now))}"
    if sync.attempts and sync.attempts > 1:
        rest += f" · {sync.attempts:g} attempts"
    return Content.assemble(*spans, rest)


def connection_facts(row: FleetRow, now: datetime) -> list[Fact]:
    """What is known of a connection, the most asked for first."""
    connection = row.connection
    account = connection.account
    user = account.user or {} if account else {}
    facts: list[Fact] = [("status", connection.status)]
    if row.recalled_at is not None:
        facts.append(("as seen", f"{age(row.recalled_at, now)}, at an earlier start"))
    if row.last_sync is not None:
        facts.append(("last sync", last_sync_text(row.last_sync, now)))
        facts.append(("why", row.last_sync.failure_reason or ""))
    elif row.looked_at is not None:
        facts.append(("last sync", "never"))
    if row.looked_at is not None:
        facts.append(("looked", age(row.looked_at, now)))
    if row.problem is not None:
        facts.append(
            ("last look", Content.assemble(("could not look: ", "$warning"), safe_text(row.problem.title, 200)))
        )
    reads = sum(1 for model in connection.models if model.reads)
    facts += [
        ("next sync", ahead(connection.next_sync_at, now) if connection.next_sync_at else ""),
        ("models", f"{len(connection.models)}, of which {reads} are read" if connection.models else ""),
        ("issues", "" if row.open_issues is None else f"{row.open_issues} open"),
        ("provider", _provider(connection.provider)),
        ("mode", connection.sync_mode),
        ("company", connection.company.name or ""),
        ("DOT", ", ".join(connection.company.dot_numbers)),
        ("account", (account.name or "") if account else ""),
        ("user", " ".join(str(user.get(part, "")) for part in ("firstName", "lastName")).strip()),
        ("e-mail", str(user.get("email", ""))),
        ("external ID", connection.external_id or ""),
        ("source ID", connection.source_id or ""),
        ("tags", ", ".join(connection.tags)),
        *connection.particulars,
        ("ID", connection.id),
        ("token", mask(connection.token.get_secret_value()) if connection.token else ""),
        ("link URL", redact_text(connection.link_url or "")),
        ("created", day_and_time(connection.created_at) if connection.created_at else ""),
        ("updated", age(connection.updated_at, now) if connection.updated_at else ""),
    ]
    return facts


def _provider(provider: ProviderName) -> str:
    code = provider.code if provider.code.lower() != provider.name.lower() else ""
    return f"{provider.name} ({code})" if provider.name and code else provider.name or code


def preview(row: FleetRow, now: datetime, width: int, finding: Finding) -> Content:
    """Name, headline and facts of one connection, in so many cells."""
    return Content.assemble(
        (safe_text(row.connection.name, 200), "bold"),
        "\n\n",
        headline(row, now, finding),
        "\n\n",
        facts_content(connection_facts(row, now), width),
    )
