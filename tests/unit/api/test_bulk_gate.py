"""An unlock for a bulk action: so many requests of one action on these targets, and not one more."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import FakeClock
from tests.servers import Reply, ScriptedServer
from tui_app.api.errors import ApiError
from tui_app.api.gate import Gate
from tui_app.api.transport import Transport


def locked() -> Gate:
    return Gate(locked=True, profile="acme")


def passes(gate: Gate, action: str, target: str | None = None) -> bool:
    try:
        if target is None:
            gate.admit(action)
        else:
            with gate.acting_on(target):
                gate.admit(action)
    except ApiError:
        return False
    return True


class TestWhatPasses:
    def test_each_target_passes_once(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a", "b"])
        assert [passes(gate, "request_sync", target) for target in "abab"] == [True, True, False, False]

    def test_no_other_target_passes(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a"])
        assert not passes(gate, "request_sync", "b")
        assert passes(gate, "request_sync", "a")

    def test_no_other_action_passes_on_the_same_target(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a"])
        assert not passes(gate, "delete_connection", "a")
        assert passes(gate, "request_sync", "a")

    def test_nothing_passes_that_is_no_part_of_it(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a"])
        assert not gate.allows("request_sync")
        assert not passes(gate, "request_sync")
        assert passes(gate, "request_sync", "a")

    def test_a_part_of_it_does_not_use_what_was_unlocked_once(self) -> None:
        gate = locked()
        gate.unlock("request_sync")
        assert not passes(gate, "request_sync", "a")
        assert passes(gate, "request_sync")

    def test_what_is_left_can_be_taken_back(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a", "b"])
        assert passes(gate, "request_sync", "a")
        gate.relock_each()
        assert not passes(gate, "request_sync", "b")

    def test_a_second_unlock_replaces_the_first(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a"])
        gate.unlock_each("resolve_issue", ["b"])
        assert not passes(gate, "request_sync", "a")
        assert passes(gate, "resolve_issue", "b")

    async def test_what_another_task_sends_meanwhile_is_no_part_of_it(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a"])
        inside, tried = asyncio.Event(), asyncio.Event()

        async def elsewhere() -> bool:
            await inside.wait()
            passed = passes(gate, "request_sync")
            tried.set()
            return passed

        other = asyncio.create_task(elsewhere())
        with gate.acting_on("a"):
            inside.set()
            await tried.wait()
        assert not await other
        assert passes(gate, "request_sync", "a")

    def test_a_gate_that_is_not_locked_lets_everything_through_and_says_nothing(self) -> None:
        gate = Gate(locked=False, profile="acme")
        gate.unlock_each("request_sync", ["a"])
        assert gate.words == ""
        assert passes(gate, "request_sync", "b")

    @given(
        unlocked=st.frozensets(st.sampled_from("abcdef")),
        sent=st.lists(
            st.tuples(st.sampled_from(["request_sync", "resolve_issue"]), st.sampled_from([*"abcdef", None]))
        ),
    )
    def test_whatever_is_tried_only_what_was_unlocked_passes(
        self, unlocked: frozenset[str], sent: list[tuple[str, str | None]]
    ) -> None:
        gate = locked()
        gate.unlock_each("request_sync", unlocked)
        passed = [(action, target) for action, target in sent if passes(gate, action, target)]
        assert len(passed) == len(set(passed))
        assert {target for _, target in passed} <= unlocked
        assert {action for action, _ in passed} <= {"request_sync"}


class TestWords:
    def test_the_status_bar_says_how_many_of_what_are_left(self) -> None:
        told: list[str] = []
        gate = Gate(locked=True, profile="acme", on_change=lambda: told.append(gate.words))
        gate.unlock_each("request_sync", ["a", "b"])
        passes(gate, "request_sync", "a")
        passes(gate, "request_sync", "b")
        assert told == ["unlocked for 2 × request sync", "unlocked for 1 × request sync", "locked"]

    def test_one_action_unlocked_beside_it_is_said_first(self) -> None:
        gate = locked()
        gate.unlock_each("request_sync", ["a", "b"])
        gate.unlock("delete_connection")
        assert gate.words == "unlocked for delete connection"


async def test_at_the_socket_as_many_arrive_as_were_unlocked() -> None:
    from pydantic import SecretStr

    gate = locked()
    with ScriptedServer(Reply(json={})) as server:
        transport = Transport(server.url, SecretStr("sk_sandbox_x"), gate=gate, clock=FakeClock())
        gate.unlock_each("request_sync", ["a", "b"])
        refused = 0
        for target in ["a", "a", "c", "b", "b"]:
            with gate.acting_on(target):
                try:
                    await transport.write("POST", "/syncs", action="request_sync")
                except ApiError:
                    refused += 1
        with pytest.raises(ApiError):
            await transport.write("POST", "/syncs", action="request_sync")
        await transport.aclose()
        assert (len(server.requests), refused) == (2, 3)
