"""What every kind of server has to hold to, tried on the embedded server over a socket; then what Stuut's alone has."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock
from tests.servers import Reply, ScriptedServer
from tui_app.api.base import Capabilities, FormField, SyncApi
from tui_app.api.check import STEPS, steps
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.kinds import KINDS, open_api
from tui_app.api.stuut_batches import BY_TIME, OVERTAKEN
from tui_app.models.connection import Connection, ConnectionDraft, Standing
from tui_app.models.link import LinkDraft
from tui_app.models.page import Page
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.problem import ProblemKind
from tui_app.models.secrets import redacted
from tui_app.models.sync import Phase, Sync, SyncRequest
from tui_app.sandbox.server import Sandbox

if TYPE_CHECKING:
    from tui_app.api.kinds import OpenApi

START = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
Item = TypeVar("Item")

DRAFTS = {
    "terminal": ConnectionDraft(
        provider="sandbox",
        credentials={"username": SecretStr("fleet"), "password": SecretStr("correct horse")},
        company_name="Made here",
    ),
    "stuut": ConnectionDraft(
        provider="netsuite",
        values={"name": "Made here", "api_url": "https://ledger.example/api", "is_on_premise": False},
    ),
}
"""A connection that each kind can make."""

ADD: dict[str, Callable[[Sandbox], dict[str, Any]]] = {
    "terminal": lambda sandbox: sandbox.add_connection(company="Added"),
    "stuut": lambda sandbox: sandbox.add_integration(company="Added"),
}
"""How a connection that syncs on request alone is put into the embedded server."""

kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def fleet() -> Iterator[Sandbox]:
    """A server that is only read from. Its time stands still."""
    with Sandbox(seed=1, connections=24, speed=0, start=START, rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A server of this test's own. Its time stands still unless the test moves it."""
    with Sandbox(seed=1, connections=4, speed=0, start=START, rate_limits=False) as sandbox:
        yield sandbox


@asynccontextmanager
async def client(
    sandbox: Sandbox, kind: str, *, key: str | None = None, gate: Gate | None = None, base_url: str | None = None
) -> AsyncIterator[OpenApi]:
    """A client of the embedded server, or of another that answers like it."""
    url, its_key = sandbox.announcement.servers[kind]
    api = open_api(
        kind,
        base_url or url,
        SecretStr(key or its_key),
        gate=gate or Gate(locked=False, profile="test"),
        clock=FakeClock(),
        budget=400,
        recorder=Recorder(),
    )
    try:
        yield api
    finally:
        await api.aclose()


async def all_of(listing: AsyncIterator[Page[Item]]) -> list[Item]:
    """Every row of every page, each of which has to be readable."""
    found: list[Item] = []
    async for page in listing:
        assert page.unreadable == []
        found += page.items
    return found


async def added(api: SyncApi, sandbox: Sandbox, kind: str) -> Connection:
    """A connection that syncs when it is asked to and at no other time, as the list has it."""
    made = ADD[kind](sandbox)["id"]
    return next(one for one in await all_of(api.connections()) if one.id == made)


async def followed(api: SyncApi, sandbox: Sandbox, connection: Connection, sync: Sync) -> list[Sync]:
    """A sync looked at every 15 seconds of the server's time until it ends, and a while longer."""
    seen = [sync]
    for _ in range(1000):
        if seen[-1].phase.is_final:
            break
        sandbox.clock.advance(15)
        seen.append(await api.sync(connection, sync.id))
    for seconds in (15, 600):
        sandbox.clock.advance(seconds)
        seen.append(await api.sync(connection, sync.id))
    return seen


def raw(sandbox: Sandbox, kind: str) -> tuple[Any, list[dict[str, Any]]]:
    """The list of connections as the server itself sends it, and its rows."""
    url, key = sandbox.announcement.servers[kind]
    answer = httpx.get(f"{url}/connections", headers={"Authorization": f"Bearer {key}"}, trust_env=False).json()
    return answer, answer if isinstance(answer, list) else answer["results"]


