"""The open issues of all connections: what a person sees of them, and does about them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import OptionList

from tests.clocks import until
from tests.screens.conftest import Scripted, running, stage_on
from tests.screens.scripted import Terminal, connection, issue
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.copy_menu import CopyMenu
from tui_app.screens.issues import IssuesScreen
from tui_app.screens.orders import OrderDialog

LINK = "https://link.example/sign-in?key=pk_sandbox_4eC39HqL"


def one(number: int, code: str, connection: str = "conn_1", message: str = "Trips were not read") -> dict[str, Any]:
    return issue(id=f"isu_{number}", connection=connection, error={"code": code, "message": message})


def fleet() -> Terminal:
    """Three connections with six open issues of three codes."""
    rows = [
        connection(id="conn_1", company={"name": "Able Movers"}, linkUrl=LINK),
        connection(id="conn_2", company={"name": "Bison Transport"}, provider={"name": "Samsara", "code": "samsara"}),
        connection(id="conn_3", company={"name": "Cedar Logistics"}, status="disconnected"),
    ]
    issues = [
        one(1, "data_delayed", "conn_1", "Fuel is late"),
        one(2, "data_delayed", "conn_2"),
        one(3, "data_delayed", "conn_3"),
        one(4, "permission_missing", "conn_1", "HOS logs were not read"),
        one(5, "permission_missing", "conn_2"),
        one(6, "unsupported_device_type", "conn_9"),
    ]
    return Terminal(rows, issues=issues)


def shown(stage: Stage) -> IssuesScreen:
    assert isinstance(stage.app.screen, IssuesScreen), stage.text
    return stage.app.screen


def codes(stage: Stage) -> list[str]:
    return [group.code for group in shown(stage).groups.rows]


@pytest.mark.parametrize("size", SIZES)
async def test_each_code_is_explained_with_who_must_act_above_its_issues(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    async with scripted(fleet(), size) as stage:
        await stage.press("2")
        assert "6 open issues in 4 connections  by whose turn it is" in stage.text
        assert "as of just now" in stage.text
        assert codes(stage) == ["permission_missing", "unsupported_device_type", "data_delayed"]
        assert "permission_missing  Next to act: the fleet" in stage.text
        assert "The account may not read part of the data at the provider." in stage.words
        assert "→ Ask the fleet to give the account this right" in stage.words
        assert "4 min ago     1 min ago" in stage.line("Bison Transport")
        assert "HOS logs were not read" in stage.words


async def test_a_group_opens_to_its_issues_and_an_issue_to_its_connection(scripted: Scripted) -> None:
    async with scripted(fleet()) as stage:
        await stage.press("2", "down", "down")
        assert shown(stage).subject is None
        await stage.press("enter", "down")
        assert shown(stage).subject == "conn_2"
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert stage.app.screen.connection_id == "conn_2"
        await stage.press("escape")
        assert shown(stage).subject == "conn_2"
        await stage.press("escape", "up", "enter", "m")
        assert stage.clipboard.startswith("Hello,\n\npart of the data that we read from your provider")
        assert "conn_9" not in stage.clipboard
        await stage.press("enter")
        assert any("Its connection is not in the list" in toast for toast in stage.toasts)
        await stage.press("escape", "escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)


async def test_they_are_narrowed_by_typing_and_ordered_by_a_key(scripted: Scripted) -> None:
    async with scripted(fleet(), MEDIUM) as stage:
        await stage.press("2", "o")
        assert "by how many connections" in stage.text
        assert codes(stage)[0] == "data_delayed"
        await stage.press("slash")
        await stage.type("bison")
        assert "2 of 6 open issues in 1 connection" in stage.text
        assert codes(stage) == ["permission_missing", "data_delayed"]  # one each: then by whose turn it is
        await stage.type(" wo:x")
        assert "did you mean who:" in stage.text
        assert len(codes(stage)) == 2
        await stage.press("enter", "escape")
        assert len(codes(stage)) == 3
        shown(stage).filter_input.value = "nothing like it"
        await stage.rest()
        assert "No open issue fits this filter." in stage.text


async def test_the_first_page_can_be_used_while_the_next_is_read(scripted: Scripted) -> None:
    terminal, more = fleet(), threading.Event()
    first, rest = terminal.issues[:4], terminal.issues[4:]

    def paged(request: Any) -> Reply:
        if "cursor" in request.query:
            return Reply(json={"results": rest}, wait=more)
        return Reply(json={"results": first, "next": "c1"})

    terminal.replies["GET", "/issues"] = paged
    async with scripted(terminal, resting=False) as stage:
        await until(lambda: stage.app.workspace is not None)
        stage.app.post_message(events.Key("2", "2"))
        await until(lambda: "reading … 4 so far" in stage.text)
        assert "4+ open issues" in stage.text
        shown(stage).groups.select("permission_missing")
        await until(lambda: "HOS logs were not read" in stage.text)
        more.set()
        await stage.rest()
        assert "6 open issues" in stage.text
        assert codes(stage)[shown(stage).groups.cursor] == "permission_missing"


async def test_a_failed_reading_leaves_what_was_seen_with_its_age(scripted: Scripted) -> None:
    terminal = fleet()
    async with scripted(terminal, LARGE) as stage:
        await stage.press("2")
        await stage.pass_time(180)
        terminal.replies["GET", "/issues"] = Reply(403, json={"code": "forbidden", "message": "Not for this key"})
        await stage.press("R")
        assert "Not for this key" in stage.words
        assert "What is shown was seen 3 min ago. Press R to try again." in stage.words
        assert len(codes(stage)) == 3
        assert "6+ open issues" in stage.text
        del terminal.replies["GET", "/issues"]
        terminal.issues.pop()
        await stage.press("R")
        assert "Not for this key" not in stage.words
        assert "5 open issues" in stage.text


class TestResolving:
    async def test_it_is_shown_before_it_is_sent_and_leaves_the_list(self, scripted: Scripted) -> None:
        terminal = fleet()
        terminal.replies["POST", "/issues/isu_4/resolve"] = Reply(json=terminal.issues[3] | {"status": "resolved"})
        async with scripted(terminal) as stage:
            await stage.press("2", "v")
            assert shown(stage).subject is None  # no issue is what a person is at: nothing is asked
            await stage.press("enter", "v")
            assert isinstance(stage.app.screen, OrderDialog)
            assert "POST /tsp/v1/issues/isu_4/resolve" in stage.text
            assert "until the server meets it again; then it is open once more" in stage.words
            assert not terminal.sent("POST")
            await stage.press("enter")
            assert len(terminal.sent("POST")) == 1
            assert any("It opens again if it is met again." in toast for toast in stage.toasts)
            assert "5 open issues in 4 connections" in stage.text
            assert [each.id for each in shown(stage).issues.rows] == ["isu_5"]


class TestMessages:
    async def test_one_for_any_customer_or_for_one_with_the_link_only_on_purpose(self, scripted: Scripted) -> None:
        async with scripted(fleet()) as stage:
            await stage.press("2", "m")
            assert stage.clipboard.startswith("Hello,\n\npart of the data that we read from your provider is missing.")
            assert "HOS" not in stage.clipboard  # that is one customer's
            assert any("a message about permission_missing, for any customer" in toast for toast in stage.toasts)
            await stage.press("enter", "m")
            assert isinstance(stage.app.screen, CopyMenu)
            options = stage.app.screen.query_one(OptionList)
            assert [option.id for option in options.options] == ["m", "a", "l"]
            await stage.press("m")
            assert "Able Movers" in stage.clipboard
            assert "What is missing: HOS logs were not read." in stage.clipboard
            assert "[link to sign in again]" in stage.clipboard
            await stage.press("m", "a")
            assert "Fuel is late" in stage.clipboard
            assert LINK not in stage.clipboard
            await stage.press("m", "l", "n")
            assert LINK not in stage.clipboard
            await stage.press("m", "l", "y")
            assert f"This is where you sign in: {LINK}\n" in stage.clipboard
            assert "isu_" not in stage.clipboard
            assert "conn_" not in stage.clipboard


async def test_without_any_it_says_that_all_is_well(scripted: Scripted) -> None:
    async with scripted(Terminal(), SMALL) as stage:
        await stage.press("2")
        assert "No issue is open: everything that was asked for came whole." in stage.words
        await stage.press("enter", "v", "m", "y", "o", "escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)


async def test_a_kind_of_server_without_issues_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path, "demo-stuut"), SMALL) as stage:
        await stage.press("2")
        assert "This kind of server has no list of issues." in stage.words
        await stage.press("slash", "enter", "o", "v", "m", "R")
        assert not [each for each in stage.workspace.recorder if "/issues" in each.request.path]
        await stage.press("escape", "left_square_bracket")
        await stage.press("2")
        assert "open issues in" in stage.words
