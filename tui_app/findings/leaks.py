"""The leak check: looks for secrets in what is about to leave this machine, however they are written there.

What is known to be secret is looked for by its value, what is not by its shape, and in JSON by the name that it stands
under. A text is looked at as it is and as it reads once escapes are undone; what may be base64 or hexadecimal, also as
what it stands for. What was found is never repeated: a finding names the file and the kind.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote_to_bytes

from tui_app.models.secrets import is_secret_in_query, is_secret_name
from tui_app.models.text import is_masked

LEAST = 4
"""Characters of the shortest secret that is looked for: what is shorter is too common a text."""

LEAST_PART = 8
"""Characters from which on a secret is looked for anywhere, and not only as a word of its own."""

_ROUNDS = 3  # escapes within escapes that are undone
# A masked secret goes on with dots, in whatever escapes those stand.
_END = r"(?!•|\\+u2022|%(?:25)*E2%(?:25)*80%(?:25)*A2|&(?:amp;)*(?:#8226|bull))"

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "an API key",
        re.compile(
            r"(?:[sp]k_(?:prod|sandbox|live|test)_|(?<![A-Za-z0-9])[sp]k_(?:[a-z]{1,16}_)?)"
            rf"(?=[A-Za-z_-]*[0-9A-Z]|[a-z_-]{{16}})[A-Za-z0-9_-]{{6,}}+{_END}"
        ),
    ),
    ("a connection's token", re.compile(rf"con_tkn_?[A-Za-z0-9_-]{{6,}}+{_END}")),
    ("a public token", re.compile(rf"pub_tkn_?[A-Za-z0-9_-]{{6,}}+{_END}")),
    ("a webhook's secret", re.compile(rf"whsec_[A-Za-z0-9_+/=-]{{6,}}+{_END}")),
    (
        "a bearer token",
        re.compile(rf"\bbearer\s+(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{{8,}}+{_END}", re.IGNORECASE),
    ),
    ("a JSON web token", re.compile(r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
    ("a private key", re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")),
    (
        "a password in an address",
        re.compile(rf"(?<=[a-z0-9+.-])://[^\s/?#@:\"'<>]{{0,200}}:{_END}[^\s/?#@\"'<>]{{1,200}}@", re.IGNORECASE),
    ),
)
_BASIC = re.compile(r"\bbasic\s+([A-Za-z0-9+/_-]{4,}+={0,2})", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_NAME = re.compile(r"[A-Za-z_-]{1,40}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([bfnrt])|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """A secret that was found.

    Attributes:
        file: In which file.
        kind: What it is, in words; never the secret itself.
    """

    file: str
    kind: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}"


def find_leaks(
    files: Mapping[str, bytes], known: Iterable[str], private: Mapping[str, str] | None = None
) -> list[Leak]:
    """Look through every byte of some files.

    Args:
        files: Each one's content by its name. The names are looked at, too.
        known: Every secret that is known.
        private: What is no secret, and must not leave this machine all the same: each text with what it is.

    Returns:
        What was found, each kind once in each file; empty where nothing was.
    """
    looked_for = [(secret, "a secret that Syncscope holds") for secret in known]
    looked_for += (private or {}).items()
    needles = [_Needle(text, kind) for text, kind in looked_for if len(text) >= LEAST]
    found: set[Leak] = set()
    for name, content in files.items():
        for kind in _kinds(content, needles):
            found.add(Leak(name, kind))
        found.update(Leak("a file's name", kind) for kind in _kinds(name.encode(), needles))
    return sorted(found)


class _Needle:
    """One text that is looked for."""

    def __init__(self, text: str, kind: str) -> None:
        self.kind = kind
        words = {text, quote(text, safe=""), quote_plus(text), html.escape(text), json.dumps(text)[1:-1]}
        words.add(json.dumps(text, ensure_ascii=False)[1:-1])
        if len(text) >= LEAST_PART:
            words.add(text.encode("utf-8", "replace").hex())
            words.update(form for form in _inside_base64(text.encode("utf-8", "replace")) if len(form) >= LEAST_PART)
        self._words = words
        self._alone = len(text) < LEAST_PART

    def is_in(self, text: str) -> bool:
        found = [word for word in self._words if word in text]
        if not self._alone:
            return bool(found)
        return any(re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", text) for word in found)


def _inside_base64(content: bytes) -> Iterator[str]:
    """How some bytes look within anything that is base64: there they may begin at one of three places."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + content).decode().rstrip("=")
        # The first and last characters are shared with what stands beside it.
        whole = coded[(0, 2, 3)[before] : (before + len(content)) * 8 // 6]
        yield whole
        yield whole.translate(str.maketrans("+/", "-_"))


def _kinds(content: bytes, needles: list[_Needle]) -> set[str]:
    texts = list(_readings(content))
    found = {needle.kind for needle in needles if any(needle.is_in(text) for text in texts)}
    for text in texts[1:]:
        found.update(_shaped(text))
    found.update(_named(content))
    return found


def _readings(content: bytes) -> Iterator[str]:
    """What a file says: as it stands, with its escapes undone, and what its base64 and hexadecimal stand for."""
    text = content.decode("utf-8", "replace")
    yield text
    for encoding in ("utf-16-le", "utf-16-be"):
        if b"\0" in content:
            yield content.decode(encoding, "replace")
    plain = text
    for _ in range(_ROUNDS):
        undone = _unescaped(plain)
        yield undone
        if undone == plain:
            break
        plain = undone
    yield "\n".join(_decoded(plain))


def _unescaped(text: str) -> str:
    """A text with one layer of escapes undone: those of JSON and Markdown, of HTML, of addresses."""
    text = _ESCAPE.sub(_meant, html.unescape(text))
    return unquote_to_bytes(text.encode("utf-8", "replace")).decode("utf-8", "replace") if "%" in text else text


def _meant(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16))
    return " " if found[3] else found[4]