def secrets(sandbox: Sandbox) -> list[str]:
    """Every key and token of the embedded server that is known to a test."""
    told = sandbox.announcement
    return [*(key for _, key in told.servers.values()), *told.connection_tokens]


def at(connection: Connection, name: str) -> Any:
    """What a connection holds under a field's name, as its server wrote it."""
    found = connection.to_json()
    for step in name.split("."):
        found = found[step]
    return found


def other_value(asked: FormField, connection: Connection) -> str | tuple[str, ...]:
    """Another value for a field."""
    if asked.kind == "list":
        ids = {"vehicles": "vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC", "drivers": "drv_01D8ZQFGHVJ858NBF2Q7DV9MNC"}
        return tuple(id for word, id in ids.items() if word in asked.name) or ("1234567", "7654321")
    if asked.kind == "choice":
        return next(word for word in asked.choices if word != at(connection, asked.name))
    return "Changed here"


def changes(api: SyncApi) -> dict[str, Callable[[Connection], Awaitable[Any]]]:
    """What changes something under a capability of its own, by that capability's name."""
    public, question = SecretStr("pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"), PassthroughRequest(path="/reports")
    return {
        "retry": lambda one: api.retry_sync(one, "s1"),
        "cancel": lambda one: api.cancel_sync(one, "s1"),
        "delete_connection": api.delete_connection,
        "resolve_issues": lambda _: api.resolve_issue("i1"),
        "public_tokens": lambda _: api.exchange_public_token(public),
        "links": lambda _: api.create_link(LinkDraft()),
        "links deleted": lambda _: api.delete_link("slk_1"),
        "passthrough": lambda one: api.passthrough(one, question),
        "passthrough raw": lambda one: api.passthrough_raw(one, question),
    }


def sent_writes(api: OpenApi) -> list[str]:
    """What was sent that changes something."""
    assert api.transport.recorder is not None
    return [one.request.method for one in api.transport.recorder if one.request.method != "GET"]


def test_every_kind_is_tried() -> None:
    assert set(DRAFTS) == set(ADD) == set(KINDS)


@kinds
class TestReading:
    """Listing and reading."""

    async def test_the_list_has_what_the_server_has_each_once_and_in_our_words(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind) as api:
            listed = await all_of(api.connections())
            _, rows = raw(fleet, kind)

            assert [one.id for one in listed] == [row["id"] for row in rows]
            assert len({one.id for one in listed}) == len(listed) > 3
            for one in listed:
                assert one.standing in set(Standing) - {Standing.UNKNOWN}
                assert one.name
                if one.last_sync is not None:
                    assert one.last_sync.phase is not Phase.UNKNOWN
            assert any(one.last_sync for one in listed) == api.capabilities.listed_syncs

    async def test_reading_one_brings_what_the_list_has(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind) as api:
            for listed in (await all_of(api.connections()))[:5]:
                if listed.standing is Standing.DELETED:
                    continue
                one = await api.connection(listed)
                assert (one.id, one.name, one.standing) == (listed.id, listed.name, listed.standing)
                if one.last_sync is not None:
                    sync = await api.sync(one, one.last_sync.id)
                    assert (sync.id, sync.phase) == (one.last_sync.id, one.last_sync.phase)
                    assert bool(sync.parts) == api.capabilities.parts

    async def test_what_is_not_there_is_told_as_such(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind) as api:
            one = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            with pytest.raises(ApiError) as caught:
                await api.sync(one, "sync_01D8ZQFGHVJ858NBF2Q7DV9MNC")
            assert caught.value.problem.kind is ProblemKind.NOT_FOUND

            by_token = api.capabilities.connection_tokens
            foreign = (
                {"token": SecretStr("con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4")} if by_token else {"id": "foreign"}
            )
            with pytest.raises(ApiError) as caught:
                await api.connection(one.model_copy(update=foreign))
            assert caught.value.problem.kind is (ProblemKind.FORBIDDEN if by_token else ProblemKind.NOT_FOUND)

    async def test_a_wrong_key_is_told_as_such(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind, key="sk_sandbox_wrong") as api:
            with pytest.raises(ApiError) as caught:
                await all_of(api.connections())

            assert caught.value.problem.kind is ProblemKind.UNAUTHORIZED

    async def test_fields_that_nobody_knows_survive_whatever_they_are_called(self, fleet: Sandbox, kind: str) -> None:
        answer, rows = raw(fleet, kind)
        unknown = {"brand_new": {"deep": [1, 2.5, None, "x"]}, "standing": 5, "title": None, "hindrance": ["x"]}
        doctored = [row | unknown for row in rows]
        body = doctored if isinstance(answer, list) else {"results": doctored}
        with ScriptedServer(Reply(json=body)) as server:
            async with client(fleet, kind, base_url=server.url) as api:
                for one, row in zip(await all_of(api.connections()), doctored, strict=True):
                    shown = one.to_json()
                    assert shown.keys() == row.keys()
                    assert {name: shown[name] for name in unknown} == unknown
                    assert one.standing is not Standing.UNKNOWN

    async def test_what_is_shown_of_a_connection_is_what_the_server_sent_without_its_secrets(
        self, fleet: Sandbox, kind: str
    ) -> None:
        async with client(fleet, kind) as api:
            _, rows = raw(fleet, kind)
            for one, row in zip(await all_of(api.connections()), rows, strict=True):
                assert one.to_json() == redacted(row)
                assert not any(secret in json.dumps(one.to_json()) + repr(one) for secret in secrets(fleet))

    async def test_a_test_of_the_profile_passes_every_step(self, fleet: Sandbox, kind: str) -> None:
        url, key = fleet.announcement.servers[kind]
        found = [step async for step in steps(kind, url, SecretStr(key))]

        assert [(step.name, step.ok) for step in found] == [(name, True) for name in STEPS]

    async def test_closing_twice_is_fine(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind) as api:
            await all_of(api.connections())
            await api.aclose()
            await api.aclose()


