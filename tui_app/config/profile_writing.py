"""Changing the text of a profiles file: one profile is added, changed or removed, all else stays as it was written.

Whatever is made is read again and compared with what was meant: a text that would say anything else is never written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pprint import pformat
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from tui_app.config.profile_file import Contents, read_profiles


class CannotWriteError(Exception):
    """The file is written in a way that this does not know how to change."""


def with_added(text: str, before: Contents, name: str, table: Mapping[str, Any]) -> str:
    """The file's text with one more profile at its end.

    Raises:
        CannotWriteError: The result would not say what is meant.
    """
    try:
        section = tomlkit.table(is_super_table=True)
        section.append(name, _item(table))
        addition = tomlkit.dumps({"profiles": section})
    except (TOMLKitError, ValueError, TypeError, RecursionError) as error:
        raise CannotWriteError from error
    text = f"{text.rstrip()}\n\n{addition}" if text.strip() else addition
    return _proven(text, before, {**_profiles(before), name: dict(table)})


def with_changed(text: str, before: Contents, name: str, changes: Mapping[str, Any]) -> str:
    """The file's text with some settings of a profile changed, and those that are ``None`` removed.

    Raises:
        CannotWriteError: The result would not say what is meant.
    """
    table = {**_profiles(before)[name], **changes}
    wanted = {key: value for key, value in table.items() if value is not None}
    lines = text.split("\n")
    try:
        begin, end = _section(lines, name) or (0, len(lines))
        # The section alone, without the comments at its end: those may well be about what follows.
        part = tomlkit.parse("\n".join(lines[begin:end]) + "\n")
        section: Any = part["profiles"]
        for key, value in changes.items():
            if value is None:
                section[name].pop(key, None)
            else:
                section[name][key] = _inline(value)
        changed = tomlkit.dumps(part).removesuffix("\n").split("\n")
    except (TOMLKitError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CannotWriteError from error
    return _proven("\n".join([*lines[:begin], *changed, *lines[end:]]), before, {**_profiles(before), name: wanted})


def with_removed(text: str, before: Contents, name: str) -> str:
    """The file's text without a profile. The comments around it stay; those inside go with it.

    Raises:
        CannotWriteError: The result would not say what is meant.
    """
    lines = text.split("\n")
    try:
        found = _section(lines, name)
        if found is not None:
            text = "\n".join([*lines[: found[0]], *lines[found[1] :]])
        else:
            document = tomlkit.parse(text)
            section: Any = document["profiles"]
            del section[name]
            text = tomlkit.dumps(document)
    except (TOMLKitError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CannotWriteError from error
    return _proven(text, before, {key: table for key, table in _profiles(before).items() if key != name})


def _profiles(contents: Contents) -> dict[str, Any]:
    return dict(contents.tables.get("profiles", {}))


def _proven(text: str, before: Contents, profiles: Mapping[str, Any]) -> str:
    try:
        after = read_profiles(text.encode(), "")
        said = {**after.tables, "profiles": after.tables.get("profiles", {})}
        meant = {**before.tables, "profiles": dict(profiles)}
        if after.broken or pformat(said) != pformat(meant):
            raise CannotWriteError
    except RecursionError as error:
        raise CannotWriteError from error
    return text


def _section(lines: list[str], name: str) -> tuple[int, int] | None:
    """Where a profile's lines begin and end, from its header to its last setting; ``None`` where it has no header.

    A line inside a value may look like a header; what is made by that mistake does not pass the comparison.
    """
    begin = next((place for place, line in enumerate(lines) if _header(line)[:2] == ("profiles", name)), None)
    if begin is None:
        return None
    end = begin + 1
    for place in range(begin + 1, len(lines)):
        path = _header(lines[place])
        if path and path[:2] != ("profiles", name):
            break
        if lines[place].strip() and not lines[place].lstrip().startswith("#"):
            end = place + 1
    return begin, end


def _header(line: str) -> tuple[str, ...]:
    """What a line is the header of, as in ``[profiles.mine]``; empty where it is none."""
    if not line.lstrip().startswith("["):
        return ()
    try:
        table: Any = tomllib.loads(line)
    except ValueError:
        return ()
    path = []
    while isinstance(table, dict) and len(table) == 1:
        [(key, table)] = table.items()
        path.append(key)
    return tuple(path) or ("?",)


def _item(table: Mapping[str, Any]) -> Any:
    made = tomlkit.table()
    for key, value in table.items():
        made.append(key, _inline(value))
    return made


def _inline(value: Any) -> Any:
    """A value for the right side of an equals sign: ``{ connect = 5 }`` and not a section of its own."""
    if not isinstance(value, dict):
        return tomlkit.item(value)
    made = tomlkit.inline_table()
    for key, inner in value.items():
        made.append(key, _inline(inner))
    return made
