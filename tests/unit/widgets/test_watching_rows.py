"""A followed sync in cells: a word for how it stands, a bar, when it will probably be done, and why it is so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.clocks import START
from tests.unit.watch.story import a_problem, a_sync
from tests.unit.workspace.test_watching import a_watch, line, standing_still
from tui_app.watch.watch import Watch
from tui_app.widgets.watching_rows import followed_columns

NOW = START + timedelta(minutes=30)


def cells(watch: Watch, now: datetime = NOW) -> dict[str, str]:
    """What each column says of it, at its least width and at its most."""
    columns: Any = followed_columns(lambda: now)
    for width in ("width", "most"):
        told = {each.key: "".join(t for t, _ in each.cell(line(watch), getattr(each, width))) for each in columns}
    return told


def test_one_that_moves_says_how_far_it_is_when_it_will_be_done_and_what_changed() -> None:
    watch = a_watch(*(a_sync(progress=10 * number) for number in range(6)))
    told = cells(watch)
    assert told["state"] == "◐ in progress"
    assert told["progress"].endswith(" 50 %")
    assert told["done"] == "may be done by now"  # nobody has looked for long
    assert cells(watch, START.replace(minute=6))["done"].startswith(("in ", "within "))
    assert (told["changed"], told["change"]) == ("27 min ago", "progress 40 → 50")


def test_one_that_stands_still_has_a_question_mark_and_what_that_rests_on() -> None:
    told = cells(standing_still())
    assert told["state"] == "◔ stalled?"
    assert told["pace"] == "no change for 15 min; usually every 60 s"


def test_one_that_could_not_be_looked_at_keeps_its_figure_and_says_why() -> None:
    told = cells(a_watch(a_sync(progress=40), a_problem(title="No route to it")))
    assert (told["state"], told["pace"]) == ("! could not look", "No route to it")
    assert told["progress"].endswith(" 40 %")


def test_one_that_is_paused_says_how_it_goes_on() -> None:
    watch = a_watch(a_sync(progress=40))
    watch.pause()
    assert (cells(watch)["state"], cells(watch)["pace"]) == ("▪ paused", "not looked at; p goes on")


def test_one_that_has_ended_says_how_when_and_why_and_promises_nothing() -> None:
    ended = START + timedelta(minutes=10)
    failed = cells(a_watch(a_sync(), a_sync("failed", progress=40, completed_at=ended, failure_reason="Refused")))
    assert (failed["state"], failed["progress"], failed["pace"]) == ("✗ failed", "40 %", "Refused")
    assert (failed["done"], failed["changed"]) == ("", "20 min ago")
    completed = cells(a_watch(a_sync(), a_sync("completed", progress=100, completed_at=ended)))
    assert (completed["state"], completed["pace"]) == ("✓ completed", "ended")


def test_one_that_nobody_has_seen_yet_claims_nothing() -> None:
    told = cells(a_watch())
    assert (told["state"], told["progress"], told["done"], told["changed"]) == ("◌ not seen yet", "—", "", "—")
