"""What is written of an error or an event: every secret masked, every control character visible, no variables."""

from __future__ import annotations

import re
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tui_app.api.exchanges import Redactor
from tui_app.models.known_secrets import KNOWN
from tui_app.models.secrets import is_secret_name
from tui_app.models.text import mask, safe_block, safe_text

MESSAGE_LIMIT = 4_000
TRACEBACK_LIMIT = 40_000
"""Characters that are kept of each; of a traceback its end, which says what happened."""

# Both patterns take time in proportion to the text, whatever it is: a server's words may have any length, and these run
# on the loop that paints. Hence the bound, and the look behind, which lets a name be tried from its beginning only.
_INPUTS = re.compile(r"input_value=.{0,400}?(?=, input_type=)", re.DOTALL)
# A value behind a name that promises a secret, however it is written: api_key=…, "password": "…", Authorization: …
_NAMED = re.compile(
    r"(?P<name>(?<![\w-])[\w-]*(?:authorization|token|password|passphrase|secret|api[_-]?key|private[_-]?key|auth[_-]?code|cookie)"
    r"[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?)(?P<value>[^\s\"'&,;)}\]]+)",
    re.IGNORECASE,
)
_CODE = "    "  # what a line of code begins with in a traceback: it names secrets, and holds none
_LEAST = 8  # a shorter text behind a name that promises a secret is a word of our own more often than a secret
_FRAMES, _THINGS, _ERRORS = 200, 500, 50  # most frames and errors looked at, and things in each frame


def safe_line(text: str) -> str:
    """A message on one line."""
    return safe_text(_masked(text, ()), MESSAGE_LIMIT)


def safe_traceback(error: BaseException) -> str:
    """An error with its causes and the lines of code it came through, without any variable's value.

    Variables are looked through all the same: what they hold as a secret is masked wherever a message repeats it.
    """
    try:
        text = "".join(traceback.TracebackException.from_exception(error, limit=_FRAMES).format())
    except Exception as another:  # noqa: BLE001 - an error that cannot be told is still to be told
        text = f"{type(error).__name__}, which cannot be told ({type(another).__name__})"
    text = _masked(text.rstrip("\n"), _held_by(error))
    if len(text) > TRACEBACK_LIMIT:
        text = "…" + text[-TRACEBACK_LIMIT:]
    return safe_block(text)


def safe_printed(text: str) -> str:
    """A text of several lines that somebody else made of an error."""
    return safe_block(_masked(text, ())[-TRACEBACK_LIMIT:])


def safe_words(error: BaseException) -> str:
    """What an error says, on one line."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - as above
        said = ""
    name = type(error).__name__
    return safe_text(_masked(f"{name}: {said}" if said else name, _held_by(error)), 300)


def masker() -> Callable[[str], str]:
    """A mask for many texts, which are left as they are but for their secrets: it knows those that are in use now."""
    return _masker(())


def _masked(text: str, more: Iterable[str]) -> str:
    return _masker(more)(text)


def _masker(more: Iterable[str]) -> Callable[[str], str]:
    redactor = Redactor({form for secret in KNOWN.texts().union(more) for form in (secret, repr(secret)[1:-1])})

    def masked(text: str) -> str:
        # Messages of a validation quote what was validated, cut in the middle, so that no comparison finds it.
        text = redactor.text(_INPUTS.sub("input_value=…", text))
        lines = text.split("\n")
        return "\n".join(line if line.startswith(_CODE) else _NAMED.sub(_mask_value, line) for line in lines)

    return masked


def _mask_value(found: re.Match[str]) -> str:
    value = found["value"]
    return found["name"] + (value if value.endswith("•") else mask(value))


def _held_by(error: BaseException) -> set[str]:
    """The secrets that stand in the variables of the functions which an error came through."""
    found: set[str] = set()
    for each in _chain(error):
        for frame, _ in list(traceback.walk_tb(each.__traceback__))[-_FRAMES:]:
            found.update(_secrets(frame.f_locals))
    return found


def _chain(error: BaseException) -> list[BaseException]:
    """An error and those that it came from, each once."""
    waiting, seen = [error], dict[int, BaseException]()
    while waiting and len(seen) < _ERRORS:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen[id(each)] = each
        waiting += [cause for cause in (each.__cause__, each.__context__) if cause is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
    return list(seen.values())


def _secrets(variables: Mapping[str, Any]) -> Iterator[str]:
    """The secrets in a function's variables: what is near is looked at before what is deep inside, and not for ever."""
    waiting = deque[tuple[str, Any]](variables.items())
    for _ in range(_THINGS):
        if not waiting:
            return
        name, value = waiting.popleft()
        if isinstance(value, str):
            if _promises(name) and len(value) >= _LEAST:
                yield value
        elif callable(reveal := getattr(type(value), "get_secret_value", None)):
            yield str(reveal(value))
        else:
            waiting.extend(islice(_inside(name, value), _THINGS))


def _inside(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a thing consists of, each part with the name that it stands under."""
    if isinstance(value, Mapping):
        below = _promises(name)  # whatever stands below a secret's name is secret
        yield from ((name if below or not isinstance(key, str) else key, inner) for key, inner in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((name, inner) for inner in value)
    elif type(value).__module__.startswith("tui_app."):
        yield from _attributes(value).items()


def _promises(name: str) -> bool:
    return is_secret_name(name) or name in ("key", "credentials")


def _attributes(value: Any) -> dict[str, Any]:
    """What an object has, without running any of its properties."""
    kept = dict(vars(value)) if hasattr(value, "__dict__") else {}
    slots = [name for kind in type(value).__mro__ for name in vars(kind).get("__slots__", ())]
    return kept | {name: getattr(value, name) for name in slots if hasattr(value, name) and name != "__weakref__"}
