"""The palette: every action by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_app.actions import Action, actions_of
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen, Host


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

            def run(owner: Any = owner, name: str = action.id) -> Any:
                return owner.run_action(name)

            found.append((action, run))
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
