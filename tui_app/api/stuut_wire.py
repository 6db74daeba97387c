"""What Stuut's integrations API sends, by its own names.

Of connections only the beginning is documented, so nothing of one is required but its ID: a field that is absent, null
or of another type counts as not said. Times stay texts as they came, and `to_json` gives back what was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    model_validator,
)

from tui_app.models.remote import Moment, Remote
from tui_app.models.sync import Number

Kept = TypeVar("Kept")

_moments: TypeAdapter[datetime] = TypeAdapter(Moment)


def moment(text: str | None) -> datetime | None:
    """Read a time; ``None`` where there is none, or none that can be read."""
    if text is None:
        return None
    try:
        return _moments.validate_python(text)
    except ValidationError:
        return None


def _or_nothing(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _time(text: str) -> str:
    _moments.validate_python(text)
    return text


def _name(value: Any) -> Any:
    # A company is a text where it is set; answers may well hold it as an object.
    return value.get("name") if isinstance(value, dict) else value


Said = Annotated[Kept | None, WrapValidator(_or_nothing)]
"""What the server says, or ``None`` where it does not, or not in this form."""

Time = Annotated[str, AfterValidator(_time)]
"""A time as it was written, which can be read as one."""


class Row(Remote):
    """An object as Stuut sent it, with its JSON beside it as `source`."""

    model_config = ConfigDict(alias_generator=None)

    @model_validator(mode="wrap")
    @classmethod
    def _with_source(cls, row: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        return read(row).model_copy(update={"source": row})


class Job(Row):
    """One model of one connection synced once: what Stuut calls a sync.

    Source: the documented answer of ``POST /v2/integrations/connections/{connection_id}/sync``.

    Attributes:
        status: The server's word, whatever it is.
        attempt: Tries so far; 0 before the first.
        batch_id: Shared by what was made together, where the server says.
        is_one_off: Whether somebody asked for it, rather than the schedule.
        pagination_state: Opaque.
    """

    id: str = Field(min_length=1)
    status: str
    created_at: Time
    modified_at: Said[str] = None
    attempt: Said[Number] = None
    batch_id: Said[str] = None
    completed_at: Said[str] = None
    entity_id: Said[str] = None
    error: Said[str] = None
    file_id: Said[str] = None
    is_initial_sync: Said[bool] = None
    is_one_off: Said[bool] = None
    model_id: Said[str] = None
    pagination_state: Any = None
    started_at: Said[str] = None
    timerange_end: Said[str] = None
    timerange_start: Said[str] = None
    object: Any = None

    @property
    def made(self) -> datetime:
        """When it was made, in the server's time."""
        return _moments.validate_python(self.created_at)

    @property
    def changed(self) -> datetime:
        """When it last changed; of a job that never did, when it was made."""
        return moment(self.modified_at) or self.made


class ModelRow(Row):
    """One kind of object that a connection syncs, with its newest job."""

    id: str = Field(min_length=1)
    name: Said[str] = None
    display_name: Said[str] = None
    created_at: Said[str] = None
    modified_at: Said[str] = None
    connection_id: Said[str] = None
    is_read_enabled: Said[bool] = None
    is_write_enabled: Said[bool] = None
    is_custom_object: Said[bool] = None
    is_file_upload_enabled: Said[bool] = None
    is_webhooks_setup: Said[bool] = None
    is_read_supported: Said[bool] = None
    is_write_supported: Said[bool] = None
    is_sync_supported: Said[bool] = None
    next_sync_at: Said[str] = None
    last_sync: Said[Job] = None
    object: Any = None

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.display_name or self.name or self.id


class HealthRow(Row):
    """How a connection fares, in the server's words."""

    authentication_required: Said[bool] = None
    healthy: Said[bool] = None
    message: Said[str] = None
    status_code: Said[str] = None
    suggested_resolution: Said[str] = None
    timestamp: Said[str] = None


def _readable_models(value: Any) -> list[ModelRow]:
    """Those entries that are models: one that is none costs only itself."""
    found = []
    for row in value if isinstance(value, list | tuple) else ():
        model = _or_nothing(row, lambda entry: ModelRow.model_validate(entry, by_alias=True, by_name=False))
        if model is not None:
            found.append(model)
    return found


class ConnectionRow(Row):
    """One connection as it is listed. Its documentation ends after `models`; the names below that are guesses."""

    id: str = Field(min_length=1)
    created_at: Said[str] = None
    modified_at: Said[str] = None
    is_authentication_pending: Said[bool] = None
    is_running_setup: Said[bool] = None
    is_sync_disabled: Said[bool] = None
    health: Said[HealthRow] = None
    models: Annotated[tuple[ModelRow, ...], BeforeValidator(_readable_models)] = ()
    provider_name: Said[str] = None
    name: Said[str] = None
    company: Annotated[Said[str], BeforeValidator(_name)] = None
    environment: Said[str] = None
    api_url: Said[str] = None
    is_on_premise: Said[bool] = None
