"""The embedded server: starts, announces itself, and ends."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tui_app.sandbox.announcement import Announcement
from tui_app.sandbox.clock import VirtualClock, from_ms, to_ms
from tui_app.sandbox.connections import Profile
from tui_app.sandbox.control import PREFIX as CONTROL
from tui_app.sandbox.errors import SandboxError
from tui_app.sandbox.faults import STUUT, TERMINAL
from tui_app.sandbox.faults.board import Faults
from tui_app.sandbox.scenarios import SCENARIOS, Played, Scenario
from tui_app.sandbox.scenarios.playing import play
from tui_app.sandbox.state import SAVE_INTERVAL_S, SavedState, StateFile
from tui_app.sandbox.store import NewConnection, Store
from tui_app.sandbox.stuut import PREFIX, by_hand
from tui_app.sandbox.stuut.store import IntegrationStore
from tui_app.sandbox.stuut.views import connection_json as integration_json
from tui_app.sandbox.views import connection_json

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

__all__ = ["Announcement", "Played", "Sandbox", "SandboxError", "Scenario"]

# Real seconds within which a server has to be up, or down; both take a fraction of one.
_PATIENCE_S = 15.0

# Real seconds for which a connection that nobody uses is kept: longer than by any client. A request that meets a server
# which is just closing is lost, and nobody knows whether it was heard.
_KEPT_S = 75


class Sandbox:
    """A simulated server on a loopback port.

    Use it as a context manager, or call `start` and `stop`; `serve_forever` is for a process that does nothing else.

    Attributes:
        clock: The server's virtual time.
        faults: What goes wrong between clients and the simulated APIs; nothing, unless it is switched on.
        seed: What the fleet depends on.
        connections: The fleet's size.
        on_write: Called after each change that a client or its owner makes, on whatever thread made it.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        connections: int = 48,
        speed: float = 1.0,
        port: int = 0,
        state_file: Path | None = None,
        start: datetime | None = None,
        rate_limits: bool = True,
        host: str = "127.0.0.1",
        time_source: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a server.

        Args:
            seed: The same seed and start make the same fleet.
            connections: How many connections the fleet has. The integrations API has as many, but 18 at most.
            speed: Virtual seconds per real second.
            port: Where to listen; 0 for any free port.
            state_file: Where to keep what clients make, over restarts. If the file exists, it settles seed, fleet and
                start, whatever is said here, because what clients made belongs to that fleet; speed and port are free.
            start: The virtual time to begin at; the real one by default.
            rate_limits: Whether too many requests are refused.
            host: The address to listen on.
            time_source: The real seconds that the virtual ones are counted by.

        Raises:
            SandboxError: The state file is damaged or cannot be read.
            ValueError: A size below 0, a negative speed, or a start without a time zone.
        """
        if start is not None and start.tzinfo is None:
            raise ValueError("the start of a sandbox needs a time zone")
        if connections < 0:
            raise ValueError("a fleet has at least 0 connections")
        saved = SavedState.read(state_file) if state_file is not None and state_file.exists() else None
        start_ms = saved.start_ms if saved else to_ms(start or datetime.now(UTC))
        self.seed = saved.seed if saved else seed
        self.connections = saved.connections if saved else connections
        self.clock = VirtualClock(from_ms(saved.now_ms if saved else start_ms), speed, time_source)
        self.faults = Faults(self.seed)
        self._store = Store(self.seed, self.connections, start_ms, self.clock)
        self._integrations = IntegrationStore(self.seed, self.connections, start_ms, self.clock, self._store.lock)
        self._state: StateFile | None = None
        if state_file is not None:
            self._state = StateFile(state_file, self._store, self._integrations, self.connections, start_ms)
        if saved is not None and state_file is not None:
            saved.apply(self._store, self._integrations, state_file)
        self.on_write: Callable[[], None] | None = None
        self._host = host
        self._port = port
        self._rate_limits = rate_limits
        self._server: uvicorn.Server | None = None
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self._announcement: Announcement | None = None

    def start(self) -> Announcement:
        """Serve on a thread of its own, and return once connections are accepted.

        Raises:
            SandboxError: The port is taken, the state file cannot be written, or the server runs already.
        """
        if self._server is not None:
            raise SandboxError("This sandbox is running already")
        listener = self._listen()
        try:
            self._save()
            self._serve(listener)
        except SandboxError:
            listener.close()
            raise
        self.clock.on_change = self._save_if_possible
        base = f"http://{self._host}:{listener.getsockname()[1]}"
        self._announcement = Announcement(
            terminal_url=f"{base}/tsp/v1",
            api_key=self._store.api_key,
            connection_tokens=[connection.token for connection in self._store.worth_a_look(5)],
            stuut_url=base + PREFIX,
            stuut_key=self._integrations.key,
            control_url=base + CONTROL,
        )
        return self._announcement

    def stop(self) -> None:
        """End the server, if it runs, and wait until it has ended; open connections do not hold it up."""
        if self._server is None:
            return
        self._server.should_exit = True
        self._ended.set()
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        self._threads.clear()
        self._server = None
        self.clock.on_change = None
        if self._state is not None:
            self._state.save(stopped=True)

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the server."""
        self.stop()

    @property
    def announcement(self) -> Announcement:
        """What `start` returned.

        Raises:
            SandboxError: The server was not started.
        """
        if self._announcement is None:
            raise SandboxError("This sandbox was not started")
        return self._announcement

    @property
    def has_ended(self) -> bool:
        """Whether it served and, by itself, does not any more."""
        return not all(thread.is_alive() for thread in self._threads)

    def serve_forever(self, announce: Callable[[Announcement], None]) -> None:
        """Serve until the process is told to end (Ctrl-C, SIGTERM). To be called in the main thread.

        Args:
            announce: Called once the server accepts connections.

        Raises:
            SandboxError: As `start` does, or the server ended by itself.
        """
        told = threading.Event()
        with _told_by_signals(told):
            announcement = self.start()
            try:
                announce(announcement)
                # In slices, because not every system lets a signal interrupt a wait without an end.
                while not told.wait(0.5):
                    if self.has_ended:
                        raise SandboxError("The server ended unexpectedly")
            finally:
                self.stop()

    def add_connection(
        self,
        *,
        company: str = "Added by hand",
        status: str = "connected",
        external_id: str | None = None,
        tags: Sequence[str] = (),
        provider: str = "sandbox",
        sync_mode: str = "manual",
    ) -> dict[str, Any]:
        """Add a connection with any values at all, also such as the API would refuse, and return its JSON.

        It behaves like one that a client made: it syncs when asked to, and its first sync brings up an issue.

        Args:
            company: The company's name.
            status: Its state, from now on; any word.
            external_id: The id in somebody's system.
            tags: Free words.
            provider: The provider's code; any word.
            sync_mode: automatic or manual.
        """
        profile = Profile(
            company={"name": company, "dotNumbers": []},
            account={"name": company},
            provider=provider,
            sync_mode=sync_mode,
            external_id=external_id,
            tags=tuple(tags),
        )
        made = self._store.create(NewConnection(profile, status=status))
        self._written()
        return connection_json(made, self.clock.now_ms(), self._store.publishable_key)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be played here, in the order in which it is best shown."""
        return SCENARIOS

    def play(self, name: str, connection_id: str | None = None) -> Played:
        """Begin a scenario now; the package's documentation says what becomes of whatever goes on there already.

        Args:
            name: Which scenario.
            connection_id: On which connection; on a new one by default.

        Raises:
            SandboxError: There is no such scenario or connection, the connection was deleted or its token revoked, or
                the state file cannot be written.
        """
        played = play(self._store, name, connection_id)
        self._written()
        return played

    def token_of(self, connection_id: str) -> str:
        """Return what opens a connection.

        Raises:
            KeyError: There is no such connection.
        """
        return self._store.token_of(connection_id)

    def revoke_token(self, token: str) -> None:
        """Make a connection token useless: from now on it is answered with 403."""
        self._store.revoke(token)
        self._written()

    def add_integration(
        self,
        *,
        company: str = "Added by hand",
        provider_name: str = "netsuite",
        models: Sequence[str] = ("customers", "invoices", "payments"),
        healthy: bool = True,
        is_sync_disabled: bool = False,
        is_running_setup: bool = False,
        is_authentication_pending: bool = False,
        is_on_premise: bool = False,
        outcomes: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Add a connection of the integrations API with any values at all, and return its JSON.

        It syncs when it is asked to and at no other time. It stays as it is made: no setup ends by itself.

        Args:
            company: The company's name, and the connection's.
            provider_name: The provider; any word.
            models: The names of what is synced; any words, or none.
            healthy: Whether its accounting system answers; if not, its jobs fail.
            is_sync_disabled: Whether requests for a sync are refused for this reason.
            is_running_setup: Whether they are for this one.
            is_authentication_pending: Whether they are for this one.
            is_on_premise: Whether its jobs carry no batch id.
            outcomes: How the requested jobs of models go, by the model's name: complete, retry (twice, then it
                completes), failed or cancelled; complete where nothing is said.

        Raises:
            ValueError: There is no such outcome.
        """
        added = by_hand.add_integration(
            self._integrations,
            company=company,
            provider_name=provider_name,
            models=models,
            healthy=healthy,
            is_sync_disabled=is_sync_disabled,
            is_running_setup=is_running_setup,
            is_authentication_pending=is_authentication_pending,
            is_on_premise=is_on_premise,
            outcomes=outcomes or {},
        )
        self._written()
        return integration_json(added, self.clock.now_ms())

    def switch_model(self, connection_id: str, model_name: str, *, enabled: bool) -> None:
        """Switch a model of the integrations API on or off for syncing; a job that is under way goes on.

        Raises:
            KeyError: There is no such connection, or it has no such model.
        """
        self._integrations.switch_model(connection_id, model_name, enabled=enabled)
        self._written()

    def set_health(self, connection_id: str, **health: Any) -> None:
        """Let a connection of the integrations API fare otherwise from now on; jobs that are under way go on.

        Args:
            connection_id: The connection.
            health: New values of any kind, by the API's names; what is not named stays. While
                `authentication_required` is True, jobs fail; `status_code` provider_unavailable lets those fail, and
                rate_limited those be tried again, whose outcome was not settled when the connection was added.

        Raises:
            KeyError: There is no such connection.
        """
        self._integrations.set_health(connection_id, health)
        self._written()

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol is named, because asyncio sends small answers at once only on sockets that say they are TCP:
        # without it each request waits 40 ms for the other side's delayed acknowledgement.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # A port that was served a moment ago is free, although the system remembers it for a while.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
            listener.listen(128)
        except (OSError, OverflowError) as error:
            listener.close()
            reason = getattr(error, "strerror", None) or str(error)
            raise SandboxError(f"Cannot listen on {self._host}:{self._port}: {reason}") from error
        return listener

    def _serve(self, listener: socket.socket) -> None:
        # Imported now, because a process that opens no sandbox should not pay for a web framework.
        import uvicorn

        from tui_app.sandbox.dispatch import Dispatch
        from tui_app.sandbox.faults.injecting import Injector
        from tui_app.sandbox.faults.severing import SeverableProtocol
        from tui_app.sandbox.web import build_app

        terminal = build_app(self._store, self._written, rate_limits=self._rate_limits)
        config = uvicorn.Config(
            Dispatch(
                # Not before somebody asks: together these cost as much as the one that nearly everybody asks.
                {PREFIX: self._build_integrations, CONTROL: self._build_control},
                Injector(terminal, TERMINAL, self.faults, self.clock),
            ),
            loop="asyncio",
            http=SeverableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEPT_S,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._ended.clear()
        self._spawn("sandbox", self._server.run, [listener])
        if self._state is not None:
            self._spawn("sandbox-state", self._save_regularly)
        server_thread = self._threads[0]
        waited = 0
        while not self._server.started:
            server_thread.join(0.002)
            waited += 1
            if not server_thread.is_alive() or waited * 0.002 > _PATIENCE_S:
                self._server = None
                raise SandboxError("The server did not come up")

    def _build_integrations(self) -> ASGIApp:
        from tui_app.sandbox.faults.injecting import Injector
        from tui_app.sandbox.stuut.app import build_app

        return Injector(build_app(self._integrations, self._written), STUUT, self.faults, self.clock)

    def _build_control(self) -> ASGIApp:
        from tui_app.sandbox.control.app import build_app

        return build_app(self._store, self._written, self.faults)

    def _spawn(self, name: str, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _written(self) -> None:
        self._save()
        if self.on_write is not None:
            self.on_write()

    def _save(self) -> None:
        if self._state is not None:
            self._state.save()

    def _save_if_possible(self) -> None:
        # Nobody waits for an answer here, and the next write may succeed. What a client changes is another matter:
        # if that cannot be kept, the client is told.
        with contextlib.suppress(SandboxError):
            self._save()

    def _save_regularly(self) -> None:
        while not self._ended.wait(SAVE_INTERVAL_S):
            self._save_if_possible()


@contextlib.contextmanager
def _told_by_signals(told: threading.Event) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
