"""A connection: the access to one fleet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, SecretStr, model_validator

from tui_app.models.remote import Moment, Remote, Words
from tui_app.models.sync import Sync, SyncPart
from tui_app.models.text import mask


class Standing(StrEnum):
    """What a connection's status word means, the same for every kind of server."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ARCHIVED = "archived"
    LEAVING = "leaving"  # deletion asked for or under way
    DELETED = "deleted"
    UNHEALTHY = "unhealthy"  # the server itself says that something is wrong with it
    UNAUTHORISED = "unauthorised"  # nobody has signed in yet
    SETTING_UP = "setting_up"
    DISABLED = "disabled"  # syncing is switched off
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """What the server itself says about a connection's health; each field as far as it says.

    Attributes:
        healthy: Its verdict.
        code: That verdict in the server's word, verbatim.
        authentication_required: Whether somebody must sign in again.
        message: What is wrong, in the server's words.
        resolution: What it suggests to do.
        at: When it found that, in its own time.
    """

    healthy: bool | None = None
    code: str = ""
    authentication_required: bool | None = None
    message: Words = ""
    resolution: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConnectionModel:
    """One kind of object that a connection syncs, e.g. its invoices.

    Attributes:
        id: The server's ID.
        name: What a person calls it.
        reads: Whether it is read from the provider; ``None`` where the server does not say.
        writes: Whether it is written to the provider.
        next_sync_at: When the schedule syncs it next, in the server's time.
        last: Its newest job.
        last_sync_id: The sync that this job is a part of.
        traits: What else the server says of it, in words.
    """

    id: str
    name: str
    reads: bool | None = None
    writes: bool | None = None
    next_sync_at: datetime | None = None
    last: SyncPart | None = None
    last_sync_id: str = ""
    traits: tuple[str, ...] = ()


def _masked(secret: SecretStr | None) -> str | None:
    return None if secret is None else mask(secret.get_secret_value())


Secret = Annotated[SecretStr, PlainSerializer(_masked, return_type=str | None, when_used="json")]
"""A secret that shows as its public prefix and a few characters wherever it is dumped."""


class ProviderName(Remote):
    """Which provider a connection belongs to: its name and its code."""

    name: str = ""
    code: str = ""


class Company(Remote):
    """Whose fleet it is.

    Attributes:
        name: As the company calls itself.
        dot_numbers: Its US DOT numbers.
    """

    name: str | None = None
    dot_numbers: list[str] = []


class Account(Remote):
    """The account at the provider that this connection reads.

    Attributes:
        name: The account's name at the provider.
        dot_numbers: The DOT numbers that the provider has for it.
        user: Who signed in: source ID, first and last name, e-mail.
    """

    name: str | None = None
    dot_numbers: list[str] = []
    user: dict[str, Any] | None = None


def _empty(value: Any) -> Any:
    return {} if value is None else value


