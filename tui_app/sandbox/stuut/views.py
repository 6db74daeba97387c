"""How the API shows what the server knows, at one moment. What is not there is shown as null."""

from __future__ import annotations

from typing import Any

from tui_app.sandbox.clock import LATEST_MS, iso
from tui_app.sandbox.stuut import catalogue
from tui_app.sandbox.stuut.facts import Model
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.jobs import JobPlan


def connection_json(connection: Integration, now_ms: int) -> dict[str, Any]:
    """Return a connection with its models.

    Args:
        connection: The connection.
        now_ms: The time of the look, since the epoch.
    """
    profile = connection.profile
    return {
        "created_at": iso(connection.created_ms),
        "modified_at": _moment(connection.modified_ms(now_ms)),
        "id": connection.id,
        "provider_name": profile.provider_name,
        "name": profile.name,
        "company": profile.company,
        "environment": profile.environment,
        "api_url": profile.api_url,
        "is_on_premise": profile.is_on_premise,
        "is_authentication_pending": connection.circumstances.is_authentication_pending,
        "is_running_setup": connection.is_running_setup(now_ms),
        "is_sync_disabled": connection.circumstances.is_sync_disabled,
        "health": dict(connection.health_at(now_ms)),
        "models": [model_json(connection, model, now_ms) for model in connection.models],
    }


def model_json(connection: Integration, model: Model, now_ms: int) -> dict[str, Any]:
    """Return a model with its last job.

    Args:
        connection: Whose it is.
        model: The model.
        now_ms: The time of the look, since the epoch.
    """
    job = connection.last_job(model, now_ms)
    return {
        "created_at": iso(connection.created_ms),
        "modified_at": _moment(connection.model_modified_ms(model, now_ms)),
        "id": model.id,
        "name": model.name,
        "is_read_enabled": connection.is_enabled(model, now_ms),
        "is_write_enabled": model.writable,
        "is_custom_object": catalogue.is_custom(model.name),
        "is_file_upload_enabled": model.files,
        "is_webhooks_setup": model.webhooks,
        "next_sync_at": _moment(connection.next_turn_ms(model, now_ms)),
        "connection_id": connection.id,
        "last_sync": None if job is None else sync_json(job, now_ms),
        "object": "model",
        "display_name": catalogue.display_name(model.name),
        "is_read_supported": True,
        "is_write_supported": catalogue.is_writable(model.name),
        "is_sync_supported": True,
    }


def sync_json(job: JobPlan, now_ms: int) -> dict[str, Any]:
    """Return a job.

    Args:
        job: The job.
        now_ms: The time of the look, since the epoch.
    """
    look = job.at(now_ms)
    ranged = look.started_ms is not None
    return {
        "created_at": iso(job.requested_ms),
        "modified_at": _moment(look.changed_ms),
        "id": job.id,
        "status": look.status,
        "attempt": look.attempt,
        "batch_id": job.batch_id,
        "completed_at": _moment(look.completed_ms),
        "entity_id": None,
        "error": look.error,
        "file_id": None,
        "is_initial_sync": job.is_initial,
        "is_one_off": job.is_one_off,
        "model_id": job.model_id,
        "pagination_state": {} if look.page is None else {"page": look.page},
        "started_at": _moment(look.started_ms),
        "timerange_end": _moment(look.started_ms),
        "timerange_start": _moment(job.since_ms) if ranged else None,
        "object": "sync",
    }


def _moment(ms: int | None) -> str | None:
    # The clock can be moved to the end of all date-times, and what comes after that cannot be written.
    return None if ms is None else iso(min(ms, LATEST_MS))
