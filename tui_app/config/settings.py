"""Reads how a person likes things: a file of theirs, and environment variables that win over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_app.models.settings import LOG_LEVELS, THEME, Settings

_KINDS: dict[str, type] = {
    "theme": str,
    "ascii": bool,
    "motion": bool,
    "zone": str,
    "bell": bool,
    "notify": bool,
    "hook": list,
    "log": str,
    "history": int,
    "keys": dict,
}
_YES = ("1", "true", "yes", "on")
_SIZE = "a number of megabytes, 0 to 100000"
_NO = ("0", "false", "no", "off", "")

ASCII, MOTION, LOG = "SYNCSCOPE_ASCII", "SYNCSCOPE_MOTION", "SYNCSCOPE_LOG"


def read_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings. Nothing is raised: what cannot be used is left at its default and named.

    Args:
        path: The file, in TOML; it need not exist.
        environ: The environment variables.
    """
    table, problems = _table(path)
    values: dict[str, Any] = {}
    for name, value in table.items():
        problem = _wrong(name, value)
        if problem:
            problems.append(f"{path}: {problem}")
        else:
            values[name] = tuple(value) if name == "hook" else value
    if theme := environ.get(THEME, "").strip():
        values["theme"] = theme
    if log := environ.get(LOG, "").strip().lower():
        if log in LOG_LEVELS:
            values["log"] = log
        else:
            problems.append(f"{LOG} must be one of {', '.join(LOG_LEVELS)}")
    for variable, name in ((ASCII, "ascii"), (MOTION, "motion")):
        word = environ.get(variable)
        if word is None:
            continue
        if word.strip().lower() in (*_YES, *_NO):
            values[name] = word.strip().lower() in _YES
        else:
            problems.append(f"{variable} must be 1 or 0")
    return Settings(**values, problems=tuple(problems))


def _table(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"{path} cannot be read: {error.strerror or error}"]
    except ValueError as error:  # not UTF-8
        return {}, [f"{path} cannot be read: {error}"]
    import tomllib  # here: this runs before the first paint, and most people have no such file

    try:
        return tomllib.loads(text), []
    except (ValueError, RecursionError) as error:  # not TOML
        return {}, [f"{path} cannot be read: {error}"]


def _wrong(name: str, value: object) -> str:
    kind = _KINDS.get(name)
    if kind is None:
        return f"there is no setting “{name}”; there are: {', '.join(_KINDS)}"
    if not isinstance(value, kind) or (kind is int and not _is_size(value)):
        words = {str: "a text", bool: "true or false", list: "a list of texts", dict: "a table", int: _SIZE}
        return f"“{name}” must be {words[kind]}"
    if isinstance(value, list) and not (value and all(isinstance(part, str) for part in value)):
        return f"“{name}” must be a command and its arguments, each a text"
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value.values()):
        return f"each of “{name}” must be a text"
    return _unknown(name, str(value)) if value else ""


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000


def _unknown(name: str, value: str) -> str:
    """Why a word is none of those that a setting takes; empty where it is, or takes any."""
    if name == "log" and value not in LOG_LEVELS:
        return f"“log” must be one of {', '.join(LOG_LEVELS)}"
    if name == "zone":
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # here for the same reason

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return f"there is no time zone “{value}”; one is written as Europe/Berlin"
    return ""
