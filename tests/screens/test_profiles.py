"""Profiles: the servers that can be opened, how they are switched, tested and added, and the keys that they need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.clocks import until
from tests.screens.conftest import Scripted, running, stage_on
from tests.screens.scripted import KEY, Terminal, connection, sync
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply
from tui_app.api.kinds import KINDS
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import KeyDialog
from tui_app.screens.profile_dialogs import ProfileDialog
from tui_app.screens.profiles import ProfilesScreen


@asynccontextmanager
async def beside(
    sandbox: Sandbox, folder: Path, terminal: Terminal, size: tuple[int, int] = MEDIUM, settings: str = ""
) -> AsyncIterator[Stage]:
    """The app on the simulated server, with the profile `other` in the person's file, on the profiles' screen."""
    (folder / "profiles.toml").write_text(f'[profiles.other]\nbase_url = "{terminal.url}"\n{settings}')
    with terminal:
        async with running(stage_on(sandbox, folder), size) as stage:
            await stage.press("5")
            yield stage


async def choose(stage: Stage, name: str) -> ProfilesScreen:
    screen = stage.app.screen
    assert isinstance(screen, ProfilesScreen)
    assert screen.table.select(name)
    await stage.rest()
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_every_profile_is_listed_with_what_it_is(sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]) -> None:
    async with beside(sandbox, tmp_path, Terminal(), size) as stage:
        assert "▶" in stage.line("comes with")
        assert "SIMULATED" in stage.line("comes with")
        assert "SANDBOX" in stage.line("https://api.sandbox")
        assert "PRODUCTION" in stage.line("https://api.with")
        assert "locked" in stage.line("https://api.with")
        assert "SIMULATED" in stage.line("other ")


async def test_the_facts_follow_the_cursor(sandbox: Sandbox, tmp_path: Path) -> None:
    async with beside(sandbox, tmp_path, Terminal()) as stage:
        await choose(stage, "production")
        assert "locked: unlocked one by one" in stage.text
        assert "https://api.withterminal.com/tsp/v1" in stage.words


@pytest.mark.parametrize(("size", "shown"), [(SMALL, True), (LARGE, True), (MEDIUM, False)])
async def test_the_kind_is_listed_where_there_is_room(
    sandbox: Sandbox, tmp_path: Path, size: tuple[int, int], shown: bool
) -> None:
    async with beside(sandbox, tmp_path, Terminal(), size) as stage:
        assert ("Kind" in stage.line("Environment")) is shown
        assert ("Stuut" in stage.line("demo-stuut")) is shown
        assert "comes with" in stage.line("demo-stuut")


async def test_the_facts_say_what_a_kind_is_for(sandbox: Sandbox, tmp_path: Path) -> None:
    async with beside(sandbox, tmp_path, Terminal()) as stage:
        await choose(stage, "demo-stuut")
        assert "kind Stuut, integrations" in stage.words
        await choose(stage, "other")
        assert "kind Terminal, telematics" in stage.words


async def test_a_kind_that_there_is_not_is_shown_as_the_file_says(sandbox: Sandbox, tmp_path: Path) -> None:
    async with beside(sandbox, tmp_path, Terminal(), LARGE, settings='kind = "[red]fax"') as stage:
        assert "[red]fax" in stage.line("other ")
        await choose(stage, "other")
        assert "kind [red]fax" in stage.words


class TestSwitching:
    async def test_another_servers_connections_take_the_place_of_these(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTHER_KEY", KEY)
        terminal = Terminal([connection(company={"name": "Another Fleet"})])
        async with beside(sandbox, tmp_path, terminal, settings='key_env = "OTHER_KEY"') as stage:
            await choose(stage, "other")
            await stage.press("enter")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert "Another Fleet" in stage.text
            assert "Prairie Lines" not in stage.text
            assert "other" in stage.lines[0]

    async def test_the_old_server_sees_no_more_requests(
        self, scripted: Scripted, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        terminal = Terminal(last_sync=sync())
        async with scripted(terminal) as stage:
            await stage.press("w")
            stage._open_as = lambda profile, key: (
                sandbox.announcement.terminal_url,
                SecretStr(sandbox.announcement.api_key),
            )
            stage.app.open_profile("demo")
            await stage.until(lambda: stage.app.workspace is stage.opened[-1] and len(stage.opened) == 2)
            sent = len(terminal.requests)
            await stage.pass_time(60)
            assert len(terminal.requests) == sent
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert "demo" in stage.lines[0]


class TestKeys:
    async def test_a_missing_key_is_asked_for_and_never_shown(self, sandbox: Sandbox, tmp_path: Path) -> None:
        terminal = Terminal([connection(company={"name": "Another Fleet"})])
        async with beside(sandbox, tmp_path, terminal) as stage:
            await choose(stage, "other")
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, KeyDialog))
            await stage.rest()
            assert "API key for “other”" in stage.text
            assert f"It is sent to {terminal.url} only" in stage.words
            await stage.fill("key", KEY)
            assert KEY not in stage.text
            await stage.press("enter")
            await stage.until(lambda: "Another Fleet" in stage.text, within=10)
            assert terminal.requests[0].headers["authorization"] == f"Bearer {KEY}"

    async def test_without_a_key_nothing_is_sent_and_the_screen_says_why(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        terminal = Terminal()
        async with beside(sandbox, tmp_path, terminal) as stage:
            await choose(stage, "other")
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, KeyDialog))
            await stage.press("escape")
            assert "“other” was not opened" in stage.text
            assert "Reading connections" not in stage.text
            assert not terminal.requests

    @pytest.mark.parametrize(
        ("key", "said"),
        [
            ("sk_prod_4eC39HqLyjWDarjtT1zdp7dc", "Nothing was sent: the key is a production key"),
            ("pk_sandbox_4eC39HqLyjWDarjtT1", "This is a publishable key"),
            ("Bearer sk_sandbox_4eC39", "The key starts with the word Bearer."),
            ("con_tkn_22vUhkC6tgre4kwaYfUk", "This is a token of one connection, not a key."),
        ],
    )
    async def test_a_key_that_cannot_be_right_is_refused_before_anything_is_sent(
        self, sandbox: Sandbox, tmp_path: Path, key: str, said: str
    ) -> None:
        terminal = Terminal()
        async with beside(sandbox, tmp_path, terminal) as stage:
            await choose(stage, "other")
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, KeyDialog))
            first = stage.app.screen
            await stage.fill("key", key)
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, KeyDialog) and stage.app.screen is not first)
            await stage.rest()
            assert said in stage.words
            assert not terminal.requests
            await stage.press("escape")


class TestTrying:
    @pytest.mark.parametrize("size", [SMALL, MEDIUM])
    async def test_t_tells_each_step(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
    ) -> None:
        monkeypatch.setenv("OTHER_KEY", KEY)
        async with beside(sandbox, tmp_path, Terminal(), size, settings='key_env = "OTHER_KEY"') as stage:
            await choose(stage, "other")
            await stage.press("t")
            side = stage.app.screen.query_one("#test-steps")
            await until(lambda: str(side.render()).count("✓") == 5)
            await stage.rest()
            for step in ("✓ Name:", "✓ Connection:", "✓ TLS:", "✓ Key:", "✓ First page:"):
                assert step in stage.text

    async def test_the_step_that_fails_says_so_and_what_to_do(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTHER_KEY", KEY)
        terminal = Terminal()
        terminal.replies["*", "*"] = Reply(401, json={"code": "unauthorized", "message": "Who are you?"})
        async with beside(sandbox, tmp_path, terminal, settings='key_env = "OTHER_KEY"') as stage:
            await choose(stage, "other")
            await stage.press("t")
            await until(lambda: "✗ Key:" in stage.text)
            await stage.rest()
            assert "Who are you?" in stage.words
            assert "First page" not in stage.text

    async def test_the_embedded_server_needs_none(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await choose(stage, "demo")
            await stage.press("t")
            assert "The embedded server needs no test: open it." in stage.text

    async def test_another_profiles_steps_do_not_stay(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await choose(stage, "demo")
            await stage.press("t", "down")
            assert "needs no test" not in stage.text

    async def test_steps_stay_when_the_list_is_drawn_again(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await choose(stage, "demo")
            await stage.press("t", "question_mark", "escape")
            assert "needs no test" in stage.text


class TestAdding:
    async def test_a_server_of_ones_own_is_written_and_selected(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await stage.press("a")
            await stage.fill("name", "acme")
            await stage.fill("url", "https://api.acme.example/tsp/v1")
            await stage.fill("key-place", "ACME_KEY")
            await stage.click("#add")
            screen = stage.app.screen
            assert isinstance(screen, ProfilesScreen)
            assert screen.table.current is not None
            assert screen.table.current.name == "acme"
            assert "PRODUCTION" in stage.line("acme ")
            assert "[profiles.acme]" in (tmp_path / "profiles.toml").read_text()
            assert "[profiles.other]" in (tmp_path / "profiles.toml").read_text()

    @pytest.mark.parametrize("by", ["keys", "mouse"])
    async def test_the_kind_is_chosen_and_written(self, sandbox: Sandbox, tmp_path: Path, by: str) -> None:
        async with beside(sandbox, tmp_path, Terminal(), SMALL) as stage:
            await stage.press("a")
            kinds = list(KINDS.values())
            assert f"(•) {kinds[0].label}" in stage.text
            assert kinds[0].example_url in stage.text
            if by == "mouse":
                await stage.click_text(f"( ) {kinds[1].label}")
            else:
                await stage.press("tab", "down", "space")
            assert f"( ) {kinds[0].label}" in stage.text
            assert f"(•) {kinds[1].label}" in stage.text
            assert kinds[1].example_url in stage.text
            await stage.fill("name", "books")
            await stage.fill("url", "https://books.example/v2/integrations")
            await stage.press("enter")
            profile = stage.app.profiles.load().profiles["books"]
            assert (profile.kind, profile.base_url) == (list(KINDS)[1], "https://books.example/v2/integrations")

    async def test_without_a_choice_it_is_the_first_kind(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal(), SMALL) as stage:
            await stage.press("a")
            await stage.fill("name", "acme")
            await stage.fill("url", "https://api.acme.example")
            await stage.press("enter")
            assert stage.app.profiles.load().profiles["acme"].kind == next(iter(KINDS))

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_choice_is_whole_at_every_size(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async with beside(sandbox, tmp_path, Terminal(), size) as stage:
            await stage.press("a")
            for word in ("Name ", "Kind ", "Base URL ", "It is ", "production", "sandbox", "simulated", "Key from "):
                assert word in stage.text
            for kind in KINDS.values():
                assert f") {kind.label}" in stage.text
            assert "Cancel" in stage.text

    @pytest.mark.parametrize(
        ("name", "url", "key", "field", "said"),
        [
            ("acme", "", "", "url", "say where the server answers"),
            ("acme", "ftp://x", "", "url", "the base URL must start with http:// or https:// and name a host"),
            ("acme", "http://api.acme.example", "", "url", "the key would travel in clear"),
            ("no spaces please", "https://a.example", "", "name", "letters, digits, dots, dashes"),
            ("acme", "https://a.example", "sk-1-2", "key-place", "a variable's name"),
            ("demo", "https://a.example", "", "name", "this name is reserved"),
            ("other", "https://a.example", "", "name", "There is a profile “other”"),
        ],
    )
    async def test_what_cannot_be_is_said_on_its_field(
        self, sandbox: Sandbox, tmp_path: Path, name: str, url: str, key: str, field: str, said: str
    ) -> None:
        async with beside(sandbox, tmp_path, Terminal(), SMALL) as stage:
            before = (tmp_path / "profiles.toml").read_text()
            await stage.press("a")
            for place, text in (("name", name), ("url", url), ("key-place", key)):
                await stage.fill(place, text)
            await stage.press("enter")
            assert isinstance(stage.app.screen, ProfileDialog)
            assert said in stage.problem(field)
            assert said in stage.words
            assert (tmp_path / "profiles.toml").read_text() == before

    async def test_a_broken_file_is_said_and_kept_aside_when_one_is_added(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        (tmp_path / "profiles.toml").write_text("[profiles.mine\nbase_url = ")
        async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
            assert any("profiles.toml, line 1" in toast for toast in stage.toasts)
            await stage.press("5")
            assert "profiles.toml, line 1" in stage.words
            await stage.press("a")
            await stage.fill("name", "acme")
            await stage.fill("url", "https://api.acme.example")
            await stage.press("enter")
            assert any("could not be read; it is kept as" in toast for toast in stage.toasts)
            assert "[profiles.mine" in (tmp_path / "profiles.toml.broken-1").read_text()
            assert "[profiles.acme]" in (tmp_path / "profiles.toml").read_text()


async def test_a_profile_that_is_not_there_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
        stage.app.open_profile("nowhere")
        await stage.until(lambda: bool(stage.toasts))
        assert any("There is no profile “nowhere”. Press 5 to see those that there are." in t for t in stage.toasts)
        assert "Reading connections" not in stage.text
