"""No secret shows anywhere, whatever a person does and however careless the server is.

A new flow is one more function under `@flow`, here or in `secret_flows.py`: see `canary.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Footer, Input

from tests.clocks import until
from tests.keyrings import environ_of
from tests.screens import secret_flows
from tests.screens.canary import (
    FLOWS,
    KEY,
    ODD_KEY,
    OTHER_KEY,
    PASSWORD,
    TOKEN,
    Echo,
    Watched,
    every_part,
    flow,
    told,
)
from tests.screens.conftest import running
from tests.screens.scripted import sync
from tests.screens.stage import MEDIUM, SMALL
from tests.screens.test_create import choose as choose_provider
from tests.screens.test_profiles import choose
from tui_app.models import secrets, text
from tui_app.screens.dialogs import KeyDialog
from tui_app.screens.log import LogDialog
from tui_app.widgets.field import Field


@flow
async def opening(stage: Watched) -> None:
    await every_part(stage)
    await stage.press("z", "Z", "y", "ctrl+p", "escape", "f12", "y", "escape")


@flow
async def a_key_that_is_refused(stage: Watched) -> None:
    stage.server.refuses = 401
    await stage.press("R")
    await stage.pass_time(10)
    assert "the server: 401" in stage.words
    stage.server.refuses = 403
    await stage.press("R")
    await stage.pass_time(10)


@flow
async def a_server_that_fails(stage: Watched) -> None:
    stage.server.refuses = 500
    await stage.press("R")
    await stage.pass_time(60)
    await stage.press("enter", "tab", "tab", "tab", "escape", "w")
    stage.server.refuses = 0
    await stage.press("R")
    await stage.pass_time(60)


@flow
async def creating(stage: Watched) -> None:
    await choose_provider(stage, "geotab")
    await stage.fill("credential-0", "fleet@prairie.example")
    await stage.fill("credential-1", PASSWORD)
    await stage.fill("credential-2", "prairie")
    await stage.press("ctrl+y")
    assert "curl " in stage.clipboard
    for status in (400, 422, 409, 500):
        stage.server.refuses = status
        await stage.press("ctrl+s")
        assert [request for request in stage.server.sent("POST") if PASSWORD in request.body.decode()]
    stage.server.refuses = 0
    await stage.press("ctrl+s")
    await every_part(stage)


@flow
async def creating_with_fields_of_ones_own(stage: Watched) -> None:
    stage.server.providers = [{"code": "brand-new", "name": "Brand New", "status": "beta"}]
    await choose_provider(stage, "brand")
    await stage.fill("free-name-0", "word")
    await stage.fill("free-value-0", PASSWORD)
    await stage.press("ctrl+y")
    stage.server.refuses = 400
    await stage.press("ctrl+s", "escape")


@flow
async def syncing(stage: Watched) -> None:
    await stage.press("s")
    stage.server.refuses = 409
    await stage.press("enter")
    stage.server.refuses = 0
    await stage.press("s", "enter", "j", "escape", "p", "p", "space", "y", "tab")
    await stage.pass_time(30)
    stage.server.refuses = 502
    await stage.pass_time(60)
    stage.server.refuses = 0
    stage.server.last_sync = sync(status="failed", failureReason=f"Signed in with {TOKEN}", completedAt=None)
    await stage.pass_time(60)
    await stage.press("j", "escape")


@flow
async def orders(stage: Watched) -> None:
    for refuses in (422, 0):
        stage.server.refuses = 0
        stage.server.last_sync = sync()
        await stage.press("w", "x")
        stage.server.refuses = refuses
        await stage.press("enter", "escape")
        stage.server.refuses = 0
        await stage.press("enter", "tab", "tab", "v")
        stage.server.refuses = refuses
        await stage.press("enter")
        stage.server.refuses = 0
        await stage.press("D", "shift+tab")
        stage.server.refuses = refuses
        await stage.press("enter", "escape")


@flow
async def profiles(stage: Watched) -> None:
    await stage.press("5")
    await choose(stage, "own")
    await stage.press("t")
    await stage.pass_time(5)
    stage.server.refuses = 401
    await stage.press("t")
    await stage.pass_time(5)
    await stage.press("e", "escape", "a")
    await stage.fill("name", "another")
    await stage.fill("url", stage.server.url)
    await stage.press("enter")
    await choose(stage, "another")
    await stage.press("e", "escape", "d", "escape")


@flow
async def a_key_that_is_typed(stage: Watched) -> None:
    await stage.press("5")
    await choose(stage, "typed")
    await stage.press("enter")
    await key_typed(stage, f"Bearer {OTHER_KEY}")
    assert isinstance(stage.app.screen, KeyDialog)
    await key_typed(stage, OTHER_KEY.replace("sandbox", "prod"))
    if isinstance(stage.app.screen, KeyDialog):
        await key_typed(stage, ODD_KEY)
    stage.server.refuses = 401
    await stage.press("R")
    await stage.pass_time(10)
    await stage.press("5")
    await choose(stage, "typed")
    await stage.press("o")
    await key_typed(stage, OTHER_KEY)


async def key_typed(stage: Watched, key: str) -> None:
    await until(lambda: isinstance(stage.app.screen, KeyDialog))
    await stage.rest()
    await stage.fill("key", key)
    await stage.press("enter")


@flow
async def keys_from_everywhere(stage: Watched) -> None:
    for name in ("by-file", "by-command", "by-keyring"):
        await stage.press("5")
        await choose(stage, name)
        before = len(stage.server.requests)
        await stage.press("enter")
        await until(lambda before=before: len(stage.server.requests) > before)  # type: ignore[misc]
        assert stage.server.requests[-1].headers["authorization"] == f"Bearer {OTHER_KEY}"
        await stage.rest()
        stage.server.refuses = 401
        await stage.press("R")
        await stage.pass_time(5)
        stage.server.refuses = 0


@flow
async def something_that_breaks_behind_the_screens(stage: Watched) -> None:
    async def breaks() -> None:
        password, token = PASSWORD, TOKEN
        raise ValueError(f"{password} and {token} and {KEY}")

    stage.app.run_worker(breaks(), name="test", exit_on_error=False)
    await until(lambda: any("broke" in toast.title for toast in stage.app._notifications))
    stage.look("a worker that broke")
    stage.app.clear_notifications()
    stage.workspace._spawn(breaks())
    await until(lambda: any("broke" in toast.title for toast in stage.app._notifications))
    stage.look("a task that broke")
    stage.app.clear_notifications()
    await stage.press("f12")
    assert isinstance(stage.app.screen, LogDialog)
    assert "ValueError" in stage.log.path.read_text()


PROFILES = """
[profiles.own]
base_url = "{url}"
key_env = "OWN_KEY"

