"""What people do by Link, with a provider, in bulk, with the copy menu, forms, jumps and the simulated server.

Each is looked over for secrets at every step (`canary.py`), on servers that repeat all that they are sent.
"""

from __future__ import annotations

import json
import zipfile

from pydantic import SecretStr
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static

from tests.clocks import goes_by, until
from tests.screens.canary import (
    KEY,
    ODD_KEY,
    OTHER_KEY,
    PASSWORD,
    PUBLIC_TOKEN,
    TOKEN,
    Watched,
    every_part,
    everything,
    flow,
    told,
)
from tests.screens.conftest import end, simulated
from tests.screens.integrations import Integrations, ledger
from tests.screens.scripted import connection, issue, sync
from tests.screens.test_create import choose as choose_provider
from tests.screens.test_jump import jump_to
from tests.screens.test_profiles import choose
from tests.servers import Reply, ServerRequest
from tui_app.models.profile import Profile
from tui_app.screens.bulk import BulkScreen
from tui_app.screens.comparison import ComparisonScreen
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connection_form import EditConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.copy_menu import CopyMenu
from tui_app.screens.dialogs import KeyDialog
from tui_app.screens.hand_over import HandOverDialog
from tui_app.screens.jump import JumpScreen
from tui_app.screens.link import LinkScreen
from tui_app.screens.orders import OrderDialog
from tui_app.screens.passthrough import PassthroughScreen
from tui_app.screens.requests import RequestsScreen
from tui_app.screens.sandbox import SandboxScreen
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.field import Field
from tui_app.widgets.header_fields import HeaderFields

LINK = {"id": "slk_01GV12VR4DJP70GD1ZBK0SDWFH", "code": "abcdefgh", "url": "https://term.new/abcdefgh"}
ADDRESS = f"https://ours.example/done?state=7&token={PUBLIC_TOKEN}"


def refused(status: int = 400) -> object:
    """Refuses, and repeats what it was sent."""
    return lambda request: Reply(status, json=everything(request), headers={"X-Echo": str(request.headers)})


async def into(stage: Watched, field: Widget, text: str) -> None:
    """Put a text into a field that has no name of its own."""
    stage.app.screen.set_focus(field)
    await stage.type(text)


# By Link


@flow
async def by_link(stage: Watched) -> None:
    replies = stage.server.replies
    replies["POST", "/link/short"] = refused()  # type: ignore[assignment]
    await stage.press("L", "ctrl+s")
    assert "the server: 400" in stage.words
    replies["POST", "/link/short"] = lambda request: Reply(json=LINK | {"echo": everything(request)})
    await stage.press("ctrl+s", "y", "ctrl+y")
    replies["DELETE", f"/link/short/{LINK['id']}"] = refused(500)  # type: ignore[assignment]
    stage.app.screen.set_focus(stage.app.screen.query_one("#links"))
    await stage.press("x")
    assert isinstance(stage.app.screen, OrderDialog)
    await stage.press("enter")
    replies["DELETE", f"/link/short/{LINK['id']}"] = Reply(204)
    await stage.press("x", "enter")
    assert not stage.workspace.links


@flow
async def a_public_token(stage: Watched) -> None:
    replies = stage.server.replies
    await stage.press("L", "ctrl+t")
    await stage.type(ADDRESS)
    assert stage.app.screen.query_one("#token", Field).hint == "its token will be taken out of this address"
    await stage.press("ctrl+y")
    assert "/public-token/exchange" in stage.clipboard
    for status in (404, 422, 400):

        def spent(request: ServerRequest, status: int = status) -> Reply:
            body = request.body.decode()
            detail = [{"path": "{requestBody}.publicToken", "message": f"{body} is spent", "suggestion": ADDRESS}]
            return Reply(status, json=everything(request) | {"detail": detail})

        replies["POST", "/public-token/exchange"] = spent
        await stage.press("enter")
        assert f"the server: {status}" in str(stage.app.screen.query_one("#token-problem", Static).render())
        assert "is spent" in stage.problem("token")
        await stage.fill("token", PUBLIC_TOKEN)
    await stage.press("escape")
    assert isinstance(stage.app.screen, LinkScreen)
    replies["POST", "/public-token/exchange"] = lambda request: Reply(
        json=connection(id="conn_01NEW", token=TOKEN, linkUrl=ADDRESS, echo=request.body.decode())
    )
    await stage.press("ctrl+t")
    assert isinstance(stage.app.screen, ConnectionScreen)
    assert PUBLIC_TOKEN in stage.server.sent("POST")[-1].body.decode()
    await stage.press("tab", "tab", "tab", "tab", "y", "escape")


