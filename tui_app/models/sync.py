"""A sync: one run that brings a connection's data in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tui_app.models.issue import Issue, IssueReference
from tui_app.models.remote import Moment, Remote, Words


class Phase(StrEnum):
    """What a status word means, the same for every kind of server."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # over, but its end was not seen, nor can it be seen any more
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will change. An unknown word is not final: it is followed on."""
        return self in (Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED, Phase.LOST)


def phase_of(parts: Iterable[Phase]) -> Phase:
    """The phase of a sync that has parts; which part is in which phase, and in what order they come, is no matter.

    While any part may still change, the whole goes on, and its phase is the first of these that some part is in:
    running, retrying, unknown. Where none is, parts wait: the whole waits if nothing has ended yet, else it runs, being
    between two parts. Once all parts have ended, the worst of them is what the whole ended as: failed, then lost, then
    cancelled, then succeeded. What has no parts is unknown.
    """
    found = set(parts)
    for phase in (Phase.RUNNING, Phase.RETRYING, Phase.UNKNOWN):
        if phase in found:
            return phase
    if Phase.WAITING in found:
        return Phase.WAITING if found == {Phase.WAITING} else Phase.RUNNING
    for phase in (Phase.FAILED, Phase.LOST, Phase.CANCELLED, Phase.SUCCEEDED):
        if phase in found:
            return phase
    return Phase.UNKNOWN


@dataclass(frozen=True, slots=True)
class SyncPart:
    """One part of a sync, for servers that sync a connection model by model.

    Attributes:
        id: The server's ID of this job.
        model_id: Which of the connection's models it syncs.
        name: What a person calls that model.
        status: The server's own word, verbatim.
        phase: What that word means; `LOST` where its end can no longer be seen.
        requested_at: When it was made, in the server's time.
        attempt: How many tries were begun; 0 before the first.
        started_at: When it began, where it did.
        completed_at: When it ended, where it did.
        start_from: Begin of the window that it brings in, where the server says.
        until: End of that window.
        failure_reason: The server's words on why it, or its last try, failed.
        is_initial: Whether it is the model's first sync, where the server says.
        is_one_off: Whether somebody asked for it, rather than the schedule.
        inference: How it was told from other jobs, where the server does not say; empty where it does.
        note: What a person has to know about what is shown; empty where nothing.
    """

    id: str
    model_id: str
    name: str
    status: str
    phase: Phase
    requested_at: datetime
    attempt: int | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    start_from: datetime | None = None
    until: datetime | None = None
    failure_reason: Words | None = None
    is_initial: bool | None = None
    is_one_off: bool | None = None
    inference: str = ""
    note: str = ""


def _request_word(value: Any) -> Any:
    # Terminal documents these as words and shows them as objects in one example: read both.
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return value["type"]
    return value


ProviderRequest = Annotated[str, BeforeValidator(_request_word)]

Number = Annotated[int | float, Field(allow_inf_nan=False)]
"""A finite JSON number, kept as it came: 85 does not become 85.0."""


class Sync(Remote):
    """The state of one sync at one time.

    Attributes:
        id: The server's ID.
        status: The server's own word, verbatim.
        phase: What that word means; set by the API module that knows this server's words.
        requested_at: When it was asked for, in the server's time.
        start_from: The earliest record time it brings in, where the server says.
        completed_at: When it ended, where it did.
        progress: Percent, 0 to 100, where the server says.
        attempts: How many tries so far; servers may send fractions.
        failure_reason: The server's words on why it failed.
        issues: IDs, or whole issues where the request asked to expand them.
        provider_requests: What it waits for at the provider; not empty means that it may take days.
        parts: One for each model, where the server syncs model by model; set by the API module, as `phase` is.
        until: The end of the window it brings in, where the server says; set by the API module.
    """

    id: str = Field(min_length=1)
    status: str
    phase: Phase = Field(default=Phase.UNKNOWN, alias="x-syncscope-phase", exclude=True)
    requested_at: Moment
    start_from: Moment | None = None
    completed_at: Moment | None = None
    progress: Number | None = None
    attempts: Number | None = None
    failure_reason: Words | None = None
    issues: list[str | Issue | IssueReference] = []
    provider_requests: list[ProviderRequest] = []
    parts: tuple[SyncPart, ...] = Field(default=(), alias="x-syncscope-parts", exclude=True)
    until: Moment | None = Field(default=None, alias="x-syncscope-until", exclude=True)

    @property
    def parts_ended(self) -> int:
        """How many of its parts have ended, well or not."""
        return sum(1 for part in self.parts if part.phase.is_final)

    @property
    def percent(self) -> Number | None:
        """How far it is: the server's own percent, else the share of its parts that have ended, else ``None``.

        Of a sync whose end was not seen, nobody knows.
        """
        if self.progress is None and self.parts and self.phase is not Phase.LOST:
            return round(100 * self.parts_ended / len(self.parts))
        return self.progress

    @property
    def issue_ids(self) -> list[str]:
        """The IDs of its issues, expanded or not, in the server's order."""
        return [issue if isinstance(issue, str) else issue.id for issue in self.issues]

    @property
    def known_issues(self) -> list[Issue]:
        """Those issues that came whole."""
        return [issue for issue in self.issues if isinstance(issue, Issue)]

    @property
    def awaits_provider(self) -> bool:
        """Whether it waits for somebody at the provider, and so may rightly take days."""
        return not self.phase.is_final and bool(self.provider_requests)

    def elapsed(self, now: datetime) -> timedelta | None:
        """How long it has run, or ran: from the request to its end, or to `now` (in the server's time).

        ``None`` where it has ended and the server does not say when, as it does not of syncs that failed.
        """
        if self.completed_at is None and self.phase.is_final:
            return None
        return max((self.completed_at or now) - self.requested_at, timedelta(0))


class SyncRequest(BaseModel):
    """What to ask for when requesting a sync. Nothing at all is a valid request: the server then decides the window.

    Attributes:
        start_from: The earliest record time; not together with `days`.
        days: Days of history from now; above 0, fractions allowed.
        provider_requests: What to ask of the provider (``historical_files``, ``provision_credentials``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    start_from: Moment | None = None
    days: Annotated[float, Field(gt=0, le=36500, allow_inf_nan=False)] | None = None
    provider_requests: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_window(self) -> SyncRequest:
        if self.start_from is not None and self.days is not None:
            raise ValueError("give days or a start date, not both")
        return self
