"""A failed answer is put into plain words, with the server's own words beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tui_app.api.errors import Failed, excerpt, problem_of
from tui_app.models.problem import FieldProblem, Problem, ProblemKind
from tui_app.models.secrets import redact_text


def failed(status: int, json: Any = None, **more: Any) -> Problem:
    """The problem of an answer."""
    answer = Failed(
        status=status,
        headers=more.pop("headers", {}),
        json=json,
        server_now=datetime(2026, 11, 22, tzinfo=UTC),
        **more,
    )
    return problem_of(answer, redact_text)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ProblemKind.UNREADABLE),
        (400, ProblemKind.INVALID),
        (401, ProblemKind.UNAUTHORIZED),
        (403, ProblemKind.FORBIDDEN),
        (404, ProblemKind.NOT_FOUND),
        (405, ProblemKind.UNSUPPORTED),
        (407, ProblemKind.UNREACHABLE),
        (409, ProblemKind.CONFLICT),
        (413, ProblemKind.INVALID),
        (418, ProblemKind.INVALID),
        (422, ProblemKind.INVALID),
        (429, ProblemKind.RATE_LIMITED),
        (500, ProblemKind.SERVER),
        (501, ProblemKind.UNSUPPORTED),
        (502, ProblemKind.SERVER),
        (503, ProblemKind.SERVER),
        (504, ProblemKind.SERVER),
        (520, ProblemKind.SERVER),
        (999, ProblemKind.SERVER),
    ],
)
def test_every_status_says_what_happened_what_it_means_and_what_to_do(status: int, kind: ProblemKind) -> None:
    bodies: list[Any] = [None, {}, [], "text", 5, {"code": "x", "message": "y"}]
    for body in bodies:
        problem = failed(status, body)
        assert problem.kind is kind
        assert problem.status == status
        assert problem.title
        assert problem.meaning
        assert problem.next_step


def test_the_servers_own_words_stand_beside_ours_verbatim() -> None:
    problem = failed(
        409,
        {
            "code": "conflict",
            "message": "Sync already in progress",
            "detail": "Existing sync in progress: sync_01D8ZQFGHVJ858NBF2Q7DV9MNC",
        },
    )

    assert problem.server_words == (
        "409 · conflict · Sync already in progress · Existing sync in progress: sync_01D8ZQFGHVJ858NBF2Q7DV9MNC"
    )


def test_a_detail_list_names_the_fields() -> None:
    problem = failed(
        400,
        {
            "code": "bad_request",
            "message": "Invalid request body",
            "detail": [
                {
                    "message": "must be a number",
                    "path": "{requestBody}.days",
                    "suggestion": "Send 7",
                    "context": {"a": 1},
                },
                {"message": "missing", "path": "{requestBody}.provider"},
                "free text",
                7,
                {},
            ],
        },
    )

    assert problem.detail == ""
    assert problem.fields == (
        FieldProblem("{requestBody}.days", "must be a number", "Send 7"),
        FieldProblem("{requestBody}.provider", "missing"),
        FieldProblem("", "free text"),
        FieldProblem("", ""),
    )


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (["body", "name"], "name"),
        (["body", "models", 0, "name"], "models.0.name"),
        (["query", "limit"], "limit"),
        (["path", "connection_id"], "connection_id"),
        (["name"], "name"),
        (["body"], "body"),
        ([], ""),
        ([["body"], {"a": 1}, None, "name"], "name"),
        ("name", ""),
        (None, ""),
    ],
)
def test_a_detail_list_as_fastapi_writes_it_names_the_fields(steps: Any, path: str) -> None:
    problem = failed(422, {"detail": [{"loc": steps, "msg": "Field required", "type": "missing", "input": {"a": 1}}]})

    assert problem.kind is ProblemKind.INVALID
    assert problem.fields == (FieldProblem(path, "Field required"),)


def test_of_two_ways_to_name_a_field_the_plain_one_counts() -> None:
    entry = {"path": "p", "message": "m", "loc": ["body", "other"], "msg": "other"}

    assert failed(422, {"detail": [entry]}).fields == (FieldProblem("p", "m"),)


def test_a_secret_among_the_steps_to_a_field_is_masked() -> None:
    key = "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"
    problem = failed(422, {"detail": [{"loc": ["body", key], "msg": f"unexpected {key}"}]})

    assert key not in repr(problem)


def test_a_detail_that_is_text_is_kept_as_text() -> None:
    problem = failed(409, {"detail": "Syncing is disabled"})

    assert (problem.detail, problem.fields) == ("Syncing is disabled", ())


def test_an_endless_detail_list_is_cut() -> None:
    assert len(failed(400, {"detail": [{"path": "p", "message": "m"}] * 10_000}).fields) == 100


def test_endless_words_are_cut() -> None:
    assert len(failed(500, {"message": "x" * 10**6}).message) == 4000


@pytest.mark.parametrize("words", [5, True, None, {"a": 1}, ["a"]])
def test_words_of_another_type_do_no_harm(words: Any) -> None:
    assert failed(500, {"code": words, "message": words, "detail": words}).kind is ProblemKind.SERVER


def test_a_403_of_the_key_and_a_403_of_the_connections_token_are_told_apart() -> None:
    assert "API key" in failed(403).title
    assert "token" in failed(403, with_token=True).title


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("connection_disconnected", "disconnected"),
        ("invalid_credentials", "refused the credentials"),
        ("insufficient_permissions", "may not do enough"),
    ],
)
def test_a_422_says_which_one_it_is(code: str, words: str) -> None:
    problem = failed(422, {"code": code, "message": "m", "detail": []})

    assert problem.kind is ProblemKind.INVALID
    assert words in problem.title


def test_an_unavailable_provider_is_the_servers_problem_whatever_the_status() -> None:
    assert failed(422, {"code": "provider_unavailable"}).kind is ProblemKind.SERVER


def test_a_failed_write_says_that_it_may_have_been_carried_out() -> None:
    assert "not known" in failed(502, writing=True).meaning
    assert "Look" in failed(504, writing=True).next_step


@pytest.mark.parametrize("status", [400, 403, 409, 422, 429, 501])
def test_a_refused_write_leaves_no_doubt(status: int) -> None:
    assert "not known" not in failed(status, writing=True).meaning


def test_the_wait_that_the_server_asks_for_is_told() -> None:
    assert failed(429, headers={"retry-after": "0.62"}).retry_after == 0.62
    assert failed(429, {"detail": "please try again in 0.62 s"}).retry_after == 0.62
    assert failed(503, {"retryAfter": 3}).retry_after == 3
    assert failed(429).retry_after is None


def test_a_web_page_is_told_by_its_title() -> None:
    page = "<!DOCTYPE html><html><head><title>Sign&nbsp;in\n to Wi-Fi</title></head><body>…"

    assert failed(502, text=page).message == "a web page titled “Sign in to Wi-Fi”"
    assert failed(502, text="<html><body>x").message == "a web page without a title"


def test_a_redirect_says_where_to_without_secrets() -> None:
    problem = failed(307, headers={"location": "https://evil.example/?t=con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"})

    assert "https://evil.example/" in problem.meaning
    assert "con_tkn_22vUhkC6tgre4kwaY" not in problem.meaning


def test_what_servers_quote_of_secrets_is_masked() -> None:
    secret = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
    body = {
        "code": secret,
        "message": secret,
        "detail": [{"path": secret, "message": secret, "suggestion": secret}, secret],
    }

    assert secret not in repr(failed(400, body))
    assert secret not in repr(failed(403, {"detail": secret}))
    assert secret not in repr(failed(500, text=f"error for {secret}"))


def test_an_excerpt_is_one_short_line_without_control_characters() -> None:
    said = excerpt("first\n\tsecond \x1b]0;title\x07 \u202e" + "x" * 1000, redact_text)

    assert said.startswith("first second ␛]0;title␇")
    assert said.isprintable()
    assert len(said) <= 200
