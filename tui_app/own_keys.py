"""The keys that a person has given to actions: those that can be, and what is wrong with the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from tui_app.actions import ACTIONS, Action

_MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_NAMED = frozenset((*(key.value for key in Keys), *KEY_NAME_REPLACEMENTS.values()))


def own_keys(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Look through the keys that a person wants for actions.

    Args:
        wanted: A key for each ``scope.action``.

    Returns:
        Those that can be had, and in words what is wrong with the others, or will be missed.
    """
    actions = {f"{action.scope}.{action.id}": action for action in ACTIONS}
    good, problems = dict[str, str](), list[str]()
    for name, key in wanted.items():
        if name not in actions:
            problems.append(f"there is no action “{name}” that could be given a key; docs/keys.md lists them all")
        elif unknown := [each for each in key.split(",") if not _is_key(each.strip())]:
            problems.append(f"“{name}”: there is no key “{unknown[0]}”; keys are written as n, f5, ctrl+n or shift+up")
        else:
            good[name] = key
    problems += _taken(actions, good)
    return good, problems


def _is_key(name: str) -> bool:
    *modifiers, key = name.split("+") if name != "+" else [name]
    if not all(modifier in _MODIFIERS for modifier in modifiers):
        return False
    return len(key) == 1 or key in _NAMED or name in _NAMED or _is_sign(key)


def _is_sign(name: str) -> bool:
    """Whether it is how Textual calls a sign, e.g. ``question_mark``; of all that have names, keyboards have these."""
    try:
        return unicodedata.lookup(name.replace("_", " ").upper()).isascii()
    except KeyError:
        return False


def _taken(actions: Mapping[str, Action], own: Mapping[str, str]) -> Iterator[str]:
    """Say which of them another action has that can be meant in the same place."""
    for name, keys in own.items():
        for other, action in actions.items():
            has = own.get(other, action.key).split(",")
            near = action.scope in ("app", actions[name].scope)
            if other != name and near and (both := {each.strip() for each in keys.split(",")}.intersection(has)):
                yield f"“{name}”: the key {min(both)} is that of “{other}”, too; give that another one"