[profiles.typed]
base_url = "{url}"

[profiles.by-file]
base_url = "{url}"
key_file = "{folder}/key"

[profiles.by-command]
base_url = "{url}"
key_command = ["cat", "{folder}/key"]

[profiles.by-keyring]
base_url = "{url}"
key_keyring = true
"""

Watching = Callable[..., "AsyncIterator[Watched]"]


@pytest.fixture
def watched(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Opens the app on a server that repeats everything, with keys in all the places where keys can be."""

    @asynccontextmanager
    async def open_it(key: str = KEY, size: tuple[int, int] = MEDIUM) -> AsyncIterator[Watched]:
        monkeypatch.setenv("OWN_KEY", key)
        for name, value in environ_of("Good", tmp_path / "keyring").items():
            monkeypatch.setenv(name, value)
        secret_files = (tmp_path / "key", tmp_path / "keyring")
        secret_files[0].touch(0o600)
        secret_files[0].write_text(OTHER_KEY)
        secret_files[1].write_text(f'{{"syncscope/by-keyring": "{OTHER_KEY}"}}')
        with Echo() as server:
            (tmp_path / "profiles.toml").write_text(PROFILES.format(url=server.url, folder=tmp_path))
            stage = Watched(server, tmp_path, isolated, secret_files=secret_files)
            try:
                async with running(stage, size, unbroken=False):
                    stage.look("opening")
                    yield stage
                stage.look("leaving")
            finally:
                stage.log.end()

    return open_it


