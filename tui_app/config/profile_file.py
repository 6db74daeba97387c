"""Reading a person's profiles file: what is good is used, what is not is named with its reason, nothing is raised."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from tui_app.models.profile import Profile
from tui_app.models.secrets import is_secret_name, redact_text, redacted

# The embedded servers, and what is made from environment variables: a file may replace none of them.
RESERVED = frozenset({"demo", "demo-stuut", "environment"})

# What a profile speaks that does not say.
DEFAULT_KIND = "terminal"

# What a profile may set. Other keys are kept, for a newer version may know them.
KNOWN = tuple(name for name in Profile.model_fields if name not in ("name", "built_in"))

# Names that people write a key under, besides those that are secret everywhere.
_KEY_NAMES = frozenset({"key", "keys", "secretkey", "sk", "bearer"})

_ADVICE = {
    "name": "a name starts with a letter or a digit and holds letters, digits, “.”, “_” and “-”, 64 at most",
    "key_env": "key_env must be the name of an environment variable",
    "key_command": 'key_command must be a list, a program and its arguments: ["op", "read", "…"]',
    "timeout": "timeout must be seconds for one or both of these: { connect = 5, read = 20 }",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a profiles file holds.

    Attributes:
        profiles: The profiles that can be used, by name.
        problems: What cannot be used, each with its reason. No text holds a value from the file.
        tables: Everything as it was parsed, also what cannot be used.
        broken: Whether the file as a whole could not be read, so that nothing may be written into it.
    """

    profiles: dict[str, Profile] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    tables: dict[str, Any] = field(default_factory=dict)
    broken: bool = False


def read_profiles(raw: bytes, where: str) -> Contents:
    """Read a profiles file.

    Args:
        raw: The file as it is.
        where: What to call the file in what is said of it.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Contents(broken=True, problems=[f"{where}, line {line}: this is not UTF-8 text."])
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        return Contents(broken=True, problems=[f"{where}: values are nested too deeply."])
    except ValueError as error:  # TOMLDecodeError is one; a number of 5000 digits is another
        return Contents(broken=True, problems=[_syntax(where, text, str(error))])
    found = tables.get("profiles", {})
    if not isinstance(found, dict):
        problem = f"{where}: “profiles” must be a table, with one [profiles.NAME] for each profile."
        return Contents(broken=True, problems=[problem], tables=tables)
    contents = Contents(tables=tables, problems=_misspelt_tables(tables, where))
    for name, table in found.items():
        profile = read_profile(name, table)
        if isinstance(profile, str):
            end = "" if profile.endswith("?") else "."
            contents.problems.append(f"{where}: the profile “{redact_text(name)}” is not used: {profile}{end}")
        else:
            contents.profiles[name] = profile
    return contents


def read_profile(name: str, table: object) -> Profile | str:
    """Read one profile, or say why it cannot be used.

    Args:
        name: What it is called.
        table: What the file says of it.
    """
    if name.casefold() in RESERVED:
        return "this name is reserved"
    if not isinstance(table, dict):
        return f"it must be a table, [profiles.{redact_text(name)}]"
    try:
        refusal = _secret(table) or _misplaced(table)
        return refusal or Profile(**{"kind": DEFAULT_KIND, **table, "name": name})
    except ValidationError as error:
        return "; ".join(_words(detail) for detail in error.errors(include_input=False, include_url=False))
    except RecursionError:
        return "its values are nested too deeply"


def _syntax(where: str, text: str, message: str) -> str:
    # The parser ends its message with the place, which people look for first.
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    reason = redact_text(message[: place.start()] if place else message)
    line = place and (place[1] or text.rstrip().count("\n") + 1)
    return f"{where}{f', line {line}' if line else ''}: {reason[:200]}."


def _misspelt_tables(tables: Mapping[str, Any], where: str) -> list[str]:
    return [
        f"{where}: [{redact_text(name)}] is not read; did you mean [profiles]?"
        for name in tables
        if name != "profiles" and _nearest(name, ["profiles"])
    ]


def _secret(table: Mapping[str, Any]) -> str | None:
    for name, value in table.items():
        plain = re.sub(r"[-_]", "", name).lower()
        if plain in _KEY_NAMES or is_secret_name(name) or redacted({name: value}) != {name: value}:
            return (
                f"“{redact_text(name)}” holds a secret, and a file is no place for one; "
                "put it into an environment variable and name that as key_env (or see key_keyring and key_file)"
            )
    return None


def _misplaced(table: Mapping[str, Any]) -> str | None:
    for name in ("name", "built_in"):
        if name in table:
            return f"“{name}” cannot be set here"
    for name in table:
        nearest = None if name in KNOWN else _nearest(name, KNOWN)
        if nearest:
            return f"there is no key “{redact_text(name)}”; did you mean “{nearest}”?"
    if table.get("base_url") is None:
        near = difflib.get_close_matches("base_url", [name for name in table if name not in KNOWN], n=1, cutoff=0.5)
        return "base_url is missing" + (f"; did you mean it by “{redact_text(near[0])}”?" if near else "")
    return None


def _nearest(name: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.8)
    return near[0] if near else None


def _words(detail: Any) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    message = str(detail["msg"]).removeprefix("Value error, ")
    if name in _ADVICE and not (name == "key_command" and detail["type"] == "value_error"):
        return _ADVICE[name]
    return message if detail["type"] == "value_error" else f"{name}: {message[:1].lower()}{message[1:]}"
