"""A scripted server behind TLS, with certificates made for the test, by an authority that nobody else knows."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.servers import ScriptedServer


@dataclass(frozen=True)
class Papers:
    """Certificates in files.

    Attributes:
        authority: Who signs.
        bundle: The authority's certificate.
        certificate: A client's.
        key: Its private key.
        both: The client's certificate and key in one file.
    """

    authority: trustme.CA
    bundle: Path
    certificate: Path
    key: Path
    both: Path


def papers(folder: Path) -> Papers:
    """Make certificates."""
    authority = trustme.CA()
    client = authority.issue_cert("client@example.com")
    made = Papers(authority, *(folder / name for name in ("ca.pem", "client.pem", "client.key", "both.pem")))
    authority.cert_pem.write_to_path(made.bundle)
    client.cert_chain_pems[0].write_to_path(made.certificate)
    client.private_key_pem.write_to_path(made.key)
    client.private_key_and_cert_chain_pem.write_to_path(made.both)
    return made


def secured(server: ScriptedServer, made: Papers, *, asks: bool = False, oldest: bool = False) -> str:
    """Put a server, before it starts, behind TLS.

    Args:
        server: The server.
        made: Who signs its certificate.
        asks: Whether it asks for a client's certificate.
        oldest: Whether it speaks TLS 1.2, in which a client hears during the handshake that it is turned away.

    Returns:
        Its base URL.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.authority.issue_cert("localhost").configure_cert(context)
    if asks:
        made.authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if oldest:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    listening = server._server
    # The handshake is made by the thread that answers, not by the one that accepts: a client that stalls stalls itself.
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    listening.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    return f"https://localhost:{server.port}/tsp/v1"
