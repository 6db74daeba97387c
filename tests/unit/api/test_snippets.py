"""Requests as code: whatever they hold, it stays within its quotes, and the code does what the request would."""

from __future__ import annotations

import ast
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Reply
from tests.unit.api.support import CONNECTION, SYNC, SYNC_ID, bench, connection
from tui_app.api.base import IssueQuery
from tui_app.api.exchanges import Request, as_curl
from tui_app.api.kinds import KINDS
from tui_app.api.snippets import as_python, literal

HOSTILE = "'\"`$(){};&|<>\\\n\r\t!#%~ \x00\x1b[201~é漢\u202e\ud800\U0001f600"
anything = st.text() | st.text(alphabet=st.sampled_from(HOSTILE))
SECRETS = (("Authorization", "Bearer ••••••••"), ("Connection-Token", "con_tkn_22vU••••••••"))
requests = st.builds(
    lambda method, path, name, value, body: Request(
        method, f"https://api.example/{path}", (*SECRETS, (f"X-{name}", value)), body, "STUUT_API_KEY"
    ),
    st.sampled_from(["GET", "POST"]),
    anything,
    anything,
    anything,
    st.none() | anything,
)


@given(anything)
def test_a_text_is_written_as_python_reads_it_back(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()
    assert literal(text).startswith('"')


@given(requests)
def test_python_holds_one_call_whatever_the_request_holds(request: Request) -> None:
    *imports, call, check, shown = ast.parse(as_python(request)).body
    assert [ast.unparse(line) for line in imports] == ["import json", "import os", "import httpx"]
    assert isinstance(call, ast.Assign)
    assert isinstance(call.value, ast.Call)
    assert ast.unparse(call.value.func) == "httpx.request"
    arguments = {word.arg: word.value for word in call.value.keywords}
    method, url = (ast.literal_eval(argument) for argument in call.value.args)
    assert method == request.method
    assert url.startswith("https://api.example/")
    assert url.isprintable()
    headers = arguments["headers"]
    assert isinstance(headers, ast.Dict)
    assert [ast.literal_eval(key) for key in headers.keys if key] == [name for name, _ in request.headers]
    key, token, other = headers.values
    assert ast.unparse(key) == "'Bearer ' + os.environ['STUUT_API_KEY']"
    assert ast.unparse(token) == "os.environ['CONNECTION_TOKEN']"
    assert ast.literal_eval(other) == request.headers[-1][1]
    assert ("content" in arguments) is (request.body is not None)
    if request.body is not None:
        encoded = arguments["content"]
        assert isinstance(encoded, ast.Call)
        assert isinstance(encoded.func, ast.Attribute)
        assert ast.literal_eval(encoded.func.value) == request.body
    assert ast.unparse(check) == "response.raise_for_status()"
    assert ast.unparse(shown).startswith("print(json.dumps(response.json()")


@given(requests)
def test_a_shell_is_given_the_same_words_whatever_the_request_holds(request: Request) -> None:
    words = shlex.split(as_curl(request).replace(" \\\n  ", " "))
    assert words[:4] == ["curl", "--globoff", "--request", request.method]
    assert words[4].startswith("https://api.example/")
    assert words[5:9] == [
        "--header",
        "Authorization: Bearer $STUUT_API_KEY",
        "--header",
        "Connection-Token: $CONNECTION_TOKEN",
    ]
    name, value = request.headers[-1]
    rest = [f"{name}: {value}", *(["--data-raw", request.body] if request.body is not None else [])]
    assert [word.replace(" \\\n  ", " ") for word in rest] == words[10:]


@pytest.mark.parametrize("text", ["'; id; '", '"; id; "', "$(id)`id`${HOME}", "a\nid\n", "\\' id", "é漢"])
def test_a_real_shell_runs_nothing_but_curl(text: str) -> None:
    request = Request("GET", f"https://api.example/{text}", (*SECRETS, ("X-Text", text)), text)
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{as_curl(request)}"
    told = {"API_KEY": "k", "CONNECTION_TOKEN": "t", "LC_ALL": "C.UTF-8"}
    said = subprocess.run(["/bin/sh", "-c", script], env=told, capture_output=True, check=True)
    assert said.stderr == b""
    words = said.stdout.decode().split("\0")
    assert words[5::2][:3] == ["Authorization: Bearer k", "Connection-Token: t", f"X-Text: {text}"]
    assert words[-2] == text


@pytest.mark.parametrize("text", ["x\x1b[201~\nid\n", "\x9b201~", "\ud800", "a b"])
def test_an_address_holds_nothing_that_cannot_be_seen(text: str) -> None:
    request = Request("GET", f"https://api.example/{text}")
    for written in (as_curl(request), as_python(request)):
        line = next(line for line in written.splitlines() if "https://" in line)
        assert line.isprintable()
        assert text not in written


def test_a_variables_name_that_is_none_is_not_put_into_a_shell() -> None:
    request = Request("GET", "https://api.example", (("Authorization", "Bearer ••••••••"),), key_variable="A`id`")
    assert "`id`" not in as_curl(request) + as_python(request)


async def test_a_key_stands_under_the_name_that_fits_its_server() -> None:
    assert {name: kind.key_variable for name, kind in KINDS.items()} == {
        "terminal": "TERMINAL_API_KEY",
        "stuut": "STUUT_API_KEY",
    }


async def test_reads_are_shown_as_they_are_sent() -> None:

    one, query = connection(), IssueQuery(connection_id=connection().id, limit=100)
    async with bench(Reply(json=CONNECTION), Reply(json=SYNC), Reply(json={"results": []})) as b:
        shown = [b.api.planned_read(one), b.api.planned_sync_read(one, SYNC_ID), b.api.planned_issues_read(query)]
        assert len(b.recorder) == 0
        await b.api.connection(one)
        await b.api.sync(one, SYNC_ID)
        assert [page async for page in b.api.issues(query)]
        assert [exchange.request for exchange in b.recorder] == shown
