"""All connections of a server, found by id and by token, and what clients may do to them."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tui_app.sandbox.clock import EPOCH, VirtualClock, to_ms
from tui_app.sandbox.connections import REMOVED, Connection, MadeConnection, Profile
from tui_app.sandbox.errors import bad_request, conflict, not_found, unprocessable
from tui_app.sandbox.fleet import build_fleet
from tui_app.sandbox.ids import Draw, secret, ulid
from tui_app.sandbox.issues import IssuePlan, plan_issue
from tui_app.sandbox.links import LinkBook
from tui_app.sandbox.planning import requested_plan
from tui_app.sandbox.plans import DAY, SyncPlan


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What a client asks of a sync. Neither `days` nor a start means: from where the last one was requested.

    Attributes:
        start_from_ms: The earliest record to read, since the epoch.
        days: How many days to reach back; used in place of the start where both are given.
        provider_requests: What to ask of the provider out of band.
    """

    start_from_ms: int | None = None
    days: float | None = None
    provider_requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What is needed to make a connection.

    Attributes:
        profile: Whose it is.
        account_key: Which account at the provider it stands for; None to make a new one in any case.
        backfill_ms: From when on its first sync reads (since the epoch), if that was asked for.
        status: Its first state.
    """

    profile: Profile
    account_key: str | None = None
    backfill_ms: int | None = None
    status: str = "connected"


# Connections whose issues are found out at one step.
_AT_ONCE = 200

# A scenario that was played: its name, the ids of its connection and of its first sync, and when, since the epoch.
Play = tuple[str, str, str | None, int]


class Store:
    """What the server knows. Every method may be called from any thread.

    Attributes:
        lock: Held by whoever changes something or writes it down.
        seed: What everything depends on.
        clock: The server's time.
        api_key: The secret key.
        publishable_key: The key that goes into links.
        fleet: The connections that were there from the start.
        made: Those that were made since.
        changed: Those of the fleet that clients did something to.
        revoked: Tokens that open nothing any more.
        links: The short links, and the public tokens that came of them.
        played: The scenarios that were played, in order.
    """

    def __init__(self, seed: int, size: int, start_ms: int, clock: VirtualClock) -> None:
        """Build a fleet.

        Args:
            seed: What everything depends on.
            size: How many connections.
            start_ms: When the server's time began, since the epoch.
            clock: The server's time.
        """
        self.lock = threading.RLock()
        self.seed = seed
        self.clock = clock
        self.api_key = f"sk_sandbox_{secret(Draw('api key', seed), 40)}"
        self.publishable_key = f"pk_sandbox_{secret(Draw('publishable key', seed), 40)}"
        self.fleet: list[Connection] = list(build_fleet(seed, size, start_ms))
        self.made: list[MadeConnection] = []
        self.changed: list[Connection] = []
        self.revoked: set[str] = set()
        self.links = LinkBook(seed)
        self.played: list[Play] = []
        self._by_id = {connection.id: connection for connection in self.fleet}
        self._by_token = {connection.token: connection for connection in self.fleet}
        self._ids = sorted(self._by_id)
        # Which connection an issue belongs to, and the issues' ids in order; made when first asked for.
        self._issues: dict[str, tuple[Connection, IssuePlan]] | None = None
        self._issue_ids: list[str] = []

    def connection(self, connection_id: str) -> Connection | None:
        """Return the connection with an id, or None."""
        return self._by_id.get(connection_id)

    def token_of(self, connection_id: str) -> str:
        """Return what opens a connection.

        Raises:
            KeyError: There is no such connection.
        """
        return self._by_id[connection_id].token

    def opened_by(self, token: str) -> Connection | None:
        """Return the connection that a token opens now, or None."""
        connection = self._by_token.get(token)
        if connection is None or token in self.revoked:
            return None
        return None if connection.status_at(self.clock.now_ms()) in REMOVED else connection

    def connections(self, order: str, after_id: str | None) -> Iterator[Connection]:
        """Yield connections by id, which is by creation.

        Args:
            order: asc or desc.
            after_id: Begin behind this id.
        """
        return (self._by_id[connection_id] for connection_id in _slice(self._ids, order, after_id))

    def issues(self, after_id: str | None) -> Iterator[tuple[Connection, IssuePlan]]:
        """Yield all issues that were reported by now, the newest first.

        Args:
            after_id: Begin behind this id.
        """
        with self.lock:
            index = self._issue_index()
        now_ms = self.clock.now_ms()
        for issue_id in _slice(self._issue_ids, "desc", after_id):
            connection, issue = index[issue_id]
            if _is_known(connection, issue, now_ms):
                yield connection, issue

    def resolve(self, issue_id: str) -> tuple[Connection, IssuePlan]:
        """Resolve an issue, until a sync runs into it again, and return it with its connection.

        Args:
            issue_id: Which one.

        Raises:
            ApiError: There is no such issue (404), or it is resolved (422).
        """
        with self.lock:
            now_ms = self.clock.now_ms()
            connection, issue = self._issue_index().get(issue_id, (None, None))
            if connection is None or issue is None or not _is_known(connection, issue, now_ms):
                raise not_found(issue_id)
            if not connection.is_ongoing(issue, now_ms):
                raise unprocessable("This issue is resolved", "{requestPath}.issueId")
            connection.resolved[issue_id] = now_ms
            self.note(connection)
            return connection, issue

    def create(self, new: NewConnection) -> MadeConnection:
        """Make a connection, or return the one that the same account at the provider already has.

        A connection that is found again and was not connected is connected again: that is what its owner just did.

        Args:
            new: What to make.
        """
        with self.lock:
            now_ms = self.clock.now_ms()
            known = self._same_account(new.account_key, now_ms)
            if known is not None:
                if known.status_at(now_ms) != "connected":
                    known.move((now_ms, "connected"))
                return known
            number = len(self.made)
            draw = Draw("made", self.seed, number)
            made = MadeConnection(
                f"conn_{ulid(now_ms, draw)}",
                f"con_tkn_{secret(draw)}",
                now_ms,
                number=number,
                profile=new.profile,
                status=new.status,
                account_key=new.account_key,
                backfill_ms=new.backfill_ms,
            )
            self.restore(made)
            return made

    def restore(self, made: MadeConnection) -> None:
        """Take in a connection that was made before."""
        self.made.append(made)
        self._by_id[made.id] = made
        self._by_token[made.token] = made
        self._ids = _with(self._ids, made.id)

    def request_sync(self, connection: Connection, request: SyncRequest) -> SyncPlan:
        """Request a sync of a connection.

        The first one that is ever requested of a connection completes; of a connection that was made while the server
        ran, it also brings up an issue midway. Later ones may fail.

        Args:
            connection: The connection.
            request: What is asked for.

        Raises:
            ApiError: The connection is not connected (400), or a sync is under way (409).
        """
        with self.lock:
            now_ms = self.clock.now_ms()
            if connection.status_at(now_ms) != "connected":
                raise bad_request("Connection must be connected to perform this action")
            running = connection.running_sync(now_ms)
            if running is not None:
                raise conflict(running.id)
            # Chance depends on who asks for the how-manieth time, not on when: the same steps bring the same syncs.
            draw = Draw("request", self.seed, *connection.part, len(connection.requested))
            first = not connection.requested
            plan = requested_plan(
                draw,
                now_ms,
                start_from_ms=_start_from_ms(connection, request, now_ms),
                provider_requests=request.provider_requests,
                reliable=first,
            )
            plan = replace(plan, id=connection.newest_id(plan.id, now_ms))
            connection.requested.append(plan)
            self.note(connection)
            if first and isinstance(connection, MadeConnection):
                midway_ms = plan.started_ms + int(plan.run_ms * (0.4 + 0.2 * draw.unit()))
                self.report(connection, plan_issue(draw, midway_ms))
            return plan

    def revoke(self, token: str) -> None:
        """Make a connection token useless."""
        with self.lock:
            self.revoked.add(token)

    def worth_a_look(self, count: int) -> list[Connection]:
        """Return some connected connections, first one that syncs on request only, if there is one.

        What is under way makes no difference: a restarted server names the same ones again.
        """
        now_ms = self.clock.now_ms()
        with self.lock:
            some = [*self.fleet[:24], *self.made[:24]]
        connected = [connection for connection in some if connection.status_at(now_ms) == "connected"]
        first = [connection for connection in connected if connection.profile.sync_mode == "manual"][:1]
        return [*first, *(connection for connection in connected if connection not in first)][:count]

    def note(self, connection: Connection) -> None:
        """Remember which of the fleet's connections clients did something to: only those are written down."""
        if not isinstance(connection, MadeConnection) and connection not in self.changed:
            self.changed.append(connection)

    def report(self, connection: Connection, issue: IssuePlan) -> None:
        """Let an issue come of a sync; the lock has to be held."""
        connection.reported.append(issue)
        if self._issues is not None:
            self._issues[issue.id] = (connection, issue)
            self._issue_ids = _with(self._issue_ids, issue.id)

    def indexing(self) -> Iterator[None]:
        """Find out which issues there are, some connections at each step, so that others can be answered in between."""
        found: dict[str, tuple[Connection, IssuePlan]] = {}
        for number, owner in enumerate(self.fleet if self._issues is None else (), 1):
            found.update((issue.id, (owner, issue)) for issue in owner.issues)
            if number % _AT_ONCE == 0:
                yield
        with self.lock:
            if self._issues is None:
                # What was done meanwhile to those that were passed already is done again: there are few of them.
                for owner in (*self.changed, *self.made):
                    found.update((issue.id, (owner, issue)) for issue in owner.issues)
                self._issues, self._issue_ids = found, sorted(found)

    def _issue_index(self) -> dict[str, tuple[Connection, IssuePlan]]:
        for _ in self.indexing():
            pass
        assert self._issues is not None
        return self._issues

    def _same_account(self, account_key: str | None, now_ms: int) -> MadeConnection | None:
        for made in self.made:
            if account_key is not None and made.account_key == account_key:
                gone = made.token in self.revoked or made.status_at(now_ms) in {*REMOVED, "pending_deletion"}
                if not gone:
                    return made
        return None


