"""A provider: a telematics system whose fleets can be connected."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tui_app.models.remote import Remote


class Provider(Remote):
    """One provider from the server's own list.

    Attributes:
        code: What requests name it by.
        name: What people call it.
        status: The server's word: ``live``, ``beta``, ``sandbox``, ``deprecated``, or a new one.
        base_code: The provider that this one is a variant of, where the server says.
        supported_models: For each data model, what can be read, verbatim.
    """

    code: str = Field(min_length=1)
    name: str
    status: str = ""
    base_code: str | None = None
    supported_models: dict[str, Any] = {}

    def support(self) -> dict[str, str]:
        """Model name to the server's word on reading it, e.g. ``{"Vehicle": "supported"}``."""
        words: dict[str, str] = {}
        for model, facts in self.supported_models.items():
            operations = facts.get("supportedOperations") if isinstance(facts, dict) else None
            word = operations.get("read") if isinstance(operations, dict) else None
            words[model] = str(word) if word is not None else ""
        return words
