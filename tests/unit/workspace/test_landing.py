"""From what a person pastes to the object: at once where it was seen, else by a search that can be left."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.clocks import FakeClock, until
from tests.servers import Reply, ServerRequest, pages
from tests.unit.api.stuut_support import BATCH, job, listed, model
from tests.unit.workspace.bench import (
    Integrations,
    Terminal,
    a_connection,
    a_list,
    a_sync,
    an_issue,
    current,
    let_pass,
    opened,
)
from tui_app.workspace import Workspace, sync_search
from tui_app.workspace.landing import Found, Kind, Place, find
from tui_app.workspace.search import Search, Stage
from tui_app.workspace.sync_search import AT_ONCE

LIST, ISSUES, CURRENT = "GET /connections", "GET /issues", "GET /connections/current"
SYNC = f"sync_{'0' * 24}77"
ABLE = {"name": "Able Inc", "dotNumbers": ["7654321"], "user": {"email": "Amir@able.example"}}
FLEET = [
    a_connection(0, company={"name": "Prairie Lines", "dotNumbers": ["1234567"]}, externalId="pl-310"),
    a_connection(1, company={"name": "Prairie Haulage"}, sourceId="src-9", externalId="crm:4711"),
    a_connection(2, company={"name": "Able Movers"}, account=ABLE),
]
NEWEST = {0: a_sync(10, "completed"), 1: a_sync(30, "failed", failureReason="No licence"), 2: a_sync(20, "completed")}


def server(**routes: Any) -> Terminal:
    """Three connections, each with a newest sync; only the third has the one that is looked for."""
    made = Terminal()
    by_token = {each["token"]: number for number, each in enumerate(FLEET)}

    def one(request: ServerRequest) -> Reply:
        number = by_token[request.headers["connection-token"]]
        return Reply(json=FLEET[number] | {"lastSync": NEWEST[number]})

    made.routes |= {LIST: a_list(*FLEET), ISSUES: a_list(an_issue(5, 2)), CURRENT: one, **routes}
    made.routes[f"GET /syncs/{SYNC}"] = lambda request: (
        Reply(json=a_sync(5, "failed", id=SYNC, failureReason="Quota"))
        if request.headers["connection-token"] == FLEET[2]["token"]
        else Reply(404)
    )
    return made


@asynccontextmanager
async def known(scripted: Terminal | None = None) -> AsyncIterator[tuple[Workspace, FakeClock, Terminal]]:
    """A workspace that has looked at all of them."""
    scripted = scripted or server()
    async with opened(scripted) as (workspace, clock):
        await let_pass(clock, lambda: workspace.reading.complete and workspace.looked_at == workspace.to_look_at)
        await let_pass(clock, lambda: all(row.issues is not None for row in workspace.rows))
        yield workspace, clock, scripted


async def ended(found: Found, clock: FakeClock) -> Search:
    """The search, begun and run to its end."""
    assert found.search is not None, found
    found.search.begin()
    await let_pass(clock, lambda: found.search is not None and found.search.stage is not Stage.RUNNING)
    return found.search


class TestWhatWasSeen:
    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ("conn_1", [Place("conn_1")]),
            ("see “CONN_1”!", [Place("conn_1")]),
            (NEWEST[1]["id"], [Place("conn_1", NEWEST[1]["id"])]),
            (f"https://api.example/syncs/{NEWEST[1]['id'].lower()}?expand=issues", [Place("conn_1", NEWEST[1]["id"])]),
            ("isu_5", [Place("conn_2", issue_id="isu_5")]),
            (FLEET[2]["token"], [Place("conn_2")]),
            ("con_tkn_xxxx••••••••", [Place("conn_0"), Place("conn_1"), Place("conn_2")]),
            ("pl-310", [Place("conn_0")]),
            ("crm:4711", [Place("conn_1")]),
            ('"externalId": "crm:4711",', [Place("conn_1")]),
            ("SRC-9", [Place("conn_1")]),
            ("USDOT 1234567", [Place("conn_0")]),
            ("7654321", [Place("conn_2")]),
            ("able movers,", [Place("conn_2")]),
            ("Prairie", [Place("conn_1"), Place("conn_0")]),  # what failed stands first
            ("Able Movers data is late since Tuesday", [Place("conn_2")]),
            ("Re: PRAIRIE  LINES’ trips are missing", [Place("conn_0")]),
            ("Company: Able Movers", [Place("conn_2")]),
            ("Hello team,\n\nDOT 7654321 sends nothing.\nThanks", [Place("conn_2")]),
            ("able and prairie and lines of nobody", []),
            ("From: amir@able.example\nhello", [Place("conn_2")]),
        ],
    )
    async def test_it_is_found_at_once_and_nothing_is_asked(self, text: str, places: list[Place]) -> None:
        async with known() as (workspace, _, scripted):
            asked = len(scripted.asked)
            found = find(workspace, text)
            assert list(found.places) == places
            assert len(scripted.asked) == asked

    async def test_a_sync_and_an_issue_that_a_history_told_are_known_from_then_on(self) -> None:
        scripted = server()
        scripted.routes["GET /syncs"] = a_list(a_sync(3, "completed", issues=["isu_old"]))
        async with known(scripted) as (workspace, _, _):
            assert not find(workspace, a_sync(3)["id"]).places
            async for _page in workspace.syncs("conn_0"):
                pass
            assert find(workspace, a_sync(3)["id"]).places == (Place("conn_0", a_sync(3)["id"]),)
            assert not find(workspace, "isu_5 isu_8").search
            scripted.routes[ISSUES] = a_list(an_issue(8, 1) | {"status": "resolved"})
            async for _issues in workspace.issues("conn_1"):
                pass
            assert find(workspace, "isu_8").places == (Place("conn_1", issue_id="isu_8"),)

    async def test_what_is_refused_says_why_and_asks_nothing(self) -> None:
        async with known() as (workspace, _, _):
            found = find(workspace, "sk_prod_4eC39HqLyjW")
            assert found.search is None
            assert "API key" in found.words

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            (BATCH, Place("c1", BATCH)),
            ("job-7", Place("c1", BATCH)),
            ('{"id": "job-7", "status": "failed"}', Place("c1", BATCH)),
            ("m-invoices", Place("c1")),
            ("c1", Place("c1")),
            ("Main ledger", Place("c1")),
        ],
    )
    async def test_what_a_list_of_models_brings_is_found_by_each_of_its_ids(self, text: str, place: Place) -> None:
        scripted = Integrations()
        batch = listed(model("m-invoices", job("job-7", "m-invoices", status="failed")), name="Main ledger")
        scripted.routes[LIST] = Reply(json=[batch, listed(id="c2", name="Other")])
        async with opened(scripted) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            assert find(workspace, text).places == (place,)


class TestASearchForASync:
    async def test_it_asks_the_newest_synced_first_and_finds_it_with_its_owner(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sync_search, "AT_ONCE", 1)
        async with known() as (workspace, clock, scripted):
            found = find(workspace, f"log: {SYNC}")
            assert found.words == "This sync was not seen here yet. Enter asks all 3 connections for it."
            search = await ended(found, clock)
            assert (search.stage, search.places) == (Stage.FOUND, (Place("conn_2", SYNC),))
            asked = [each.headers["connection-token"] for each in scripted.sent(f"GET /syncs/{SYNC}")]
            assert asked == [FLEET[1]["token"], FLEET[2]["token"]]
            watch = workspace.watcher.find("conn_2", SYNC)
            assert watch is not None
            assert watch.latest_sync is not None
            assert watch.latest_sync.failure_reason == "Quota"
            assert find(workspace, SYNC).places == search.places

    async def test_those_that_can_hardly_have_it_are_asked_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sync_search, "AT_ONCE", 1)
        made = "sync_01KAN8E500" + "0" * 16  # on 22 November 2025
        assert str(sync_search.made_at(made)).startswith("2025-11-22")
        scripted = server()
        young = [each | {"createdAt": f"202{5 + number % 2}-01-01T00:00:00Z"} for number, each in enumerate(FLEET)]
        scripted.routes |= {LIST: a_list(*young), f"GET /syncs/{made}": Reply(404), CURRENT: Reply(500)}
        async with opened(scripted) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            await ended(find(workspace, made), clock)
            asked = [each.headers["connection-token"][-1] for each in scripted.sent(f"GET /syncs/{made}")]
            assert asked == ["0", "2", "1"]

    @pytest.mark.parametrize("text", ["sync_7", "sync_" + "U" * 26, "sync_" + "Z" * 26, "conn_1"])
    def test_an_id_that_tells_no_time_tells_none(self, text: str) -> None:
        assert sync_search.made_at(text) is None

    @pytest.mark.parametrize("beside", ["conn_2", FLEET[2]["token"]])
    async def test_the_connection_that_is_named_beside_it_is_asked_first(
        self, beside: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sync_search, "AT_ONCE", 1)
        async with known() as (workspace, clock, scripted):
            await ended(find(workspace, f"{beside} {SYNC}"), clock)
            assert scripted.sent(f"GET /syncs/{SYNC}")[0].headers["connection-token"] == FLEET[2]["token"]

    async def test_what_is_nowhere_is_said_to_be_nowhere(self) -> None:
        async with known() as (workspace, clock, _):
            search = await ended(find(workspace, f"sync_{'0' * 26}"), clock)
            assert search.stage is Stage.ENDED
            assert search.words == "Not in any of 3 connections of “test”. Another profile?"

    async def test_a_sync_of_a_connection_that_was_made_since_is_found_by_reading_the_list_again(self) -> None:
        scripted = server()
        scripted.routes[LIST] = a_list(*FLEET[:2])
        async with known(scripted) as (workspace, clock, _):
            scripted.routes[LIST] = a_list(*FLEET)
            search = await ended(find(workspace, SYNC), clock)
            assert search.places == (Place("conn_2", SYNC),)
            asked = [request.headers["connection-token"] for request in scripted.sent(f"GET /syncs/{SYNC}")]
            assert sorted(asked[:3]) == sorted(each["token"] for each in FLEET)  # each was asked once

    async def test_another_sync_that_is_answered_instead_is_not_taken_for_it(self) -> None:
        scripted = server()
        scripted.routes[f"GET /syncs/{SYNC}"] = Reply(json=a_sync(1))
        async with known(scripted) as (workspace, clock, _):
            assert (await ended(find(workspace, SYNC), clock)).stage is Stage.ENDED

    async def test_it_says_what_could_not_be_looked_at_and_tries_that_again(self) -> None:
        scripted = server()
        right = scripted.routes[f"GET /syncs/{SYNC}"]
        scripted.routes[f"GET /syncs/{SYNC}"] = lambda request: (
            Reply(500) if request.headers["connection-token"] == FLEET[2]["token"] else Reply(403)
        )
        tokenless = {key: value for key, value in a_connection(3).items() if key != "token"} | {"status": "deleted"}
        scripted.routes[LIST] = a_list(*FLEET, tokenless)
        async with known(scripted) as (workspace, clock, _):
            search = await ended(find(workspace, SYNC), clock)
            assert search.words.startswith("Not in any of 2 connections of “test”. Another profile? 2 could not be")
            assert "Able Movers (" in search.words
            assert "Fleet 3 (no token of it is known)" in search.words
            asked = len(scripted.sent(f"GET /syncs/{SYNC}"))
            scripted.routes[f"GET /syncs/{SYNC}"] = right
            search = await ended(find(workspace, SYNC), clock)
            assert search.places == (Place("conn_2", SYNC),)
            assert len(scripted.sent(f"GET /syncs/{SYNC}")) == asked + 1

    async def test_a_server_that_refuses_all_of_it_is_said_to(self) -> None:
        scripted = server()
        scripted.routes[f"GET /syncs/{SYNC}"] = Reply(403)
        async with known(scripted) as (workspace, clock, _):
            assert "refused every one" in (await ended(find(workspace, SYNC), clock)).words

    async def test_a_server_that_is_gone_stops_it_and_it_goes_on_from_there(self) -> None:
        scripted = server()
        right = scripted.routes[f"GET /syncs/{SYNC}"]
        scripted.routes[f"GET /syncs/{SYNC}"] = Reply(drop=True)
        async with known(scripted) as (workspace, clock, _):
            search = await ended(find(workspace, SYNC), clock)
            assert search.stage is Stage.LEFT
            assert search.problem is not None
            assert search.words.endswith("Enter goes on.")
            scripted.routes[f"GET /syncs/{SYNC}"] = right
            assert (await ended(find(workspace, SYNC), clock)).places == (Place("conn_2", SYNC),)

    async def test_it_can_be_left_and_goes_on_from_where_it_was(self) -> None:
        fleet = [a_connection(number) for number in range(12)]
        scripted = server()
        held: list[str] = []

        def slow(request: ServerRequest) -> Reply:
            held.append(request.headers["connection-token"])
            return Reply(404)

        scripted.routes |= {LIST: a_list(*fleet), CURRENT: current(*fleet), f"GET /syncs/{SYNC}": slow}
        async with known(scripted) as (workspace, clock, _):
            search = find(workspace, SYNC).search
            assert search is not None
            search.begin()
            await until(lambda: len(held) >= 2)
            search.leave()
            assert search.stage is Stage.LEFT
            await let_pass(clock, lambda: search._task is not None and search._task.done())
            assert 2 <= search.looked <= 2 + 2 * AT_ONCE < 12
            assert search.words == f"Looked through {search.looked} of 12 connections. Enter goes on."
            again = find(workspace, SYNC)
            assert again.search is search
            await ended(again, clock)
            assert sorted(held) == sorted(each["token"] for each in fleet)  # each was asked once

    async def test_no_more_than_a_few_requests_are_under_way_at_once(self) -> None:
        fleet = [a_connection(number) for number in range(12)]
        release, scripted = threading.Event(), server()
        scripted.routes |= {
            LIST: a_list(*fleet), CURRENT: current(*fleet), f"GET /syncs/{SYNC}": Reply(404, wait=release),
        }  # fmt: skip
        async with known(scripted) as (workspace, clock, _):
            search = find(workspace, SYNC).search
            assert search is not None
            search.begin()
            await until(lambda: len(scripted.sent(f"GET /syncs/{SYNC}")) == AT_ONCE)
            await clock.advance(1)
            assert len(scripted.sent(f"GET /syncs/{SYNC}")) == AT_ONCE
            release.set()
            await let_pass(clock, lambda: search.stage is Stage.ENDED)

    async def test_of_a_server_that_lists_only_the_newest_jobs_the_list_is_read_once_more(self) -> None:
        scripted = Integrations()
        scripted.routes[LIST] = Reply(json=[listed()])
        async with opened(scripted) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            found = find(workspace, BATCH)
            assert (found.pasted.kind, found.places) == (Kind.ID, ())
            search = await ended(found, clock)
            assert "earlier ones cannot be asked for" in search.words
            scripted.routes[LIST] = Reply(json=[listed(model("invoices", job("job-7", "invoices")))])
            assert (await ended(find(workspace, BATCH), clock)).places == (Place("c1", BATCH),)


class TestOtherSearches:
    async def test_an_unseen_issue_is_looked_for_page_by_page_resolved_ones_too(self) -> None:
        scripted = server()
        async with known(scripted) as (workspace, clock, _):
            scripted.routes[ISSUES] = pages([an_issue(1, 0)], [an_issue(2, 1) | {"status": "resolved"}])
            search = await ended(find(workspace, "isu_2"), clock)
            assert search.places == (Place("conn_1", issue_id="isu_2"),)
            assert "status" not in scripted.sent(ISSUES)[-1].query
            search = await ended(find(workspace, "isu_9"), clock)
            assert search.words == "Not among the 2 issues of “test”, open or resolved. Another profile?"

    async def test_an_unknown_token_is_sent_once_and_its_connection_joins_the_list(self) -> None:
        scripted, new = server(), a_connection(8)
        async with known(scripted) as (workspace, clock, _):
            asked = len(scripted.sent(CURRENT))
            scripted.routes[CURRENT] = current(new, lastSync=None)
            search = await ended(find(workspace, new["token"]), clock)
            assert search.places == (Place("conn_8"),)
            assert workspace.row("conn_8") is not None
            assert len(scripted.sent(CURRENT)) >= asked + 1

    async def test_a_token_that_the_server_does_not_take_is_told_with_its_words(self) -> None:
        scripted = server()
        async with known(scripted) as (workspace, clock, _):
            scripted.routes[CURRENT] = Reply(403, json={"code": "forbidden", "message": "Wrong pair"})
            search = await ended(find(workspace, f"con_tkn_{'z' * 24}"), clock)
            assert "does not accept this token" in search.words
            assert "Wrong pair" in search.words

    @pytest.mark.parametrize(("text", "name"), [("ext-9", "externalId"), ("9999999", "dotNumber")])
    async def test_an_unseen_reference_or_number_is_asked_for_by_its_name(self, text: str, name: str) -> None:
        new = a_connection(9, externalId="ext-9", company={"name": "New", "dotNumbers": ["9999999"]})
        scripted = server()
        scripted.routes[LIST] = lambda request: a_list(new) if request.query.get(name) == text else a_list(*FLEET)
        async with known(scripted) as (workspace, clock, _):
            assert (await ended(find(workspace, text), clock)).places == (Place("conn_9"),)
            search = await ended(find(workspace, "nobody-1"), clock)
            assert search.words == (
                "No known connection is called so, and none of “test” has the external ID “nobody-1”. Another profile?"
            )

    async def test_an_unseen_connection_is_looked_for_in_the_list_read_anew(self) -> None:
        scripted = server()
        async with known(scripted) as (workspace, clock, _):
            scripted.routes[LIST] = a_list(*FLEET, a_connection(9))
            assert (await ended(find(workspace, "conn_9"), clock)).places == (Place("conn_9"),)
            assert "Another profile?" in (await ended(find(workspace, "conn_404"), clock)).words
