"""Finds the object that a person pasted something of: at once where it was seen, else by a search at the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tui_app.models.filter import Filter, FilterError, Word, parse_filter
from tui_app.models.fleet import called
from tui_app.models.pasted import Kind, Pasted, plain, recognise
from tui_app.workspace.search import AmongIssues, ByQuery, ByReading, ByToken, Place, Search
from tui_app.workspace.sync_search import AmongConnections

if TYPE_CHECKING:
    import asyncio

    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync
    from tui_app.workspace.workspace import Workspace

__all__ = ["Found", "Kind", "Landing", "Pasted", "Place", "Search", "find", "recognise"]

MOST_SEARCHES = 50
"""Searches that are kept to go on from where they were; the oldest goes first."""


_SENTENCE = 4
"""Words from which on a text is read as one that names something."""

_SHORT_NAME = 4
"""Characters of a name that a text names by chance."""

_WORDS = (Kind.WORDS, Kind.DOT, Kind.ID)
"""What may be part of something, too, as a filter line's words are."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of something that was pasted.

    Attributes:
        pasted: What was recognised.
        places: Where it is, the likeliest first; one is where to go, several are to choose from.
        search: Looks further; ``None`` where it is known, or where nothing could be asked.
        words: What this is and what can be done about it, in a sentence or two.
    """

    pasted: Pasted
    places: tuple[Place, ...] = ()
    search: Search | None = None
    words: str = ""


class Landing:
    """What a profile saw of IDs that no row tells, and the searches that were begun.

    Args:
        workspace: The open profile.
        spawn: Runs a search until the profile closes.
    """

    def __init__(self, workspace: Workspace, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        self._workspace = workspace
        self._spawn = spawn
        self._syncs: dict[str, Place] = {}  # by their IDs in lower case
        self._issues: dict[str, Place] = {}
        self._searches: dict[tuple[Kind, str], Search] = {}

    def saw_syncs(self, connection_id: str, syncs: Iterable[Sync]) -> None:
        """Remember whose syncs these are, and whose issues they met."""
        for sync in syncs:
            self.knows(connection_id, sync.id)
            for issue_id in sync.issue_ids:
                self._issues[issue_id.lower()] = Place(connection_id, issue_id=issue_id)

    def saw_issues(self, issues: Iterable[Issue]) -> None:
        """Remember whose issues these are."""
        for issue in issues:
            if issue.connection_id:
                self._issues[issue.id.lower()] = Place(issue.connection_id, issue_id=issue.id)

    def knows(self, connection_id: str, sync_id: str) -> None:
        """Remember whose sync this is."""
        self._syncs[sync_id.lower()] = Place(connection_id, sync_id)

    def is_token(self, text: str) -> bool:
        """Whether a text is the token of a connection that is known."""
        return bool(self._workspace.fleet.with_token(text))

    def find(self, text: str | Pasted) -> Found:
        """Find what was seen before. Nothing is asked of the server."""
        pasted = recognise(text, self.is_token) if isinstance(text, str) else text
        if pasted.kind in (Kind.NOTHING, Kind.REFUSED):
            return Found(pasted, words=pasted.refusal)
        places = tuple(dict.fromkeys(self._places(pasted)))
        known = self._workspace.row
        places = tuple(place for place in places if known(place.connection_id) is not None)
        if places:
            return Found(pasted, places, words=_found_words(len(places)))
        search = self._search(pasted)
        return Found(pasted, search=search, words=search.words if search else f"Nothing here is “{pasted.text}”.")

    def _search(self, pasted: Pasted) -> Search | None:
        key = (pasted.kind, pasted.text.lower())
        # Of a token only its mask is known by name, which two may share.
        if pasted.token is None and key in self._searches:
            search = self._searches[key]
            search.meet(pasted)
            return search
        made = _search_of(self._workspace, pasted, self._spawn)
        if made is not None and pasted.token is None:
            self._searches[key] = made
            while len(self._searches) > MOST_SEARCHES:
                self._searches.pop(next(iter(self._searches))).leave()
        return made

    def _places(self, pasted: Pasted) -> list[Place]:
        wanted = pasted.text.lower()
        if pasted.kind is Kind.TOKEN:
            return [Place(row.id) for row in self._by_token(pasted)]
        if pasted.kind is Kind.CONNECTION:
            return [Place(row.id) for row in self._workspace.rows if row.id.lower() == wanted]
        if pasted.kind is Kind.SYNC:
            return self._seen_in(self._syncs, wanted) or [each for each in self._synced({wanted}) if each.sync_id]
        if pasted.kind is Kind.ISSUE:
            return self._seen_in(self._issues, wanted) or list(self._with_issue(wanted))
        return self._by_name(pasted)

    def _seen_in(self, seen: dict[str, Place], wanted: str) -> list[Place]:
        return [seen[wanted]] if wanted in seen else []

    def _by_token(self, pasted: Pasted) -> Iterator[FleetRow]:
        yield from self._workspace.fleet.with_token(pasted.token.get_secret_value() if pasted.token else pasted.text)

    def _synced(self, wanted: Collection[str]) -> Iterator[Place]:
        """Syncs by their own IDs or those of their jobs, and the connections of models; the IDs in lower case."""
        yield from self._watched(wanted)
        remembered = not self._workspace.capabilities.sync_history
        rows: Iterable[FleetRow] = self._workspace.rows
        if not self._has_more_ids:
            rows = [row for each in wanted for row in rows if each in row.haystack]
        for row in rows:
            known = self._workspace.fleet.seen_syncs(row.id) if remembered else ()
            for sync in (*((row.last_sync,) if row.last_sync else ()), *known):
                if sync.id.lower() in wanted or any(part.id.lower() in wanted for part in sync.parts):
                    yield Place(row.id, sync.id)
            for model in row.connection.models:
                if model.last_sync_id and model.last and model.last.id.lower() in wanted:
                    yield Place(row.id, model.last_sync_id)
                elif model.id.lower() in wanted:
                    yield Place(row.id)

    @property
    def _has_more_ids(self) -> bool:
        """Whether syncs are known by other IDs than those that stand in the rows' haystacks."""
        can = self._workspace.capabilities
        return can.parts or not can.sync_history

    def _watched(self, wanted: Collection[str]) -> Iterator[Place]:
        for watch in self._workspace.watcher.watches:
            if watch.sync_id.lower() in wanted:
                yield Place(watch.connection.id, watch.sync_id)

    def _with_issue(self, wanted: str) -> Iterator[Place]:
        for row in self._workspace.rows:
            met = row.last_sync.issue_ids if row.last_sync else []
            for issue_id in (*(issue.id for issue in row.issues or ()), *met):
                if issue_id.lower() == wanted:
                    yield Place(row.id, issue_id=issue_id)
        for watch in self._workspace.watcher.watches:
            for issue_id in watch.latest_sync.issue_ids if watch.latest_sync else []:
                if issue_id.lower() == wanted:
                    yield Place(watch.connection.id, issue_id=issue_id)

    def _by_name(self, pasted: Pasted) -> list[Place]:
        """By what identifies an object, to the letter; else by an ID in the line; else by all that words fit."""
        if exact := self.identified(pasted):
            return exact
        fitting = [Place(row.id) for row in self.fitting(pasted)]
        return fitting or self.named(pasted)

    def named(self, pasted: Pasted) -> list[Place]:
        """What a text names to the letter: by an ID, a reference, a number or an e-mail address in it, else by name."""
        wanted = {pasted.text.lower(), *(each.lower() for each in pasted.candidates)}
        return self._identified(wanted) or [Place(row.id) for row in self._mentioned(pasted.context)]

    def _mentioned(self, context: str) -> list[FleetRow]:
        """The connections whose names stand in a text, whole; of names within one another, the longest."""
        found: dict[str, list[FleetRow]] = {}
        for row in self._workspace.rows:
            for name in _names(row):
                if name in context and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", context):
                    found.setdefault(name, []).append(row)
        whole = [name for name in found if not any(name != other and name in other for other in found)]
        rows = {row.id: row for name in whole for row in found[name]}
        return sorted(rows.values(), key=lambda row: row.sort_key())

    def fitting(self, pasted: Pasted) -> list[FleetRow]:
        """The connections that words fit, in triage order."""
        try:
            fits = parse_filter(pasted.text)
        except FilterError:
            fits = Filter(pasted.text, (Word(pasted.text.lower()),))
        return fits.select(self._workspace.fleet.arranged.rows)

    def filter_of(self, pasted: Pasted, text: str) -> Filter[FleetRow]:
        """The filter that what stands in a filter line makes: words and terms; an ID shows whose it is.

        Args:
            pasted: What was recognised in it.
            text: What stands there.

        Raises:
            FilterError: It is refused, or means nothing as a filter and to the letter is nobody's.
        """
        if pasted.kind is Kind.REFUSED:
            raise FilterError(pasted.refusal)
        if pasted.kind is Kind.NOTHING:
            return parse_filter(text)
        if pasted.kind not in _WORDS:
            return _only(text, self.find(pasted).places)
        try:
            fits = parse_filter(text)
        except FilterError:
            places = self.named(pasted)
            if not places:
                raise
            return _only(text, places)
        owners = {place.connection_id for place in self._beyond(fits, pasted)}
        return replace(fits, text=text, also=frozenset(owners))

    def _beyond(self, fits: Filter[FleetRow], pasted: Pasted) -> Iterable[Place]:
        """What is called so to the letter, as far as the words of a filter do not fit that anyway."""
        if len(pasted.context.split()) >= _SENTENCE:
            return self.named(pasted)  # a sentence is more than the words of a filter: what it names is meant
        wanted = pasted.text.lower()
        found_by_words = all(isinstance(test, Word) and test.word in wanted for test in fits.tests)
        return self._watched({wanted}) if found_by_words and not self._has_more_ids else self._identified({wanted})

    def identified(self, pasted: Pasted) -> list[Place]:
        """What is called so to the letter: by an ID of any kind, a reference or a number."""
        return self._identified({pasted.text.lower()})

    def _identified(self, wanted: set[str]) -> list[Place]:
        if not wanted:
            return []
        names, rows = [called(each) for each in wanted], self._workspace.rows
        return [*self._synced(wanted), *(Place(row.id) for name in names for row in rows if name in row.haystack)]


