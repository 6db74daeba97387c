"""Handing over: what is gathered, what is left out because it is about others, and what comes out at the other end."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock
from tests.servers import Reply
from tests.unit.workspace.bench import (
    KEY,
    Terminal,
    a_connection,
    a_list,
    a_sync,
    an_issue,
    current,
    let_pass,
    opened,
)
from tui_app.api.errors import ApiError
from tui_app.findings.bundle.layout import CONTENTS, ENVIRONMENT, HAR, OBSERVATIONS, BundleError
from tui_app.findings.bundle.packing import LeakError, pack
from tui_app.findings.triage import triage
from tui_app.models.profile import Profile
from tui_app.models.sync import SyncRequest
from tui_app.sandbox.server import Sandbox
from tui_app.workspace import Workspace
from tui_app.workspace.handing_over import HandedOver, hand_over, handed_over, record
from tui_app.workspace.recorded import RecordedWorkspace
from tui_app.workspace.recording import Recording, read_recording

FAILED = a_sync(5, "failed", progress=40, failureReason="The provider refused con_tkn_hidden0000000000000000")
LINK = "https://link.example/?key=pk_sandbox_0123456789abcdef"
OWN = a_connection(1, token="con_tkn_Aa1b22vUhkC6tgre4kwaYfUkCDA1", linkUrl=LINK)
OTHER = a_connection(2, token="con_tkn_Zz9y22vUhkC6tgre4kwaYfUkCDA1")


def server() -> Terminal:
    """A server with two connections, the first of which has a sync that failed."""
    made = Terminal()
    made.routes |= {
        "GET /connections": a_list(OWN, OTHER),
        "GET /connections/current": current(OWN, OTHER, lastSync=FAILED),
        "GET /syncs": a_list(FAILED, a_sync(1, "completed")),
        f"GET /syncs/{FAILED['id']}": Reply(json=FAILED | {"issues": [an_issue(1, 1)]}),
        "GET /issues": a_list(an_issue(1, 1), an_issue(2, 1) | {"status": "resolved"}),
    }
    return made


@asynccontextmanager
async def looked_at(made: Terminal | None = None) -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace whose connections were all looked at."""
    async with opened(made or server()) as (workspace, clock):
        await let_pass(clock, lambda: workspace.looked_at == 2 and workspace.row("conn_1").issues is not None)  # type: ignore[union-attr]
        yield workspace, clock


