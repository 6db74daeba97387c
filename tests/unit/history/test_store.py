"""Whatever becomes of the file, who writes neither waits nor fails; and of two who write at once none loses a thing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.history.bench import CONNECTION, PLACE, SYNC, at, kept_in, row, seen
from tui_app.history import History, files, store
from tui_app.history.schema import MIGRATIONS, NewerFile, migrate, version_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is tried again with the next entry."""
    monkeypatch.setattr(store, "RETRY_S", 0.0)


def progress_in(history: History, sync_id: str = SYNC) -> list[object]:
    return [look.sync.progress for look in history.observations(CONNECTION, sync_id) if look.sync]


WRITER = """
import sys
from pathlib import Path
from tests.unit.history.bench import kept_in, seen
history = kept_in(Path(sys.argv[1]))
history.flush()
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    history.record(seen(number, id=sys.argv[2], progress=number))
    if number % 10 == 9:
        history.flush()
        print(number, flush=True)
history.close()
"""


def writer(path: Path, sync_id: str, count: int) -> subprocess.Popen[str]:
    """Another program that writes observations, each with another progress, and says how far it is."""
    command = [sys.executable, "-c", WRITER, str(path), sync_id, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_programs_and_two_threads_at_once_lose_nothing(path: Path) -> None:
    others = [writer(path, f"sync_of_{name}", 300) for name in ("one", "another")]
    histories = [kept_in(path), kept_in(path)]

    def write(history: History, sync_id: str) -> None:
        for number in range(300):
            history.record(seen(number, id=sync_id, progress=number))
            if number % 10 == 9:
                history.flush()

    threads = [
        threading.Thread(target=write, args=(history, f"sync_{place}")) for place, history in enumerate(histories)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.communicate(timeout=60)[0].split()[-1] for other in others] == ["299", "299"]
    for sync_id in ("sync_of_one", "sync_of_another", "sync_0", "sync_1"):
        assert progress_in(histories[0], sync_id) == list(range(300))
    for history in histories:
        history.close()


def test_a_program_that_is_killed_while_it_writes_leaves_a_file_with_all_that_it_had_written(path: Path) -> None:
    killed = writer(path, SYNC, 1_000_000)
    assert killed.stdout is not None
    said = ""
    while said != "199":
        said = killed.stdout.readline().strip()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    told: list[str] = []
    history = kept_in(path, tell=told.append)
    found = progress_in(history)
    assert found == list(range(len(found)))
    assert len(found) >= 200
    history.record(seen(2_000_000))
    assert len(progress_in(history)) == len(found) + 1
    history.close()
    assert told == []


def test_who_writes_does_not_wait_for_another_who_holds_the_file(path: Path) -> None:
    history = kept_in(path)
    history.record(seen(0, progress=1))
    history.flush()
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    done = threading.Event()

    def write() -> None:
        for number in range(2, 50):
            history.record(seen(number, progress=number))
        done.set()

    threading.Thread(target=write).start()
    assert done.wait(2.0)  # a fraction of what the holder may take
    holder.execute("ROLLBACK")
    holder.close()
    assert progress_in(history) == list(range(1, 50))
    history.close()


class TestABrokenFile:
    def test_is_kept_aside_and_a_new_one_is_begun(self, path: Path) -> None:
        path.write_bytes(b"this is no history" * 100)
        path.with_name("history.db.broken-1").write_bytes(b"an earlier one")
        told: list[str] = []
        history = kept_in(path, tell=told.append)
        history.record(seen(0, progress=7))
        assert progress_in(history) == [7]
        history.close()
        assert path.with_name("history.db.broken-2").read_bytes() == b"this is no history" * 100
        assert path.with_name("history.db.broken-1").read_bytes() == b"an earlier one"
        assert told == [f"history.db could not be read; it is kept as {path}.broken-2, and a new one is begun."]

    def test_that_turns_out_to_be_so_while_it_is_used_is_kept_aside_too(self, path: Path) -> None:
        told: list[str] = []
        history = kept_in(path)
        for number in range(300):
            history.record(seen(number, progress=number))
        history.keep_fleet([row()], at(0))
        history.close()
        whole = path.read_bytes()
        path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))  # the first pages, with the tables' names, stay
        again = kept_in(path, tell=told.append)
        again.keep_fleet([row()], at(1))
        assert progress_in(again) == []
        again.record(seen(0, progress=7))
        again.keep_fleet([row()], at(2))
        assert progress_in(again) == [7]
        assert len(again.fleet().rows) == 1
        again.close()
        assert len(told) == 1
        assert path.with_name("history.db.broken-1").stat().st_size == len(whole)

    def test_that_another_program_has_set_aside_is_not_set_aside_again(self, path: Path) -> None:
        one = kept_in(path)
        one.record(seen(0))
        one.flush()
        aside = path.with_name("history.db.broken-1")
        path.rename(aside)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
        other = kept_in(path)
        other.record(seen(0, progress=8))
        other.flush()
        one._store.put(lambda: broken)
        one.record(seen(1, progress=9))
        assert progress_in(one) == [8, 9]
        one.close()
        other.close()
        assert not path.with_name("history.db.broken-2").exists()


