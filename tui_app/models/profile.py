"""A profile: one server that can be opened, and how."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Environment(StrEnum):
    """What kind of data a server holds, and so how careful to be."""

    SIMULATED = "simulated"
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Profile(BaseModel):
    """How to open one server.

    Attributes:
        name: What the person calls it.
        kind: Which API it speaks.
        base_url: Where it answers, without a final slash; ``None`` for the embedded server, which announces its own.
        environment: What the person declared it to be, where its address does not tell.
        key_env: The environment variable that holds the key; ``None``: the key is asked for and kept in memory.
        read_only: Whether changes are locked although it is not production. Production always is.
        budget: The most requests per second to send.
        built_in: Whether it exists from the start rather than in the person's file.
    """

    # A person may have put a key where none belongs, and an error may end in a log: no input in it.
    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    kind: str = Field(min_length=1)
    base_url: str | None = None
    environment: Literal["simulated", "sandbox", "production"] | None = None
    key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    read_only: bool | None = None
    budget: float = Field(default=20.0, gt=0, le=400)
    built_in: bool = Field(default=False, exclude=True)

    def locked(self, environment: Environment) -> bool:
        """Whether changes are refused unless unlocked one by one, given what the server is."""
        return environment is Environment.PRODUCTION or bool(self.read_only)

    @property
    def embedded(self) -> bool:
        """Whether it is the simulated server that comes with Syncscope."""
        return self.base_url is None

    @field_validator("base_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.isprintable() or " " in url:  # urlsplit would pass over line ends in silence
            raise ValueError("the base URL must not hold spaces, line ends or control characters")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the base URL must start with http:// or https:// and name a host")
        if not _has_usable_port(parts):
            raise ValueError("the port of the base URL must be a number from 1 to 65535")
        if parts.username or parts.password:
            raise ValueError("the base URL must not hold a user name or a password")
        if parts.query or parts.fragment:
            raise ValueError("the base URL must not hold a query or a fragment")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError(
                "a server that is not on this machine must be reached by https://: the key would travel in clear"
            )
        return url.rstrip("/")


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