# Each flow takes seconds. All run with the odd key, which can only be told by its value; with one that is also told by
# its shape, which is masked twice, those in which a key itself is at stake.
CASES = [(name, KEY) for name in ("opening", "a_key_that_is_refused", "creating")]


@pytest.mark.parametrize(("name", "key"), CASES + [(name, ODD_KEY) for name in FLOWS])
async def test_no_secret_shows_anywhere(watched: Callable[..., object], name: str, key: str) -> None:
    async with watched(key) as stage:  # type: ignore[attr-defined]
        await FLOWS[name](stage)
        assert stage.steps >= 4
        assert "opened “own”" in stage.log.path.read_text()


def test_the_flows_of_the_other_module_are_among_them() -> None:
    assert [name for name in FLOWS if FLOWS[name].__module__ == secret_flows.__name__]


async def test_no_secret_shows_on_a_small_screen_either(watched: Callable[..., object]) -> None:
    async with watched(KEY, SMALL) as stage:  # type: ignore[attr-defined]
        await creating(stage)
        await syncing(stage)


async def test_the_canary_sees_what_is_there(watched: Callable[..., object], tmp_path: Path) -> None:
    places: list[Callable[[Watched], object]] = [
        lambda stage: stage.app.say(f"Hello {KEY}"),
        lambda stage: stage.app.copy_to_clipboard(TOKEN[10:20]),
        lambda stage: (tmp_path / "new").write_text(PASSWORD[3:12]),
        lambda stage: setattr(stage.app.screen.query_one(Footer), "tooltip", KEY),
        lambda stage: setattr(stage.app, "last_words", ODD_KEY),
    ]
    for number, put in enumerate(places):
        async with watched() as stage:  # type: ignore[attr-defined]
            put(stage)
            await stage.rest()
            with pytest.raises(AssertionError, match=f"after look {number}"):
                stage.look(f"look {number}")
            stage.app.clear_notifications()
            stage.app.copy_to_clipboard("")
            stage.app.last_words = ""
            stage.app.screen.query_one(Footer).tooltip = None
            (tmp_path / "new").unlink(missing_ok=True)


async def test_a_password_that_is_not_hidden_is_seen(watched: Callable[..., object]) -> None:
    async with watched() as stage:  # type: ignore[attr-defined]
        await choose_provider(stage, "geotab")
        await stage.fill("credential-1", PASSWORD)
        field = stage.app.screen.query_one("#credential-1", Field).query_one(Input)
        field.password = False
        with pytest.raises(AssertionError, match="the password"):
            stage.look("showing it")
        field.password = True


@pytest.mark.parametrize(
    "broken", [(text, "mask"), (secrets, "mask")], ids=["what masks everywhere", "what masks by shape"]
)
async def test_without_masking_the_canary_sings(
    watched: Callable[..., object], monkeypatch: pytest.MonkeyPatch, broken: tuple[object, str]
) -> None:
    from tui_app.api import exchanges

    monkeypatch.setattr(*broken, lambda secret: secret)
    monkeypatch.setattr(exchanges, "mask", lambda secret: secret)
    with pytest.raises(AssertionError, match="the key"):
        async with watched():  # type: ignore[attr-defined]
            pass


def test_a_secret_is_found_in_pieces_and_over_lines() -> None:
    assert told(KEY[11:19]) == ["the key"]
    assert told(f"│ {PASSWORD[:4]} │\n│ {PASSWORD[4:]} │") == ["the password"]
    assert told("con_tkn_Ep2U••••••••") == []
