"""What to write to a customer about open issues: what is missing, why, and what they have to do, in plain words.

It is meant for a person who knows neither this program nor its server. So it holds no codes and no IDs, nothing that is
shaped like a secret, and of the link to sign in anew only what whoever copies it decided to put there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import CATALOGUE, meaning_of
from tui_app.models.actor import Actor
from tui_app.models.secrets import redact_text
from tui_app.models.text import safe_text

if TYPE_CHECKING:
    from tui_app.models.issue import Issue

LINK = "[link to sign in again]"
"""What stands where the link belongs, until somebody puts it there."""

QUOTED = 3
"""Of issues of one code, how many of the server's sentences are quoted."""


@dataclass(frozen=True, slots=True)
class Plea:
    """What a customer is told of one code.

    Attributes:
        why: Why data is missing, in a sentence to them; ``{provider}`` is their provider.
        please: What they have to do.
        link: Whether signing in again is a way to mend it.
    """

    why: str
    please: str
    link: bool = False


_PLEAS: dict[str, Plea] = {
    "permission_missing": Plea(
        "The account that you connected may not read this data at {provider}.",
        "Please give it the right to, in the settings of {provider}, or sign in again with an account that has it.",
        link=True,
    ),
    "oauth_scope_missing": Plea(
        "What you agreed to when you signed in at {provider} does not cover this data.",
        "Please sign in again and agree to all that you are asked for.",
        link=True,
    ),
    "subscription_required": Plea(
        "Your plan at {provider} does not include this data.",
        "If you want us to have it, please add it to your plan. If not, please tell us, and we do without it.",
    ),
    "provider_feature_not_enabled": Plea(
        "A feature of {provider} that makes this data is switched off in your account.",
        "Please switch it on in the settings of {provider}.",
    ),
    "missing_safety_configuration": Plea(
        "Your account at {provider} does not say yet what counts as a safety event, so none are recorded.",
        "Please set the thresholds in the settings of {provider}.",
    ),
    "missing_vehicle_identifier": Plea(
        "Some of your vehicles have neither a VIN nor a serial number at {provider}, so they are left out.",
        "Please enter their VINs at {provider}.",
    ),
    "missing_vehicle_assignment": Plea(
        "Some records at {provider} do not say which vehicle they belong to.",
        "Please assign vehicles to drivers at {provider}. What was recorded without one stays as it is.",
    ),
    "provider_partially_configured": Plea(
        "Your account at {provider} is not set up to the end.",
        "Please finish setting it up at {provider}.",
    ),
    "stream_disabled": Plea(
        "A stream of data is switched off in your account at {provider}.",
        "Please switch it on in the settings of {provider}.",
    ),
}
"""By the codes upon which the customer has to act; older names of a code follow."""
_PLEAS.update({old: _PLEAS[new] for new in tuple(_PLEAS) for old in CATALOGUE if CATALOGUE[old] is CATALOGUE[new]})

_NO_PLEA = Plea(
    "Part of your data at {provider} cannot be read.",
    "Please look in the settings of {provider} whether your account may read it, and tell us what you find.",
)
_SIGNED_OUT = Plea(
    "We cannot sign in at {provider} for you any more, so no new data comes in.", "Please sign in again.", link=True
)

_WAITS: dict[Actor, str] = {
    Actor.PROVIDER: "You need not do anything: {provider} has to finish something first.",
    Actor.PLATFORM: "You need not do anything: we are having it looked into.",
    Actor.US: "You need not do anything: it is on our side.",
    Actor.NOBODY: "You need not do anything.",
}
"""What is asked of the customer where it is somebody else's turn."""

_PLAIN: dict[str, str] = {
    "provider_provisioning_pending": "{provider} has not finished setting up the access to your account.",
    "manually_disabled": "This data was switched off for your connection.",
    "invalid_source_identifier": "We asked {provider} for something that your account there does not know.",
    "provider_data_inaccessible": "{provider} does not let part of your data be read.",
    "unsupported_device_type": "Readings of some of your devices are of a kind that cannot be read yet.",
    "provider_source_data_invalid": "Some readings that {provider} sent cannot be right, and were left out.",
    "managed_poll_failed": "{provider} did not answer when it was asked for live data. It is asked again by itself.",
    "managed_poll_returned_no_data": "{provider} had no live data of your vehicles. It is asked again by itself.",
    "data_delayed": "{provider} delivers this data late. It comes by itself.",
    "retention_window_exceeded": "{provider} keeps data for a limited time, and what is older cannot be read any more.",
    "provider_capability_not_supported": "{provider} does not offer this data.",
}
"""Why data is missing, where the customer need not act."""
_PLAIN.update({old: _PLAIN[new] for new in tuple(_PLAIN) for old in CATALOGUE if CATALOGUE[old] is CATALOGUE[new]})

