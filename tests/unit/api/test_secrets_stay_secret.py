"""No key, token or credential shows in a record, a log, an error or a traceback with variables."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

from tests.servers import Reply, ServerRequest
from tests.unit.api.support import CONNECTION, KEY, SYNC, SYNC_ID, TOKEN, Bench, bench, connection, rows, short
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import as_curl
from tui_app.models.connection import ConnectionDraft
from tui_app.models.link import LinkDraft
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.sync import SyncRequest

PASSWORD = 'tr0ub4dor&3 "quoted" ünd'
PUBLIC = "pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"
SECRETS = (KEY, TOKEN, PASSWORD, PUBLIC)
QUESTION = PassthroughRequest(
    method="POST",
    path=f"/login?api_key={quote(PASSWORD)}",
    headers={"X-Api-Key": PASSWORD, "Authorization": f"Basic {PASSWORD}"},
    body=json.dumps({"user": {"password": PASSWORD}}),
)
DRAFT = ConnectionDraft(provider="geotab", credentials={"username": SecretStr("u"), "password": SecretStr(PASSWORD)})

OPERATIONS: dict[str, Callable[[Bench], Awaitable[Any]]] = {
    "connections": lambda b: rows(b.api.connections()),
    "connection": lambda b: b.api.connection(connection()),
    "create": lambda b: b.api.create_connection(DRAFT),
    "request": lambda b: b.api.request_sync(connection(), SyncRequest(days=7)),
    "syncs": lambda b: rows(b.api.syncs(connection())),
    "sync": lambda b: b.api.sync(connection(), SYNC_ID),
    "providers": lambda b: b.api.providers(),
    "update": lambda b: b.api.update_connection(connection(), {"externalId": "pl-310"}),
    "delete": lambda b: b.api.delete_connection(connection()),
    "retry": lambda b: b.api.retry_sync(connection(), SYNC_ID),
    "cancel": lambda b: b.api.cancel_sync(connection(), SYNC_ID),
    "resolve": lambda b: b.api.resolve_issue("isu_1"),
    "exchange": lambda b: b.api.exchange_public_token(SecretStr(PUBLIC)),
    "link": lambda b: b.api.create_link(LinkDraft(redirect_url=f"https://fleet.example/?key={quote(PASSWORD)}")),
    "delete link": lambda b: b.api.delete_link("slk_1"),
    "passthrough": lambda b: b.api.passthrough(connection(), QUESTION),
    "passthrough raw": lambda b: b.api.passthrough_raw(connection(), QUESTION),
}
NO_ANSWER_IS_WRONG = ("providers", "delete", "delete link", "passthrough raw")
"""Operations that take some of what is answered below."""


def echo(request: ServerRequest) -> Reply:
    """Repeat everything that was sent, as careless servers do."""
    return Reply(
        400,
        json={
            "code": TOKEN,
            "message": f"{request.headers}",
            "detail": [{"path": KEY, "message": request.body.decode(), "context": request.headers}],
            "echo": {"headers": request.headers, "body": request.json if request.body else None},
        },
        headers={"X-Echo": TOKEN, "X-Key": KEY},
    )


def holds_no_secret(text: str) -> bool:
    """Whether none of the secrets stands in a text, in whatever notation."""
    forms = [
        form
        for secret in SECRETS
        for form in (secret, repr(secret)[1:-1], secret.replace('"', '\\"'), quote(secret), quote(secret, safe=""))
    ]
    return not any(form in text for form in forms) and "tr0ub4dor" not in text


def with_variables(error: BaseException) -> str:
    """A traceback as a crashed terminal application prints it: with every variable of every frame of ours."""
    frames = error.__traceback__
    while frames is not None and "tui_app" not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next  # this test's own variables hold the secrets
    shown = Traceback.from_exception(
        type(error), error, frames, show_locals=True, locals_max_string=10_000, locals_max_length=1000
    )
    console = Console(file=io.StringIO(), width=400)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    assert "locals" in console.file.getvalue()
    return console.file.getvalue()


BAD_ANSWERS = [
    echo,
    Reply(200, json={"token": TOKEN, "password": PASSWORD, "results": TOKEN}),
    Reply(200, body=f"not json {TOKEN} {KEY}".encode()),
    Reply(500, body=f"<title>{TOKEN}</title>".encode()),
    Reply(302, headers={"Location": f"https://evil.example/{TOKEN}"}),
    Reply(drop=True),
    Reply(409, json={"detail": f"{TOKEN} {KEY}"}),
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("answer", BAD_ANSWERS, ids=range(len(BAD_ANSWERS)))
async def test_whatever_fails_no_secret_shows(operation: str, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with bench(answer, limits=short(attempts=1)) as b:
        error: ApiError | None = None
        try:
            await OPERATIONS[operation](b)
        except ApiError as caught:
            error = caught
        assert error is not None or operation in NO_ANSWER_IS_WRONG

        if error is not None:
            assert holds_no_secret(repr(error) + str(error) + repr(error.problem) + error.problem.server_words)
            assert holds_no_secret(with_variables(error))
        assert holds_no_secret("".join(repr(one) + as_curl(one) for one in b.recorder))
        assert holds_no_secret(repr(b.transport) + repr(vars(b.transport)))
    assert holds_no_secret(caplog.text)


REST = {
    "error": {"code": "x"},
    "url": f"https://term.new/az9qtk2d?key={KEY}",
    "statusCode": 200,
    "response": {"password": PASSWORD, "as text": TOKEN},
    "headers": {"X-Api-Key": PASSWORD, "Set-Cookie": PASSWORD},
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_when_all_goes_well_no_secret_shows_either(operation: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = CONNECTION | SYNC | {"results": [CONNECTION | SYNC], "status": "connected"} | REST
    async with bench(Reply(json=answer)) as b:
        found = await OPERATIONS[operation](b)

        assert holds_no_secret(repr(found))
        assert holds_no_secret("".join(repr(one) + as_curl(one) for one in b.recorder))
        assert "con_tkn_22vU••••••••" in repr(list(b.recorder)) or operation == "resolve"
    assert holds_no_secret(caplog.text)


@pytest.mark.parametrize("secret", ["line\nend", "é", "", " ", "tab\tbed", "nul\x00", "𝔨", "a b"])
@pytest.mark.parametrize("which", ["key", "token"])
async def test_a_secret_that_no_header_can_carry_is_refused_without_quoting_it(secret: str, which: str) -> None:
    async with bench(Reply(json=1), key=secret if which == "key" else KEY) as b:
        with pytest.raises(ApiError) as caught:
            await b.transport.read("/x", token=SecretStr(secret) if which == "token" else None)

        assert "cannot be put into a request" in caught.value.problem.title
        assert b.server.requests == []
        assert not secret.strip() or secret not in repr(caught.value.problem)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=40))
async def test_a_key_of_any_shape_is_masked_wherever_it_is_repeated(secret: str) -> None:
    async with bench(echo, key=secret) as b:
        with pytest.raises(ApiError) as caught:
            await b.transport.read("/x")

        shown = repr(caught.value.problem) + repr(list(b.recorder))
        assert b.server.requests[0].headers["authorization"] == f"Bearer {secret}"
        assert secret not in shown
