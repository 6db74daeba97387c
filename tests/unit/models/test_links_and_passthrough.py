"""Short links, questions to a provider and what it answers: what is checked, what is kept, what is never shown."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tui_app.models.link import Link, LinkDraft
from tui_app.models.passthrough import METHODS, PassthroughAnswer, PassthroughRequest, RawAnswer

SECRET = "tr0ub4dor-and-3"


class TestLinks:
    def test_a_link_without_an_address_is_none(self) -> None:
        for row in ({"id": "slk_1", "url": ""}, {"id": "slk_1"}, {"id": "", "url": "https://term.new/a"}):
            with pytest.raises(ValidationError):
                Link.model_validate(row)

    def test_fields_that_nobody_knows_are_kept_and_a_key_in_its_address_is_masked(self) -> None:
        row = {"id": "slk_1", "url": "https://term.new/a?key=pk_sandbox_4eC39HqLyjWDarjt", "brandNew": [1]}
        shown = Link.model_validate(row).to_json()
        assert shown["brandNew"] == [1]
        assert shown["url"] == "https://term.new/a?key=pk_sandbox_4eC3••••••••"

    @pytest.mark.parametrize("fields", [{"sync_mode": "never"}, {"backfill": {"days": 0}}, {"nmae": "x"}])
    def test_what_cannot_be_is_refused(self, fields: Any) -> None:
        with pytest.raises(ValidationError):
            LinkDraft(**fields)

    def test_where_it_leads_back_to_is_in_no_repr(self) -> None:
        assert SECRET not in repr(LinkDraft(redirect_url=f"https://fleet.example/?state={SECRET}"))


class TestQuestions:
    @pytest.mark.parametrize("method", METHODS)
    def test_every_method_is_taken_in_capitals(self, method: Any) -> None:
        assert PassthroughRequest(method=method, path="/x").method == method

    @pytest.mark.parametrize("fields", [{"method": "get"}, {"method": "TRACE"}, {"path": ""}, {"header": {}}])
    def test_what_cannot_be_is_refused(self, fields: Any) -> None:
        with pytest.raises(ValidationError) as caught:
            PassthroughRequest(**({"path": "/x", "body": SECRET} | fields))
        assert SECRET not in str(caught.value)

    def test_no_repr_holds_what_may_be_secret(self) -> None:
        asked = PassthroughRequest(path=f"/x?key={SECRET}", headers={"X-Key": SECRET}, body=SECRET)
        assert SECRET not in f"{asked!r}{asked}"


class TestAnswers:
    @pytest.mark.parametrize(("status", "ok"), [(199, False), (200, True), (299, True), (301, False), (500, False)])
    def test_whether_the_provider_did_it_is_told_by_its_status(self, status: int, ok: bool) -> None:
        assert PassthroughAnswer(status_code=status).ok is ok

    @pytest.mark.parametrize("response", [None, "text", 7, [1, {"a": None}], {"deep": {"er": []}}])
    def test_any_response_is_kept_as_it_came(self, response: Any) -> None:
        row = {"method": "GET", "path": "/x", "statusCode": 200, "headers": {}, "response": response}
        assert PassthroughAnswer.model_validate(row).to_json() == row

    def test_headers_may_be_missing_or_null(self) -> None:
        for row in ({"statusCode": 200}, {"statusCode": 200, "headers": None}):
            assert PassthroughAnswer.model_validate(row).headers == {}

    def test_its_secrets_are_masked_wherever_it_is_shown(self) -> None:
        answer = PassthroughAnswer(status_code=200, headers={"Set-Cookie": SECRET}, response={"token": SECRET})
        assert SECRET not in f"{answer!r}{answer.to_json()}"


class TestRawAnswers:
    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (b"", ""),
            (b"id,name\n1,x", "id,name\n1,x"),
            ("Prärie".encode(), "Prärie"),
            (b'{"a": [1]}', '{\n  "a": [\n    1\n  ]\n}'),
            (b"\x89PNG\xff", None),
            (b"[" * 100_000, "[" * 100_000),
        ],
    )
    def test_its_text_is_its_content_where_that_is_text(self, content: bytes, text: str | None) -> None:
        assert RawAnswer(200, content=content).text() == text

    def test_its_text_has_no_secret_and_its_repr_no_content(self) -> None:
        token = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
        for content in (f'{{"password": "{SECRET}", "x": "{token}"}}', f"see {token}"):
            answer = RawAnswer(200, "text/plain", content.encode())
            assert SECRET not in f"{answer.text()}{answer!r}"
            assert token not in f"{answer.text()}{answer!r}"
