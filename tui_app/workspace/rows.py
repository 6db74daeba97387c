"""The rows of a fleet: packed, in triage order, counted, and found again by their tokens, which stand in no row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_app.models.arranged import Arranged
from tui_app.models.packed import Packer
from tui_app.models.text import mask
from tui_app.watch.fleet import may_look

if TYPE_CHECKING:
    from tui_app.models.connection import Connection
    from tui_app.models.fleet import FleetRow
    from tui_app.models.sync import Sync


class Rows:
    """Every row that is known, by its connection's ID, in the server's order.

    Args:
        tokens: Whether what concerns one connection is asked for with a token of its own.

    Attributes:
        packer: Packs what the rows hold.
        arranged: All of them in triage order, and how many are in which state.
        recalled: The IDs of those whose connection the server has not described since the start.
        looked_at: The IDs of those whose last sync was looked at since.
    """

    def __init__(self, *, tokens: bool) -> None:
        self.packer = Packer()
        self.arranged = Arranged()
        self.recalled: set[str] = set()
        self.looked_at: set[str] = set()
        self._tokens = tokens
        self._rows: dict[str, FleetRow] = {}
        self._out_of_sight: set[str] = set()  # what has no last sync that can be looked at
        self._marks = bytearray()  # of each token that was seen, and in parallel whose it is
        self._owners: list[str] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[FleetRow]:
        return iter(self._rows.values())

    def __contains__(self, connection_id: str) -> bool:
        return connection_id in self._rows

    def __getitem__(self, connection_id: str) -> FleetRow:
        return self._rows[connection_id]

    def get(self, connection_id: str) -> FleetRow | None:
        """What is known of one connection."""
        return self._rows.get(connection_id)

    @property
    def ids(self) -> set[str]:
        """The IDs of all."""
        return set(self._rows)

    @property
    def to_look_at(self) -> int:
        """How many have a last sync that can be looked at."""
        return len(self._rows) - len(self._out_of_sight)

    def packed(self, connection: Connection) -> Connection:
        """A connection as rows hold it."""
        return self.packer.pack(connection)

    def packed_sync(self, sync: Sync | None) -> Sync | None:
        """A sync as rows hold it."""
        return None if sync is None else self.packer.pack(sync)

    def keep(self, row: FleetRow, *, at_end: bool = False) -> None:
        """Keep a row in place of its earlier version.

        Args:
            row: As it is now.
            at_end: Whether its place in the server's order is the last, even where it is known.
        """
        row = self._whole(row)
        before = self._rows.get(row.id)
        if at_end:
            self._rows.pop(row.id, None)
        self._rows[row.id] = row
        self.arranged.put(row, before)
        if before is None or before.connection is not row.connection:
            self._mark(row.connection, is_new=before is None or before.connection.recalled_at is not None)
        self._count(row)

    def drop(self, connection_id: str) -> None:
        """Let a row go."""
        row = self._rows.pop(connection_id, None)
        if row is not None:
            self.arranged.drop(row)
            for each in (self.recalled, self.looked_at, self._out_of_sight):
                each.discard(connection_id)

    def put_first(self, rows: Iterable[FleetRow]) -> None:
        """Keep rows that are new, before all others in the server's order."""
        others = dict(self._rows) if len(self.recalled) < len(self._rows) else {}
        for connection_id in others:
            del self._rows[connection_id]
        for row in rows:
            self.keep(row)
        self._rows |= others

    def with_token(self, token: str) -> list[FleetRow]:
        """Those that a token opens, given in clear or as its mask."""
        owners = {owner for each in (token, mask(token)) for owner in self._marked(_mark_of(each))}
        rows = (self._rows.get(owner) for owner in sorted(owners))
        return [row for row in rows if row is not None and token in _forms(row.connection)]

    def _whole(self, row: FleetRow) -> FleetRow:
        connection, sync = self.packed(row.connection), self.packed_sync(row.last_sync)
        if connection is row.connection and sync is row.last_sync:
            return row
        return replace(row, connection=connection, last_sync=sync, known=row.haystack)

    def _mark(self, connection: Connection, is_new: bool) -> None:
        """Note whose a token is, in few bytes: by its mask, which few others share, or by itself where all would."""
        forms = _forms(connection)
        mark = _mark_of(forms[-1]) if forms else b""
        if forms and (is_new or connection.id not in self._marked(mark)):
            self._marks += mark
            self._owners.append(connection.id)

    def _marked(self, mark: bytes) -> Iterator[str]:
        found = self._marks.find(mark)
        while found >= 0:
            if found % len(mark) == 0:
                yield self._owners[found // len(mark)]
            found = self._marks.find(mark, found + 1)

    def _count(self, row: FleetRow) -> None:
        connection_id = row.id
        _put(self.recalled, connection_id, row.connection.recalled_at is not None)
        _put(self.looked_at, connection_id, row.looked_at is not None and row.recalled_at is None)
        _put(self._out_of_sight, connection_id, row.looked_at is None and not may_look(row.connection, self._tokens))


def _put(ids: set[str], connection_id: str, there: bool) -> None:
    if there:
        ids.add(connection_id)
    else:
        ids.discard(connection_id)


def _mark_of(text: str) -> bytes:
    return hash(text).to_bytes(8, "big", signed=True)


def _forms(connection: Connection) -> tuple[str, ...]:
    """A connection's token as somebody may paste it: in clear, and masked where that tells it from others."""
    if connection.token is None:
        return ()
    token = connection.token.get_secret_value()
    masked = mask(token)
    return (token, masked) if masked.strip("•") else (token,)