# Finding


@flow
async def a_token_in_the_search(stage: Watched) -> None:
    await stage.type(f'{{"connection": {{"token": "{TOKEN}"}}}}')
    assert "con_tkn_Ep2U" in stage.text
    await stage.press("enter")
    assert isinstance(stage.app.screen, ConnectionScreen)
    await stage.press("escape", "slash", "right", "backspace", "escape", "escape")
    await stage.press("slash", *TOKEN, "left", "x", "backspace", "end", "enter")
    assert isinstance(stage.app.screen, ConnectionScreen)
    await stage.press("escape", "f12", "escape")
    stage.server.replies["GET", "/connections/current"] = refused(403)  # type: ignore[assignment]
    stage.server.connections = []
    await stage.press("R")
    await stage.type(TOKEN)
    await stage.press("enter")
    assert "does not accept this token" in stage.words
    await stage.press("escape")


@flow
async def secrets_that_are_not_searched_for(stage: Watched) -> None:
    for secret in (KEY, f"Authorization: Bearer {ODD_KEY}", PUBLIC_TOKEN):  # the odd one is the key of this profile
        await stage.type(f" {secret}\n")
        assert "neither shown nor kept" in stage.words, stage.text
    await stage.press("enter", "f3")
    await stage.type(OTHER_KEY)
    assert "neither shown nor kept" in stage.words
    await stage.press("enter", "escape", "slash", *KEY[:20], "enter")
    await stage.type(f"curl -H 'Connection-Token: {TOKEN}' -H 'Authorization: Bearer {KEY}' /syncs/{sync()['id']}")
    assert any("A key stood" in toast for toast in stage.toasts)
    await stage.press("enter", "j", "escape", "escape")
    stage.app.land(OTHER_KEY)
    stage.app.land(TOKEN)
    await stage.rest()
    stage.look("landing")


# The past, and other syncs


@flow
async def two_syncs_and_the_past(stage: Watched) -> None:
    careless = sync(status="failed", failureReason=f"Signed in with {TOKEN}", issues=[issue(status=TOKEN)])
    stage.server.last_sync = careless
    stage.server.replies["GET", "/syncs/…"] = lambda request: Reply(json=careless | {"echo": everything(request)})
    await stage.press("w", "t", "home", "j", "escape", "Y", "j", "end")
    await stage.press("d")
    await stage.type("sync_01OTHER")
    await stage.press("enter")
    assert isinstance(stage.app.screen, ComparisonScreen)
    assert "con_tkn_" in stage.text  # masked
    await stage.press("f", "f", "y")
    assert "failure reason" in stage.clipboard


# The provider


@flow
async def asking_the_provider(stage: Watched) -> None:
    replies = stage.server.replies

    def repeated(request: ServerRequest) -> Reply:
        headers = {"X-Echo": PASSWORD, "Set-Cookie": TOKEN, "Content-Type": f"text/{PASSWORD}"}
        told = {"method": "GET", "path": f"/x?apiKey={PASSWORD}", "statusCode": 418, "headers": headers}
        return Reply(json=told | {"response": everything(request)})

    replies["POST", "/passthrough"] = repeated
    await stage.press("enter", "p")
    screen = stage.app.screen
    assert isinstance(screen, PassthroughScreen)
    await stage.fill("path", f"/vehicles?apiKey={PASSWORD}")
    line = screen.query_one(HeaderFields).lines()[0]
    await into(stage, line.named, "X-Api-Key")
    await into(stage, line.given, PASSWORD)
    await into(stage, screen.text, f'{{"password": "{PASSWORD}"}}')
    await stage.press("ctrl+y", "ctrl+o", "escape", "ctrl+p", "escape", "ctrl+s")
    assert "✗ 418" in stage.text
    assert stage.server.sent("POST")[-1].body.decode().count(PASSWORD) == 3
    replies["POST", "/passthrough"] = refused(502)  # type: ignore[assignment]
    await stage.press("ctrl+s")
    assert "the server: 502" in stage.words
    screen.query_one("#raw", Checkbox).value = True
    for kind, before in (("text/plain", b""), ("image/png", b"\x89PNG\0\xff"), ("application/json", b'{"a":1,"echo":')):
        replies["POST", "/passthrough/raw"] = (
            lambda request, kind=kind, before=before: Reply(  # type: ignore[misc]
                body=before + bytes_of(request) + (b"}" if before[:1] == b"{" else b""),
                headers={"Content-Type": f"{kind};{PASSWORD}"},
            )
        )
        await stage.press("ctrl+s")
        assert f"✓ 200 · {kind}" in stage.text
        await stage.press("end", "home")
    await stage.press("escape")
    assert isinstance(stage.app.screen, ConnectionScreen)
    await stage.press("f12", "escape")