@kinds
class TestChanging:
    """Making and changing connections, and the gate."""

    async def test_what_was_made_passed_the_gate_and_is_listed_afterwards(self, sandbox: Sandbox, kind: str) -> None:
        gate = Gate(locked=True, profile="test")
        async with client(sandbox, kind, gate=gate) as api:
            gate.unlock("create_connection")
            made = await api.create_connection(DRAFTS[kind])

            assert gate.unlocked is None
            assert made.id in [one.id for one in await all_of(api.connections())]
            assert "Made here" in (made.name, made.company.name)
            assert made.standing is not Standing.UNKNOWN

    async def test_what_was_changed_is_changed_afterwards(self, sandbox: Sandbox, kind: str) -> None:
        gate = Gate(locked=True, profile="test")
        async with client(sandbox, kind, gate=gate) as api:
            one = await added(api, sandbox, kind)
            for form_field in api.capabilities.edit_fields:
                gate.unlock("update_connection")
                value = other_value(form_field, one)
                changed = await api.update_connection(one, {form_field.name: value})
                for seen in (changed, await api.connection(one)):
                    assert at(seen, form_field.name) == (list(value) if isinstance(value, tuple) else value)
            assert gate.unlocked is None

    async def test_a_locked_gate_refuses_every_write_and_nothing_is_sent(self, sandbox: Sandbox, kind: str) -> None:
        async with client(sandbox, kind, gate=Gate(locked=True, profile="test")) as api:
            one = await added(api, sandbox, kind)
            before = len(await all_of(api.connections()))
            writes: list[Awaitable[Any]] = [api.create_connection(DRAFTS[kind]), api.request_sync(one, SyncRequest())]
            if api.capabilities.edit_fields:
                writes.append(api.update_connection(one, {api.capabilities.edit_fields[0].name: "x"}))
            can = api.capabilities
            writes += [write(one) for name, write in changes(api).items() if getattr(can, name.split(" ")[0])]
            for write in writes:
                with pytest.raises(ApiError) as caught:
                    await write
                assert caught.value.problem.kind is ProblemKind.REFUSED

            assert sent_writes(api) == []
            assert len(await all_of(api.connections())) == before

    async def test_what_is_shown_before_it_is_sent_holds_no_secret_and_sends_nothing(
        self, sandbox: Sandbox, kind: str
    ) -> None:
        async with client(sandbox, kind) as api:
            planned = api.planned_connection(DRAFTS[kind])

            assert planned.method == "POST"
            assert sent_writes(api) == []
            assert not any(secret in repr(planned) for secret in (*secrets(sandbox), "correct horse"))


