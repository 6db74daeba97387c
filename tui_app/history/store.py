"""The file, and the one thread that touches it: whoever has something to write neither waits for it nor fails."""

from __future__ import annotations

import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tui_app.history.files import number_of, open_file, set_aside
from tui_app.history.schema import NewerFile

MEGABYTE = 1_000_000
LIMIT = 200 * MEGABYTE
"""How large the file may become, in bytes, where nobody says otherwise."""

RETRY_S = 5.0
"""Seconds until what could not be written is tried again."""

MOST_WAITING = 5_000
"""What can wait for a disk that is full; then the oldest is lost."""

CLOSING_S = 3.0
"""Seconds that closing waits for what is still to be written."""

_AT_ONCE = 200  # writes in one transaction: another Syncscope gets its turn in between
_STEP = 200  # observations that go at one time when the file is too large
_FREE_PAGES = 500  # pages given back at one time

_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Write = Callable[[sqlite3.Connection], object]
Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    read: Callable[[sqlite3.Connection], Any]
    otherwise: Any
    answer: Future[Any]


class Store:
    """A history file. It may be given work from any thread; end it with :meth:`close`.

    Args:
        path: The file; ``None`` keeps everything in memory, as long as the store is open.
        limit: How large the file may become, in bytes. The oldest observations make room.
        tell: Told, on the store's own thread, what a person should know, e.g. that nothing is kept.

    Attributes:
        losses: How often something that was given is not kept after all.
    """

    def __init__(self, path: Path | None, *, limit: int = LIMIT, tell: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.losses = 0
        self._limit = limit
        self._tell = tell or (lambda text: None)
        self._db: sqlite3.Connection | None = None
        self._number: int | None = None
        self._work: queue.SimpleQueue[Callable[[], Write | None] | _Read | None] = queue.SimpleQueue()
        self._unwritten: list[Write] = []
        self._trouble = ""
        self._hopeless = False
        self._retry_at = 0.0
        self._closed = False
        self._ending = threading.Lock()  # nothing is asked for behind the end: nobody would answer it
        # A daemon: where the program ends without closing, it is not held up.
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._thread.start()

    @property
    def where(self) -> str:
        """The file, in words."""
        return str(self.path) if self.path else "memory"

    def put(self, prepare: Callable[[], Write | None]) -> None:
        """Have something written, in its turn. Returns at once.

        Args:
            prepare: Called on the store's thread, outside any transaction: does what takes long, and gives what writes,
                or ``None`` where there is nothing to write. What writes may be called again where that fails.
        """
        with self._ending:
            if not self._closed:
                self._work.put(prepare)

    def ask(self, read: Callable[[sqlite3.Connection], Answer], *, otherwise: Answer) -> Answer:
        """Read something, once all that was given before is written. Waits for the answer.

        Args:
            read: Called on the store's thread.
            otherwise: The answer where the file cannot be read, or is closed.
        """
        asked = _Read(read, otherwise, Future())
        with self._ending:
            if self._closed:
                return otherwise
            self._work.put(asked)
        answer: Answer = asked.answer.result()
        return answer

    def close(self) -> None:
        """Write what is still to be written, and let go of the file. Waits for that, :data:`CLOSING_S` at the most."""
        with self._ending:
            if not self._closed:
                self._closed = True
                self._work.put(None)
        self._thread.join(CLOSING_S)

    # What follows runs on the store's thread.

    def _run(self) -> None:
        going_on = True
        while going_on:
            writes, reads, going_on = self._next()
            if not going_on:
                self._retry_at = 0.0  # one last time
            try:
                self._write(writes)
            except Exception:  # a fault of ours: without these entries it goes on
                logger.exception("%d entries cannot be kept in the history", len(self._unwritten))
                self._unwritten = []
                self.losses += 1
            for each in reads:
                each.answer.set_result(self._read(each))
        if self._unwritten:
            logger.warning("the history ends without %d entries that could not be written", len(self._unwritten))
        self._let_go()

    def _next(self) -> tuple[list[Write], list[_Read], bool]:
        """Wait for work; give what belongs together: some writes, and at their end perhaps a read."""
        writes: list[Write] = []
        wait = max(self._retry_at - time.monotonic(), 0.0) if self._unwritten else None
        while len(writes) < _AT_ONCE:
            try:
                work = self._work.get(timeout=wait)
            except queue.Empty:
                break
            wait = 0.0
            if work is None:
                return writes, [], False
            if isinstance(work, _Read):
                return writes, [work], True
            writes += self._prepared(work)
        return writes, [], True

    def _prepared(self, prepare: Callable[[], Write | None]) -> list[Write]:
        try:
            write = prepare()
        except Exception as error:  # noqa: BLE001 - one entry that cannot be kept takes no other with it
            logger.error("an entry cannot be kept in the history: %s", type(error).__name__)
            return []
        return [] if write is None else [write]

    def _write(self, writes: list[Write]) -> None:
        self._unwritten += writes
        if not self._unwritten or time.monotonic() < self._retry_at:
            self._bound_memory()
            return
        for _ in range(2):  # again once a broken file was set aside
            db = self._opened()
            if db is None:
                break
            try:
                self._carry_out(db, self._unwritten)
            except sqlite3.Error as error:
                if not self._failed(error):
                    break
            else:
                self._unwritten = []
                self._recovered()
                self._bound_file(db)
                return
        self._bound_memory()

    def _carry_out(self, db: sqlite3.Connection, writes: list[Write]) -> None:
        db.execute("BEGIN IMMEDIATE")
        try:
            for write in writes:
                db.execute("SAVEPOINT one")
                try:
                    write(db)
                except (ValueError, OverflowError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.IntegrityError):
                    # What no file can hold, such as half a character: without it, the others are kept.
                    db.execute("ROLLBACK TO one")
                    logger.error("an entry cannot be kept in the history", exc_info=True)
                db.execute("RELEASE one")
            db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some failures have rolled it back already
                db.execute("ROLLBACK")
            raise

    def _read(self, asked: _Read) -> Any:
        for _ in range(2):
            db = self._opened()
            if db is None:
                break
            try:
                return asked.read(db)
            except sqlite3.Error as error:
                if not self._failed(error):
                    break
            except Exception:
                logger.exception("the history could not be read")
                break
        return asked.otherwise

    def _opened(self) -> sqlite3.Connection | None:
        if self._db is None and not self._hopeless and time.monotonic() >= self._retry_at:
            for _ in range(2):
                try:
                    self._db = open_file(self.path)
                    self._number = number_of(self.path)
                    break
                except NewerFile as error:
                    self._hopeless = True
                    self._say(
                        f"{self.where} was written by a newer Syncscope ({error}) and is left as it is. "
                        "What is seen now is not kept."
                    )
                    break
                except (OSError, sqlite3.Error) as error:
                    if not self._failed(error):
                        break
        return self._db

    def _failed(self, error: OSError | sqlite3.Error) -> bool:
        """Take in that the file could not be used; answer whether to try again at once, with a new one."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BROKEN and self.path is not None:
            return self._begin_anew(self.path)
        self._retry_at = time.monotonic() + RETRY_S
        if code not in _BUSY:
            if self._db is not None and code == sqlite3.SQLITE_IOERR:
                self._let_go()
            reason = getattr(error, "strerror", None) or error
            self._say(
                f"{self.where} cannot be used: {reason}. What is seen now is not kept until that is set right; "
                "see who owns the file and its folder, and whether the disk is full."
            )
        return False

    def _begin_anew(self, path: Path) -> bool:
        broken, self._db = self._db, None
        self.losses += 1
        try:
            aside = set_aside(path, broken, self._number)
        except OSError as error:
            self._hopeless = True
            self._say(f"{path} cannot be read, nor set aside: {error.strerror or error}. Nothing is kept.")
            return False
        if aside is not None:
            self._say(f"{path.name} could not be read; it is kept as {aside}, and a new one is begun.", lasting=False)
        return True

    def _recovered(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._tell(f"{self.where} can be used again: what is seen is kept.")

    def _say(self, text: str, *, lasting: bool = True) -> None:
        if text != self._trouble:
            logger.warning("%s", text)
            self._tell(text)
        self._trouble = text if lasting else self._trouble

    def _bound_memory(self) -> None:
        if self._hopeless:
            self._unwritten = []
        elif len(self._unwritten) > MOST_WAITING:
            del self._unwritten[:-MOST_WAITING]
            self.losses += 1

    def _bound_file(self, db: sqlite3.Connection) -> None:
        """Where the file is too large, take one step towards the bound; the next follows in its turn."""
        try:
            if used(db) <= self._limit:
                return
            db.execute("BEGIN IMMEDIATE")
            gone = db.execute(
                "DELETE FROM observation WHERE id IN (SELECT id FROM observation ORDER BY last_at, id LIMIT ?)",
                (_STEP,),
            ).rowcount
            db.execute("COMMIT")
            db.execute(f"PRAGMA incremental_vacuum({_FREE_PAGES})").fetchall()
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            self._failed(error)
            return
        if gone:
            self._work.put(lambda: _nothing)

    def _let_go(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):  # what could not be written cannot be written now
                db.close()


def used(db: sqlite3.Connection) -> int:
    """How many bytes of a file are in use."""
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _nothing(db: sqlite3.Connection) -> None:
    """Write nothing: what follows a write comes about all the same."""
