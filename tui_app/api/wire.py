"""What passes over the wire: requests with the secrets they carry, answers with their bytes bounded.

None of these classes shows its content in a `repr`: tracebacks may print every variable.
"""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr
from pydantic_core import from_json

from tui_app import __version__
from tui_app.api.errors import excerpt
from tui_app.api.exchanges import BODY_LIMIT, Redactor, Request, json_text
from tui_app.api.failures import TooLargeError
from tui_app.models.known_secrets import KNOWN
from tui_app.models.secrets import is_secret_name

_SURROGATES = re.compile("[\ud800-\udfff]")
_TEXT = 100_000  # bytes looked at of a body that is no JSON


class Body:
    """A request's JSON, and which texts in it are secret."""

    __slots__ = ("content", "secrets", "value")

    def __init__(self, value: Any, secrets: tuple[str, ...] = ()) -> None:
        """Write the JSON.

        Args:
            value: Plain JSON values.
            secrets: Texts to mask wherever the server repeats them.
        """
        self.value = value
        self.content = json_module.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        self.secrets = secrets

    def __repr__(self) -> str:
        return f"Body({len(self.content)} bytes)"


class Answer:
    """A 2xx answer.

    Attributes:
        status: Its HTTP status.
        json: Its JSON, or ``None`` for an empty body. It may hold tokens.
        latency: Seconds from sending to its last byte.
        redactor: Knows the secrets of the request that it answers.
        headers: Looked up without regard to case. They may hold secrets.
        content: Its body, byte for byte, where that was asked for; else empty.
        to_write: Whether the request would have changed something.
    """

    __slots__ = ("content", "headers", "json", "latency", "redactor", "status", "to_write")

    def __init__(
        self,
        status: int,
        json: Any,
        latency: float,
        redactor: Redactor,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        to_write: bool = False,
    ) -> None:
        self.status = status
        self.json = json
        self.latency = latency
        self.redactor = redactor
        self.to_write = to_write
        self.headers = headers or {}
        self.content = content

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    def excerpt(self) -> str:
        """Quote the beginning of the JSON, secrets masked, on one line."""
        beginning, _ = self.redactor.json(self.json, limit=400)
        return excerpt(json_text(beginning), self.redactor.text)


class Call:
    """One request, ready to be sent any number of times.

    Attributes:
        action: What a person does by it, as the gate calls it; empty where it changes nothing.
    """

    __slots__ = ("action", "body", "method", "params", "path", "quoted", "raw", "redactor", "token")

    def __init__(
        self,
        method: str,
        path: str,
        *,
        key: SecretStr | None,
        token: SecretStr | None = None,
        params: dict[str, str] | None = None,
        body: Body | None = None,
        raw: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.params = params or {}
        self.token = token
        self.body = body
        self.raw = raw
        self.action = ""
        carried = [secret.get_secret_value() for secret in (key, token) if secret is not None]
        self.quoted = Redactor(carried)
        self.redactor = Redactor([*carried, *(body.secrets if body else ())])
        KNOWN.add(self.redactor, Redactor.known)

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"

    @property
    def writing(self) -> bool:
        """Whether it would change something."""
        return self.method != "GET"


class Received:
    """An answer with its body read and unpacked.

    Attributes:
        status: Its HTTP status.
        headers: Looked up without regard to case.
        size: Bytes of its body.
        json: Its body where that was JSON, else ``None``.
        is_json: Whether the body was JSON, or empty.
        text: The beginning of the body as text where it was no JSON, else an empty string.
        content: The body, byte for byte.
    """

    __slots__ = ("content", "headers", "is_json", "json", "size", "status", "text")

    def __init__(self, status: int, headers: httpx.Headers, content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.size = len(content)
        self.content = content
        self.json: Any = None
        self.text = ""
        try:
            self.json = _parsed(content) if content.strip() else None
            self.is_json = True
        except (ValueError, RecursionError):
            self.is_json = False
            self.text = content[:_TEXT].decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"Received({self.status}, {self.size} bytes)"


def headers_of(key: SecretStr | None, call: Call) -> dict[str, str]:
    """The headers of a request, secrets in clear: for sending, and for a redactor."""
    headers = {"Accept": "*/*" if call.raw else "application/json", "User-Agent": f"syncscope/{__version__}"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key.get_secret_value()}"
    if call.token is not None:
        headers["Connection-Token"] = call.token.get_secret_value()
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    return headers


def prepared(client: httpx.AsyncClient, base_url: str, key: SecretStr | None, call: Call) -> httpx.Request:
    """Make the request that is sent."""
    return client.build_request(
        call.method,
        base_url + call.path,
        params=call.params or None,
        headers=headers_of(key, call),
        content=call.body.content if call.body else None,
    )


async def received_from(response: httpx.Response, largest: int) -> Received:
    """Read an answer to its end, or until there is too much of it.

    Raises:
        TooLargeError: The unpacked body exceeds `largest` bytes; a packed one is not unpacked further.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > largest:
            raise TooLargeError
        parts.append(part)
    return Received(response.status_code, response.headers, b"".join(parts))


def shown(base_url: str, key: SecretStr | None, call: Call, key_variable: str) -> Request:
    """A request as it may be shown: secrets masked."""
    url = httpx.URL(base_url + call.path, params=call.params) if call.params else base_url + call.path
    body = None if call.body is None else json_text(call.redactor.json(call.body.value)[0])
    headers = call.redactor.headers(headers_of(key, call).items())
    return Request(call.method, call.redactor.url(str(url)), headers, body, key_variable)


def shown_answer(redactor: Redactor, received: Received) -> tuple[str, bool]:
    """An answer's body as it may be shown, and whether there was more of it."""
    if received.is_json:
        if received.size == 0:
            return "", False
        value, cut = redactor.json(received.json)
        return json_text(value), cut
    # Masked before it is cut, so that no secret is cut in half and missed.
    text = redactor.text(received.text)
    return text[:BODY_LIMIT], len(text) > BODY_LIMIT or received.size > _TEXT


def unquoted(call: Call, received: Received) -> Any:
    """An answer's JSON, and where it repeats the key or the token that it was sent, without those.

    Only what stands under a secret's own name, such as a connection's token, is left as it is.
    """
    if not any(form.encode() in received.content for form in call.quoted.known()):
        return received.json
    return _without(call.quoted, received.json, "")


def _without(redactor: Redactor, value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {redactor.literals(str(key)): _without(redactor, inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(redactor, inner, name) for inner in value]
    return redactor.literals(value) if isinstance(value, str) and not is_secret_name(name) else value


def _parsed(content: bytes) -> Any:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return from_json(content)
    except ValueError as error:
        if "surrogate" not in str(error) and "hex escape" not in str(error):
            raise
        # Half of a surrogate pair is no reason to lose a whole page: the standard library reads it. It is replaced,
        # because no file and no terminal takes it, and parsed once more, which also bounds the nesting.
        text = json_module.dumps(json_module.loads(content.decode()), ensure_ascii=False)
        return from_json(_SURROGATES.sub("\ufffd", text))
