"""The palette: every action by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui_app.actions import Action, actions_of
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen, Host


class Palette(CommandPalette):
    """The palette, which is left once however often Enter is pressed."""

    def dismiss(self, result: object = None) -> AwaitComplete:
        """Leave, unless it was left already."""
        return super().dismiss() if self.is_active else AwaitComplete()


class ActionCommands(Provider):
    """Every action that works now, by its name, in the palette."""

    def _actions(self) -> list[tuple[Action, Callable[[], Any]]]:
        screen = self.screen
        scope = screen.SCOPE if isinstance(screen, AppScreen) else ""
        found: list[tuple[Action, Callable[[], Any]]] = []
        for action in actions_of(scope, "app"):
            owner = self.app if action.scope == "app" else screen
            if action.id == "command_palette" or owner.check_action(action.id, ()) is not True:
                continue

            found.append((action, _once(owner, action.id)))
        return found

    def _name(self, action: Action) -> str:
        assert isinstance(self.app, Host)
        return f"{action.label}  ({safe_text(action.key_with(self.app.settings.keys), 12)})"

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for action, run in self._actions():
            yield DiscoveryHit(self._name(action), run, help=action.tooltip)

    async def search(self, query: str) -> Hits:
        """Those whose label or explanation fits."""
        matcher = self.matcher(query)
        for action, run in self._actions():
            score = max(matcher.match(action.label), matcher.match(action.tooltip) * 0.8)
            if score > 0:
                yield Hit(score, self._name(action), run, help=action.tooltip)


def _once(owner: Any, name: str) -> Callable[[], Any]:
    """Do an action at the first call; a second Enter in haste asks for it again."""
    left = [name]

    def run() -> Any:
        return owner.run_action(left.pop()) if left else None

    return run
