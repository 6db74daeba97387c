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

    The first two have no default that could be sent: a connection always has a provider and a name, so null is refused.
    """

    provider_name: Name = ""
    name: Name = ""
    company: Text | None = None
    environment: Text | None = None
