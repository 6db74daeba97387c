"""No state is told by a sign or a colour alone: each has a word of its own, with every sign and in plain ASCII."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clocks import START
from tests.unit.findings.test_catalogue import issue
from tests.unit.models.samples import part, row, sync
from tui_app.api.gate import Gate
from tui_app.api.health import Health, HealthState
from tui_app.filters import ascii_of
from tui_app.findings.comparison import Verdict
from tui_app.models.actor import Actor
from tui_app.models.connection import Standing
from tui_app.models.profile import Environment
from tui_app.models.sync import Phase
from tui_app.widgets.bulk_columns import outcome_spans
from tui_app.widgets.connection_columns import issue_columns
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import part_spans, state_spans, sync_spans
from tui_app.widgets.status_bar import health_words
from tui_app.workspace.bulk import Outcome


def plain(spans: Spans) -> str:
    return "".join(text for text, _ in spans)


def connections() -> Iterable[tuple[object, str]]:
    for standing, phase in itertools.product(Standing, (None, *Phase)):
        made = row(None if phase is None else sync(phase, providerRequests=[]), standing=standing, status="on hold")
        yield made.state, plain(state_spans(made.state))
    stalled = replace(row(sync(Phase.RUNNING, providerRequests=[])), stalled=True)
    yield stalled.state, plain(state_spans(stalled.state))


def issues() -> Iterable[tuple[object, str]]:
    state = issue_columns(lambda: START)[0].cell
    return [(status, plain(state(issue(status=status), 30))) for status in ("ongoing", "resolved", "muted")]


def healths() -> Iterable[tuple[object, str]]:
    for state in HealthState:
        if state is not HealthState.UNKNOWN:  # nothing was asked yet, and nothing is said
            soon = START + timedelta(seconds=9) if state is HealthState.DEGRADED else None
            yield state, health_words(Health(state, START, 0.08, "429", soon), START)[0]


def locks() -> Iterable[tuple[object, str]]:
    gate = Gate(locked=True, profile="own")
    yield "locked", gate.words
    gate.unlock("request_sync")
    yield "unlocked", gate.words


TOLD: dict[str, list[tuple[object, str]]] = {
    "connections": list(connections()),
    "syncs": [(phase, plain(sync_spans(sync(phase, status=phase.value)))) for phase in Phase],
    "models": [(phase, plain(part_spans(part(phase=phase)))) for phase in Phase],
    "outcomes": [(outcome, plain(outcome_spans(outcome.value))) for outcome in Outcome],
    "verdicts": [(verdict, verdict.value) for verdict in Verdict],
    "issues": list(issues()),
    "servers": list(healths()),
    "environments": [(environment, environment.value) for environment in Environment],
    "locks": list(locks()),
    "actors": [(actor, actor.value) for actor in Actor],
}


@pytest.mark.parametrize("kind", TOLD)
def test_each_state_has_a_word_of_its_own(kind: str) -> None:
    words: dict[object, set[str]] = {}
    for state, text in TOLD[kind]:
        for shown in (text, ascii_of(text)):
            said = " ".join(re.findall(r"[A-Za-z]{2,}", shown))
            assert said, f"{state} is told by “{shown}” alone"
            words.setdefault(state, set()).add(said)
    assert all(len(said) == 1 for said in words.values()), words  # ASCII says the same
    assert len({min(said) for said in words.values()}) == len(words), words
