"""How a profile's server is reached: by which proxy, trusting which certificates, showing which, and how patiently."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from pathlib import Path

from tui_app.api.errors import ApiError
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.profile import Profile


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and for how much. Times in seconds.

    Attributes:
        connect: For a connection to come about.
        read: For the next part of an answer.
        total: For a whole exchange, however steadily it drips.
        patience: The longest wait that a server may ask for before a read gives up instead.
        largest: Bytes of an answer's unpacked body.
        attempts: Tries of a read, the first one included.
    """

    connect: float = 5.0
    read: float = 20.0
    total: float = 120.0
    patience: float = 60.0
    largest: int = 64 * 2**20
    attempts: int = 4


@dataclass(frozen=True, slots=True)
class Network:
    """The way to one server. What is not said is as the environment says: HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE.

    Attributes:
        proxy: The proxy to go through, whatever the environment says.
        ca_bundle: The certificates to trust, in place of the usual ones.
        client_cert: The certificate to show.
        client_key: Its private key, where that is a file of its own.
    """

    proxy: str | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    client_key: str | None = None

    def trust(self) -> ssl.SSLContext:
        """Read the certificates.

        Raises:
            ApiError: One cannot be read. Nothing was sent.
        """
        import httpx  # here, because everything that opens a profile imports this module

        context = httpx.create_ssl_context() if self.ca_bundle is None else _trusting(self.ca_bundle)
        if self.client_cert is not None:
            _show(context, self.client_cert, self.client_key)
        return context

    def check(self) -> None:
        """Read the certificates that are named here, if any.

        Raises:
            ApiError: One cannot be read.
        """
        if self.ca_bundle is not None or self.client_cert is not None:
            self.trust()


def network_of(profile: Profile) -> Network:
    """The way that a profile names."""
    return Network(profile.proxy, profile.ca_bundle, profile.client_cert, profile.client_key)


def limits_of(profile: Profile) -> Limits:
    """How long a profile waits."""
    limits, said = Limits(), profile.timeout
    if said is None:
        return limits
    read = said.read or limits.read
    # Who waits longer for each part of an answer means to wait for the whole of it, too.
    return replace(limits, connect=said.connect or limits.connect, read=read, total=max(limits.total, read * 2))


class _LockedKeyError(Exception):
    """A private key is encrypted."""


def _trusting(bundle: str) -> ssl.SSLContext:
    path = _file(bundle, "ca_bundle")
    try:
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise _unusable("ca_bundle", f"{bundle} holds no certificates.", "It must be a PEM file.") from None
    except OSError as error:
        raise _unusable("ca_bundle", f"{bundle} cannot be read: {error.strerror or error}.") from None


def _show(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    paths = (_file(certificate, "client_cert"), _file(key, "client_key") if key else None)

    def locked() -> str:
        raise _LockedKeyError  # OpenSSL would otherwise ask for the password on the terminal

    try:
        context.load_cert_chain(*paths, password=locked)
    except _LockedKeyError:
        raise _unusable(
            "client_key" if key else "client_cert",
            f"The private key in {key or certificate} is encrypted, and nothing here can decrypt it.",
            "Name a copy without a password that only you can read (chmod 600).",
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            words = f"The private key in {key or certificate} is not the one of {certificate}."
        else:
            words = f"{certificate} holds no certificate{'' if key else ' with its private key'}" + (
                f", or {key} no private key." if key else "."
            )
        raise _unusable("client_cert", words, "They must be PEM files.") from None
    except OSError as error:
        raise _unusable("client_cert", f"It cannot be read: {error.strerror or error}.") from None


def _file(path: str, setting: str) -> Path:
    """Where a file is, which can be opened: OpenSSL names neither the file nor the reason."""
    try:
        found = Path(path).expanduser()
        with found.open("rb"):
            return found
    except OSError as error:
        raise _unusable(setting, f"{path} cannot be read: {error.strerror or error}.") from None
    except RuntimeError:  # a home that nobody has
        raise _unusable(setting, f"Whose home {path} means is not known.") from None


def _unusable(setting: str, words: str, advice: str = "") -> ApiError:
    return ApiError(
        Problem(
            kind=ProblemKind.REFUSED,
            title=f"Nothing was sent: the profile's {setting} cannot be used",
            meaning=words,
            next_step=f"{advice} Correct {setting} in the profile.".strip(),
        )
    )
