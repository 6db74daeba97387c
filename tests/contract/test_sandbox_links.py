"""The embedded server keeps to what it says of itself when one answer leads to the next request."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import ExitStack
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, seed, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ensure_resource_availability, positive_data_acceptance

from tests.contract.sandbox_attack import CHECKS, CONFIG, START, Target, running_target
from tui_app.sandbox.clock import VirtualClock, to_ms
from tui_app.sandbox.following import LINKS
from tui_app.sandbox.store import Store
from tui_app.sandbox.web import build_api

# What leads nowhere is sent with values that nobody has heard of: data of the right shape may be refused for that.
FOLLOWED = [each for each in CHECKS if each is not positive_data_acceptance] + [ensure_resource_availability]
# Only what is declared is followed: what a tester guesses besides differs from one version of it to the next.
PHASES: dict[str, Any] = {"stateful": {"inference": {"algorithms": []}}}
# What is walked through together: in one walk through everything, some beginnings would hardly ever be chosen.
WALKS = (
    {"createConnection", "listSyncHistory", "requestSync", "passthrough", "passthroughRaw"},
    {"createConnection", "getCurrentConnection", "updateCurrentConnection", "deleteCurrentConnection"},
    {"requestSync", "getSyncJobStatus", "cancelSync", "retrySync"},
    {"listSyncHistory", "getSyncJobStatus"},
    {"publicTokenExchange", "getCurrentConnection", "requestSync"},
    {"listConnections", "getCurrentConnection"},
    {"listIssues", "resolveIssue"},
    {"createShortLink", "deleteShortLink"},
)
STEPS = settings(
    max_examples=12,  # walks of one round
    stateful_step_count=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ROUNDS = 6  # at most: from a sync that is tried again it is a long way there


def _links(operations: set[str]) -> set[tuple[str, str]]:
    """Return the declared links between operations."""
    return {(source, to) for (source, _), targets in LINKS.items() for to in targets if {source, to} <= operations}


def test_every_link_belongs_to_a_walk() -> None:
    everything = {name for source, targets in LINKS.items() for name in (source[0], *targets)}
    assert set().union(*map(_links, WALKS)) == _links(everything)


@pytest.mark.parametrize("walk", WALKS, ids=min)
def test_every_link_is_followed_to_an_answer_that_grants(walk: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # Now and then a link is not followed but sent something random instead, which is what the other tests are for.
    monkeypatch.setattr("schemathesis.specs.openapi.stateful.BASE_EXPLORATION_RATE", 0.0)
    store = Store(1, 0, to_ms(START), VirtualClock(START, 0))
    raw = build_api(store, lambda: None).openapi()
    settled = SchemathesisConfig.from_dict({**CONFIG, "phases": PHASES})
    described = schemathesis.openapi.from_dict(raw, config=settled).include(operation_id=sorted(walk))
    names = {f"{m.upper()} {p}": each["operationId"] for p, path in raw["paths"].items() for m, each in path.items()}
    heard: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)

    class Followed(described.as_state_machine()):  # type: ignore[misc]
        """Follows links from answer to answer, on a server of its own."""

        def setup(self) -> None:
            """Start the server; there are issues to be resolved."""
            self.ended = ExitStack()
            self.target = self.ended.enter_context(running_target())
            self.target.sandbox.clock.advance(86_400)

        def teardown(self) -> None:
            """End the server."""
            self.ended.close()

        def step(self, input: Any) -> Any:
            """Take one step and note where it came from."""
            followed = input.transition is not None and input.is_applied
            _prepare(self.target, input.case, followed)
            output = super().step(input)
            if followed:
                source = input.transition.id.partition(" -> ")[0]
                heard[names[source], names[input.case.operation.label]][output.response.status_code] += 1
            return output

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            """Return the key and where to send it."""
            said = self.target.sandbox.announcement
            headers = {"Authorization": f"Bearer {said.api_key}"}
            base_url = said.terminal_url.removesuffix("/tsp/v1")
            return {"base_url": base_url, "headers": headers, "session": self.target.session}

        def validate_response(self, response: Any, case: Case[Any], *_: Any, **kwargs: Any) -> None:
            """Check an answer, knowing those before it."""
            case.validate_response(response, checks=FOLLOWED, transport_kwargs=kwargs, recorder=self.recorder)

    def missed() -> dict[tuple[str, str], Counter[int] | None]:
        granted = {link for link, statuses in heard.items() if any(200 <= status < 300 for status in statuses)}
        return {link: heard.get(link) for link in _links(walk) - granted}

    # What is sent follows from the seed and from what else this process has loaded, so one walk may not come by.
    for number in range(ROUNDS):
        seed(number)(Followed).run(settings=STEPS)
        if not missed():
            break
    assert not missed(), f"never followed, or never answered well: {missed()}"


def _prepare(target: Target, case: Case[Any], followed: bool) -> None:
    """Let a step that follows no link begin well, and time go on a little."""
    target.sandbox.clock.advance(20)
    if case.operation.label.endswith(("POST /tsp/v1/connections", "/exchange")):
        # What was linked before is deleted or archived by now.
        target.sandbox.clock.advance(3 * 86_400)
    negative = any(part.mode.is_negative for part in (case.meta.components if case.meta else {}).values())
    if negative:
        return
    if isinstance(case.body, dict):
        case.body = {**case.body, **target.told(case.body)}
    if followed:
        return
    if "Connection-Token" in case.headers:
        case.headers["Connection-Token"] = target.token
    if case.operation.method.upper() == "GET" and case.query:
        # A page of one row, whatever it is asked for, leads to a next one.
        case.query = {"limit": "1"}
    if case.operation.label == "POST /tsp/v1/link/short":
        case.body = {"name": "Followed"}


def test_the_description_names_only_operations_that_there_are() -> None:
    with running_target() as target:
        told = requests.get(target.sandbox.announcement.terminal_url.replace("/tsp/v1", "/openapi.json"), timeout=10)
    raw = told.json()
    operations = {each["operationId"]: each for path in raw["paths"].values() for each in path.values()}
    linked = [
        link
        for each in operations.values()
        for answer in each["responses"].values()
        for link in answer.get("links", {})
    ]
    assert len(linked) == sum(len(targets) for targets in LINKS.values())
    assert set(linked) <= set(operations)
