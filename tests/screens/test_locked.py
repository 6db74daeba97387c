"""Production that is locked: whatever a person presses, clicks, types and pastes, nothing that changes it is sent.

Only the profile's name, typed where it is asked for, unlocks a change; that is the one thing that nobody does here.
Counted is what arrives at the server's socket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from textual import events
from textual.widgets import OptionList

from tests.clocks import FakeClock, until
from tests.screens.conftest import end, running, simulated
from tests.screens.relay import Relay
from tests.screens.stage import SIZES, Stage, store
from tui_app.actions import ACTIONS, actions_of
from tui_app.api.gate import Gate
from tui_app.models.connection import Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.profile import Profile
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import UnlockDialog
from tui_app.widgets.field import Field

NAME = "acme-prod-0"
KEYS_OF = {"terminal": "sk_prod_4eC39HqLyjWDarjtT1zdp7dc", "stuut": "stuut-4eC39HqLyjWDarjtT1zdp7dc"}

# Every key that the table of actions knows, now or later, and those that every form and list has of its own.
KEYS = sorted(
    {key for action in ACTIONS for key in action.key.split(",")}
    | {"enter", "tab", "shift+tab", "escape", "space", "up", "down", "left", "right", "home", "end", "pagedown"}
    | {"backspace", "delete", "ctrl+a", "ctrl+c", "ctrl+v", "ctrl+x", "ctrl+q", "ctrl+u", "j", "k", "G", "g"}
)
LABELS = sorted({action.label for action in ACTIONS})
# The name but for one character, in other cases, behind others: anything but the name. No key types its last one.
WRONG = (NAME[:-1], NAME.upper(), f"x{NAME}", f"{NAME}{NAME}", "production", "demo", "own", "yes", "unlock", "*")
TEXTS = (*WRONG, "geotab", "netsuite", "7", "2026-11-01", "state:failing", "a,b", "[bold]x[/]", "\n", "/", "{}", "-1")

Event = tuple[str, Any]

_events = st.one_of(
    st.tuples(st.just("key"), st.sampled_from(KEYS)),
    st.tuples(st.just("key"), st.sampled_from(("enter", "enter", "tab", "ctrl+s", "escape", "down", "space"))),
    st.tuples(st.just("paste"), st.sampled_from(TEXTS)),
    st.tuples(st.just("click"), st.tuples(st.floats(0, 0.999), st.floats(0, 0.999), st.integers(1, 2))),
    st.tuples(st.just("palette"), st.sampled_from(LABELS)),
    st.tuples(st.just("time"), st.sampled_from((0.5, 3.0, 15.0))),
)
_tails = st.tuples(st.booleans(), st.lists(_events, min_size=2, max_size=5))


@dataclass
class Scene:
    """The app on a locked production server.

    Attributes:
        stage: The app.
        server: The server, which counts.
        file: The person's profiles, put back before each walk: it may be said in there that this is no production.
        size: The terminal's columns and rows.
        asked: For which changes an unlock was asked for, and how often.
    """

    stage: Stage
    server: Relay
    file: Path
    size: tuple[int, int]
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def profile(self) -> str:
        """What the person's file says."""
        kind = self.server.url.endswith("/integrations")
        return (
            f'[profiles.{NAME}]\nbase_url = "{self.server.url}"\nenvironment = "production"\nkey_env = "PROD_KEY"\n'
            f'kind = "{"stuut" if kind else "terminal"}"\nbudget = 400\n'
        )

    async def home(self) -> None:
        """Leave everything that is open, as a person does, and come back to the list of the locked server."""
        app = self.stage.app
        for _ in range(16):
            if type(app.screen) is ConnectionsScreen:
                break
            await self.stage.press("escape")
        assert type(app.screen) is ConnectionsScreen, f"Esc does not lead home from {app.screen}"
        self.file.write_text(self.profile)
        here = app.profiles.load().profiles[NAME]
        await app.forget_key(here)
        app.clear_notifications()
        if app.workspace is None or app.workspace.profile != here:
            app.open_profile(NAME)
        await self.stage.rest()
        await self.stage.press("escape", "escape")  # the filter, and what it held
        assert self.stage.workspace.gate.locked
        assert self.stage.workspace.gate.unlocked is None
        assert "PRODUCTION" in self.stage.lines[0]
        assert app.screen.focused is not None

    async def do(self, event: Event, *, hasty: bool = False) -> None:
        """Do one thing, and wait for what comes of it unless in haste."""
        kind, what = event
        if kind == "key" and hasty:
            self.stage.app.post_message(events.Key(what, what if len(what) == 1 else None))
        elif kind == "key":
            await self.stage.press(what)
        elif kind == "paste":
            self.stage.app.post_message(events.Paste(what))
        elif kind == "click":
            x, y, times = what
            await self.stage.pilot.click(offset=(int(x * self.size[0]), int(y * self.size[1])), times=times)
        elif kind == "palette":
            await self.stage.press("ctrl+p")
            self.stage.app.post_message(events.Paste(what))
        elif kind == "time":
            await self.stage.pass_time(what)
        if not hasty:
            await self.stage.rest()
        self.never_the_name()

    def never_the_name(self) -> None:
        """See that chance did not type the one thing that unlocks; take it away again if it did."""
        screen = self.stage.app.screen
        if isinstance(screen, UnlockDialog) and screen.is_mounted:
            for place in screen.query("#name").results(Field):
                if place.value == NAME:
                    place.input.value = ""

    async def palette(self, label: str) -> None:
        """Find an action by its name and do it."""
        await self.stage.press("ctrl+p")
        await self.stage.type(label)
        choices = self.stage.app.screen.query_one(OptionList)
        await until(lambda: bool(choices.option_count) and label in str(choices.get_option_at_index(0).prompt))
        await self.stage.press("enter")
        await until(lambda: not self.stage.app.screen.id or "palette" not in str(self.stage.app.screen.id))
        await self.stage.rest()

    async def select(self, fits: Any) -> None:
        """Put the list's cursor on the first connection that fits."""
        screen = self.stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        rows: Sequence[FleetRow] = screen.table.rows
        assert screen.table.select(next(row.id for row in rows if fits(row)))
        await self.stage.rest()

    async def refused(self, action: str) -> None:
        """See that an unlock is asked for; answer with the wrong name."""
        assert isinstance(self.stage.app.screen, UnlockDialog), self.stage.text
        assert self.asked[action], self.asked
        await self.stage.fill("name", NAME.upper())
        await self.stage.press("enter")
        assert isinstance(self.stage.app.screen, UnlockDialog), self.stage.text


