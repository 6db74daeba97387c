"""A profile: one server that can be opened, and how."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from pathlib import PurePath
from typing import Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from tui_app.models.budget import BUDGET

KEY_SOURCES = ("key_env", "key_command", "key_file", "key_keyring")
"""Where a profile's key may come from. A profile names one of them, or none: then the key is asked for."""


class Environment(StrEnum):
    """What kind of data a server holds, and so how careful to be."""

    SIMULATED = "simulated"
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Timeouts(BaseModel):
    """How long to wait for a server. What is not said is as by default.

    Attributes:
        connect: Seconds for a connection to come about.
        read: Seconds for the next part of an answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    connect: float | None = Field(default=None, gt=0, le=600)
    read: float | None = Field(default=None, gt=0, le=3600)


class Profile(BaseModel):
    """How to open one server.

    Attributes:
        name: What the person calls it.
        kind: Which API it speaks.
        base_url: Where it answers, without a final slash; ``None`` for the embedded server, which announces its own.
        environment: What the person declared it to be, where its address does not tell.
        key_env: The environment variable that holds the key.
        key_command: The program that prints the key, and its arguments; no shell reads them.
        key_file: The file that holds the key and nothing else; only its owner may read it.
        key_keyring: Whether the system's keyring holds the key. Where none of the four is said, the key is asked for
            and kept in memory.
        read_only: Whether changes are locked although it is not production. Production always is.
        budget: The most requests per second to send.
        proxy: The proxy to go through; ``None``: the one that the environment names, if it does.
        ca_bundle: The certificates to trust, in place of the usual ones.
        client_cert: The certificate to show to the server; its private key may stand in the same file.
        client_key: The private key of `client_cert`, where it is a file of its own.
        timeout: How long to wait, where that is not as by default.
        built_in: Whether it exists from the start rather than in the person's file.
    """

    # A person may have put a key where none belongs, and an error may end in a log: no input in it.
    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    kind: str = Field(min_length=1)
    base_url: str | None = None
    environment: Literal["simulated", "sandbox", "production"] | None = None
    key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    key_command: tuple[str, ...] | None = Field(default=None, min_length=1)
    key_file: str | None = None
    key_keyring: bool | None = None
    read_only: bool | None = None
    budget: float = Field(default=BUDGET, gt=0, le=400)
    proxy: str | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    timeout: Timeouts | None = None
    built_in: bool = Field(default=False, exclude=True)

    def locked(self, environment: Environment) -> bool:
        """Whether changes are refused unless unlocked one by one, given what the server is."""
        return environment is Environment.PRODUCTION or bool(self.read_only)

    @property
    def embedded(self) -> bool:
        """Whether it is the simulated server that comes with Syncscope."""
        return self.base_url is None

    @property
    def key_source(self) -> str | None:
        """Which of `KEY_SOURCES` it names; ``None`` where the key is asked for."""
        return next((source for source in KEY_SOURCES if getattr(self, source)), None)

    @property
    def key_words(self) -> str:
        """Where its key comes from, in few words."""
        if self.embedded:
            return "its own"
        if self.key_keyring:
            return "the keyring"
        if self.key_command:
            return f"printed by {self.key_command[0]}"
        return self.key_file or (f"${self.key_env}" if self.key_env else "asked for")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        named = [source for source in KEY_SOURCES if getattr(self, source)]
        if len(named) > 1:
            raise ValueError(f"the key can come from one place only, not from {' and '.join(named)}")
        if self.client_key and not self.client_cert:
            raise ValueError("client_key is the private key of a certificate: name that, too, as client_cert")
        return self

    @field_validator("key_command")
    @classmethod
    def _command(cls, command: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if command is not None and (not command[0].strip() or any("\0" in part for part in command)):
            raise ValueError("key_command must begin with the name of a program")
        return command

    @field_validator("key_file", "ca_bundle", "client_cert", "client_key")
    @classmethod
    def _path(cls, path: str | None, info: ValidationInfo) -> str | None:
        if path is not None and not (path.isprintable() and (path.startswith("~") or PurePath(path).is_absolute())):
            raise ValueError(f"{info.field_name} must be the whole path of a file, from its root or from ~")
        return path

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.isprintable() or " " in url:
            raise ValueError("the proxy must not hold spaces, line ends or control characters")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _has_usable_port(parts):
            raise ValueError("the proxy must be http:// or https://, a host and its port")
        if parts.username or parts.password:
            raise ValueError(
                "the proxy must not hold a user name or a password: a file is no place for them; "
                "set HTTPS_PROXY instead, and leave proxy out"
            )
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("the proxy must be http:// or https://, a host and its port, and nothing after those")
        return url.rstrip("/")

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
