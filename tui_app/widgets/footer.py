"""The line of keys at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.reactive import reactive
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen


class Key(FooterKey):
    """One key. Textual's begins as a compact one and is told otherwise: its styles are applied three times."""

    compact = reactive(False)


class KeysLine(Footer):
    """Textual's footer, made anew only where the keys changed.

    The stock footer makes all its keys anew whenever the focus moves, which cost a fifth of the work between a key
    and its effect.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._told: list[tuple[object, ...]] | None = None

    def compose(self) -> ComposeResult:
        """One key for each action."""
        shown: dict[str, tuple[Binding, bool, str]] = {}
        if self._bindings_ready:
            for _, binding, enabled, tooltip in self.screen.active_bindings.values():
                if binding.show:
                    shown.setdefault(binding.action, (binding, enabled, tooltip))
        for binding, enabled, tooltip in shown.values():
            key = self.app.get_key_display(binding)
            yield Key(binding.key, key, binding.description, binding.action, disabled=not enabled, tooltip=tooltip)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys as they are now."""
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            told: list[tuple[object, ...]] = [
                (
                    binding.key,
                    self.app.get_key_display(binding),
                    binding.description,
                    binding.action,
                    tooltip,
                    str(enabled),
                )
                for _, binding, enabled, tooltip in screen.active_bindings.values()
                if binding.show
            ]
            if told == self._told:
                return
            self._told = told
        super().bindings_changed(screen)
