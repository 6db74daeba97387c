"""A HAR file is its owner's alone, and nothing is lost by writing it."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui_app import __version__
from tui_app.api.exchanges import Exchange, Request
from tui_app.workspace.har_file import har_name, place_of, write_har

NOW = datetime(2026, 11, 22, 14, 2, 30, tzinfo=UTC)
EXCHANGE = Exchange(1, NOW, Request("GET", "http://127.0.0.1/x"), status=200)


@pytest.mark.parametrize("replace", [False, True])
def test_it_holds_the_exchanges_and_only_its_owner_may_read_it(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "a.har"
    if replace:
        path.write_text("before")
        path.chmod(0o644)
    write_har([EXCHANGE], path, replace=replace)

    log = json.loads(path.read_text())["log"]
    assert log["creator"]["version"] == __version__
    assert [entry["_number"] for entry in log["entries"]] == [1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a.har"]


def test_a_file_that_came_meanwhile_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text("somebody else's")

    with pytest.raises(FileExistsError):
        write_har([EXCHANGE], path, replace=False)
    assert path.read_text() == "somebody else's"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_har([EXCHANGE], tmp_path / "nowhere" / "a.har", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_its_name_says_which_profile_and_when_and_leads_nowhere_else() -> None:
    name = har_name("../we ird/*", NOW)

    assert name == f"syncscope-we-ird-{NOW.astimezone():%Y%m%d-%H%M%S}.har"
    assert har_name("…", NOW).startswith("syncscope-profile-")


def test_a_place_is_meant_from_where_one_is_and_what_is_wrong_with_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert place_of("a.har") == (tmp_path / "a.har", "")
    assert place_of("~/b.har") == (tmp_path / "b.har", "")
    assert "folder" in place_of(str(tmp_path))[1]
    assert "there is no folder" in place_of("nowhere/a.har")[1]
    assert "no file" in place_of("/dev/null")[1]
