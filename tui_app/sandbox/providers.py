"""Providers: the telematics services that the simulated fleets use, and what each asks for as credentials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

MODELS = (
    "Group", "Vehicle", "Driver", "LatestVehicleLocation", "VehicleLocation", "VehicleStatLog", "Trailer",
    "LatestTrailerLocation", "Trip", "Device", "HOSLog", "HOSDailyLog", "HOSAvailableTime", "IFTASummary",
    "SafetyEvent", "CameraMedia", "FaultCodeEvent", "VehicleUtilization",
)  # fmt: skip

LOGIN = (("username", "password"),)
# OAuth providers take a one-time code, a token to refresh, or a key.
TOKEN = (("code",), ("refresh_token",), ("apiKey",))
DRIVING = ("speeding", "harsh_brake", "harsh_acceleration", "harsh_turn")
CAMERA = (
    *DRIVING,
    "crash",
    "near_crash",
    "tailgating",
    "cell_phone",
    "distracted",
    "drowsiness",
    "seat_belt_violation",
)
NO_CAMERA = ("CameraMedia",)
ELD_ONLY = ("Trailer", "LatestTrailerLocation", "SafetyEvent", "CameraMedia", "FaultCodeEvent", "VehicleUtilization")
TRACKER = ("HOSLog", "HOSDailyLog", "HOSAvailableTime", "IFTASummary", "CameraMedia", "Driver")


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known of one provider.

    Attributes:
        code: Its code in the API.
        name: Its name.
        credentials: Groups of credential fields; one group has to be there in full.
        sample_rate: How often its devices record a location.
        history: How much of the past can be read; None where nothing can.
        lacks: Models that the provider itself does not have.
        unread: Models that it has and that are not read yet.
        safety: Types of safety events.
        weight: How common it is in a fleet, relative to the others.
        base: The code of the platform that it is built on.
        status: live, beta, sandbox or deprecated.
        login: Where its users log in.
        optional: Credential fields that may be there in addition.
    """

    code: str
    name: str
    credentials: tuple[tuple[str, ...], ...]
    sample_rate: str
    history: str | None
    lacks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    safety: tuple[str, ...] = DRIVING
    weight: int = 2
    base: str | None = None
    status: str = "live"
    login: str | None = None
    optional: tuple[str, ...] = ()