def denied(api: SyncApi, one: Connection) -> Iterator[Any]:
    """The operations that a kind's capabilities deny."""
    can: Capabilities = api.capabilities
    if not can.create_connection:
        yield api.create_connection(ConnectionDraft(provider="p"))
    if not can.edit_fields:
        yield api.update_connection(one, {"name": "x"})
    for name, write in changes(api).items():
        if not getattr(can, name.split(" ")[0]):
            yield write(one)
    if not can.sync_history:
        yield all_of(api.syncs(one))
    if not can.issues:
        yield all_of(api.issues())
    if not can.providers:
        yield api.providers()


@kinds
class TestCapabilities:
    """What a kind says that it can do."""

    async def test_whatever_is_denied_is_refused_as_not_offered_and_nothing_is_sent(
        self, fleet: Sandbox, kind: str
    ) -> None:
        async with client(fleet, kind) as api:
            one = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            assert api.transport.recorder is not None
            sent = len(list(api.transport.recorder))
            for operation in denied(api, one):
                with pytest.raises(ApiError) as caught:
                    await operation
                assert caught.value.problem.kind is ProblemKind.UNSUPPORTED

            assert len(list(api.transport.recorder)) == sent

    async def test_what_a_sync_cannot_be_asked_for_is_refused_and_nothing_is_sent(
        self, fleet: Sandbox, kind: str
    ) -> None:
        async with client(fleet, kind) as api:
            one = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            asked = [SyncRequest(provider_requests=("something_unheard_of",))]
            if not api.capabilities.sync_window:
                asked += [SyncRequest(days=1), SyncRequest(start_from=START)]
            for request in asked:
                with pytest.raises(ApiError) as caught:
                    await api.request_sync(one, request)
                assert caught.value.problem.kind is ProblemKind.REFUSED

            assert sent_writes(api) == []

    async def test_whatever_can_be_listed_is(self, fleet: Sandbox, kind: str) -> None:
        async with client(fleet, kind) as api:
            one = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            if api.capabilities.sync_history:
                assert all(sync.phase is not Phase.UNKNOWN for sync in await all_of(api.syncs(one)))
            if api.capabilities.issues:
                assert await all_of(api.issues())
            if api.capabilities.providers:
                assert await api.providers()


