"""What each issue code means in plain words, who has to act, and what they do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_app.models.actor import Actor

if TYPE_CHECKING:
    from tui_app.models.issue import Issue


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for.

    Attributes:
        words: What does not come, and why, in a sentence.
        actor: Who has to act, as far as the code alone tells.
        next_step: What they do, in a sentence.
    """

    words: str
    actor: Actor
    next_step: str


_LACKING = "Ask the fleet to give the account this right at the provider; the next sync then brings the data in."
_SIGN_IN = "Send the fleet its link URL: signing in anew asks for what is missing."
_NONE = "Nothing to do: it stays so."

CATALOGUE: dict[str, Meaning] = {
    "permission_missing": Meaning("The account may not read part of the data at the provider.", Actor.FLEET, _LACKING),
    "oauth_scope_missing": Meaning(
        "What the fleet agreed to at the provider's sign-in does not cover part of the data.", Actor.FLEET, _SIGN_IN
    ),
    "subscription_required": Meaning(
        "The fleet's plan at the provider does not include this data.",
        Actor.FLEET,
        "Ask the fleet whether they want to book it at the provider; without it the data stays away.",
    ),
    "provider_feature_not_enabled": Meaning(
        "A feature that makes this data is switched off in the fleet's account at the provider.",
        Actor.FLEET,
        "Ask the fleet to switch it on in the provider's settings.",
    ),
    "missing_safety_configuration": Meaning(
        "The fleet has not set up at the provider what counts as a safety event, so none are made.",
        Actor.FLEET,
        "Ask the fleet to set the thresholds in the provider's settings.",
    ),
    "missing_vehicle_identifier": Meaning(
        "Vehicles that carry neither a VIN nor a serial number were left out.",
        Actor.FLEET,
        "Ask the fleet to enter the VINs at the provider.",
    ),
    "missing_vehicle_assignment": Meaning(
        "Records that name no vehicle could not be put to one.",
        Actor.FLEET,
        "Ask the fleet to assign vehicles at the provider; what was recorded without one stays as it is.",
    ),
    "provider_partially_configured": Meaning(
        "The fleet's account at the provider is only set up in part.",
        Actor.FLEET,
        "Ask the fleet to finish setting it up at the provider.",
    ),
    "stream_disabled": Meaning(
        "A stream of data is switched off in the fleet's account at the provider.",
        Actor.FLEET,
        "Ask the fleet to switch it on in the provider's settings.",
    ),
    "manually_disabled": Meaning(
        "Somebody switched this data off for the connection on purpose.",
        Actor.US,
        "Find out who among you switched it off, and have it switched on again if it is wanted.",
    ),
    "provider_provisioning_pending": Meaning(
        "The provider has not finished setting up access for this account.",
        Actor.PROVIDER,
        "Wait: it is tried again by itself. After some days, ask the provider.",
    ),
    "invalid_source_identifier": Meaning(
        "The provider does not know an identifier that is asked for.",
        Actor.US,
        "Compare the identifier with the fleet's account; correct the connection's options or filters.",
    ),
    "provider_data_inaccessible": Meaning(
        "The provider refuses part of the data, and does not say why.",
        Actor.PLATFORM,
        "Report it to Terminal with the issue's ID; they look into it with the provider.",
    ),
    "unsupported_device_type": Meaning(
        "Readings of devices of a type that is not known yet were left out.",
        Actor.PLATFORM,
        "Nothing for you: Terminal adds such types. Tell them if it is urgent.",
    ),
    "provider_source_data_invalid": Meaning(
        "Some of what the provider sends cannot be true, and was left out.",
        Actor.PLATFORM,
        "Nothing for you: Terminal handles it. Mention the issue's ID if it goes on.",
    ),
    "managed_poll_failed": Meaning(
        "Asking the provider for live data failed.",
        Actor.NOBODY,
        "Wait: it is asked again by itself.",
    ),
    "managed_poll_returned_no_data": Meaning(
        "Asking the provider for live data brought nothing.",
        Actor.NOBODY,
        "Wait: it is asked again by itself. If it stays so, ask the fleet whether its devices report.",
    ),
    "data_delayed": Meaning(
        "The provider delivers this data late.", Actor.NOBODY, "Wait: it comes by itself once the provider has it."
    ),
    "retention_window_exceeded": Meaning(
        "What is older than the provider keeps cannot be read any more.", Actor.NOBODY, _NONE
    ),
    "provider_capability_not_supported": Meaning("This provider does not offer such data.", Actor.NOBODY, _NONE),
}
"""Meanings by code. The codes are those of Terminal's API; older ones, still met on old issues, follow."""

_OLDER = {
    "missing_permissions": "permission_missing",
    "exceeded_retention_window": "retention_window_exceeded",
    "invalid_source_id": "invalid_source_identifier",
    "unknown_device_type": "unsupported_device_type",
    "inaccessible_data": "provider_data_inaccessible",
}
CATALOGUE.update({old: CATALOGUE[new] for old, new in _OLDER.items()})

_BY_RESOLUTION: dict[str, tuple[Actor, str]] = {
    "action_required": (Actor.FLEET, "The server says that somebody must act: read its message, and ask the fleet."),
    "automatic_retry": (Actor.NOBODY, "The server says that it tries again by itself: wait."),
    "terminal_managed": (Actor.PLATFORM, "The server says that Terminal handles it."),
    "known_limitation": (Actor.NOBODY, "The server calls it a known limitation: it stays so."),
    "investigation_required": (Actor.PLATFORM, "The server says that it needs looking into: report it to Terminal."),
}


_SOMEBODY = ("action_required", "investigation_required")
"""With these, a server says that an issue does not go away by itself."""


def meaning_of(issue: Issue) -> Meaning:
    """What an issue means.

    The code tells most; where it is not known, who can resolve it tells who acts. A known code gives way to a
    server that says that it tries again by itself or that nothing can be done; and one of which nobody has to do
    anything, to a server that says that somebody must.

    Args:
        issue: As the server sent it.
    """
    known = CATALOGUE.get(issue.error.code)
    said = _BY_RESOLUTION.get(issue.resolution_type or "")
    if known is None:
        words = f"Syncscope does not know the code “{issue.error.code}”. The server's own message says what it is."
        actor, step = said or (Actor.US, "Read the server's message, and report the code to Terminal.")
        return Meaning(words, actor, step)
    if said is None or known.actor is said[0]:
        return known
    if known.actor is Actor.NOBODY:
        return Meaning(known.words, *said) if issue.resolution_type in _SOMEBODY else known
    return Meaning(known.words, *said) if said[0] in (Actor.NOBODY, Actor.PLATFORM) else known
