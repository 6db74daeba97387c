"""What is kept of one server, as one profile opened it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from tui_app.history import encoding
from tui_app.history.encoding import Mask
from tui_app.history.rows import (
    Told,
    add,
    and_token,
    moment,
    observations_in,
    only,
    row_from,
    row_values,
    same,
    stamp,
    syncs_in,
    told,
)
from tui_app.history.store import LIMIT, Store, Write
from tui_app.history.summary import PastSync, summary
from tui_app.models.fleet import FleetRow
from tui_app.models.observation import Observation
from tui_app.models.secrets import redact_text

_AT_ONCE = 25
"""Rows turned into text, or read from it, before the loop that paints gets its turn."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose history it is: a profile's, of one server.

    Attributes:
        profile: The profile's name.
        base_url: Where the server answers.
        kind: Which API it speaks.
    """

    profile: str
    base_url: str
    kind: str


@dataclass(frozen=True, slots=True)
class KeptFleet:
    """A fleet as last seen.

    Attributes:
        rows: Its connections, without their tokens, in the server's order.
        seen_at: When its list was last read to its end, in the server's time; ``None`` where it never was.
    """

    rows: tuple[FleetRow, ...] = ()
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """How far a list of connections was read. Times are the server's.

    Attributes:
        count: How many of them are kept.
        since: From when on changes are not known; ``None``: no reading reached the end.
        cursor: Where a reading that broke off is to go on; ``None``: none did.
        cursor_since: When that one began.
    """

    count: int = 0
    since: datetime | None = None
    cursor: str | None = None
    cursor_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watching:
    """A sync that is followed, and whose end was not seen.

    Attributes:
        connection_id: Whose sync it is.
        sync_id: Which sync.
        since: Since when, in the server's time.
    """

    connection_id: str
    sync_id: str
    since: datetime


MOST_TOLD = 10_000
"""Connections of which it is at hand what the file tells, those written last: of others it is written again."""


class History:
    """What is kept of one server. It may be used from any thread.

    What writes returns at once and never fails: the store's thread does it, and says where it cannot. What reads waits
    for what was written before, and so belongs on a thread; where the file cannot be read, it gives what an empty one
    would.

    Args:
        store: Where it is kept.
        place: Of which server.
        masks: Gives a mask that knows the secrets which are in use now. It is asked for when something is handed over,
            on the caller's thread, so that a secret that is let go of afterwards is masked all the same.
    """

    def __init__(self, store: Store, place: Place, *, masks: Callable[[], Mask] | None = None) -> None:
        self.place = place
        self._store = store
        self._owns = False
        self._masks = masks or (lambda: redact_text)
        self._kept: dict[str, Told] = {}
        self._losses = 0

    @classmethod
    def open(
        cls,
        path: Path | None,
        place: Place,
        *,
        limit: int = LIMIT,
        masks: Callable[[], Mask] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Self:
        """Open a file for one server. Returns at once: the file is opened on a thread of its own.

        Args:
            path: The file, in a folder that exists; ``None`` keeps everything in memory, until it is closed.
            place: Of which server.
            limit: How large the file may become, in bytes.
            masks: As for the class.
            tell: Told, on another thread, what a person should know, e.g. that nothing is kept.
        """
        history = cls(Store(path, limit=limit, tell=tell), place, masks=masks)
        history._owns = True
        return history

    def close(self) -> None:
        """Write what is still to be written. Waits for that, some seconds at the most."""
        if self._owns:
            self._store.close()
        else:
            self.flush()

    def flush(self) -> None:
        """Wait until all that was given is written, or is known not to be."""
        self._store.ask(lambda db: None, otherwise=None)

    # Observations

    def record(self, observation: Observation, *, token: str = "") -> None:
        """Keep an observation. One that brought what the one before brought makes no new row.

        Args:
            observation: What was seen.
            token: The connection's own token, which a careless server may repeat: it is masked.
        """
        mask = and_token(self._masks(), token)

        def prepare() -> Write | None:
            seen = observation
            if encoding.tells(mask, seen.connection_id, seen.sync_id):
                return None
            sync = None if seen.sync is None else encoding.sync_text(seen.sync, mask)
            problem = None if seen.problem is None else encoding.problem_text(seen.problem, mask)
            return lambda db: add(db, self._its_server(db), seen, sync, problem)

        self._store.put(prepare)

    def observations(self, connection_id: str, sync_id: str) -> list[Observation]:
        """What was seen of a sync, oldest first. Of looks in a row that brought the same: the first and the last."""

        def read(db: sqlite3.Connection) -> list[Observation]:
            rows = db.execute(
                "SELECT sync, problem, looks, first_at, first_latency, first_next, first_pace,"
                " last_at, last_latency, last_next, last_pace FROM observation"
                " WHERE server = ? AND connection_id = ? AND sync_id = ? ORDER BY first_at, id",
                (self._server(db), connection_id, sync_id),
            )
            found = [seen for row in rows for seen in observations_in(connection_id, sync_id, row)]
            return sorted(found, key=lambda seen: seen.observed_at)

        return self._store.ask(read, otherwise=[])

    def syncs_of(self, connection_id: str, most: int = 20) -> list[PastSync]:
        """A connection's syncs that were followed to their end, newest first.

        Args:
            connection_id: Whose.
            most: How many syncs to look through, those that were seen last.
        """

        def read(db: sqlite3.Connection) -> list[PastSync]:
            server = self._server(db)
            ids = db.execute(
                "SELECT sync_id FROM observation WHERE server = ? AND connection_id = ?"
                " GROUP BY sync_id ORDER BY max(last_at) DESC LIMIT ?",
                (server, connection_id, most),
            ).fetchall()
            found = (summary(syncs_in(db, server, connection_id, sync_id)) for (sync_id,) in ids)
            return sorted((past for past in found if past), key=lambda past: past.sync.requested_at, reverse=True)

        return self._store.ask(read, otherwise=[])

    # The list of connections

    def listed(self) -> Listed:
        """How far the list was read."""

        def read(db: sqlite3.Connection) -> Listed:
            found = db.execute(
                "SELECT listed, whole_since, cursor, cursor_since FROM server WHERE id = ?", (self._server(db),)
            ).fetchone()
            if found is None:
                return Listed()
            count, since, cursor, began = found
            return Listed(count, _moment_or_none(since), cursor, _moment_or_none(began))

        return self._store.ask(read, otherwise=Listed())

    def keep_page(
        self, rows: Sequence[FleetRow], at: datetime, *, first: int, cursor: str | None, since: datetime
    ) -> None:
        """Keep a page of the list, and where to go on behind it.

        Args:
            rows: Its connections, and what is known of each.
            at: When it came, in the server's time.
            first: The place of its first row in the whole list.
            cursor: The page that is next; ``None`` where there is nothing to go on with.
            since: When the reading began, in the server's time.
        """
        self._keep(rows, at, first)
        where = None if cursor is None or encoding.tells(self._masks(), cursor) else cursor
        self._put(
            lambda db: db.execute(
                "UPDATE server SET cursor = ?, cursor_since = ?, listed = max(listed, ?) WHERE id = ?",
                (where, stamp(since), first + len(rows), self._its_server(db)),
            )
        )

    def keep_end(self, gone: Collection[str], at: datetime, *, count: int, since: datetime) -> None:
        """Keep that the list is known to its end.

        Args:
            gone: The connections that it does not hold any more.
            at: When that was, in the server's time.
            count: How many it holds.
            since: From when on changes of it are not known, in the server's time.
        """
        gone = tuple(gone)
        for connection_id in gone:
            self._kept.pop(connection_id, None)

        def write(db: sqlite3.Connection) -> None:
            server = self._its_server(db)
            db.executemany(
                "DELETE FROM fleet WHERE server = ? AND connection_id = ?", [(server, each) for each in gone]
            )
            db.execute(
                "UPDATE server SET seen_at = ?, whole_since = ?, cursor = NULL, cursor_since = NULL, listed = ?"
                " WHERE id = ?",
                (stamp(at), stamp(since), count, server),
            )

        self._put(write)

    def fleet_after(self, last: str, most: int) -> tuple[list[FleetRow], str | None]:
        """Some of the fleet as last seen, so that none has to wait for all of it.

        Args:
            last: The ID behind which to go on; empty to begin.
            most: How many rows.

        Returns:
            Them, in the server's order among themselves, and behind which to go on; ``None``: that was all.
        """

        def read(db: sqlite3.Connection) -> tuple[list[FleetRow], str | None]:
            server = self._server(db)
            (seen_at,) = db.execute("SELECT seen_at FROM server WHERE id = ?", (server,)).fetchone() or (None,)
            rows = db.execute(
                "SELECT connection_id, place, connection, last_sync, looked_at, issues, max(seen_at, ?) FROM fleet"
                " WHERE server = ? AND connection_id > ? ORDER BY connection_id LIMIT ?",
                (seen_at or 0, server, last, most),
            ).fetchall()
            following = rows[-1][0] if len(rows) == most else None
            found = []
            for number, row in enumerate(sorted(rows, key=lambda row: row[1])):
                found.append(row_from(*row[2:]))
                _give_way(number)
            return [row for row in found if row], following

        nothing: tuple[list[FleetRow], str | None] = ([], None)
        return self._store.ask(read, otherwise=nothing)

    # The fleet

    def keep_fleet(self, rows: Sequence[FleetRow], at: datetime, *, whole: bool = True) -> None:
        """Keep connections as they are known now. Those that are kept so already cost nothing.

        Args:
            rows: Connections, and what is known of each.
            at: When this was seen, in the server's time.
            whole: Whether this is the whole list: then those that are kept and not among them are gone.
        """
        self._keep(rows, at, 0 if whole else None, whole=whole)

    def _keep(self, rows: Sequence[FleetRow], at: datetime, first: int | None, *, whole: bool = False) -> None:
        rows, mask = tuple(rows), self._masks()
        self._store.put(lambda: self._fleet_write(rows, at, first, whole, mask))

    def fleet(self) -> KeptFleet:
        """The fleet as last seen. Each row is marked with when that was."""

        def read(db: sqlite3.Connection) -> KeptFleet:
            server = self._server(db)
            (seen_at,) = db.execute("SELECT seen_at FROM server WHERE id = ?", (server,)).fetchone() or (None,)
            rows = db.execute(
                "SELECT connection, last_sync, looked_at, issues, max(seen_at, ?) FROM fleet"
                " WHERE server = ? ORDER BY place",
                (seen_at or 0, server),
            )
            found = []
            for number, row in enumerate(rows):
                found.append(row_from(*row))
                _give_way(number)
            return KeptFleet(tuple(row for row in found if row), None if seen_at is None else moment(seen_at))

        return self._store.ask(read, otherwise=KeptFleet())

    def _fleet_write(
        self, rows: tuple[FleetRow, ...], at: datetime, first: int | None, whole: bool, mask: Mask
    ) -> Write:
        """Turn what is new into text. What was kept already is told by the objects it was made from."""
        if self._losses != self._store.losses:
            self._losses, self._kept = self._store.losses, {}
        texts = []
        places = {} if first is None else {row.id: place for place, row in enumerate(rows, first)}
        for row in rows:
            if row.connection.recalled_at is not None or encoding.tells(mask, row.id):
                continue  # it came from here, or cannot be kept
            if not same(self._kept.get(row.id), row):
                texts.append(row_values(row, at, mask))
                self._note(row)
                _give_way(len(texts))
        if whole:
            self._kept = {row.id: self._kept[row.id] for row in rows if row.id in self._kept}

        def write(db: sqlite3.Connection) -> None:
            server = self._its_server(db)
            for values in texts:
                db.execute(
                    "INSERT INTO fleet"
                    " (server, connection_id, place, connection, last_sync, looked_at, issues, seen_at)"
                    " VALUES (?, ?, coalesce(?, (SELECT max(place) + 1 FROM fleet WHERE server = ?), 0), ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET connection = excluded.connection, last_sync = excluded.last_sync,"
                    " looked_at = excluded.looked_at, issues = excluded.issues, seen_at = excluded.seen_at",
                    (server, values[0], places.get(str(values[0])), server, *values[1:]),
                )
            if places and not whole:
                moved = [(place, server, each, place) for each, place in places.items()]
                db.executemany(
                    "UPDATE fleet SET place = ? WHERE server = ? AND connection_id = ? AND place != ?", moved
                )
            if whole:
                only(db, server, places)
                db.execute("UPDATE server SET seen_at = ? WHERE id = ?", (stamp(at), server))

        return write

    def _note(self, row: FleetRow) -> None:
        """Note what the file tells of a row from now on."""
        self._kept.pop(row.id, None)
        self._kept[row.id] = told(row)
        if len(self._kept) > MOST_TOLD:
            del self._kept[next(iter(self._kept))]

    # What is watched

    def watch(self, connection_id: str, sync_id: str, since: datetime) -> None:
        """Note that a sync is followed from now on."""
        if encoding.tells(self._masks(), connection_id, sync_id):
            return
        write = "INSERT OR IGNORE INTO watching (server, connection_id, sync_id, since) VALUES (?, ?, ?, ?)"
        self._put(lambda db: db.execute(write, (self._its_server(db), connection_id, sync_id, stamp(since))))

    def unwatch(self, connection_id: str, sync_id: str) -> None:
        """Note that a sync is followed no more: it has ended, it is gone, or nobody wants to."""
        write = "DELETE FROM watching WHERE server = ? AND connection_id = ? AND sync_id = ?"
        self._put(lambda db: db.execute(write, (self._server(db), connection_id, sync_id)))

    def watching(self) -> list[Watching]:
        """The syncs that are followed, the first to be so first."""

        def read(db: sqlite3.Connection) -> list[Watching]:
            rows = db.execute(
                "SELECT connection_id, sync_id, since FROM watching WHERE server = ? ORDER BY since, sync_id",
                (self._server(db),),
            )
            return [Watching(connection_id, sync_id, moment(since)) for connection_id, sync_id, since in rows]

        return self._store.ask(read, otherwise=[])

    def _put(self, write: Write) -> None:
        self._store.put(lambda: write)

    def _server(self, db: sqlite3.Connection) -> int:
        """The number of this server in the file; 0 where nothing is kept of it."""
        which = (self.place.profile, self.place.base_url, self.place.kind)
        find = "SELECT id FROM server WHERE profile = ? AND base_url = ? AND kind = ?"
        found = db.execute(find, which).fetchone()
        return int(found[0]) if found else 0

    def _its_server(self, db: sqlite3.Connection) -> int:
        """The same, for what is written: it gets a number where it has none."""
        if not (server := self._server(db)):
            which = (self.place.profile, self.place.base_url, self.place.kind)
            db.execute("INSERT INTO server (profile, base_url, kind) VALUES (?, ?, ?)", which)
            server = self._server(db)
        return server


def _moment_or_none(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else moment(microseconds)


def _give_way(number: int) -> None:
    if number % _AT_ONCE == 0:
        time.sleep(0.001)