@kinds
class TestSyncs:
    """Requesting and following."""

    async def test_a_sync_is_followed_to_its_end_and_never_back(self, sandbox: Sandbox, kind: str) -> None:
        async with client(sandbox, kind) as api:
            one = await added(api, sandbox, kind)
            seen = await followed(api, sandbox, one, await api.request_sync(one, SyncRequest()))
            current = await api.connection(one)

            assert list(dict.fromkeys(sync.phase for sync in seen)) == [Phase.WAITING, Phase.RUNNING, Phase.SUCCEEDED]
            assert [sync.phase.is_final for sync in seen] == sorted(sync.phase.is_final for sync in seen)
            assert {sync.id for sync in seen} == {seen[0].id}
            assert seen[-1].completed_at is not None
            assert seen[-1].requested_at == seen[0].requested_at < seen[-1].completed_at
            assert [sync.percent for sync in seen if sync.percent is not None] == sorted(
                sync.percent for sync in seen if sync.percent is not None
            )
            assert current.last_sync is not None
            assert (current.last_sync.id, current.last_sync.phase) == (seen[-1].id, Phase.SUCCEEDED)
            for sync in seen:
                assert bool(sync.parts) == api.capabilities.parts
                assert not any(secret in json.dumps(sync.to_json()) + repr(sync) for secret in secrets(sandbox))

    async def test_a_second_request_names_the_one_that_runs(self, sandbox: Sandbox, kind: str) -> None:
        async with client(sandbox, kind) as api:
            one = await added(api, sandbox, kind)
            first = await api.request_sync(one, SyncRequest())
            for _ in range(3):
                with pytest.raises(SyncConflict) as caught:
                    await api.request_sync(one, SyncRequest())
                assert caught.value.running == first.id
                assert caught.value.problem.status == 409
                assert caught.value.problem.server_words
                sandbox.clock.advance(60)

    async def test_another_client_finds_the_one_that_runs_and_follows_it(self, sandbox: Sandbox, kind: str) -> None:
        async with client(sandbox, kind) as first, client(sandbox, kind) as second:
            one = await added(first, sandbox, kind)
            requested = await first.request_sync(one, SyncRequest())
            sandbox.clock.advance(45)
            with pytest.raises(SyncConflict) as caught:
                await second.request_sync(one, SyncRequest())
            seen = await followed(second, sandbox, one, await second.sync(one, caught.value.running))

            assert seen[-1].id == requested.id
            assert seen[-1].phase is Phase.SUCCEEDED

    async def test_after_the_end_another_one_can_be_requested(self, sandbox: Sandbox, kind: str) -> None:
        async with client(sandbox, kind) as api:
            one = await added(api, sandbox, kind)
            first = (await followed(api, sandbox, one, await api.request_sync(one, SyncRequest())))[-1]
            second = await api.request_sync(one, SyncRequest())

            assert second.id != first.id
            assert (await api.sync(one, first.id)).phase is first.phase


Models = dict[str, list[Phase]]


def by_model(seen: list[Sync]) -> Models:
    """The phases that each part went through, by the model's name."""
    found: Models = {}
    for sync in seen:
        for part in sync.parts:
            phases = found.setdefault(part.name, [])
            if phases[-1:] != [part.phase]:
                phases.append(part.phase)
    return found


