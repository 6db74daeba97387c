"""Rows stay in order and counted, whatever changes, as if they were sorted and counted anew each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.models.samples import row, sync
from tui_app.models.actor import Actor
from tui_app.models.arranged import Arranged
from tui_app.models.fleet import FleetRow
from tui_app.models.sync import Phase

PHASES = (None, Phase.RUNNING, Phase.FAILED, Phase.SUCCEEDED)
CHANGES = st.tuples(st.integers(0, 60), st.sampled_from(PHASES), st.sampled_from([None, *Actor]), st.booleans())
BASE = [row(id=f"conn_{number}", company={"name": f"Fleet {number % 7}"}) for number in range(61)]


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANGES, max_size=120), st.integers(1, 40))
def test_they_are_as_if_sorted_anew(changes: list[tuple[int, Phase | None, Actor | None, bool]], often: int) -> None:
    arranged, known = Arranged(), dict[str, FleetRow]()
    for step, (number, phase, actor, goes) in enumerate(changes):
        before = known.pop(BASE[number].id, None)
        if goes:
            if before is not None:
                arranged.drop(before)
            continue
        now = replace(BASE[number], last_sync=sync(phase) if phase else None, actor=actor)
        arranged.put(now, before)
        known[now.id] = now
        if step % often == 0:
            assert list(arranged.rows) == sorted(known.values(), key=FleetRow.sort_key)
    assert list(arranged.rows) == sorted(known.values(), key=FleetRow.sort_key)
    assert arranged.states == Counter(each.state for each in known.values())
    assert arranged.fleets == sum(each.actor is Actor.FLEET for each in known.values())


@pytest.mark.parametrize("looked_at_first", [True, False])
def test_a_row_that_stays_where_it_is_changes_no_order(looked_at_first: bool) -> None:
    arranged = Arranged()
    for each in BASE:
        arranged.put(each, None)
    order = arranged.rows if looked_at_first else None
    version = arranged.version
    now = replace(BASE[5], issues=())
    arranged.put(now, BASE[5])
    assert arranged.version == version
    assert any(each is now for each in arranged.rows)
    assert order is None or arranged.rows is order


def test_a_row_whose_words_changed_changes_the_order() -> None:
    arranged = Arranged()
    arranged.put(BASE[0], None)
    version = arranged.version
    arranged.put(row(id=BASE[0].id, company={"name": "Another"}), BASE[0])
    assert arranged.version > version
    assert [each.connection.name for each in arranged.rows] == ["Another"]
