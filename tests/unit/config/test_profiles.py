"""Which servers can be opened, and a person's file of them, which nothing ever destroys."""

from __future__ import annotations

import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from pprint import pformat
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.config import files
from tui_app.config.environment import environment_of
from tui_app.config.profiles import PRODUCTION_URL, SANDBOX_URL, ProfileError, ProfileStore
from tui_app.models.profile import Environment, Profile

KEY = "sk_sandbox_22vUhkC6tgre4kwaYfUkCDA1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "profiles.toml"


def written(path: Path, text: str) -> ProfileStore:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return ProfileStore(path, {})


def a_profile(name: str = "mine", base_url: str = "https://terminal.example/tsp/v1", **fields: Any) -> Profile:
    return Profile(name=name, kind="terminal", base_url=base_url, **fields)


# What exists from the start


def test_without_a_file_there_are_three_profiles_and_the_demo_is_the_default(path: Path) -> None:
    loaded = ProfileStore(path, {}).load()
    assert list(loaded.profiles) == ["demo", "demo-stuut", "sandbox", "production"]
    assert (loaded.default, loaded.problems) == ("demo", [])
    assert loaded.profiles["demo"].embedded
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("name", "environment"),
    [("demo", Environment.SIMULATED), ("sandbox", Environment.SANDBOX), ("production", Environment.PRODUCTION)],
)
def test_each_built_in_profile_is_what_it_is_called(path: Path, name: str, environment: Environment) -> None:
    profile = ProfileStore(path, {}).load().profiles[name]
    assert environment_of(profile.base_url, profile.environment) is environment
    assert profile.built_in


# What the environment names


@pytest.mark.parametrize(("word", "url"), [("prod", PRODUCTION_URL), ("sandbox", SANDBOX_URL)])
def test_a_key_and_an_environment_make_the_default_profile(path: Path, word: str, url: str) -> None:
    loaded = ProfileStore(path, {"TERMINAL_API_KEY": KEY, "TERMINAL_ENVIRONMENT": word}).load()
    assert (loaded.default, loaded.problems) == ("environment", [])
    profile = loaded.profiles["environment"]
    assert (profile.base_url, profile.key_env) == (url, "TERMINAL_API_KEY")


def test_the_base_url_wins_and_is_kept_as_given(path: Path) -> None:
    url = "http://127.0.0.1:8000"
    environ = {"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": url, "TERMINAL_ENVIRONMENT": "prod"}
    loaded = ProfileStore(path, environ).load()
    assert loaded.profiles["environment"].base_url == url
    assert loaded.default == "environment"


def test_an_environment_that_nobody_knows_is_said(path: Path) -> None:
    loaded = ProfileStore(path, {"TERMINAL_API_KEY": KEY, "TERMINAL_ENVIRONMENT": "live"}).load()
    assert loaded.default == ""
    assert loaded.problems == ["TERMINAL_ENVIRONMENT is “live”; it must be “prod” or “sandbox”."]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"TERMINAL_API_KEY": KEY}, "not which server"),
        ({"TERMINAL_BASE_URL": "https://terminal.example"}, "TERMINAL_API_KEY is not"),
        ({"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": "ftp://x"}, "must start with http"),
        ({"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": "http://terminal.example"}, "travel in clear"),
        ({"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": "https://x:99999"}, "port"),
        ({"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": "https://x/\ny"}, "line ends"),
    ],
)
def test_half_an_environment_makes_no_profile_and_says_what_is_missing(
    path: Path, environ: dict[str, str], words: str
) -> None:
    loaded = ProfileStore(path, environ).load()
    assert "environment" not in loaded.profiles
    assert loaded.default == ""
    assert len(loaded.problems) == 1
    assert words in loaded.problems[0]
    assert KEY not in loaded.problems[0]


def test_an_environment_alone_is_somebody_elses_variable(path: Path) -> None:
    assert ProfileStore(path, {"TERMINAL_ENVIRONMENT": "whatever"}).load().problems == []


# Reading a person's file


