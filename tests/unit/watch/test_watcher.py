"""Following syncs through time, on a clock that stands still until it is advanced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.clocks import START, FakeClock, settle
from tests.unit.watch.story import (
    CONNECTION,
    SYNC_ID,
    Script,
    ScriptedApi,
    a_problem,
    a_sync,
    a_watcher,
    failing,
    progress_seen,
    running,
)
from tui_app.api.errors import ApiError
from tui_app.api.turns import MOST_AT_ONCE
from tui_app.models.connection import Connection
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch import watch as watch_module
from tui_app.watch import watcher as watcher_module
from tui_app.watch.pacing import Pacing
from tui_app.watch.watcher import Watcher


def following(script: Script, *, takes: float = 0.0) -> tuple[FakeClock, ScriptedApi, Watcher]:
    clock = FakeClock()
    api = ScriptedApi(clock, script, takes)
    return clock, api, a_watcher(api)


async def collected(stream: AsyncIterator[Observation]) -> list[Observation]:
    return [observation async for observation in stream]


async def test_a_sync_is_followed_from_its_request_to_its_end() -> None:
    clock, api, watcher = following(running(20, waits=3))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    took = await clock.advance_until(lambda: watch.finished)
    assert took <= 23 + Pacing().running.most
    assert len(progress_seen(watch)) >= 10
    assert watch.latest_sync is not None
    assert watch.latest_sync.status == "completed"
    assert (watch.next_look_at, watch.pace, watch.problem) == (None, "it has ended", None)
    assert watch.journal[0].text == "requested"
    assert "requested → in_progress" in [entry.text for entry in watch.journal]
    looks = len(api.looks)
    await clock.advance(3600)
    assert len(api.looks) == looks
    await watcher.close()


async def test_each_observation_says_when_the_next_look_is_due_and_why() -> None:
    clock, api, watcher = following(running(20))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance_until(lambda: watch.finished)
    seen = watch.observations
    assert [look.next_look for look in seen[:-1]] == pytest.approx(api.gaps)
    assert seen[-1].next_look is None
    assert all(look.pace for look in seen)
    await watcher.close()


async def test_observations_carry_the_time_of_the_server_and_the_latency_of_the_look() -> None:
    clock = FakeClock()
    api = ScriptedApi(clock, running(60), takes=0.25)
    watcher = a_watcher(api, now=lambda: clock.now() + timedelta(hours=5))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(0.25)
    assert watch.latest is not None
    assert watch.latest.latency == 0.25
    assert watch.latest.observed_at == START + timedelta(hours=5, seconds=0.25)
    assert watch.looked_at == 0.25
    await watcher.close()


async def test_the_same_sync_is_followed_once_whoever_asks() -> None:
    clock, api, watcher = following(running(5))
    newer = CONNECTION.model_copy(update={"status": "disconnected"})
    watch = watcher.watch(CONNECTION, SYNC_ID)
    assert watcher.watch(newer, SYNC_ID) is watch
    assert watch.connection is newer
    await clock.advance_until(lambda: watch.finished)
    assert watcher.watch(CONNECTION, SYNC_ID) is watch
    assert watcher.find("conn_01", SYNC_ID) is watch
    assert watcher.watches == [watch]
    await clock.advance(60)
    assert api.most_at_once == 1
    assert len(watch.observations) == len(api.looks)
    await watcher.close()


async def test_what_the_server_said_already_is_the_first_observation() -> None:
    clock, _, watcher = following(running(20))
    watch = watcher.watch(CONNECTION, SYNC_ID, known=a_sync("requested"))
    assert watch.latest_sync is not None
    assert watch.latest_sync.status == "requested"
    await clock.advance(1)
    assert [entry.text for entry in watch.journal][:3] == ["requested", "progress 0", "requested → in_progress"]
    await watcher.close()


async def test_every_reader_of_a_stream_gets_every_observation_and_then_the_end() -> None:
    clock, _, watcher = following(running(10))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    early = [asyncio.ensure_future(collected(watch.stream())) for _ in range(3)]
    await clock.advance_until(lambda: watch.finished)
    for reader in early:
        assert await reader == watch.observations
    assert await collected(watch.stream()) == watch.observations[-1:]
    await watcher.close()


async def test_a_late_reader_first_gets_what_is_known() -> None:
    clock, _, watcher = following(running(60))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(5)
    assert await anext(watch.stream()) is watch.latest
    await watcher.close()


async def test_the_watcher_tells_of_every_sync() -> None:
    clock, _, watcher = following(running(10))
    everything = asyncio.ensure_future(collected(watcher.stream()))
    await settle()
    watches = [watcher.watch(CONNECTION, name) for name in ("sync_a", "sync_b")]
    await clock.advance_until(lambda: all(watch.finished for watch in watches))
    await watcher.close()
    told = await everything
    for watch in watches:
        assert [look for look in told if look.sync_id == watch.sync_id] == watch.observations


async def test_a_reader_that_never_reads_holds_up_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "MOST_BEHIND", 5)
    clock, _, watcher = following(running(100))
    stuck, idle = watcher.stream(), watcher.watch(CONNECTION, SYNC_ID).stream()
    await clock.advance_until(lambda: watcher.watches[0].finished)
    await watcher.close()
    assert await collected(stuck) == watcher.watches[0].observations[-5:]
    assert await collected(idle) == watcher.watches[0].observations


async def test_a_look_that_fails_leaves_what_was_last_seen() -> None:
    def script(now: float) -> Sync:
        if 3 < now < 60:
            raise ApiError(a_problem())
        return running(120)(now)

    clock, _, watcher = following(script)
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance_until(lambda: watch.problem is not None)
    assert watch.latest is not None
    assert watch.latest.sync is None
    assert watch.latest_sync is not None
    assert watch.latest_good is not None
    assert watch.latest_good.sync is watch.latest_sync
    assert watch.pace == "could not look, trying again"
    await clock.advance_until(lambda: watch.problem is None)
    await clock.advance_until(lambda: watch.finished)
    told = [entry.text for entry in watch.journal]
    lost, back = [text for text in told if "look" in text or "answers" in text]
    assert lost == "could not look: No answer"
    assert back.startswith("answers again after")
    await watcher.close()


async def test_an_outage_of_an_hour_costs_about_a_look_a_minute_and_does_not_end_the_watch() -> None:
    clock, api, watcher = following(failing())
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(3600)
    assert 60 <= len(api.looks) <= 90
    api.script = lambda _: a_sync("completed", progress=100)
    await clock.advance(60)
    assert watch.finished
    await watcher.close()


@pytest.mark.parametrize("kind", [ProblemKind.NOT_FOUND, ProblemKind.UNAUTHORIZED, ProblemKind.FORBIDDEN])
async def test_a_refusal_is_asked_about_now_and_then_in_case_it_is_taken_back(kind: ProblemKind) -> None:
    clock, api, watcher = following(failing(kind))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(600)
    assert 10 <= len(api.looks) <= 20
    assert watch.pace.endswith("looking now and then")
    api.script = running(1)
    await clock.advance(60)
    assert watch.finished
    await watcher.close()


async def test_the_server_decides_when_it_says_how_long_to_wait() -> None:
    clock, api, watcher = following(failing(ProblemKind.RATE_LIMITED, retry_after=0.62))
    watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(2)
    assert api.looks == pytest.approx([0, 0.62, 1.24, 1.86])
    await watcher.close()


async def test_a_fault_of_ours_is_logged_without_its_words_and_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = "_".join(["con", "tkn", "22vUhkC6tgre4kwa"])  # the log shows lines of code, such as the one that raises

    def script(now: float) -> Sync:
        if now < 5:
            raise KeyError(secret)
        return a_sync("completed")

    clock, _, watcher = following(script)
    watch = watcher.watch(CONNECTION, SYNC_ID)
    with caplog.at_level(logging.ERROR):
        await clock.advance(1)
    assert watch.problem is not None
    assert watch.problem.kind is ProblemKind.UNREADABLE
    assert "KeyError" in caplog.text
    assert secret not in caplog.text
    await clock.advance_until(lambda: watch.finished)
    await watcher.close()


async def test_a_paused_watch_sends_nothing_not_even_when_asked_to() -> None:
    clock, api, watcher = following(running(600))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(5)
    watch.pause()
    looks = len(api.looks)
    assert not watch.look_now()
    await clock.advance(300)
    assert (len(api.looks), watch.next_look_at, watch.paused) == (looks, None, True)
    watch.resume()
    await settle()
    assert len(api.looks) == looks + 1
    await watcher.close()


async def test_a_watch_that_is_paused_before_its_first_look_sends_nothing() -> None:
    clock, api, watcher = following(running(600))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    watch.pause()
    await clock.advance(60)
    assert api.looks == []
    await watcher.close()


async def test_a_look_under_way_is_taken_in_though_paused_meanwhile() -> None:
    clock, api, watcher = following(running(600), takes=2)
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(1)
    assert watch.looking
    watch.pause()
    await clock.advance(60)
    assert (len(api.looks), len(watch.observations), watch.looking) == (1, 1, False)
    await watcher.close()


async def test_looking_now_looks_at_once() -> None:
    clock, api, watcher = following(lambda _: a_sync(progress=5))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(120)
    due = watch.next_look_at
    assert due is not None
    assert due > clock.monotonic() + 1
    looks = len(api.looks)
    assert watch.look_now()
    await settle()
    assert len(api.looks) == looks + 1
    await watcher.close()


async def test_looking_now_during_a_look_starts_no_second_one() -> None:
    clock, api, watcher = following(running(600), takes=2)
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(1)
    for _ in range(5):
        assert watch.look_now()
        await settle()
    await clock.advance(1.5)
    assert (len(api.looks), api.most_at_once) == (1, 1)
    await watcher.close()


async def test_who_holds_the_key_down_sends_four_looks_a_second() -> None:
    clock, api, watcher = following(lambda _: a_sync(progress=5))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(60)
    looks = len(api.looks)
    for _ in range(200):
        watch.look_now()
        await clock.advance(0.01)
    assert len(api.looks) - looks <= 2 / watch_module.BY_HAND + 1
    await watcher.close()


async def test_an_ended_sync_is_not_looked_at_again() -> None:
    clock, api, watcher = following(lambda _: a_sync("failed"))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(1)
    assert watch.finished
    assert not watch.look_now()
    await clock.advance(60)
    assert len(api.looks) == 1
    await watcher.close()


async def test_what_comes_into_view_is_looked_at_as_if_it_had_been_there() -> None:
    clock, api, watcher = following(lambda _: a_sync(progress=5))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    watch.visible = False
    await clock.advance(600)
    hidden = len(api.looks)
    await clock.advance(600)
    assert len(api.looks) - hidden == pytest.approx(600 / 45, abs=1)
    await clock.advance_until(lambda: len(api.looks) > hidden + 14)
    await clock.advance(30)
    looks = len(api.looks)
    watch.visible = True
    await settle()
    assert len(api.looks) == looks + 1
    assert watch.next_look_at == clock.monotonic() + 15
    await watcher.close()


async def test_only_a_few_looks_are_under_way_at_one_time() -> None:
    clock, api, watcher = following(running(600), takes=1)
    for number in range(50):
        watcher.watch(Connection(id=f"conn_{number}", status="connected"), f"sync_{number}")
    await clock.advance(8)
    assert api.most_at_once == MOST_AT_ONCE
    assert all(watch.observations for watch in watcher.watches)
    await watcher.close()


async def test_a_look_that_waited_for_its_place_is_not_sent_once_paused() -> None:
    clock, _, watcher = following(running(600), takes=1)
    watches = [watcher.watch(CONNECTION, f"sync_{number}") for number in range(MOST_AT_ONCE + 1)]
    await clock.advance(0.5)
    watches[-1].pause()
    await clock.advance(30)
    assert watches[-1].observations == []
    await watcher.close()


async def test_closing_cancels_what_is_under_way_and_ends_every_stream() -> None:
    clock, api, watcher = following(running(600), takes=5)
    watches = [watcher.watch(CONNECTION, f"sync_{number}") for number in range(3)]
    streams = [asyncio.ensure_future(collected(watch.stream())) for watch in watches]
    everything = asyncio.ensure_future(collected(watcher.stream()))
    await clock.advance(7)
    await watcher.close()
    await watcher.close()
    assert (api.under_way, api.cancelled, clock.sleeping) == (0, 3, 0)
    assert [await stream for stream in streams] == [watch.observations for watch in watches]
    assert len(await everything) == 3
    assert all(watch.closed and not watch.finished for watch in watches)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    with pytest.raises(RuntimeError, match="closed"):
        watcher.watch(CONNECTION, "sync_new")


async def test_what_is_forgotten_begins_anew_when_asked_for_again() -> None:
    clock, api, watcher = following(running(600), takes=1)
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance(1.5)
    await watcher.forget(watch)
    await watcher.forget(watch)
    assert watch.closed
    assert (watcher.watches, api.under_way) == ([], 0)
    again = watcher.watch(CONNECTION, SYNC_ID)
    assert again is not watch
    await clock.advance(2)
    assert again.observations
    await watcher.close()


async def test_of_those_that_ended_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "MOST_ENDED", 3)
    clock, _, watcher = following(running(20))
    for number in range(6):
        watcher.watch(Connection(id=f"conn_{number}", status="connected"), f"sync_{number}")
        await clock.advance(60)
    goes_on = watcher.watch(CONNECTION, "sync_goes_on")
    assert [watch.sync_id for watch in watcher.watches] == ["sync_3", "sync_4", "sync_5", "sync_goes_on"]
    assert watcher.find("conn_0", "sync_0") is None
    assert not goes_on.finished or goes_on in watcher.watches
    await watcher.close()


async def test_the_first_observation_and_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "MOST_OBSERVATIONS", 10)
    clock, api, watcher = following(running(100))
    watch = watcher.watch(CONNECTION, SYNC_ID)
    await clock.advance_until(lambda: watch.finished)
    assert len(api.looks) > 20
    assert len(watch.observations) == 10
    assert watch.observations[0].sync is not None
    assert watch.observations[0].sync.progress == 0
    assert watch.observations[-1] is watch.latest
    assert len([entry for entry in watch.journal if entry.kind == "progress"]) > 20
    await watcher.close()