def _is_known(connection: Connection, issue: IssuePlan, now_ms: int) -> bool:
    """Whether an issue was reported by a time (since the epoch), and its connection is still there."""
    reported = issue.first_ms <= now_ms and issue.id not in connection.withdrawn
    return reported and connection.status_at(now_ms) not in REMOVED


def _with(ids: list[str], new_id: str) -> list[str]:
    """Return a longer list; the old one stays as it is, because another thread may be walking along it."""
    longer = ids.copy()
    insort(longer, new_id)
    return longer


def _slice(ids: list[str], order: str, after_id: str | None) -> Iterator[str]:
    if order == "asc":
        first = 0 if after_id is None else bisect_right(ids, after_id)
        return (ids[position] for position in range(first, len(ids)))
    last = len(ids) if after_id is None else bisect_left(ids, after_id)
    return (ids[position] for position in range(last - 1, -1, -1))


def _start_from_ms(connection: Connection, request: SyncRequest, now_ms: int) -> int:
    if request.days is not None:
        # Nobody has records from before the epoch, and a date further back could not even be written.
        return max(now_ms - int(min(request.days * DAY, float(now_ms))), to_ms(EPOCH))
    if request.start_from_ms is not None:
        return request.start_from_ms
    latest = connection.latest_sync(now_ms)
    if latest is not None:
        return latest.requested_ms
    backfill_ms = connection.backfill_ms if isinstance(connection, MadeConnection) else None
    return now_ms if backfill_ms is None else backfill_ms
