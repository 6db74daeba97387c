"""Requests as Python, to be pasted into a file and run as it is."""

from __future__ import annotations

from tui_app.api.exchanges import LEFT_TO_CLIENTS, Exchange, Request, placeholder, sendable_url

_BEGINNING = """\
import json
import os

import httpx

response = httpx.request("""
_END = """\
    timeout=30,
)
response.raise_for_status()
print(json.dumps(response.json(), indent=2))
"""


def as_python(request: Request | Exchange) -> str:
    """Write a request as Python that needs nothing but httpx, and prints the answer.

    The key and the connection's token come from the environment, such as ``TERMINAL_API_KEY`` and ``CONNECTION_TOKEN``;
    other secrets stay masked, so that such code has to be completed by hand.
    """
    request = request.request if isinstance(request, Exchange) else request
    lines = [_BEGINNING, f"    {literal(request.method)},", f"    {literal(sendable_url(request.url))},"]
    headers = [
        f"        {literal(name)}: {_value(request, name, value)},"
        for name, value in request.headers
        if name.lower() not in LEFT_TO_CLIENTS
    ]
    if headers:
        lines += ["    headers={", *headers, "    },"]
    if request.body is not None:
        lines.append(f"    content={literal(request.body)}.encode(),")
    return "\n".join([*lines, _END])


def _value(request: Request, name: str, value: str) -> str:
    stands_for = placeholder(request, name, value)
    if stands_for is None:
        return literal(value)
    before, variable = stands_for
    from_environment = f"os.environ[{literal(variable)}]"
    return f"{literal(before)} + {from_environment}" if before else from_environment


def literal(text: str) -> str:
    """A text as Python writes it, in double quotes; what cannot be seen is written as its escape."""
    written = repr(text)
    if written.startswith('"'):
        return written
    inner = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'
