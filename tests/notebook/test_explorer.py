"""An explorer in a plain interpreter: what it finds, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from numbers import Integral
from pathlib import Path
from typing import Any, cast

import pytest

from tests.clocks import until
from tests.servers import Reply
from tests.unit.cli.run import syncscope
from tests.unit.workspace.bench import KEY, Terminal, a_connection, a_list, a_sync, current
from tui_app import Explorer
from tui_app.config.paths import find_paths
from tui_app.config.profiles import ProfileStore
from tui_app.models.actor import Actor
from tui_app.models.filter import parse_filter
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Profile
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.filters import filter_line, issue_filter_line
from tui_app.notebook.sync import SyncHandle
from tui_app.watch.watch import Watch

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e"


@pytest.fixture
def server() -> Iterator[Terminal]:
    """A server with two connections and no issues."""
    made, fleet = Terminal(), [a_connection(1), a_connection(2, company={"name": HOSTILE})]
    synced = current(*fleet, lastSync=a_sync(status="completed"))
    made.routes |= {"GET /connections": a_list(*fleet), "GET /issues": a_list(), "GET /connections/current": synced}
    with made.server:
        yield made


def profile_of(server: Terminal, **fields: str) -> None:
    """Write down a profile called “mine” for a server."""
    profile = Profile.model_validate({"name": "mine", "kind": server.kind, "base_url": server.url} | fields)
    ProfileStore(find_paths().profiles).add(profile)


@Integral.register
class OfAFrame:
    """A whole number as data frames have them: none of Python's own, but said to be one."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __int__(self) -> int:
        return self._number


