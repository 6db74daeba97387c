"""What every object that a server sends has in common: tolerant reading, and JSON as near to what came as can be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic.alias_generators import to_camel

from tui_app.models.secrets import redact_text, redacted


def _aware(value: Any) -> Any:
    """Read a time without a zone as UTC, which is what every server here writes."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value  # pydantic reads more forms than fromisoformat, and words the refusal
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _in_calendar(moment: datetime) -> datetime:
    """Refuse what only its own zone can express: the first hours of year 1 east of UTC, the last of year 9999 west."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time lies outside the calendar") from error
    return moment


def iso(moment: datetime) -> str:
    """Write a time as these APIs do: ISO 8601 in UTC, milliseconds, a final ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_read(moment: datetime) -> str:
    """The same, finer where the server was finer: nothing that it said is lost on showing it."""
    return iso(moment).replace("Z", f"{moment.microsecond % 1000:03d}Z") if moment.microsecond % 1000 else iso(moment)


Moment = Annotated[
    datetime,
    BeforeValidator(_aware),
    AfterValidator(_in_calendar),
    PlainSerializer(_as_read, return_type=str, when_used="json"),
]
"""A point in time, always with a zone."""


Words = Annotated[str, AfterValidator(redact_text)]
"""A server's own sentence. It may quote a token, as a careless provider does, so it is masked as it is read."""


OURS = "x-syncscope-"
"""How the aliases of those fields begin that no server may set."""


class Remote(BaseModel):
    """An object as a server sent it. Unknown fields are kept; secrets are `SecretStr` and stay masked in any dump.

    Attributes:
        source: The JSON it was made from, where its fields are not the server's own; set by the API module.
    """

    model_config = ConfigDict(
        extra="allow",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        coerce_numbers_to_str=True,  # an ID or a DOT number that came as a number is still one
        hide_input_in_errors=True,  # the input may hold a token, and an error may end in a log
    )

    @model_validator(mode="before")
    @classmethod
    def _not_from_servers(cls, sent: Any) -> Any:
        """Leave out what stands under our own names: only the API modules set those, by the fields' names."""
        if isinstance(sent, dict) and any(isinstance(name, str) and name.startswith(OURS) for name in sent):
            return {name: value for name, value in sent.items() if not str(name).startswith(OURS)}
        return sent

    source: Any = Field(default=None, alias="x-syncscope-source", exclude=True, repr=False)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """What a `repr` shows: an unknown field may hold a secret too, and tracebacks print every variable."""
        for name, value in super().__repr_args__():
            yield name, redacted(value, name or "")

    def to_json(self) -> Any:
        """Plain JSON values as the server wrote them: its own field names, unknown fields too, secrets masked."""
        if self.source is not None:
            return redacted(self.source)
        return redacted(self.model_dump(mode="json", by_alias=True, exclude_unset=True))
