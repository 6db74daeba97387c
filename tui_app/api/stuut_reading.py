"""Reads what Stuut's integrations API answers into our models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui_app.api.reading import validated
from tui_app.api.stuut_batches import Part, batches_in
from tui_app.api.stuut_wire import ConnectionRow, HealthRow, Job, ModelRow, moment
from tui_app.models.connection import (
    Company,
    Connection,
    ConnectionHealth,
    ConnectionModel,
    ProviderName,
    Standing,
)
from tui_app.models.secrets import redact_text
from tui_app.models.sync import Phase, Sync, SyncPart, phase_of

Remembered = Callable[[str], Mapping[str, str]]
"""The syncs of a connection's jobs that are known already, by the jobs' IDs; called with the connection's ID."""

# Standing, whether a row has it, and why that keeps it from syncing; the first that applies is what is told.
_STANDINGS: tuple[tuple[Standing, Callable[[ConnectionRow], bool], str], ...] = (
    (Standing.UNHEALTHY, lambda row: row.health is not None and row.health.healthy is False, ""),
    (
        Standing.UNAUTHORISED,
        lambda row: row.is_authentication_pending is True,
        "Nobody has signed in at the provider yet (is_authentication_pending).",
    ),
    (
        Standing.SETTING_UP,
        lambda row: row.is_running_setup is True,
        "The connection is still being set up at the server (is_running_setup).",
    ),
    (
        Standing.DISABLED,
        lambda row: row.is_sync_disabled is True,
        "Syncing is switched off at the server (is_sync_disabled).",
    ),
    (Standing.UNKNOWN, lambda row: _says_nothing(row), ""),
)


def _says_nothing(row: ConnectionRow) -> bool:
    """Whether a row says of its state neither good nor bad: no verdict, and none of the flags."""
    flags = (row.is_authentication_pending, row.is_running_setup, row.is_sync_disabled)
    return (row.health is None or row.health.healthy is None) and all(flag is None for flag in flags)


def read_job(row: Any) -> Job:
    """Read a job.

    Raises:
        ValidationError: It is none.
    """
    return validated(Job, row)


def connection_row(row: Any) -> ConnectionRow:
    """Read a connection as it was sent.

    Raises:
        ValidationError: It is none.
    """
    return validated(ConnectionRow, row)


def read_connection(row: Any, remembered: Remembered | None = None) -> Connection:
    """Read a connection with its health, its models and its newest sync.

    Args:
        row: Plain JSON values.
        remembered: Tells which syncs its jobs are known to be of.

    Raises:
        ValidationError: It is none.
    """
    sent = connection_row(row)
    batches = batches_in(sent.models, remembered(sent.id) if remembered else None)
    newest = max((sync_of(sync_id, parts) for sync_id, parts in batches.items()), key=_age, default=None)
    of_job = {part.job.id: (sync_id, part) for sync_id, parts in batches.items() for part in parts}
    return Connection(
        id=sent.id,
        status=(sent.health.status_code if sent.health else None) or "",
        standing=next((standing for standing, applies, _ in _STANDINGS if applies(sent)), Standing.CONNECTED),
        provider=ProviderName(name=sent.provider_name or "", code=sent.provider_name or ""),
        company=Company(name=sent.company),
        title=sent.name,
        created_at=moment(sent.created_at),
        updated_at=moment(sent.modified_at),
        last_sync=newest,
        health=_health(sent.health),
        models=tuple(_model(model, of_job) for model in sent.models),
        hindrance=_hindrance(sent),
        particulars=_particulars(sent),
        source=row,
    )


def sync_of(sync_id: str, parts: Sequence[Part]) -> Sync:
    """Put the parts of a sync, of which there is at least one, together to the whole.

    It ended when the last of its parts did; where one does not say when it ended, neither does the whole.
    """
    shown = tuple(sync_part(part) for part in parts)
    phase = phase_of(part.phase for part in shown)
    ends = [part.completed_at for part in shown if part.completed_at is not None]
    return Sync(
        id=sync_id,
        status=next((part.status for part in shown if part.phase is phase), phase.value),
        phase=phase,
        requested_at=min(part.requested_at for part in shown),
        start_from=min(_said(part.start_from for part in shown), default=None),
        until=max(_said(part.until for part in shown), default=None),
        completed_at=max(ends) if phase.is_final and len(ends) == len(shown) else None,
        attempts=max((part.attempt for part in shown if part.attempt is not None), default=None),
        failure_reason=_reasons(shown),
        parts=shown,
        source=[part.job.to_json() for part in parts],
    )


def sync_part(part: Part) -> SyncPart:
    """Show a part."""
    job = part.job
    return SyncPart(
        id=job.id,
        model_id=part.model_id,
        name=part.name,
        status=job.status,
        phase=part.phase,
        requested_at=job.made,
        attempt=None if job.attempt is None else int(job.attempt),
        started_at=moment(job.started_at),
        completed_at=moment(job.completed_at),
        start_from=moment(job.timerange_start),
        until=moment(job.timerange_end),
        failure_reason=job.error,
        is_initial=job.is_initial_sync,
        is_one_off=job.is_one_off,
        inference=part.inference,
        note=part.note,
    )


def _health(row: HealthRow | None) -> ConnectionHealth | None:
    if row is None:
        return None
    return ConnectionHealth(
        healthy=row.healthy,
        code=row.status_code or "",
        authentication_required=row.authentication_required,
        message=row.message or "",
        resolution=row.suggested_resolution or "",
        at=moment(row.timestamp),
    )


def _model(row: ModelRow, of_job: Mapping[str, tuple[str, Part]]) -> ConnectionModel:
    sync_id, part = of_job[row.last_sync.id] if row.last_sync is not None else ("", None)
    traits = (
        ("custom object", row.is_custom_object),
        ("file upload", row.is_file_upload_enabled),
        ("webhooks", row.is_webhooks_setup),
        ("syncing not supported", row.is_sync_supported is False),
    )
    return ConnectionModel(
        id=row.id,
        name=row.label,
        reads=row.is_read_enabled,
        writes=row.is_write_enabled,
        next_sync_at=moment(row.next_sync_at),
        last=sync_part(part) if part is not None else None,
        last_sync_id=sync_id,
        traits=tuple(words for words, applies in traits if applies),
    )


def _hindrance(row: ConnectionRow) -> str:
    return next((why for _, applies, why in _STANDINGS if why and applies(row)), "")


def _particulars(row: ConnectionRow) -> tuple[tuple[str, str], ...]:
    on_premise = {True: "yes", False: "no", None: ""}[row.is_on_premise]
    found = (("environment", row.environment), ("API URL", row.api_url), ("on premise", on_premise))
    return tuple((name, redact_text(value)) for name, value in found if value)


def _reasons(parts: Iterable[SyncPart]) -> str | None:
    """Why parts failed, each reason once behind the models that it stopped."""
    models: dict[str, list[str]] = {}
    for part in parts:
        if part.phase is Phase.FAILED and part.failure_reason:
            models.setdefault(part.failure_reason, []).append(part.name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in models.items()) or None


def _said(times: Iterable[datetime | None]) -> list[datetime]:
    return [time for time in times if time is not None]


def _age(sync: Sync) -> tuple[datetime, str]:
    return (sync.requested_at, sync.id)