class Connection(Remote):
    """One fleet's access, as the server last described it.

    Attributes:
        id: The server's ID.
        status: The server's own word, verbatim.
        standing: What that word means; set by the API module that knows this server's words.
        provider: Name and code of the telematics provider.
        company: Whose fleet it is.
        account: The account at the provider, where the server says.
        external_id: The customer's own reference.
        source_id: The account's ID in the provider's system.
        sync_mode: ``automatic`` or ``manual``, verbatim.
        token: What authorises requests for this connection; a deleted record may lack it.
        tags: The customer's labels.
        link_url: Where the fleet re-authenticates. Read as text: one documented example is not a URI.
        last_sync: The most recent sync, where the server sends it; whether lists carry it is a capability.
        title: What the connection itself is called, where it has a name of its own. This and what follows is set by
            the API module.
        health: What the server says of its health, where it does.
        models: What it syncs, for servers that sync model by model.
        hindrance: Why it cannot sync now, in a sentence; empty where nothing is known to be in the way.
        particulars: What else its server says of it, each with its name in words.
        recalled_at: When it was seen, where that was at an earlier start and the server has not described it since.
    """

    id: str = Field(min_length=1)
    status: str
    standing: Standing = Field(default=Standing.UNKNOWN, alias="x-syncscope-standing", exclude=True)
    provider: Annotated[ProviderName, BeforeValidator(_empty)] = ProviderName()
    company: Annotated[Company, BeforeValidator(_empty)] = Company()
    account: Account | None = None
    external_id: str | None = None
    source_id: str | None = None
    sync_mode: str = ""
    token: Secret | None = None
    tags: list[str] = []
    options: dict[str, Any] | None = None
    filters: dict[str, Any] | None = None
    link_url: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    deleted_at: Moment | None = None
    last_sync: Sync | None = None
    agreements: list[dict[str, Any]] = []
    title: str | None = Field(default=None, alias="x-syncscope-title", exclude=True)
    health: ConnectionHealth | None = Field(default=None, alias="x-syncscope-health", exclude=True)
    models: tuple[ConnectionModel, ...] = Field(default=(), alias="x-syncscope-models", exclude=True)
    hindrance: str = Field(default="", alias="x-syncscope-hindrance", exclude=True)
    particulars: tuple[tuple[str, str], ...] = Field(default=(), alias="x-syncscope-particulars", exclude=True)
    recalled_at: Moment | None = Field(default=None, alias="x-syncscope-recalled", exclude=True)

    @property
    def name(self) -> str:
        """What to call it: its own name, the company, the account, the customer's reference, or else the ID."""
        account = self.account.name if self.account else None
        return self.title or self.company.name or account or self.external_id or self.id

    @property
    def next_sync_at(self) -> datetime | None:
        """When the schedule syncs any of its models next, where the server says."""
        return min((model.next_sync_at for model in self.models if model.next_sync_at), default=None)


_AWAY = {
    Standing.DISCONNECTED: (
        "Disconnected",
        "It is disconnected: nothing is read until the fleet signs in again, so send the fleet its link URL.",
    ),
    Standing.DISABLED: ("Disabled", "Syncing is switched off for it at the server."),
    Standing.ARCHIVED: ("Archived", "It is archived: nothing is synced until it is made connected again."),
    Standing.LEAVING: ("On its way out", "Its deletion was asked for: nothing is synced any more."),
    Standing.DELETED: ("Deleted", "It is deleted: only this record is left."),
}


def doubt_of_sync(connection: Connection, *, brief: bool = False) -> str:
    """Why the server will most likely refuse to sync it now; empty where nothing speaks against it.

    Args:
        connection: As it was last seen.
        brief: Whether a word has to do, for a list of many.
    """
    if connection.hindrance:
        return f"{connection.hindrance} It will most likely refuse."
    if connection.standing not in _AWAY:
        return ""
    word, sentence = _AWAY[connection.standing]
    return f"{word}: it will most likely refuse." if brief else f"{sentence} It will most likely refuse."


class Backfill(BaseModel):
    """How much history a new connection starts with: `days` or `start_from`, not both."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    start_from: Moment | None = None
    days: Annotated[float, Field(gt=0, le=36500, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one_window(self) -> Backfill:
        if self.start_from is not None and self.days is not None:
            raise ValueError("give days or a start date, not both")
        return self


class ConnectionDraft(BaseModel):
    """What is sent to create a connection directly.

    Attributes:
        provider: The provider's code.
        credentials: Field name to value, each value a secret.
        company_name: The fleet's name.
        dot_numbers: Its US DOT numbers.
        external_id: The customer's own reference.
        sync_mode: ``automatic`` or ``manual``.
        backfill: How much history to start with.
        tags: The customer's labels.
        values: The fields that `Capabilities.create_fields` lists, by the server's own names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: str = Field(min_length=1)
    credentials: dict[str, Secret] = {}
    values: dict[str, str | bool | tuple[str, ...]] = {}
    company_name: str | None = None
    dot_numbers: tuple[str, ...] = ()
    external_id: str | None = None
    sync_mode: Literal["automatic", "manual"] = "automatic"
    backfill: Backfill | None = None
    tags: tuple[str, ...] = ()
