"""One action on many connections: its targets, what came of each, and how it is stopped. It knows no screen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from tui_app.api.errors import ApiError, Unread, is_doubtful
from tui_app.changes import BulkChanged, BulkEnded, Change
from tui_app.models.clock import first_of
from tui_app.models.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.workspace.workspace import Workspace

STRIKES = 2
"""Targets in a row at which the server could not be reached, before the rest is not tried any more."""

SLOWER = 2.0
"""Seconds to wait once the server asks to slow down without saying for how long."""

READS = 4
"""Times that reading one target is tried while the server asks to slow down."""


class Outcome(StrEnum):
    """What came of one target, in the word that is shown."""

    WAITING = "waiting"
    UNDER_WAY = "under way"
    DONE = "done"
    ATTACHED = "attached"  # it runs already, and that one is followed
    UNCHANGED = "unchanged"  # nothing had to be sent
    REFUSED = "refused"
    NOT_SENT = "not sent"
    DOUBTFUL = "doubtful"  # sent, and the answer was lost: it may have been carried out
    LEFT_OUT = "left out"  # a person took it off the list


AGAIN = (Outcome.REFUSED, Outcome.NOT_SENT)
"""What can be tried again without looking first whether it happened after all."""


class Stage(StrEnum):
    """How far a bulk action is."""

    CHOOSING = "choosing"  # what is to be sent is not settled yet
    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(slots=True)
class Target:
    """One request to send, or what there is to say about not sending it.

    Attributes:
        key: What the gate and the table know it by.
        connection_id: Whose it is.
        name: What the connection is called, as it came.
        hidden: Whether the list's filter hides the connection.
        doubt: Why the server will most likely refuse; empty where nothing speaks against it.
        runs: Whether a sync of it runs already, so that this one will be followed instead.
        detail: What would change, where that differs from target to target.
        outcome: What came of it.
        words: The server's words on that, or ours.
        ticked: Whether it is to be sent.
    """

    key: str
    connection_id: str
    name: str
    hidden: bool = False
    doubt: str = ""
    runs: bool = False
    detail: str = ""
    outcome: Outcome = Outcome.WAITING
    words: str = ""
    ticked: bool = True

    @property
    def to_send(self) -> bool:
        """Whether its request is still to be sent."""
        return self.ticked and self.outcome is Outcome.WAITING


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one request.

    Attributes:
        outcome: In a word.
        words: In the server's words or ours.
        problem: What went wrong, if anything.
    """

    outcome: Outcome
    words: str = ""
    problem: Problem | None = None


class BulkOrder(Protocol):
    """What is done to each target.

    Attributes:
        action: The gate's name for it.
        title: What it does, as a heading.
        what: The same, as what follows "You are about to"; the targets follow.
        noun: What its requests are about, one and several.
        asks: What a person has to say first.
        reads: Whether each target is read before anything is sent.
        details: What the column is called that tells what would change; empty where all are alike.
    """

    action: str
    title: str
    what: str
    noun: tuple[str, str]
    asks: Literal["window", "tags", ""]
    reads: bool
    details: str

    def planned(self, target: Target) -> Request:
        """Show the request that would be sent, secrets masked."""
        ...

    async def prepare(self, target: Target) -> list[Target]:
        """Read what there is to know of a connection, and say what is to be sent for it."""
        ...

    async def send(self, target: Target) -> Told:
        """Send one target's request, once."""
        ...


def told_of(error: ApiError) -> Told:
    """What a failure says of the target that met it."""
    problem = error.problem
    if isinstance(error, Unread):
        return Told(Outcome.DONE, problem.title)
    taken = problem.kind is ProblemKind.UNREADABLE and (problem.status or 200) < 300  # an answer that says nothing
    if is_doubtful(problem) or taken:
        return Told(Outcome.DOUBTFUL, f"{problem.title}: look whether it happened", problem)
    return Told(Outcome.REFUSED if problem.status is not None else Outcome.NOT_SENT, problem.reason_first, problem)


