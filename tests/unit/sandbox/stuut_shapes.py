"""What the integrations API documents of its answers, field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

SYNC = (
    "created_at", "modified_at", "id", "status", "attempt", "batch_id", "completed_at", "entity_id", "error",
    "file_id", "is_initial_sync", "is_one_off", "model_id", "pagination_state", "started_at", "timerange_end",
    "timerange_start", "object",
)  # fmt: skip
STATUSES = {"scheduled", "queued", "running", "cancelled", "failed", "pending_retry", "complete"}
MODEL = (
    "created_at", "modified_at", "id", "name", "is_read_enabled", "is_write_enabled", "is_custom_object",
    "is_file_upload_enabled", "is_webhooks_setup", "next_sync_at", "connection_id", "last_sync", "object",
    "display_name", "is_read_supported", "is_write_supported", "is_sync_supported",
)  # fmt: skip
HEALTH = (
    "authentication_required", "message", "healthy", "status_code", "suggested_resolution", "timestamp",
)  # fmt: skip
CONNECTION = (
    "created_at", "modified_at", "id", "provider_name", "name", "company", "environment", "api_url",
    "is_on_premise", "is_authentication_pending", "is_running_setup", "is_sync_disabled", "health", "models",
)  # fmt: skip
_TEXTS = ("id", "name", "provider_name", "model_id", "connection_id", "display_name", "message", "status_code")
_OPTIONAL_TEXTS = ("error", "entity_id", "file_id", "company", "environment", "api_url", "suggested_resolution")
_MOMENTS = ("created_at", "timestamp")
_OPTIONAL_MOMENTS = ("modified_at", "next_sync_at", "completed_at", "started_at", "timerange_start", "timerange_end")


def check_connection(shown: dict[str, Any]) -> None:
    """Fail unless a connection, with all its models and their last jobs, is as documented."""
    _check_fields(shown, CONNECTION)
    _check_fields(shown["health"], HEALTH)
    for model in shown["models"]:
        _check_fields(model, MODEL)
        assert model["object"] == "model"
        assert model["connection_id"] == shown["id"]
        if model["last_sync"] is not None:
            check_sync(model["last_sync"])
            assert model["last_sync"]["model_id"] == model["id"]


def check_sync(shown: dict[str, Any]) -> None:
    """Fail unless a job is as documented, and its fields fit together."""
    assert len(SYNC) == 18
    _check_fields(shown, SYNC)
    assert shown["object"] == "sync"
    assert shown["status"] in STATUSES
    assert type(shown["attempt"]) is int
    assert shown["batch_id"] is None or UUID(shown["batch_id"])
    assert isinstance(shown["pagination_state"], dict)
    assert (shown["started_at"] is None) == (shown["attempt"] == 0) == (shown["timerange_end"] is None)
    assert shown["timerange_start"] is None or shown["timerange_start"] < shown["timerange_end"]
    assert shown["attempt"] or shown["pagination_state"] == {}


def _check_fields(shown: dict[str, Any], names: tuple[str, ...]) -> None:
    assert tuple(shown) == names
    for name in names:
        value = shown[name]
        assert not name.startswith("is_") or type(value) is bool, name
        assert name not in _TEXTS or isinstance(value, str), name
        assert name not in _OPTIONAL_TEXTS or value is None or isinstance(value, str), name
        if name in _MOMENTS or (name in _OPTIONAL_MOMENTS and value is not None):
            assert datetime.fromisoformat(value).tzinfo == UTC, name
