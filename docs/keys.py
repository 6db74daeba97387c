"""Writes ``docs/keys.md`` from the table of actions and what tables and dialogs bind.

Run ``make docs``, or ``python -m docs.keys``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding, BindingType
from textual.keys import format_key

import tui_app.screens
from tui_app.actions import SCOPES, Action, actions_of
from tui_app.screens.base import Dialog
from tui_app.widgets.table import Table

FILE = Path(__file__).with_suffix(".md")

_TOP = """\
# Keys

<!-- Written by `make docs` from tui_app/actions.py. Change it there. -->

Every key of every screen. `?` shows those of the screen that you are on, and `Ctrl+P` finds any action by its name.

Another key for an action stands in `settings.toml`, under `[keys]`, by the action's name. Several are separated
by commas:

```toml
[keys]
"connections.request_sync" = "S"
"app.quit" = "q,ctrl+x"
```

What changes something at the server is shown before it is sent, and passes the gate under the name in the column
*Writes*: on a locked profile that is what is unlocked, for one request.
"""

_NAMED = {"enter": "Enter", "pageup": "PageUp", "pagedown": "PageDown"}

_LISTS = "Wherever there is a list. The letters are vi's."

_DIALOGS = "`Esc` leaves any question without an answer, `Tab` and `Shift+Tab` go from field to field. Besides:"


def text() -> str:
    """The whole file."""
    sections = [_TOP]
    sections += [f"## {title}\n\n{_actions(actions_of(scope))}" for scope, title in SCOPES.items()]
    sections.append(f"## In lists\n\n{_LISTS}\n\n{_moves(Table.BINDINGS)}")
    sections.append(f"## In dialogs\n\n{_DIALOGS}\n\n{_dialogs()}")
    return "\n".join(sections)


def _actions(actions: Sequence[Action]) -> str:
    # Columns in which a section has nothing to say are left out.
    writes, commands = any(each.writes for each in actions), any(each.command for each in actions)
    heads = ["Key", "Action", "What it does", "Name"]
    rows = []
    for each in actions:
        row = [_keys(each.key), each.label, each.tooltip, _code(f"{each.scope}.{each.id}")]
        row += [_code(each.writes)] if writes else []
        row += [_code(each.command)] if commands else []
        rows.append(row)
    return _table([*heads, *(["Writes"] if writes else []), *(["On the command line"] if commands else [])], rows)


def _moves(bindings: Iterable[BindingType]) -> str:
    return _table(
        ["Key", "What it does"], [[_keys(each.key), each.description.capitalize()] for each in _made(bindings)]
    )


def _dialogs() -> str:
    for module in pkgutil.iter_modules(tui_app.screens.__path__, "tui_app.screens."):
        importlib.import_module(module.name)
    rows = []
    for dialog in sorted(_below(Dialog), key=lambda each: each.__name__):
        own: dict[str, list[str]] = {}
        for each in _made(vars(dialog).get("BINDINGS", [])):
            if each.key != "escape":
                own.setdefault(each.description, []).append(each.key)
        about = (dialog.__doc__ or "").split("\n")[0]
        rows += [[about, _keys(",".join(keys)), what] for what, keys in own.items()]
    return _table(["Dialog", "Key", "What it does"], rows)


def _below(dialog: type[Dialog[Any]]) -> list[type[Dialog[Any]]]:
    ours = [each for each in dialog.__subclasses__() if each.__module__.startswith("tui_app.")]
    return ours + [each for one in ours for each in _below(one)]


def _made(bindings: Iterable[BindingType]) -> list[Binding]:
    return [each if isinstance(each, Binding) else Binding(*each) for each in bindings]


def _keys(keys: str) -> str:
    """Keys as a person reads them. That a capital letter is typed with Shift need not be said."""
    several = keys.split(",")
    capitals = {f"shift+{key.lower()}" for key in several if len(key) == 1 and key.isupper()}
    return " ".join(_code(_key(key)) for key in several if key not in capitals)


def _key(key: str) -> str:
    *modifiers, last = key.split("+")
    named = _NAMED.get(last) or format_key(last)
    if last not in _NAMED and (len(named) > 1 or modifiers):
        named = named.capitalize()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), named])


def _code(words: str | None) -> str:
    return f"`{words}`" if words else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"Written: {FILE}")
