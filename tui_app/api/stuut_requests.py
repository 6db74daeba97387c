"""What is sent to Stuut's integrations API, and what is refused before it is."""

from __future__ import annotations

from typing import Any

from tui_app.api.base import Changes, FormField
from tui_app.api.refusals import refused, segment
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.sync import SyncRequest

LIST = "/connections"

CREATE_FIELDS = (
    FormField("name", "Name", required=True, placeholder="Main ledger", hint="what the connection is called"),
    FormField("api_url", "API URL", kind="url", placeholder="https://", hint="where the provider's own API answers"),
    FormField(
        "is_on_premise", "On premise", kind="switch", hint="whether the provider runs on the customer's machines"
    ),
)
EDIT_FIELDS = (
    FormField("provider_name", "Provider", required=True, hint="the provider's name, as the server knows it"),
    FormField("name", "Name", required=True, hint="what the connection is called"),
    FormField("company", "Company", hint="whose data it brings in"),
    FormField("environment", "Environment", hint="which of the provider's environments it reads"),
)


def connection_path(connection: Connection, below: str = "") -> str:
    """The path of a connection, its ID quoted as one part whatever it holds.

    Raises:
        ApiError: The ID is none.
    """
    return f"{LIST}/{segment(connection.id)}{below}"


def creation(draft: ConnectionDraft) -> dict[str, Any]:
    """The body that creates a connection; fields that were left empty are left out.

    Raises:
        ApiError: The draft holds what this server has no field for.
    """
    not_taken = {
        "credentials": draft.credentials,
        "a company": draft.company_name,
        "DOT numbers": draft.dot_numbers,
        "a reference": draft.external_id,
        "a backfill": draft.backfill,
        "tags": draft.tags,
    }
    if given := [name for name, value in not_taken.items() if value]:
        raise refused(
            "this server does not take all of it",
            f"It has no field for {', '.join(given)}.",
            "Leave it out; signing in to the provider is done at Stuut.",
        )
    _known("made with", draft.values, CREATE_FIELDS)
    return {"provider_name": draft.provider} | {name: value for name, value in draft.values.items() if value != ""}


def update(changes: Changes) -> dict[str, Any]:
    """The body that changes a connection.

    Raises:
        ApiError: A field is not among those that can be changed.
    """
    _known("changed in", changes, EDIT_FIELDS)
    return dict(changes)


def check_sync(request: SyncRequest) -> None:
    """Refuse what a sync of this server cannot be asked for: it takes no body at all.

    Raises:
        ApiError: A window, or something of the provider, is asked for.
    """
    if request.start_from is not None or request.days is not None:
        raise refused(
            "this server decides the window by itself",
            "It does not take a start date or a number of days.",
            "Request the sync without a window.",
        )
    if request.provider_requests:
        raise refused(
            "the provider cannot be asked for anything here",
            f"Asked for: {', '.join(request.provider_requests)}.",
            "Request the sync without it.",
        )


def _known(how: str, given: Changes, fields: tuple[FormField, ...]) -> None:
    names = [field.name for field in fields]
    if unknown := [name for name in given if name not in names]:
        raise refused(
            f"a connection cannot be {how} {', '.join(unknown)}",
            "The server has no such field.",
            f"Known are {', '.join(names)}.",
        )
