"""What clients may send: query parameters and bodies, checked strictly."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Path, Query, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from tui_app.sandbox.clock import EARLIEST_MS, LATEST_MS, to_ms
from tui_app.sandbox.errors import bad_request

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII)


def parse_moment(value: object) -> int:
    """Return a full date-time (RFC 3339, with its zone) as milliseconds since the epoch.

    Raises:
        PydanticCustomError: It is none.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("must be a full date-time such as 2021-01-06T03:24:53.000Z")
    text = str(value).upper()
    if found[1] == "60":
        # A leap second: `datetime` knows none, and the second before it is as near as can be.
        text = text[:17] + "59" + text[19:]
    try:
        return min(max(to_ms(datetime.fromisoformat(text)), EARLIEST_MS), LATEST_MS)
    except ValueError as error:
        raise _wrong("must be a date-time that exists") from error


def _wrong(text: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{text}", {"text": text})


def _limit(value: object) -> int:
    # Pydantic would take "1_0" and " 7 " for numbers, too.
    if not isinstance(value, str) or re.fullmatch(r"[0-9]{1,18}", value) is None or int(value) < 1:
        raise _wrong("must be a whole number of at least 1")
    return int(value)


def _positive(value: float) -> float:
    if not 0 < value < math.inf:
        raise _wrong("must be greater than 0")
    return value


def _sendable(value: Any) -> Any:
    """Refuse text that no answer could carry: half of a surrogate pair is valid in JSON and in no encoding."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise _wrong("must be text that can be encoded as UTF-8") from error
    except ValueError as error:
        raise _wrong("must not hold numbers that JSON cannot write") from error
    return value


def _path(value: str) -> str:
    if "://" in value.partition("?")[0]:
        raise _wrong("must be a path: the provider's host is known")
    checked: str = _sendable(value)
    return checked


async def _body_or_none(request: Request) -> None:
    # To FastAPI, the body `null` and no body are the same.
    if (await request.body()).strip() == b"null":
        raise bad_request("Invalid request body", ("{requestBody}", "The body must be a JSON object"))


def _address(value: str) -> str:
    try:
        return str(IPv4Address(value))
    except ValueError as error:
        raise _wrong("must be an IPv4 address") from error


_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})
Moment = Annotated[int, BeforeValidator(parse_moment), _DATE_TIME]
Text = Annotated[str, AfterValidator(_sendable)]
FreeForm = Annotated[dict[str, Any], AfterValidator(_sendable)]

_REST = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
# Strict enough that whatever passes is a URI in an answer as well.
_ADDRESS = (
    r"^https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
    rf"(?:[/?]{_REST})?(?:#{_REST})?$"
)
_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
VehicleId = Annotated[str, Field(pattern=f"^vcl_{_ULID}$")]
DriverId = Annotated[str, Field(pattern=f"^drv_{_ULID}$")]

# For operations whose body may be left out.
BodyOrNone = Annotated[None, Depends(_body_or_none)]

Limit = Annotated[int | None, BeforeValidator(_limit), WithJsonSchema({"type": "integer", "minimum": 1}), Query()]
Cursor = Annotated[str | None, Query()]
TextFilter = Annotated[str | None, Query()]
MomentFilter = Annotated[int | None, BeforeValidator(parse_moment), _DATE_TIME, Query()]
ConnectionStatusFilter = Annotated[
    Literal["connected", "disconnected", "archived", "pending_deletion", "deleting", "deleted"] | None, Query()
]
SyncStatusFilter = Annotated[Literal["requested", "in_progress", "completed", "failed"] | None, Query()]
IssueStatusFilter = Annotated[Literal["ongoing", "resolved"] | None, Query()]
Order = Annotated[Literal["asc", "desc"], Query()]
ExpandIssues = Annotated[Literal["issues"] | None, Query()]
ExpandConnection = Annotated[Literal["connection"] | None, Query()]
SyncId = Annotated[str, Path()]
IssueId = Annotated[str, Path(alias="issueId")]
LinkId = Annotated[str, Path()]
# A token of any other shape opens nothing either: it is refused as a wrong token, not as a malformed header.
ConnectionToken = Annotated[str, Header(alias="Connection-Token", json_schema_extra={"pattern": "^con_tkn_\\S+$"})]
# Every key is bound to one application; the header is accepted and changes nothing.
ApplicationId = Annotated[str | None, Header(alias="X-Application-Id")]


def _by_name(value: Any) -> Any:
    """Take `{"type": "historical_files"}` for the word itself: the API's documentation shows requests in both ways."""
    return value["type"] if isinstance(value, dict) and list(value) == ["type"] else value


ProviderRequest = Annotated[Literal["historical_files", "provision_credentials"], BeforeValidator(_by_name)]


class Body(BaseModel):
    """A JSON object as a client sends it: no value is bent into another type, and null is no way to leave one out."""

    model_config = ConfigDict(strict=True, alias_generator=to_camel, extra="ignore")

    @field_validator("*", mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        if value is None:
            raise _wrong("must not be null")
        return value


class CompanyBody(Body):
    """The company that a connection is to be listed under."""

    name: Text | None = None
    dot_numbers: list[Text] | None = None


class VehicleFilter(Body):
    """Which vehicles a connection brings."""

    status: Literal["active", "inactive"] | None = None
    exclude_ids: list[VehicleId] | None = None
    include_ids: list[VehicleId] | None = None


class DriverFilter(Body):
    """Which drivers a connection brings."""

    status: Literal["active", "inactive"] | None = None
    exclude_ids: list[DriverId] | None = None
    include_ids: list[DriverId] | None = None


class FiltersBody(Body):
    """What a connection leaves out."""

    vehicles: VehicleFilter | None = None
    drivers: DriverFilter | None = None


class UpdateBody(Body):
    """What is to be changed about a connection."""

    status: Literal["connected", "archived", "disconnected"] | None = None
    options: FreeForm | None = None
    company: CompanyBody | None = None
    external_id: Text | None = None
    sync_mode: Literal["automatic", "manual"] | None = None
    tags: list[Text] | None = None
    filters: FiltersBody | None = None


class BackfillBody(Body):
    """How far back the first sync is to read."""

    start_from: Moment | None = None
    days: Annotated[float, AfterValidator(_positive)] | None = None


class AgreementBody(Body):
    """An agreement that the account's owner accepted."""

    agreement_url: Annotated[str, Field(pattern=_ADDRESS)]
    type: Literal["end-user-agreement", "isaac-data-sharing-agreement"] | None = None
    ip_address: Annotated[str, AfterValidator(_address), Field(json_schema_extra={"format": "ipv4"})] | None = None
    accepted_at: Moment | None = None
    user_agent: Text | None = None


class ConnectionBody(Body):
    """A connection to be made."""

    provider: Text
    credentials: FreeForm
    company: CompanyBody | None = None
    options: FreeForm | None = None
    external_id: Text | None = None
    sync_mode: Literal["automatic", "manual"] = "automatic"
    backfill: BackfillBody | None = None
    tags: list[Text] = Field(default_factory=list)
    agreements: list[AgreementBody] = Field(default_factory=list)


class PublicTokenBody(Body):
    """A public token to be exchanged."""

    public_token: Annotated[str, Field(pattern=r"^pub_tkn_\S+$"), AfterValidator(_sendable)]


class LinkBody(Body):
    """A short link to be made: what the connection that comes of it is to be."""

    name: Text | None = None
    provider: Text | None = None
    provider_hints: list[Text] | None = None
    external_id: Text | None = None
    tags: list[Text] | None = None
    redirect_url: Annotated[str, Field(pattern=_ADDRESS)] | None = None
    sync_mode: Literal["automatic", "manual"] | None = None
    backfill: BackfillBody | None = None
    template: Text | None = None


class PassthroughBody(Body):
    """A request to be passed through to a provider."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, AfterValidator(_path)]
    headers: dict[str, Text] | None = None
    body: Text | None = None


class SyncBody(Body):
    """A sync to be requested."""

    start_from: Moment | None = None
    days: Annotated[float, AfterValidator(_positive)] | None = None
    provider_requests: list[ProviderRequest] = Field(default_factory=list)
