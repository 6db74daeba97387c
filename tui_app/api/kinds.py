"""The kinds of servers that can be opened. Speaking HTTP is imported when the first one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from tui_app.api.base import SyncApi
from tui_app.api.gate import Gate
from tui_app.models.clock import Clock

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.api.exchanges import Recorder, Request
    from tui_app.api.health import Health
    from tui_app.api.transport import Limits, Transport
    from tui_app.models.connection import ConnectionDraft

KINDS = ("terminal",)
"""What a profile's `kind` may be."""


class OpenApi(SyncApi, Protocol):
    """A server that is open: its operations, and what they are sent through."""

    transport: Transport

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """Show the request that creating this connection would send, secrets masked. Nothing is sent."""
        ...


def open_api(
    kind: str,
    base_url: str,
    key: SecretStr | None,
    *,
    gate: Gate,
    clock: Clock | None = None,
    budget: float = 20.0,
    recorder: Recorder | None = None,
    on_health: Callable[[Health], None] | None = None,
    limits: Limits | None = None,
) -> OpenApi:
    """Open a server. Nothing is sent before its first operation.

    Args:
        kind: One of `KINDS`.
        base_url: Where it answers.
        key: Sent as bearer; ``None`` sends none.
        gate: What every write passes.
        clock: What waits and measures.
        budget: The most requests per second.
        recorder: Where exchanges are kept.
        on_health: Called after each exchange.
        limits: Times, sizes and tries.

    Raises:
        ValueError: No such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of server is called “{kind}”; there are: {', '.join(KINDS)}")
    from tui_app.api.terminal import TerminalApi
    from tui_app.api.transport import Transport

    transport = Transport(
        base_url,
        key,
        gate=gate,
        clock=clock,
        budget=budget,
        recorder=recorder,
        on_health=on_health,
        limits=limits,
    )
    return TerminalApi(transport)
