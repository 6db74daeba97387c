"""Where a key comes from, and what is refused before anything is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.config.keys import KeyFound, KeyMissing, KeyRefused, check_key, find_key
from tui_app.config.profiles import built_in_profiles
from tui_app.models.profile import Profile

BUILT_IN = {profile.name: profile for profile in built_in_profiles()}
SANDBOX_KEY = "sk_sandbox_22vUhkC6tgre4kwa"
PRODUCTION_KEY = "sk_prod_22vUhkC6tgre4kwa"


async def test_a_key_is_found_in_the_variable_that_the_profile_names() -> None:
    found = await find_key(BUILT_IN["sandbox"], {"SYNCSCOPE_SANDBOX_KEY": f"  {SANDBOX_KEY}\n"})
    assert isinstance(found, KeyFound)
    assert found.secret.get_secret_value() == SANDBOX_KEY
    assert found.source == "the environment variable SYNCSCOPE_SANDBOX_KEY"
    assert SANDBOX_KEY not in repr(found)


async def test_a_variable_that_is_not_set_is_named() -> None:
    missing = await find_key(BUILT_IN["production"], {"TERMINAL_API_KEY": PRODUCTION_KEY})
    assert isinstance(missing, KeyMissing)
    assert "SYNCSCOPE_PRODUCTION_KEY" in missing.reason
    assert "SYNCSCOPE_PRODUCTION_KEY" in missing.next_step


async def test_a_profile_without_a_variable_asks_for_its_key() -> None:
    missing = await find_key(Profile(name="mine", kind="terminal", base_url="https://x.example"), {})
    assert isinstance(missing, KeyMissing)
    assert "Type the key" in missing.next_step


async def test_the_embedded_server_needs_no_key_from_here() -> None:
    assert isinstance(await find_key(BUILT_IN["demo"], {"TERMINAL_API_KEY": SANDBOX_KEY}), KeyMissing)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        (f"Bearer {SANDBOX_KEY}", "Bearer"),
        (f"{SANDBOX_KEY}\nX-Other: header", "line end"),
        (f"{SANDBOX_KEY[:12]} {SANDBOX_KEY[12:]}", "white space"),
        (f"{SANDBOX_KEY}\x00", "characters that no key has"),
        (f"{SANDBOX_KEY}\x1b[31m", "characters that no key has"),
        (f"{SANDBOX_KEY}\u200b", "characters that no key has"),
        (f'"{SANDBOX_KEY}"', "quotation marks"),
        ("pk_sandbox_22vUhkC6tgre4kwa", "publishable"),
        ("con_tkn_22vUhkC6tgre4kwa", "token of one connection"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(key: str, reason: str) -> None:
    refused = check_key(BUILT_IN["sandbox"], key)
    assert isinstance(refused, KeyRefused)
    assert reason in refused.reason
    assert refused.next_step
    assert "22vU" not in refused.reason + refused.next_step


@pytest.mark.parametrize(
    ("name", "key", "other"),
    [("sandbox", PRODUCTION_KEY, "“production”"), ("production", SANDBOX_KEY, "“sandbox”")],
)
def test_a_key_of_another_environment_is_refused_before_the_first_call(name: str, key: str, other: str) -> None:
    refused = check_key(BUILT_IN[name], key)
    assert isinstance(refused, KeyRefused)
    assert refused.reason.startswith("Nothing was sent")
    assert other in refused.next_step


def test_a_production_key_is_not_sent_to_a_server_on_this_machine() -> None:
    local = Profile(name="local", kind="terminal", base_url="http://127.0.0.1:8000")
    assert isinstance(check_key(local, PRODUCTION_KEY), KeyRefused)
    assert isinstance(check_key(local, SANDBOX_KEY), KeyFound)


@given(st.text())
def test_no_text_makes_a_key_that_could_not_be_a_header(key: str) -> None:
    found = check_key(BUILT_IN["sandbox"], key)
    if isinstance(found, KeyFound):
        value = found.secret.get_secret_value()
        assert value
        assert all(" " < character < "\x7f" for character in value)
