"""Playing a scenario: it is settled as a whole, and put on a connection."""

from __future__ import annotations

from dataclasses import replace

from tui_app.sandbox.companies import company_name
from tui_app.sandbox.connections import REMOVED, Connection, Profile
from tui_app.sandbox.fleet import user_of
from tui_app.sandbox.ids import Draw
from tui_app.sandbox.jobs import end_running
from tui_app.sandbox.plans import DAY
from tui_app.sandbox.scenarios import NotPlayable, Played, named
from tui_app.sandbox.scenarios.plots import SETTINGS, Plot, Stage
from tui_app.sandbox.store import NewConnection, Store

ENDED = "The sync was ended because a scenario was started on its connection"


def play(store: Store, name: str, connection_id: str | None = None) -> Played:
    """Begin a scenario now.

    Args:
        store: What the server knows.
        name: Which scenario.
        connection_id: On which connection; on a new one by default.

    Raises:
        NoScenario: There is no scenario of that name.
        NotPlayable: There is no such connection, it was deleted, or its token was revoked.
    """
    scenario = named(name)
    setting = SETTINGS[name]
    with store.lock:
        now_ms = store.clock.now_ms()
        made = connection_id is None
        connection = _new(store, setting.provider) if connection_id is None else _found(store, connection_id, now_ms)
        # Chance depends on the time, too: whoever plays a scenario again sees it go a little differently.
        draw = Draw("scenario", store.seed, name, *connection.part, len(connection.requested), now_ms)
        latest = None if made else connection.latest_sync(now_ms)
        plot = setting.tell(Stage(draw, now_ms, now_ms - 7 * DAY if latest is None else latest.requested_ms))
        end_running(connection, now_ms, ENDED)
        _put(store, connection, plot, now_ms)
        sync_id = connection.requested[-1].id
        store.played.append((name, connection.id, sync_id, now_ms))
        return Played(scenario, connection.id, sync_id)


def _put(store: Store, connection: Connection, plot: Plot, now_ms: int) -> None:
    ahead = connection.moves[-1][0] > now_ms
    connection.turns = [turn for turn in connection.turns if turn.requested_ms <= now_ms]
    if ahead or plot.moves or connection.status_at(now_ms) != "connected":
        # Whatever else was to become of the connection does not any more.
        connection.move((now_ms, "connected"), *plot.moves)
        connection.unasked.extend(plot.moves)
    connection.requested.append(replace(plot.sync, id=connection.newest_id(plot.sync.id, now_ms)))
    connection.turns.extend(plot.turns)
    store.note(connection)
    for issue in plot.issues:
        store.report(connection, issue)


def _found(store: Store, connection_id: str, now_ms: int) -> Connection:
    connection = store.connection(connection_id)
    if connection is None:
        raise NotPlayable(f"There is no connection {connection_id!a}")
    status = connection.status_at(now_ms)
    if status in REMOVED:
        raise NotPlayable(f"Connection {connection_id} is {status}: nothing can be played on it any more")
    if connection.token in store.revoked:
        raise NotPlayable(f"The token of connection {connection_id} was revoked: nobody could see what is played on it")
    return connection


def _new(store: Store, provider: str) -> Connection:
    number = len(store.fleet) + len(store.made)
    draw = Draw("scenario company", store.seed, number)
    name = company_name(store.seed, number)
    dot_numbers = [str(draw.between(100_000, 3_999_999))]
    profile = Profile(
        company={"name": name, "dotNumbers": dot_numbers},
        account={"name": name, "dotNumbers": dot_numbers, "user": user_of(draw, name)},
        provider=provider,
        sync_mode="manual",
        external_id=f"fleet-{1000 + number}",
        source_id=str(draw.between(10_000, 99_999_999)),
        tags=("scenario",),
    )
    return store.create(NewConnection(profile))
