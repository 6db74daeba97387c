"""What a bundle holds of one connection, as files and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tui_app.api.exchanges import Exchange
from tui_app.api.har_reading import exchanges_of
from tui_app.api.recorded import recorded_capabilities
from tui_app.findings.bundle.layout import CONNECTION, ENVIRONMENT, HAR, MOST_LINES, OBSERVATIONS, BundleError
from tui_app.findings.bundle.unpacking import read_object, read_value, unpack
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.profile import Environment, Profile
from tui_app.models.remote import Moment, iso
from tui_app.models.sync import Sync
from tui_app.models.text import safe_text
from tui_app.models.told import read, read_observation, read_row, text_of, told, told_observation, told_row
from tui_app.watch.journal import MOST_ENTRIES, Entry, EntryKind

_MOMENT = TypeAdapter(Moment)
_MOST = 10_000
"""Issues, syncs and journals that are read."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One connection, and what was seen of it, as it was when somebody handed it over.

    Attributes:
        at: When that was, in the server's time.
        profile: The server that it was seen on; it is never asked again.
        base_url: Where that answered.
        environment: What its data is.
        row: What was known of the connection.
        issues: Its issues, as far as they were read.
        syncs: Its syncs, newest first, as far as they were read.
        seen_since: Since when syncs were remembered, where the server keeps no history.
        observations: Every look that was kept, by the sync's ID, oldest first.
        journals: Their journals.
        exchanges: The requests that concern it.
        sync_id: The sync that it is about; empty where it is about the connection.
        gaps: What could not be read, each in a sentence.
        made_by: Which Syncscope recorded it.
    """

    at: datetime
    profile: Profile
    base_url: str
    environment: Environment
    row: FleetRow
    issues: tuple[Issue, ...] = ()
    syncs: tuple[Sync, ...] = ()
    seen_since: datetime | None = None
    observations: Mapping[str, Sequence[Observation]] | None = None
    journals: Mapping[str, Sequence[Entry]] | None = None
    exchanges: Sequence[Exchange] = ()
    sync_id: str = ""
    gaps: tuple[str, ...] = ()
    made_by: str = ""

    def looks(self, sync_id: str) -> Sequence[Observation]:
        """The looks at a sync, oldest first."""
        return (self.observations or {}).get(sync_id, ())

    def journal(self, sync_id: str) -> Sequence[Entry]:
        """What changed in a sync, oldest first."""
        return (self.journals or {}).get(sync_id, ())


def told_connection(recording: Recording) -> dict[str, Any]:
    """The connection, its issues, its syncs and their journals as plain JSON values, secrets masked."""
    return {
        "recordedAt": iso(recording.at),
        "syncId": recording.sync_id or None,
        "row": told_row(recording.row),
        "issues": [told(issue) for issue in recording.issues],
        "syncs": [told(sync) for sync in recording.syncs],
        "seenSince": iso(recording.seen_since) if recording.seen_since else None,
        "journals": {
            sync_id: [_told_entry(entry) for entry in entries]
            for sync_id, entries in (recording.journals or {}).items()
        },
        "gaps": list(recording.gaps),
    }


def told_looks(recording: Recording) -> list[dict[str, Any]]:
    """Every look as plain JSON values, secrets masked."""
    return [told_observation(seen) for looks in (recording.observations or {}).values() for seen in looks]


def read_recording(data: bytes) -> Recording:
    """Read a bundle, whoever made it.

    Raises:
        BundleError: It is none, or holds what none holds.
    """
    files = unpack(data)
    environment, connection = read_object(files[ENVIRONMENT], ENVIRONMENT), read_object(files[CONNECTION], CONNECTION)
    archive = read_object(files[HAR], HAR)
    name = ENVIRONMENT
    try:
        profile, base_url, word = _server(environment)
        recorded_capabilities(profile.kind)
        name = CONNECTION
        row = read_row(connection.get("row"))
        sync_id = connection.get("syncId")
        recording = Recording(
            at=_MOMENT.validate_python(connection.get("recordedAt")),
            profile=profile,
            base_url=base_url,
            environment=word,
            row=row,
            issues=tuple(read(Issue, issue) for issue in _some(connection.get("issues"))),
            syncs=tuple(read(Sync, sync) for sync in _some(connection.get("syncs"))),
            seen_since=_optional(connection.get("seenSince")),
            journals=_journals(connection.get("journals")),
            sync_id=text_of(connection, "syncId") if sync_id is not None else "",
            gaps=tuple(str(gap) for gap in _some(connection.get("gaps"))),
            made_by=text_of(environment, "madeBy"),
        )
        name = OBSERVATIONS
        looks = _looks(files[OBSERVATIONS], row.id)
        name = HAR
        exchanges = exchanges_of(archive)
    except (ValueError, TypeError) as error:
        raise BundleError(f"{name} does not hold what it should: {_why(error)}.") from error
    return replace(recording, observations=looks, exchanges=exchanges)


def _server(environment: Mapping[str, Any]) -> tuple[Profile, str, Environment]:
    server = environment.get("server")
    profile = Profile(name=text_of(server, "profile"), kind=text_of(server, "kind"), read_only=True)
    return profile, text_of(server, "baseUrl"), Environment(text_of(server, "environment"))


def _looks(content: bytes, connection_id: str) -> dict[str, list[Observation]]:
    lines = content.splitlines()
    if len(lines) > MOST_LINES:
        raise ValueError(f"there are more than {MOST_LINES} looks")
    found: dict[str, list[Observation]] = {}
    for line in lines:
        seen = read_observation(read_value(line, OBSERVATIONS))
        if seen.connection_id != connection_id or (seen.sync is not None and seen.sync.id != seen.sync_id):
            raise ValueError("a look is at another connection or sync than it says")
        found.setdefault(seen.sync_id, []).append(seen)
    return found


def _journals(value: Any) -> dict[str, list[Entry]]:
    if not isinstance(value, dict) or len(value) > _MOST:
        raise ValueError("the journals are none")
    return {
        sync_id: [_read_entry(entry) for entry in _some(entries, MOST_ENTRIES)] for sync_id, entries in value.items()
    }


def _told_entry(entry: Entry) -> dict[str, str]:
    return {
        "at": iso(entry.at),
        "kind": entry.kind.value,
        "text": entry.text,
        "before": entry.before,
        "after": entry.after,
    }


def _read_entry(value: Any) -> Entry:
    if not isinstance(value, dict):
        raise ValueError("an entry of a journal is none")
    texts = (text_of(value, name) for name in ("text", "before", "after"))
    return Entry(_MOMENT.validate_python(value.get("at")), EntryKind(text_of(value, "kind")), *texts)


def _some(value: Any, most: int = _MOST) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("a list is none, or too long")
    return value


def _optional(value: Any) -> datetime | None:
    return None if value is None else _MOMENT.validate_python(value)


def _why(error: Exception) -> str:
    """What was wrong, without what was read: it may be anything."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return safe_text(f"{place}: {first['msg']}" if place else first["msg"], 200)
    return safe_text(str(error) or "something is missing", 200)


def jsonl(values: Iterable[Any]) -> bytes:
    """Plain JSON values, a line each."""
    return "".join(json.dumps(value, separators=(",", ":")) + "\n" for value in values).encode()


def json_file(value: Any) -> bytes:
    """A plain JSON value as a file that people can read. What is not ASCII is written as its escape."""
    return json.dumps(value, indent=2).encode() + b"\n"