class Bulk:
    """One action on many targets, one after the other.

    Every target is tried once: where the server asks to slow down, the next one waits as long as it says. After
    `STRIKES` targets in a row at which it could not be reached, or once it does not accept the key, the rest is not
    sent.

    Args:
        workspace: The open profile.
        order: What is done.
        targets: To whom.

    Attributes:
        stage: How far it is.
        targets: Each with what came of it.
        present: The target whose request is under way.
        tried: How many were tried in this run, of `of`; while it reads, how many were read.
        cut_short: Why it ended before its last target; empty where it did not.
        seen: Whether a person has seen how it ended.
    """

    def __init__(self, workspace: Workspace, order: BulkOrder, targets: Sequence[Target]) -> None:
        self.order = order
        self.targets = list(targets)
        self.stage = Stage.CHOOSING if order.asks else Stage.READY
        self.present: Target | None = None
        self.tried = 0
        self.of = 0
        self.cut_short = ""
        self.seen = False
        self._workspace = workspace
        self._stopping = asyncio.Event()

    # What is known

    @property
    def to_send(self) -> list[Target]:
        """The targets whose requests are still to be sent."""
        return [target for target in self.targets if target.to_send]

    def counts(self) -> Counter[Outcome]:
        """How many targets have come to each outcome."""
        return Counter(target.outcome for target in self.targets)

    def summary(self) -> str:
        """The outcomes in one line: ``17 done, 3 refused``."""
        counts = self.counts()
        return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "nothing to send"

    def example(self, targets: Sequence[Target]) -> Request | None:
        """One of the requests that would be sent for these, secrets masked."""
        for target in targets:
            try:
                return self.order.planned(target)
            except (ApiError, KeyError):
                continue  # it will be told as not sent; another one shows what is
        return None

    def pattern(self, targets: Sequence[Target]) -> str:
        """What the requests for these have in common: ``POST /tsp/v1/issues/{id}/resolve``; empty where none can be."""
        planned = self.example(targets)
        if planned is None:
            return ""
        own = {quote(target.key, safe="") for target in targets} if len(targets) > 1 else set()
        path = "/".join("{id}" if part in own else part for part in planned.path.split("/"))
        return f"{planned.method} {path}"

    def seconds(self) -> float:
        """How long sending will take, at the profile's budget and at the pace at which the server answers."""
        latency = self._workspace.health.latency or 0.0
        return len(self.to_send) * max(1 / self._workspace.profile.budget, latency)

    # What it does

    async def prepare(self, progress: Callable[[], None]) -> None:
        """Read every connection that is ticked, and settle what is to be sent for it.

        Args:
            progress: Called after each of them.
        """
        self.stage = Stage.READING
        self.tried, self.of = 0, len(self.to_send)
        prepared: list[Target] = []
        progress()
        for target in self.targets:
            if not target.to_send:
                prepared.append(target)
                continue
            self.present = target
            prepared += await self._read(target)
            self.tried += 1
            progress()
        # What is to be sent stands first; what there is nothing to send for explains itself below.
        self.targets = sorted(prepared, key=lambda target: target.outcome is not Outcome.WAITING)
        self.present = None
        self.stage = Stage.READY
        progress()

    async def _read(self, target: Target) -> list[Target]:
        problem = None
        for _ in range(READS):
            try:
                return await self.order.prepare(target)
            except KeyError:
                target.outcome, target.words = Outcome.NOT_SENT, "It is not in the list any more."
                return [target]
            except ApiError as error:
                problem = error.problem
            if problem.kind is not ProblemKind.RATE_LIMITED:
                break
            await self._workspace.clock.sleep(problem.retry_after or SLOWER)
        assert problem is not None
        target.outcome = Outcome.NOT_SENT
        target.words = f"It could not be read: {problem.reason_first}"
        return [target]

    def begin(self) -> None:
        """From now on it runs: what is ticked will be sent, what is not is left out."""
        self.stage, self.cut_short, self.seen = Stage.RUNNING, "", False
        self._stopping.clear()
        for target in self.targets:
            if not target.ticked and target.outcome is Outcome.WAITING:
                target.outcome = Outcome.LEFT_OUT
        self.tried, self.of = 0, len(self.to_send)

    async def run(self, tell: Callable[[Change], None]) -> None:
        """Send each request that is still to be sent, once it has begun. What was sent is not sent again by this.

        Args:
            tell: Told of each step, and of the end.
        """
        queue = self.to_send
        strikes = 0
        try:
            for target in queue:
                if self._stopping.is_set() or self.cut_short:
                    break
                self.present, target.outcome = target, Outcome.UNDER_WAY
                tell(BulkChanged())
                told = await self._carry_out(target)
                target.outcome, target.words = told.outcome, told.words
                self.tried += 1
                tell(BulkChanged())
                strikes = strikes + 1 if told.problem and told.problem.kind is ProblemKind.UNREACHABLE else 0
                await self._judge(told.problem, strikes, last=self.tried == self.of)
        finally:
            self._end(queue)
            tell(BulkChanged())
            tell(BulkEnded(f"{self.order.title}: {self.summary()}."))

    async def _carry_out(self, target: Target) -> Told:
        if self._workspace.row(target.connection_id) is None:
            return Told(Outcome.NOT_SENT, "It is not in the list any more.")
        try:
            with self._workspace.gate.acting_on(target.key):
                return await self.order.send(target)
        except ApiError as error:
            return told_of(error)

    async def _judge(self, problem: Problem | None, strikes: int, *, last: bool) -> None:
        """What a failure means for those that come after it."""
        if problem is None:
            return
        if problem.kind is ProblemKind.UNAUTHORIZED or strikes >= STRIKES:
            self.cut_short = problem.title
        elif problem.kind is ProblemKind.RATE_LIMITED and not last:
            await self._pause(problem.retry_after or SLOWER)

    async def _pause(self, seconds: float) -> None:
        """Wait that long, or until a person stops it."""
        await first_of(self._stopping.wait(), self._workspace.clock.sleep(seconds))

    def stop(self) -> None:
        """Send nothing more. What is under way comes to its end."""
        if self.stage is Stage.RUNNING and not self._stopping.is_set():
            self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether a person has stopped it."""
        return self._stopping.is_set()

    def _end(self, queue: Sequence[Target]) -> None:
        why = "Stopped before its turn."
        if self.cut_short:
            why = f"Not tried any more: {self.cut_short}."
        elif self.stopping:
            self.cut_short = "stopped"
        for target in queue:
            if target.outcome is Outcome.WAITING:
                target.outcome, target.words = Outcome.NOT_SENT, why
            elif target.outcome is Outcome.UNDER_WAY:  # the profile was closed meanwhile
                target.outcome, target.words = Outcome.DOUBTFUL, "Left before the answer came."
        self.present, self.stage = None, Stage.ENDED
        if self._workspace.gate.bulk is not None:
            self._workspace.gate.relock_each()

    @property
    def again(self) -> list[Target]:
        """The targets that can be tried again once it has ended."""
        return [target for target in self.targets if target.outcome in AGAIN] if self.stage is Stage.ENDED else []

    def try_again(self) -> None:
        """Put the targets that were refused or not sent back among those to send."""
        for target in self.again:
            target.outcome, target.words, target.ticked = Outcome.WAITING, "", True
