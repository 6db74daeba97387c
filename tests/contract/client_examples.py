"""The answers that Terminal's published pages and description show as examples.

Those of the pages are written down here as facts of the API. Those of the description are put together from its
schemas, where it is beside the repository.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared"
DESCRIPTION = SHARED / "spec" / "terminal.openapi.json"
PAGES = SHARED / "seeds"


def description() -> dict[str, Any]:
    """The published OpenAPI description."""
    loaded = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def page_examples(number: int) -> list[Any]:
    """Every JSON object that a published page shows, by the page's number."""
    (page,) = PAGES.glob(f"{number:03d}_*.txt")
    text, found, position = page.read_text(encoding="utf-8"), [], 0
    decoder = json.JSONDecoder()
    while (position := text.find("\n{\n", position)) != -1:
        try:
            value, position = decoder.raw_decode(text, position + 1)
            found.append(value)
        except ValueError:
            position += 1
    return found


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed."""
    while "$ref" in schema:
        target: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def example_of(schema: dict[str, Any], whole: dict[str, Any], *, alternative: int = 0) -> Any:
    """An answer put together from a schema: its examples where it has them, else the plainest value of its type."""
    schema = resolved(schema, whole)
    if "properties" not in schema and "example" in schema:
        return schema["example"]
    for combined in ("oneOf", "anyOf"):
        if combined in schema:
            options = schema[combined]
            return example_of(options[min(alternative, len(options) - 1)], whole, alternative=alternative)
    if "allOf" in schema:
        return {
            name: value
            for part in schema["allOf"]
            for name, value in example_of(part, whole, alternative=alternative).items()
        }
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {
            name: example_of(inner, whole, alternative=alternative)
            for name, inner in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [example_of(schema.get("items", {}), whole, alternative=alternative)]
    plain = {"string": "text", "number": 1.5, "integer": 1, "boolean": True}
    return "2021-01-06T03:24:53.000Z" if schema.get("format") == "date-time" else plain.get(str(kind))


def success_schema(method: str, path: str, whole: dict[str, Any]) -> dict[str, Any]:
    """The schema of an operation's first 2xx answer."""
    responses = whole["paths"][path][method]["responses"]
    status = next(code for code in responses if code.startswith("2"))
    answer = resolved(responses[status], whole)
    schema = answer["content"]["application/json"]["schema"]
    assert isinstance(schema, dict)
    return schema
