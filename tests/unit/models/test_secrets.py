"""What counts as a secret: wherever it stands in JSON, however deep, it does not get out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.models.samples import KEY, TOKEN
from tui_app.models.secrets import holds_secret, is_secret_name, redact_text, redacted

DOTS = "•" * 8
SECRET_NAMES = (
    "token",
    "apiKey",
    "api_key",
    "X-Api-Key",
    "Authorization",
    "Proxy-Authorization",
    "password",
    "PASSWORD",
    "passphrase",
    "client_secret",
    "privateKey",
    "authCode",
    "Set-Cookie",
    "refresh_token",
    "credentials",
)

alphabet = st.characters(categories=["Lu", "Ll", "Nd"])
secrets = st.text(alphabet, min_size=12, max_size=40).map(lambda text: f"zq{text}")
shaped = st.builds(
    lambda prefix, rest: prefix + rest,
    st.sampled_from(["con_tkn_", "pub_tkn_", "sk_prod_", "pk_sandbox_", "whsec_"]),
    st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=20, max_size=40),
)
harmless = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON in which a leaf stands somewhere, at any depth."""
    names = st.sampled_from(["a", "data", "user", "results", "token", "provider"])
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda before, it, after: [before, it, after], harmless, inner, harmless)
            | st.builds(lambda name, it, other: {name: it, "other": other}, names, inner, harmless)
        ),
        max_leaves=6,
    )


@given(st.data(), st.sampled_from(SECRET_NAMES), secrets)
def test_nothing_below_the_name_of_a_secret_survives(data: st.DataObject, name: str, secret: str) -> None:
    below = {"any": secret} if name == "credentials" else data.draw(nested(st.just(secret)))
    around = data.draw(nested(st.just({name: below})))
    assert secret not in json.dumps(redacted(around), ensure_ascii=False)


@given(st.data(), shaped, st.sampled_from(["{}", "Bearer {}", "key={}&x=1", "%3D{}", "\\n{}", '"{}"', "it is {}, so"]))
def test_nothing_shaped_like_a_secret_survives_wherever_it_stands(data: st.DataObject, secret: str, text: str) -> None:
    value = data.draw(nested(st.just(text.format(secret))))
    assert secret not in json.dumps(redacted(value), ensure_ascii=False)


@given(shaped)
def test_a_secret_that_is_itself_a_name_is_masked(secret: str) -> None:
    assert secret not in json.dumps(redacted({secret: "connection 7"}), ensure_ascii=False)


@given(nested(harmless))
def test_masking_twice_changes_nothing_more(value: Any) -> None:
    once = redacted({"token": TOKEN, "apiKey": "hunter2", "value": value})
    assert redacted(once) == once


@given(st.recursive(harmless, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner)))
def test_what_holds_no_secret_stays_as_it_is(value: Any) -> None:
    assert redacted(value) == value


def test_the_value_is_copied_not_changed() -> None:
    value = {"token": TOKEN, "list": [{"password": "x"}]}
    redacted(value)
    assert value == {"token": TOKEN, "list": [{"password": "x"}]}


def test_whether_a_secret_is_there_is_no_secret() -> None:
    assert redacted({"token": None, "password": True}) == {"token": None, "password": True}


def test_a_number_under_the_name_of_a_secret_is_masked() -> None:
    assert redacted({"password": 123456, "pin": 7}) == {"password": DOTS, "pin": 7}


def test_what_only_ends_like_a_mask_is_masked() -> None:
    assert redacted({"password": f"hunter2{DOTS}"}) == {"password": DOTS}


@pytest.mark.parametrize("name", [name for name in SECRET_NAMES if name != "credentials"])
def test_names_of_secrets_are_known_without_regard_to_how_they_are_written(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["id", "provider", "tokens_used", "key_env", "username", "status", ""])
def test_other_names_are_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    ["disk_usage_low", "task_force_7", "risk_level_high", "desk_prod", "/var/disk_space_1/x", "ask_me_not", "sk_prod"],
)
def test_ordinary_words_that_hold_the_letters_of_a_key_are_left_alone(text: str) -> None:
    assert redact_text(text) == text
    assert not holds_secret(text)


@pytest.mark.parametrize("text", [KEY, TOKEN, f"--profile={KEY}", f"x {TOKEN} y", "sk_staging_abcdef"])
def test_a_text_that_holds_a_secret_is_known(text: str) -> None:
    assert holds_secret(text)
    assert redact_text(text) != text