def bytes_of(request: ServerRequest) -> bytes:
    """What an answer repeats byte for byte, secrets first."""
    return json.dumps(f"{PASSWORD} {ODD_KEY} {TOKEN} {request.body.decode()} {request.headers}").encode()


# Copying


@flow
async def the_copy_menu(stage: Watched) -> None:
    await stage.press("Y")
    for letter in offered(stage).replace("t", ""):
        await stage.press(letter)
        assert stage.clipboard
        await stage.press("Y")
    await stage.press("t", "escape", "t", "n", "Y", "t")
    assert isinstance(stage.app.screen, CopyMenu)
    assert "Copy it?" in stage.words
    assert stage.clipboard != TOKEN
    stage.agreed = TOKEN
    await stage.press("y")
    assert stage.clipboard == TOKEN
    await stage.press("f12", "y", "escape")
    stage.agreed = ""
    await stage.press("y")


@flow
async def the_copy_menus_of_parts(stage: Watched) -> None:
    await stage.press("enter", "tab", "tab")
    for way in ((), ("escape", "w")):
        await stage.press(*way, "Y")
        letters = offered(stage)
        assert "n" in letters  # it is about an issue, or a sync
        for letter in letters:
            await stage.press(letter)
            assert stage.clipboard
            if letter != letters[-1]:
                await stage.press("Y")


def offered(stage: Watched) -> str:
    """The letters that the menu in front offers."""
    assert isinstance(stage.app.screen, CopyMenu), stage.text
    return "".join(str(option.id) for option in stage.app.screen.options.options)


# Several at once


@flow
async def in_bulk(stage: Watched) -> None:
    server = stage.server
    server.connections = [connection(id=f"conn_{number}", token=f"{TOKEN}{number}") for number in range(3)]
    by_token = {each["token"]: each for each in server.connections}
    server.replies["GET", "/connections/current"] = lambda request: Reply(
        json=by_token[request.headers["connection-token"]] | {"lastSync": None}
    )
    server.issues = [issue(connection="conn_1", error={"code": "c", "message": f"Not allowed with {TOKEN}"})]
    writes = (
        (("POST", "/syncs"), ("s", "ctrl+s"), sync()),
        (("PATCH", "/connections/current"), ("t", "ctrl+s"), connection()),
        (("POST", f"/issues/{issue()['id']}/resolve"), ("v",), issue(status="resolved")),
    )
    await stage.press("R", "*")
    for place, keys, done in writes:
        server.replies[place] = refused()  # type: ignore[assignment]
        await stage.press(*keys)
        if "t" in keys:
            await stage.type("vip")
            await stage.press("enter", "ctrl+s")
        else:
            await stage.press("enter" if "s" in keys else "ctrl+s")
        await stage.until(lambda: "refused" in stage.text and isinstance(stage.app.screen, BulkScreen), within=60)
        await stage.press("f", "y")
        assert "400" in stage.clipboard
        server.replies[place] = lambda request, done=done: Reply(json=done | {"echo": everything(request)})  # type: ignore[misc]
        await stage.press("r", "enter")
        await stage.pass_time(10)
        await stage.press("escape")
        if isinstance(stage.app.screen, BulkScreen):
            await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionsScreen), stage.text


# Handing over