PROVIDERS = (
    Provider("geotab", "Geotab", LOGIN, "5 seconds", "2 years", safety=(*DRIVING, "crash", "seat_belt_violation"),
             unread=("CameraMedia",), weight=16, login="https://my.geotab.com", optional=("database",)),
    Provider("samsara", "Samsara", TOKEN, "5 seconds", "1 year", safety=CAMERA, weight=18,
             login="https://cloud.samsara.com"),
    Provider("motive", "Motive", TOKEN, "1 minute", "6 months", safety=CAMERA, unread=("VehicleUtilization",),
             weight=16, login="https://account.gomotive.com"),
    Provider("omnitracs", "Omnitracs", LOGIN, "15 minutes", "14 days", lacks=NO_CAMERA, unread=("FaultCodeEvent",),
             weight=6, optional=("companyId",)),
    Provider("omnitracs-es", "Omnitracs ES", LOGIN, "15 minutes", "14 days", lacks=NO_CAMERA, base="omnitracs",
             unread=("FaultCodeEvent", "IFTASummary"), optional=("companyId",)),
    Provider("omnitracs-xrs", "Omnitracs XRS", (("companyId", "username", "password"),), "10 minutes", "30 days",
             lacks=NO_CAMERA, base="omnitracs"),
    Provider("verizon", "Verizon Connect", LOGIN, "1 minute", "13 months", unread=("CameraMedia", "IFTASummary"),
             weight=5, optional=("companyName", "companyDotNumber")),
    Provider("verizon-reveal", "Verizon Connect Reveal", LOGIN, "1 minute", "13 months", unread=("CameraMedia",),
             weight=4, base="verizon", optional=("companyName", "companyDotNumber")),
    Provider("verizon-fleet", "Verizon Connect Fleet", LOGIN, "2 minutes", "6 months", lacks=NO_CAMERA,
             base="verizon"),
    Provider("zonar", "Zonar", LOGIN, "2 minutes", "1 year", lacks=NO_CAMERA, unread=("Trailer",), weight=5),
    Provider("isaac", "ISAAC Instruments",
             (("username", "password", "authCode"),
              ("companyName", "applicationName", "programName", "name", "ctNumber", "email", "date", "documentUrl")),
             "1 minute", "6 months", lacks=NO_CAMERA, weight=3),
    Provider("people-net", "PeopleNet", LOGIN, "15 minutes", "30 days", lacks=NO_CAMERA, base="trimble", weight=3),
    Provider("trimble", "Trimble", LOGIN, "15 minutes", "30 days", lacks=NO_CAMERA),
    Provider("eroad", "EROAD", LOGIN, "1 minute", "1 year", lacks=NO_CAMERA),
    Provider("lytx", "Lytx", LOGIN, "1 minute", "90 days", safety=CAMERA, weight=3,
             lacks=("HOSLog", "HOSDailyLog", "HOSAvailableTime", "IFTASummary", "Trailer", "LatestTrailerLocation")),
    Provider("netradyne", "Netradyne", (("tenantName",),), "30 seconds", "30 days", safety=CAMERA,
             lacks=("HOSLog", "HOSDailyLog", "HOSAvailableTime", "IFTASummary"), status="beta",
             optional=("clientId", "clientSecret")),
    Provider("webfleet", "Webfleet", (("accountName", "username", "password"),), "1 minute", "90 days",
             unread=("CameraMedia", "FaultCodeEvent")),
    Provider("teletrac-navman", "Teletrac Navman", LOGIN, "1 minute", "1 year", unread=("CameraMedia",)),
    Provider("azuga", "Azuga", LOGIN, "1 minute", "6 months", lacks=("Trailer", "LatestTrailerLocation"),
             unread=("CameraMedia",)),
    Provider("gps-insight", "GPS Insight", LOGIN, "2 minutes", "1 year", lacks=TRACKER),
    Provider("linxup", "Linxup", LOGIN, "1 minute", "6 months", lacks=TRACKER),
    Provider("spireon-fleet-locate", "Spireon FleetLocate", LOGIN, "1 hour", "90 days", lacks=TRACKER),
    Provider("one-step-gps", "OneStep GPS", LOGIN, "10 seconds", "1 year", lacks=TRACKER),
    Provider("raven-connected", "Raven Connected", (("apiKey", "apiSecret"),), "10 seconds", "90 days",
             lacks=("HOSLog", "HOSDailyLog", "HOSAvailableTime", "IFTASummary"), status="beta"),
    Provider("prologs", "ProLogs", (("clientId", "clientSecret"),), "5 minutes", None, lacks=ELD_ONLY),
    Provider("konexial", "Konexial", (("username", "password", "apiKey"),), "5 minutes", "30 days", lacks=ELD_ONLY),
    Provider("loop-eld", "loopELD", (("apiKey",),), "5 minutes", "30 days", lacks=ELD_ONLY),
    Provider("transflo", "Transflo", LOGIN, "5 seconds", "1 year", base="geotab", lacks=NO_CAMERA,
             optional=("database",)),
    Provider("bigroad", "BigRoad", LOGIN, "5 minutes", None, lacks=ELD_ONLY, status="deprecated", weight=1),
    Provider("sandbox", "Sandbox", LOGIN, "30 seconds", "1 year", safety=CAMERA, status="sandbox", weight=3),
)  # fmt: skip

BY_CODE = {provider.code: provider for provider in PROVIDERS}
WEIGHTS = [(provider.code, provider.weight) for provider in PROVIDERS]
# Fields that prove who somebody is; all others say which account is meant.
SECRETS = frozenset({"password", "clientSecret", "apiSecret", "authCode"})


def provider_reference(code: str) -> dict[str, str]:
    """Return the short form of a provider that connections carry; a code that nobody knows is its own name."""
    known = BY_CODE.get(code)
    return {"name": known.name if known else code, "code": code}


@cache
def provider_list() -> list[dict[str, Any]]:
    """Return all providers as the API lists them."""
    return [_to_json(provider) for provider in PROVIDERS]


def _to_json(provider: Provider) -> dict[str, Any]:
    pictures = f"https://cdn.withterminal.com/providers/{provider.code}"
    shown: dict[str, Any] = {
        "name": provider.name,
        "status": provider.status,
        "code": provider.code,
        "baseCode": provider.base or provider.code,
        "logo": f"{pictures}/logo.png",
        "icon": f"{pictures}/icon.png",
        "supportedModels": {model: _support(provider, model) for model in MODELS},
    }
    if provider.login is not None:
        shown["references"] = [{"type": "login-page", "url": provider.login, "label": f"{provider.name} login"}]
    return shown


def _support(provider: Provider, model: str) -> dict[str, Any]:
    read = "supported"
    if model in provider.lacks:
        read = "not_supported_by_provider"
    elif model in provider.unread:
        read = "not_supported_by_terminal"
    support: dict[str, Any] = {"supportedOperations": {"read": read}}
    if model == "VehicleLocation":
        support["sampleRate"] = provider.sample_rate
        if provider.history is not None:
            support["availableHistory"] = provider.history
    if model == "SafetyEvent":
        support["types"] = list(provider.safety) if read == "supported" else []
    return support
