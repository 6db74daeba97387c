"""What a server tells of itself once it can be reached."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Announcement:
    """Where a server is and what opens it.

    Attributes:
        terminal_url: The base URL of Terminal's API.
        api_key: The secret key.
        connection_tokens: Some connection tokens, first of a connection that syncs on request only, if there is one.
        stuut_url: The base URL of Stuut's integrations API.
        stuut_key: What opens that one.
    """

    terminal_url: str
    api_key: str
    connection_tokens: list[str]
    stuut_url: str
    stuut_key: str

    @property
    def servers(self) -> dict[str, tuple[str, str]]:
        """The base URL and the key of each simulated API, by the name of its kind."""
        return {"terminal": (self.terminal_url, self.api_key), "stuut": (self.stuut_url, self.stuut_key)}

    def to_json(self) -> str:
        """Return the announcement as one line."""
        return json.dumps(
            {
                "terminal_url": self.terminal_url,
                "api_key": self.api_key,
                "connection_tokens": self.connection_tokens,
                "stuut_url": self.stuut_url,
                "stuut_key": self.stuut_key,
            }
        )
