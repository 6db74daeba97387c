"""Which environment a server is: by its host, by its key, by what its profile declares; in doubt, production."""

from __future__ import annotations

from urllib.parse import urlsplit

from tui_app.models.profile import Environment, is_loopback

# The second is nowhere documented for the integrations API, only seen in its vendor's other pages: locked, if it is it.
PRODUCTION_HOSTS = frozenset({"api.withterminal.com", "api.stuut.ai"})
SANDBOX_HOSTS = frozenset({"api.sandbox.withterminal.com"})


def key_environment(key: str) -> Environment | None:
    """What a key's prefix says it is for; ``None`` where it says nothing."""
    if key.startswith(("sk_prod_", "pk_prod_")):
        return Environment.PRODUCTION
    if key.startswith(("sk_sandbox_", "pk_sandbox_")):
        return Environment.SANDBOX
    return None


def environment_of(base_url: str | None, declared: str | None = None, key: str | None = None) -> Environment:
    """Decide what a server is. In doubt it is production, which is locked.

    Args:
        base_url: Where it answers; ``None`` for the embedded server.
        declared: What its profile declares.
        key: The key that would be used, where it is known.
    """
    host = (urlsplit(base_url).hostname or "").lower().rstrip(".") if base_url else "127.0.0.1"
    if host in PRODUCTION_HOSTS or (key and key_environment(key) is Environment.PRODUCTION):
        return Environment.PRODUCTION
    if host in SANDBOX_HOSTS:
        return Environment.SANDBOX
    if declared:  # on loopback too: a tunnel to production ends there
        return Environment(declared)
    return Environment.SIMULATED if is_loopback(host) else Environment.PRODUCTION


def key_contradiction(base_url: str | None, declared: str | None, key: str) -> str | None:
    """Say why a key does not belong to a server, or ``None`` where nothing contradicts.

    The embedded server gives out sandbox keys, so those fit a simulated server too. An undeclared host names no
    environment: nothing contradicts it, and it is treated as production.
    """
    said = key_environment(key)
    if said is None:
        return None
    host = (urlsplit(base_url).hostname or "").lower().rstrip(".") if base_url else "127.0.0.1"
    known = host in PRODUCTION_HOSTS or host in SANDBOX_HOSTS or is_loopback(host)
    if not known and declared is None:
        return None
    server = environment_of(base_url, declared)
    if said is server or (said is Environment.SANDBOX and server is Environment.SIMULATED):
        return None
    return f"the key is a {said.value} key, the server is {server.value}"
