"""What a person pasted, told by its shape: an ID, a number, a token or words; also out of a line that holds one.

Whatever is shaped like a secret is taken out here, before anything can show or keep it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tui_app.models.known_secrets import KNOWN
from tui_app.models.secrets import holds_secret
from tui_app.models.text import is_masked, mask

if TYPE_CHECKING:
    from pydantic import SecretStr

MOST = 100_000
"""Characters of a paste that are looked at."""

MOST_WORDS = 200
"""Characters of a name, a reference or other words; what is longer is none of these."""

SHORT = 8
"""Characters below which a secret that is in use, e.g. a password as it is being typed, is no more than a word."""

MOST_CONTEXT = 5000
"""Characters of a text in which a name is looked for."""

MOST_CANDIDATES = 300
"""Words of a pasted line that may be an ID."""


class Kind(StrEnum):
    """What a pasted text is, in words."""

    NOTHING = "nothing"
    CONNECTION = "connection ID"
    SYNC = "sync ID"
    ISSUE = "issue ID"
    TOKEN = "connection token"
    DOT = "DOT number"
    ID = "ID"  # of what kind, only its server can tell
    WORDS = "words"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Pasted:
    """What was recognised.

    Attributes:
        kind: What it is.
        text: The ID, number or words, as they are looked for; of a token, its mask. Never a secret.
        token: The connection token that stood in the text, where one did; also beside an ID.
        connection_id: The connection that the text names beside a sync or an issue, where it does.
        candidates: What else in the text may be an ID, in its order.
        refusal: Why it is not looked for, in a sentence or two; empty unless `REFUSED`.
        left_out: Whether a key stood beside it.
        context: Of words: the whole text that they stood in, in lower case and with single spaces, as far as it counts.
    """

    kind: Kind
    text: str = ""
    token: SecretStr | None = None
    connection_id: str = ""
    candidates: tuple[str, ...] = ()
    refusal: str = ""
    left_out: bool = False
    context: str = ""


_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
# A whole ULID cannot be meant otherwise, even where an escaped line break runs into it. Anything shorter takes a digit
# and a word of its own: `sync_mode` is none.
_OURS = re.compile(
    rf"(?:(conn|sync|isu)_({_ULID})(?![0-9A-Z])|(?<![0-9A-Z_])(conn|sync|isu)_(?=[A-Z]*[0-9])([0-9A-Z]+)(?![0-9A-Z_]))",
    re.IGNORECASE,
)
_KINDS = {"sync": Kind.SYNC, "isu": Kind.ISSUE, "conn": Kind.CONNECTION}
"""What is meant first where a text names several."""

_FOREIGN = re.compile(rf"(?<![0-9A-Z_])([a-z]+(?:_[a-z]+)?)_{_ULID}(?![0-9A-Z])", re.IGNORECASE)
_FOREIGN_WORDS = {
    "vcl": "a vehicle",
    "drv": "a driver",
    "trl": "a trailer",
    "group": "a group",
    "dvc": "a device",
    "trp": "a trip",
    "evt": "a webhook event",
    "slk": "a short link",
    "requ": "a provider request",
    "dst": "a destination",
    "agr": "an agreement",
}
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_TOKEN = re.compile(r"con_tkn_([^\s\"'`<>&,;)}\]\\]+)", re.IGNORECASE)
_DOT = re.compile(r"(?:US\s*)?DOT(?:\s*(?:number|no\.?|#|:))*\s*([0-9]{1,8})", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{5,8}")
_TERM = re.compile(r"(?:^|\s)-?[A-Za-z]+:")
_WORD = re.compile(r"[^\s\"'`<>(){}\[\],;=&?#]+")
_PAIRS = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»", "‹": "›", "<": ">", "(": ")", "[": "]", "{": "}"}
_QUOTES = {*"\"'`“”‘’«»‹›"}

_REFUSED_KEY = (
    "That looks like an API key or another secret of a server. It is neither shown nor kept nor searched for. "
    "If it was sent to you, have it replaced."
)
_REFUSED_PUBLIC = (
    "That looks like a public token, which is exchanged once for its connection: press L on Connections. "
    "It is neither shown nor kept here."
)


def _never(text: str) -> bool:
    return False


def recognise(text: str, is_token: Callable[[str], bool] = _never) -> Pasted:
    """Tell what a person pasted or typed, out of a whole line, address, command or JSON where it stands in one.

    Args:
        text: What was pasted.
        is_token: Tells whether a word is a connection's token, for those that are not shaped like one.
    """
    text = unquote(text[:MOST])
    bare = _bare(text)
    if not bare:
        return Pasted(Kind.NOTHING)
    token = _token_in(text) or (bare if is_token(bare) else "")
    if token and is_masked(token):
        return Pasted(Kind.TOKEN, token)
    rest = text.replace(token, " ") if token else text
    secret = hides_secret(rest) or any(len(known) >= SHORT and known in rest for known in KNOWN.texts())
    found = _ours(rest, token, left_out=secret) or (_of_token(token) if token else None)
    if found is not None:
        return found
    if secret:
        public = "pub_tkn_" in rest.lower()
        return Pasted(Kind.REFUSED, refusal=_REFUSED_PUBLIC if public else _REFUSED_KEY)
    return _foreign(rest) or _other(rest, bare)


def hides_secret(text: str) -> bool:
    """Whether something in a text is shaped like a key or a token, in whatever letters it is written."""
    return (holds_secret(text) or holds_secret(text.lower())) and not is_masked(text)


def _token_in(text: str) -> str:
    found = _TOKEN.search(text)
    return found.group().rstrip(".:!?") if found else ""


def _of_token(token: str, text: str = "", **fields: object) -> Pasted:
    from pydantic import SecretStr

    rest = token[len("con_tkn_") :]
    secret = SecretStr("con_tkn_" + rest if token.lower().startswith("con_tkn_") else token)
    shown = text or mask(secret.get_secret_value())
    pasted = Pasted(token=secret, text=shown, **({"kind": Kind.TOKEN} | fields))  # type: ignore[arg-type]
    KNOWN.add(pasted, lambda kept: [kept.token.get_secret_value()] if kept.token else [])
    return pasted


def _ours(text: str, token: str, left_out: bool) -> Pasted | None:
    """The sync, else the issue, else the connection that a text names first."""
    named: dict[str, str] = {}
    for found in _OURS.finditer(text):
        prefix = (found[1] or found[3]).lower()
        # A ULID is written in capitals; of another ID nobody knows how it is.
        named.setdefault(prefix, f"{prefix}_{found[2].upper() if found[2] else found[4]}")
    prefix = next((each for each in _KINDS if each in named), "")
    if not prefix:
        return None
    owner = named.get("conn", "") if prefix != "conn" else ""
    if token:
        return _of_token(token, named[prefix], kind=_KINDS[prefix], connection_id=owner, left_out=left_out)
    return Pasted(_KINDS[prefix], named[prefix], connection_id=owner, left_out=left_out)


def _foreign(text: str) -> Pasted | None:
    found = _FOREIGN.search(text)
    what = _FOREIGN_WORDS.get(found[1].lower()) if found else None
    if what is None:
        return None
    return Pasted(
        Kind.REFUSED,
        refusal=f"That is the ID of {what}. Only connections, syncs and issues can be found by their IDs.",
    )


def _other(text: str, bare: str) -> Pasted:
    """A number, an ID of no kind of ours, or words."""
    if found := _DOT.fullmatch(bare) or _NUMBER.fullmatch(bare):
        return Pasted(Kind.DOT, found[1] if found.re is _DOT else found.group())
    candidates = _candidates(text)
    if found := _UUID.search(text):
        return Pasted(Kind.ID, found.group(), candidates=tuple(dict.fromkeys(_UUID.findall(text)))[:MOST_CANDIDATES])
    lines = [line for line in text.splitlines() if line.strip()]
    words = lines[0].strip() if _TERM.search(lines[0]) else _bare(lines[0])
    return Pasted(Kind.WORDS, words[:MOST_WORDS], candidates=candidates, context=plain(text)[:MOST_CONTEXT])


def plain(text: str) -> str:
    """A text as names are compared: in lower case, with single spaces and straight quotes."""
    return " ".join(text.translate(_STRAIGHT).lower().split())


_STRAIGHT = str.maketrans("‘’“”", "''\"\"")


def _candidates(text: str) -> tuple[str, ...]:
    """The words of a line, and the parts of each between colons and slashes."""
    found: dict[str, None] = {}
    for each in _WORD.finditer(text):
        word = each.group().strip(".!:/")
        found |= dict.fromkeys(part for part in (word, *re.split("[:/]", word)) if len(part) > 2)
        if len(found) >= MOST_CANDIDATES:
            break
    return tuple(found)[:MOST_CANDIDATES]


def _bare(text: str) -> str:
    """A text without what a paste brings along at its ends: space, quotes, brackets, punctuation."""
    before, text = "", text.strip()
    while text != before:
        before = text
        if len(text) > 1 and _PAIRS.get(text[0]) == text[-1]:
            text = text[1:-1]
        elif text[-1:] in ",;.!?" or (text[-1:] in _QUOTES and text.count(text[-1]) == 1):
            text = text[:-1]
        elif text[:1] in _QUOTES and text.count(text[0]) == 1:
            text = text[1:]
        text = text.strip()
    return text
