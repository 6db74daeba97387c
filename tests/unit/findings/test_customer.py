"""The message for a customer: plain, to the point, and without what is not theirs to read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.models.samples import TOKEN
from tui_app.findings.catalogue import CATALOGUE, meaning_of
from tui_app.findings.customer import LINK, message_for, needs_link
from tui_app.models.actor import Actor
from tui_app.models.issue import Issue
from tui_app.sandbox.issues import KINDS

SPEAK_OF_US = re.compile(r"\b(fleet|Terminal|sync|issue|connection ID|the server|credentials|token)\b")


def issue(code: str, message: str = "HOS logs were not read", **fields: Any) -> Issue:
    facts = {"id": "isu_1", "status": "ongoing", "error": {"code": code, "message": message}}
    return Issue.model_validate(facts | fields)


def test_it_says_what_is_missing_why_and_what_to_do() -> None:
    assert message_for([issue("permission_missing")], "Prairie Lines", "Geotab") == (
        "Hello,\n\n"
        "part of the data of Prairie Lines that we read from Geotab is missing.\n\n"
        "What is missing: HOS logs were not read.\n"
        "The account that you connected may not read this data at Geotab.\n"
        "Please give it the right to, in the settings of Geotab, or sign in again with an account that has it.\n"
        "This is where you sign in: [link to sign in again]\n\n"
        "Once that is done, what is missing comes in by itself.\n"
    )


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_words_of_its_own_that_a_customer_understands(code: str) -> None:
    text = message_for([issue(code, "")], "Prairie Lines", "Geotab")
    assert "Part of your data at Geotab cannot be read." not in text
    assert not SPEAK_OF_US.search(text), text
    assert code not in text
    assert "{" not in text
    acts = meaning_of(issue(code)).actor is Actor.FLEET
    assert ("please" in text.lower()) is acts
    assert ("You need not do anything" in text) is not acts
    assert ("Once that is done" in text) is acts


def test_a_code_that_nobody_knows_is_told_by_the_servers_own_sentence() -> None:
    text = message_for([issue("brand_new", "Trips of Ohio were left out", resolutionType="action_required")])
    assert "What is missing: Trips of Ohio were left out." in text
    assert "Please look in the settings of your provider" in text


def test_the_link_stands_only_where_signing_in_helps_and_only_as_it_was_given() -> None:
    assert LINK not in message_for([issue("missing_vehicle_identifier")], "A", "Geotab")
    assert not needs_link([issue("missing_vehicle_identifier"), issue("data_delayed")])
    assert needs_link([issue("data_delayed"), issue("oauth_scope_missing")])
    url = "https://link.example/conn?key=pk_sandbox_x"
    text = message_for([issue("oauth_scope_missing")], "A", "Geotab", link=url)
    assert f"This is where you sign in: {url}\n" in text
    assert LINK not in text


def test_where_the_provider_tries_again_by_itself_nobody_is_asked_to_sign_in() -> None:
    passing = issue("permission_missing", resolutionType="automatic_retry")
    assert not needs_link([passing])
    assert "You need not do anything." in message_for([passing], "A", "Geotab")


def test_who_is_signed_out_is_told_that_first() -> None:
    assert needs_link([issue("data_delayed")], signed_out=True)
    text = message_for([issue("data_delayed")], "A", "Geotab", signed_out=True)
    assert text.index("1. We cannot sign in at Geotab") < text.index("2. What is missing")
    assert "Once that is done" in text


def test_several_issues_are_told_once_for_each_code_what_they_must_do_first() -> None:
    several = [issue("data_delayed", "Fuel is late")]
    several += [issue("permission_missing", f"Part {n} was not read") for n in (1, 2, 2, 3, 4)]
    text = message_for(several, "A", "Geotab")
    assert text.count("may not read this data") == 1
    assert text.count("Part 2") == 1
    assert "Part 3 was not read.\nAnd 1 more of the kind." in text
    assert text.index("1. What is missing: Part 1") < text.index("2. What is missing: Fuel is late.")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Vehicle vcl_01GV12VR4DJP70GD1ZBK0SDWFH was left out", "Vehicle … was left out."),
        ("Group group_7 and device dvc_loc_9a2", "Group … and device …"),
        (f"Refused with {TOKEN} today", "Refused with … today."),
        ("Batch 0b51c3de-8f4a-4d21-9b1e-6a5f0c9d1e2f failed", "Batch … failed."),
        ("fuel_level of 4_wheel trucks and unit_price", "fuel_level of 4_wheel trucks and unit_price."),
        ("One\nTwo\x1b[2J", "One␊Two␛[2J."),
        ("Ends itself!", "Ends itself!"),
    ],
)
def test_ids_and_secrets_in_the_servers_sentence_are_left_out_and_words_are_not(message: str, told: str) -> None:
    text = message_for([issue("permission_missing", message)], "A", "Geotab")
    assert f"What is missing: {told}\n" in text


def test_what_one_customer_lacks_is_not_quoted_to_others() -> None:
    text = message_for([issue("permission_missing", "Depot Ohio was not read")], "", "Geotab", quoted=False)
    assert "Ohio" not in text
    assert text.startswith("Hello,\n\npart of the data that we read from Geotab is missing.")


def test_every_issue_of_the_simulated_server_is_put_into_words() -> None:
    for kind in KINDS.values():
        text = message_for([issue(kind.code, kind.messages[0], resolutionType=kind.resolution)], "A", "Geotab")
        assert kind.messages[0] in text
        assert kind.code not in text
