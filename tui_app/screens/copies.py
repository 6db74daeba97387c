"""What there is to copy of a connection, a sync or an issue: as much as its server has, whatever kind that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_app.models.text import safe_block, safe_text

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange, Request
    from tui_app.models.connection import Connection
    from tui_app.models.issue import Issue
    from tui_app.models.remote import Remote
    from tui_app.models.sync import Sync
    from tui_app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Copy:
    """One thing that can be copied.

    Attributes:
        key: The letter that chooses it.
        label: What it is, in a few words.
        shown: What is shown of it beside that. Of a secret, nothing.
        what: What was copied, as what follows "Copied".
        text: Makes the text, once it is chosen: a secret is not taken out before.
        question: What is asked before it is copied; empty where it need not be.
    """

    key: str
    label: str
    shown: str
    what: str
    text: Callable[[], str]
    question: str = ""


def connection_copies(workspace: Workspace, connection: Connection) -> list[Copy]:
    """What there is to copy of a connection."""
    name = safe_text(connection.name, 60)
    found = [_line("i", "ID", connection.id, f"connection ID {connection.id}")]
    if connection.external_id:
        external = connection.external_id
        found.append(_line("e", "external ID", external, f"external ID {external}"))
    if connection.link_url:
        # Whole, with its publishable key: it is made to be sent to the fleet.
        found.append(_line("l", "link URL", connection.link_url, f"the link where {name} signs in again"))
    token = connection.token
    if token is not None and token.get_secret_value():
        found.append(
            Copy(
                "t",
                "connection token",
                "a secret: asked about first",
                f"the connection token of {name}",
                token.get_secret_value,
                question="This opens one fleet's data. Copy it?",
            )
        )
    found += _requests(lambda: workspace.planned_read(connection.id), "reads this connection")
    return [*found, _json(connection, "this connection")]


def sync_copies(workspace: Workspace, connection_id: str, sync_id: str, sync: Sync | None) -> list[Copy]:
    """What there is to copy of a sync; `sync` is how it was last seen, if it was."""
    found = [_line("i", "ID", sync_id, f"sync ID {sync_id}")]
    found.append(_line("n", "connection ID", connection_id, f"connection ID {connection_id}"))
    found += _requests(lambda: workspace.planned_sync_read(connection_id, sync_id), "reads this sync")
    return [*found, *([_json(sync, "this sync")] if sync is not None else [])]


def issue_copies(workspace: Workspace, connection_id: str, issue: Issue) -> list[Copy]:
    """What there is to copy of an issue, which is read with all others of its connection."""
    found = [_line("i", "ID", issue.id, f"issue ID {issue.id}")]
    found.append(_line("n", "connection ID", connection_id, f"connection ID {connection_id}"))
    if issue.documentation_url:
        found.append(_line("d", "documentation", issue.documentation_url, "the address where it is explained"))
    found += _requests(lambda: workspace.planned_issues_read(connection_id), "reads this connection's issues")
    return [*found, _json(issue, "this issue")]


def exchange_copies(exchange: Exchange) -> list[Copy]:
    """What there is to copy of a request that was sent, secrets masked as it was recorded."""
    from tui_app.api.exchanges import as_curl, sendable_url
    from tui_app.api.snippets import as_python

    request = exchange.request
    shown = f"{request.method} {request.path}"
    found = [
        _line("u", "URL", sendable_url(request.url), "the URL"),
        Copy("c", "cURL", shown, "a cURL command, secrets left out", lambda: as_curl(request)),
        Copy("p", "Python", shown, "Python, secrets left out", lambda: as_python(request)),
    ]
    bodies = (("b", "what was sent", request.body), ("a", "answer", exchange.response_body))
    found += [_body(key, label, text) for key, label, text in bodies if text]
    return found


def _body(key: str, label: str, text: str) -> Copy:
    named = "the answer" if key == "a" else label
    shown = "as it was recorded, secrets masked"
    return Copy(key, label, shown, f"{named}, secrets masked", lambda: safe_block(text))


def _line(key: str, label: str, text: str, what: str) -> Copy:
    # Of one line, whatever the server sent: what is pasted into a shell must not begin another command.
    return Copy(key, label, text, what, lambda: safe_text(text))


def _requests(planned: Callable[[], Request], does: str) -> Iterator[Copy]:
    """The request that reads it, as cURL and as Python; nothing where this server has none for it."""
    from tui_app.api.errors import ApiError
    from tui_app.api.exchanges import as_curl
    from tui_app.api.snippets import as_python

    try:
        request = planned()
    except ApiError:
        return
    shown = f"{request.method} {request.path}"
    yield Copy("c", "cURL", shown, f"a cURL command that {does}, secrets left out", lambda: as_curl(request))
    yield Copy("p", "Python", shown, f"Python that {does}, secrets left out", lambda: as_python(request))


def _json(thing: Remote, named: str) -> Copy:
    def text() -> str:
        from tui_app.api.exchanges import json_text

        return json_text(thing.to_json(), indent=2)

    return Copy("j", "JSON", "as the server sent it, secrets masked", f"the JSON of {named}, secrets masked", text)