def test_a_persons_own_profiles_are_read_and_win_over_built_in_ones(path: Path) -> None:
    store = written(
        path,
        """
        [profiles.local]
        base_url = "http://localhost:8000/tsp/v1/"
        read_only = true
        budget = 5
        colour = "green"
        [profiles.sandbox]
        base_url = "https://sandbox.example"
        environment = "sandbox"
        key_env = "MY_KEY"
        """,
    )
    loaded = store.load()
    assert loaded.problems == []
    local = loaded.profiles["local"]
    assert (local.base_url, local.read_only, local.budget) == ("http://localhost:8000/tsp/v1", True, 5)
    assert local.model_extra == {"colour": "green"}
    assert loaded.profiles["sandbox"].base_url == "https://sandbox.example"
    assert not loaded.profiles["sandbox"].built_in


BAD = [
    ("readonly = true", "there is no key “readonly”; did you mean “read_only”?"),
    ("Base-URL = 'x'", "did you mean “base_url”?"),
    ("key_env = 'not a name'", "key_env must be the name of an environment variable"),
    ("budget = 0", "budget: input should be greater than 0"),
    ("budget = nan", "budget: "),
    ("environment = 'live'", "environment: input should be 'simulated', 'sandbox' or 'production'"),
    ("name = 'other'", "“name” cannot be set here"),
    ("built_in = true", "“built_in” cannot be set here"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_one_bad_profile_is_refused_by_name_and_the_others_are_used(path: Path, line: str, reason: str) -> None:
    store = written(
        path,
        f"[profiles.good]\nbase_url = 'https://a.example'\n[profiles.bad]\nbase_url = 'https://b.example'\n{line}\n",
    )
    loaded = store.load()
    assert "good" in loaded.profiles
    assert "bad" not in loaded.profiles
    [problem] = loaded.problems
    assert str(path) in problem
    assert "“bad”" in problem
    assert reason in problem


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[profiles.bad]", "base_url is missing"),
        ("[profiles.bad]\nurl = 'https://x.example'", "did you mean it by “url”?"),
        ("[profiles]\nbad = 3", "it must be a table"),
        ("[profiles.demo]\nbase_url = 'https://x.example'", "reserved"),
        ("[profiles.Environment]\nbase_url = 'https://x.example'", "reserved"),
        ("[profiles.'a b']\nbase_url = 'https://x.example'", "a name starts with a letter or a digit"),
        ("[profile.a]\nbase_url = 'https://x.example'", "did you mean [profiles]?"),
        ("[profiles.bad]\nbase_url = 'http://x.example'", "the key would travel in clear"),
        ("[profiles.bad]\nbase_url = 'https://[x'", "not used"),
        ("[profiles.bad]\nbase_url = 7", "base_url: input should be a valid string"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_reason(path: Path, text: str, reason: str) -> None:
    loaded = written(path, text).load()
    assert list(loaded.profiles) == ["demo", "demo-stuut", "sandbox", "production"]
    [problem] = loaded.problems
    assert reason in problem


@pytest.mark.parametrize(
    "line",
    [
        f"api_key = '{KEY}'",
        "key = 'anything'",
        "token = 'anything'",
        "password = ''",
        f"key_env = '{KEY}'",
        f"note = 'use {KEY}'",
        f"headers = {{ x = ['{KEY}'] }}",
        "headers = { Authorization = 'Basic anything' }",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(path: Path, line: str) -> None:
    loaded = written(path, f"[profiles.bad]\nbase_url = 'https://x.example'\n{line}").load()
    assert "bad" not in loaded.profiles
    [problem] = loaded.problems
    assert "holds a secret" in problem
    assert "key_env" in problem
    assert "anything" not in problem
    assert KEY[12:] not in problem


def test_a_secret_in_a_name_is_not_repeated_either(path: Path) -> None:
    for text in (f"[profiles.{KEY}]", f"[{KEY}]\n[{KEY}]"):
        assert KEY not in " ".join(written(path, text).load().problems)


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b"a = 1\n\nb =\n", "line 3"), (b"a = 1\nb = \xff", "line 2"), (b"a = 1\n[x", "line 2"), (b"profiles = 3", "")],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line_and_the_built_in_profiles_work(
    path: Path, raw: bytes, line: str
) -> None:
    store = written(path, "")
    path.write_bytes(raw)
    loaded = store.load()
    assert list(loaded.profiles) == ["demo", "demo-stuut", "sandbox", "production"]
    [problem] = loaded.problems
    assert str(path) in problem
    assert line in problem


def test_a_file_saved_with_a_byte_order_mark_and_windows_line_ends_is_read(path: Path) -> None:
    store = written(path, "")
    path.write_bytes(b"\xef\xbb\xbf[profiles.a]\r\nbase_url = 'https://x.example'\r\n")
    assert "a" in store.load().profiles
    store.add(a_profile())
    assert {"a", "mine"} <= set(store.load().profiles)


def test_a_file_that_cannot_be_opened_is_named_and_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    store = ProfileStore(path, {})
    [problem] = store.load().problems
    assert str(path) in problem
    with pytest.raises(ProfileError):
        store.add(a_profile())
    assert path.is_dir()


# Writing it


def test_what_is_added_is_there_and_private(path: Path) -> None:
    store = ProfileStore(path, {})
    assert store.add(a_profile(read_only=True, key_env="MY_KEY")) == []
    assert store.load().profiles["mine"] == a_profile(read_only=True, key_env="MY_KEY")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_comments_order_and_all_that_is_not_known_here_survive(path: Path) -> None:
    before = """# mine
theme = "dark"  # later

[profiles.a] # the first
base_url = "https://x.example"
new_thing = [1, 2]
# end"""
    store = written(path, before)
    store.add(a_profile())
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after[len(before) :] == '\n\n[profiles.mine]\nbase_url = "https://terminal.example/tsp/v1"\n'


def test_a_profile_that_was_refused_keeps_its_place_and_its_name(path: Path) -> None:
    store = written(path, "[profiles.mine]\nbase_url = 'ftp://typo'\n")
    with pytest.raises(ProfileError, match="already"):
        store.add(a_profile())
    assert "ftp://typo" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (a_profile("demo"), "reserved"),
        (a_profile("demo-stuut"), "reserved"),
        (a_profile("Environment"), "reserved"),
        (Profile(name="embedded-too", kind="terminal"), "base_url is missing"),
        (a_profile(api_key=KEY), "holds a secret"),
        (a_profile(readonly=True), "did you mean “read_only”"),
        (a_profile(strange=object()), "cannot be added"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(path: Path, profile: Profile, reason: str) -> None:
    store = ProfileStore(path, {})
    with pytest.raises(ProfileError, match=reason) as refused:
        store.add(profile)
    assert KEY not in refused.value.reason
    assert not path.exists()


def test_a_file_in_a_form_that_cannot_be_added_to_is_left_as_it_is(path: Path) -> None:
    text = "profiles = { a = { base_url = 'https://x.example' } }\n"
    store = written(path, text)
    with pytest.raises(ProfileError, match="as it is written"):
        store.add(a_profile())
    assert path.read_text(encoding="utf-8") == text


def test_a_broken_file_is_kept_aside_under_a_name_of_its_own_and_that_is_said(path: Path) -> None:
    for number, text in enumerate(["[broken", "also = broken ="], start=1):
        store = written(path, text)
        [said] = store.add(a_profile())
        aside = path.with_name(f"profiles.toml.broken-{number}")
        assert str(aside) in said
        assert aside.read_text(encoding="utf-8") == text
        assert "mine" in store.load().profiles
    assert path.with_name("profiles.toml.broken-1").read_text(encoding="utf-8") == "[broken"


def test_a_link_to_a_file_elsewhere_stays_a_link(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles" / "profiles.toml"
    written(elsewhere, "# kept elsewhere\n")
    path.parent.mkdir()
    path.symlink_to(elsewhere)
    ProfileStore(path, {}).add(a_profile())
    assert path.is_symlink()
    assert "mine" in elsewhere.read_text(encoding="utf-8")


def test_a_write_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = written(path, "# before\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProfileError, match="No space left"):
        store.add(a_profile())
    assert path.read_text(encoding="utf-8") == "# before\n"
    assert sorted(file.name for file in path.parent.iterdir()) == [".profiles.toml.lock", "profiles.toml"]


def test_a_lock_that_is_held_too_long_is_said_and_nothing_is_written(path: Path) -> None:
    store = written(path, "")
    with files.locked(path), pytest.raises(TimeoutError, match="held"), files.locked(path, patience=0):
        pass
    assert store.add(a_profile()) == []


def _add(path: Path, number: int) -> None:
    ProfileStore(path, {}).add(a_profile(f"p{number}"))


def test_those_who_write_at_the_same_time_lose_nothing(path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_add, [path] * 20, range(20)))
    assert {f"p{number}" for number in range(20)} <= set(ProfileStore(path, {}).load().profiles)


# Any file, any profile

_values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.just(datetime.now(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_lines = st.lists(
    st.sampled_from(
        [
            "[profiles.a]",
            "[profiles.b]",
            "[profiles]",
            "profiles = 1",
            "profiles.c.base_url = 'https://c.example'",
            "base_url = 'https://x.example'",
            "budget = 1e400",
            "budget = " + "9" * 5000,
            "kind = [[[[[]]]]]",
            "deep = " + "[" * 2000,
            "nested = " + "[" * 150 + "]" * 150,
            "x = nan",
            '"" = 1',
            "# words",
            "key_env = 1979-05-27",
            "read_only = 'perhaps'",
            "\ufeff",
            "\x00",
        ]
    ),
    max_size=8,
)


@given(st.one_of(st.binary(), _lines.map(lambda lines: "\n".join(lines).encode())))
def test_no_file_whatever_it_holds_raises_or_is_lost(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "profiles.toml"
        path.write_bytes(raw)
        store = ProfileStore(path, {})
        assert {"demo", "sandbox", "production"} <= set(store.load().profiles)
        assert path.read_bytes() == raw
        try:
            said = store.add(a_profile())
        except ProfileError:
            assert path.read_bytes() == raw
            return
        assert store.load().profiles["mine"] == a_profile()
        if said:
            assert path.with_name("profiles.toml.broken-1").read_bytes() == raw
        else:
            assert path.read_bytes().startswith(raw.removeprefix(b"\xef\xbb\xbf").rstrip())


_profiles = st.builds(
    lambda fields, extras: Profile(**{**extras, **fields}),
    st.fixed_dictionaries(
        {
            "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
            "base_url": st.sampled_from(["https://x.example/tsp/v1", "http://localhost:1", "http://[::1]:8000"]),
            "kind": st.sampled_from(["terminal", "stuut"]),
        },
        optional={
            "environment": st.sampled_from(["simulated", "sandbox", "production", None]),
            "key_env": st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True),
            "read_only": st.booleans() | st.none(),
            "budget": st.floats(0.1, 400),
        },
    ),
    st.dictionaries(st.text(max_size=8).filter(lambda name: name not in Profile.model_fields), _values, max_size=3),
)


@given(st.lists(_profiles, min_size=1, max_size=3))
def test_what_is_added_is_read_back_the_same_or_refused(profiles: list[Profile]) -> None:
    with TemporaryDirectory() as folder:
        store = ProfileStore(Path(folder) / "profiles.toml", {})
        kept: dict[str, Profile] = {}
        for profile in profiles:
            try:
                store.add(profile)
            except ProfileError:
                continue
            kept[profile.name] = profile
        loaded = store.load()
        assert loaded.problems == []
        for name, profile in kept.items():
            # As text, because a number that is none (nan) is not even equal to itself.
            assert pformat(loaded.profiles[name].model_dump()) == pformat(profile.model_dump())
