"""The one table of actions, held against the screens that do what it says."""

from __future__ import annotations

import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import tui_app
from tui_app.actions import ACTIONS, SCOPES, Action, action_named, actions_of, bindings_of
from tui_app.app import Syncscope
from tui_app.screens.base import AppScreen
from tui_app.screens.bulk import BulkScreen
from tui_app.screens.comparison import ComparisonScreen
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connection_form import EditConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.create import CreateScreen
from tui_app.screens.exchange import ExchangeScreen
from tui_app.screens.faults import FaultsScreen
from tui_app.screens.issues import IssuesScreen
from tui_app.screens.link import LinkScreen
from tui_app.screens.passthrough import PassthroughScreen
from tui_app.screens.profiles import ProfilesScreen
from tui_app.screens.requests import RequestsScreen
from tui_app.screens.sandbox import SandboxScreen
from tui_app.screens.sync import SyncScreen
from tui_app.screens.watching import WatchingScreen
from tui_app.widgets.json_view import JsonView
from tui_app.widgets.table import Table

SCREENS: dict[str, type[AppScreen[Any]]] = {
    screen.SCOPE: screen
    for screen in (
        ConnectionsScreen,
        IssuesScreen,
        WatchingScreen,
        ConnectionScreen,
        CreateScreen,
        EditConnectionScreen,
        LinkScreen,
        PassthroughScreen,
        SyncScreen,
        ComparisonScreen,
        BulkScreen,
        RequestsScreen,
        ExchangeScreen,
        ProfilesScreen,
        SandboxScreen,
        FaultsScreen,
    )
}
OWNERS: dict[str, type[DOMNode]] = {"app": Syncscope, "json": JsonView, **SCREENS}
MOVES = {"up", "down", "pageup", "pagedown", "home", "end", "enter"}
ALIASES = {"k", "j", "ctrl+b", "ctrl+u", "ctrl+f", "ctrl+d", "g", "G", "shift+g"}  # as in vi
TABLE_KEYS = MOVES | ALIASES
WITHOUT_TABLE = {"sync", "request"}
IN_THE_PAST = {"home", "end"}  # there they go to the first look and to now; else they scroll


def keys(action: Action) -> list[str]:
    return action.key.split(",")


def own_bindings(owner: type[object]) -> list[Binding]:
    """What a class itself binds, not what it inherits from Textual."""
    return [each if isinstance(each, Binding) else Binding(*each) for each in vars(owner).get("BINDINGS", [])]


def name(action: Action) -> str:
    return f"{action.scope}.{action.id}"


def test_every_screen_has_a_scope_and_every_scope_a_screen() -> None:
    assert set(SCOPES) == set(OWNERS)
    assert {action.scope for action in ACTIONS} == set(SCOPES)


@pytest.mark.parametrize("action", ACTIONS, ids=name)
def test_every_action_is_done_by_a_method_of_its_screen(action: Action) -> None:
    assert callable(getattr(OWNERS[action.scope], f"action_{action.id}", None))


@pytest.mark.parametrize("action", ACTIONS, ids=name)
def test_every_action_is_labelled_in_few_words_and_explained_in_a_sentence(action: Action) -> None:
    assert 1 <= len(action.label.split()) <= 3
    assert len(action.label) <= 14
    assert action.tooltip[0].isupper()
    assert action.tooltip.endswith(".")
    assert 1 <= len(action.shown_key) <= 9


@pytest.mark.parametrize("scope", SCREENS)
def test_no_key_means_two_things_on_one_screen(scope: str) -> None:
    used = Counter(key for action in actions_of(scope, "app") for key in keys(action))
    assert [key for key, times in used.items() if times > 1] == []


@pytest.mark.parametrize("scope", SCOPES)
def test_no_action_stands_twice_in_a_scope(scope: str) -> None:
    assert [times for times in Counter(action.id for action in actions_of(scope)).values() if times > 1] == []


@pytest.mark.parametrize("scope", SCREENS)
def test_the_footer_shows_at_most_seven(scope: str) -> None:
    assert 1 <= sum(action.footer for action in actions_of(scope, "app")) <= 7


@pytest.mark.parametrize("scope", OWNERS)
def test_what_a_screen_binds_is_the_table_and_nothing_else(scope: str) -> None:
    assert own_bindings(OWNERS[scope]) == bindings_of(scope)


@pytest.mark.parametrize("action", ACTIONS, ids=name)
def test_a_binding_says_what_its_action_says_and_can_be_given_another_key(action: Action) -> None:
    [binding] = [each for each in bindings_of(action.scope) if isinstance(each, Binding) and each.action == action.id]
    assert (binding.key, binding.description, binding.tooltip) == (action.key, action.label, action.tooltip)
    assert (binding.show, binding.priority, binding.id) == (action.footer, action.priority, name(action))


def test_the_table_binds_the_keys_that_move_in_it_and_no_other() -> None:
    assert {key for binding in own_bindings(Table) for key in binding.key.split(",")} == TABLE_KEYS


@pytest.mark.parametrize("scope", SCREENS)
def test_a_screen_takes_none_of_the_keys_that_move_in_a_table_but_enter(scope: str) -> None:
    moving = MOVES - IN_THE_PAST if scope in WITHOUT_TABLE else TABLE_KEYS
    assert not {key for action in actions_of(scope, "app") for key in keys(action)} & (moving - {"enter"})


def test_what_an_action_writes_is_what_the_gate_is_asked_for() -> None:
    sources = "".join(path.read_text() for path in (Path(tui_app.__file__).parent / "api").glob("*.py"))
    writes = {action.writes for action in ACTIONS if action.writes is not None}
    assert writes == {
        "create_connection",
        "request_sync",
        "update_connection",
        "retry_sync",
        "cancel_sync",
        "resolve_issue",
        "delete_connection",
        "create_link",
        "delete_link",
        "exchange_token",
        "passthrough",
    }
    assert {word for word in writes if f'action="{word}"' in sources} == writes


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.command], ids=name)
def test_a_command_line_that_does_the_same_is_one_that_there_is(action: Action) -> None:
    from typer.main import get_command

    from tui_app.cli.main import app

    assert action.command is not None
    command: Any = get_command(app)
    for word in action.command.split()[1:]:
        if word.startswith("--"):
            assert any(word in parameter.opts for parameter in command.params)
        elif not word.isupper():
            command = command.commands[word]


def test_actions_are_found_by_name() -> None:
    assert action_named("sync", "pause").key == "p"
    with pytest.raises(KeyError, match=r"sync\.fly"):
        action_named("sync", "fly")


@pytest.mark.parametrize("scope", SCREENS)
def test_every_screen_says_what_it_is_for(scope: str) -> None:
    assert inspect.cleandoc(SCREENS[scope].ABOUT).endswith(".")