class TestFinding:
    def test_filters_mean_what_they_mean_in_the_filter_line(self, explorer: Explorer) -> None:
        explorer.connections()
        rows = explorer.loop_thread.call(lambda: explorer.workspace.rows)
        for text, filters, line in (
            ("", {"state": "disconnected"}, "state:disconnected"),
            ("mode:automatic", {"tag": ["insured", "long-haul"]}, "mode:automatic tag:insured tag:long-haul"),
            (
                "a",
                {"provider": "verizon connect", "tag": "-insured"},
                'a provider:"verizon connect" -tag:insured',
            ),
        ):
            fits = parse_filter(line)
            found = explorer.connections(text, **filters)
            assert len(found) > 0
            assert {each.id for each in found} == {row.id for row in rows if fits(row)}

    def test_the_table_is_in_triage_order(self, explorer: Explorer) -> None:
        keys = [each.row.urgency for each in explorer.connections(state="disconnected")]
        assert keys == sorted(keys)
        assert keys[0] == 0

    def test_what_is_no_filter_is_said_in_a_sentence(self, explorer: Explorer) -> None:
        with pytest.raises(ExplorerError, match="there is no filter “stat:” – did you mean sta"):
            explorer.connections(stat="x")
        with pytest.raises(ExplorerError, match="quotation mark"):
            explorer.connections(state='"')
        assert filter_line("", {"issues": 0}) == 'issues:"0"'

    def test_who_has_to_act_is_named_with_its_article_and_without(self, explorer: Explorer) -> None:
        for said in ("the fleet", "fleet", "The Fleet"):
            assert {each.row.actor for each in explorer.connections(next=said)} == {Actor.FLEET}
            assert {each.meaning.actor for each in explorer.issues(who=said)} == {Actor.FLEET}
        assert Actor.FLEET not in {each.row.actor for each in explorer.connections(next="-the fleet")}

    def test_of_somebody_who_never_acts_it_is_said_who_may(self, explorer: Explorer) -> None:
        for asked in (lambda: explorer.issues(who="bogus"), lambda: explorer.connections(next="bogus")):
            with pytest.raises(ExplorerError, match="takes who has to act: fleet terminal provider us nobody"):
                asked()

    def test_a_filter_that_is_none_narrows_nothing(self, explorer: Explorer) -> None:
        assert len(explorer.connections(state=None, tag=[None])) == len(explorer.connections())  # type: ignore[list-item]
        assert len(explorer.issues(who=None, code=None)) == len(explorer.issues())

    def test_of_several_values_and_words_an_issue_has_to_fit_all(self, explorer: Explorer) -> None:
        code = explorer.issues()[0].issue.error.code
        assert {each.issue.error.code for each in explorer.issues(code=[code[:3], code])} == {code}
        assert len(explorer.issues(code=[code, "no such code"])) == 0
        assert issue_filter_line("a", {"provider": "verizon connect"}) == "a provider:verizon provider:connect"
        with pytest.raises(ExplorerError, match="code: leaves nothing out"):
            explorer.issues(code="-x")

    @pytest.mark.parametrize("text", [None, 5, ["a"]])
    def test_a_filter_line_that_is_no_text_is_refused_in_a_sentence(self, explorer: Explorer, text: Any) -> None:
        for read in (explorer.connections, explorer.issues):
            with pytest.raises(ExplorerError, match="This filter cannot be read: a filter line is a text"):
                read(text)

    def test_a_filter_value_that_is_no_word_is_refused_in_a_sentence(self, explorer: Explorer) -> None:
        given: Any = {"connected"}
        for read in (lambda: explorer.connections(state=given), lambda: explorer.issues(code=given)):
            with pytest.raises(ExplorerError, match="takes a word, a number, or a list of them"):
                read()

    def test_a_filter_whose_name_no_filter_has_is_refused_and_not_taken_for_words(self, explorer: Explorer) -> None:
        for read in (lambda: explorer.connections(sync_mode="manual"), lambda: explorer.issues(error_code="x")):
            with pytest.raises(ExplorerError, match="there is no filter"):
                read()

    @pytest.mark.parametrize("named", [None, True, 1.5, b"conn_1"])
    def test_what_can_name_no_connection_is_refused_in_a_sentence(self, explorer: Explorer, named: Any) -> None:
        with pytest.raises(ExplorerError, match="A connection is named by a text"):
            explorer.connection(named)

    def test_a_dot_number_from_a_data_frame_is_taken_as_its_digits(self, explorer: Explorer) -> None:
        wanted = next(each for each in explorer.connections() if each.row.connection.company.dot_numbers)
        number = int(wanted.row.connection.company.dot_numbers[0])
        assert explorer.connection(number).id == wanted.id
        assert explorer.connection(cast(int, OfAFrame(number))).id == wanted.id
        with pytest.raises(ExplorerError, match="5"):
            explorer.connection(5)

    def test_a_text_in_place_of_several_is_one_of_them(self, explorer: Explorer) -> None:
        credentials = {"username": "c@d.example", "password": "simulated", "database": "d"}
        made = explorer.create_connection("geotab", credentials=credentials, dot_numbers="7654321", tags="single")
        assert list(made.row.connection.company.dot_numbers) == ["7654321"]
        assert list(made.row.connection.tags) == ["single"]

    def test_a_connection_is_found_by_whatever_names_it(self, explorer: Explorer) -> None:
        wanted = next(
            each
            for each in explorer.connections(state="connected")
            if each.row.connection.company.dot_numbers and each.row.connection.external_id
        )
        connection = wanted.row.connection
        assert connection.external_id
        for named in (
            wanted.id,
            wanted.id.lower(),
            connection.external_id,
            connection.company.dot_numbers[0],
            connection.name,
        ):
            assert explorer.connection(named).id == wanted.id
        assert wanted.row.last_sync is not None
        assert explorer.connection(wanted.row.last_sync.id).id == wanted.id

    def test_a_connection_that_was_just_made_says_that_its_first_sync_is_ours_to_ask_for(
        self, explorer: Explorer
    ) -> None:
        credentials = {"username": "a@b.example", "password": "simulated", "database": "d"}
        made = explorer.create_connection("geotab", credentials=credentials, company_name="Newcomer", tags=["new"])
        assert (made.finding.actor, made.finding.step_in_writing) == (Actor.US, "Request its first sync.")
        assert [each.id for each in explorer.connections(tag="new")] == [made.id]
        assert "simulated" not in repr(made)

    def test_where_several_fit_they_are_named(self, explorer: Explorer) -> None:
        with pytest.raises(ExplorerError, match=r"connections fit “geotab”. Name one by its ID:\n  conn_"):
            explorer.connection("geotab")

    def test_where_nothing_fits_that_is_said(self, explorer: Explorer) -> None:
        with pytest.raises(ExplorerError, match="Another profile"):
            explorer.connection("no such company")

    def test_a_connection_says_first_whose_turn_it_is(self, explorer: Explorer) -> None:
        [*_, disconnected] = explorer.connections(state="disconnected")
        assert repr(disconnected).splitlines()[0].strip() == "Next to act: the fleet"
        assert "Send them the link URL." in repr(disconnected)
        assert "con_tkn_" not in repr(disconnected)


