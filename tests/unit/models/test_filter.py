"""The filter line: what each term finds, and what is said of one that means nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.models.samples import row, sync
from tui_app.models.actor import Actor
from tui_app.models.connection import Standing
from tui_app.models.filter import Filter, FilterError, parse_filter
from tui_app.models.fleet import FleetRow
from tui_app.models.sync import Phase

ROW = row(last_sync=sync(Phase.FAILED, status="failed"), open_issues=2)
NEW = row(syncMode="manual", tags=[], externalId=None, sourceId=None)
GONE = row(status="pending_deletion", standing=Standing.LEAVING, open_issues=0)


def finds(text: str, row: FleetRow = ROW) -> bool:
    return parse_filter(text)(row)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "frank",
        "FRANK'S truck",
        "1234567",
        "conn_01GV12",
        "sync_01GV12VR4DJP70GD1ZBK0SDWFH",
        "fleet-7",
        "9981",
        "hq",
        "failing",
        "connected",
        '"long haul"',
        '"frank\'s trucking"',
        "status:failing",
        "status:fail",
        "STATUS:Failing",
        "status:connected",
        "status:any",
        'status:"failing"',
        "provider:geotab",
        "provider:GEO",
        "tag:west",
        'tag:"long haul"',
        "mode:auto",
        "sync:failed",
        "sync:fail",
        "id:conn_01gv",
        "id:fleet-7",
        "id:9981",
        "issues:2",
        "issues:=2",
        "issues:>0",
        "issues:>=2",
        "issues:<3",
        "issues:<=2",
        "-status:connectedx",
        "-nothing",
        '-"long trip"',
        "west -tag:east frank status:failing issues:>1",
        "status:",
        "issues:>",
        "tag: -",
    ],
)
def test_what_fits_is_found(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize(
    "text",
    [
        "frankz",
        "frank nobody",
        '"haul long"',
        "status:archived",
        "provider:samsara",
        "tag:east",
        "mode:manual",
        "sync:completed",
        "id:isu_",
        "issues:0",
        "issues:>2",
        "issues:<2",
        "issues:>=3",
        "issues:<=1",
        "-frank",
        "-status:failing",
        '-tag:"long haul"',
        "-status:any",
    ],
)
def test_what_does_not_fit_is_left_out(text: str) -> None:
    assert not finds(text)


def test_what_is_not_known_yet_fits_no_comparison() -> None:
    assert not finds("issues:0", NEW)
    assert not finds("sync:failed", NEW)
    assert not finds("id:fleet-7", NEW)


def test_a_status_is_found_by_our_word_and_by_the_servers() -> None:
    assert finds("status:leaving", GONE)
    assert finds("status:pending_deletion", GONE)


def test_a_state_is_found_by_our_word_alone() -> None:
    assert finds("state:leaving", GONE)
    assert not finds("state:pending_deletion", GONE)


def test_a_state_of_two_words_is_found_in_quotation_marks() -> None:
    odd = row(status="on hold", standing=Standing.UNKNOWN)
    assert finds('status:"on hold"', odd)
    assert not finds('status:"on time"', odd)


def test_an_address_is_a_word_and_no_term() -> None:
    assert not finds("https://example.com")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stauts:x", "did you mean status:"),
        ("tags:west", "did you mean tag:"),
        ("colour:red", " provider: tag: mode: issues: sync: id:"),
        ("issues:many", "as in issues:>0"),
        ("issues:>-1", "as in issues:>0"),
        ("issues:1.5", "as in issues:>0"),
        (f"issues:{'9' * 5000}", "as in issues:>0"),
        ("issues:٣", "as in issues:>0"),
        ('"west', "quotation mark"),
        ('tag:"west', "quotation mark"),
        ("frank -colour:red", "colour:"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["status:", "issues:>", "issues:>=", "-", "-tag:", "id: "])
def test_a_term_that_is_still_being_typed_narrows_nothing(text: str) -> None:
    assert parse_filter(text).tests == ()


terms = st.sampled_from(["status:", "issues:", "tag:", "-", '"', ">", "<=", ":", "//", " ", "\t", "\n", "0", "x", "ß"])


@given(st.text() | st.lists(terms).map("".join))
def test_any_text_is_read_or_refused_and_never_more(text: str) -> None:
    try:
        read = parse_filter(text)
    except FilterError as error:
        assert str(error)  # noqa: PT017 - either is right
        return
    assert isinstance(read, Filter)
    for each in (ROW, NEW, GONE):
        assert read(each) in (True, False)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_a_word_and_its_exclusion_divide_the_fleet(word: str) -> None:
    assert finds(word) is not finds(f"-{word}")


@pytest.mark.parametrize(
    ("word", "actor"),
    [
        ("fleet", Actor.FLEET),
        ('"the fleet"', Actor.FLEET),
        ('"The Provider"', Actor.PROVIDER),
        ("terminal", Actor.PLATFORM),
        ("us", Actor.US),
        ("prov", Actor.PROVIDER),
        ("nobody", Actor.NOBODY),
    ],
)
def test_whose_turn_it_is_can_be_asked_for(word: str, actor: Actor) -> None:
    for each in Actor:
        assert finds(f"next:{word}", replace(ROW, actor=each)) is (each is actor)
    assert not finds(f"next:{word}", ROW)  # nobody judged it


def test_of_somebody_who_never_acts_the_filter_says_who_may() -> None:
    with pytest.raises(FilterError, match="next: takes who has to act: fleet terminal provider us nobody"):
        parse_filter("next:weather")
