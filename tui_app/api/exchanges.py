"""Recorded exchanges with a server, redacted as they are recorded: what was never stored cannot leak."""

from __future__ import annotations

import json
import logging
import re
import shlex
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tui_app.models.secrets import is_secret_in_query, is_secret_name, redact_text, redacted
from tui_app.models.text import mask

BODY_LIMIT = 64 * 1024  # characters kept of each body
_LEAST_LITERAL = 4  # a shorter secret is too common a text to be looked for
_DEPTH = 64
_LONG = 1000  # characters from which packing a text is worth its time

logger = logging.getLogger(__name__)

Headers = tuple[tuple[str, str], ...]


class Redactor:
    """Masks secrets by the name they stand under, by their shape, and where they are known by their value.

    An API key or a password need not look like one, and a server may quote either in an error. Those that a request
    carries are therefore looked for in whatever comes back.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret) >= _LEAST_LITERAL for form in _forms(secret)}
        # The longest first: one secret may begin another.
        self._known = sorted(known, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redactor({len(self._known)} known)"

    def known(self) -> list[str]:
        """What it knows, in clear."""
        return self._known

    def text(self, text: str) -> str:
        """Mask every known or secret-shaped part of a text."""
        return redact_text(self.literals(text))

    def literals(self, text: str) -> str:
        """Mask every known part of a text."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, mask(secret))
        return text

    def content(self, content: bytes) -> bytes:
        """Mask every known or secret-shaped part of what is no text: its bytes may be read as letters."""
        for secret in self._known:
            content = content.replace(secret.encode("utf-8", "replace"), mask(secret).encode("ascii", "replace"))
        return redact_text(content.decode("latin-1")).encode("latin-1", "replace")

    def url(self, url: str) -> str:
        """Mask the secret values of a URL's query."""
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that hold no address
            return self.text(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        shown = [(name, mask(value) if is_secret_in_query(name) else self.text(value)) for name, value in pairs]
        if shown != pairs:
            query = "&".join(f"{quote(name, safe='')}={quote(value, safe='•')}" for name, value in shown)
            parts = parts._replace(query=query)
        return self.text(parts.geturl())

    def headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """Mask the secret values among headers."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if not is_secret_name(name):
            return self.text(value)
        scheme, space, rest = value.partition(" ")
        return f"{scheme} {mask(rest)}" if space and scheme.lower() in ("bearer", "basic") else mask(value)

    def json(self, value: Any, limit: int = BODY_LIMIT) -> tuple[Any, bool]:
        """Copy a JSON value with every secret masked, and no more of it than fits.

        Args:
            value: Any JSON value.
            limit: About how many characters to keep.

        Returns:
            The copy, and whether something was left out.
        """
        copy = _Copy(self, limit)
        return copy.of(value, "", 0), copy.cut


def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it stands in plain text, in an address and in JSON that is quoted as text."""
    in_json = (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))
    return (secret, quote(secret, safe=""), *in_json)


class _Copy:
    """One bounded, redacted copy. A list of 50,000 rows costs no more than the part that is kept."""

    def __init__(self, redactor: Redactor, limit: int) -> None:
        self._redactor = redactor
        self._left = limit
        self.cut = False

    def of(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, dict | list) and depth >= _DEPTH:
            self.cut = True
            return "…"
        if isinstance(value, dict):
            return self._object(value, name, depth)
        if isinstance(value, list):
            return self._array(value, name, depth)
        if isinstance(value, str):
            return self._text(value, name)
        self._left -= 8
        return redacted(value, name)

    def _object(self, value: dict[Any, Any], name: str, depth: int) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, inner in value.items():
            if self._left <= 0:
                self.cut = True
                break
            label = self._redactor.text(str(key))
            self._left -= len(label) + 6
            # Whatever stands below a secret's name is secret, and so is every field of `credentials`.
            secret = is_secret_name(name) or str(key) == "credentials"
            shown[label] = self.of(inner, "secret" if secret else str(key), depth + 1)
        return shown

    def _array(self, value: list[Any], name: str, depth: int) -> list[Any]:
        shown: list[Any] = []
        for inner in value:
            if self._left <= 0:
                self.cut = True
                break
            shown.append(self.of(inner, name, depth + 1))
        return shown

    def _plain(self, value: str) -> str:
        """A text under a name that promises no secret; it may be an address with one in its query."""
        is_address = value.startswith(("https://", "http://", "/")) and "?" in value
        return self._redactor.url(value) if is_address else self._redactor.text(value)

    def _text(self, value: str, name: str) -> str:
        shown = redacted(value, name) if is_secret_name(name) else self._plain(value)
        keep = max(self._left, 0)
        self._left -= len(shown) + 4
        if len(shown) > keep:
            self.cut = True
            shown = shown[:keep] + "…"
        return str(shown)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it may be shown: every secret masked.

    Attributes:
        method: The HTTP method.
        url: The whole address, with its query.
        headers: Names and values.
        body: Its JSON text, or ``None`` for no body at all.
        key_variable: The environment variable that stands for the key where the request is written as code.
    """

    method: str
    url: str
    headers: Headers = ()
    body: str | None = None
    key_variable: str = "API_KEY"

    @property
    def path(self) -> str:
        """The address without scheme, host and query."""
        return urlsplit(self.url).path

    @property
    def path_and_query(self) -> str:
        """The address without scheme and host."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


