"""Where things belong, and that nobody else can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tui_app.config.paths import find_paths, private_folder


def test_without_a_word_the_system_decides_and_nothing_is_made(isolated: Path) -> None:
    paths = find_paths()
    for folder in (paths.config, paths.state, paths.data, paths.logs):
        assert folder.is_relative_to(isolated)
        assert "syncscope" in folder.parts
    assert paths.profiles == paths.config / "profiles.toml"
    assert paths.history == paths.data / "history.db"
    assert list(isolated.iterdir()) == []


def test_a_variable_moves_each_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCSCOPE_CONFIG_DIR", str(tmp_path / "c"))
    monkeypatch.setenv("SYNCSCOPE_STATE_DIR", "~/s")
    paths = find_paths()
    assert paths.config == tmp_path / "c"
    assert paths.state == Path.home() / "s"
    assert find_paths({"SYNCSCOPE_LOG_DIR": str(tmp_path)}).logs == tmp_path
    assert find_paths({"SYNCSCOPE_DATA_DIR": str(tmp_path)}).data == tmp_path


def test_a_folder_that_is_made_is_private_and_so_are_those_above_it(tmp_path: Path) -> None:
    made = private_folder(tmp_path / "a" / "b")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (made, made.parent)] == [0o700, 0o700]


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    assert private_folder(shared) == shared
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_tests_never_see_the_developers_own_configuration(isolated: Path) -> None:
    assert not [name for name in os.environ if name.startswith(("TERMINAL_", "SYNCSCOPE_"))]
    assert Path.home() == isolated
