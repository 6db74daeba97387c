"""Open issues in groups: by code, in an order, narrowed by a filter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clocks import START
from tests.unit.models.samples import row
from tui_app.findings.issue_groups import Order, OwnedIssue, groups_of, parse_issue_filter
from tui_app.models.actor import Actor
from tui_app.models.filter import FilterError
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue


def owned(number: int, code: str, connection: int = 0, message: str = "Trips are missing", **fields: Any) -> OwnedIssue:
    issue = {
        "id": f"isu_{number}",
        "status": "ongoing",
        "connection": f"conn_{connection}",
        "error": {"code": code, "message": message},
        "firstReportedAt": START - timedelta(hours=number),
        "lastReportedAt": START - timedelta(minutes=number),
    }
    return OwnedIssue(Issue.model_validate(issue | fields), fleet(connection))


def fleet(number: int) -> FleetRow | None:
    """Connections 0 to 2 are known."""
    names = ("Prairie Lines", "Able Movers", "Frank's Trucking")
    codes = ("geotab", "samsara", "samsara")
    if number >= len(names):
        return None
    provider = {"name": codes[number].capitalize(), "code": codes[number]}
    return row(id=f"conn_{number}", company={"name": names[number]}, provider=provider)


EVERY = [
    owned(1, "permission_missing", 0),
    owned(2, "permission_missing", 1),
    owned(3, "permission_missing", 1, "Drivers are missing"),
    owned(4, "data_delayed", 0),
    owned(5, "data_delayed", 1),
    owned(6, "data_delayed", 2),
    owned(7, "manually_disabled", 2),
    owned(8, "unsupported_device_type", 9),
]


def codes(order: Order) -> list[str]:
    return [group.code for group in sorted(groups_of(EVERY), key=order.key)]


def test_a_group_counts_connections_and_holds_its_issues_by_their_names() -> None:
    group = next(group for group in groups_of(EVERY) if group.code == "permission_missing")
    assert group.connections == 2
    assert [(issue.name, issue.id) for issue in group.issues] == [
        ("Able Movers", "isu_2"),
        ("Able Movers", "isu_3"),
        ("Prairie Lines", "isu_1"),
    ]
    assert (group.first_at, group.last_at) == (START - timedelta(hours=3), START - timedelta(minutes=1))


def test_by_whose_turn_it_is_the_fleet_comes_first_and_nobody_last() -> None:
    assert codes(Order.TURN) == ["permission_missing", "manually_disabled", "unsupported_device_type", "data_delayed"]


def test_by_connections_what_stands_in_most_comes_first() -> None:
    assert codes(Order.CONNECTIONS) == [
        "data_delayed", "permission_missing", "manually_disabled", "unsupported_device_type",
    ]  # fmt: skip
    assert Order.TURN.other.other is Order.TURN


def test_where_it_is_somebody_elses_turn_in_one_of_them_the_gravest_stands_for_the_group() -> None:
    ours = owned(1, "nobody_knows", 0)
    theirs = owned(2, "nobody_knows", 1, resolutionType="action_required")
    assert (ours.meaning.actor, theirs.meaning.actor) == (Actor.US, Actor.FLEET)
    for order in ([ours, theirs], [theirs, ours]):
        [group] = groups_of(order)
        assert group.meaning.actor is Actor.FLEET


def test_an_issue_without_times_or_a_known_connection_is_grouped_all_the_same() -> None:
    nowhere = Issue.model_validate({"id": "isu_2", "status": "ongoing", "error": {"code": "x"}})
    [group] = groups_of([owned(1, "x", 9), OwnedIssue(nowhere, None)])
    assert (group.first_at, group.connections) == (START - timedelta(hours=1), 2)
    assert {issue.name for issue in group.issues} == {"conn_9", ""}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", range(1, 9)),
        ("permission", (1, 2, 3)),
        ("DRIVERS", (3,)),
        ("able delayed", (5,)),
        ("conn_9", (8,)),
        ("isu_7", (7,)),
        ("who:fleet", (1, 2, 3)),
        ("who:us provider:samsara", (7,)),
        ("code:data provider:geo", (4,)),
        ("who:", range(1, 9)),  # still being typed
        ("no such word", ()),
        ("https://x", ()),
    ],
)
def test_words_match_anything_known_and_names_narrow_to_one_thing(text: str, found: tuple[int, ...]) -> None:
    fits = parse_issue_filter(text)
    assert [issue.id for issue in EVERY if fits(issue)] == [f"isu_{number}" for number in found]


def test_a_name_that_means_nothing_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(FilterError, match="did you mean code:"):
        parse_issue_filter("cod:x")
    with pytest.raises(FilterError, match="known: who: code: provider:"):
        parse_issue_filter("xyzzy:1")
