"""Sending a request again: a read at once; a change once it was shown, agreed to, and unlocked like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app.api.errors import ApiError
from tui_app.screens.orders import ShortOrder, carry_out
from tui_app.workspace.again import planned_again, send_again

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange
    from tui_app.screens.base import Host


async def ask_again(host: Host, exchange: Exchange) -> Exchange | None:
    """Send it again. To be called in a worker.

    Returns:
        How it went this time; ``None`` where it was not sent, which is said.
    """
    workspace = host.workspace
    again = planned_again(workspace, exchange) if workspace is not None else None
    if workspace is None or again is None:
        host.say(
            "What it needs was not kept: secrets that are typed are forgotten once they are sent. Use its form.",
            title="Not sent again",
            severity="warning",
            timeout=10,
        )
        return None
    if not again.action:
        try:
            return await send_again(workspace, exchange)
        except ApiError as error:
            host.complain(error.problem, "Not sent again")
            return None
    words = again.action.replace("_", " ")
    done = await carry_out(
        host,
        ShortOrder(
            again.action,
            f"Send this change again: {words}",
            f"send {again.planned.method} {again.planned.path} again",
            "The server does it once more, whatever came of it before.",
            "Send it",
            again.planned,
            lambda: send_again(workspace, exchange),
            grave=True,
            whole=True,
        ),
    )
    if done is None:
        return None
    host.read_again()  # what it changed is not known here
    return done[0]