class TestWaiting:
    def test_nobody_waits_for_a_connection_that_cannot_be_looked_at(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        server.routes["GET /connections/current"] = Reply(403, json={"code": "forbidden"})
        with Explorer("mine", key=KEY) as explorer:
            began = time.monotonic()
            table = explorer.connections(wait=60)
            assert time.monotonic() - began < 30
        assert "Newest syncs looked at so far: 0 of 2." in repr(table)
        assert "could not look" in repr(table)

    def test_who_does_not_want_to_wait_is_told_how_far_it_came(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        answer = threading.Event()
        server.routes["GET /connections/current"] = Reply(json={}, wait=answer)
        with Explorer("mine", key=KEY) as explorer:
            table = explorer.connections(wait=0)
            answer.set()
        assert "Newest syncs looked at so far: 0 of 2." in repr(table)
        assert "not looked at yet" in repr(table)

    @pytest.mark.parametrize("wait", ["x", None, float("nan")])
    def test_what_is_no_time_to_wait_is_refused_in_a_sentence(self, explorer: Explorer, wait: Any) -> None:
        with pytest.raises(ExplorerError, match="wait takes seconds"):
            explorer.connections(wait=wait)


Follow = Callable[[SyncHandle], Awaitable[None]]
Begun = Callable[[Explorer, Follow], Awaitable[tuple[SyncHandle, asyncio.Future[None]]]]


async def waited_for(sync: SyncHandle) -> None:
    await asyncio.to_thread(sync.watch().wait)


async def awaited(sync: SyncHandle) -> None:
    await sync.watch()


async def gone_through(sync: SyncHandle) -> None:
    await asyncio.to_thread(lambda: [*sync.watch()])


async def gone_through_awaiting(sync: SyncHandle) -> None:
    assert [each async for each in sync.watch()]


class TestWatching:
    @pytest.fixture
    def begun(self, server: Terminal, monkeypatch: pytest.MonkeyPatch) -> Begun:
        """Begins to follow a sync that does not end, and returns it and who follows it."""
        followed, stream = threading.Event(), Watch.stream

        def noted(watch: Watch) -> AsyncIterator[Observation]:
            followed.set()
            return stream(watch)

        monkeypatch.setattr(Watch, "stream", noted)
        profile_of(server, environment="sandbox")
        server.routes["GET /connections/current"] = current(a_connection(1), lastSync=a_sync())

        async def begin(explorer: Explorer, follow: Follow) -> tuple[SyncHandle, asyncio.Future[None]]:
            sync = explorer.connection("conn_1").sync()
            following = asyncio.ensure_future(follow(sync))
            await until(followed.is_set)
            return sync, following

        return begin

    @pytest.mark.parametrize("follow", [waited_for, awaited, gone_through, gone_through_awaiting])
    async def test_a_watching_that_is_interrupted_by_closing_does_not_look_finished(
        self, begun: Begun, follow: Follow
    ) -> None:
        with Explorer("mine", key=KEY) as explorer:
            sync, following = await begun(explorer, follow)
            await asyncio.to_thread(explorer.close)
            with pytest.raises(ExplorerError, match="This explorer is closed"):
                await following
        assert not sync.ended

    async def test_a_watching_of_what_is_let_go_of_elsewhere_says_so(self, begun: Begun) -> None:
        with Explorer("mine", key=KEY) as explorer:
            _, following = await begun(explorer, awaited)
            [watch] = explorer.workspace.watcher.watches
            explorer.loop_thread.run(explorer.workspace.watcher.forget(watch))
            with pytest.raises(ExplorerError, match="followed no more"):
                await following


class TestAwaiting:
    async def test_it_is_used_with_await_where_a_loop_runs_and_without(self) -> None:
        async with await Explorer.demo(speed=600) as explorer:
            connections = await explorer.connections(state="connected")
            assert connections[0].id == (await explorer.connection(connections[0].id)).id
            sync = await (await connections[0].request_sync(days=1)).watch()
            assert sync.ended
            looks = [seen async for seen in sync.watch()]
            assert looks[-1].sync is not None
            assert looks[-1].sync.phase.is_final
        assert sync.ended  # it stays as it was last known
        assert "closed" in repr(explorer)
        with pytest.raises(ExplorerError, match="closed"):
            explorer.connections()


class TestRefusing:
    def test_a_locked_profile_refuses_before_anything_is_sent_and_says_how(
        self, server: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        profile_of(server, environment="production", key_env="MINE")
        monkeypatch.setenv("MINE", "sk_prod_4eC39HqLyjWDarjtT1zdp7dc")
        server.routes["POST /syncs"] = Reply(201, json=a_sync(9, status="completed"))
        with Explorer("mine") as explorer:
            [connection, _] = explorer.connections()
            for change in (lambda: connection.request_sync(days=7), lambda: explorer.create_connection("geotab")):
                with pytest.raises(ExplorerError, match="Nothing was sent: this profile is locked") as refused:
                    change()
                assert refused.value.problem is not None
                assert refused.value.problem.kind is ProblemKind.REFUSED
            assert 'with explorer.unlocked("create_connection", profile="…")' in str(refused.value)
            with (
                pytest.raises(ExplorerError, match="Nothing was unlocked"),
                explorer.unlocked("request_sync", profile="own"),
            ):
                pytest.fail("it was unlocked")
            assert not [each for each in server.asked if each.startswith("POST")]

            with explorer.unlocked("request_sync", profile="mine"):
                assert connection.request_sync(days=7).ended
            with pytest.raises(ExplorerError, match="locked"):
                connection.request_sync(days=7)
            assert server.asked.count("POST /syncs") == 1

    def test_an_action_that_there_is_not_is_not_unlocked(self, explorer: Explorer) -> None:
        with (
            pytest.raises(ExplorerError, match=r"“delete_everything”.\nThere are: create_connection, request_sync."),
            explorer.unlocked("delete_everything", profile="demo"),
        ):
            pytest.fail("it was unlocked")

    @pytest.mark.parametrize("start_from", [datetime(2026, 11, 1), date(2026, 11, 1), "2026-11-01T00:00:00"])
    def test_a_start_without_a_zone_is_refused_before_anything_is_sent(self, server: Terminal, start_from: Any) -> None:
        profile_of(server, environment="sandbox")
        with Explorer("mine", key=KEY) as explorer:
            [connection, _] = explorer.connections()
            for change in (
                lambda: connection.request_sync(start_from=start_from),
                lambda: explorer.create_connection("geotab", start_from=start_from),
            ):
                with pytest.raises(ExplorerError, match="start_from needs a zone"):
                    change()
        assert not [each for each in server.asked if each.startswith("POST")]

    def test_what_excludes_each_other_is_told_in_a_sentence(self, explorer: Explorer) -> None:
        start_from = datetime(2026, 11, 1, tzinfo=UTC)
        for change in (
            lambda: explorer.connections()[0].request_sync(days=1, start_from=start_from),
            lambda: explorer.create_connection("geotab", days=1, start_from=start_from),
        ):
            with pytest.raises(ExplorerError) as refused:
                change()
            assert str(refused.value).splitlines()[1:] == ["Give days or a start date, not both."]

    @pytest.mark.parametrize("speed", ["601", "0.5", "x"])
    def test_a_speed_is_refused_as_the_command_line_refuses_it(self, speed: Any) -> None:
        with pytest.raises(ExplorerError) as refused:
            Explorer.demo(speed=speed)
        [_, words] = str(refused.value).splitlines()
        assert words.startswith("speed: Input should be ")
        assert words.removeprefix("speed: ") in " ".join(syncscope("demo", "--speed", speed).stderr.split())

    async def test_a_closed_explorer_is_not_entered(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        explorer = Explorer("mine", key=KEY)
        await asyncio.to_thread(explorer.close)
        with pytest.raises(ExplorerError, match="closed"), explorer:
            pytest.fail("it was entered")
        with pytest.raises(ExplorerError, match="closed"):
            async with explorer:
                pytest.fail("it was entered")

    def test_a_server_that_refuses_is_quoted(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        server.routes["GET /connections"] = Reply(401, json={"code": "bad_key", "message": "who are you"})
        with Explorer("mine", key=KEY) as explorer, pytest.raises(ExplorerError) as refused:
            explorer.connections()
        assert "does not accept the API key" in str(refused.value)
        assert "The server: 401 · bad_key · who are you" in str(refused.value)

    def test_what_cannot_be_sent_is_told_without_repeating_it(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        with Explorer("mine", key=KEY) as explorer:
            with pytest.raises(ExplorerError, match="days: Input should be greater than 0"):
                explorer.connections()[0].request_sync(days=-1)
            with pytest.raises(ExplorerError) as refused:
                explorer.create_connection("geotab", credentials={"password": 5}, days=1, sync_mode="x")  # type: ignore[dict-item]
        assert "credentials.password" in str(refused.value)
        assert "'x'" not in str(refused.value)

    def test_a_window_is_refused_where_a_server_takes_none(self) -> None:
        with Explorer("demo-stuut") as explorer:
            connection = explorer.connections()[0]
            with pytest.raises(ExplorerError, match="takes no window"):
                connection.request_sync(days=7)

    def test_a_profile_that_is_not_there_is_told_beside_those_that_are(self) -> None:
        with pytest.raises(ExplorerError, match=r"There is no profile “nowhere”. There are: demo, "):
            Explorer("nowhere")

    def test_a_missing_key_is_told_with_what_to_do(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox", key_env="MINE")
        with pytest.raises(ExplorerError, match=r"MINE is not set.\n.*\nOr give it here: Explorer\('mine', key="):
            Explorer("mine")

    def test_a_key_of_another_environment_is_not_sent(self, server: Terminal) -> None:
        profile_of(server, environment="production")
        with pytest.raises(ExplorerError, match="Nothing was sent: the key is a sandbox key"):
            Explorer("mine", key=KEY)
        assert server.asked == []

    def test_a_cell_shows_the_sentence_and_no_traceback(self) -> None:
        assert ExplorerError("One.", "", "Two.\x1b[2J")._render_traceback_() == ["✗ One.\nTwo.␛[2J"]

    def test_hostile_names_are_inert_from_the_server_to_the_cell(self, server: Terminal) -> None:
        profile_of(server, environment="sandbox")
        with Explorer("mine", key=KEY) as explorer:
            table = explorer.connections()
            for shown in (table, *table, explorer):
                bundle = shown._repr_mimebundle_()
                assert "<script" not in bundle["text/html"]
                assert not any(raw in text for raw in ("\x1b", "\u202e") for text in bundle.values())
            assert HOSTILE in {record["name"] for record in table.records()}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2]
    )


def test_a_script_uses_it_in_a_with_statement() -> None:
    done = run(
        "from tui_app import Explorer\nwith Explorer.demo() as explorer:\n    print(len(explorer.connections(wait=0)))"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 10


def test_a_script_that_does_not_close_it_ends_all_the_same_and_in_silence() -> None:
    lines = ("from tui_app import Explorer", "e = Explorer.demo()", "e.connections(wait=0)[0].syncs()[0].watch()")
    done = run("\n".join(lines))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
