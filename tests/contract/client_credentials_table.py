"""Makes the table of credential fields from the published OpenAPI description.

Run as ``python -m tests.contract.client_credentials_table DESCRIPTION > tui_app/api/credentials.json``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

DESCRIPTION = Path(__file__).parents[3] / "shared" / "spec" / "terminal.openapi.json"

_SECRET = re.compile(r"password|secret|apikey|token|code", re.I)


def credentials_table(description: dict[str, Any]) -> dict[str, Any]:
    """The facts of every provider's credentials.

    Providers share a few shapes: each shape is a list of alternative forms, each form a list of field keys
    (``name``, ``name=Label`` where the label differs from the field's usual one, a final ``?`` where optional).
    """
    usual: dict[str, dict[str, Any]] = {}
    shapes: dict[str, list[dict[str, Any]]] = {}
    providers: dict[str, str] = {}
    for entry in description["components"]["schemas"]["ProviderCredentials"]["oneOf"]:
        schema = entry["properties"]["credentials"]
        forms = [_form(form, usual) for form in schema.get("oneOf", [schema])]
        shape = "|".join("+".join(form["fields"]) for form in forms)
        shapes[shape] = forms
        for code in entry["properties"]["provider"]["enum"]:
            providers[code] = shape
    return {
        "fields": dict(sorted(usual.items())),
        "shapes": dict(sorted(shapes.items())),
        "providers": dict(sorted(providers.items())),
    }


def table_text(table: dict[str, Any]) -> str:
    """The table as it is committed: one entry per line, so that a change shows as what it is."""
    parts = []
    for name, entries in table.items():
        lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
        parts.append(f"  {json.dumps(name)}: {{\n{lines}\n  }}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _form(schema: dict[str, Any], usual: dict[str, dict[str, Any]]) -> dict[str, Any]:
    required = schema.get("required", [])
    properties: dict[str, Any] = schema["properties"]
    # What must be given is asked for first, in the order in which the description requires it.
    names = sorted(properties, key=lambda name: required.index(name) if name in required else len(required))
    keys = []
    for name in names:
        facts = properties[name]
        label = facts.get("description") or facts.get("title") or _words(name)
        known = usual.setdefault(name, _facts(name, label, facts))
        key = name if known["label"] == label else f"{name}={label}"
        keys.append(key if name in required else f"{key}?")
    return {"label": _label(schema, keys, properties), "fields": keys}


def _facts(name: str, label: str, facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"label": label}
    if _SECRET.search(name) or facts.get("format") == "password":
        found["secret"] = True
    if facts["type"] in ("number", "integer"):
        found["number"] = True
    if facts.get("format") == "uri":
        found["placeholder"] = "https://"
    return found


def _label(schema: dict[str, Any], keys: list[str], properties: dict[str, Any]) -> str:
    title = schema.get("title") or schema.get("description")
    if title:
        words = _words(re.sub(r"^Isaac|Credentials$", "", title))
        return words if " " in words else f"{words} form"
    if len(properties) == 1:
        (facts,) = properties.values()
        return str(facts.get("description") or _words(keys[0]))
    return "Credentials"


def _words(name: str) -> str:
    """``companyId`` becomes ``Company ID``."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join("ID" if word.lower() == "id" else word[:1].upper() + word[1:] for word in spaced.split())


def main() -> None:
    """Print the table."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else DESCRIPTION
    sys.stdout.write(table_text(credentials_table(json.loads(source.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    main()
