"""Short links, and the public tokens that people get when they have signed in by a link."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tui_app.sandbox.errors import not_found
from tui_app.sandbox.ids import Draw, secret, ulid
from tui_app.sandbox.plans import DAY

LIFETIME = 365 * DAY
# What a code is made of: nothing that could be taken for something else when it is read out.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class ShortLink:
    """A link that was handed out.

    Attributes:
        id: `slk_` and a ULID of its making.
        code: Eight characters that stand for it in its address.
        made_ms: When it was made, since the epoch.
        asked: What the client asked for, by the API's names; moments in milliseconds since the epoch.
    """

    id: str
    code: str
    made_ms: int
    asked: dict[str, Any]

    @property
    def expires_ms(self) -> int:
        """When it is good for nothing any more, since the epoch."""
        return self.made_ms + LIFETIME


class LinkBook:
    """All short links and public tokens that are good for something. Whoever changes it holds the store's lock.

    Attributes:
        links: The links that were not deleted, in the order of their making.
        tokens: Which connection a public token that was not exchanged yet stands for, by its id.
        links_made: How many links were ever made.
        tokens_made: How many public tokens were.
    """

    def __init__(self, seed: int) -> None:
        """Begin without any; chance depends on the seed."""
        self._seed = seed
        self.links: list[ShortLink] = []
        self.tokens: dict[str, str] = {}
        self.links_made = 0
        self.tokens_made = 0

    def make(self, asked: dict[str, Any], now_ms: int) -> tuple[ShortLink, bool]:
        """Make a link, or find the one again that was made from the same.

        Args:
            asked: What the client asked for.
            now_ms: The time, since the epoch.

        Returns:
            The link, and whether it was there before.
        """
        key = _key(asked)
        for link in self.links:
            if now_ms < link.expires_ms and _key(link.asked) == key:
                return link, True
        draw = Draw("short link", self._seed, self.links_made)
        self.links_made += 1
        code = "".join(draw.pick(_LETTERS) for _ in range(8))
        link = ShortLink(f"slk_{ulid(now_ms, draw)}", code, now_ms, asked)
        self.links.append(link)
        return link, False

    def delete(self, link_id: str, now_ms: int) -> None:
        """Make a link useless.

        Args:
            link_id: Which one.
            now_ms: The time, since the epoch.

        Raises:
            ApiError: There is no such link, or none any more (404).
        """
        for link in self.links:
            if link.id == link_id and now_ms < link.expires_ms:
                self.links.remove(link)
                return
        raise not_found(link_id)

    def behind(self, code: str, now_ms: int) -> ShortLink | None:
        """Return the link with a code if it is good at a time (since the epoch), or None."""
        return next((link for link in self.links if link.code == code and now_ms < link.expires_ms), None)

    def hand_out(self, connection_id: str) -> str:
        """Return a new public token for a connection."""
        token = f"pub_tkn_{secret(Draw('public token', self._seed, self.tokens_made))}"
        self.tokens_made += 1
        self.tokens[token] = connection_id
        return token

    def take(self, token: str) -> str:
        """Return the id of the connection that a public token stands for; the token is used up by that.

        Raises:
            ApiError: There is no such token, or none any more (404).
        """
        if token not in self.tokens:
            raise not_found(token)
        return self.tokens.pop(token)

    def to_json(self) -> dict[str, Any]:
        """Return what a state file holds of it."""
        return {
            "links": [[link.id, link.code, link.made_ms, link.asked] for link in self.links],
            "tokens": self.tokens,
            "linksMade": self.links_made,
            "tokensMade": self.tokens_made,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take back what `to_json` returned.

        Raises:
            LookupError, TypeError, ValueError, AttributeError: It was not what `to_json` returned.
        """
        self.links = [
            ShortLink(str(link_id), str(code), int(made_ms), dict(asked))
            for link_id, code, made_ms, asked in saved["links"]
        ]
        self.tokens = {str(token): str(connection_id) for token, connection_id in saved["tokens"].items()}
        self.links_made = int(saved["linksMade"])
        self.tokens_made = int(saved["tokensMade"])


def _key(asked: dict[str, Any]) -> str:
    return json.dumps(asked, sort_keys=True)
