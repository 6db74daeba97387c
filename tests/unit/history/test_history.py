"""What is kept comes back as it was, and nothing of one server is told of another."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.api.stuut_support import job, listed, model
from tests.unit.history.bench import AWAY, CONNECTION, PLACE, SYNC, as_recalled, at, issue, kept_in, row, seen, unseen
from tui_app.api.stuut_reading import connection_row, read_connection
from tui_app.history import Place
from tui_app.models.fleet import FleetRow
from tui_app.models.observation import Observation
from tui_app.models.problem import FieldProblem, ProblemKind
from tui_app.models.sync import Phase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def count(path: Path, table: str) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        db.close()


class TestObservations:
    def test_come_back_as_they_were_from_another_start(self, path: Path) -> None:
        looks = [
            seen(0, progress=10),
            seen(2, progress=10.5, issues=[issue().to_json(), {"id": "isu_2"}, "isu_3"]),
            unseen(4, replace(AWAY, fields=(FieldProblem("a.b", "must not be empty"),), retry_after=1.5)),
            seen(
                6, status="completed", progress=100, completedAt="2026-11-22T14:02:05.123456Z", extra={"a": [1, None]}
            ),
        ]
        history = kept_in(path)
        for look in looks:
            history.record(look)
        history.close()
        again = kept_in(path)
        kept = again.observations(CONNECTION, SYNC)
        again.close()
        assert kept == looks
        assert kept[3].sync is not None
        assert kept[3].sync.phase is Phase.SUCCEEDED
        assert kept[3].sync.to_json() == looks[3].sync.to_json()  # type: ignore[union-attr]

    def test_of_a_sync_with_parts_come_back_with_each_part_and_what_the_server_sent(self, path: Path) -> None:
        connection = read_connection(
            connection_row(listed(model("invoices", job("a", "invoices", status="running", attempt=2)))).to_json()
        )
        assert connection.last_sync is not None
        assert connection.last_sync.parts
        look = Observation(connection.id, connection.last_sync.id, at(0), 0.1, connection.last_sync)
        history = kept_in(path)
        history.record(look)
        history.keep_fleet([FleetRow(connection, connection.last_sync, at(0))], at(0))
        assert history.observations(connection.id, connection.last_sync.id) == [look]
        (kept,) = history.fleet().rows
        history.close()
        assert kept.connection == connection.model_copy(update={"recalled_at": at(0)})
        assert kept.connection.to_json() == connection.to_json()

    def test_that_bring_the_same_are_one_row_that_says_until_when(self, path: Path) -> None:
        history = kept_in(path)
        for second in range(50):
            history.record(replace(seen(second), latency=second / 10))
        history.record(seen(50, progress=41))
        first, until, changed = history.observations(CONNECTION, SYNC)
        history.close()
        assert (first.observed_at, first.latency) == (at(0), 0.0)
        assert (until.observed_at, until.latency) == (at(49), 4.9)
        assert until.sync == first.sync
        assert (changed.observed_at, changed.sync.progress) == (at(50), 41)  # type: ignore[union-attr]
        assert count(path, "observation") == 2

    def test_of_two_programs_are_told_in_the_order_of_their_times(self, path: Path) -> None:
        one, other = kept_in(path), kept_in(path)
        for second, progress in enumerate([1, 1, 2, 2, 3, 3]):
            writer = one if second % 2 else other
            writer.record(seen(second, progress=progress))
            writer.flush()
        times = [look.observed_at for look in one.observations(CONNECTION, SYNC)]
        one.close()
        other.close()
        assert times == [at(second) for second in range(6)]
        assert count(path, "observation") == 3  # each went on with the other's row

    def test_that_come_late_and_tell_nothing_new_change_nothing(self, path: Path) -> None:
        history = kept_in(path)
        for second in (0, 10, 5):
            history.record(seen(second))
        assert [look.observed_at for look in history.observations(CONNECTION, SYNC)] == [at(0), at(10)]
        history.close()

    def test_with_half_a_character_are_kept_all_the_same(self, path: Path) -> None:
        history = kept_in(path)
        history.record(seen(0, failureReason="half \ud83d of one"))
        history.record(Observation(CONNECTION, "sync_\udcff", at(0), 0.1, seen(0).sync))  # whose ID no file can hold
        history.record(seen(1))
        assert len(history.observations(CONNECTION, SYNC)) == 2
        history.close()


class TestPastSyncs:
    def test_are_summed_up_with_phases_and_the_gaps_between_steps(self, path: Path) -> None:
        history = kept_in(path)
        history.record(seen(0, status="requested", progress=None))
        for second, progress in ((10, 0), (20, 0), (30, 40), (70, 90)):
            history.record(seen(second, progress=progress))
        history.record(seen(90, status="completed", progress=100, completedAt="2026-11-22T14:03:20.000Z"))
        history.record(seen(0, id="sync_that_goes_on"))
        (past,) = history.syncs_of(CONNECTION)
        history.close()
        assert (past.sync.id, past.sync.phase.value) == (SYNC, "succeeded")
        assert past.duration == timedelta(seconds=200)
        assert [phase for _, phase in past.phases] == [Phase.WAITING, Phase.RUNNING, Phase.SUCCEEDED]
        assert list(past.steps) == [(at(10), 0), (at(30), 40), (at(70), 90), (at(90), 100)]
        assert past.gaps == (40, 20)  # the first change counts from nothing

    def test_have_no_gap_where_nothing_was_seen_or_a_provider_was_waited_for(self, path: Path) -> None:
        history = kept_in(path)
        for second, progress in ((0, 0), (10, 10), (20, 20)):
            history.record(seen(second, progress=progress))
        history.record(unseen(25))
        history.record(seen(100, progress=30))
        history.record(seen(105, progress=30, providerRequests=["historical_files"]))
        history.record(seen(200, progress=40))
        history.record(seen(205, progress=45))
        history.record(seen(206, status="completed", progress=45))
        (past,) = history.syncs_of(CONNECTION)
        history.close()
        assert past.gaps == (10, 5)

    def test_that_were_tried_again_are_told_from_their_latest_run(self, path: Path) -> None:
        history = kept_in(path)
        history.record(seen(10, progress=70))
        history.record(seen(20, status="failed", progress=70))
        assert [each.sync.phase.value for each in history.syncs_of(CONNECTION)] == ["failed"]
        history.record(seen(30, progress=5))
        assert not history.syncs_of(CONNECTION)
        history.record(seen(60, status="failed", progress=20))
        (past,) = history.syncs_of(CONNECTION)
        history.close()
        assert list(past.steps) == [(at(30), 5), (at(60), 20)]
        assert past.ended_at == at(60)  # the server does not say when


class TestTheFleet:
    def test_comes_back_without_tokens_marked_with_when_it_was_seen(self, path: Path) -> None:
        rows = [row(), row(id="conn_2", tags=["north"], options={"a": 1}), replace(row(id="conn_3"), last_sync=None)]
        history = kept_in(path)
        history.keep_fleet(rows, at(5))
        history.close()
        again = kept_in(path)
        fleet = again.fleet()
        again.close()
        assert fleet.seen_at == at(5)
        assert list(fleet.rows) == [as_recalled(known, at(5)) for known in rows]
        assert [known.connection.to_json() for known in fleet.rows] == [
            {name: value for name, value in known.connection.to_json().items() if name != "token"} for known in rows
        ]
        assert all(known.connection.token is None for known in fleet.rows)

    def test_loses_who_is_not_in_the_whole_list_and_keeps_its_order(self, path: Path) -> None:
        history = kept_in(path)
        history.keep_fleet([row(id="a"), row(id="b"), row(id="c")], at(0))
        history.keep_fleet([row(id="c"), row(id="d"), row(id="a")], at(1))
        assert [known.id for known in history.fleet().rows] == ["c", "d", "a"]
        history.keep_fleet([row(id="e")], at(2), whole=False)
        fleet = history.fleet()
        history.close()
        assert [known.id for known in fleet.rows] == ["c", "d", "a", "e"]
        assert fleet.seen_at == at(1)
        assert [known.recalled_at for known in fleet.rows] == [at(1), at(1), at(1), at(2)]

    def test_what_has_not_changed_is_not_written_again(self, path: Path) -> None:
        history = kept_in(path)
        rows = [row(id=f"conn_{number}") for number in range(20)]
        history.keep_fleet(rows, at(0))
        history.flush()
        before = path.with_name("history.db-wal").stat().st_size
        history.keep_fleet([row(id=f"conn_{number}") for number in range(20)], at(30))
        history.flush()
        grown = path.with_name("history.db-wal").stat().st_size - before
        assert history.fleet().seen_at == at(30)
        history.close()
        assert grown < 10_000  # when it was seen, and no connection

    def test_what_was_written_long_ago_is_written_again(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tui_app.history.history.MOST_TOLD", 5)
        history = kept_in(path)
        rows = [row(id=f"conn_{number}") for number in range(20)]
        history.keep_fleet(rows, at(0), whole=False)
        history.flush()
        assert list(history._kept) == [f"conn_{number}" for number in range(15, 20)]
        history.keep_fleet([replace(rows[3], looked_at=at(60)), rows[19]], at(60), whole=False)
        assert [known.looked_at for known in history.fleet().rows] == [at(1)] * 3 + [at(60)] + [at(1)] * 16
        history.close()

    def test_what_came_from_here_is_not_kept_as_if_it_had_been_seen(self, path: Path) -> None:
        history = kept_in(path)
        history.keep_fleet([row()], at(0))
        (recalled,) = history.fleet().rows
        history.keep_fleet([recalled], at(60), whole=False)
        assert history.fleet().rows == (recalled,)
        history.close()


def test_what_is_watched_is_known_until_it_is_watched_no_more(path: Path) -> None:
    history = kept_in(path)
    history.watch("c1", "s1", at(0))
    history.watch("c1", "s2", at(1))
    history.watch("c1", "s1", at(2))
    history.unwatch("c1", "s2")
    history.close()
    again = kept_in(path)
    assert [(each.connection_id, each.sync_id, each.since) for each in again.watching()] == [("c1", "s1", at(0))]
    again.close()


@pytest.mark.parametrize(
    "other",
    [replace(PLACE, profile="theirs"), replace(PLACE, base_url="https://b"), replace(PLACE, kind="stuut")],
    ids=["another profile", "another address", "another kind"],
)
def test_nothing_of_one_server_is_told_of_another(path: Path, other: Place) -> None:
    history = kept_in(path)
    history.record(seen(0, status="completed"))
    history.keep_fleet([row()], at(0))
    history.watch(CONNECTION, SYNC, at(0))
    history.close()
    theirs = kept_in(path, other)
    assert theirs.observations(CONNECTION, SYNC) == []
    assert theirs.syncs_of(CONNECTION) == []
    assert (theirs.fleet().rows, theirs.fleet().seen_at) == ((), None)
    assert theirs.watching() == []
    theirs.keep_fleet([], at(1))
    theirs.close()
    again = kept_in(path)
    assert len(again.fleet().rows) == 1
    again.close()


def test_the_file_is_its_owners_alone(path: Path) -> None:
    path.touch(0o644)
    history = kept_in(path)
    history.record(seen(0))
    history.flush()
    files = sorted(path.parent.iterdir())
    assert {file.name for file in files} == {"history.db", "history.db-wal", "history.db-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    history.close()


def test_in_memory_no_file_is_made(tmp_path: Path) -> None:
    history = kept_in(None)
    history.record(seen(0))
    assert len(history.observations(CONNECTION, SYNC)) == 1
    history.close()
    assert list(tmp_path.iterdir()) == []
    assert history.observations(CONNECTION, SYNC) == []


def test_what_nobody_can_read_any_more_is_passed_over(path: Path) -> None:
    history = kept_in(path)
    for second, progress in enumerate((1, 2, 3)):
        history.record(seen(second, progress=progress))
    history.record(unseen(3))
    history.keep_fleet([row(), row(id="conn_2")], at(0))
    history.close()
    db = sqlite3.connect(path)
    db.execute("UPDATE observation SET sync = '{' WHERE id = 1")
    db.execute('UPDATE observation SET sync = \'{"sent": {}, "ours": {}}\' WHERE id = 2')
    db.execute('UPDATE observation SET problem = \'{"kind": "unheard of", "fields": []}\' WHERE id = 4')
    db.execute("UPDATE fleet SET connection = '[]', issues = '[7]' WHERE connection_id = 'conn_2'")
    db.execute("UPDATE fleet SET issues = '[7]' WHERE connection_id != 'conn_2'")
    db.commit()
    db.close()
    again = kept_in(path)
    assert [look.sync.progress for look in again.observations(CONNECTION, SYNC) if look.sync] == [3]
    assert [known.issues for known in again.fleet().rows] == [()]
    again.close()


def test_a_problem_keeps_its_kind_and_words(path: Path) -> None:
    history = kept_in(path)
    history.record(unseen(0))
    (look,) = history.observations(CONNECTION, SYNC)
    history.close()
    assert look.problem == AWAY
    assert look.problem.kind is ProblemKind.UNREACHABLE
