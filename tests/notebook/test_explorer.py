"""An explorer in a plain interpreter: what it finds, what it refuses, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Reply
from tests.unit.workspace.bench import KEY, Terminal, a_connection, a_list, a_sync, current
from tui_app import Explorer
from tui_app.config.paths import find_paths
from tui_app.config.profiles import ProfileStore
from tui_app.models.filter import parse_filter
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Profile
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.filters import filter_line

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


class TestFinding:
    def test_filters_mean_what_they_mean_in_the_filter_line(self, explorer: Explorer) -> None:
        explorer.connections()
        rows = explorer.loop_thread.call(lambda: explorer.workspace.rows)
        for text, filters, line in (
            ("", {"state": "disconnected"}, "state:disconnected"),
            ("", {"next": "fleet", "issues": ">0"}, "next:fleet issues:>0"),
            (
                "freight",
                {"provider": "verizon connect", "tag": "-insured"},
                'freight provider:"verizon connect" -tag:insured',
            ),
        ):
            fits = parse_filter(line)
            found = explorer.connections(text, **filters)  # type: ignore[arg-type]
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

    def test_a_connection_is_found_by_whatever_names_it(self, explorer: Explorer) -> None:
        wanted = next(
            each for each in explorer.connections(state="connected") if each.row.connection.company.dot_numbers
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
            assert 'with explorer.unlocked("create_connection")' in str(refused.value)
            assert not [each for each in server.asked if each.startswith("POST")]

            with explorer.unlocked("request_sync"):
                assert connection.request_sync(days=7).ended
            with pytest.raises(ExplorerError, match="locked"):
                connection.request_sync(days=7)
            assert server.asked.count("POST /syncs") == 1

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
