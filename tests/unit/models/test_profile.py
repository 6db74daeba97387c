"""Which environment a server is, which keys contradict it, and which addresses are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.models.samples import KEY
from tui_app.config.environment import environment_of, key_contradiction, key_environment
from tui_app.models.profile import Environment, Profile, is_loopback

PRODUCTION = "https://api.withterminal.com/tsp/v1"
SANDBOX = "https://api.sandbox.withterminal.com/tsp/v1"
LOOPBACK = "http://127.0.0.1:8080/tsp/v1"
OTHER = "https://terminal.example.com/tsp/v1"
PROD_KEY, SANDBOX_KEY, PLAIN_KEY = "sk_prod_abc", "sk_sandbox_abc", "abc"

P, B, S = Environment.PRODUCTION, Environment.SANDBOX, Environment.SIMULATED


@pytest.mark.parametrize(
    ("url", "declared", "environment"),
    [
        # A known host is what it is, whatever is declared.
        (PRODUCTION, None, P),
        (PRODUCTION, "sandbox", P),
        (PRODUCTION, "simulated", P),
        (PRODUCTION, "production", P),
        (SANDBOX, None, B),
        (SANDBOX, "production", B),
        (SANDBOX, "simulated", B),
        # This machine is simulated, unless a tunnel that ends here is declared.
        (LOOPBACK, None, S),
        (LOOPBACK, "simulated", S),
        (LOOPBACK, "sandbox", B),
        (LOOPBACK, "production", P),
        (None, None, S),
        # Any other is production until it is declared otherwise.
        (OTHER, None, P),
        (OTHER, "production", P),
        (OTHER, "sandbox", B),
        (OTHER, "simulated", S),
    ],
)
def test_an_environment_follows_from_the_host_then_from_what_is_declared(
    url: str | None, declared: str | None, environment: Environment
) -> None:
    assert environment_of(url, declared) is environment
    assert environment_of(url, declared, PLAIN_KEY) is environment
    assert environment_of(url, declared, SANDBOX_KEY) is environment
    assert environment_of(url, declared, PROD_KEY) is P


@pytest.mark.parametrize(
    "url",
    [
        "https://API.WithTerminal.com/tsp/v1",
        "https://api.withterminal.com./tsp/v1",
        "https://api.withterminal.com:443/tsp/v1",
        "https://user@api.withterminal.com/",
    ],
)
def test_production_is_known_however_it_is_written(url: str) -> None:
    assert environment_of(url, "simulated") is P


@pytest.mark.parametrize(
    "url",
    ["https://localhost.example.com", "https://api.sandbox.withterminal.com.evil.example", "https://127.0.0.1.nip.io"],
)
def test_a_host_that_only_looks_like_a_harmless_one_is_production(url: str) -> None:
    assert environment_of(url) is P


@pytest.mark.parametrize(
    ("url", "declared", "key", "fits"),
    [
        (PRODUCTION, None, PROD_KEY, True),
        (PRODUCTION, None, SANDBOX_KEY, False),
        (PRODUCTION, "sandbox", SANDBOX_KEY, False),
        (SANDBOX, None, SANDBOX_KEY, True),
        (SANDBOX, None, PROD_KEY, False),
        (SANDBOX, "production", PROD_KEY, False),
        (LOOPBACK, None, SANDBOX_KEY, True),
        (LOOPBACK, None, PROD_KEY, False),
        (LOOPBACK, "simulated", SANDBOX_KEY, True),
        (LOOPBACK, "sandbox", SANDBOX_KEY, True),
        (LOOPBACK, "production", PROD_KEY, True),
        (LOOPBACK, "production", SANDBOX_KEY, False),
        (None, None, SANDBOX_KEY, True),
        (None, None, PROD_KEY, False),
        (OTHER, None, PROD_KEY, True),
        (OTHER, None, SANDBOX_KEY, True),
        (OTHER, "production", SANDBOX_KEY, False),
        (OTHER, "sandbox", PROD_KEY, False),
        (OTHER, "sandbox", SANDBOX_KEY, True),
        (OTHER, "simulated", SANDBOX_KEY, True),
        (OTHER, "simulated", PROD_KEY, False),
        *((url, None, PLAIN_KEY, True) for url in (PRODUCTION, SANDBOX, LOOPBACK, OTHER, None)),
    ],
)
def test_a_key_whose_prefix_names_another_environment_is_refused(
    url: str | None, declared: str | None, key: str, fits: bool
) -> None:
    said = key_contradiction(url, declared, key)
    assert (said is None) is fits
    assert key not in (said or "")


@pytest.mark.parametrize(
    ("key", "environment"),
    [("sk_prod_x", P), ("pk_prod_x", P), ("sk_sandbox_x", B), ("pk_sandbox_x", B), ("sk_live_x", None), ("", None)],
)
def test_a_keys_prefix_says_what_it_is_for(key: str, environment: Environment | None) -> None:
    assert key_environment(key) is environment


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LocalHost.", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_name_and_address(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com/tsp/v1/", "https://example.com/tsp/v1"),
        ("https://example.com", "https://example.com"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_a_base_url_is_kept_without_its_final_slash(url: str, kept: str) -> None:
    assert Profile(name="mine", kind="terminal", base_url=url).base_url == kept


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com", "in clear"),
        ("http://localhost.example.com", "in clear"),
        ("ftp://example.com", "https://"),
        ("example.com", "https://"),
        ("https://", "name a host"),
        ("", "https://"),
        ("https://example.com:0", "port"),
        ("https://example.com:99999", "port"),
        ("https://example.com:http", "port"),
        ("https://me:secret@example.com", "user name"),
        ("https://me@example.com", "user name"),
        ("https://example.com/?a=b", "query"),
        ("https://example.com/#a", "fragment"),
        ("https://exa mple.com", "spaces"),
        ("https://example.com/\n", "line ends"),
        ("https://[::1", "IPv6"),
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Profile(name="mine", kind="terminal", base_url=url)


@given(st.text(max_size=40) | st.text(":/@?#[]%. \nhtps1", max_size=40).map("https://".__add__))
def test_any_text_is_a_base_url_or_refused(url: str) -> None:
    try:
        profile = Profile(name="mine", kind="terminal", base_url=url)
    except ValidationError:
        return
    assert profile.base_url is not None
    assert profile.base_url.isprintable()
    environment_of(profile.base_url)


@pytest.mark.parametrize("name", ["mine", "a", "A.b-c_9", "x" * 64])
def test_names_that_can_be_typed_are_names(name: str) -> None:
    assert Profile(name=name, kind="terminal").name == name


@pytest.mark.parametrize("name", ["", "-x", ".x", "a b", "a/b", "x" * 65, "é", "a\n"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Profile(name=name, kind="terminal")


@pytest.mark.parametrize("budget", [0, -1, 401, float("nan"), float("inf")])
def test_a_budget_is_between_nothing_and_what_the_server_bears(budget: float) -> None:
    with pytest.raises(ValidationError, match="budget"):
        Profile(name="mine", kind="terminal", budget=budget)


def test_a_refusal_does_not_repeat_a_key_that_was_put_in_the_wrong_place() -> None:
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate(
            {"name": "mine", "kind": "terminal", "key_env": f"{KEY}!", "base_url": f"https://x/?key={KEY}"}
        )
    assert KEY not in str(caught.value)


def test_without_an_address_it_is_the_embedded_server() -> None:
    assert Profile(name="demo", kind="terminal").embedded
    assert not Profile(name="mine", kind="terminal", base_url=OTHER).embedded