@flow
async def handing_over(stage: Watched) -> None:
    """The report and the bundle of a server that repeats what it is sent; whatever is in the bundle is looked at."""
    stage.server.refuses = 500
    await stage.press("R")
    await stage.pass_time(5)
    stage.server.refuses = 0
    await stage.press("R")
    await stage.pass_time(60)
    await stage.press("w")
    for what in ("r", "b"):
        await stage.press("b")
        dialog = stage.app.screen
        assert isinstance(dialog, HandOverDialog)
        await stage.until(lambda dialog=dialog: dialog._handed is not None, within=60)  # type: ignore[misc]
        await stage.press(what, "y")
        assert stage.clipboard.startswith("Next to act: ")
        path = stage.folder / f"handed-{what}"
        await stage.fill("path", str(path))
        await stage.press("ctrl+s")
        await until(lambda dialog=dialog: stage.app.screen is not dialog)  # type: ignore[misc]
        await stage.rest()
        assert path.exists()
    with zipfile.ZipFile(path) as bundle:
        inside = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert len(inside) == 6
    assert {name: told(text) for name, text in inside.items() if told(text)} == {}
    assert "You sent" in inside["requests.har"]  # the careless words are there, and nothing in them tells


# Changing what is there


@flow
async def changing_a_connection(stage: Watched) -> None:
    place = ("PATCH", "/connections/current")
    await stage.press("enter", "e")
    await stage.fill("value-externalId", "pl-311")
    await stage.press("ctrl+y")
    assert "curl" in stage.clipboard
    for status in (400, 422):
        stage.server.replies[place] = refused(status)  # type: ignore[assignment]
        await stage.press("ctrl+s")
        assert f"the server: {status}" in stage.words
    stage.server.replies[place] = lambda request: Reply(
        json=connection(token=TOKEN, externalId="pl-311", echo=everything(request))
    )
    await stage.press("ctrl+s")
    assert isinstance(stage.app.screen, ConnectionScreen)
    await stage.press("tab", "tab", "tab", "tab")


# Requests


@flow
async def the_requests(stage: Watched) -> None:
    await stage.press("enter", "e")
    await stage.fill("value-externalId", "pl-311")
    stage.server.replies["PATCH", "/connections/current"] = refused()  # type: ignore[assignment]
    await stage.press("ctrl+s", "escape", "escape", "4", "home", "Y", "c", "Y", "a", "enter", "plus")
    await stage.press("slash")
    await stage.type(TOKEN[8:14])  # four of these stand in its mask
    assert "not found" in stage.words
    await stage.press(
        "escape", "Y", "p", "r", "escape", "end", "enter", "plus", "end", "Y", "b", "r", "enter", "escape"
    )
    assert isinstance(stage.app.screen, RequestsScreen)
    await stage.press("h")
    await stage.fill("file", str(stage.folder / "session.har"))
    await stage.press("enter")
    assert '"Connection-Token"' in (stage.folder / "session.har").read_text()


class CarelessIntegrations(Integrations):
    """A server of the other kind that repeats what it is sent."""

    def _answer(self, request: ServerRequest) -> Reply:
        if request.method == "PATCH" and "PATCH" in self.replies:
            detail = [{"loc": ["body", "name"], "msg": f"with {request.headers}", "type": "value_error"}]
            return Reply(self.replies["PATCH"].status, json=everything(request) | {"detail": detail})
        reply = super()._answer(request)
        for each in self.connections:
            each |= {"credentials": {"password": PASSWORD}, "echo": everything(request)}
            each["health"] = {"healthy": False, "status_code": "x", "message": f"Sent {request.headers}"}
        return reply


@flow
async def the_integrations_server(stage: Watched) -> None:
    with CarelessIntegrations(ledger()) as server:
        path = stage.folder / "profiles.toml"
        ledgers = f'\n[profiles.ledgers]\nkind = "stuut"\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n'
        path.write_text(path.read_text() + ledgers)
        await stage.press("5")
        await choose(stage, "ledgers")
        await stage.press("enter")
        await until(lambda: bool(server.sent("GET")))
        await stage.rest()
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert server.sent("GET")[0].headers["authorization"].startswith("Bearer ")
        await stage.press("R", "enter", "e")
        assert isinstance(stage.app.screen, EditConnectionScreen)
        await stage.fill("value-name", "First ledger")
        await stage.press("ctrl+y")
        for status in (400, 422, 500):
            server.replies["PATCH"] = Reply(status)
            await stage.press("ctrl+s")
            assert f"the server: {status}" in stage.words
        del server.replies["PATCH"]
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, ConnectionScreen)
        await stage.press("tab", "tab", "tab", "Y", "j", "escape")
        await stage.press("5")
        await choose(stage, "own")
        await stage.press("enter")