# The ways to each screen, dialog and change; what a person does there is left to chance.


async def keys(scene: Scene, *pressed: str) -> None:
    await scene.stage.press(*pressed)


async def request_sync(scene: Scene) -> None:
    await scene.select(lambda row: row.connection.standing is Standing.CONNECTED)
    await keys(scene, "s", "enter")
    await scene.refused("request_sync")


async def request_sync_of_one(scene: Scene) -> None:
    await keys(scene, "enter", "s", "enter")
    await scene.refused("request_sync")


async def by_palette(scene: Scene) -> None:
    await scene.palette("sync")
    await keys(scene, "enter")
    await scene.refused("request_sync")


async def create_at_terminal(scene: Scene) -> None:
    await keys(scene, "n")
    await scene.stage.type("geotab")
    await keys(scene, "tab")
    for index in range(3):
        await scene.stage.fill(f"credential-{index}", "x")
    await scene.stage.fill("company", "Prairie Lines")
    await keys(scene, "ctrl+s")
    await scene.refused("create_connection")


async def create_at_stuut(scene: Scene) -> None:
    await keys(scene, "n")
    await scene.stage.fill("provider", "netsuite")
    await scene.stage.fill("value-name", "Second ledger")
    await keys(scene, "ctrl+s")
    await scene.refused("create_connection")


async def edit(scene: Scene) -> None:
    await keys(scene, "enter", "e")
    await scene.stage.fill("value-name", "Another name")
    await keys(scene, "ctrl+s")
    await scene.refused("update_connection")