def broken(db: sqlite3.Connection) -> None:
    """Fail, once, as a write into a broken file does."""
    if db.execute("SELECT count(*) FROM observation WHERE sync LIKE '%\"progress\":8,%'").fetchone()[0] == 0:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def test_a_file_of_a_newer_version_is_left_as_it_is_and_told_of(path: Path) -> None:
    history = kept_in(path)
    history.record(seen(0))
    history.close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    before = path.read_bytes()
    told: list[str] = []
    older = kept_in(path, tell=told.append)
    older.record(seen(1, progress=99))
    older.keep_fleet([row()], at(1))
    assert progress_in(older) == []
    assert older.fleet().rows == ()
    older.close()
    assert path.read_bytes() == before
    (words,) = told
    assert "was written by a newer Syncscope" in words
    assert "is left as it is" in words


@pytest.mark.usefixtures("at_once")
class TestAPlaceThatCannotBeWritten:
    def test_is_told_of_once_and_breaks_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        told: list[str] = []
        history = kept_in(tmp_path / "file" / "history.db", tell=told.append)
        for number in range(5):
            history.record(seen(number, progress=number))
            history.flush()
        assert progress_in(history) == []
        history.close()
        (words,) = told
        assert words.startswith(f"{tmp_path / 'file' / 'history.db'} cannot be used: Not a directory.")
        assert "What is seen now is not kept" in words

    def test_is_written_once_it_can_be(self, tmp_path: Path) -> None:
        told: list[str] = []
        history = kept_in(tmp_path / "later" / "history.db", tell=told.append)
        history.record(seen(0, progress=1))
        history.flush()
        (tmp_path / "later").mkdir()
        history.record(seen(1, progress=2))
        assert progress_in(history) == [1, 2]
        history.close()
        assert len(told) == 2
        assert told[1].endswith("can be used again: what is seen is kept.")

    def test_a_file_that_may_only_be_read_is_read(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        kept_in_before(path)
        told: list[str] = []
        opened = files.open_file

        def read_only(path: Path | None) -> sqlite3.Connection:
            db = opened(path)
            db.execute("PRAGMA query_only = ON")
            return db

        monkeypatch.setattr("tui_app.history.store.open_file", read_only)
        history = kept_in(path, tell=told.append)
        history.record(seen(1, progress=2))
        assert progress_in(history) == [1]
        history.close()
        assert len(told) == 1
        assert "attempt to write a readonly database" in told[0]

    def test_a_full_disk_loses_nothing_that_fits_later(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[str] = []
        pages = [30]
        opened = files.open_file

        def small(path: Path | None) -> sqlite3.Connection:
            db = opened(path)
            db.execute(f"PRAGMA max_page_count = {pages[0]}").fetchone()
            return db

        monkeypatch.setattr("tui_app.history.store.open_file", small)
        history = kept_in(path, tell=told.append)
        for number in range(200):
            history.record(seen(number, progress=number, words="x" * 1000))
            if number % 20 == 0:
                history.flush()
        assert 0 < len(progress_in(history)) < 200
        (words,) = told
        assert "database or disk is full" in words
        pages[0] = 10_000
        history._store.ask(lambda db: db.execute(f"PRAGMA max_page_count = {pages[0]}").fetchone(), otherwise=None)
        history.record(seen(200, progress=200))
        assert progress_in(history) == list(range(201))
        history.close()
        assert len(told) == 2

    def test_what_waits_is_bounded_and_the_oldest_goes_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "MOST_WAITING", 10)
        history = kept_in(tmp_path / "later" / "history.db")
        for number in range(50):
            history.record(seen(number, progress=number))
        history.flush()
        (tmp_path / "later").mkdir()
        history.record(seen(50, progress=50))
        assert progress_in(history) == list(range(40, 51))
        history.close()


def kept_in_before(path: Path) -> None:
    history = kept_in(path)
    history.record(seen(0, progress=1))
    history.close()


class TestTheBound:
    def test_lets_the_oldest_go_in_small_steps(self, path: Path) -> None:
        limit = 600_000
        history = kept_in(path, limit=limit)
        history.keep_fleet([row()], at(0))
        for number in range(2000):
            history.record(seen(number, progress=number, words="x" * 200))
            if number % 50 == 0:
                history.flush()
        for _ in range(10):
            history.flush()
        found = progress_in(history)
        fleet = history.fleet().rows
        history.close()
        assert found == list(range(2000 - len(found), 2000))
        assert 200 < len(found) < 1000
        assert path.stat().st_size < limit * 1.1
        assert len(fleet) == 1

    def test_that_the_fleet_alone_exceeds_takes_nothing_of_it(self, path: Path) -> None:
        history = kept_in(path, limit=1000)
        history.keep_fleet([row(id=f"conn_{number}") for number in range(50)], at(0))
        history.record(seen(0))
        history.flush()
        assert progress_in(history) == []
        assert len(history.fleet().rows) == 50
        history.close()


class TestMigrations:
    LATER = (*MIGRATIONS, ("ALTER TABLE observation ADD COLUMN note TEXT", "UPDATE observation SET note = 'kept'"))

    @pytest.mark.parametrize("version", range(len(MIGRATIONS)))
    def test_a_file_of_each_earlier_version_becomes_one_of_this(self, path: Path, version: int) -> None:
        db = sqlite3.connect(path, isolation_level=None)
        migrate(db, MIGRATIONS[:version])
        assert version_of(db) == version
        db.close()
        kept_in_before(path)
        db = sqlite3.connect(path)
        assert version_of(db) == len(MIGRATIONS)
        db.close()
        history = kept_in(path)
        assert progress_in(history) == [1]
        history.close()

    def test_a_file_of_this_version_becomes_one_of_the_next_with_all_that_is_in_it(self, path: Path) -> None:
        kept_in_before(path)
        db = sqlite3.connect(path, isolation_level=None)
        migrate(db, self.LATER)
        migrate(db, self.LATER)
        assert version_of(db) == len(MIGRATIONS) + 1
        assert db.execute("SELECT note FROM observation").fetchall() == [("kept",)]
        with pytest.raises(NewerFile):
            migrate(db)
        db.close()

    def test_one_that_fails_leaves_the_file_as_it_was(self, path: Path) -> None:
        kept_in_before(path)
        db = sqlite3.connect(path, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError):
            migrate(db, (*self.LATER, ("SELECT nonsense FROM nowhere",)))
        assert version_of(db) == len(MIGRATIONS)
        assert "note" not in [column[1] for column in db.execute("PRAGMA table_info(observation)")]
        db.close()


@pytest.mark.parametrize(
    "read",
    [
        lambda history: history.observations(CONNECTION, SYNC),
        lambda history: history.syncs_of(CONNECTION),
        lambda history: list(history.fleet().rows),
        lambda history: history.watching(),
    ],
    ids=["observations", "past syncs", "the fleet", "what is watched"],
)
def test_after_the_end_there_is_nothing_and_nobody_waits(path: Path, read: Callable[[History], list[object]]) -> None:
    history = History.open(path, PLACE)
    history.record(seen(0))
    history.close()
    history.record(seen(1))
    history.close()
    assert read(history) == []
