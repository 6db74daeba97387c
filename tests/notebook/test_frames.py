"""Data frames of tables, where a library for them is installed; and what is said where none is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui_app import Explorer
from tui_app.notebook import frames
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.frames import Data, in_utc, number

AT = datetime(2026, 11, 22, 15, 0, tzinfo=timezone(timedelta(hours=1)))
WHY = "a data frame is made where a person has installed the library: pip install pandas polars runs this, too"
DATA: Data = {
    "name": ("text", ["Prairie", None]),
    "percent": ("number", [number(85), None]),
    "issues": ("count", [2, None]),
    "at": ("time", [in_utc(AT), None]),
    "tags": ("texts", [["a", "b"], []]),
}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_an_absent_library_is_told_with_the_command_that_installs_it(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExplorerError) as told:
        getattr(frames, f"to_{library}")(DATA)
    assert str(told.value) == f"{library} is not installed, and this needs it.\nInstall it by: pip install {library}"


def test_a_library_that_is_broken_is_not_called_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr(frames, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="numpy"):
        frames.to_pandas(DATA)


def test_a_pandas_frame_has_the_values_and_knows_what_they_are() -> None:
    pandas = pytest.importorskip("pandas", reason=WHY)
    frame = frames.to_pandas(DATA)
    assert list(frame.columns) == list(DATA)
    assert frame.iloc[0].tolist() == ["Prairie", 85.0, 2, pandas.Timestamp(AT.astimezone(UTC)), ["a", "b"]]
    assert frame.iloc[1][["name", "percent", "issues", "at"]].isna().all()
    assert str(frame["at"].dtype) == "datetime64[us, UTC]"
    assert frame["issues"].sum() == 2


def test_a_polars_frame_has_the_values_and_knows_what_they_are() -> None:
    polars = pytest.importorskip("polars", reason=WHY)
    frame = frames.to_polars(DATA)
    assert frame.row(0) == ("Prairie", 85.0, 2, AT.astimezone(UTC), ["a", "b"])
    assert frame.row(1) == (None, None, None, None, [])
    assert frame.schema["at"] == polars.Datetime("us", "UTC")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_every_table_becomes_one(library: str, explorer: Explorer) -> None:
    pytest.importorskip(library, reason=WHY)
    connection = explorer.connections(state="connected", sync="completed", issues=">0")[0]
    sync = connection.sync()
    tables = (
        explorer.connections(),
        explorer.issues(),
        connection.syncs(),
        connection.issues(),
        sync.journal(),
        sync.issues(),
    )
    for table in (*tables, explorer.connections("no such company")):
        frame = getattr(table, f"to_{library}")()
        assert list(frame.columns) == table.column_names
        assert len(frame) == len(table)
