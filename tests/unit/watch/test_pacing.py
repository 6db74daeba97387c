"""When the next look is due: bounds for any history, and whole syncs simulated on a virtual clock."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.models.samples import part, sync_of
from tests.unit.watch.story import a_look, a_problem, a_sync, running
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, Sync, SyncPart
from tui_app.watch.pacing import LASTING, Pace, Pacing, Tempo, next_look

PACING = Pacing()


def pace_of(tempo: Tempo, *, visible: bool = True, random: float = 1.0, pacing: Pacing = PACING) -> Pace:
    return next_look(tempo, random=lambda: random, pacing=pacing, visible=visible)


def seconds_of(tempo: Tempo, *, visible: bool = True, random: float = 1.0) -> float:
    seconds = pace_of(tempo, visible=visible, random=random).seconds
    assert seconds is not None
    return seconds


def after(*looks: tuple[float, Sync]) -> Tempo:
    tempo = Tempo()
    for at, sync in looks:
        tempo = tempo.after(a_look(sync), at)
    return tempo


@dataclass
class Seen:
    """What a simulated run brought."""

    looks: int
    values: int
    noticed_after: float
    longest: float


def simulate(seconds: float, *, waits: float = 0.0, visible: bool = True, latency: float = 0.05) -> Seen:
    """Follow one sync from its request to the look that sees its end."""
    script, tempo, now = running(seconds, waits=waits), Tempo(), 0.0
    values: set[float] = set()
    looks, longest = 0, 0.0
    while True:
        now += latency
        sync = script(now)
        looks += 1
        if sync.progress is not None:
            values.add(float(sync.progress))
        tempo = tempo.after(a_look(sync), now)
        wait = pace_of(tempo, visible=visible).seconds
        if wait is None:
            return Seen(looks, len(values), now - waits - seconds, longest)
        now += wait
        longest = max(longest, wait)


# What any server might answer: a state with any progress, or any failure.
_numbers = st.one_of(st.none(), st.integers(-10, 200), st.floats(allow_nan=False, allow_infinity=False))
_syncs = st.builds(
    lambda status, progress, requests: a_sync(status, progress=progress, provider_requests=requests),
    st.sampled_from(["requested", "in_progress", "retrying", "polishing", "completed", "failed"]),
    _numbers,
    st.sampled_from([[], ["historical_files"]]),
)
_problems = st.builds(
    lambda kind, retry_after: a_problem(kind, retry_after=retry_after),
    st.sampled_from(ProblemKind),
    st.one_of(st.none(), st.floats()),
)
_looks = st.lists(
    st.tuples(
        st.floats(0, 1e6), st.one_of(st.builds(a_look, _syncs), st.builds(lambda p: a_look(problem=p), _problems))
    ),
    min_size=1,
    max_size=20,
)


@given(_looks, st.floats(0, 1), st.booleans())
def test_no_history_makes_a_wait_leave_its_bounds(
    looks: list[tuple[float, Observation]], random: float, visible: bool
) -> None:
    tempo, now = Tempo(), 0.0
    for passed, look in looks:
        now += passed
        tempo = tempo.after(look, now)
    pace = pace_of(tempo, visible=visible, random=random)
    assert pace.why
    if pace.seconds is None:
        assert tempo.problem is None
        assert tempo.sync is not None
        assert tempo.sync.phase.is_final
        return
    assert math.isfinite(pace.seconds)
    if tempo.problem is not None and tempo.problem.retry_after is not None and tempo.problem.retry_after >= 0:
        assert PACING.retry_floor <= pace.seconds <= PACING.retry_most
    elif tempo.problem is not None:
        assert PACING.floor <= pace.seconds <= PACING.failed.most
    else:
        assert tempo.sync is not None
        most = PACING.span(tempo.sync).most
        assert PACING.floor <= pace.seconds <= (most if visible else max(most, PACING.hidden_most))


@pytest.mark.parametrize("seconds", [20, 45, 120, 600, 2400, 14400])
@pytest.mark.parametrize("waits", [0, 3, 90])
def test_an_end_is_noticed_within_the_longest_wait_of_a_running_sync(seconds: float, waits: float) -> None:
    seen = simulate(seconds, waits=waits)
    assert 0 <= seen.noticed_after <= PACING.running.most + 0.05


@pytest.mark.parametrize("seconds", [60, 120, 300, 600])
def test_an_even_run_is_seen_in_steps_of_about_two_percent(seconds: float) -> None:
    seen = simulate(seconds)
    assert 40 <= seen.values <= 60
    assert seen.looks <= 65


def test_a_demo_of_twenty_seconds_shows_at_least_ten_values() -> None:
    assert simulate(20, waits=1).values >= 10
    assert simulate(20, waits=1, visible=False).values >= 5


def test_a_sync_of_four_hours_costs_no_more_than_a_look_each_fifteen_seconds() -> None:
    seen = simulate(4 * 3600)
    assert seen.looks <= 4 * 3600 / 15 * 1.1


def test_what_no_screen_shows_costs_a_third_and_is_still_noticed_within_a_minute() -> None:
    shown, hidden = simulate(600), simulate(600, visible=False)
    assert hidden.looks <= shown.looks / 2
    assert hidden.noticed_after <= PACING.hidden_most


def test_right_after_a_change_it_looks_again_soon_whatever_the_rate() -> None:
    slow = after((0, a_sync(progress=1)), (100, a_sync(progress=2)))
    assert seconds_of(slow) == PACING.running.most
    event = slow.after(a_look(a_sync(progress=2, attempts=2)), 115)
    assert pace_of(event) == Pace(1.0, "something just changed")


@pytest.mark.parametrize(
    "changed",
    [
        part(status="re_indexing"),
        part(attempt=2),
        part(failure_reason="timed out"),
        part(phase=Phase.LOST, status="running"),
    ],
    ids=["its word", "its tries", "its reason", "out of sight"],
)
def test_a_change_of_one_part_is_an_event_though_the_whole_stays_as_it_was(changed: SyncPart) -> None:
    other = part("payments")
    quiet = after((0, sync_of(part(), other)), (40, sync_of(part(), other)))
    assert pace_of(quiet) == Pace(15.0, "nothing new for 40 s")
    event = quiet.after(a_look(sync_of(changed, other)), 55)
    assert pace_of(event) == Pace(1.0, "something just changed")


def test_a_part_that_joins_is_an_event() -> None:
    joined = after((0, sync_of(part())), (40, sync_of(part(), part("payments"))))
    assert pace_of(joined) == Pace(1.0, "something just changed")


def test_a_note_on_a_part_is_no_movement() -> None:
    noted = after((0, sync_of(part())), (40, sync_of(part(note="not in the server's list just now"))))
    assert pace_of(noted).why == "nothing new for 40 s"


@pytest.mark.parametrize("visible", [True, False])
def test_a_sync_whose_end_is_out_of_sight_is_looked_at_no_more(visible: bool) -> None:
    lost = sync_of(part(phase=Phase.LOST, status="running"), part("payments", Phase.SUCCEEDED))
    assert pace_of(after((0, lost)), visible=visible) == Pace(None, "it has ended")


def test_while_one_part_is_out_of_sight_and_another_runs_it_is_looked_at_on() -> None:
    moving = sync_of(part(phase=Phase.LOST, status="running"), part("payments"))
    assert seconds_of(after((0, moving))) == PACING.running.first


def test_waits_grow_by_half_while_nothing_is_new() -> None:
    sync, now, waits = a_sync(progress=5), 0.0, list[float]()
    tempo = after((0, sync))
    for _ in range(10):
        waits.append(seconds_of(tempo))
        now += waits[-1]
        tempo = tempo.after(a_look(sync), now)
    grown = [wait for wait in waits if 1 < wait < 15]
    assert all(later == pytest.approx(1.5 * earlier) for earlier, later in itertools.pairwise(grown))
    assert waits[0] == 1
    assert waits[-1] == 15


def test_looking_by_hand_does_not_slow_what_follows() -> None:
    sync = a_sync(progress=5)
    patient = after((0, sync), (6, sync))
    nervous = after((0, sync), *((at / 4, sync) for at in range(1, 25)))
    assert seconds_of(nervous) == seconds_of(patient)


def test_a_field_that_nobody_knows_does_not_count_as_movement() -> None:
    looks = [(float(at), a_sync(progress=5, heartbeat=at)) for at in range(60)]
    assert pace_of(after(*looks)) == Pace(15.0, "nothing new for 59 s")


def test_a_provider_is_waited_for_calmly_but_five_minutes_at_most() -> None:
    waiting = a_sync(provider_requests=["historical_files"])
    assert pace_of(after((0, waiting))) == Pace(5.0, "waiting for the provider")
    assert pace_of(after((0, waiting), (86400, waiting))) == Pace(300.0, "waiting for the provider")


def test_a_progress_that_falls_back_is_learnt_anew() -> None:
    tempo = after((0, a_sync(progress=50)), (10, a_sync(progress=60)), (20, a_sync(progress=0)))
    assert tempo.rate is None
    assert seconds_of(tempo) == 1


def test_the_server_is_obeyed_exactly_when_it_says_how_long() -> None:
    asked = Tempo().after(a_look(problem=a_problem(ProblemKind.RATE_LIMITED, retry_after=0.62)), 0)
    assert pace_of(asked) == Pace(0.62, "the server asked for 0.62 s")
    assert pace_of(asked, visible=False).seconds == 0.62
    later = Tempo().after(a_look(problem=a_problem(ProblemKind.SERVER, retry_after=120)), 0)
    assert pace_of(later).seconds == 120


@pytest.mark.parametrize(("asked", "given"), [(0.0, 0.5), (math.inf, 3600.0), (-3.0, 2.0), (math.nan, 2.0)])
def test_an_absurd_wish_of_the_server_is_bounded(asked: float, given: float) -> None:
    tempo = Tempo().after(a_look(problem=a_problem(ProblemKind.RATE_LIMITED, retry_after=asked)), 0)
    assert seconds_of(tempo) == given


def test_failures_back_off_to_a_minute_and_spread_by_chance() -> None:
    tempo, longest, shortest = Tempo(), list[float](), list[float]()
    for at in range(8):
        tempo = tempo.after(a_look(problem=a_problem()), at)
        longest.append(seconds_of(tempo, random=1.0))
        shortest.append(seconds_of(tempo, random=0.0))
    assert longest == [2, 4, 8, 16, 32, 60, 60, 60]
    assert shortest == [1, 2, 4, 8, 16, 30, 30, 30]
    assert pace_of(tempo).why == "could not look, trying again"


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_where_the_server_answers_no_it_is_asked_slowly_and_that_is_said(kind: ProblemKind) -> None:
    tempo = Tempo().after(a_look(problem=a_problem(kind)), 0)
    pace = pace_of(tempo)
    assert pace.seconds == 15
    assert pace.why.endswith("looking now and then")
    for at in range(1, 9):
        tempo = tempo.after(a_look(problem=a_problem(kind)), at)
    assert pace_of(tempo).seconds == 60


def test_one_good_look_ends_the_backing_off_and_keeps_what_was_learnt() -> None:
    tempo = after((0, a_sync(progress=0)), (10, a_sync(progress=10)))
    lost = tempo.after(a_look(problem=a_problem()), 12).after(a_look(problem=a_problem()), 16)
    back = lost.after(a_look(a_sync(progress=20)), 20)
    assert back.failures == 0
    assert back.rate == pytest.approx(1.0)
    assert pace_of(back) == Pace(2.0, "moving steadily")


def test_the_floor_holds_for_other_settings_too() -> None:
    fast = after((0, a_sync(progress=0)), (0.1, a_sync(progress=90)))
    assert pace_of(fast, pacing=Pacing(floor=4.0)).seconds == 4.0


def test_words_for_every_state_are_calm() -> None:
    said = {
        pace_of(after((0, a_sync("requested")))).why: "waiting for it to begin",
        pace_of(after((0, a_sync("requested")), (40, a_sync("requested")))).why: "nothing new for 40 s",
        pace_of(after((0, a_sync("retrying")))).why: "the server tries again",
        pace_of(after((0, a_sync("polishing")))).why: "the server uses a word that is not known here",
        pace_of(after((0, a_sync()))).why: "watching for movement",
        pace_of(after((0, a_sync())), visible=False).why: "watching for movement, not on screen",
        pace_of(after((0, a_sync("completed")))).why: "it has ended",
        pace_of(Tempo()).why: "not looked yet",
    }
    assert all(found == expected for found, expected in said.items())


def test_once_the_servers_time_goes_otherwise_its_pace_is_learnt_anew() -> None:
    sync = a_sync("in_progress", progress=20)
    slow = after((0, a_sync("in_progress", progress=10)), (100, sync), (140, sync))
    assert seconds_of(slow) == PACING.running.most
    assert slow.anew(140) != slow
    assert seconds_of(slow.anew(140).after(a_look(sync), 140)) == PACING.running.first
    assert seconds_of(slow.anew(140).after(a_look(sync), 150)) == 5
    assert Tempo().anew(3) == Tempo()
