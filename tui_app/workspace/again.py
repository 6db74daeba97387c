"""Sending a request again that was sent before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange, Request
    from tui_app.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Again:
    """A request that can be sent again.

    Attributes:
        planned: What would be sent, secrets masked.
        action: What it changes, as the gate calls it; empty where it only reads.
    """

    planned: Request
    action: str


def planned_again(workspace: Workspace, exchange: Exchange) -> Again | None:
    """What would be sent to repeat an exchange; ``None`` where what it needs was not kept. Nothing is sent."""
    transport = workspace.api.transport
    kept = transport.sent.of(exchange.number)
    return None if kept is None else Again(kept.planned(transport), kept.action)


async def send_again(workspace: Workspace, exchange: Exchange) -> Exchange | None:
    """Send a request once more, once: a change passes the gate.

    Returns:
        How it went this time; ``None`` where that is not to be found, or where what it needs was not kept.

    Raises:
        ApiError: The gate refused it, or nothing could be sent. What a server refuses is an exchange like others.
    """
    from tui_app.api.errors import ApiError

    transport = workspace.api.transport
    kept = transport.sent.of(exchange.number)
    if kept is None:
        return None
    newest = max((each.number for each in workspace.recorder), default=0)
    try:
        await kept.send(transport)
    except ApiError:
        if (sent := _sent_after(workspace, newest, exchange)) is None:
            raise
        return sent
    return _sent_after(workspace, newest, exchange)


def _sent_after(workspace: Workspace, number: int, like: Exchange) -> Exchange | None:
    later = (each for each in workspace.recorder if each.number > number and each.request == like.request)
    return next(later, None)