# Jumping


@flow
async def jumping_over_what_is_typed(stage: Watched) -> None:
    await choose_provider(stage, "geotab")
    await stage.fill("credential-1", PASSWORD)
    await jump_to(stage, stage.app.screen.query_one("#credential-0", Field).query_one(Input))
    await jump_to(stage, stage.app.screen.query_one("#credential-1", Field).query_one(Input))
    await stage.press("ctrl+o")
    assert isinstance(stage.app.screen, JumpScreen)
    await stage.press("ctrl+o", "escape", "escape", "L", "ctrl+t")
    await stage.type(PUBLIC_TOKEN)
    await stage.press("ctrl+o", "escape", "escape", "escape", "5")
    await choose(stage, "typed")
    await stage.press("enter")
    await until(lambda: isinstance(stage.app.screen, KeyDialog))
    await stage.rest()
    await stage.fill("key", ODD_KEY)
    await stage.press("ctrl+o", "escape", "enter")


# All open issues, and all that is followed


@flow
async def the_open_issues(stage: Watched) -> None:
    link = f"https://link.example/sign-in?token={PUBLIC_TOKEN}"
    stage.server.connections[0]["linkUrl"] = link
    stage.server.issues.append(issue(id="isu_2", error={"code": "data_delayed", "message": f"Late by {ODD_KEY}"}))
    stage.server.replies["POST", f"/issues/{issue()['id']}/resolve"] = refused(422)  # type: ignore[assignment]
    await stage.press("R", "2", "m")
    assert "may not read this data" in stage.clipboard
    await stage.press("enter", "v", "enter")
    assert stage.toasts
    await stage.press("y", "Y", "j", "m", "a")
    assert "Hello," in stage.clipboard
    await stage.press("m", "l", "escape")
    assert isinstance(stage.app.screen, CopyMenu)
    stage.agreed = ""
    await stage.press("escape", "slash")
    await stage.type("who:fleet")
    await stage.press("escape", "escape", "escape")
    assert isinstance(stage.app.screen, ConnectionsScreen)


@flow
async def what_is_followed(stage: Watched) -> None:
    await stage.press("w", "escape", "3", "y", "Y", "j", "p", "m", "space", "p", "enter")
    assert isinstance(stage.app.screen, SyncScreen)
    stage.server.refuses = 500
    await stage.press("escape", "space")
    await stage.see("could not look", within=60)
    await stage.press("w", "escape")


# The simulated server


@flow
async def the_simulated_server(stage: Watched) -> None:
    sandbox = simulated(connections=4)
    sandbox.start()
    try:
        key = sandbox.announcement.api_key

        def opened(profile: Profile, typed: SecretStr | None) -> tuple[str, SecretStr]:
            return sandbox.announcement.terminal_url, SecretStr(key)

        stage._sandbox, stage._open_as = sandbox, opened
        goes_by(stage.clock, sandbox)
        stage.watch_for({"its key": key})
        stage.app.open_profile("demo")
        await stage.until(lambda: stage.app.workspace is stage.opened[-1] and len(stage.opened) == 2)
        await stage.press("6")
        assert isinstance(stage.app.screen, SandboxScreen)
        await stage.press("y", "c", "escape", "n")
        await until(lambda: bool(stage.workspace.simulation and stage.workspace.simulation.started))
        await stage.rest()
        tokens = [row.connection.token for row in stage.workspace.rows]
        assert len(tokens) == 5
        stage.watch_for({token.get_secret_value(): token.get_secret_value() for token in tokens if token})
        stage.look("knowing its tokens")
        await stage.pass_time(5)
        await stage.press("+", "p", "p", "a", "w")
        assert isinstance(stage.app.screen, SyncScreen)
        await stage.press("j", "escape", "6", "1", "R")
        await every_part(stage)
        await stage.press("f12", "escape")
    finally:
        end(sandbox)
