"""An issue: data that came incompletely, without failing the sync."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tui_app.models.remote import Moment, Remote, Words
from tui_app.models.secrets import redacted


class IssueError(Remote):
    """What the issue is about: the server's code and its words, both verbatim."""

    code: str
    message: Words = ""


class IssueReference(Remote):
    """An expanded issue of which the server sent no more than the ID."""

    id: str = Field(min_length=1)


# An expanded connection comes with its token, which nothing here needs: masked before it is kept.
ExpandedConnection = Annotated[str | dict[str, Any], BeforeValidator(redacted)]


class Issue(Remote):
    """One problem with a connection's data.

    Attributes:
        id: The server's ID.
        status: The server's word, verbatim: ``ongoing`` or ``resolved``, or one that is not known yet.
        connection: The connection's ID, or the object where the request asked to expand it (its token masked).
        error: Code and message.
        first_reported_at: When it was first seen, in the server's time.
        last_reported_at: When it was last seen.
        resolution_type: Who can resolve it, in the server's word, where it says.
        documentation_url: Where the server explains it, where it says.
    """

    id: str = Field(min_length=1)
    status: str
    connection: ExpandedConnection | None = None
    error: IssueError
    first_reported_at: Moment | None = None
    last_reported_at: Moment | None = None
    resolution_type: str | None = None
    documentation_url: str | None = None

    @property
    def connection_id(self) -> str:
        """The ID of its connection, or an empty string where the server did not say."""
        if isinstance(self.connection, dict):
            return str(self.connection.get("id", ""))
        return self.connection or ""

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return stands(self.status)


def stands(status: str) -> bool:
    """Whether an issue of that status still stands. A word that nobody knows counts as open: better shown than lost."""
    return status != "resolved"
