"""All connections of the API, found by id, and what clients may do to them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tui_app.sandbox.clock import VirtualClock
from tui_app.sandbox.ids import Draw, secret, uuid
from tui_app.sandbox.plans import MINUTE
from tui_app.sandbox.stuut import catalogue, health
from tui_app.sandbox.stuut.facts import Circumstances, Profile
from tui_app.sandbox.stuut.fleet import build_fleet, made_models
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.jobs import JobPlan
from tui_app.sandbox.stuut.refusals import conflict, unknown_connection


class IntegrationStore:
    """What the server knows. Every method may be called from any thread.

    Attributes:
        lock: Held by whoever changes something or writes it down.
        seed: What everything depends on.
        clock: The server's time.
        key: What opens the API.
        fleet: The connections that were there from the start.
        made: Those that were made since.
    """

    def __init__(self, seed: int, size: int, start_ms: int, clock: VirtualClock, lock: threading.RLock) -> None:
        """Build a fleet.

        Args:
            seed: What everything depends on.
            size: How many connections, as far as the fleet goes.
            start_ms: When the server's time began, since the epoch.
            clock: The server's time.
            lock: The server's, because all its state goes into one file.
        """
        self.lock = lock
        self.seed = seed
        self.clock = clock
        self.key = f"stuut_test_{secret(Draw('stuut key', seed), 40)}"
        self.fleet = build_fleet(seed, size, start_ms)
        self.made: list[Integration] = []
        self._by_id = {each.id: each for each in self.fleet}

    def connections(self) -> list[Integration]:
        """Return all connections: the fleet's, then those that were made, in the order of making."""
        return [*self.fleet, *self.made]

    def connection(self, connection_id: str) -> Integration:
        """Return the connection with an id.

        Raises:
            Refusal: There is none (404).
        """
        try:
            return self._by_id[connection_id]
        except KeyError:
            raise unknown_connection() from None

    def create(self, profile: Profile) -> Integration:
        """Make a connection as a client does: it is being set up for a minute, and has what its provider has."""
        provider = catalogue.BY_CODE.get(profile.provider_name)
        with self.lock:
            now_ms = self.clock.now_ms()
            circumstances = Circumstances(
                health=health.noted(health.HEALTHY, now_ms),
                setup_until_ms=now_ms + MINUTE,
                usual=True,
                retries_first=True,
            )
            names = catalogue.model_names(profile.provider_name)
            return self.add(profile, names, circumstances, webhooks=provider is not None and provider.webhooks)

    def add(
        self, profile: Profile, names: tuple[str, ...], circumstances: Circumstances, *, webhooks: bool = False
    ) -> Integration:
        """Make a connection of any kind.

        Args:
            profile: What its owner says of it.
            names: What is synced.
            circumstances: What is settled of it.
            webhooks: Whether its accounting system tells of changes by itself.
        """
        with self.lock:
            part = ("made", self.seed, len(self.made))
            draw = Draw("stuut connection", *part)
            models = made_models(draw, names, webhooks=webhooks)
            made = Integration(uuid(draw), self.clock.now_ms(), part, profile, models, circumstances)
            self.restore(made)
            return made

    def restore(self, made: Integration) -> None:
        """Take in a connection that was made before."""
        self.made.append(made)
        self._by_id[made.id] = made

    def edit(self, connection: Integration, changes: Mapping[str, Any]) -> None:
        """Change what its owner says of a connection.

        Args:
            connection: The connection.
            changes: New values by the names of `Profile`'s fields; what is not named stays.
        """
        with self.lock:
            edited = replace(connection.profile, **changes)
            if edited != connection.profile:
                connection.profiles.append((self.clock.now_ms(), edited))

    def request_sync(self, connection: Integration) -> tuple[JobPlan, ...]:
        """Request a sync of a connection, and return its jobs: one for each model that is synced.

        Raises:
            Refusal: The connection cannot be synced now (409).
        """
        with self.lock:
            now_ms = self.clock.now_ms()
            if connection.circumstances.is_authentication_pending:
                raise conflict("Authentication is pending for this connection")
            if connection.is_running_setup(now_ms):
                raise conflict("Setup is running for this connection")
            if connection.circumstances.is_sync_disabled:
                raise conflict("Syncing is disabled for this connection")
            if connection.running_job(now_ms) is not None:
                raise conflict("A sync is already running for this connection")
            batch = connection.plan_batch(now_ms)
            if batch.jobs:
                connection.batches.append(batch)
            return batch.jobs

    def switch_model(self, connection_id: str, name: str, *, enabled: bool) -> None:
        """Switch a model of a connection on or off; a job that is under way goes on.

        Raises:
            KeyError: There is no such connection, or it has no such model.
        """
        connection = self._by_id[connection_id]
        if not any(model.name == name for model in connection.models):
            raise KeyError(name)
        with self.lock:
            connection.switches.append((self.clock.now_ms(), (name, enabled)))

    def set_health(self, connection_id: str, changes: Mapping[str, Any]) -> None:
        """Let a connection fare otherwise from now on; jobs that are under way go on.

        Args:
            connection_id: The connection.
            changes: New values by the names of the API; what is not named stays, except for the time of noticing.

        Raises:
            KeyError: There is no such connection.
        """
        connection = self._by_id[connection_id]
        with self.lock:
            now_ms = self.clock.now_ms()
            connection.notes.append((now_ms, {**health.noted(connection.health_at(now_ms), now_ms), **changes}))
