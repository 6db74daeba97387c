"""Every operation of the client, against the embedded server over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock
from tui_app.api.base import ConnectionQuery, IssueQuery
from tui_app.api.check import STEPS, steps
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.terminal import TerminalApi
from tui_app.api.transport import Transport
from tui_app.models.connection import Backfill, Connection, ConnectionDraft, Standing
from tui_app.models.link import LinkDraft
from tui_app.models.page import Page
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, Sync, SyncRequest
from tui_app.sandbox.server import Sandbox

START = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
Item = TypeVar("Item")


@pytest.fixture(scope="module")
def fleet() -> Iterator[Sandbox]:
    """A server that is only read from. Its time stands still."""
    with Sandbox(seed=1, connections=48, speed=0, start=START, rate_limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A server of this test's own. Its time stands still unless the test moves it."""
    with Sandbox(seed=1, connections=6, speed=0, start=START, rate_limits=False) as sandbox:
        yield sandbox


@asynccontextmanager
async def client(sandbox: Sandbox, *, key: str | None = None, locked: bool = False) -> AsyncIterator[TerminalApi]:
    """A client of a server."""
    api = TerminalApi(
        Transport(
            sandbox.announcement.terminal_url,
            SecretStr(key or sandbox.announcement.api_key),
            gate=Gate(locked=locked, profile="test"),
            clock=FakeClock(),
            budget=400,
            recorder=Recorder(),
        )
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


async def made(api: TerminalApi, **fields: Any) -> Connection:
    """A connection that was just created."""
    credentials = {"username": SecretStr("fleet"), "password": SecretStr("correct horse")}
    return await api.create_connection(ConnectionDraft(provider="sandbox", credentials=credentials, **fields))


class TestConnections:
    """Listing and reading."""

    @pytest.mark.parametrize("limit", [None, 1, 5, 48, 1000])
    async def test_pages_of_any_size_bring_the_same_fleet(self, fleet: Sandbox, limit: int | None) -> None:
        async with client(fleet) as api:
            whole = [one.id for one in await all_of(api.connections())]
            paged = [one.id for one in await all_of(api.connections(ConnectionQuery(limit=limit)))]

            assert paged == whole
            assert len(set(whole)) == 48

    async def test_no_page_is_larger_than_asked_for(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            async for page in api.connections(ConnectionQuery(limit=5)):
                assert len(page.items) <= 5

    async def test_the_order_can_be_turned_round(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            up = [one.id for one in await all_of(api.connections(ConnectionQuery(order="asc", limit=7)))]
            down = [one.id for one in await all_of(api.connections(ConnectionQuery(order="desc", limit=7)))]

            assert up == sorted(up)
            assert down == up[::-1]

    @pytest.mark.parametrize(
        ("filter_of", "fits"),
        [
            (lambda one: {"status": one.status}, lambda one, other: other.status == one.status),
            (lambda one: {"provider": one.provider.code}, lambda one, other: other.provider.code == one.provider.code),
            (lambda one: {"external_id": one.external_id}, lambda one, other: other.external_id == one.external_id),
            (lambda one: {"tag": one.tags[0]}, lambda one, other: one.tags[0] in other.tags),
            (
                lambda one: {"dot_number": one.company.dot_numbers[0]},
                lambda one, other: one.company.dot_numbers[0] in other.company.dot_numbers,
            ),
            (lambda one: {"updated_after": one.updated_at}, lambda one, other: other.updated_at >= one.updated_at),
            (lambda one: {"updated_before": one.updated_at}, lambda one, other: other.updated_at <= one.updated_at),
        ],
        ids=["status", "provider", "externalId", "tag", "dotNumber", "updatedAfter", "updatedBefore"],
    )
    async def test_each_filter_finds_what_fits_and_nothing_else(
        self,
        fleet: Sandbox,
        filter_of: Callable[[Connection], dict[str, Any]],
        fits: Callable[[Connection, Connection], bool],
    ) -> None:
        async with client(fleet) as api:
            whole = await all_of(api.connections())
            one = next(one for one in whole if one.external_id and one.tags and one.company.dot_numbers)
            found = await all_of(api.connections(ConnectionQuery(limit=3, **filter_of(one))))

            assert [other.id for other in found] == [other.id for other in whole if fits(one, other)]
            assert one.id in [other.id for other in found]

    async def test_filters_that_nothing_fits_bring_nothing(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            assert await all_of(api.connections(ConnectionQuery(external_id="nobody", status="connected"))) == []

    async def test_every_status_in_the_fleet_is_known(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            standings = {one.standing for one in await all_of(api.connections())}

            assert Standing.UNKNOWN not in standings
            assert {Standing.CONNECTED, Standing.DISCONNECTED, Standing.ARCHIVED} <= standings

    async def test_reading_a_connection_brings_its_last_sync(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            listed = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            current = await api.connection(listed)
            newest = max(await all_of(api.syncs(listed)), key=lambda sync: sync.requested_at)

            assert current.id == listed.id
            assert current.last_sync is not None
            assert current.last_sync.id == newest.id
            assert current.last_sync.phase is newest.phase

    async def test_a_revoked_token_is_told_as_such(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api)
            assert connection.token is not None
            sandbox.revoke_token(connection.token.get_secret_value())
            with pytest.raises(ApiError) as caught:
                await api.connection(connection)

            assert caught.value.problem.kind is ProblemKind.FORBIDDEN
            assert "token" in caught.value.problem.title

    async def test_a_wrong_key_is_told_as_such(self, fleet: Sandbox) -> None:
        async with client(fleet, key="sk_sandbox_wrong") as api:
            with pytest.raises(ApiError) as caught:
                await all_of(api.connections())

            assert caught.value.problem.kind is ProblemKind.UNAUTHORIZED
            assert api.transport.health.reason == "key refused"


class TestCreation:
    """Making a connection."""

    async def test_what_was_filled_in_is_what_the_server_then_has(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            one = await made(
                api,
                company_name="Prairie Lines",
                dot_numbers=("1234567",),
                external_id="pl-310",
                sync_mode="manual",
                backfill=Backfill(days=7),
                tags=("midwest", "vip"),
            )
            (listed,) = await all_of(api.connections(ConnectionQuery(external_id="pl-310")))

            for seen in (one, listed, await api.connection(one)):
                assert seen.id == one.id
                assert seen.standing is Standing.CONNECTED
                assert seen.provider.code == "sandbox"
                assert (seen.company.name, seen.company.dot_numbers) == ("Prairie Lines", ["1234567"])
                assert (seen.external_id, seen.sync_mode, seen.tags) == ("pl-310", "manual", ["midwest", "vip"])

    async def test_a_missing_credential_is_refused_with_its_field(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            draft = ConnectionDraft(provider="sandbox", credentials={"username": SecretStr("fleet")})
            with pytest.raises(ApiError) as caught:
                await api.create_connection(draft)

            assert caught.value.problem.kind is ProblemKind.INVALID
            assert any("password" in field.path + field.message for field in caught.value.problem.fields)

    async def test_a_locked_profile_makes_none(self, sandbox: Sandbox) -> None:
        async with client(sandbox, locked=True) as api:
            with pytest.raises(ApiError) as caught:
                await made(api, external_id="never")

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert await all_of(api.connections(ConnectionQuery(external_id="never"))) == []


async def followed(api: TerminalApi, sandbox: Sandbox, connection: Connection, sync: Sync) -> list[Sync]:
    """A sync looked at every 15 seconds of the server's time, to its end."""
    seen = [sync]
    for _ in range(1000):
        if seen[-1].phase.is_final:
            return seen
        sandbox.clock.advance(15)
        seen.append(await api.sync(connection, sync.id))
    raise AssertionError("the sync does not end")


class TestSyncs:
    """Requesting and following."""

    @pytest.mark.parametrize(
        "request_of",
        [SyncRequest(), SyncRequest(days=7), SyncRequest(days=0.5), SyncRequest(start_from=START - timedelta(days=3))],
        ids=["nothing asked", "days", "half a day", "start"],
    )
    async def test_the_first_sync_runs_to_its_end(self, sandbox: Sandbox, request_of: SyncRequest) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            seen = await followed(api, sandbox, connection, await api.request_sync(connection, request_of))
            progress = [sync.progress for sync in seen if sync.progress is not None]
            current = await api.connection(connection)

            phases = list(dict.fromkeys(sync.phase for sync in seen))
            assert phases == [Phase.WAITING, Phase.RUNNING, Phase.SUCCEEDED]
            assert progress == sorted(progress)
            assert seen[-1].completed_at is not None
            assert current.last_sync is not None
            assert (current.last_sync.id, current.last_sync.phase) == (seen[-1].id, Phase.SUCCEEDED)

    async def test_the_window_asked_for_is_the_one_that_is_synced(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            sync = await api.request_sync(connection, SyncRequest(days=7))

            assert sync.start_from is not None
            assert abs(sync.start_from - (START - timedelta(days=7))) < timedelta(minutes=1)

    async def test_its_issues_are_whole_and_are_found_in_the_list_of_issues(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            seen = await followed(api, sandbox, connection, await api.request_sync(connection, SyncRequest(days=7)))
            (issue,) = seen[-1].known_issues
            (listed,) = await all_of(api.issues(IssueQuery(connection_id=connection.id)))
            (in_history,) = await all_of(api.syncs(connection))

            assert (listed.id, listed.error.code) == (issue.id, issue.error.code)
            assert listed.connection_id == connection.id
            assert in_history.issues == [issue.id]

    async def test_a_second_request_finds_the_one_that_runs(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            first = await api.request_sync(connection, SyncRequest(days=7))
            with pytest.raises(SyncConflict) as caught:
                await api.request_sync(connection, SyncRequest(days=7))

            assert caught.value.running == first.id
            assert caught.value.problem.status == 409
            assert (await api.sync(connection, caught.value.running)).id == first.id

    async def test_what_the_provider_is_asked_for_is_waited_for(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            request = SyncRequest(days=7, provider_requests=("historical_files",))
            sync = await api.request_sync(connection, request)
            sandbox.clock.advance(60)

            assert (await api.sync(connection, sync.id)).provider_requests == ["historical_files"]

    @pytest.mark.parametrize("limit", [None, 1, 4])
    async def test_the_history_is_listed_by_pages_and_by_status(self, fleet: Sandbox, limit: int | None) -> None:
        async with client(fleet) as api:
            connection = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            whole = await all_of(api.syncs(connection))

            assert [one.id for one in await all_of(api.syncs(connection, limit=limit))] == [one.id for one in whole]
            for status in ("requested", "in_progress", "completed", "failed"):
                found = await all_of(api.syncs(connection, status=status, limit=limit))
                assert [one.id for one in found] == [one.id for one in whole if one.status == status]

    async def test_a_sync_that_is_not_there_is_told_as_such(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            connection = next(one for one in await all_of(api.connections()) if one.standing is Standing.CONNECTED)
            with pytest.raises(ApiError) as caught:
                await api.sync(connection, "sync_01D8ZQFGHVJ858NBF2Q7DV9MNC")

            assert caught.value.problem.kind is ProblemKind.NOT_FOUND

    async def test_a_locked_profile_requests_none(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
        async with client(sandbox, locked=True) as api:
            before = len(await all_of(api.syncs(connection)))
            with pytest.raises(ApiError) as caught:
                await api.request_sync(connection, SyncRequest())

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert len(await all_of(api.syncs(connection))) == before


class TestRetryAndCancel:
    """A sync that runs is cancelled, and what failed is retried."""

    async def test_a_cancelled_sync_ends_as_failed_and_is_retried_to_its_end(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            sync = await api.request_sync(connection, SyncRequest(days=7))
            sandbox.clock.advance(20)
            seen = await followed(api, sandbox, connection, await api.cancel_sync(connection, sync.id))
            assert (seen[-1].id, seen[-1].phase) == (sync.id, Phase.FAILED)
            assert seen[-1].failure_reason
            current = await api.connection(connection)
            assert current.last_sync is not None
            assert current.last_sync.phase is Phase.FAILED

            again = await api.retry_sync(connection, sync.id)
            assert not again.phase.is_final
            assert again.start_from == sync.start_from
            ended = await followed(api, sandbox, connection, again)
            assert ended[-1].phase is Phase.SUCCEEDED

    async def test_what_has_ended_well_is_neither_cancelled_nor_retried(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            seen = await followed(api, sandbox, connection, await api.request_sync(connection, SyncRequest(days=7)))
            for order, title in ((api.cancel_sync, "cancelled"), (api.retry_sync, "retried")):
                with pytest.raises(ApiError) as caught:
                    await order(connection, seen[-1].id)
                assert caught.value.problem.status == 422
                assert title in caught.value.problem.title

    async def test_a_sync_that_is_not_there_is_neither_cancelled_nor_retried(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            for order in (api.cancel_sync, api.retry_sync):
                with pytest.raises(ApiError) as caught:
                    await order(connection, "sync_01D8ZQFGHVJ858NBF2Q7DV9MNC")
                assert caught.value.problem.kind is ProblemKind.NOT_FOUND


class TestChangingAndDeleting:
    """The current connection."""

    async def test_what_was_changed_is_what_the_server_then_has_and_the_rest_stays(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            one = await made(api, company_name="Prairie", dot_numbers=("1234567",), external_id="pl-310", tags=("a",))
            vehicle = "vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC"
            await api.update_connection(one, {"filters.vehicles.excludeIds": (vehicle,)})
            one = await api.connection(one)
            changed = await api.update_connection(
                one, {"company.name": "Prairie Lines", "tags": ("b", "c"), "syncMode": "manual", "externalId": None}
            )

            for seen in (changed, await api.connection(one)):
                assert (seen.company.name, seen.company.dot_numbers) == ("Prairie Lines", ["1234567"])
                assert (seen.tags, seen.sync_mode, seen.external_id or "") == (["b", "c"], "manual", "")
                assert seen.filters is not None
                assert seen.filters["vehicles"]["excludeIds"] == [vehicle]

    @pytest.mark.parametrize(
        ("status", "standing"), [("archived", Standing.ARCHIVED), ("disconnected", Standing.DISCONNECTED)]
    )
    async def test_its_status_is_changed_and_changed_back(
        self, sandbox: Sandbox, status: str, standing: Standing
    ) -> None:
        async with client(sandbox) as api:
            one = await made(api)
            assert (await api.update_connection(one, {"status": status})).standing is standing
            assert (await api.update_connection(one, {"status": "connected"})).standing is Standing.CONNECTED

    async def test_a_deleted_connection_is_on_its_way_out_and_later_gone(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            one = await made(api, external_id="leaving")
            left = await api.delete_connection(one)
            assert left is not None
            assert (left.status, left.standing) == ("pending_deletion", Standing.LEAVING)
            (listed,) = await all_of(api.connections(ConnectionQuery(external_id="leaving")))
            assert listed.standing is Standing.LEAVING


class TestResolving:
    """Issues."""

    async def test_a_resolved_issue_is_listed_as_such(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            await followed(api, sandbox, connection, await api.request_sync(connection, SyncRequest(days=7)))
            query = IssueQuery(connection_id=connection.id)
            (issue,) = await all_of(api.issues(query))
            resolved = await api.resolve_issue(issue.id)

            assert (resolved.id, resolved.is_open, resolved.connection_id) == (issue.id, False, connection.id)
            assert [one.is_open for one in await all_of(api.issues(query))] == [False]

    async def test_an_issue_that_is_not_there_is_told_as_such(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            with pytest.raises(ApiError) as caught:
                await api.resolve_issue("isu_01D8ZQFGHVJ858NBF2Q7DV9MNC")

            assert caught.value.problem.status in (404, 422)


class TestLinksAndTokens:
    """Short links, and what a fleet brings back from them."""

    async def test_a_link_is_made_once_for_one_draft_and_deleted_by_its_id(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            draft = LinkDraft(name="Prairie Lines", provider="sandbox", tags=("midwest",), backfill=Backfill(days=2))
            link, again = await api.create_link(draft), await api.create_link(draft)

            assert (link.replayed, again.replayed, again.id) == (False, True, link.id)
            assert link.url.endswith(link.code)
            assert link.expires_at is not None
            await api.delete_link(link.id)
            with pytest.raises(ApiError) as caught:
                await api.delete_link(link.id)
            assert caught.value.problem.kind is ProblemKind.NOT_FOUND

    async def test_a_public_token_that_nobody_handed_out_is_told_as_such(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            with pytest.raises(ApiError) as caught:
                await api.exchange_public_token(SecretStr("pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"))

            assert caught.value.problem.status == 404
            assert "works once" in caught.value.problem.meaning


class TestPassthrough:
    """Asking the provider."""

    @pytest.mark.parametrize("path", ["/vehicles", "/nowhere/at/all"])
    async def test_both_ways_bring_what_the_provider_answers(self, sandbox: Sandbox, path: str) -> None:
        async with client(sandbox) as api:
            connection = await made(api)
            question = PassthroughRequest(path=path)
            answer, raw = await api.passthrough(connection, question), await api.passthrough_raw(connection, question)

            assert (answer.method, answer.path) == ("GET", path)
            assert raw.ok is answer.ok
            assert raw.status == answer.status_code
            if raw.ok:
                assert raw.content
            else:
                assert raw.refusal is not None
                assert raw.refusal.response == answer.response


class TestTheRest:
    """Issues, providers, time."""

    @pytest.mark.parametrize("limit", [None, 1, 4])
    async def test_issues_are_listed_by_pages_and_filters(self, fleet: Sandbox, limit: int | None) -> None:
        async with client(fleet) as api:
            whole = await all_of(api.issues())
            one = whole[len(whole) // 2]
            assert one.last_reported_at is not None
            cases: list[tuple[dict[str, Any], Callable[[Any], bool]]] = [
                ({}, lambda other: True),
                ({"connection_id": one.connection_id}, lambda other: other.connection_id == one.connection_id),
                ({"status": "ongoing"}, lambda other: other.status == "ongoing"),
                ({"status": "resolved"}, lambda other: other.status == "resolved"),
                ({"error_code": one.error.code}, lambda other: other.error.code == one.error.code),
                (
                    {"last_reported_after": one.last_reported_at},
                    lambda other: other.last_reported_at >= one.last_reported_at,
                ),
                (
                    {"last_reported_before": one.last_reported_at},
                    lambda other: other.last_reported_at <= one.last_reported_at,
                ),
            ]
            for given, fits in cases:
                found = await all_of(api.issues(IssueQuery(limit=limit, **given)))
                assert [other.id for other in found] == [other.id for other in whole if fits(other)], given

    async def test_every_provider_of_the_fleet_is_among_the_providers(self, fleet: Sandbox) -> None:
        async with client(fleet) as api:
            codes = {provider.code for provider in await api.providers()}

            assert {one.provider.code for one in await all_of(api.connections())} <= codes
            assert "sandbox" in codes

    async def test_the_servers_virtual_time_is_followed(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            await api.providers()
            assert abs(api.transport.server_now() - START) <= timedelta(seconds=2)
            sandbox.clock.advance(86_400)
            await api.providers()

            assert abs(api.transport.server_now() - START - timedelta(days=1)) <= timedelta(seconds=2)

    async def test_no_exchange_holds_a_key_or_a_token(self, sandbox: Sandbox) -> None:
        async with client(sandbox) as api:
            connection = await made(api, sync_mode="manual")
            await all_of(api.connections())
            await api.request_sync(connection, SyncRequest())
            assert api.transport.recorder is not None
            kept = repr(list(api.transport.recorder))

            assert "con_tkn_" in kept
            for secret in (sandbox.announcement.api_key, *sandbox.announcement.connection_tokens, "correct horse"):
                assert secret not in kept

    async def test_a_test_of_the_profile_passes_every_step(self, fleet: Sandbox) -> None:
        announced = fleet.announcement
        found = [step async for step in steps("terminal", announced.terminal_url, SecretStr(announced.api_key))]

        assert [(step.name, step.ok) for step in found] == [(name, True) for name in STEPS]
