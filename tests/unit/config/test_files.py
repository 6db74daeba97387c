"""Writing a file that others may read: whole or not at all, and never over another unless asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_app.config.files import write_new


def test_a_new_file_is_whole_and_the_persons_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_new(path, b"content")
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"before")
    with pytest.raises(FileExistsError):
        write_new(path, b"after")
    assert path.read_bytes() == b"before"
    write_new(path, b"after", replacing=True)
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(path, b"content")
    write_new(path, b"content", replacing=True)
    assert not path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("replacing", [False, True])
def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replacing: bool) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.zip"
    path.write_bytes(b"before")
    monkeypatch.setattr("tui_app.config.files.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_new(path, b"content", replacing=replacing)
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"before")


def test_a_file_system_without_links_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a.zip"
    write_new(path, b"content")
    with pytest.raises(FileExistsError):
        write_new(path, b"more")
    assert path.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [path]