class _LongText:
    """A field whose text is packed where it is long: a session keeps hundreds of pages, of which few are looked at."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, owner: type | None = None) -> str:
        if instance is None:
            return ""  # what the field holds where nothing is given
        kept: str | bytes = instance.__dict__[self._name]
        return kept if isinstance(kept, str) else zlib.decompress(kept).decode("utf-8", "surrogatepass")

    def __set__(self, instance: object, text: str) -> None:
        long = len(text) >= _LONG
        instance.__dict__[self._name] = zlib.compress(text.encode("utf-8", "surrogatepass")) if long else text


@dataclass(frozen=True)
class Exchange:
    """One attempt of one request, and what came of it. Every secret was masked before it was kept.

    Attributes:
        number: Counts from 1 within the session.
        started_at: When it was sent, by this machine's clock.
        request: What was sent.
        attempt: Which try of the same request this was, from 1.
        status: The HTTP status, or ``None`` where no answer came.
        response_headers: Names and values.
        response_body: The answer as JSON text, or an excerpt of what was no JSON.
        truncated: Whether more came than `response_body` holds.
        size: Bytes of the answer's body, unpacked.
        latency: Seconds from sending to the last byte, or to giving up.
        error: Why no usable answer came, in words, or an empty string.
    """

    number: int
    started_at: datetime
    request: Request
    attempt: int = 1
    status: int | None = None
    response_headers: Headers = ()
    response_body: _LongText = _LongText()
    truncated: bool = False
    size: int = 0
    latency: float = 0.0
    error: str = ""

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.method

    @property
    def url(self) -> str:
        """The request's address."""
        return self.request.url


class Recorder:
    """The latest exchanges of a session, bounded by count and by the text that they hold."""

    def __init__(
        self,
        limit: int = 1000,
        text_limit: int = 16 * 1024 * 1024,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """Make an empty recorder.

        Args:
            limit: The most exchanges to keep.
            text_limit: The most characters of bodies to keep; the oldest exchanges go first.
            on_exchange: Called with each exchange as it is recorded.
        """
        self.on_exchange = on_exchange
        self._limit = limit
        self._text_limit = text_limit
        self._text = 0
        self._count = 0
        self._kept: deque[tuple[Exchange, int]] = deque()  # each with its weight, which takes unpacking it to know

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        """The kept exchanges, the oldest first."""
        return iter([exchange for exchange, _ in self._kept])

    def next_number(self) -> int:
        """The number for the next exchange."""
        self._count += 1
        return self._count

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, and let the oldest go where there are too many."""
        _log(exchange)
        weight = _weight(exchange)
        self._kept.append((exchange, weight))
        self._text += weight
        while len(self._kept) > self._limit or (self._text > self._text_limit and len(self._kept) > 1):
            self._text -= self._kept.popleft()[1]
        if self.on_exchange is not None:
            self.on_exchange(exchange)

    def clear(self) -> None:
        """Forget every exchange. Numbers go on."""
        self._kept.clear()
        self._text = 0


def _log(exchange: Exchange) -> None:
    """One line in the log. It holds nothing that was not masked before."""
    logger.log(
        logging.WARNING if exchange.error else logging.INFO,
        "#%d %s %s %s %.0f ms%s%s",
        exchange.number,
        exchange.method,
        exchange.request.path_and_query,
        exchange.status or "no answer",
        exchange.latency * 1000,
        f", try {exchange.attempt}" if exchange.attempt > 1 else "",
        f": {exchange.error}" if exchange.error else "",
    )


def _weight(exchange: Exchange) -> int:
    return len(exchange.response_body) + len(exchange.request.body or "")


def json_text(value: Any, indent: int | None = None) -> str:
    """Write JSON in which every character can be seen: what cannot is written as its escape."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=indent)
    return re.sub(r"[^\x20-\x7e\n]", _escape_unseen, text)


def _escape_unseen(found: re.Match[str]) -> str:
    return found.group() if found.group().isprintable() else json.dumps(found.group())[1:-1]


LEFT_TO_CLIENTS = frozenset({"host", "user-agent", "accept-encoding", "connection", "content-length"})
"""Headers that whatever sends the request sets by itself."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def placeholder(request: Request, name: str, value: str) -> tuple[str, str] | None:
    """What stands for a header's secret where a request is written as code.

    Returns:
        What stands before the secret, such as ``Bearer``, and the environment variable's name; ``None`` for a header
        without a secret, or with one that has to be filled in by hand.
    """
    if name.lower() == "authorization" and _VARIABLE.fullmatch(request.key_variable):
        scheme, space, _ = value.partition(" ")
        return (f"{scheme} " if space and scheme.isalpha() else "", request.key_variable)
    return ("", "CONNECTION_TOKEN") if name.lower() == "connection-token" else None


def as_curl(request: Request | Exchange) -> str:
    """Write a request as a cURL command that can be pasted into a shell.

    The key and the connection's token are variables, such as ``$TERMINAL_API_KEY`` and ``$CONNECTION_TOKEN``; other
    secrets stay masked, so that such a command has to be completed by hand.
    """
    request = request.request if isinstance(request, Exchange) else request
    lines = [f"curl --globoff --request {shlex.quote(request.method)} {shlex.quote(sendable_url(request.url))}"]
    for name, value in request.headers:
        if name.lower() in LEFT_TO_CLIENTS:
            continue
        if (stands_for := placeholder(request, name, value)) is not None:
            before, variable = stands_for  # double quotes: the shell fills the variable in
            lines.append(f'--header "{name}: {before}${variable}"')
        else:
            lines.append(f"--header {shlex.quote(f'{name}: {value}')}")
    if request.body is not None:
        lines.append(f"--data-raw {shlex.quote(request.body)}")
    return " \\\n  ".join(lines)


def sendable_url(url: str) -> str:
    """An address without characters that cannot be seen, which no address has: they are written as its escapes."""
    return re.sub(r"[^\x21-\x7e]", _escape_in_url, url)


def _escape_in_url(found: re.Match[str]) -> str:
    character = found.group()
    return character if character.isprintable() and character != " " else quote(character, errors="replace")
