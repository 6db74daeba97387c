"""How connections fare, in the words of the API, and what that does to their jobs.

The documentation shows one `status_code`, `healthy`. The others are this server's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.sandbox.clock import iso

Health = Mapping[str, Any]


def _health(status_code: str, message: str, resolution: str | None, *, authentication: bool = False) -> Health:
    return {
        "authentication_required": authentication,
        "message": message,
        "healthy": status_code == "healthy",
        "status_code": status_code,
        "suggested_resolution": resolution,
    }


HEALTHY = _health("healthy", "The connection is healthy", None)
AUTHENTICATION_ERROR = _health(
    "authentication_error",
    "The accounting system turned down the stored credentials",
    "Sign in to the accounting system again with a user that may read receivables",
    authentication=True,
)
AUTHENTICATION_PENDING = _health(
    "authentication_pending",
    "Nobody has signed in to the accounting system yet",
    "Sign in to the accounting system to finish the connection",
    authentication=True,
)
PROVIDER_UNAVAILABLE = _health(
    "provider_unavailable",
    "The accounting system does not answer",
    "Check that the accounting system is up and reachable; syncs go on by themselves once it is",
)
RATE_LIMITED = _health(
    "rate_limited",
    "The accounting system answers fewer requests than are needed",
    "Raise the API allowance in the accounting system, or wait until other integrations have finished",
)

CREDENTIALS = "Authentication failed: the accounting system turned down the stored credentials (401)"
UNREACHABLE = "The accounting system could not be reached: the connection timed out after 30 s"
TOO_MANY = "The accounting system's rate limit was exceeded (429)"
PASSING = (
    "The accounting system answered with status 503",
    "The accounting system closed the connection while a page was being read",
    "A record of the page could not be read: its currency is missing",
    "The search in the accounting system timed out after 60 s",
)


def noted(health: Health, ms: int) -> dict[str, Any]:
    """Return a state with the time at which it was noticed (since the epoch)."""
    return {**health, "timestamp": iso(ms)}


def enforced(health: Health) -> tuple[str, str] | None:
    """Return the outcome and the error that a state forces on every job, or None where it forces none."""
    if health.get("authentication_required") is True:
        return "rejected", CREDENTIALS
    return None


def expected(health: Health) -> tuple[str, str] | None:
    """Return the outcome and the error that a state leads to unless another one was settled, or None."""
    if health.get("status_code") == "provider_unavailable":
        return "unreachable", UNREACHABLE
    if health.get("status_code") == "rate_limited":
        return "retry", TOO_MANY
    return None
