"""Hands over what is known of a connection or a sync: as a report, or as a bundle that another Syncscope opens."""

from __future__ import annotations

import asyncio
import os
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tui_app import __version__
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Exchange, Redactor
from tui_app.api.har import as_har
from tui_app.api.kinds import KINDS
from tui_app.findings.bundle.layout import CONNECTION, CONTENTS, ENVIRONMENT, HAR, OBSERVATIONS, REPORT
from tui_app.findings.bundle.packing import LeakError, manifest_of, pack
from tui_app.findings.leaks import Leak, find_leaks
from tui_app.findings.report import Incident, JournalLine, RequestLine, report
from tui_app.models.known_secrets import KNOWN
from tui_app.models.remote import iso
from tui_app.models.text import mask
from tui_app.watch.earlier import history_of
from tui_app.watch.stall import stall
from tui_app.workspace.recorded import RecordedWorkspace
from tui_app.workspace.recording import Recording, json_file, jsonl, read_recording, told_connection, told_looks

if TYPE_CHECKING:
    from tui_app.models.connection import Connection
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync
    from tui_app.watch.watch import Watch
    from tui_app.workspace.workspace import Workspace

MOST_EXCHANGES = 200
"""Requests that are handed over, the newest; those that failed count separately."""

MOST_SYNCS = 100

PATIENCE = 15.0
"""Seconds to wait for the first look at a sync that nobody has followed yet."""

