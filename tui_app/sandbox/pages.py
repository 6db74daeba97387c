"""The pages behind links: somebody signs in to a made-up account there and gets a public token."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response

from tui_app.sandbox import signing_in
from tui_app.sandbox.errors import ApiError, bad_request, not_found
from tui_app.sandbox.providers import BY_CODE
from tui_app.sandbox.serving import answer
from tui_app.sandbox.store import Store

SHORT = "/link"
OWN = "/connection"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head><body><main><h1>{title}</h1>
{content}
</main></body></html>
"""
_FORM = """<p>This is a simulation: any account and password will do, except for the password <code>wrong</code>.</p>
{note}<form method="post">
<p><label>Provider <select name="provider">{choices}</select></label></p>
<p><label>Account <input name="account" required autocomplete="off"></label></p>
<p><label>Password or key <input name="secret" type="password" required autocomplete="off"></label></p>
<p><button>Sign in</button></p></form>"""
_SIGNED_IN = """<p>The account is linked. This is its public token, good for one exchange:</p>
<p><code>{token}</code></p>"""


class LinkPages:
    """Pages for people, and the same as JSON for programs: they need no key, because whoever has a link may use it."""

    def __init__(self, store: Store, on_write: Callable[[], None]) -> None:
        """Answer from a store.

        Args:
            store: What the server knows.
            on_write: Called after every change, before it is answered.
        """
        self._store = store
        self._on_write = on_write

    def add_to(self, app: FastAPI) -> None:
        """Add the pages to an application."""
        for path, form, signed_in in (
            (f"{SHORT}/{{code}}", self.short_form, self.short_signed_in),
            (f"{OWN}/{{id}}", self.own_form, self.own_signed_in),
        ):
            app.add_api_route(path, form, methods=["GET"], include_in_schema=False, response_class=Response)
            app.add_api_route(path, signed_in, methods=["POST"], include_in_schema=False, response_class=Response)

    async def short_form(self, code: str) -> Response:
        """Show the page of a short link."""
        link = self._store.links.behind(code, self._store.clock.now_ms())
        return _nothing() if link is None else _form(link.asked)

    async def short_signed_in(self, code: str, request: Request) -> Response:
        """Sign in by a short link."""
        link = self._store.links.behind(code, self._store.clock.now_ms())
        if link is None:
            return _nothing(code if _is_json(request) else None)

        def sign_in(provider: str, credentials: dict[str, Any]) -> tuple[str, str | None]:
            token = signing_in.link_new(self._store, link, provider, credentials)
            return token, signing_in.redirect_url(link, token)

        return await self._signed_in(request, link.asked, sign_in)

    async def own_form(self, id: str, key: str = "") -> Response:
        """Show the page of a connection's own link."""
        connection = signing_in.linkable(self._store, id, key)
        return _nothing() if connection is None else _form({"provider": connection.profile.provider})

    async def own_signed_in(self, id: str, request: Request, key: str = "") -> Response:
        """Sign in by a connection's own link."""
        connection = signing_in.linkable(self._store, id, key)
        if connection is None:
            return _nothing(id if _is_json(request) else None)

        def sign_in(provider: str, credentials: dict[str, Any]) -> tuple[str, str | None]:
            return signing_in.link_again(self._store, connection, credentials), None

        return await self._signed_in(request, {"provider": connection.profile.provider}, sign_in)

    async def _signed_in(
        self,
        request: Request,
        asked: dict[str, Any],
        sign_in: Callable[[str, dict[str, Any]], tuple[str, str | None]],
    ) -> Response:
        body = await request.body()
        if _is_json(request):
            provider, credentials = _from_json(body, asked)
            token, target = sign_in(provider, credentials)
            self._on_write()
            return answer({"publicToken": token, **({} if target is None else {"redirectUrl": target})})
        typed = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        provider = asked.get("provider", typed.get("provider", ""))
        credentials = signing_in.typed_credentials(provider, typed.get("account", ""), typed.get("secret", ""))
        try:
            token, target = sign_in(provider, credentials)
        except ApiError as error:
            return _form(asked, str(error), error.status)
        self._on_write()
        if target is not None:
            return Response(status_code=303, headers={"Location": target})
        return _html("Signed in", _SIGNED_IN.format(token=escape(token)))


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _from_json(body: bytes, asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        given = json.loads(body)
        provider, credentials = asked.get("provider") or given["provider"], given["credentials"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(provider, str) or not isinstance(credentials, dict):
        raise _unreadable()
    return provider, credentials


def _unreadable() -> ApiError:
    return bad_request("Invalid request body", ("{requestBody}", "The body must hold 'provider' and 'credentials'"))


def _form(asked: dict[str, Any], refused: str = "", status: int = 200) -> Response:
    first = [asked["provider"]] if "provider" in asked else list(asked.get("providerHints", ()))
    hinted = [code for code in dict.fromkeys(first) if code in BY_CODE]
    others = [] if "provider" in asked else [code for code in BY_CODE if code not in hinted]
    choices = "".join(f'<option value="{escape(c)}">{escape(BY_CODE[c].name)}</option>' for c in (*hinted, *others))
    name = f"<p>{escape(asked['name'])}</p>\n" if "name" in asked else ""
    note = f"<p><strong>{escape(refused)}</strong></p>\n" if refused else ""
    return _html("Link your account", name + _FORM.format(choices=choices, note=note), status)


def _nothing(asked_by_program: str | None = None) -> Response:
    if asked_by_program is not None:
        raise not_found(asked_by_program)
    return _html("No such link", "<p>It was deleted, it has expired, or it never was.</p>", 404)


def _html(title: str, content: str, status: int = 200) -> Response:
    page = _PAGE.format(title=escape(title), content=content).encode("utf-8", "backslashreplace")
    headers = {"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer"}
    return Response(page, status, headers, media_type="text/html")
