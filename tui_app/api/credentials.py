"""Which credentials each provider needs, from a table of facts that comes with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of a provider's credentials.

    Attributes:
        name: As it is sent.
        label: What a person reads beside it.
        required: Whether it must be given.
        secret: Whether it is hidden while typed.
        placeholder: What an empty field shows.
        number: Whether it is sent as a number.
    """

    name: str
    label: str
    required: bool = True
    secret: bool = False
    placeholder: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class CredentialForm:
    """One way to give credentials; some providers have several.

    Attributes:
        label: What this way is called.
        fields: In the order in which they are asked for.
    """

    label: str
    fields: tuple[CredentialField, ...]


def fields_for(provider_code: str) -> tuple[CredentialForm, ...] | None:
    """The ways to give a provider's credentials.

    Returns:
        One form or several alternatives, or ``None`` for a provider that the table does not know: then its fields are
        given freely, by name and value.
    """
    table = _table()
    shape = table["providers"].get(provider_code)
    return None if shape is None else tuple(_form(form, table["fields"]) for form in table["shapes"][shape])


def known_providers() -> tuple[str, ...]:
    """The codes of every provider in the table, in alphabetical order."""
    return tuple(_table()["providers"])


def wire_value(provider_code: str, name: str, value: str) -> str | int | float:
    """A credential as it is sent: as text, or as a number where the provider's field is one.

    Text that is no number is sent as it is: the server then says what is wrong with it.
    """
    forms = fields_for(provider_code) or ()
    if not any(field.name == name and field.number for form in forms for field in form.fields):
        return value
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else value


@cache
def _table() -> dict[str, Any]:
    table = json.loads(files("tui_app.api").joinpath("credentials.json").read_text(encoding="utf-8"))
    assert isinstance(table, dict)
    return table


def _form(form: dict[str, Any], fields: dict[str, dict[str, Any]]) -> CredentialForm:
    return CredentialForm(label=form["label"], fields=tuple(_field(key, fields) for key in form["fields"]))


def _field(key: str, fields: dict[str, dict[str, Any]]) -> CredentialField:
    """A key is ``name`` or ``name=Label``, and ends in ``?`` where the field may be left out."""
    named = key.removesuffix("?")
    name, _, label = named.partition("=")
    facts = fields[name]
    return CredentialField(
        name=name,
        label=label or facts["label"],
        required=not key.endswith("?"),
        secret=facts.get("secret", False),
        placeholder="optional" if key.endswith("?") else facts.get("placeholder", ""),
        number=facts.get("number", False),
    )