def find(workspace: Workspace, text: str | Pasted) -> Found:
    """Find what a person pasted among all that was seen of an open profile. Nothing is asked of the server.

    Args:
        workspace: The open profile.
        text: What was pasted, or what was recognised in it.
    """
    return workspace.landing.find(text)


def _search_of(
    workspace: Workspace, pasted: Pasted, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
) -> Search | None:
    """The search that can find what was pasted; ``None`` where the server could be asked for nothing."""
    can = workspace.capabilities
    kind: type[Search] | None = ByReading
    if pasted.kind is Kind.SYNC and can.connection_tokens:
        kind = AmongConnections
    elif pasted.kind is Kind.ISSUE:
        kind = AmongIssues if can.issues else None
    elif pasted.kind is Kind.TOKEN:
        kind = ByToken if can.connection_tokens and pasted.token is not None else None
    elif pasted.kind in (Kind.DOT, Kind.WORDS, Kind.ID) and can.labels:
        kind = ByQuery
    return kind(workspace, pasted, spawn) if kind else None


def _names(row: FleetRow) -> set[str]:
    """What a connection is called, as `plain` writes it; what is too short to be meant is left out."""
    return {name for each in row.names if len(name := plain(each)) >= _SHORT_NAME}


def _only(text: str, places: Iterable[Place]) -> Filter[FleetRow]:
    """The filter that fits the connections of these places."""
    owners = {place.connection_id for place in places}
    return Filter(text, (lambda row: row.id in owners,))


def _found_words(count: int) -> str:
    return "Enter opens it." if count == 1 else f"{count:,} fit. Enter opens the selected one."
