"""What is known of a connection: what its owner says of it, what is synced, and what was settled from the beginning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tui_app.sandbox.stuut.jobs import JobPlan
from tui_app.sandbox.stuut.planning import Schedule


@dataclass(frozen=True, slots=True)
class Profile:
    """What its owner says of a connection. Values are as the API shows them."""

    provider_name: str
    name: str
    company: str | None = None
    environment: str | None = None
    api_url: str | None = None
    is_on_premise: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One synced kind of object of a connection.

    Attributes:
        id: A UUID.
        name: As the accounting system calls it.
        enabled: Whether it is synced from the beginning.
        writable: Whether its records are written back.
        webhooks: Whether the accounting system tells of changes by itself.
        files: Whether files can be uploaded in place of a sync.
    """

    id: str
    name: str
    enabled: bool = True
    writable: bool = False
    webhooks: bool = False
    files: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was settled for a connection from the beginning.

    Attributes:
        health: How it fares at first, with the time at which that was noticed.
        is_authentication_pending: Whether nobody has signed in yet.
        is_sync_disabled: Whether it is kept from syncing.
        setup_until_ms: When its setup is over, since the epoch; None if it was over from the beginning.
        schedule: When it syncs by itself; None for a connection that does not.
        requested: How the requested jobs of models go: keys of `OUTCOMES` by the model's name.
        scheduled: How all scheduled ones go; None to leave that open.
        usual: Whether chance has a say in how all others go; else they complete.
        retries_first: Whether one job of the first batch that is requested needs a second try.
    """

    health: dict[str, Any]
    is_authentication_pending: bool = False
    is_sync_disabled: bool = False
    setup_until_ms: int | None = None
    schedule: Schedule | None = None
    requested: dict[str, str] = field(default_factory=dict)
    scheduled: str | None = None
    usual: bool = False
    retries_first: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were requested together."""

    requested_ms: int
    jobs: tuple[JobPlan, ...]
