"""A connection at a glance: what is wrong first, in the server's words; then what is known."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.content import Content

from tests.clocks import START
from tests.unit.models.samples import model, part, row, sync_of
from tui_app.findings.triage import Finding, triage
from tui_app.models.connection import ConnectionHealth, Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue, IssueError
from tui_app.models.sync import Phase
from tui_app.widgets.preview import connection_facts, headline, last_sync_text, preview

EVIL = "\x1b]2;owned\x07\u202e[bold]"
FOUND = START - timedelta(minutes=26)


def turn(shown: FleetRow) -> Finding:
    return triage(shown, shown.issues or (), now=START)


def lines(shown: FleetRow) -> list[str]:
    return headline(shown, START, turn(shown)).plain.splitlines()


def health(**fields: Any) -> ConnectionHealth:
    return ConnectionHealth(**fields)


def facts(shown: FleetRow) -> dict[str, str]:
    """What is shown of a connection: its facts that are not empty, as text."""
    told = connection_facts(shown, START)
    assert len({name for name, _ in told}) == len(told)
    plain = {name: value.plain if isinstance(value, Content) else value for name, value in told}
    return {name: value for name, value in plain.items() if value}


class TestHeadline:
    @pytest.mark.parametrize("standing", list(Standing))
    @pytest.mark.parametrize("phase", list(Phase))
    def test_every_state_is_explained(self, standing: Standing, phase: Phase) -> None:
        first, turn, *rest = lines(row(sync_of(part(phase=phase)), standing=standing, status="on hold"))
        known = standing is not Standing.UNKNOWN
        assert first.startswith("? ") is not known
        assert turn.startswith("Next to act: ")
        assert rest
        assert rest[0].startswith("The server uses a state that Syncscope does not know: “on hold”") is not known

    def test_without_a_verdict_of_the_server_nothing_is_said_of_one(self) -> None:
        assert lines(row()) == [
            "● connected",
            "Next to act: nobody",
            "It was not looked at yet. The list says nothing against it.",
        ]

    def test_a_hindrance_follows_what_the_state_means(self) -> None:
        assert lines(row(standing=Standing.DISABLED, hindrance="It was switched off at the server."))[1:] == [
            "Next to act: us",
            "Syncing is switched off for it at the server. Nothing is synced until somebody switches it on.",
            "→ Have it switched on, if that is wanted.",
            "It was switched off at the server.",
        ]

    @pytest.mark.parametrize(
        ("verdict", "words"),
        [
            (health(healthy=True), "✓ The server finds it healthy"),
            (health(healthy=True, code="healthy", at=FOUND), "✓ The server finds it healthy · found 26 min ago"),
            (health(healthy=True, code="fine_so_far"), "✓ The server finds it healthy · fine_so_far"),
            (health(healthy=True, authentication_required=False), "✓ The server finds it healthy"),
            (health(), "? The server does not say whether it is healthy"),
            (health(code="unclear"), "? The server does not say whether it is healthy · unclear"),
        ],
    )
    def test_where_it_is_not_ill_the_verdict_stands_last(self, verdict: ConnectionHealth, words: str) -> None:
        shown = lines(row(health=verdict, hindrance="a stone in the way"))
        assert shown == [
            "● connected",
            "Next to act: nobody",
            "It was not looked at yet. The list says nothing against it.",
            "a stone in the way",
            words,
        ]

    @pytest.mark.parametrize(
        ("verdict", "words"),
        [
            (health(healthy=False), "✗ unhealthy"),
            (health(healthy=False, code="rate_limited"), "✗ unhealthy · rate_limited"),
            (health(healthy=False, authentication_required=True), "✗ unhealthy · somebody must sign in again"),
            (health(healthy=False, authentication_required=False), "✗ unhealthy · no new sign-in needed"),
            (
                health(healthy=False, code="expired", authentication_required=True, at=FOUND),
                "✗ unhealthy · expired · somebody must sign in again · found 26 min ago",
            ),
        ],
    )
    def test_where_it_is_ill_the_verdict_stands_first(self, verdict: ConnectionHealth, words: str) -> None:
        first, turn, reason, *_ = lines(row(standing=Standing.UNHEALTHY, health=verdict))
        assert (first, turn[:13]) == (words, "Next to act: ")
        assert reason.startswith("The server finds it unhealthy")

    @pytest.mark.parametrize("healthy", [True, False, None])
    def test_what_the_server_says_and_suggests_is_told_whatever_its_verdict(self, healthy: bool | None) -> None:
        verdict = health(healthy=healthy, message="The ledger rejects the token", resolution="Sign in again")
        standing = Standing.UNHEALTHY if healthy is False else Standing.CONNECTED
        shown = lines(row(standing=standing, health=verdict))
        assert shown[-2:] == ["The ledger rejects the token", "→ Sign in again"]

    def test_the_suggestion_is_the_bold_part(self) -> None:
        ill = row(health=health(healthy=False, resolution="Sign in again"))
        shown = headline(ill, START, turn(ill))
        begin = shown.plain.index("Sign in again")
        assert "bold" in [span.style for span in shown.spans if span.start <= begin < span.end]

    @pytest.mark.parametrize("healthy", [True, False, None])
    def test_whatever_a_server_says_is_inert(self, healthy: bool | None) -> None:
        verdict = health(healthy=healthy, code=EVIL, message=EVIL, resolution=EVIL)
        made = row(
            sync_of(part(EVIL, Phase.FAILED, failure_reason=EVIL), failure_reason=EVIL, status=EVIL),
            standing=Standing.UNKNOWN,
            status=EVIL,
            title=EVIL,
            health=verdict,
            hindrance=EVIL,
            models=(model(EVIL),),
            particulars=(("region", EVIL),),
        )
        for shown in (headline(made, START, turn(made)), preview(made, START, 60, turn(made))):
            assert not [c for c in shown.plain if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
        assert "[bold]" in headline(made, START, turn(made)).plain

    def test_an_issue_says_who_acts_in_the_servers_words_and_ours(self) -> None:
        open_issue = Issue(
            id="isu_1", status="ongoing", error=IssueError(code="subscription_required", message="No plan")
        )
        shown = lines(replace(row(), issues=(open_issue,)))
        assert shown[1] == "Next to act: the fleet"
        assert shown[2].startswith("subscription_required: The fleet's plan")
        assert shown[3] == "the server: No plan"
        assert shown[4].startswith("→ Ask the fleet")

    def test_why_a_sync_failed_is_told_once(self) -> None:
        failed = row(sync_of(part(phase=Phase.FAILED), failure_reason="Timed out"))
        shown = preview(failed, START, 60, turn(failed)).plain
        assert shown.count("Timed out") == 1


class TestFacts:
    def test_what_else_its_server_says_stands_under_its_own_names(self) -> None:
        told = facts(row(particulars=(("environment", "production"), ("on premise", "no"))))
        assert (told["environment"], told["on premise"]) == ("production", "no")
        assert list(told).index("environment") < list(told).index("ID")

    def test_its_models_are_counted_and_those_that_are_read(self) -> None:
        made = row(models=(model(), model("payments", reads=False), model("notes", reads=None)))
        assert facts(made)["models"] == "3, of which 1 are read"

    def test_where_a_server_has_no_models_nothing_is_said_of_them(self) -> None:
        assert not {"models", "next sync"} & set(facts(row()))

    def test_its_next_sync_is_that_of_the_model_that_comes_first(self) -> None:
        later, sooner = START + timedelta(hours=4), START + timedelta(minutes=26)
        made = row(models=(model(next_sync_at=later), model("payments", next_sync_at=sooner), model("notes")))
        assert facts(made)["next sync"] == "in 26 min"

    def test_a_next_sync_that_is_due_is_now(self) -> None:
        assert facts(row(models=(model(next_sync_at=START - timedelta(hours=1)),)))["next sync"] == "now"

    def test_a_provider_whose_code_is_its_name_is_named_once(self) -> None:
        assert facts(row(provider={"name": "NetSuite", "code": "netsuite"}))["provider"] == "NetSuite"
        assert facts(row(provider={"name": "NetSuite", "code": "ns"}))["provider"] == "NetSuite (ns)"
        assert facts(row(provider={"name": "", "code": "ns"}))["provider"] == "ns"

    def test_what_it_is_called_itself_stands_above_and_its_company_among_the_facts(self) -> None:
        named = row(title="Main ledger")
        shown = preview(named, START, 60, turn(named)).plain
        assert shown.startswith("Main ledger\n\n")
        assert facts(row(title="Main ledger"))["company"] == "Frank's Trucking"


class TestTheNewestSync:
    def test_one_that_runs_says_how_many_of_its_parts_have_ended(self) -> None:
        running = sync_of(part(), part("payments", Phase.SUCCEEDED), requested_at=START - timedelta(minutes=10))
        assert last_sync_text(running, START).plain == "◐ running 1 of 2 · for 10 min"

    def test_one_that_was_tried_again_says_so(self) -> None:
        ended = sync_of(part(phase=Phase.FAILED), completed_at=FOUND, attempts=3)
        assert last_sync_text(ended, START).plain == "✗ failed · 26 min ago · 3 attempts"

    @pytest.mark.parametrize("attempts", [None, 0, 1])
    def test_one_that_was_not_tried_again_does_not(self, attempts: int | None) -> None:
        ended = sync_of(part(phase=Phase.SUCCEEDED), completed_at=FOUND, attempts=attempts, status="complete")
        assert last_sync_text(ended, START).plain == "✓ complete · 26 min ago"

    def test_why_it_failed_stands_below_it(self) -> None:
        told = facts(row(sync_of(part(phase=Phase.FAILED), failure_reason="Invoices: timed out")))
        assert told["why"] == "Invoices: timed out"
