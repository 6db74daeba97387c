"""What a server tells of itself once it can be reached."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Announced:
    """A scenario that was played as the server started.

    Attributes:
        name: Which one.
        connection_id: On which connection.
        connection_token: What opens that one.
        sync_id: The sync that it began with; None if it began with none.
    """

    name: str
    connection_id: str
    connection_token: str
    sync_id: str | None


@dataclass(frozen=True)
class Announcement:
    """Where a server is and what opens it.

    Attributes:
        terminal_url: The base URL of Terminal's API.
        api_key: The secret key. It opens the control path, too.
        connection_tokens: Some connection tokens, first of a connection that syncs on request only, if there is one.
        stuut_url: The base URL of Stuut's integrations API.
        stuut_key: What opens that one.
        control_url: Where the clock and the scenarios are controlled.
        scenarios: What was played as the server started.
    """

    terminal_url: str
    api_key: str
    connection_tokens: list[str]
    stuut_url: str
    stuut_key: str
    control_url: str
    scenarios: tuple[Announced, ...] = ()

    @property
    def servers(self) -> dict[str, tuple[str, str]]:
        """The base URL and the key of each simulated API, by the name of its kind."""
        return {"terminal": (self.terminal_url, self.api_key), "stuut": (self.stuut_url, self.stuut_key)}

    def to_json(self) -> str:
        """Return the announcement as one line."""
        return json.dumps(asdict(self))