async def cancel(scene: Scene) -> None:
    await scene.select(lambda row: row.last_sync is not None and not row.last_sync.phase.is_final)
    await keys(scene, "w", "x", "enter")
    await scene.refused("cancel_sync")


async def retry(scene: Scene) -> None:
    await scene.select(lambda row: row.last_sync is not None and row.last_sync.phase.value == "failed")
    await keys(scene, "w", "r", "enter")
    await scene.refused("retry_sync")


async def resolve(scene: Scene) -> None:
    await scene.select(lambda row: row.open_issues)
    await keys(scene, "enter", "tab", "tab", "v", "enter")
    await scene.refused("resolve_issue")


async def resolve_among_all(scene: Scene) -> None:
    await keys(scene, "2", "enter", "v", "enter")
    await scene.refused("resolve_issue")


async def delete(scene: Scene) -> None:
    await scene.select(lambda row: row.connection.standing is Standing.CONNECTED)
    await keys(scene, "enter", "D", "shift+tab", "enter")
    await scene.refused("delete_connection")


PLACES = {
    "the list": (),
    "a filter": ("slash",),
    "a connection": ("enter",),
    "its parts": ("enter", "tab", "tab"),
    "a sync": ("down", "w"),
    "a sync's JSON": ("down", "w", "j"),
    "the form": ("n",),
    "the window to sync": ("s",),
    "the open issues": ("2", "enter"),
    "what is followed": ("down", "w", "escape", "3"),
    "the profiles": ("5",),
    "a new profile": ("5", "a"),
    "this profile": ("5", "end", "e"),
    "whether to remove it": ("5", "end", "d"),
    "another key": ("5", "end", "o"),
    "help": ("question_mark",),
    "the palette": ("ctrl+p",),
}


async def running_sync(scene: Scene) -> None:
    await scene.select(lambda row: row.last_sync is not None and not row.last_sync.phase.is_final)
    await keys(scene, "w")


# A screen that is not named here is met by the keys that lead to it.
SCREENS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "connections": lambda scene: keys(scene),
    "connection": lambda scene: keys(scene, "enter"),
    "issues": lambda scene: keys(scene, "2", "enter"),
    "watching": lambda scene: keys(scene, "w", "escape", "3"),
    "create": lambda scene: keys(scene, "n"),
    "edit": lambda scene: keys(scene, "enter", "e"),
    "sync": running_sync,
    "requests": lambda scene: keys(scene, "4"),
    "request": lambda scene: keys(scene, "4", "home", "enter"),
    "profiles": lambda scene: keys(scene, "5", "end"),
}
BOTH = {"the window": request_sync, "a connection's window": request_sync_of_one, "the palette": by_palette}
CHANGES = {
    "terminal": BOTH
    | {
        "creating": create_at_terminal,
        "cancelling": cancel,
        "trying again": retry,
        "resolving": resolve,
        "resolving among all": resolve_among_all,
        "deleting": delete,
    },
    "stuut": BOTH | {"creating": create_at_stuut, "editing": edit},
}
ASKED = {
    "terminal": {
        "request_sync", "create_connection", "cancel_sync", "retry_sync", "resolve_issue", "delete_connection",
    },
    "stuut": {"request_sync", "create_connection", "update_connection"},
}  # fmt: skip


