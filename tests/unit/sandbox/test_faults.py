"""Faults over real sockets: what each does to an answer, to whom, how often, and to whom it does nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.steps import done, look, make
from tui_app.sandbox.clock import VirtualClock
from tui_app.sandbox.faults import BOTH, FAULTS, FORMS, STUUT, TERMINAL, BadFault, FaultSet, NoFault, bodies, named
from tui_app.sandbox.faults.board import Faults, parsed, told, typed
from tui_app.sandbox.faults.injecting import Injector
from tui_app.sandbox.faults.operations import GROUPS, OPERATIONS, operation_of
from tui_app.sandbox.faults.refusals import NONSENSE
from tui_app.sandbox.server import Sandbox

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(connections=16, start=START, speed=0, rate_limits=False) as running:
        yield running


@pytest.fixture
def faults(server: Sandbox) -> Iterator[Faults]:
    yield server.faults
    server.faults.end_all()


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def client(server: Sandbox, kind: str = TERMINAL) -> httpx.Client:
    url, key = server.announcement.servers[kind]
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False)


@pytest.fixture
def api(server: Sandbox) -> Iterator[httpx.Client]:
    with client(server) as api:
        yield api


@pytest.fixture
def either(server: Sandbox, kind: str) -> Iterator[httpx.Client]:
    """A client of one API, then of the other."""
    with client(server, kind) as api:
        yield api


def on(faults: Faults, text: str) -> None:
    faults.put(parsed(text))


def another(api: httpx.Client) -> dict[str, str]:
    """Make a connection of an account that nobody had before."""
    return make(api, credentials={"username": f"dispatch-{next(_numbers)}", "password": "secret"})


class TestEach:
    """One fault at 100 %, on both APIs."""

    def test_answers_come_late_and_whole(self, faults: Faults, either: httpx.Client) -> None:
        expected = done(either.get("/connections"))
        on(faults, "latency=30")
        began = monotonic()
        assert done(either.get("/connections")) == expected
        assert monotonic() - began >= 0.03

    @pytest.mark.parametrize("form", FORMS)
    def test_a_429_says_in_its_own_way_how_long_to_wait(self, faults: Faults, either: httpx.Client, form: str) -> None:
        on(faults, f"rate-limit={form}")
        answer = either.get("/connections")
        assert answer.status_code == 429
        header, body = answer.headers.get("retry-after"), answer.json()
        assert ("retryAfter" in body) is (form == "body")
        if form == "seconds":
            assert header == "12"
        elif form == "fraction":
            assert header == "11.62"
            assert "please try again in 11.62 s" in body["detail"]
        elif form == "date":
            date = parsedate_to_datetime(answer.headers["date"])
            assert (parsedate_to_datetime(header) - date).total_seconds() == 12
        elif form == "nonsense":
            assert header in NONSENSE
        else:
            assert header is None
            assert body.get("retryAfter") == (12 if form == "body" else None)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_5xx_is_answered_in_the_apis_own_form(
        self, faults: Faults, either: httpx.Client, kind: str, status: int
    ) -> None:
        on(faults, f"error-{status}")
        answer = either.get("/connections")
        assert answer.status_code == status
        assert answer.headers.get("retry-after") == ("12" if status == 503 else None)
        if status == 502:
            assert answer.headers["content-type"] == "text/html"
            assert "<title>502 Bad Gateway</title>" in answer.text
        else:
            assert set(answer.json()) <= ({"detail"} if kind == STUUT else {"code", "message", "detail"})

    def test_a_connection_is_dropped_before_the_answer(self, faults: Faults, either: httpx.Client) -> None:
        on(faults, "drop-before")
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                either.get("/connections")
        faults.end_all()
        done(either.get("/connections"))

    def test_a_connection_is_dropped_in_the_middle_of_the_body(self, faults: Faults, either: httpx.Client) -> None:
        length = len(either.get("/connections").content)
        on(faults, "drop-midway")
        expected = rf"received {length // 2} bytes, expected {length}"
        with pytest.raises(httpx.RemoteProtocolError, match=expected):
            either.get("/connections")

    def test_json_ends_in_its_middle_as_if_it_were_whole(self, faults: Faults, either: httpx.Client) -> None:
        whole = either.get("/connections").content
        on(faults, "truncated-json")
        answer = either.get("/connections")
        assert (answer.status_code, answer.content) == (200, whole[: len(whole) // 2])

    def test_json_is_none(self, faults: Faults, either: httpx.Client) -> None:
        on(faults, "malformed-json")
        answer = either.get("/connections")
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()

    def test_rows_lack_what_they_must_have(self, faults: Faults, either: httpx.Client, kind: str) -> None:
        on(faults, "broken-rows")
        rows = done(either.get("/connections"))
        lacks = "status" if kind == TERMINAL else "id"
        assert {row[lacks] for row in (rows["results"] if kind == TERMINAL else rows)} == {None}

    def test_a_jobs_and_a_healths_words_are_unknown(self, server: Sandbox, faults: Faults) -> None:
        on(faults, "unknown-status")
        with client(server, STUUT) as stuut:
            rows = done(stuut.get("/connections"))
        jobs = [model["last_sync"] for row in rows for model in row["models"] if model["last_sync"]]
        assert {job["status"] for job in jobs} == {bodies.UNKNOWN_JOB}
        assert {row["health"]["status_code"] for row in rows} == {bodies.UNKNOWN_HEALTH}

    @pytest.mark.parametrize(
        ("name", "path", "field", "word"),
        [
            ("unknown-status", "/connections", "status", bodies.UNKNOWN_CONNECTION),
            ("unknown-sync-mode", "/connections", "syncMode", bodies.UNKNOWN_MODE),
            ("unknown-issue-status", "/issues", "status", bodies.UNKNOWN_ISSUE),
            ("unknown-resolution", "/issues", "resolutionType", bodies.UNKNOWN_RESOLUTION),
        ],
    )
    def test_one_word_is_unknown_and_all_else_as_it_was(
        self, faults: Faults, api: httpx.Client, name: str, path: str, field: str, word: str
    ) -> None:
        expected = [{**row, field: word} for row in done(api.get(path))["results"]]
        on(faults, name)
        assert done(api.get(path))["results"] == expected

    def test_a_syncs_word_is_unknown_wherever_it_stands(self, faults: Faults, api: httpx.Client) -> None:
        token = another(api)
        sync_id = done(api.post("/syncs", headers=token), 201)["id"]
        on(faults, "unknown-status")
        current = done(api.get("/connections/current", headers=token))
        assert current["lastSync"]["status"] == bodies.UNKNOWN_SYNC
        assert look(api, token, sync_id)["status"] == bodies.UNKNOWN_SYNC


class TestWhatIsDone:
    @pytest.mark.parametrize("name", ["rate-limit", "error-500", "error-502", "error-503", "drop-before"])
    def test_what_is_refused_is_not_done(self, faults: Faults, api: httpx.Client, name: str) -> None:
        token = another(api)
        on(faults, name)
        self.request(api, token)
        faults.end_all()
        assert done(api.get("/syncs", headers=token))["results"] == []

    @pytest.mark.parametrize("name", ["error-504", "drop-midway", "truncated-json", "malformed-json"])
    def test_what_lost_its_answer_is_done(self, faults: Faults, api: httpx.Client, name: str) -> None:
        token = another(api)
        on(faults, name)
        self.request(api, token)
        faults.end_all()
        assert len(done(api.get("/syncs", headers=token))["results"]) == 1

    def request(self, api: httpx.Client, token: dict[str, str]) -> None:
        # What was not read yet when the connection is dropped makes it a reset, on a busy machine, and not an end.
        with suppress(httpx.RemoteProtocolError, httpx.ReadError):
            api.post("/syncs", headers=token, json={"days": 7})


class TestWhom:
    @pytest.mark.parametrize("name", ["reads", "listProviders"])
    def test_only_what_it_is_set_for_meets_it(self, faults: Faults, api: httpx.Client, name: str) -> None:
        on(faults, f"error-500:100:{name}")
        assert api.get("/providers").status_code == 500
        assert api.get("/connections").status_code == (500 if name == "reads" else 200)
        make(api)

    def test_writes_are_what_is_no_get(self, faults: Faults, api: httpx.Client) -> None:
        on(faults, "error-500:100:writes")
        done(api.get("/connections"))
        assert api.post("/link/short").status_code == 500

    def test_the_control_path_the_descriptions_and_other_paths_never_meet_one(
        self, server: Sandbox, faults: Faults, api: httpx.Client
    ) -> None:
        said = server.announcement
        on(faults, "error-500")
        assert api.get("/providers").status_code == 500
        for path in ("", "/clock", "/scenarios", "/faults", "/openapi.json"):
            done(api.get(said.control_url + path))
        done(api.get(said.terminal_url.replace("/tsp/v1", "/openapi.json")))
        done(api.get(f"{said.stuut_url}/openapi.json"))
        assert api.get("/nothing").status_code == 404

    @pytest.mark.parametrize("rate", [0, 30, 100])
    def test_a_rate_is_the_share_of_requests_that_meet_it(self, faults: Faults, rate: int) -> None:
        on(faults, f"error-500:{rate}")
        operation = operation_of(TERMINAL, "GET", "/tsp/v1/providers")
        assert operation is not None
        met = sum(bool(list(faults.met_by(operation, ("GET", str(number % 50))))) for number in range(2000))
        assert met == pytest.approx(2000 * rate / 100, abs=0 if rate in (0, 100) else 80)

    def test_the_same_requests_meet_the_same_faults(self, faults: Faults, api: httpx.Client) -> None:
        def statuses() -> list[int]:
            on(faults, "error-500:50")
            return [api.get(path).status_code for path in ("/providers", "/connections") * 10]

        first = statuses()
        assert set(first) == {200, 500}
        assert statuses() == first

    def test_another_seed_meets_other_faults(self) -> None:
        operation = OPERATIONS[0]

        def met(seed: int) -> list[bool]:
            faults = Faults(seed)
            on(faults, "error-500:50")
            return [bool(list(faults.met_by(operation, ("GET", "/")))) for _ in range(40)]

        assert met(1) == met(1) != met(2)

    def test_a_share_of_objects_is_always_the_same_objects(self, faults: Faults, api: httpx.Client) -> None:
        on(faults, "unknown-sync-mode:50")
        modes = [[row["syncMode"] for row in done(api.get("/connections"))["results"]] for _ in range(3)]
        assert modes[0] == modes[1] == modes[2]
        assert 0 < modes[0].count(bodies.UNKNOWN_MODE) < len(modes[0])

    async def test_nothing_is_touched_while_none_is_on(self) -> None:
        seen: list[tuple[Any, ...]] = []

        async def app(*given: Any) -> None:
            seen.append(given)

        faults, clock = Faults(1), VirtualClock(START, 0)
        inject = Injector(app, TERMINAL, faults, clock)
        scope = {"type": "http", "method": "GET", "path": "/tsp/v1/providers", "query_string": b"", "headers": []}
        given: tuple[Any, ...] = (scope, object(), object())
        await inject(*given)
        on(faults, "truncated-json:0")
        await inject(*given)
        on(faults, "truncated-json:100:writes")
        await inject(*given)
        assert len(seen) == 3
        assert all(mine is theirs for call in seen for mine, theirs in zip(call, given, strict=True))


class TestTogether:
    def test_a_late_answer_may_be_a_refusal_and_the_first_refusal_counts(
        self, faults: Faults, api: httpx.Client
    ) -> None:
        for text in ("error-503", "latency=20", "rate-limit", "truncated-json"):
            on(faults, text)
        assert [each.fault.name for each in faults.on] == ["latency", "rate-limit", "error-503", "truncated-json"]
        began = monotonic()
        answer = api.get("/providers")
        assert (answer.status_code, monotonic() - began >= 0.02) == (429, True)
        faults.end("rate-limit")
        assert api.get("/providers").status_code == 503

    def test_an_answer_without_content_stays_one(self, faults: Faults, api: httpx.Client) -> None:
        link = done(api.post("/link/short"))
        for text in ("truncated-json", "malformed-json", "broken-rows"):
            on(faults, text)
        done(api.delete(f"/link/short/{link['id']}"), 204)


class TestOperations:
    def test_they_are_those_of_both_descriptions(self, server: Sandbox) -> None:
        said = server.announcement
        for kind, url in (
            (TERMINAL, said.terminal_url.replace("/tsp/v1", "/openapi.json")),
            (STUUT, f"{said.stuut_url}/openapi.json"),
        ):
            prefix = said.servers[kind][0].partition("://")[2].partition("/")[2]
            described = {
                (operation["operationId"], method.upper(), path.removeprefix(f"/{prefix}"))
                for path, operations in done(httpx.get(url, trust_env=False))["paths"].items()
                for method, operation in operations.items()
            }
            assert described == {(each.name, each.method, each.path) for each in OPERATIONS if each.kind == kind}

    def test_a_path_with_an_identifier_is_told_from_one_without(self) -> None:
        def name(kind: str, method: str, path: str) -> str | None:
            found = operation_of(kind, method, path)
            return found.name if found else None

        assert name(TERMINAL, "GET", "/tsp/v1/syncs") == "listSyncHistory"
        assert name(TERMINAL, "GET", "/tsp/v1/syncs/sync_1") == "getSyncJobStatus"
        assert name(TERMINAL, "GET", "/tsp/v1/syncs/sync_1/retry") is None
        assert name(STUUT, "POST", "/v2/integrations/connections/1/sync") == "requestSync"
        assert name(STUUT, "GET", "/tsp/v1/syncs") is None


class TestTyped:
    @pytest.mark.parametrize(
        "text",
        [
            "latency",
            "latency=250:30",
            "rate-limit=date:30:reads",
            "error-503=5",
            "drop-before:0.5:listSyncHistory,writes",
        ],
    )
    def test_what_is_typed_is_read_and_written_alike(self, text: str) -> None:
        assert typed(parsed(text)) == text

    def test_what_is_not_typed_is_everything(self) -> None:
        made = parsed("rate-limit")
        assert (made.rate, made.operations, made.retry_after, made.wait_s) == (100, ("all",), "seconds", 12)
        assert parsed("rate-limit:50%").rate == 50
        assert told(parsed("rate-limit=date:30:reads")) == "30 %, reads, Retry-After: date, 12 s"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("rate-limit:101", "from 0 to 100"),
            ("rate-limit:-1", "from 0 to 100"),
            ("rate-limit:nan", "from 0 to 100"),
            ("rate-limit:often", "'often'"),
            ("rate-limit:5:nothing", "'nothing'"),
            ("rate-limit:5:", "''"),
            ("rate-limit:5:reads:x", "NAME[:RATE[:OPERATION]]"),
            ("rate-limit=never", "'never'"),
            ("latency=0", "1 to 60000 ms"),
            ("error-503=99999999999", "1 to 3600 s"),
            ("error-500=5", "has no setting"),
            ("unknown-sync-mode:5:updateConnection", "'updateConnection'"),
        ],
    )
    def test_what_cannot_be_read_is_refused_in_words(self, text: str, said: str) -> None:
        with pytest.raises(BadFault) as refused:
            parsed(text)
        assert said in str(refused.value)

    def test_an_unknown_name_is_refused_with_all_that_there_are(self) -> None:
        with pytest.raises(NoFault) as refused:
            parsed("chaos:5")
        assert all(fault.name in str(refused.value) for fault in FAULTS)

    def test_what_cannot_be_set_changes_nothing(self, faults: Faults) -> None:
        on(faults, "latency:5")
        with pytest.raises(BadFault):
            faults.put(replace(FaultSet(named("latency")), operations=()))
        assert [each.rate for each in faults.on] == [5]


def test_every_fault_is_described_in_lines_that_fit() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.title for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert len(fault.title) <= 26
        assert fault.what.endswith(".")
        assert max(len(fault.what), len(fault.support_sees)) <= 128
    assert all(len(words) < 40 for words in GROUPS.values())
