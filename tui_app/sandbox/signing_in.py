"""How an account becomes a connection by a link: a new one by a short link, the same again by a connection's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from tui_app.sandbox.connections import REMOVED, Connection, Profile
from tui_app.sandbox.credentials import check_credentials
from tui_app.sandbox.errors import not_found
from tui_app.sandbox.links import ShortLink
from tui_app.sandbox.plans import DAY
from tui_app.sandbox.providers import BY_CODE
from tui_app.sandbox.store import NewConnection, Store

# The fields that take what somebody types as a password; all others take the name of the account.
_TYPED_SECRETS = frozenset({"password", "apiKey", "apiSecret", "clientSecret", "authCode", "code", "refresh_token"})


def link_new(store: Store, link: ShortLink, provider: str, credentials: dict[str, Any]) -> str:
    """Make the connection that a short link is for, or find the account's earlier one, and return a public token.

    Args:
        store: What the server knows.
        link: The link that was followed.
        provider: The provider that was chosen; the link's own goes before it.
        credentials: What the provider asks for.

    Raises:
        ApiError: The credentials are incomplete (400) or turned down (422).
    """
    asked = link.asked
    provider = asked.get("provider", provider)
    account_key = check_credentials(provider, credentials)
    company = {"name": asked["name"]} if "name" in asked else {}
    profile = Profile(
        company=company,
        account=company,
        provider=provider,
        sync_mode=asked.get("syncMode", "automatic"),
        external_id=asked.get("externalId"),
        tags=tuple(asked.get("tags", ())),
    )
    with store.lock:
        backfill_ms = _backfill_ms(asked.get("backfill", {}), store.clock.now_ms())
        made = store.create(NewConnection(profile, account_key, backfill_ms))
        return store.links.hand_out(made.id)


def link_again(store: Store, connection: Connection, credentials: dict[str, Any]) -> str:
    """Connect a connection again, and return a public token.

    Args:
        store: What the server knows.
        connection: The connection.
        credentials: What its provider asks for.

    Raises:
        ApiError: The credentials are incomplete (400) or turned down (422).
    """
    check_credentials(connection.profile.provider, credentials)
    with store.lock:
        now_ms = store.clock.now_ms()
        if connection.status_at(now_ms) != "connected":
            connection.move((now_ms, "connected"))
        store.note(connection)
        return store.links.hand_out(connection.id)


def exchange(store: Store, public_token: str) -> Connection:
    """Return the connection that a public token stands for; a token is good once.

    Args:
        store: What the server knows.
        public_token: The token.

    Raises:
        ApiError: The token, or the connection, is not there or not any more (404).
    """
    with store.lock:
        connection = store.connection(store.links.take(public_token))
        if connection is None or store.opened_by(connection.token) is None:
            raise not_found(public_token)
        return connection


def linkable(store: Store, connection_id: str, key: str) -> Connection | None:
    """Return the connection that its own link opens, or None.

    Args:
        store: What the server knows.
        connection_id: The connection's id.
        key: The publishable key that the link carries.
    """
    connection = store.connection(connection_id) if key == store.publishable_key else None
    if connection is None or connection.status_at(store.clock.now_ms()) in {*REMOVED, "pending_deletion"}:
        return None
    return connection


def typed_credentials(provider: str, account: str, secret: str) -> dict[str, Any]:
    """Return what a provider asks for, made from the two things that somebody typed."""
    known = BY_CODE.get(provider)
    fields = known.credentials[0] if known else ()
    if len(fields) == 1:
        return {fields[0]: account}
    return {name: secret if name in _TYPED_SECRETS else account for name in fields}


def redirect_url(link: ShortLink, token: str) -> str | None:
    """Return where a browser is sent once somebody has signed in, with the token, or None if nowhere."""
    if "redirectUrl" not in link.asked:
        return None
    parts = urlsplit(str(link.asked["redirectUrl"]))
    query = "&".join(each for each in (parts.query, f"token={quote(token)}") if each)
    return urlunsplit(parts._replace(query=query))


def _backfill_ms(backfill: dict[str, Any], now_ms: int) -> int | None:
    if "days" in backfill:
        return max(now_ms - int(min(backfill["days"] * DAY, float(now_ms))), 0)
    start_from_ms: int | None = backfill.get("startFrom")
    return start_from_ms
