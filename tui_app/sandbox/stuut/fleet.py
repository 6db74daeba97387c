"""The connections that a server starts with: the first show every state there is, the others are ordinary."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_app.sandbox.clock import LATEST_MS
from tui_app.sandbox.ids import Draw, uuid
from tui_app.sandbox.plans import DAY, HOUR, MINUTE
from tui_app.sandbox.stuut import catalogue, health
from tui_app.sandbox.stuut.facts import Circumstances, Model, Profile
from tui_app.sandbox.stuut.health import Health
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.names import trading_name
from tui_app.sandbox.stuut.planning import Schedule

# However large Terminal's fleet is: this API lists all connections in one answer.
MOST = 18


@dataclass(frozen=True, slots=True)
class Role:
    """What a connection is there to show.

    Attributes:
        turn_ago: How long before the server's start the last turn came, in milliseconds; None for no turns at all.
        cadence: From one turn to the next, in milliseconds.
        last_turn: Whether that turn was the last one.
        health: How it fares.
        pending: Whether nobody has signed in yet.
        disabled: Whether it is kept from syncing.
        setup: Whether it is still being set up.
        on_premise: Whether its accounting system stands on its owner's own machines.
        requested: How the requested jobs of models go, by the model's name.
        scheduled: How its scheduled jobs go; None if they complete.
    """

    turn_ago: int | None = None
    cadence: int = 3 * HOUR
    last_turn: bool = False
    health: Health = field(default_factory=lambda: health.HEALTHY)
    pending: bool = False
    disabled: bool = False
    setup: bool = False
    on_premise: bool = False
    requested: dict[str, str] = field(default_factory=dict)
    scheduled: str | None = None


_CANCELLED = "cancelled"
ROLES = (
    # Healthy and idle. The turns of the second one come an hour before the first one's: one of the two is idle always.
    Role(turn_ago=2 * HOUR, cadence=4 * HOUR),
    # Trouble when asked to sync: one model is tried three times, one fails.
    Role(turn_ago=70 * MINUTE, requested={"invoices": "retry", "payments": "failed"}),
    Role(turn_ago=40 * MINUTE, health=health.AUTHENTICATION_ERROR),
    Role(turn_ago=100 * MINUTE, on_premise=True),
    # Syncing at the very start.
    Role(turn_ago=2 * MINUTE, cadence=2 * HOUR),
    Role(turn_ago=55 * MINUTE, health=health.PROVIDER_UNAVAILABLE),
    Role(turn_ago=3 * DAY, last_turn=True, disabled=True),
    Role(setup=True),
    Role(pending=True, health=health.AUTHENTICATION_PENDING),
    # Somebody cancels these every day. Twelve hours lie between the two: one of them has ended so always.
    Role(turn_ago=5 * HOUR, cadence=DAY, scheduled=_CANCELLED),
    Role(turn_ago=3 * HOUR, cadence=4 * HOUR),
    Role(turn_ago=80 * MINUTE, health=health.RATE_LIMITED),
    Role(turn_ago=17 * HOUR, cadence=DAY, scheduled=_CANCELLED),
)


def build_fleet(seed: int, size: int, start_ms: int) -> list[Integration]:
    """Return a fleet, in the order of its numbers; it does not depend on its size.

    Args:
        seed: The same seed and start make the same fleet.
        size: How many connections, as far as `MOST` allows.
        start_ms: When the server's time begins, since the epoch.
    """
    return [_member(seed, index, start_ms) for index in range(min(size, MOST))]


def made_models(draw: Draw, names: tuple[str, ...], *, webhooks: bool = False) -> tuple[Model, ...]:
    """Return models as a new connection has them: all of them synced.

    Args:
        draw: Where the ids come from.
        names: As the accounting system calls them.
        webhooks: Whether it tells of changes by itself.
    """
    return tuple(Model(uuid(draw), name, writable=catalogue.is_writable(name), webhooks=webhooks) for name in names)


def _member(seed: int, index: int, start_ms: int) -> Integration:
    draw = Draw("stuut connection", seed, index)
    role = ROLES[index] if index < len(ROLES) else _ordinary(draw)
    age_ms = draw.between(5 * DAY, 500 * DAY)
    if role.turn_ago is None:
        # Whatever has never synced is new.
        age_ms = draw.between(10 * MINUTE, 50 * MINUTE)
    created_ms = start_ms - age_ms
    profile = _profile(draw, seed, index, role)
    return Integration(
        uuid(draw),
        created_ms,
        ("fleet", seed, index),
        profile,
        _models(draw, profile.provider_name),
        _circumstances(draw, role, created_ms, start_ms, ordinary=index >= len(ROLES)),
    )


def _ordinary(draw: Draw) -> Role:
    cadence = draw.pick((2, 3, 4, 6)) * HOUR
    return Role(turn_ago=draw.between(0, cadence - 1), cadence=cadence)


def _profile(draw: Draw, seed: int, index: int, role: Role) -> Profile:
    # Neighbours use different systems.
    provider = catalogue.PROVIDERS[(seed + index) % len(catalogue.PROVIDERS)]
    if role.on_premise:
        provider = catalogue.ON_PREMISE
    company = trading_name(seed, index)
    test = draw.chance(0.15)
    return Profile(
        provider_name=provider.code,
        name=f"{company.split()[0]} {provider.label}" + (" (test)" if test else ""),
        company=company,
        environment="sandbox" if test else "production",
        api_url=provider.url.format(draw.between(1_000_000, 9_999_999)),
        is_on_premise=role.on_premise,
    )


def _models(draw: Draw, provider_name: str) -> tuple[Model, ...]:
    """Return three to seven models: the three that matter most are synced, and of the others one is not."""
    provider = catalogue.BY_CODE[provider_name]
    others = [*catalogue.STANDARD[3:], provider.custom[0]]
    chosen = draw.sample(others, draw.between(0, 4))
    names = (*catalogue.STANDARD[:3], *(name for name in others if name in chosen))
    off = draw.pick(chosen) if chosen else None
    return tuple(
        Model(
            uuid(draw),
            name,
            enabled=name != off,
            writable=catalogue.is_writable(name) and draw.chance(0.7),
            webhooks=provider.webhooks,
            files=draw.chance(0.1),
        )
        for name in names
    )


def _circumstances(draw: Draw, role: Role, created_ms: int, start_ms: int, *, ordinary: bool) -> Circumstances:
    noticed_ms = max(start_ms - draw.between(2 * HOUR, 30 * HOUR), created_ms)
    schedule = None
    if role.turn_ago is not None:
        last_ms = start_ms - role.turn_ago
        schedule = Schedule(last_ms, role.cadence, created_ms + MINUTE, last_ms if role.last_turn else None)
    return Circumstances(
        health=health.noted(role.health, noticed_ms),
        is_authentication_pending=role.pending,
        is_sync_disabled=role.disabled,
        setup_until_ms=LATEST_MS if role.setup else None,
        schedule=schedule,
        requested=role.requested,
        scheduled=role.scheduled,
        usual=ordinary,
    )