@pytest.fixture
async def embedded_ledgers() -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace on the embedded server that syncs model by model."""
    sandbox = Sandbox(seed=1, connections=24, speed=0, start=START, rate_limits=False)
    announced = sandbox.start()
    url, key = announced.servers["stuut"]
    clock = FakeClock(on_advance=sandbox.clock.advance)
    workspace = Workspace(Profile(name="ledgers", kind="stuut", budget=400), url, SecretStr(key), clock=clock)
    try:
        yield workspace, clock
    finally:
        await workspace.close()
        sandbox.stop()


async def handed(workspace: Workspace, clock: FakeClock, sync_id: str = "") -> HandedOver:
    """What is handed over of the first connection."""
    task = asyncio.create_task(hand_over(workspace, "conn_1", sync_id))
    await let_pass(clock, task.done)
    return task.result()


async def recorded(workspace: Workspace, clock: FakeClock, sync_id: str = "") -> Recording:
    """What is recorded of the first connection."""
    task = asyncio.create_task(record(workspace, "conn_1", sync_id))
    await let_pass(clock, task.done)
    return task.result()


async def test_the_report_says_what_the_screen_says() -> None:
    async with looked_at() as (workspace, clock):
        told = await handed(workspace, clock)
        row = workspace.row("conn_1")
        assert row is not None
        assert told.report.startswith(triage(row, row.issues or ()).first_line + "\n")
        assert "`sync_00000000000000000000000005`: failed" in told.report
        assert "`missing_permissions`, open" in told.report
        assert told.leaks == ()


async def test_a_bundle_opened_elsewhere_knows_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with looked_at() as (workspace, clock):
        told = await handed(workspace, clock, FAILED["id"])
        data = told.bundle()
        was = workspace.row("conn_1")
        watch = workspace.watch("conn_1", FAILED["id"])
    monkeypatch.setenv("HOME", str(tmp_path))  # the server is gone, and so is all that was here
    recording = read_recording(data)
    assert recording.sync_id == FAILED["id"]
    there = RecordedWorkspace(recording, clock=FakeClock())
    there.start()
    assert was is not None
    row = there.row("conn_1")
    assert row is not None
    assert triage(row, row.issues or ()) == triage(was, was.issues or ())
    assert (row.state, row.looked_at) == (was.state, was.looked_at)
    seen = there.watch("conn_1", FAILED["id"])
    assert seen.journal == watch.journal
    assert [each.sync and each.sync.to_json() for each in seen.observations] == [
        each.sync and each.sync.to_json() for each in watch.observations
    ]
    assert (there.server_now(), there.environment, there.stamp) == (recording.at, workspace.environment, "recorded")
    assert there.subject == ("conn_1", FAILED["id"])
    again = await hand_over(there, "conn_1", FAILED["id"])
    assert again.report == told.report
    await there.close()


async def test_nothing_is_asked_of_any_server_by_a_recording() -> None:
    made = server()
    async with looked_at(made) as (workspace, clock):
        data = (await handed(workspace, clock)).bundle()
        sent = len(made.asked)
        elsewhere = FakeClock()
        there = RecordedWorkspace(read_recording(data), clock=elsewhere)
        there.start()
        there.show(["conn_1"])
        there.look_again()
        await there.read_fleet()
        assert (await there.read_connection("conn_1")).id == "conn_1"
        assert [sync.id async for page in there.syncs("conn_1") for sync in page.items] == [
            FAILED["id"],
            a_sync(1)["id"],
        ]
        assert len([issue async for page in there.issues("conn_1") for issue in page.items]) == 2
        older = there.watch("conn_1", a_sync(1)["id"])
        assert older.latest_sync is not None
        assert older.latest_sync.status == "completed"
        assert not older.look_now()
        connection = there.fleet.connection("conn_1")
        for refused in (
            there.request_sync("conn_1", SyncRequest()),
            there.api.transport.read("/connections"),
            there.api.transport.write("POST", "/syncs", action="request_sync"),
            there.read_connection("conn_2"),
            there.api.sync(connection, "sync_other"),
        ):
            with pytest.raises(ApiError, match="recording"):
                await refused
        await elsewhere.advance(600)
        await there.close()
        assert len(made.asked) == sent
        assert there.api.transport._client is None


async def test_the_requests_of_others_are_left_out_and_lists_come_without_what_they_say() -> None:
    async with looked_at() as (workspace, clock):
        told = await handed(workspace, clock)
    entries = json.loads(told.files[HAR])["log"]["entries"]
    assert entries
    text = json.dumps(entries)
    assert "Fleet 2" not in text
    assert "conn_2" not in text
    assert "con_tkn_Zz9y" not in text
    assert "con_tkn_Aa1b" in text
    assert "Fleet 1" in text
    listed = [entry for entry in entries if entry["request"]["url"].endswith("/connections?limit=200")]
    assert "about other connections, too" in listed[0]["response"]["content"]["text"]


async def test_no_secret_and_nothing_of_the_person_is_in_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "xterm")
    async with looked_at() as (workspace, clock):
        told = await handed(workspace, clock)
        with zipfile.ZipFile(BytesIO(told.bundle())) as archive:
            whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (KEY, OWN["token"], OTHER["token"], "hidden0000000000", "0123456789abcdef"):
        assert secret[-12:] not in whole
    assert str(Path.home()) not in whole
    facts = json.loads(told.files[ENVIRONMENT])
    assert facts["shownIn"]["TERM_PROGRAM"] == "xterm"
    assert facts["server"] == {
        "profile": "test",
        "kind": "terminal",
        "environment": "simulated",
        "baseUrl": workspace.base_url,
    }


async def test_a_path_in_the_persons_home_is_told_from_home_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/amir")
    async with looked_at() as (workspace, clock):
        recording = await recorded(workspace, clock)
        told = handed_over(replace(recording, gaps=("cannot read /home/amir/ca.pem",)))
    assert "~/ca.pem" in told.report
    assert "/home/amir" not in "".join(content.decode() for content in told.files.values())
    assert told.leaks == ()


async def test_what_slips_through_the_masks_is_found_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    async with looked_at() as (workspace, clock):
        recording = await recorded(workspace, clock)
    monkeypatch.setattr("tui_app.workspace.handing_over._Hiding.text", lambda self, text: text)
    odd = "Kv5Dq8Hs2-Zx7Wc4"
    told = handed_over(replace(recording, gaps=(f"refused with {odd}",)), frozenset({odd}))
    assert {leak.file for leak in told.leaks} == {"report.md", "connection.json"}
    assert [leak.file for leak in told.report_leaks()] == ["report.md"]
    for write in (told.bundle, told.checked_report):
        with pytest.raises(LeakError) as caught:
            write()
        assert odd not in str(caught.value)


async def test_what_cannot_be_read_is_said_and_no_reason_to_give_up() -> None:
    made = server()
    async with looked_at(made) as (workspace, clock):
        made.routes["GET /issues"] = made.routes["GET /syncs"] = Reply(404, json={"code": "gone", "message": "No"})
        told = await handed(workspace, clock)
    assert "- Not read: its issues: " in told.report
    assert "- Not read: its earlier syncs: " in told.report
    assert "Failed: 2 of " in told.report
    assert "404" in told.report
    assert told.bundle()


async def test_a_sync_in_parts_is_handed_over_with_them(embedded_ledgers: tuple[Workspace, FakeClock]) -> None:
    workspace, clock = embedded_ledgers
    workspace.start()
    await let_pass(clock, lambda: workspace.reading.complete)
    row = next(row for row in workspace.rows if row.last_sync is not None and row.last_sync.phase.value == "failed")
    task = asyncio.create_task(hand_over(workspace, row.id))
    await let_pass(clock, task.done)
    there = RecordedWorkspace(read_recording(task.result().bundle()))
    back = there.row(row.id)
    assert back is not None
    assert back.last_sync is not None
    was = workspace.row(row.id)
    assert was is not None
    assert was.last_sync is not None
    assert [(part.name, part.status, part.phase, part.note) for part in back.last_sync.parts] == [
        (part.name, part.status, part.phase, part.note) for part in was.last_sync.parts
    ]
    assert (back.connection.health, back.connection.models) == (was.connection.health, was.connection.models)
    assert there.capabilities.parts
    assert there.seen_since == workspace.seen_since
    await there.close()


# Bundles that somebody made by hand


@pytest.fixture
async def files() -> dict[str, bytes]:
    """The files of a good bundle."""
    async with looked_at() as (workspace, clock):
        return dict((await handed(workspace, clock)).files)


def changed(content: bytes, *path: str, to: Any) -> bytes:
    """A JSON file with one value changed."""
    value = json.loads(content)
    place = value
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return json.dumps(value).encode()


DEEP = json.loads("[" * 150 + "]" * 150)
LOOK = '{"connectionId":"conn_1","syncId":"s","observedAt":"2026-11-22T14:02:00Z","latency":0,"sync":null,'

BROKEN: dict[str, tuple[str, tuple[str, ...], Any, str]] = {
    "no server": ("environment.json", ("server",), None, "there is no “profile”"),
    "a profile's name that is none": ("environment.json", ("server", "profile"), "../x", "name: String should match"),
    "another kind of server": (
        "environment.json",
        ("server", "kind"),
        "other",
        "of a kind of server that is not known",
    ),
    "another environment": ("environment.json", ("server", "environment"), "mars", "not a valid Environment"),
    "no row": ("connection.json", ("row",), [], "there is no “lastSync”"),
    "a connection without an ID": ("connection.json", ("row", "connection", "sent", "id"), "", "id: String should"),
    "issues that are none": ("connection.json", ("issues",), {"a": 1}, "a list is none, or too long"),
    "syncs that are none": ("connection.json", ("syncs",), [{"sent": {}, "ours": {}}], "id: Field required"),
    "a time that is none": ("connection.json", ("recordedAt",), "soon", "Input should be a valid datetime"),
    "journals that are none": ("connection.json", ("journals",), [], "the journals are none"),
    "an entry that is none": ("connection.json", ("journals", "x"), [[]], "an entry of a journal is none"),
    "a subject that is none": ("connection.json", ("syncId",), 7, "“syncId” is not a text"),
    "a HAR that is none": ("requests.har", ("log",), {"entries": [{}]}, "an entry is not what it should be"),
    "requests that are none": ("requests.har", ("log", "entries"), DEEP, "an entry is not what it should be"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_bundle_of_the_wrong_schema_is_refused_with_the_reason(case: str, files: dict[str, bytes]) -> None:
    name, path, value, reason = BROKEN[case]
    data = pack({**files, name: changed(files[name], *path, to=value)}, {}, [])
    with pytest.raises(BundleError) as caught:
        read_recording(data)
    assert caught.value.reason.startswith(f"{name} does not hold what it should: ")
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("not JSON", "cannot be read"),
        ("[" * 10_000, "nested too deeply"),
        (LOOK + '"problem":null,"nextLook":null,"pace":""}', "either a sync or a problem"),
        (
            LOOK.replace("conn_1", "conn_2") + '"problem":{"kind":"server","title":"x"},"nextLook":null,"pace":""}',
            "another",
        ),
        ("{}", "there is no “sync”"),
        ("1\n" * 20_001, "more than 20000 looks"),
    ],
    ids=["no JSON", "deep", "neither", "another's", "empty", "too many"],
)
async def test_looks_that_are_none_are_refused(lines: str, reason: str, files: dict[str, bytes]) -> None:
    assert set(files) == set(CONTENTS)
    with pytest.raises(BundleError, match=reason):
        read_recording(pack({**files, OBSERVATIONS: lines.encode()}, {}, []))
