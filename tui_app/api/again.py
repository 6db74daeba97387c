"""What was sent, kept so that it can be sent again: with the token that it needs, and without the secrets of forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.api.transport import Transport
    from tui_app.api.wire import Body, Call

MOST = 1000
"""Requests that are kept; of more, the oldest go."""


@dataclass(frozen=True, slots=True)
class Sendable:
    """One request.

    Attributes:
        method: The HTTP method.
        path: Below the base URL, from its slash.
        params: Its query.
        token: The connection's, where it is about one.
        body: Its JSON, if it has any.
        raw: Whether any content is an answer.
        action: What a person does by it, as the gate calls it; empty where it changes nothing.
    """

    method: str
    path: str
    params: Mapping[str, str]
    token: SecretStr | None
    body: Body | None
    raw: bool
    action: str

    def planned(self, transport: Transport) -> Request:
        """The request as it would be sent, secrets masked."""
        return transport.planned(
            self.method, self.path, params=self.params, json=self.body, token=self.token, raw=self.raw
        )

    async def send(self, transport: Transport) -> None:
        """Send it once. What comes of it is recorded.

        Raises:
            ApiError: The gate refused, or it failed.
        """
        if self.action:
            await transport.write(
                self.method, self.path, action=self.action, json=self.body, token=self.token, raw=self.raw
            )
        else:
            await transport.read(self.path, self.params, self.token, attempts=1)


class Sent:
    """The latest requests, by the numbers of their exchanges."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[int, Sendable] = {}

    def __repr__(self) -> str:
        return f"Sent({len(self._kept)} kept)"

    def keep(self, number: int, call: Call) -> None:
        """Keep a request, unless secrets were typed for it: those are forgotten once they are sent."""
        if call.body is not None and call.body.secrets:
            return
        self._kept[number] = Sendable(call.method, call.path, call.params, call.token, call.body, call.raw, call.action)
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def of(self, number: int) -> Sendable | None:
        """What was sent in an exchange; ``None`` where it was not kept."""
        return self._kept.get(number)
