"""Issues: what keeps part of a connection's data from arriving, without failing its syncs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui_app.sandbox.clock import iso
from tui_app.sandbox.ids import Draw, ulid

# One page explains them all; the fragment names the code.
DOCUMENTATION = "https://docs.withterminal.com/guides/connection-health-monitoring"


@dataclass(frozen=True, slots=True)
class IssueKind:
    """A kind of issue: its code, who can end it, and the ways in which it is told."""

    code: str
    resolution: str
    messages: tuple[str, ...]


KINDS = {
    kind.code: kind
    for kind in (
        IssueKind(
            "permission_missing",
            "action_required",
            (
                "HOS logs were not read: the provider account may not view duty status logs",
                "Safety events were not read: the provider account lacks the safety administrator role",
            ),
        ),
        IssueKind(
            "oauth_scope_missing",
            "action_required",
            ("Drivers were not read: the authorization does not cover the scope for drivers",),
        ),
        IssueKind(
            "subscription_required",
            "action_required",
            ("Camera media was not read: the provider account has no video subscription",),
        ),
        IssueKind(
            "retention_window_exceeded",
            "known_limitation",
            ("Vehicle locations older than 90 days are no longer kept by the provider",),
        ),
        IssueKind(
            "provider_data_inaccessible",
            "investigation_required",
            ("Trips of one group were not read: the provider denies access to the group",),
        ),
        IssueKind(
            "unsupported_device_type",
            "terminal_managed",
            ("Two devices are of a type that is not known yet; their readings were left out",),
        ),
        IssueKind(
            "provider_provisioning_pending",
            "automatic_retry",
            ("The provider has not finished setting up access for this account",),
        ),
        IssueKind(
            "provider_feature_not_enabled",
            "action_required",
            ("Fault codes were not read: engine diagnostics are switched off in the provider account",),
        ),
        IssueKind(
            "missing_vehicle_identifier",
            "action_required",
            ("Four vehicles have neither a VIN nor a serial number and were left out",),
        ),
        IssueKind(
            "missing_vehicle_assignment",
            "known_limitation",
            ("Driving time of one driver could not be tied to a vehicle",),
        ),
        IssueKind(
            "provider_source_data_invalid",
            "terminal_managed",
            ("Some fuel readings from the provider lie outside what a tank can hold",),
        ),
        IssueKind(
            "managed_poll_failed",
            "automatic_retry",
            ("Live vehicle locations could not be polled: the provider timed out",),
        ),
        IssueKind(
            "data_delayed",
            "automatic_retry",
            ("The provider delivers vehicle locations with a delay of about six hours",),
        ),
        # One of the older codes: a client meets them on issues that were reported long ago.
        IssueKind(
            "missing_safety_configuration",
            "action_required",
            ("Speeding events are not recorded: no threshold is configured in the provider account",),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """All that will ever happen to one issue, except for the syncs that report it again.

    Attributes:
        id: `isu_` and a ULID of the time of the first report.
        code: A key of `KINDS`.
        message: What it says.
        first_ms: When it is first reported, since the epoch.
        resolved_ms: When it is over, since the epoch; None if it stays.
    """

    id: str
    code: str
    message: str
    first_ms: int
    resolved_ms: int | None = None

    def lasts_at(self, ms: int) -> bool:
        """Whether it has been reported and is not over at a time (since the epoch)."""
        return self.first_ms <= ms and (self.resolved_ms is None or ms < self.resolved_ms)

    def to_json(self, ongoing: bool, last_reported_ms: int, connection: str | dict[str, Any]) -> dict[str, Any]:
        """Return the issue as the API shows it.

        Args:
            ongoing: Whether it is not over.
            last_reported_ms: When a sync last ran into it, since the epoch.
            connection: The connection's id, or the whole connection.
        """
        return {
            "id": self.id,
            "status": "ongoing" if ongoing else "resolved",
            "connection": connection,
            "error": {"code": self.code, "message": self.message},
            "firstReportedAt": iso(self.first_ms),
            "lastReportedAt": iso(last_reported_ms),
            "resolutionType": KINDS[self.code].resolution,
            "documentationUrl": f"{DOCUMENTATION}#{self.code}",
        }


def plan_issue(draw: Draw, first_ms: int, *, code: str | None = None, resolved_ms: int | None = None) -> IssuePlan:
    """Settle an issue.

    Args:
        draw: Where chance comes from.
        first_ms: When it is first reported, since the epoch.
        code: Its code; any by default.
        resolved_ms: When it is over, since the epoch; never by default.
    """
    kind = KINDS[code] if code is not None else draw.pick(tuple(KINDS.values()))
    return IssuePlan(f"isu_{ulid(first_ms, draw)}", kind.code, draw.pick(kind.messages), first_ms, resolved_ms)
