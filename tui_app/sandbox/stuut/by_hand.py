"""Connections that tests put in by hand, with any values at all, also such as the API would refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_app.sandbox.clock import LATEST_MS
from tui_app.sandbox.stuut import health
from tui_app.sandbox.stuut.facts import Circumstances, Profile
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.store import IntegrationStore

OUTCOMES = ("complete", "retry", "failed", "cancelled")


def add_integration(
    store: IntegrationStore,
    *,
    company: str,
    provider_name: str,
    models: Sequence[str],
    healthy: bool,
    is_sync_disabled: bool,
    is_running_setup: bool,
    is_authentication_pending: bool,
    is_on_premise: bool,
    outcomes: Mapping[str, str],
) -> Integration:
    """Add a connection; see `Sandbox.add_integration`.

    Raises:
        ValueError: An outcome that is not one of `OUTCOMES`.
    """
    for outcome in outcomes.values():
        if outcome not in OUTCOMES:
            raise ValueError(f"{outcome!r} is no way for a job to go; there are: {', '.join(OUTCOMES)}")
    profile = Profile(provider_name, company, company=company, environment="production", is_on_premise=is_on_premise)
    circumstances = Circumstances(
        health=health.noted(health.HEALTHY if healthy else health.PROVIDER_UNAVAILABLE, store.clock.now_ms()),
        is_authentication_pending=is_authentication_pending,
        is_sync_disabled=is_sync_disabled,
        setup_until_ms=LATEST_MS if is_running_setup else None,
        requested=dict(outcomes),
    )
    return store.add(profile, tuple(models), circumstances)
