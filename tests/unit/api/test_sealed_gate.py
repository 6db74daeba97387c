"""A sealed gate: whatever is unlocked, confirmed or taken back, nothing passes any more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.api.test_bulk_gate import passes
from tui_app.api.errors import ApiError
from tui_app.api.gate import SEALED, Gate

ACTIONS = ("request_sync", "create_connection", "delete_connection")
TARGETS = ("a", "b")

_steps = st.one_of(
    st.tuples(st.just("unlock"), st.sampled_from(ACTIONS)),
    st.tuples(st.just("unlock_each"), st.sampled_from(ACTIONS)),
    st.tuples(st.sampled_from(("relock", "relock_each")), st.just("")),
)


def do(gate: Gate, step: str, action: str) -> None:
    """Do to a gate what a person can have done to it."""
    if step == "unlock":
        gate.unlock(action)
    elif step == "unlock_each":
        gate.unlock_each(action, TARGETS)
    elif step == "relock":
        gate.relock()
    else:
        gate.relock_each()


@given(locked=st.booleans(), before=st.lists(_steps), after=st.lists(_steps))
def test_nothing_passes_whatever_was_unlocked_before_and_is_after(
    locked: bool, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    gate = Gate(locked=locked, profile="acme")
    for step in before:
        do(gate, *step)
    gate.seal()
    for step in [("", ""), *after]:
        if step[0]:
            do(gate, *step)
        assert not any(gate.allows(action) for action in ACTIONS)
        assert not any(passes(gate, action, target) for action in ACTIONS for target in (None, *TARGETS))
        assert gate.words == "read-only"


def test_the_refusal_does_not_tell_to_unlock_what_cannot_be_unlocked() -> None:
    gate = Gate(locked=False, profile="acme")
    gate.seal()
    with pytest.raises(ApiError) as refused:
        gate.admit("request_sync")
    assert refused.value.problem.meaning == SEALED
    assert "nlock" not in f"{refused.value.problem.title} {refused.value.problem.next_step}"


def test_who_shows_the_lock_hears_of_it() -> None:
    heard: list[str] = []
    gate = Gate(locked=False, profile="acme", on_change=lambda: heard.append(gate.words))
    gate.seal()
    assert heard == ["read-only"]
