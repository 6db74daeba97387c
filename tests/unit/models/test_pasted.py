"""What a person pastes is told by its shape, out of whatever it stands in."""

from __future__ import annotations

import gc

import pytest

from tui_app.models.known_secrets import KNOWN
from tui_app.models.pasted import Kind, hides_secret, recognise

ULID = "01GV12VR4DJP70GD1ZBK0SDWFH"
CONNECTION, SYNC, ISSUE = f"conn_{ULID}", f"sync_{ULID}", f"isu_{ULID}"
TOKEN = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        (SYNC, Kind.SYNC, SYNC),
        (f'  "{SYNC}",\n', Kind.SYNC, SYNC),
        (SYNC.upper(), Kind.SYNC, SYNC),
        (SYNC.lower(), Kind.SYNC, SYNC),
        (f"({ISSUE}).", Kind.ISSUE, ISSUE),
        (f"https://api.example/tsp/v1/syncs/{SYNC}?expand=issues", Kind.SYNC, SYNC),
        (f"https://link.example/connection/{CONNECTION}", Kind.CONNECTION, CONNECTION),
        (f"a%2F{SYNC}%22", Kind.SYNC, SYNC),
        (f'{{"detail": "Existing sync in progress: {SYNC}"}}', Kind.SYNC, SYNC),
        (f"2026-11-22T14:00:00Z INFO started\\n{SYNC} of {CONNECTION}", Kind.SYNC, SYNC),
        (f"first line\nsecond {ISSUE}", Kind.ISSUE, ISSUE),
        ("conn_1", Kind.CONNECTION, "conn_1"),
        ("sync_mode", Kind.WORDS, "sync_mode"),
        ("async_01", Kind.WORDS, "async_01"),
        ("1234567", Kind.DOT, "1234567"),
        ("USDOT# 1234567.", Kind.DOT, "1234567"),
        ("US DOT number: 12", Kind.DOT, "12"),
        ("12", Kind.WORDS, "12"),
        ("“Prairie Lines”, ", Kind.WORDS, "Prairie Lines"),
        ("Frank's Trucking", Kind.WORDS, "Frank's Trucking"),
        ('tag:"my fleet"', Kind.WORDS, 'tag:"my fleet"'),
        ("\n\n  pl-310\n", Kind.WORDS, "pl-310"),
        (f'"batch_id": "{UUID}"', Kind.ID, UUID),
        ("", Kind.NOTHING, ""),
        (" \n ", Kind.NOTHING, ""),
        ("con_tkn_22vU••••••••", Kind.TOKEN, "con_tkn_22vU••••••••"),
    ],
)
def test_it_is_told_what_was_pasted(text: str, kind: Kind, found: str) -> None:
    pasted = recognise(text)
    assert (pasted.kind, pasted.text) == (kind, found)


def test_a_sync_is_meant_before_its_issues_and_its_connection_which_is_named_beside_it() -> None:
    pasted = recognise(f'{{"connection": "{CONNECTION}", "id": "{SYNC}", "issues": ["{ISSUE}"]}}')
    assert (pasted.kind, pasted.text, pasted.connection_id) == (Kind.SYNC, SYNC, CONNECTION)


@pytest.mark.parametrize(
    "text", [TOKEN, f" '{TOKEN}'.", f'{{"token": "{TOKEN}"}}', TOKEN.replace("con_tkn", "CON_TKN")]
)
def test_a_token_is_a_secret_at_once_and_shown_as_its_mask(text: str) -> None:
    pasted = recognise(text)
    assert (pasted.kind, pasted.text) == (Kind.TOKEN, "con_tkn_22vU••••••••")
    assert pasted.token is not None
    assert pasted.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(pasted)
    assert TOKEN in KNOWN.texts()
    del pasted
    gc.collect()
    assert TOKEN not in KNOWN.texts()


def test_a_word_that_is_a_connections_token_is_one_whatever_it_looks_like() -> None:
    pasted = recognise("“plainToken1234”", lambda text: text == "plainToken1234")
    assert pasted.kind is Kind.TOKEN
    assert "plainToken1234" not in repr(pasted)


@pytest.mark.parametrize(
    "text", ["sk_prod_4eC39HqLyjWDarjtT1zdp7dc", "Bearer pk_sandbox_4eC3", "SK_LIVE_ABCDEF", "whsec_abc", "pub_tkn_abc"]
)
def test_another_secret_is_refused_and_nothing_of_it_is_kept(text: str) -> None:
    pasted = recognise(text)
    assert (pasted.kind, pasted.text, pasted.candidates) == (Kind.REFUSED, "", ())
    assert "neither shown nor kept" in pasted.refusal
    assert hides_secret(text)


def test_a_key_in_use_is_refused_even_where_it_is_shaped_like_none() -> None:
    class Holder:
        """Somebody who holds a key."""

    holder = Holder()
    KNOWN.add(holder, lambda _: ["Kv5Dq8Hs2-Zx7Wc4Jn9"])
    assert recognise("Kv5Dq8Hs2-Zx7Wc4Jn9").kind is Kind.REFUSED


def test_of_a_command_with_key_and_token_the_sync_is_taken_and_the_key_left_out() -> None:
    pasted = recognise(
        f"curl -H 'Connection-Token: {TOKEN}' -H 'Authorization: Bearer sk_prod_4eC39HqLyjW' https://x/syncs/{SYNC}"
    )
    assert (pasted.kind, pasted.text, pasted.left_out) == (Kind.SYNC, SYNC, True)
    assert pasted.token is not None
    assert not {"sk_prod", "4eC39"} & {*repr(pasted).split("_")}
    assert not hides_secret(repr(pasted))


def test_the_id_of_something_else_is_said_to_be_one() -> None:
    assert "a vehicle" in recognise(f"vcl_{ULID}").refusal


def test_the_words_of_a_line_may_each_be_an_id() -> None:
    assert {"crm:4711", "4711", "job-7"} <= {*recognise('{"externalId": "crm:4711", "job": "job-7"}').candidates}


def test_words_know_the_text_that_they_stood_in() -> None:
    pasted = recognise("Hello,\n\n“Prairie Lines”  is\tlate.")
    assert (pasted.text, pasted.context) == ("Hello", 'hello, "prairie lines" is late.')
    assert recognise(f"{TOKEN} of Prairie Lines").context == ""


def test_a_book_is_not_looked_at_to_its_end() -> None:
    pasted = recognise("word-1 " * 1_000_000)
    assert len(pasted.text) == 200
    assert len(pasted.candidates) <= 300
