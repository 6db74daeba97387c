"""Everything that the published pages and the description show as an example is read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from tests.contract.client_examples import DESCRIPTION, PAGES, description, example_of, page_examples, success_schema
from tests.contract.client_examples import resolved as resolved_schema
from tui_app.api import terminal_requests as requests
from tui_app.api.errors import Failed, problem_of
from tui_app.api.exchanges import Redactor
from tui_app.api.reading import read_bare_list, read_one
from tui_app.api.terminal_reading import (
    named_id,
    read_connection,
    read_issue,
    read_link,
    read_page,
    read_passthrough,
    read_sync,
)
from tui_app.api.terminal_reading import read_provider as read_provider_row
from tui_app.api.wire import Answer
from tui_app.models.connection import Backfill, Standing
from tui_app.models.link import LinkDraft
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.provider import Provider
from tui_app.models.secrets import redact_text
from tui_app.models.sync import Phase

needs_description = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="the published OpenAPI description is not beside this repository"
)
needs_pages = pytest.mark.skipif(not PAGES.exists(), reason="the published pages are not beside this repository")

LINK_DRAFT = LinkDraft(
    name="n",
    provider="geotab",
    provider_hints=("geotab",),
    external_id="e",
    tags=("t",),
    redirect_url="https://fleet.example",
    sync_mode="manual",
    backfill=Backfill(days=1),
    template="ltp_1",
)
QUESTION = PassthroughRequest(method="POST", path="/reports", headers={"A": "b"}, body="{}")

# The facts of the pages' examples, so that something is tested where the pages are not.
SYNC_STATUS = {
    "id": "sync_01GV12VR4DJP70GD1ZBK0SDWFH",
    "status": "completed",
    "requestedAt": "2021-01-06T03:24:53.000Z",
    "failureReason": "Reason for failure if sync status is 'failed'",
    "progress": 85,
    "issues": ["isu_01D8ZQFGHVJ858NBF2Q7DV9MNC"],
    "startFrom": "2021-01-06T03:24:53.000Z",
    "completedAt": "2021-01-06T03:24:53.000Z",
    "attempts": 1,
}


def answer(value: Any) -> Answer:
    """A 200 with this JSON."""
    return Answer(200, value, 0.0, Redactor())


def test_the_documented_sync_is_read_and_written_back_as_it_came() -> None:
    sync = read_one(answer(SYNC_STATUS), read_sync, "sync")

    assert sync.phase is Phase.SUCCEEDED
    assert sync.to_json() == SYNC_STATUS


def test_the_documented_connection_is_read_though_its_link_is_no_address() -> None:
    row = {
        "id": "conn_01GV12VR4DJP70GD1ZBK0SDWFH",
        "company": {},
        "status": "connected",
        "provider": {"name": "Geotab", "code": "geotab"},
        "syncMode": "automatic",
        "token": "T9klMDQrcHdm9jrtHuOS2Nf06BIHwMNjpPXPMB",
        "linkUrl": "https://link.withterminal.com/connection/{CONNECTION_ID}?key={PUBLISHABLE_KEY}",
        "createdAt": "2021-01-06T03:24:53.000Z",
        "updatedAt": "2021-01-06T03:24:53.000Z",
    }
    connection = read_one(answer(row), read_connection, "connection")

    assert connection.standing is Standing.CONNECTED
    assert connection.link_url == row["linkUrl"]


@needs_pages
def test_the_page_on_reading_a_sync_shows_what_is_read() -> None:
    examples = page_examples(2)

    assert examples == [SYNC_STATUS]


@needs_description
@pytest.mark.parametrize("alternative", [0, 1])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/connections"),
        ("get", "/connections/current"),
        ("patch", "/connections/current"),
        ("post", "/public-token/exchange"),
        ("post", "/syncs"),
        ("get", "/syncs/{id}"),
    ],
)
def test_single_objects_are_read_in_each_documented_form(method: str, path: str, alternative: int) -> None:
    whole = description()
    example = example_of(success_schema(method, path, whole), whole, alternative=alternative)

    if "sync" in path:
        assert read_one(answer(example), read_sync, "sync").id == example["id"]
    else:
        assert read_one(answer(example), read_connection, "connection").id == example["id"]


@needs_description
@pytest.mark.parametrize("alternative", [0, 1])
@pytest.mark.parametrize(
    ("path", "read"), [("/connections", read_connection), ("/syncs", read_sync), ("/issues", read_issue)]
)
async def test_pages_are_read_in_each_documented_form(path: str, read: Any, alternative: int) -> None:
    whole = description()
    page = await read_page(answer(example_of(success_schema("get", path, whole), whole, alternative=alternative)), read)

    assert len(page.items) == 1
    assert page.unreadable == []
    assert page.next


@needs_description
def test_the_answers_to_orders_are_read_in_their_documented_form() -> None:
    whole = description()

    def example(method: str, path: str) -> Any:
        return example_of(success_schema(method, path, whole), whole)

    for order in ("retry", "cancel"):
        documented = example("post", f"/syncs/{{id}}/{order}")
        assert named_id(answer(documented)) == documented["id"]
    resolved = example("post", "/issues/{issueId}/resolve")
    assert read_one(answer(resolved), read_issue, "issue").id == resolved["id"]
    link = example("post", "/link/short")
    assert read_one(answer(link), read_link, "link").to_json() == link
    output = example("post", "/passthrough")
    assert read_one(answer(output), read_passthrough, "answer").to_json() == output


@needs_description
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "/connections/current", dict.fromkeys(["company", "externalId", "syncMode", "tags", "filters"])),
        ("post", "/public-token/exchange", requests.exchange(SecretStr("pub_tkn_x")).value),
        ("post", "/link/short", requests.link(LINK_DRAFT).value),
        ("post", "/passthrough", requests.passthrough(QUESTION).value),
        ("post", "/passthrough/raw", requests.passthrough(QUESTION).value),
    ],
)
def test_what_is_sent_has_the_documented_fields_and_no_others(method: str, path: str, body: dict[str, Any]) -> None:
    whole = description()
    schema = whole["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    documented = resolved_schema(schema, whole)

    assert body.keys() <= documented["properties"].keys()
    assert set(documented.get("required", [])) <= body.keys()


@needs_description
def test_every_field_that_can_be_edited_is_documented() -> None:
    whole = description()
    schema = whole["paths"]["/connections/current"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    for edited in requests.EDIT_FIELDS:
        place = resolved_schema(schema, whole)
        for step in edited.name.split("."):
            place = resolved_schema(place["properties"][step], whole)
        assert ("enum" in place) == (edited.kind == "choice")
        assert tuple(place.get("enum", ())) in ((), edited.choices) or set(place["enum"]) == set(edited.choices)
        assert (place.get("type") == "array") == (edited.kind == "list")


@needs_description
def test_the_provider_list_is_read_whole() -> None:
    whole = description()
    (provider,) = read_bare_list(
        answer(example_of(success_schema("get", "/providers", whole), whole)), read_provider_row, "providers"
    )

    assert isinstance(provider, Provider)
    assert provider.support()["Vehicle"]


@needs_description
def test_every_documented_error_is_put_into_words_with_the_servers_beside_them() -> None:
    whole = description()
    statuses = {"BadRequestError": 400, "UnauthorizedError": 401, "ForbiddenError": 403, "NotFoundError": 404}
    statuses |= {"ConflictError": 409, "UnprocessableEntityError": 422, "InternalServerError": 500}
    statuses |= {"GatewayTimeoutError": 504, "BadGatewayError": 502}
    for name, status in statuses.items():
        response = whole["components"]["responses"][name]
        example = example_of(response["content"]["application/json"]["schema"], whole)
        problem = problem_of(Failed(status=status, headers={}, json=example), redact_text)

        assert problem.title
        assert problem.next_step
        assert example["message"] in problem.server_words
