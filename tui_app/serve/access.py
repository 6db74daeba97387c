"""Who may speak to the server: the one browser that used a link, on pages that this server gave it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hmac import compare_digest
from urllib.parse import urlsplit

from tui_app.models.profile import is_loopback

LOOPBACK = "127.0.0.1"
"""The one address that is listened on."""


def stays_private(address: str) -> bool:
    """Whether nobody between a browser and an address reads the link and the cookie: by https, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


class Access:
    """Links that work once, what a browser gets for one, and which hosts and origins are ours.

    A page of another origin can make a browser send requests here, and a name that it owns can be made to lead here:
    `Origin` and `Host` tell. Another program on this machine can send what it likes: the cookie tells.

    Args:
        port: Where it listens, on loopback.
        behind: The address at which a proxy shows it, where one does; no other than ours is known otherwise.

    Attributes:
        address: Where a person finds it.
        cookie_name: What the cookie is called; browsers keep the cookies of all ports together.
        secure: Whether the cookie may travel by https only.

    Raises:
        ValueError: The proxy's address is neither by https nor on this machine.
    """

    def __init__(self, port: int, behind: str = "") -> None:
        if behind and not stays_private(behind):
            raise ValueError("a proxy on another machine has to be reached by https")
        names = [LOOPBACK, "localhost"]
        own = [name if port == 80 else f"{name}:{port}" for name in names]  # browsers leave the usual port out
        self.address = behind or f"http://{own[0]}/"
        self.cookie_name = f"syncscope-{port}"
        self._origins = {host: {f"http://{host}"} for host in own}
        parts = urlsplit(behind)
        self.secure = parts.scheme == "https"
        if behind:
            origin = f"{parts.scheme}://{parts.netloc}".lower()
            for host in (*own, parts.netloc.lower()):  # a proxy may pass its own host on, or say ours
                self._origins.setdefault(host, set()).add(origin)
        self._token = ""
        self.cookie = secrets.token_urlsafe(32)

    def new_link(self) -> str:
        """An address that lets one browser in, once. One that nobody used is worth nothing any more."""
        self._token = secrets.token_urlsafe(32)
        return f"{self.address}?token={self._token}"

    def use(self, token: str) -> bool:
        """Whether a link's token lets in; it never does again."""
        if not self._token or not _same(self._token, token):
            return False
        self._token = ""
        return True

    def knows(self, cookie: str | None) -> bool:
        """Whether a browser's cookie is what a link was exchanged for."""
        return cookie is not None and _same(self.cookie, cookie)

    def is_ours(self, hosts: Sequence[str], origins: Sequence[str], *, strictly: bool = False) -> bool:
        """Whether a request was meant for us, and comes from one of our pages or from no page.

        Args:
            hosts: Its `Host` headers.
            origins: Its `Origin` headers.
            strictly: Whether one that names no origin is refused, too: a browser always names it for a websocket.
        """
        if len(hosts) != 1 or len(origins) > 1:
            return False
        known = self._origins.get(hosts[0].lower())
        if known is None:
            return False
        return origins[0].lower() in known if origins else not strictly


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode("utf-8", "surrogateescape"))
