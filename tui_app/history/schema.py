"""The tables, and how a file of an earlier version becomes one of this."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

# One entry for each version that there was, never changed afterwards: a file says how many of them it has seen.
# Times are microseconds since 1970 in UTC, as the server told the time.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Which server: its connections are in no other's list, and a profile's history is not another profile's.
        """CREATE TABLE server (
            id INTEGER PRIMARY KEY,
            profile TEXT NOT NULL,
            base_url TEXT NOT NULL,
            kind TEXT NOT NULL,
            seen_at INTEGER,
            UNIQUE (profile, base_url, kind)
        )""",
        # One row for as many looks in a row as brought the same: the first of them and the last.
        """CREATE TABLE observation (
            id INTEGER PRIMARY KEY,
            server INTEGER NOT NULL REFERENCES server (id),
            connection_id TEXT NOT NULL,
            sync_id TEXT NOT NULL,
            sync TEXT,
            problem TEXT,
            looks INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            first_latency REAL NOT NULL,
            first_next REAL,
            first_pace TEXT NOT NULL,
            last_at INTEGER NOT NULL,
            last_latency REAL NOT NULL,
            last_next REAL,
            last_pace TEXT NOT NULL
        )""",
        "CREATE INDEX observation_of_sync ON observation (server, connection_id, sync_id, last_at)",
        "CREATE INDEX observation_by_age ON observation (last_at)",
        """CREATE TABLE fleet (
            server INTEGER NOT NULL REFERENCES server (id),
            connection_id TEXT NOT NULL,
            place INTEGER NOT NULL,
            connection TEXT NOT NULL,
            last_sync TEXT,
            looked_at INTEGER,
            issues TEXT,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (server, connection_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE watching (
            server INTEGER NOT NULL REFERENCES server (id),
            connection_id TEXT NOT NULL,
            sync_id TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (server, connection_id, sync_id)
        ) WITHOUT ROWID""",
    ),
    (
        # How far a list is read: when its last whole reading began, and from where to go on with one that broke off.
        "ALTER TABLE server ADD COLUMN whole_since INTEGER",
        "ALTER TABLE server ADD COLUMN cursor TEXT",
        "ALTER TABLE server ADD COLUMN cursor_since INTEGER",
        "ALTER TABLE server ADD COLUMN listed INTEGER NOT NULL DEFAULT 0",
    ),
)


class NewerFile(Exception):
    """The file was written by a later version, and says nothing that this one could rely on."""


def migrate(db: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a file to this version, as one step: what fails leaves it as it was.

    Args:
        db: The open file, in no transaction.
        migrations: The statements of each version.

    Raises:
        NewerFile: It is of a later version. Nothing was changed.
        sqlite3.Error: It cannot be read or written.
    """
    if version_of(db) == len(migrations):  # the rule: nobody is kept waiting by a lock
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(db)  # under the lock: another may just have done it
        if version > len(migrations):
            raise NewerFile(f"version {version}; this one knows {len(migrations)}")
        for statements in migrations[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(migrations)}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def version_of(db: sqlite3.Connection) -> int:
    """Which version a file is of; 0 for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])
