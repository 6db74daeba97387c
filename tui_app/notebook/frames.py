"""Tables as data frames, where the library for it is installed. None of them comes with Syncscope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from tui_app.notebook.errors import ExplorerError

Kind = Literal["text", "number", "count", "time", "texts"]
"""What a column holds: a text, a number, a whole number, a time with its zone, several texts. Any may be missing."""

Data = Mapping[str, tuple[Kind, Sequence[Any]]]
"""Columns by name: what each holds, and its values."""

_PANDAS = {
    "text": "string",
    "number": "Float64",
    "count": "Int64",
    "time": "datetime64[us, UTC]",
    "texts": "object",
}


def to_pandas(data: Data) -> Any:
    """A pandas DataFrame.

    Raises:
        ExplorerError: pandas is not installed.
    """
    pandas = _library("pandas")
    columns = {name: pandas.Series(list(values), dtype=_PANDAS[kind]) for name, (kind, values) in data.items()}
    return pandas.DataFrame(columns)


def to_polars(data: Data) -> Any:
    """A polars DataFrame.

    Raises:
        ExplorerError: polars is not installed.
    """
    polars = _library("polars")
    kinds = {
        "text": polars.String,
        "number": polars.Float64,
        "count": polars.Int64,
        "time": polars.Datetime("us", "UTC"),
        "texts": polars.List(polars.String),
    }
    schema = {name: kinds[kind] for name, (kind, _) in data.items()}
    return polars.DataFrame({name: list(values) for name, (_, values) in data.items()}, schema=schema)


def number(value: float | None) -> float | None:
    """A number as a column of numbers holds it: servers send 85 and 85.5 in turn."""
    return None if value is None else float(value)


def in_utc(moment: datetime | None) -> datetime | None:
    """A time as a column of times holds it: all in one zone."""
    from datetime import UTC

    return None if moment is None else moment.astimezone(UTC)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise  # it is there, and what it needs is not
    raise ExplorerError(f"{name} is not installed, and this needs it.", f"Install it by: pip install {name}") from None
