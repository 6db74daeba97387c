"""What may be sent to the control path, checked strictly: a word that is not known is a slip, and is said to be one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from tui_app.sandbox.requests import Body, Text
from tui_app.sandbox.scenarios import SCENARIOS

# A leap year.
MOST_SECONDS = 366 * 86_400

ScenarioName = Annotated[str, Path(json_schema_extra={"enum": [scenario.name for scenario in SCENARIOS]})]


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
