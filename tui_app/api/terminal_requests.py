"""What is sent to Terminal's API, and what is refused before it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from tui_app.api.base import Changes, FormField, IssueQuery
from tui_app.api.credentials import wire_value
from tui_app.api.refusals import refused, segment
from tui_app.api.wire import Body
from tui_app.models.connection import Backfill, Connection, ConnectionDraft
from tui_app.models.link import LinkDraft
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.remote import iso
from tui_app.models.secrets import is_secret_in_query, is_secret_name
from tui_app.models.sync import SyncRequest

CURRENT = "/connections/current"
WHOLE_ISSUES = {"expand": "issues"}
PROVIDER_REQUESTS = ("historical_files", "provision_credentials")

EDIT_FIELDS = (
    FormField("company.name", "Company", hint="whose fleet it is"),
    FormField("company.dotNumbers", "DOT numbers", kind="list", placeholder="e.g. 1234567, 7654321"),
    FormField("externalId", "External ID", hint="your own reference for it"),
    FormField("tags", "Tags", kind="list", placeholder="e.g. midwest, vip"),
    FormField("syncMode", "Mode", kind="choice", choices=("automatic", "manual")),
    FormField(
        "status",
        "Status",
        kind="choice",
        choices=("connected", "disconnected", "archived"),
        hint="disconnected ends all ingestion; archived hides it from view",
    ),
    FormField("filters.vehicles.includeIds", "Only vehicles", kind="list", hint="IDs; goes before all other filters"),
    FormField("filters.vehicles.excludeIds", "Without vehicles", kind="list", hint="IDs"),
    FormField("filters.drivers.includeIds", "Only drivers", kind="list", hint="IDs; goes before all other filters"),
    FormField("filters.drivers.excludeIds", "Without drivers", kind="list", hint="IDs"),
)

_PUBLIC_TOKEN = re.compile(r"pub_tkn_[\x21-\x7e]+")


def token_of(connection: Connection) -> SecretStr:
    """The token that requests for a connection carry.

    Raises:
        ApiError: It has none.
    """
    token = connection.token
    if connection.recalled_at is not None:
        raise refused(
            "this connection was not read since the start",
            "It is known from an earlier start, of which no token is kept.",
            "Read the list of connections; then it can be asked for.",
        )
    if token is None or not token.get_secret_value():
        raise refused(
            "this connection has no token",
            "The server sent none for it, as for a record that was deleted.",
            "Reload the connections; a deleted one can no longer be asked for anything.",
        )
    return token


def limit(rows: int | None) -> str | None:
    """How many rows a page may have, as it is sent.

    Raises:
        ApiError: None at all.
    """
    if rows is None:
        return None
    if rows < 1:
        raise refused("a page needs at least one row", f"{rows} was asked for.", "Ask for more.")
    return str(rows)


def sync_path(sync_id: str, below: str = "") -> str:
    """The path of a sync."""
    return f"/syncs/{segment(sync_id)}{below}"


def issues(query: IssueQuery | None) -> dict[str, str | None]:
    """The parameters that list the issues that fit."""
    query = query or IssueQuery()
    return {
        "connectionId": query.connection_id,
        "status": query.status,
        "errorCode": query.error_code,
        "lastReportedAfter": iso(query.last_reported_after) if query.last_reported_after else None,
        "lastReportedBefore": iso(query.last_reported_before) if query.last_reported_before else None,
        "limit": limit(query.limit),
    }


def link_path(link_id: str) -> str:
    """The path of a short link.

    Raises:
        ApiError: It is not the ID of one: its code and its address do not name it here.
    """
    if not link_id.startswith("slk_"):
        raise refused(
            "this is not the ID of a link", "Its ID begins with slk_; its code is another thing.", "Give its ID."
        )
    return f"/link/short/{segment(link_id)}"


def sync(request: SyncRequest) -> Body | None:
    """The body of a sync request; none at all where nothing is asked for, which lets the server decide the window.

    Raises:
        ApiError: The provider cannot be asked for this.
    """
    unknown = [word for word in request.provider_requests if word not in PROVIDER_REQUESTS]
    if unknown:
        raise refused(
            "the provider cannot be asked for this",
            f"Unknown: {', '.join(unknown)}.",
            f"Known are {' and '.join(PROVIDER_REQUESTS)}.",
        )
    body: dict[str, Any] = {}
    if request.start_from is not None:
        body["startFrom"] = iso(request.start_from)
    if request.days is not None:
        body["days"] = _number(request.days)
    if request.provider_requests:
        body["providerRequests"] = list(request.provider_requests)
    return Body(body) if body else None


def creation(draft: ConnectionDraft) -> Body:
    """The body that creates a connection; every credential is a secret, the user's name too."""
    secrets = {name: value.get_secret_value() for name, value in draft.credentials.items()}
    body: dict[str, Any] = {
        "provider": draft.provider,
        "credentials": {name: wire_value(draft.provider, name, value) for name, value in secrets.items()},
    }
    company = {"name": draft.company_name, "dotNumbers": list(draft.dot_numbers)}
    if given := {name: value for name, value in company.items() if value}:
        body["company"] = given
    if draft.external_id:
        body["externalId"] = draft.external_id
    body["syncMode"] = draft.sync_mode
    if backfill := _backfill(draft.backfill):
        body["backfill"] = backfill
    if draft.tags:
        body["tags"] = list(draft.tags)
    return Body(body, tuple(secrets.values()))


