"""Settings: what the file says, what the environment says instead, and what of it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.config.settings import read_settings
from tui_app.models.settings import Settings


def read(folder: Path, text: str | bytes | None = None, **environ: str) -> Settings:
    path = folder / "settings.toml"
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_settings(path, environ)


def test_without_a_file_everything_is_as_it_comes(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings()


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = """
    theme = "light"
    ascii = true
    motion = false
    zone = "America/Chicago"
    bell = true
    notify = true
    hook = ["notify-send", "Syncscope"]
    history = 50

    [keys]
    "connections.request_sync" = "S"
    """
    assert read(tmp_path, text) == Settings(
        theme="light",
        ascii=True,
        motion=False,
        zone="America/Chicago",
        bell=True,
        notify=True,
        hook=("notify-send", "Syncscope"),
        history=50,
        keys={"connections.request_sync": "S"},
    )


def test_the_environment_wins(tmp_path: Path) -> None:
    environ = {"SYNCSCOPE_THEME": "dark", "SYNCSCOPE_ASCII": "1", "SYNCSCOPE_MOTION": "off"}
    found = read(tmp_path, 'theme = "light"\nascii = false', **environ)
    assert (found.theme, found.ascii, found.motion) == ("dark", True, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('colour = "red"', "there is no setting “colour”"),
        ("history = -1", "“history” must be a number of megabytes, 0 to 100000"),
        ("history = true", "“history” must be a number of megabytes, 0 to 100000"),
        ("theme = 7", "“theme” must be a text"),
        ('ascii = "yes"', "“ascii” must be true or false"),
        ('hook = "rm -rf /"', "“hook” must be a list of texts"),
        ("hook = []", "“hook” must be a command"),
        ("hook = [1]", "“hook” must be a command"),
        ('zone = "Mars/Olympus"', "there is no time zone “Mars/Olympus”"),
        ('zone = "../../etc/passwd"', "there is no time zone"),
        ("keys = 3", "“keys” must be a table"),
        ("[keys]\nx = 3", "each of “keys” must be a text"),
        ("theme = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_used(tmp_path: Path, text: str | bytes, reason: str) -> None:
    found = read(tmp_path, text)
    assert len(found.problems) == 1
    assert reason in found.problems[0]
    assert str(tmp_path) in found.problems[0]


def test_one_mistake_costs_one_setting(tmp_path: Path) -> None:
    found = read(tmp_path, 'theme = "light"\nbell = 3\n')
    assert (found.theme, found.bell, len(found.problems)) == ("light", False, 1)


def test_a_word_that_is_neither_yes_nor_no_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, SYNCSCOPE_ASCII="perhaps")
    assert not found.ascii
    assert found.problems == ("SYNCSCOPE_ASCII must be 1 or 0",)


def test_a_file_that_nobody_may_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    found = read(tmp_path)
    assert "cannot be read" in found.problems[0]


@given(st.binary(max_size=200))
def test_no_file_whatever_is_in_it_raises(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    found = read(tmp_path_factory.mktemp("any"), raw)
    assert isinstance(found, Settings)
