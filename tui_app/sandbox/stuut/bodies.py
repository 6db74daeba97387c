"""What clients may send in a body, checked strictly: no value is bent into another type. Unknown fields are ignored."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tui_app.sandbox.requests import Text

Name = Annotated[Text, Field(min_length=1)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class NewConnectionBody(_Body):
    """A connection to be made."""

    provider_name: Name
    name: Name
    api_url: Text | None = None
    is_on_premise: bool = False


class ConnectionEditBody(_Body):
    """What is to be changed about a connection; what is left out stays.

    A connection always has a provider and a name, so null is refused for these. Their defaults come from a factory,
    because one that could not be sent has no place in the description.
    """

    provider_name: Name = Field(default_factory=str)
    name: Name = Field(default_factory=str)
    company: Text | None = None
    environment: Text | None = None
