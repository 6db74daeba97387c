"""What may be sent to the control path, checked strictly: a word that is not known is a slip, and is said to be one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from tui_app.sandbox.faults import FAULTS, FORMS, MOST_DELAY_MS, MOST_WAIT_S
from tui_app.sandbox.faults.operations import GROUPS, names
from tui_app.sandbox.requests import Body, Text
from tui_app.sandbox.scenarios import SCENARIOS

# A leap year.
MOST_SECONDS = 366 * 86_400

ScenarioName = Annotated[str, Path(json_schema_extra={"enum": [scenario.name for scenario in SCENARIOS]})]

FaultName = Annotated[str, Path(json_schema_extra={"enum": [fault.name for fault in FAULTS]})]
OperationName = Annotated[str, Field(json_schema_extra={"enum": [*GROUPS, *names()]})]


class _StrictBody(Body):
    model_config = ConfigDict(strict=True, alias_generator=to_camel, extra="forbid")


class ClockBody(_StrictBody):
    """How the clock is to run from now on; what is left out stays. It moves ahead last."""

    speed: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False)] | None = None
    paused: bool | None = None
    advance_seconds: Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)] | None = None


class PlayBody(_StrictBody):
    """On which connection a scenario is to be played; on a new one if none is named."""

    connection_id: Text | None = None


class FaultBody(_StrictBody):
    """How a fault is to be set; what is left out is as it is at first. It takes the settings only that it lists."""

    rate: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    operations: Annotated[list[OperationName], Field(min_length=1, max_length=100)] | None = None
    delay_ms: Annotated[int, Field(ge=1, le=MOST_DELAY_MS)] | None = None
    retry_after: Annotated[str, Field(json_schema_extra={"enum": [*FORMS]})] | None = None
    wait_seconds: Annotated[int, Field(ge=1, le=MOST_WAIT_S)] | None = None