def update(connection: Connection, changes: Changes) -> dict[str, Any]:
    """The body that changes a connection.

    Whether the server merges an object with what it has, or puts it in its place, is not documented. An object of which
    a part changes is therefore sent whole, as it was last read: either way nothing else changes.

    Raises:
        ApiError: A field is not among those that can be changed, or cannot be empty.
    """
    known = {field.name: field for field in EDIT_FIELDS}
    if unknown := [name for name in changes if name not in known]:
        raise refused(
            f"a connection cannot be changed in {', '.join(unknown)}",
            "The server has no such field.",
            f"Known are {', '.join(known)}.",
        )
    body: dict[str, Any] = {}
    for name, value in changes.items():
        field = known[name]
        if field.kind == "choice" and value not in field.choices:
            raise refused(
                f"{field.label.lower()} cannot be “{value or ''}”", "", f"Known are {', '.join(field.choices)}."
            )
        first, *below = name.split(".")
        into = body
        if below:
            into = body.setdefault(first, _whole(connection, first))
            for step in below[:-1]:
                into = into.setdefault(step, {})
        if field.kind == "list":
            into[name.split(".")[-1]] = list(value) if isinstance(value, tuple | list) else []
        else:
            into[name.split(".")[-1]] = "" if value is None else value
    return body


def _whole(connection: Connection, name: str) -> dict[str, Any]:
    """An object of a connection as it is, without what is empty."""
    if name == "company":
        company = {"name": connection.company.name, "dotNumbers": list(connection.company.dot_numbers)}
        return {name: value for name, value in company.items() if value}
    whole = json.loads(json.dumps(connection.filters or {}))
    return {part: filters for part, filters in whole.items() if isinstance(filters, dict)}


def exchange(token: SecretStr) -> Body:
    """The body that exchanges a public token.

    Raises:
        ApiError: It is none.
    """
    if not _PUBLIC_TOKEN.fullmatch(token.get_secret_value()):
        raise refused(
            "this is not a public token",
            "A public token begins with pub_tkn_, and has neither spaces nor line ends in it.",
            "Copy it from the address that Link led to: it stands there as “token”.",
        )
    secret = token.get_secret_value()
    return Body({"publicToken": secret}, (secret,))


def link(draft: LinkDraft) -> Body:
    """The body that makes a short link; what is empty is left out. Secrets in the query of its address are known."""
    body: dict[str, Any] = {
        "name": draft.name,
        "provider": draft.provider,
        "providerHints": list(draft.provider_hints),
        "externalId": draft.external_id,
        "tags": list(draft.tags),
        "redirectUrl": draft.redirect_url,
        "syncMode": draft.sync_mode,
        "backfill": _backfill(draft.backfill),
        "template": draft.template,
    }
    return Body({name: value for name, value in body.items() if value}, tuple(_in_query(draft.redirect_url or "")))


def passthrough(request: PassthroughRequest) -> Body:
    """The body that asks the provider for something; secrets among its headers, in its query and body are known."""
    body: dict[str, Any] = {"method": request.method, "path": request.path}
    if request.headers:
        body["headers"] = dict(request.headers)
    if request.body is not None:
        body["body"] = request.body
    secrets = [*_in_query(request.path), *_in_headers(request.headers), *_in_body(request.body or "")]
    return Body(body, tuple(secrets))


def _in_query(address: str) -> Iterator[str]:
    try:
        pairs = parse_qsl(urlsplit(address).query)
    except ValueError:
        return
    yield from (value for name, value in pairs if is_secret_in_query(name))


def _in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if is_secret_name(name):
            yield value
            yield value.rpartition(" ")[2]  # what follows the scheme: a server may repeat it alone


def _in_body(text: str) -> Iterator[str]:
    """The secrets in a body that is JSON or a form, by the names under which they stand."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        yield from _in_query(f"?{text}")
    else:
        for secret in _below_secret_names(value, secret=False):
            yield secret
            # The body is a text within JSON: who repeats the request quotes what is quoted in it once more.
            yield from (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))


def _below_secret_names(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _below_secret_names(inner, secret=secret or is_secret_name(name) or name == "credentials")
    elif isinstance(value, list):
        for inner in value:
            yield from _below_secret_names(inner, secret=secret)
    elif secret and isinstance(value, str):
        yield value


def _backfill(backfill: Backfill | None) -> dict[str, Any]:
    if backfill is not None and backfill.start_from is not None:
        return {"startFrom": iso(backfill.start_from)}
    if backfill is not None and backfill.days is not None:
        return {"days": _number(backfill.days)}
    return {}


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() else value
