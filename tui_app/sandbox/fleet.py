"""The fleet that a server starts with: settled by a seed and a starting time, built as far as it is looked at."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import Any

from tui_app.sandbox.clock import iso
from tui_app.sandbox.companies import FIRST_NAMES, SURNAMES, company_name
from tui_app.sandbox.connections import Connection, Profile, Story
from tui_app.sandbox.ids import Draw, secret, ulid
from tui_app.sandbox.plans import DAY, HOUR
from tui_app.sandbox.providers import WEIGHTS
from tui_app.sandbox.stories import role_of, story_of

TAGS = ("refrigerated", "long-haul", "last-mile", "pilot", "insured", "west", "midwest", "south", "northeast", "canada")
PLACES = ("Austin, TX", "Boise, ID", "Calgary, AB", "Columbus, OH", "Fresno, CA", "Laval, QC", "Omaha, NE", "Tulsa, OK")


class FleetConnection(Connection):
    """A connection of the fleet. Its profile and story are worked out when somebody first looks."""

    def __init__(self, seed: int, index: int, start_ms: int) -> None:
        """Make connection number `index` of a fleet that starts at a time (since the epoch)."""
        draw = Draw("connection", seed, index)
        created_ms = start_ms - draw.between(3 * HOUR, 720 * DAY)
        super().__init__(f"conn_{ulid(created_ms, draw)}", f"con_tkn_{secret(draw)}", created_ms, ("fleet", index))
        self._seed = seed
        self.index = index
        self._start_ms = start_ms

    @cached_property
    def original(self) -> Profile:
        """Whose connection it was at first."""
        return _profile(self._seed, self.index, self.created_ms, self.id)

    @cached_property
    def story(self) -> Story:
        """What was settled for it from the beginning."""
        return story_of(self._seed, self.index, self.created_ms, self._start_ms)


def build_fleet(seed: int, size: int, start_ms: int) -> list[FleetConnection]:
    """Return a fleet, in the order of its numbers.

    Args:
        seed: The same seed and start make the same fleet.
        size: How many connections.
        start_ms: When the server's time begins, since the epoch.
    """
    return [FleetConnection(seed, index, start_ms) for index in range(size)]


def _profile(seed: int, index: int, created_ms: int, connection_id: str) -> Profile:
    draw = Draw("profile", seed, index)
    role = role_of(seed, index)
    name = company_name(seed, index)
    dot_numbers = [str(draw.between(100_000, 3_999_999)) for _ in range(draw.weighted(((1, 80), (2, 14), (0, 6))))]
    provider = draw.weighted(WEIGHTS)
    if role.provider is not None:
        provider = role.provider
    user = user_of(draw, name)
    account = {"name": name, "dotNumbers": dot_numbers, "user": user}
    return Profile(
        company={"name": name, "dotNumbers": dot_numbers},
        account=account,
        provider=provider,
        sync_mode="manual" if role.manual else "automatic",
        external_id=f"fleet-{1000 + index}" if draw.chance(0.85) else None,
        source_id=str(draw.between(10_000, 99_999_999)) if draw.chance(0.8) else None,
        tags=tuple(sorted(draw.sample(TAGS, draw.weighted(((0, 3), (1, 4), (2, 3), (3, 1)))))),
        options={"ingestHistoryFromSourceSystem": draw.chance(0.5)} if provider.startswith("omnitracs") else {},
        filters=_filters(draw, created_ms) if draw.chance(0.15) else {},
        agreements=(_agreement(draw, created_ms, connection_id, user),) if draw.chance(0.8) else (),
    )


def user_of(draw: Draw, company: str) -> dict[str, str]:
    """Return somebody who could have an account for a company, as the API shows them."""
    first, last = draw.pick(FIRST_NAMES), draw.pick(SURNAMES)
    return {
        "sourceId": str(draw.between(1000, 999_999)),
        "firstName": first,
        "lastName": last,
        # `.example` is reserved: nobody can ever be written to by mistake.
        "email": f"{_plain(first)}.{_plain(last)}@{_plain(company)}.example",
    }


def _plain(name: str) -> str:
    """Return what is left of a name in an address: lower-case ASCII letters."""
    letters = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O")).lower()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def _filters(draw: Draw, created_ms: int) -> dict[str, Any]:
    excluded = [f"vcl_{ulid(created_ms, draw)}" for _ in range(draw.between(1, 3))]
    return draw.pick(
        (
            {"vehicles": {"status": "active"}},
            {"vehicles": {"excludeIds": excluded}},
            {"vehicles": {"status": "active"}, "drivers": {"status": "active"}},
        )
    )


def _agreement(draw: Draw, created_ms: int, connection_id: str, user: dict[str, str]) -> dict[str, Any]:
    return {
        "id": f"agr_{ulid(created_ms, draw)}",
        "applicationId": f"app_{ulid(created_ms, Draw('application'))}",
        "connectionId": connection_id,
        "agreementUrl": "https://fleets.example/agreements/2025-01.html",
        "acceptedBy": user,
        "acceptedAt": iso(created_ms),
        "location": draw.pick(PLACES),
        # A range that is reserved for documentation.
        "ipAddress": f"203.0.113.{draw.between(1, 254)}",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    }
