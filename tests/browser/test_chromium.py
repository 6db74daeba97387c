"""Where there is no browser: why tests are skipped, and that they are not where one is required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium


def test_what_is_missing_is_said_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(chromium, "IS_REQUIRED", False)
    monkeypatch.setattr(chromium, "PROGRAM", tmp_path / "chromium")
    monkeypatch.setattr(chromium, "find_spec", lambda name: True)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        chromium.need_browser()
    monkeypatch.setattr(chromium, "find_spec", lambda name: None)
    with pytest.raises(pytest.skip.Exception, match="playwright is not installed"):
        chromium.need_browser()


def test_where_a_browser_is_required_its_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(chromium, "IS_REQUIRED", True)
    monkeypatch.setattr(chromium, "PROGRAM", tmp_path / "chromium")
    with pytest.raises(pytest.fail.Exception, match="says that it is required"):
        chromium.need_browser()


@pytest.mark.parametrize(("said", "required"), [("required", True), ("", False), ("no", False)])
def test_the_environment_says_whether_one_is_required(said: str, required: bool) -> None:
    code = "from tests.browser import chromium; print(chromium.IS_REQUIRED)"
    environ = os.environ | {chromium.REQUIRED: said}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(required)
