"""The kinds of servers that can be opened. Light to import: what they need is imported when one is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from tui_app.models.budget import BUDGET

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.api.base import SyncApi
    from tui_app.api.exchanges import Recorder
    from tui_app.api.gate import Gate
    from tui_app.api.health import Health
    from tui_app.api.network import Limits, Network
    from tui_app.api.transport import Transport
    from tui_app.models.clock import Clock

    class OpenApi(SyncApi, Protocol):
        """A server that is open: its operations, and what they are sent through."""

        transport: Transport


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server.

    Attributes:
        label: What a person calls it.
        speaks: Where its class is, as ``module:class``. The class is called with the transport.
        example_url: What the base URL of such a server looks like.
        key_variable: The environment variable that stands for its key where a request is copied as code.
    """

    label: str
    speaks: str
    example_url: str
    key_variable: str = "API_KEY"


KINDS = {
    "terminal": Kind(
        "Terminal, telematics",
        "tui_app.api.terminal:TerminalApi",
        "https://api.sandbox.withterminal.com/tsp/v1",
        "TERMINAL_API_KEY",
    ),
    "stuut": Kind(
        "Stuut, integrations",
        "tui_app.api.stuut:StuutApi",
        "https://api.example.com/v2/integrations",
        "STUUT_API_KEY",
    ),
}
"""What a profile's `kind` may be."""


def open_api(
    kind: str,
    base_url: str,
    key: SecretStr | None,
    *,
    gate: Gate,
    clock: Clock | None = None,
    budget: float = BUDGET,
    recorder: Recorder | None = None,
    on_health: Callable[[Health], None] | None = None,
    limits: Limits | None = None,
    network: Network | None = None,
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
        network: The proxy and the certificates.

    Raises:
        ValueError: No such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of server is called “{kind}”; there are: {', '.join(KINDS)}")
    from tui_app.api.transport import Transport

    speaks = import_kind(kind)
    transport = Transport(
        base_url,
        key,
        gate=gate,
        clock=clock,
        budget=budget,
        recorder=recorder,
        on_health=on_health,
        limits=limits,
        network=network,
        key_variable=KINDS[kind].key_variable,
    )
    return speaks(transport)


def import_kind(kind: str) -> Callable[[Transport], OpenApi]:
    """Import all that it takes to speak to a kind of server, and return its class.

    That is much. Whoever can, has it imported on a thread before anybody waits for an answer.
    """
    # httpx imports these with its first request.
    import_module("httpcore")
    import_module("anyio._backends._asyncio")
    module, _, name = KINDS[kind].speaks.partition(":")
    return cast("Callable[[Transport], OpenApi]", getattr(import_module(module), name))