def _decoded(text: str) -> Iterator[str]:
    for run in _BASE64.findall(text):
        for start in range(4):  # what stands before it may belong to it as little as not
            yield _from_base64(run[start:])
    for run in _HEX.findall(text):
        yield bytes.fromhex(run).decode("utf-8", "replace")


def _from_base64(run: str) -> str:
    whole = run.translate(str.maketrans("-_", "+/"))
    whole = whole[:-1] if len(whole) % 4 == 1 else whole  # so many characters are never base64
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _shaped(text: str) -> Iterator[str]:
    for kind, shape in _SHAPES:
        if shape.search(text):
            yield kind
    pairs = (_from_base64(found[1].rstrip("=")) for found in _BASIC.finditer(text))
    if any(":" in pair and pair.isprintable() and "\ufffd" not in pair for pair in pairs):
        yield "a name and password (Basic)"


def _named(content: bytes) -> Iterator[str]:
    """What stands in JSON under a name that promises a secret, and is not masked."""
    lines = [content] if content.lstrip()[:1] in (b"{", b"[") else []
    try:
        values = [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        values = []
        for line in content.splitlines() if lines else []:
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError):
                continue
    for value in values:
        for name in _secret_names(value):
            yield f"a value under “{name}”" if _NAME.fullmatch(name) else "a value under a secret's name"


def _secret_names(value: Any, name: str = "") -> Iterator[str]:
    waiting: list[tuple[Any, str]] = [(value, name)]
    while waiting:
        each, under = waiting.pop()
        if isinstance(each, dict):
            pair = each.get("name"), each.get("value")  # as HAR has headers and queries
            if isinstance(pair[0], str) and isinstance(pair[1], str) and set(each) <= {"name", "value", "comment"}:
                waiting.append((pair[1], pair[0] if is_secret_in_query(pair[0]) else ""))
                continue
            below = under if is_secret_name(under) else ""
            waiting += [(inner, below or str(key)) for key, inner in each.items()]
        elif isinstance(each, list):
            waiting += [(inner, under) for inner in each]
        elif isinstance(each, str) and (is_secret_name(under) or under.lower() == "key") and not _is_hidden(each):
            yield under


def _is_hidden(value: str) -> bool:
    """Whether a value is masked, as a whole or behind its scheme; an empty one hides nothing."""
    scheme, space, rest = value.partition(" ")
    masked = rest if space and scheme.lower() in ("bearer", "basic") else value
    return not value or is_masked(masked)