@asynccontextmanager
async def locked(
    sandbox: Sandbox, kind: str, folder: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    """The app on a server that its profile declares production; nothing that it does leaves this machine."""
    url, key = sandbox.announcement.servers[kind]
    empty = folder / "no-programs"
    empty.mkdir(exist_ok=True)
    with Relay(url, key, KEYS_OF[kind]) as server, monkeypatch.context() as patch:
        patch.setenv("PROD_KEY", KEYS_OF[kind])
        patch.setenv("HTTPS_PROXY", server.root)
        patch.setenv("PATH", str(empty))
        patch.chdir(empty)  # where files would be saved

        def address(profile: Profile, given_key: SecretStr | None) -> tuple[str, SecretStr]:
            # Whoever says in the file that it is no production may change it: then it is another server.
            if profile.base_url == server.url and profile.environment == "production":
                assert given_key is not None
                return server.url, given_key
            other_url, other_key = sandbox.announcement.servers.get(profile.kind, (url, key))
            return other_url, SecretStr(other_key)

        clock = FakeClock(on_advance=sandbox.clock.advance)
        file = folder / "profiles.toml"
        stage = Stage(clock, store(file), NAME, open_as=address)
        scene = Scene(stage, server, file, size)
        file.write_text(scene.profile)
        patch.setattr(stage.app, "exit", lambda *_, **__: None)  # who leaves changes nothing either
        allows = Gate.allows

        def counted(gate: Gate, action: str) -> bool:
            passes = allows(gate, action)
            scene.asked[action] += not passes
            return passes

        patch.setattr(Gate, "allows", counted)
        async with running(stage, size):
            yield scene
            await scene.home()


async def sweep(scene: Scene, scope: str, order: Sequence[str], answers: Sequence[str]) -> None:
    """Press every key that a screen has, in some order, and answer whatever is asked by Enter and the like."""
    app = scene.stage.app

    def there() -> bool:
        return getattr(app.screen, "SCOPE", "") == scope

    await scene.home()
    for index, key in enumerate(order):
        while not there() and type(app.screen) is not ConnectionsScreen:
            await scene.stage.press("escape")
        if not there() or app.workspace is None or app.workspace.profile.name != NAME:
            await scene.home()
            await SCREENS[scope](scene)
            assert there(), scene.stage.text
        await scene.do(("key", key))
        if not there():
            await scene.do(("key", answers[index % len(answers)]))
        assert not scene.server.changes, f"{scene.server.changes} after {key} on the screen {scope}"


def _sweeps(kind: str) -> Any:
    """Of each screen, all its keys in an order that chance makes; unless chance makes another, the table's own."""
    keys = {scope: [each.key.split(",")[0] for each in actions_of(scope)] for scope in SCREENS}
    keys["connections"] += [action.key.split(",")[0] for action in actions_of("app")]
    keys.pop({"terminal": "edit", "stuut": ""}[kind], None)
    answers = st.lists(st.sampled_from(("enter", "ctrl+s", "tab", "space")), min_size=1, max_size=3)
    return st.fixed_dictionaries({scope: st.tuples(st.permutations(mine), answers) for scope, mine in keys.items()})


def _runs(kind: str) -> Any:
    """Every change, and some of the other places, each with what is done there."""
    changes = st.fixed_dictionaries(dict.fromkeys([f"change: {name}" for name in CHANGES[kind]], _tails))
    return st.builds(
        dict.__or__, changes, st.dictionaries(st.sampled_from(sorted(PLACES)), _tails, min_size=3, max_size=6)
    )


async def walk(scene: Scene, kind: str, sweeps: dict[str, Any], tails: dict[str, tuple[bool, list[Event]]]) -> None:
    """Go to each place and do there what chance says; after each, see what the server was sent."""
    for scope, (order, answers) in sweeps.items():
        await sweep(scene, scope, order, answers)
    for place, (hasty, tail) in tails.items():
        await scene.home()
        if place.startswith("change: "):
            await CHANGES[kind][place.removeprefix("change: ")](scene)
        else:
            await keys(scene, *PLACES[place])
        for event in tail:
            await scene.do(event, hasty=hasty)
        await scene.stage.rest()
        assert not scene.server.changes, f"{scene.server.changes} after {place}: {tail}{' in haste' * hasty}"
    assert scene.asked.keys() >= ASKED[kind], scene.asked
    assert scene.server.methods.keys() == {"GET"}


# A run is a dozen walks or two in one app, so a failing one is not made smaller: its message says which walk it was.
_LIKE_THIS = settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("kind", ["terminal", "stuut"])
@_LIKE_THIS
@given(size=st.sampled_from(SIZES), drawn=st.data())
async def test_nothing_that_changes_production_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, size: tuple[int, int], drawn: st.DataObject
) -> None:
    sweeps, tails = drawn.draw(_sweeps(kind)), drawn.draw(_runs(kind))
    sandbox = simulated()
    sandbox.start()
    async with locked(sandbox, kind, tmp_path, size, monkeypatch) as scene:
        await walk(scene, kind, sweeps, tails)
    end(sandbox)
