"""Changing and removing profiles: what is not meant stays as the person wrote it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.config.profile_file import read_profile
from tui_app.config.profiles import ProfileError, ProfileStore
from tui_app.models.profile import Profile, Timeouts

FILE = """\
# mine, by hand
[profiles.acme]  # the big one
base_url = "https://acme.example/tsp/v1/"   # with a slash
budget = 20  # as told by Ann
colour = "green"

# careful: real trucks
[profiles.books]
base_url = "https://books.example"
kind = "stuut"
key_env = "BOOKS"

[profiles.books.timeout]
read = 60
# the end
"""


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    (tmp_path / "profiles.toml").write_text(FILE)
    return ProfileStore(tmp_path / "profiles.toml", {})


def changed(store: ProfileStore, name: str, **changes: Any) -> str:
    profile = store.load().profiles[name]
    store.edit(Profile.model_validate(profile.model_dump(exclude={"built_in"}) | changes))
    assert store.load().problems == []
    return store.path.read_text()


class TestEditing:
    def test_one_setting_changes_one_line_and_its_comment_stays(self, store: ProfileStore) -> None:
        assert changed(store, "acme", budget=5) == FILE.replace("budget = 20 ", "budget = 5.0 ")

    def test_nothing_changes_nothing(self, store: ProfileStore) -> None:
        assert changed(store, "acme") == FILE

    def test_what_is_new_stands_with_its_profile_and_not_below_the_comment_of_the_next(
        self, store: ProfileStore
    ) -> None:
        text = changed(store, "acme", proxy="http://proxy:3128", timeout={"connect": 2})
        new = 'colour = "green"\nproxy = "http://proxy:3128"\ntimeout = {connect = 2.0}\n'
        assert text == FILE.replace('colour = "green"\n', new)

    def test_another_place_for_the_key_takes_the_old_ones_place(self, store: ProfileStore) -> None:
        text = changed(store, "books", key_env=None, key_command=["op", "read", "op://x y"])
        assert tomllib.loads(text)["profiles"]["books"]["key_command"] == ["op", "read", "op://x y"]
        assert "BOOKS" not in text
        assert "# careful" in text
        assert "# the end" in text

    def test_what_stands_in_a_section_of_its_own_can_change(self, store: ProfileStore) -> None:
        changed(store, "books", timeout={"read": 5})
        assert store.load().profiles["books"].timeout == Timeouts(read=5)
        changed(store, "books", timeout=None)
        assert store.load().profiles["books"].timeout is None
        assert "# the end" in store.path.read_text()

    def test_a_built_in_one_is_written_beside_and_then_wins(self, store: ProfileStore) -> None:
        profile = store.load().profiles["sandbox"].model_copy(update={"budget": 3.0})
        assert "takes the place of the built-in one" in store.edit(profile)[0]
        assert store.load().profiles["sandbox"].budget == 3
        assert store.path.read_text().startswith(FILE.rstrip())

    @pytest.mark.parametrize("name", ["demo", "demo-stuut", "environment", "Demo"])
    def test_what_is_reserved_cannot_be_changed(self, store: ProfileStore, name: str) -> None:
        with pytest.raises(ProfileError, match="built in"):
            store.edit(Profile(name=name, kind="terminal", base_url="https://x.example"))
        assert store.path.read_text() == FILE

    def test_one_that_is_not_there_is_not_made(self, store: ProfileStore) -> None:
        with pytest.raises(ProfileError, match="There is no profile “nobody”"):
            store.edit(Profile(name="nobody", kind="terminal", base_url="https://x.example"))

    def test_a_key_in_a_setting_is_not_written(self, store: ProfileStore) -> None:
        profile = store.load().profiles["acme"].model_copy(update={"key_command": ("echo", "sk_prod_12345678")})
        with pytest.raises(ProfileError, match="secret"):
            store.edit(profile)
        assert store.path.read_text() == FILE

    @pytest.mark.parametrize(
        "text",
        [
            'profiles = {a = {base_url = "https://a.example"}, b = {base_url = "https://b.example"}}  # mine\n',
            '# mine\nprofiles.a.base_url = "https://a.example"\nprofiles.b.base_url = "https://b.example"\n',
            '[profiles]  # mine\na.base_url = "https://a.example"\nb.base_url = "https://b.example"\n',
        ],
    )
    def test_other_ways_to_write_it_are_changed_or_refused_but_never_spoilt(
        self, store: ProfileStore, text: str
    ) -> None:
        store.path.write_text(text)
        before = store.load().profiles
        locked = before["a"].model_copy(update={"read_only": True})
        acts: list[Callable[[], list[str]]] = [lambda: store.edit(locked), lambda: store.remove("b")]
        for act in acts:
            now = store.path.read_text()
            try:
                act()
            except ProfileError:
                assert store.path.read_text() == now
            assert store.load().problems == []
            assert "# mine" in store.path.read_text()
            assert store.load().profiles["a"].base_url == "https://a.example"

    def test_a_file_that_cannot_be_read_is_left_alone(self, store: ProfileStore) -> None:
        acme = store.load().profiles["acme"]
        store.path.write_text("[profiles.acme")
        acts: list[Callable[[], list[str]]] = [lambda: store.edit(acme), lambda: store.remove("acme")]
        for act in acts:
            with pytest.raises(ProfileError, match="line 1"):
                act()
        assert [path.name for path in store.path.parent.iterdir() if "lock" not in path.name] == ["profiles.toml"]
        assert store.path.read_text() == "[profiles.acme"


class TestRemoving:
    def test_the_entry_goes_and_the_comments_around_it_stay(self, store: ProfileStore) -> None:
        assert store.remove("acme") == []
        begin, end = FILE.index("[profiles.acme]"), FILE.index("\n\n# careful")
        assert store.path.read_text() == FILE[:begin] + FILE[end + 1 :]
        assert list(store.load().profiles) == ["demo", "demo-stuut", "sandbox", "production", "books"]

    def test_a_header_within_a_text_is_no_header(self, store: ProfileStore) -> None:
        text = FILE.replace('colour = "green"', "note = '''\n[profiles.books]\nold = true\n[other]\n'''")
        store.path.write_text(text)
        with pytest.raises(ProfileError, match="cannot be changed from here"):
            store.remove("books")
        assert store.path.read_text() == text

    def test_its_sections_go_with_it(self, store: ProfileStore) -> None:
        store.remove("books")
        assert store.path.read_text() == FILE[: FILE.index("[profiles.books]")] + "# the end\n"

    def test_one_that_cannot_be_used_can_go(self, store: ProfileStore) -> None:
        store.path.write_text(FILE + '[profiles.odd]\nkey = "x"\n')
        assert store.in_file("odd")
        store.remove("odd")
        assert store.path.read_text() == FILE

    def test_a_file_of_windows_keeps_its_line_ends(self, store: ProfileStore) -> None:
        store.path.write_bytes(FILE.replace("\n", "\r\n").encode())
        changed(store, "acme", budget=5)
        store.remove("books")
        assert b"real trucks\r\n" in store.path.read_bytes()

    @pytest.mark.parametrize("name", ["sandbox", "demo", "production"])
    def test_a_built_in_one_cannot_go(self, store: ProfileStore, name: str) -> None:
        with pytest.raises(ProfileError, match="is built in, and cannot be removed"):
            store.remove(name)

    def test_what_the_environment_makes_says_so(self, store: ProfileStore) -> None:
        with pytest.raises(ProfileError, match="environment variables"):
            store.remove("environment")

    def test_a_files_profile_of_a_built_in_name_can_go_and_the_built_in_one_is_back(self, store: ProfileStore) -> None:
        store.edit(store.load().profiles["sandbox"].model_copy(update={"budget": 3.0}))
        assert store.remove("sandbox") == ["The built-in profile “sandbox” is there again."]
        assert store.load().profiles["sandbox"].built_in

    def test_one_that_is_not_there_is_told(self, store: ProfileStore) -> None:
        with pytest.raises(ProfileError, match="There is no profile “nobody”"):
            store.remove("nobody")


LINES = [
    *("# a", "", "[other]", "x = 1", "t = '''", "'''", "l = [", "]", 'base_url = "https://a.example"', "read = 1"),
    *('[profiles."b c"]', "[profiles.a]", "[profiles.c]", "[profiles.a.timeout]", "[ profiles . a ] # it"),
]


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_however_a_file_is_written_all_else_stays(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("any") / "profiles.toml"
    path.write_text("\n".join(lines))
    store = ProfileStore(path, {})
    try:
        before = tomllib.loads(path.read_text())
    except ValueError:
        return
    wanted = {key: value for key, value in before.get("profiles", {}).items() if key != "a"}
    try:
        store.remove("a")
    except ProfileError:
        assert path.read_text() == "\n".join(lines)
        return
    after = tomllib.loads(path.read_text())
    assert after.get("profiles", {}) == wanted
    assert {**after, "profiles": 0} == {**before, "profiles": 0}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"key_env": "A", "key_keyring": True}, "from one place only, not from key_env and key_keyring"),
        ({"key_command": "op read"}, "key_command must be a list"),
        ({"key_command": []}, "key_command must be a list"),
        ({"key_command": [""]}, "must begin with the name of a program"),
        ({"key_file": "key"}, "key_file must be the whole path"),
        ({"ca_bundle": "ca.pem"}, "ca_bundle must be the whole path"),
        ({"client_key": "/k.pem"}, "name that, too, as client_cert"),
        ({"proxy": "socks5://x:1"}, "must be http:// or https://"),
        ({"proxy": "http://me:word@x:1"}, "set HTTPS_PROXY instead"),
        ({"proxy": "http://x:1/path"}, "nothing after those"),
        ({"timeout": 5}, "timeout must be seconds"),
        ({"timeout": {"read": 0}}, "timeout must be seconds"),
        ({"timeout": {"red": 1}}, "timeout must be seconds"),
        ({"timeout": {"read": float("nan")}}, "timeout must be seconds"),
        ({"key_keyrin": True}, "did you mean “key_keyring”?"),
        ({"key_command": ["echo", "sk_prod_12345678"]}, "holds a secret"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(settings: dict[str, object], words: str) -> None:
    refused = read_profile("mine", {"base_url": "https://x.example", **settings})
    assert isinstance(refused, str)
    assert words in refused
    assert "12345678" not in refused
    assert "word@" not in refused


def test_a_file_reads_naturally() -> None:
    profile = read_profile(
        "mine",
        tomllib.loads("""
        base_url = "https://x.example"
        key_command = ["op", "read", "op://vault/acme/key"]
        proxy = "http://proxy.example:3128"
        ca_bundle = "~/company.pem"
        client_cert = "/etc/me.pem"
        timeout = { connect = 5, read = 60 }
        """),
    )
    assert isinstance(profile, Profile)
    assert profile.key_command == ("op", "read", "op://vault/acme/key")
    assert (profile.key_source, profile.key_words) == ("key_command", "printed by op")
    assert profile.timeout == Timeouts(connect=5, read=60)