_TOO_MANY_EYES = "left out: it is about other connections, too"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A report and the files of a bundle, ready to be looked at and written.

    Attributes:
        report: The report, in Markdown.
        files: The bundle's files by their names, but for its manifest.
        leaks: What the leak check found in them; nothing may be written unless this is empty.
        name: What to call a file of it, without its ending.
        facts: What the manifest says beside the files.
        known: The secrets that are looked for.
        private: What else must not leave this machine: each text with what it is.
    """

    report: str
    files: Mapping[str, bytes] = field(repr=False)
    leaks: tuple[Leak, ...]
    name: str
    facts: Mapping[str, Any]
    known: frozenset[str] = field(repr=False)  # tracebacks print what things look like
    private: Mapping[str, str] = field(repr=False)

    def report_leaks(self) -> tuple[Leak, ...]:
        """What the leak check found in the report alone."""
        return tuple(leak for leak in self.leaks if leak.file == REPORT)

    def checked_report(self) -> bytes:
        """The report as a file.

        Raises:
            LeakError: A secret stands in it.
        """
        if leaks := find_leaks({REPORT: self.report.encode()}, self.known, self.private):
            raise LeakError(leaks)
        return self.report.encode()

    def bundle(self) -> bytes:
        """The bundle.

        Raises:
            LeakError: A secret stands in it.
            BundleError: It is too large.
        """
        data = pack(self.files, self.facts, self.known, self.private)
        read_recording(data)  # as whoever gets it will: what cannot be opened is not written
        return data

    def sizes(self) -> list[tuple[str, int]]:
        """Every file of the bundle with its bytes, the manifest first."""
        manifest = ("manifest.json", len(manifest_of(self.files, self.facts)))
        return [manifest, *((name, len(content)) for name, content in self.files.items())]


async def hand_over(workspace: Workspace, connection_id: str, sync_id: str = "") -> HandedOver:
    """Gather what is known of a connection or sync, read what is not known yet, and look it through for secrets.

    Args:
        workspace: The open profile.
        connection_id: Which connection; it must be known.
        sync_id: Which of its syncs, where it is about one.

    Raises:
        KeyError: The connection is not known.
    """
    recording = await record(workspace, connection_id, sync_id)
    secrets = _secrets(workspace, recording.row.connection)
    # Looking through everything takes a moment: the screens go on meanwhile.
    return await asyncio.to_thread(handed_over, recording, secrets)


async def record(workspace: Workspace, connection_id: str, sync_id: str = "") -> Recording:
    """What is known of a connection or sync now. What cannot be read is said, and no reason to give up.

    Raises:
        KeyError: The connection is not known.
    """
    if isinstance(workspace, RecordedWorkspace):
        return replace(workspace.recording, sync_id=sync_id)
    connection, gaps = workspace.fleet.connection(connection_id), list[str]()
    issues, syncs = await _issues(workspace, connection_id, gaps), await _syncs(workspace, connection_id, gaps)
    row = workspace.fleet.row(connection_id)
    if row is not None and row.looked_at is None:
        try:
            row = await workspace.read_connection(connection_id)
        except ApiError as error:
            gaps.append(f"its newest sync: {error.problem.title}")
    last = row.last_sync if row is not None else None
    if wanted := sync_id or (last.id if last is not None else ""):
        watch = workspace.watch(connection_id, wanted)
        await _looked_at(watch)
        if (seen := watch.latest_good) is not None:  # the list may not have heard of it yet
            workspace.fleet.saw(connection_id, seen.sync, seen.observed_at)
    row = workspace.fleet.row(connection_id)  # what was read meanwhile may have changed it
    if row is None:
        raise KeyError(connection_id)
    watches = [watch for watch in workspace.watcher.watches if watch.connection.id == connection_id]
    known = {wanted, *(watch.sync_id for watch in watches), *(sync.id for sync in syncs)} - {""}
    return Recording(
        at=workspace.server_now(),
        profile=workspace.profile,
        base_url=_plain_url(workspace.base_url),
        environment=workspace.environment,
        row=row,
        issues=tuple(issues),
        syncs=tuple(syncs),
        seen_since=workspace.seen_since,
        observations={watch.sync_id: watch.observations for watch in watches},
        journals={watch.sync_id: tuple(watch.journal) for watch in watches},
        exchanges=tuple(exchanges_about(workspace, connection, {connection_id, *known}, {i.id for i in issues})),
        sync_id=sync_id,
        gaps=tuple(gaps),
        made_by=f"Syncscope {__version__}",
    )


def incident_of(recording: Recording) -> Incident:
    """What the report says of a recording."""
    last = recording.row.last_sync
    wanted = recording.sync_id or (last.id if last is not None else "")
    looks, seen_at = recording.looks(wanted), None
    sync: Sync | None = last if last is not None and last.id == wanted else None
    for seen in looks:
        if seen.sync is not None:
            sync, seen_at = seen.sync, seen.observed_at
    return Incident(
        row=recording.row,
        issues=recording.issues,
        syncs=recording.syncs,
        sync=sync or next((each for each in recording.syncs if each.id == wanted), None),
        sync_id=recording.sync_id,
        seen_at=seen_at,
        problem=looks[-1].problem if looks else None,
        journal=[JournalLine(entry.at, entry.text) for entry in recording.journal(wanted)],
        requests=[_request_line(exchange) for exchange in recording.exchanges],
        server_now=recording.at,
        profile=recording.profile.name,
        kind=KINDS[recording.profile.kind].label if recording.profile.kind in KINDS else recording.profile.kind,
        environment=recording.environment.value,
        made_by=recording.made_by,
        gaps=recording.gaps,
        stalled=stall(looks, history_of(recording.syncs, (), of=wanted)).words,
    )


def handed_over(recording: Recording, secrets: frozenset[str] = frozenset()) -> HandedOver:
    """Write the report and the files, and look them through for secrets. Takes a moment; asks nobody.

    Args:
        recording: What is handed over.
        secrets: Every secret that is known.
    """
    private = _private()
    hide = _Hiding(secrets, private)
    text = report(incident_of(recording), hide.text)
    har = as_har(recording.exchanges, version=__version__)
    files = {
        REPORT: text.encode(),
        CONNECTION: json_file(hide.json(told_connection(recording))),
        OBSERVATIONS: jsonl(hide.json(look) for look in told_looks(recording)),
        HAR: json_file(hide.json(har)),
        ENVIRONMENT: json_file(hide.json(environment_facts(recording))),
    }
    assert set(files) == set(CONTENTS)
    facts = {
        "madeBy": recording.made_by,
        "madeAt": iso(recording.at),
        "connectionId": recording.row.id,
        "syncId": recording.sync_id or None,
    }
    leaks = tuple(find_leaks({**files, "manifest.json": manifest_of(files, facts)}, secrets, private))
    return HandedOver(text, files, leaks, _file_name(recording), facts, secrets, private)


def environment_facts(recording: Recording) -> dict[str, Any]:
    """Versions, system, terminal and server: nothing that names the person or their machine."""
    named = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "NO_COLOR")
    return {
        "madeBy": recording.made_by,
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in ("textual", "httpx", "pydantic")},
        "system": {"name": platform.system(), "release": platform.release(), "machine": platform.machine()},
        "shownIn": {name: os.environ[name][:80] for name in named if name in os.environ},
        "overNetwork": "SSH_CONNECTION" in os.environ,
        "server": {
            "profile": recording.profile.name,
            "kind": recording.profile.kind,
            "environment": recording.environment.value,
            "baseUrl": recording.base_url,
        },
    }


def exchanges_about(
    workspace: Workspace, connection: Connection, ids: set[str], issue_ids: set[str]
) -> Iterator[Exchange]:
    """Those requests of a session that concern one connection, oldest first.

    What was asked for all connections at once is among them, because it may be what fails; its answer is left out,
    because it is about others, too. What concerns another connection alone is not.

    Args:
        workspace: The open profile.
        connection: Which connection.
        ids: Its ID and those of its syncs.
        issue_ids: Those of its issues.
    """
    tokens = [row.connection.token for row in workspace.rows if row.id != connection.id]
    others = {mask(token.get_secret_value()) for token in tokens if token is not None}
    own = mask(connection.token.get_secret_value()) if connection.token is not None else ""
    kept: list[Exchange] = []
    for exchange in workspace.recorder:
        named = set(re.split(r"[/?&=]", unquote(exchange.request.path_and_query)))
        token = next((value for name, value in exchange.request.headers if name.lower() == "connection-token"), "")
        if token and own and token != own:
            continue  # another connection was asked, as it is while the owner of a sync is looked for
        if named & ids or named & issue_ids or (token and token == own and token not in others):
            kept.append(exchange)
        elif not token and exchange.method == "GET" and not _about_somebody(exchange, workspace):
            kept.append(_without_content(exchange))
    failed = [exchange for exchange in kept if exchange.error or (exchange.status or 0) >= 400][-MOST_EXCHANGES:]
    numbers = {exchange.number for exchange in (*failed, *kept[-MOST_EXCHANGES:])}
    yield from (exchange for exchange in kept if exchange.number in numbers)


def _about_somebody(exchange: Exchange, workspace: Workspace) -> bool:
    """Whether a request names some connection, sync, issue or link: its last part looks like an ID or a filter."""
    named = re.split(r"[/?&=]", unquote(exchange.request.path_and_query))
    known = {row.id for row in workspace.rows}
    return any(part in known or re.fullmatch(r"[A-Za-z]+_[0-9A-Za-z]{8,}", part) for part in named)


def _without_content(exchange: Exchange) -> Exchange:
    if exchange.status is None or exchange.status >= 400 or not exchange.response_body:
        return exchange
    return replace(exchange, response_body=f"({_TOO_MANY_EYES})", truncated=True)


async def _issues(workspace: Workspace, connection_id: str, gaps: list[str]) -> list[Issue]:
    found: list[Issue] = []
    if not workspace.capabilities.issues:
        return found
    try:
        async for page in workspace.issues(connection_id):
            found += page.items
    except ApiError as error:
        gaps.append(f"its issues: {error.problem.title}")
    return found


async def _syncs(workspace: Workspace, connection_id: str, gaps: list[str]) -> list[Sync]:
    found: list[Sync] = []
    try:
        async for page in workspace.syncs(connection_id, MOST_SYNCS):
            found += page.items
    except ApiError as error:
        gaps.append(f"its earlier syncs: {error.problem.title}")
    return found[:MOST_SYNCS]


async def _looked_at(watch: Watch) -> None:
    """Wait for the first look at a sync, and no longer than makes sense: a report of what is known comes either way."""
    if watch.latest is not None or watch.paused:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            async for _ in watch.stream():
                return


def _request_line(exchange: Exchange) -> RequestLine:
    return RequestLine(
        exchange.number,
        exchange.started_at,
        exchange.method,
        exchange.request.path_and_query,
        exchange.status,
        exchange.latency,
        exchange.attempt,
        exchange.error,
    )


def _secrets(workspace: Workspace, connection: Connection) -> frozenset[str]:
    """Every secret that may stand in what concerns a connection."""
    token = connection.token.get_secret_value() if connection.token is not None else ""
    return frozenset({*KNOWN.texts(), token} - {""})


def _private() -> dict[str, str]:
    """What is no secret, and tells of the person: where their home is."""
    home = str(Path.home())
    return {home: "the path of your home folder"} if len(Path(home).parts) > 2 else {}  # /root is nobody's own


class _Hiding:
    """Masks what is known to be secret, and what tells of the person."""

    def __init__(self, secrets: frozenset[str], private: Mapping[str, str]) -> None:
        self._redactor = Redactor(secrets)
        self._private = private

    def text(self, text: str) -> str:
        for private in self._private:
            text = text.replace(private, "~")
        return self._redactor.text(text)

    def json(self, value: Any) -> Any:
        """Plain JSON values with every text masked, names too."""
        if isinstance(value, dict):
            return {self.text(str(name)): self.json(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.json(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value


def _plain_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _file_name(recording: Recording) -> str:
    about = re.sub(r"[^A-Za-z0-9_-]", "", recording.sync_id or recording.row.id)[:64] or "incident"
    return f"syncscope-{about}-{recording.at.astimezone(UTC):%Y%m%d-%H%M}"


def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