class TestStuut:
    """Syncs in parts, each of which goes its own way."""

    async def integration(self, api: SyncApi, sandbox: Sandbox, **fields: Any) -> Connection:
        """A connection that was put into the embedded server."""
        made = sandbox.add_integration(**fields)["id"]
        return next(one for one in await all_of(api.connections()) if one.id == made)

    async def run(self, api: SyncApi, sandbox: Sandbox, one: Connection) -> list[Sync]:
        """A sync from its request to its end."""
        return await followed(api, sandbox, one, await api.request_sync(one, SyncRequest()))

    async def test_a_retry_is_seen_and_its_attempts_rise(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox, models=("customers",), outcomes={"customers": "retry"})
            seen = await self.run(api, sandbox, one)
            attempts = [sync.attempts for sync in seen if sync.attempts is not None]
            retrying = next(sync for sync in seen if sync.phase is Phase.RETRYING)

            assert attempts == sorted(attempts)
            assert (attempts[0], attempts[-1]) == (0, 3)
            assert retrying.status == "pending_retry"
            assert retrying.parts[0].failure_reason
            assert retrying.failure_reason is None
            assert (seen[-1].phase, seen[-1].failure_reason) == (Phase.SUCCEEDED, None)

    async def test_one_model_that_fails_is_named_with_the_servers_reason(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox, outcomes={"invoices": "failed"})
            last = (await self.run(api, sandbox, one))[-1]

            assert (last.phase, last.status) == (Phase.FAILED, "failed")
            assert last.failure_reason is not None
            assert last.failure_reason.startswith("Invoices: ")
            assert [row["id"] for row in last.to_json()] == [part.id for part in last.parts]
            assert sorted(part.phase for part in last.parts) == [Phase.FAILED, Phase.SUCCEEDED, Phase.SUCCEEDED]

    async def test_one_model_that_is_cancelled_makes_the_whole_cancelled(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox, outcomes={"payments": "cancelled"})

            assert (await self.run(api, sandbox, one))[-1].phase is Phase.CANCELLED

    async def test_on_premise_a_sync_is_followed_without_batch_ids(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api, client(sandbox, "stuut") as stranger:
            one = await self.integration(api, sandbox, is_on_premise=True, outcomes={"customers": "retry"})
            requested = await api.request_sync(one, SyncRequest())
            found = (await stranger.connection(one)).last_sync
            seen = await followed(api, sandbox, one, requested)

            assert requested.to_json()[0]["batch_id"] is None
            assert requested.id in [part.id for part in requested.parts]
            assert len(requested.parts) == 3
            assert seen[-1].phase is Phase.SUCCEEDED
            assert {part.inference for part in seen[-1].parts} == {""}
            assert found is not None
            assert found.id == requested.id
            assert {part.id for part in found.parts} == {part.id for part in requested.parts}
            assert {part.inference for part in found.parts} == {BY_TIME}

    async def test_a_model_that_is_switched_off_meanwhile_is_followed_to_its_end(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox)
            requested = await api.request_sync(one, SyncRequest())
            sandbox.clock.advance(90)
            sandbox.switch_model(one.id, "invoices", enabled=False)
            seen = await followed(api, sandbox, one, requested)
            again = await api.request_sync(one, SyncRequest())

            assert all(phases[-1].is_final for phases in by_model(seen).values())
            assert seen[-1].phase in (Phase.SUCCEEDED, Phase.LOST)
            assert len(seen[-1].parts) == 3
            assert [part.name for part in again.parts] == ["Customers", "Payments"]

    async def test_with_every_model_switched_off_nothing_is_started(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox, models=("customers",))
            sandbox.switch_model(one.id, "customers", enabled=False)
            with pytest.raises(ApiError) as caught:
                await api.request_sync(one, SyncRequest())

            assert not isinstance(caught.value, SyncConflict)
            assert caught.value.problem.meaning

    @pytest.mark.parametrize(
        ("fields", "standing"),
        [
            ({"is_sync_disabled": True}, Standing.DISABLED),
            ({"is_running_setup": True}, Standing.SETTING_UP),
            ({"is_authentication_pending": True}, Standing.UNAUTHORISED),
        ],
    )
    async def test_a_hindered_connection_says_why_before_and_after_it_is_asked(
        self, sandbox: Sandbox, fields: dict[str, Any], standing: Standing
    ) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox, **fields)
            with pytest.raises(ApiError) as caught:
                await api.request_sync(one, SyncRequest())

            assert one.standing is standing
            assert next(iter(fields)) in one.hindrance
            assert not isinstance(caught.value, SyncConflict)
            assert caught.value.problem.kind is ProblemKind.CONFLICT
            assert caught.value.problem.detail or caught.value.problem.message
            assert caught.value.problem.meaning == one.hindrance

    async def test_health_that_turns_is_seen(self, sandbox: Sandbox) -> None:
        async with client(sandbox, "stuut") as api:
            one = await self.integration(api, sandbox)
            sandbox.set_health(one.id, healthy=False, status_code="authentication_error", authentication_required=True)
            now = await api.connection(one)

            assert (one.standing, now.standing) == (Standing.CONNECTED, Standing.UNHEALTHY)
            assert now.status == "authentication_error"
            assert now.health is not None
            assert now.health.authentication_required

    async def test_an_end_that_nobody_looked_at_is_lost_once_a_later_run_stands_in_its_place(
        self, sandbox: Sandbox
    ) -> None:
        async with client(sandbox, "stuut") as api:
            one = next(
                one
                for one in await all_of(api.connections())
                if one.standing is Standing.CONNECTED and one.next_sync_at is not None and not one.hindrance
            )
            if one.last_sync is not None and not one.last_sync.phase.is_final:
                sandbox.clock.advance(3600)
            requested = await api.request_sync(one, SyncRequest())
            sandbox.clock.advance(2 * 86_400)
            lost = await api.sync(one, requested.id)

            assert lost.phase is Phase.LOST
            assert {(part.phase, part.note) for part in lost.parts} == {(Phase.LOST, OVERTAKEN)}
            assert [part.id for part in lost.parts] == [part.id for part in requested.parts]
            assert [part.status for part in lost.parts] == [part.status for part in requested.parts]
