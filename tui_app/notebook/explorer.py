"""The explorer: one open profile in the cells of a notebook, or in a script."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from math import isnan
from numbers import Real
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from tui_app.api.base import not_offered
from tui_app.api.errors import ApiError
from tui_app.findings.issue_groups import OwnedIssue, parse_issue_filter
from tui_app.models.connection import Backfill, ConnectionDraft
from tui_app.models.filter import parse_filter
from tui_app.models.fleet import FleetRow
from tui_app.notebook.connection import ConnectionHandle
from tui_app.notebook.connection_tables import connections_table
from tui_app.notebook.errors import ExplorerError, closed, in_plain_words
from tui_app.notebook.filters import FilterValue, filter_line, issue_filter_line
from tui_app.notebook.finding import find_connection, name_of
from tui_app.notebook.issue_tables import issues_table
from tui_app.notebook.loop import LoopThread, Ready
from tui_app.notebook.opened import Opened, demo_profile, open_profile, profile_named, speed_of
from tui_app.notebook.pieces import Blocks, Grid, Heading, Line, Span, muted, plain
from tui_app.notebook.session import ACTIONS, Session, check_zone
from tui_app.notebook.shown import Showable
from tui_app.notebook.words import counted

if TYPE_CHECKING:
    from tui_app.notebook.cell import CellApp
    from tui_app.notebook.tables import Table
    from tui_app.workspace import Workspace

PATIENCE = 10.0
"""Seconds that a list waits for the newest syncs of its connections to be looked at."""


class Explorer(Showable, Ready):
    """One open profile. A call returns once its result is there; it blocks the thread that called, and nothing else.

    Everything that it does goes on on a thread of its own, so that it works alike in a plain interpreter and in a
    kernel, where each result may also be awaited: ``connections = await explorer.connections()``. What takes long, the
    watching of a sync, does not block where it is awaited. It may be used from any thread.

    It is a context manager, also an asynchronous one; without ``with``, end it by :meth:`close`, or leave it to the
    end of Python.

    Args:
        profile: Which server, as ``syncscope profiles list`` names it; the default one where it is empty.
        key: Its API key, where it is not to come from where the profile says.

    Raises:
        ExplorerError: There is no such profile, its key is missing, or it could not be opened.

    Every method raises :class:`~tui_app.notebook.errors.ExplorerError` where something cannot be done: its text says
    why and what to do, and ``problem`` holds the server's own status, code and words. Whatever changes data passes the
    gate: a locked profile, as each of production is, refuses it before anything is sent; see :meth:`unlocked`.

    Attributes:
        loop_thread: The thread that the open profile lives on.
        workspace: The open profile, the same that the screens show. Touch it on that thread only.

    >>> with Explorer.demo() as another:
    ...     len(another.connections()) > 10
    True
    """

    loop_thread: LoopThread
    workspace: Workspace

    def __init__(self, profile: str = "", *, key: str | SecretStr | None = None) -> None:
        secret = SecretStr(key) if isinstance(key, str) else key
        self._begin(open_profile(profile_named(profile), secret))

    @classmethod
    def demo(cls, speed: float | None = None) -> Self:
        """Open the embedded, simulated server, which is started for it and ends with it.

        Args:
            speed: How many times faster than ours its time goes, from 1 to 600; 30 by default: a sync of 12 minutes
                takes 24 seconds.

        Raises:
            ExplorerError: It is no such speed, or the server could not be started.
        """
        explorer = cls.__new__(cls)
        explorer._begin(open_profile(demo_profile(), speed=speed_of(speed)))
        return explorer

    def _begin(self, opened: Opened) -> None:
        self._opened: Opened | None = opened
        self._apps: list[CellApp] = []
        self.loop_thread, self.workspace = opened.loop_thread, opened.workspace
        self._session = Session(opened.loop_thread, opened.workspace)

    # How it ends

    def close(self) -> None:
        """Let go of the server, and end what is followed; the embedded server ends, too. What was handed out stays as
        it was last known. Closing it again does nothing."""
        opened, self._opened = self._opened, None
        for app in self._apps:
            app.close()
        if opened is not None and self.loop_thread.running:
            self.loop_thread.run(opened.close())
            self.loop_thread.stop()

    def __enter__(self) -> Self:
        if self._opened is None:
            raise closed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    # What there is

    def connections(self, text: str = "", *, wait: float = PATIENCE, **filters: FilterValue) -> Table[ConnectionHandle]:
        """Read the list of connections: what needs somebody first.

        Args:
            text: A filter line, as on the screen of connections: words that match any visible field, and terms.
            wait: Seconds to wait at the most for each connection's newest sync to be looked at, and for the open issues
                to be counted. The table says how far that came.
            filters: Terms of the filter line by name: ``status``, ``state``, ``next``, ``provider``, ``tag``, ``mode``,
                ``issues``, ``sync``, ``id``. A value that begins with ``-`` is left out; of several, all must fit;
                ``None`` narrows nothing.

        Raises:
            ExplorerError: The list could not be read, or the filter.

        >>> everything = explorer.connections()
        >>> troubled = explorer.connections(issues=">0", state="-archived")
        >>> 0 < len(troubled) < len(everything)
        True
        >>> troubled[0].row.open_issues > 0
        True
        >>> explorer.connections(colour="red")
        Traceback (most recent call last):
        tui_app.notebook.errors.ExplorerError: This filter cannot be read: there is no filter “colour:” – known: ...
        """
        with in_plain_words():
            line = filter_line(text, filters)
            fits = parse_filter(line)
        self._session.run(self._read(_seconds(wait)))

        def table() -> Table[ConnectionHandle]:
            rows = self.workspace.rows
            handles = [ConnectionHandle(self._session, row) for row in rows if fits(row)]
            of = f"of {len(rows):,}" if fits.tests else ""
            return connections_table(
                handles,
                self.workspace.server_now(),
                of,
                line,
                self._stamp,
                notes=self._notes(),
                issues=self.workspace.capabilities.issues,
            )

        return self._session.call(table)

    def connection(self, named: str | int) -> ConnectionHandle:
        """Find one connection.

        Args:
            named: Its ID, or that of one of its syncs or issues; its external ID, a DOT number of its company, or words
                of its name. A number is taken as its digits.

        Raises:
            ExplorerError: Nothing has it, or several do: then they are named.

        >>> explorer.connection(connection.id).id == connection.id
        True
        >>> explorer.connection("no such company")
        Traceback (most recent call last):
        tui_app.notebook.errors.ExplorerError: ... Another profile?
        """
        return ConnectionHandle(self._session, self._session.run(self._find(name_of(named))))

    def issues(self, text: str = "", **filters: FilterValue) -> Table[OwnedIssue]:
        """Read the open issues of all connections: those first that somebody has to act upon.

        Args:
            text: A filter line, as on the screen of issues.
            filters: Its terms by name: ``who`` (has to act), ``code``, ``provider``. Of several values, and of several
                words in one, all must fit; ``None`` narrows nothing.

        Raises:
            ExplorerError: They could not be read, the filter could not, or this kind of server lists none.

        >>> issues = explorer.issues(who="fleet")
        >>> {issue.meaning.actor.value for issue in issues}
        {'the fleet'}
        """
        with in_plain_words():
            line = issue_filter_line(text, filters)
            fits = parse_issue_filter(line)
        self._session.run(self._read_issues())

        def table() -> Table[OwnedIssue]:
            workspace = self.workspace
            owned = [OwnedIssue(each, workspace.row(each.connection_id)) for each in workspace.open_issues.issues]
            fitting = [each for each in owned if fits(each)]
            return issues_table(fitting, workspace.server_now(), "Open issues", line, self._stamp)

        return self._session.call(table)

    # What changes something

    def create_connection(
        self,
        provider: str,
        *,
        credentials: Mapping[str, str] | None = None,
        company_name: str | None = None,
        dot_numbers: Sequence[str] = (),
        external_id: str | None = None,
        sync_mode: str = "automatic",
        days: float | None = None,
        start_from: datetime | None = None,
        tags: Sequence[str] = (),
        values: Mapping[str, str | bool | tuple[str, ...]] | None = None,
    ) -> ConnectionHandle:
        """Make a connection.

        Args:
            provider: The provider's code.
            credentials: What the provider asks for, by its fields' names. They are secrets, and shown nowhere.
            company_name: The fleet's name.
            dot_numbers: Its US DOT numbers; a text by itself is one of them.
            external_id: A reference of your own.
            sync_mode: ``automatic`` or ``manual``.
            days: How many days of history it begins with; more than 0, fractions too.
            start_from: The earliest record time instead, with its zone.
            tags: Labels of your own; a text by itself is one of them.
            values: What a kind of server asks for that takes other fields than these, by its own names.

        Raises:
            ExplorerError: It was refused, the profile is locked, or `start_from` has no zone. Nothing was made.

        >>> made = explorer.create_connection(
        ...     "geotab",
        ...     credentials={"username": "fleet@prairie.example", "password": "simulated", "database": "prairie"},
        ...     company_name="Doctest Haulage",
        ...     days=7,
        ... )
        >>> made.name, made.state
        ('Doctest Haulage', 'connected')
        """
        check_zone(start_from)
        with in_plain_words():
            window = Backfill(days=days, start_from=start_from) if days is not None or start_from is not None else None
            draft = ConnectionDraft.model_validate(
                {
                    "provider": provider,
                    "credentials": dict(credentials or {}),
                    "company_name": company_name,
                    "dot_numbers": _several(dot_numbers),
                    "external_id": external_id,
                    "sync_mode": sync_mode,
                    "backfill": window,
                    "tags": _several(tags),
                    "values": dict(values or {}),
                }
            )
        return ConnectionHandle(self._session, self._session.order("create_connection", self._create(draft)))

    @contextmanager
    def unlocked(self, action: str, *, profile: str) -> Iterator[None]:
        """Let one change pass the gate of a locked profile: the next of this action, inside this, and no other.

        Args:
            action: ``create_connection`` or ``request_sync``.
            profile: The profile's name, once more: on a screen it is typed to unlock it.

        Raises:
            ExplorerError: There is no such action, or that is not this profile's name. Nothing is unlocked.

        >>> with explorer.unlocked("request_sync", profile="demo"):
        ...     sync = connection.request_sync(days=1)
        """
        if action not in ACTIONS:
            raise ExplorerError(
                f"Nothing was unlocked: there is no action “{action}”.", f"There are: {', '.join(ACTIONS)}."
            )
        if profile != self.workspace.profile.name:
            raise ExplorerError(
                f"Nothing was unlocked: the profile that is open is “{self.workspace.profile.name}”.",
                f"Name it, if that is where something is to change: you named “{profile}”.",
            )
        self._session.call(lambda: self.workspace.gate.unlock(action))
        try:
            yield
        finally:
            self._session.call(self.workspace.gate.relock)

    # The screens

    def app(self, *, rows: int = 32, columns: int | None = None) -> CellApp:
        """The whole interface in a cell, on this profile: what is done there is seen here, and the other way round.

        A cell whose last value it is shows it. It runs until it is left with ``q``, or this explorer is closed.

        Args:
            rows: Lines; a person can drag the cell's lower edge.
            columns: Columns; ``None``: as many as there is room for.

        Raises:
            ExplorerError: What it needs beside Syncscope is not installed, or this explorer is closed.
        """
        from tui_app.notebook.cell import CellApp

        if self._opened is None:
            raise closed()
        app = CellApp(self.workspace, self.loop_thread.loop, rows=rows, columns=columns, embedded=self._opened.embedded)
        self._apps.append(app)
        return app

    # How it looks

    def blocks(self) -> Blocks:
        """What is open, and how it stands."""
        if not self.loop_thread.running:
            return (Heading((Span("Explorer", strong=True), Span("  ·  closed", "muted"))),)
        return self._session.call(self._open_blocks)

    def _open_blocks(self) -> Blocks:
        workspace = self.workspace
        lock = workspace.gate.words or "allowed"
        facts: list[tuple[str, Line]] = [
            ("Server", (Span(workspace.base_url, code=True),)),
            ("Data", plain(workspace.stamp.upper())),
            ("Changes", plain(lock)),
            ("Connections", plain(counted(len(workspace.rows), "connection") + " known")),
        ]
        title = (Span("Explorer", strong=True), Span(f"  ·  {workspace.profile.name}", "muted"))
        return (Heading(title), Grid(("", ""), tuple(((Span(name, "muted"),), line) for name, line in facts)))

    @property
    def _stamp(self) -> str:
        return f"{self.workspace.profile.name}, {self.workspace.stamp.upper()}"

    def _notes(self) -> list[Line]:
        workspace, notes = self.workspace, list[Line]()
        if workspace.looked_at < workspace.to_look_at:
            looked = f"{workspace.looked_at:,} of {workspace.to_look_at:,}"
            notes.append(muted(f"Newest syncs looked at so far: {looked}. Looking goes on; ask again for more."))
        if workspace.unreadable:
            notes.append(muted(f"{counted(len(workspace.unreadable), 'row')} of the list could not be read."))
        return notes

    # What is asked, on the profile's thread

    async def _read(self, patience: float) -> None:
        workspace = self.workspace
        await workspace.read_fleet()
        if workspace.reading.problem is not None:
            raise ApiError(workspace.reading.problem)
        changes = workspace.changes()
        workspace.show([row.id for row in workspace.rows])
        try:
            async with asyncio.timeout(patience):
                while not self._all_seen():
                    await anext(changes)
        except (TimeoutError, StopAsyncIteration):
            pass  # the table says how far it came

    def _all_seen(self) -> bool:
        workspace, issues = self.workspace, self.workspace.open_issues.reading
        counted = not workspace.capabilities.issues or issues.whole_at is not None or issues.problem is not None
        # A look that failed was one, too: it is tried again, and nobody waits for that.
        looked = sum(1 for row in workspace.rows if row.looked_at is not None or row.problem is not None)
        return counted and looked >= workspace.to_look_at

    async def _create(self, draft: ConnectionDraft) -> FleetRow:
        made = await self.workspace.create_connection(draft)
        with suppress(ApiError):  # it is made, whatever else can be read of it now
            await self.workspace.read_connection(made.id)
        return self.workspace.row(made.id) or FleetRow(made)

    async def _find(self, named: str) -> FleetRow:
        if not self.workspace.reading.complete:
            await self._read(0.0)
        return await find_connection(self.workspace, named)

    async def _read_issues(self) -> None:
        if not self.workspace.capabilities.issues:
            raise not_offered("a list of issues")
        if not self.workspace.reading.complete:
            await self._read(0.0)
        await self.workspace.open_issues.count()
        problem = self.workspace.open_issues.reading.problem
        if problem is not None:
            raise ApiError(problem)


def _seconds(wait: object) -> float:
    if not isinstance(wait, Real) or isnan(wait):
        raise ExplorerError("Nothing was read: wait takes seconds, as a number.")
    return float(wait)


def _several(given: Sequence[str]) -> Sequence[str]:
    """Several texts; one by itself is one, not its letters. What is none of that is left to the model to refuse."""
    return (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else given