# A short word, an underscore and what looks like no word: `vcl_01GV12VR4DJP70GD1ZBK0SDWFH`, `isu_7`.
_ID = re.compile(r"\b[A-Za-z]{2,10}(?:_[A-Za-z]{2,10})?_(?=[A-Za-z]*[0-9])[A-Za-z0-9]+\b|\b[0-9A-Za-z-]{20,}\b")
_MASKED = re.compile(r"\S*•\S*")


def needs_link(issues: Sequence[Issue], *, signed_out: bool = False) -> bool:
    """Whether a message about these asks to sign in again."""
    return signed_out or any(_plea(issue).link for issue in issues if meaning_of(issue).actor is Actor.FLEET)


def message_for(
    issues: Sequence[Issue],
    company: str = "",
    provider: str = "",
    *,
    signed_out: bool = False,
    link: str = LINK,
    quoted: bool = True,
) -> str:
    """The message, in lines, without a signature.

    Args:
        issues: What it is about; several of one code are told once.
        company: Whose data it is; empty for a message that is to go to several.
        provider: Where the data comes from; empty where that differs.
        signed_out: Whether nothing at all is read until they sign in again.
        link: What stands where the link to do so belongs.
        quoted: Whether what the server says of each issue is quoted. What one customer lacks is nothing to tell others.
    """
    at = safe_text(redact_text(provider), 60) or "your provider"
    whose = f" of {safe_text(redact_text(company), 120)}" if company else ""
    source = f"from {at}" if provider else "from your provider"
    told = [*([_told(_SIGNED_OUT, at, link, [])] if signed_out else []), *_paragraphs(issues, at, link, quoted)]
    if len(told) > 1:
        told = [f"{number}. {each}" for number, each in enumerate(told, 1)]
    acts = signed_out or any(meaning_of(issue).actor is Actor.FLEET for issue in issues)
    end = ["Once that is done, what is missing comes in by itself."] if acts else []
    return "\n\n".join(["Hello,", f"part of the data{whose} that we read {source} is missing.", *told, *end]) + "\n"


def _paragraphs(issues: Sequence[Issue], at: str, link: str, quoted: bool) -> list[str]:
    by_code: dict[str, list[Issue]] = {}
    for issue in issues:
        by_code.setdefault(issue.error.code, []).append(issue)
    # What they have to do stands first.
    ordered = sorted(by_code.values(), key=lambda alike: meaning_of(alike[0]).actor is not Actor.FLEET)
    said = [[each.error.message for each in alike] if quoted else [] for alike in ordered]
    return [_told(_plea(alike[0]), at, link, words) for alike, words in zip(ordered, said, strict=True)]


def _plea(issue: Issue) -> Plea:
    actor, code = meaning_of(issue).actor, issue.error.code
    if actor is Actor.FLEET:
        return _PLEAS.get(code, _NO_PLEA)
    why = _PLAIN.get(code) or (_PLEAS[code].why if code in _PLEAS else _NO_PLEA.why)
    return Plea(why, _WAITS[actor])


def _told(plea: Plea, at: str, link: str, messages: Sequence[str]) -> str:
    missing = list(dict.fromkeys(filter(None, map(_quoted, messages))))
    lines = [f"What is missing: {text}" for text in missing[:QUOTED]]
    if len(missing) > QUOTED:
        lines.append(f"And {len(missing) - QUOTED} more of the kind.")
    for text in (plea.why, plea.please):
        sentence = text.replace("{provider}", at)
        lines.append(sentence[:1].upper() + sentence[1:])
    if plea.link:
        lines.append(f"This is where you sign in: {link}")
    return "\n".join(lines)


def _quoted(message: str) -> str:
    """The server's sentence without what means nothing to a customer, or must not reach them."""
    text = _MASKED.sub("…", _ID.sub("…", redact_text(safe_text(message, 400)))).strip()
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."
