"""What went wrong, as data that a screen, a journal or a log can show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """Why something could not be done, as far as it changes what a person or the watch does next."""

    UNREACHABLE = "unreachable"  # no answer: name, network, refused, TLS, time-out
    UNAUTHORIZED = "unauthorized"  # the key is not accepted
    FORBIDDEN = "forbidden"  # the token does not fit, or the key may not do this
    NOT_FOUND = "not_found"
    INVALID = "invalid"  # the server refuses the request as it is written
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"  # the server answered that it failed
    UNREADABLE = "unreadable"  # an answer, but not one that this API makes
    REFUSED = "refused"  # stopped here, before anything was sent
    UNSUPPORTED = "unsupported"  # this server does not offer it (404, 405, 501 on an optional operation)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One entry of an error body's `detail` list.

    Attributes:
        path: Where in the request, as the server wrote it, e.g. ``{requestBody}.credentials.password``.
        message: The server's words.
        suggestion: The server's advice, or an empty string.
    """

    path: str
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong: what happened, what it means, what to do next; the server's own words beside ours.

    Attributes:
        kind: What sort of failure this is.
        title: What happened, in one short sentence.
        meaning: What it means for the person, in one or two sentences.
        next_step: What to do now.
        status: The HTTP status, or ``None`` where no answer came.
        code: The server's own error code, verbatim, or an empty string.
        message: The server's own message, verbatim, or an empty string.
        detail: The server's own detail, where it is text.
        fields: The server's own detail, where it is a list.
        retry_after: Seconds to wait before the next try, where the server said so.
    """

    kind: ProblemKind
    title: str
    meaning: str = ""
    next_step: str = ""
    status: int | None = None
    code: str = ""
    message: str = ""
    detail: str = ""
    fields: tuple[FieldProblem, ...] = ()
    retry_after: float | None = None

    @property
    def server_words(self) -> str:
        """The server's status, code, message and detail on one line, verbatim, or an empty string."""
        parts = [str(self.status) if self.status else "", self.code, *self._reasons]
        return " · ".join(part for part in parts if part)

    @property
    def reason_first(self) -> str:
        """The server's reason, or else ours, and only then its status and code: for lines that may be cut short."""
        reason = " · ".join(part for part in self._reasons if part) or self.title
        what = " ".join(part for part in (str(self.status) if self.status else "", self.code) if part)
        return f"{reason} · {what}" if what else reason

    @property
    def _reasons(self) -> list[str]:
        told = [": ".join(filter(None, (field.path, field.message, field.suggestion))) for field in self.fields]
        return [self.message, self.detail, *told]
