"""What servers that sync model by model add: parts, models, a name of its own, and the JSON that it was made from."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.models.samples import CONNECTION, SYNC, TOKEN, connection, model, part, sync, sync_of
from tui_app.api.terminal_reading import read_connection, read_sync
from tui_app.models.connection import Connection, Standing
from tui_app.models.sync import Phase, Sync

_phases = st.lists(st.sampled_from(Phase), min_size=1, max_size=60)


def made_of(phases: list[Phase]) -> Sync:
    return sync_of(*(part(f"m{number}", phase) for number, phase in enumerate(phases)))


class TestParts:
    @pytest.mark.parametrize("phase", list(Phase))
    def test_a_part_has_ended_where_its_phase_is_final(self, phase: Phase) -> None:
        assert made_of([phase, Phase.RUNNING]).parts_ended == (1 if phase.is_final else 0)

    @given(_phases)
    def test_percent_counts_the_parts_that_ended_and_is_100_once_all_have(self, phases: list[Phase]) -> None:
        made = made_of(phases)
        if made.phase is Phase.LOST:
            assert made.percent is None  # nobody saw how it ended
            return
        assert made.percent is not None
        assert 0 <= made.percent <= 100
        assert (made.percent == 100) is (made.parts_ended == len(phases)) is made.phase.is_final

    @given(_phases, st.data())
    def test_one_more_end_never_lessens_the_percent(self, phases: list[Phase], data: st.DataObject) -> None:
        which = data.draw(st.integers(0, len(phases) - 1))
        before, after = made_of(phases).percent, made_of([*phases[:which], Phase.FAILED, *phases[which + 1 :]]).percent
        assert after is not None
        assert (before or 0) <= after

    @pytest.mark.parametrize("progress", [0, 12.5, 100])
    def test_the_servers_own_percent_goes_before_what_is_counted(self, progress: float) -> None:
        assert sync_of(part(), part("payments", Phase.SUCCEEDED), progress=progress).percent == progress

    def test_without_a_percent_and_without_parts_nobody_knows_how_far_it_is(self) -> None:
        assert sync(progress=None).percent is None
        assert (sync(progress=None).parts, sync(progress=None).parts_ended) == ((), 0)


class TestConnection:
    def test_what_it_is_called_itself_goes_before_its_company(self) -> None:
        assert connection(title="Main ledger").name == "Main ledger"

    @pytest.mark.parametrize("title", [None, ""])
    def test_without_a_name_of_its_own_it_is_called_after_its_company(self, title: str | None) -> None:
        assert connection(title=title).name == "Frank's Trucking"

    @given(st.lists(st.none() | st.integers(-10, 10_000)))
    def test_its_next_sync_is_the_earliest_of_its_models(self, minutes: list[int | None]) -> None:
        times = [None if each is None else START + timedelta(minutes=each) for each in minutes]
        made = connection(models=tuple(model(f"m{i}", next_sync_at=each) for i, each in enumerate(times)))
        known = [each for each in times if each is not None]
        assert made.next_sync_at == (min(known) if known else None)


class TestSource:
    """`to_json` where an object was made from JSON whose names are not its own."""

    @pytest.mark.parametrize("kind", [Connection, Sync])
    def test_what_was_sent_is_written_rather_than_what_was_made_of_it(self, kind: type[Connection | Sync]) -> None:
        sent = {"id": "c1", "is_running_setup": True, "models": [{"name": "invoices", "last_sync": None}]}
        made = kind(id="c1", status="any", requested_at=START, source=sent)
        assert made.to_json() == sent

    def test_a_list_may_be_what_it_was_made_from(self) -> None:
        assert sync_of(part(), source=[{"id": "job_1"}, {"id": "job_2"}]).to_json() == [
            {"id": "job_1"},
            {"id": "job_2"},
        ]

    def test_secrets_in_it_are_masked_by_their_name_and_by_their_shape(self) -> None:
        sent = {"refresh_token": "hunter2", "error": f"with {TOKEN}", "deep": [{"credentials": {"user": "frank"}}]}
        made = connection(source=sent)
        assert made.to_json() == {
            "refresh_token": "••••••••",
            "error": "with con_tkn_22vU••••••••",
            "deep": [{"credentials": {"user": "••••••••"}}],
        }
        assert sent["refresh_token"] == "hunter2"

    def test_it_shows_nowhere_else(self) -> None:
        made = sync_of(part(), source=[{"password": "hunter2"}])
        for shown in (repr(made), str(made), made.model_dump_json(), json.dumps(made.model_dump(mode="json"))):
            assert "hunter2" not in shown

    def test_a_source_that_is_empty_is_still_what_was_sent(self) -> None:
        assert sync_of(part(), source=[]).to_json() == []


# Names that are ours in our models; under each of them a server sends something that we would not.
OF_SYNC: dict[str, Any] = {"parts": ["a"], "phase": "failed", "until": "noon", "source": {"a": 1}, "percent": 3}
OF_CONNECTION: dict[str, Any] = {
    "title": "Not its name",
    "health": {"healthy": False},
    "models": [{"id": "m"}],
    "hindrance": "a stone",
    "particulars": [["a", "b"]],
    "standing": "deleted",
    "source": {"b": 2},
}


class TestOurOwnNames:
    """What a server sends under a name that is ours is a field that nobody knows, and stays what it is."""

    def test_no_field_of_a_sync_is_taken_for_ours(self) -> None:
        read = read_sync(SYNC | OF_SYNC)
        assert (read.phase, read.parts, read.until, read.source) == (Phase.RUNNING, (), None, None)
        assert read.to_json() == SYNC | OF_SYNC

    def test_no_field_of_a_connection_is_taken_for_ours(self) -> None:
        plain = {name: value for name, value in CONNECTION.items() if name != "token"}
        read = read_connection(plain | OF_CONNECTION)
        assert (read.standing, read.title, read.health) == (Standing.CONNECTED, None, None)
        assert (read.models, read.hindrance, read.particulars, read.source) == ((), "", (), None)
        assert read.name == "Frank's Trucking"
        assert read.to_json() == plain | OF_CONNECTION

    def test_no_field_of_a_sync_that_came_with_its_connection_is_taken_for_ours(self) -> None:
        read = read_connection(CONNECTION | {"lastSync": SYNC | OF_SYNC})
        assert read.last_sync is not None
        assert (read.last_sync.phase, read.last_sync.parts, read.last_sync.source) == (Phase.RUNNING, (), None)
        assert read.to_json()["lastSync"] == SYNC | OF_SYNC

    def test_a_secret_under_such_a_name_is_masked_all_the_same(self) -> None:
        read = read_sync(SYNC | {"source": {"token": TOKEN}, "parts": TOKEN})
        for shown in (json.dumps(read.to_json()), repr(read)):
            assert TOKEN not in shown
