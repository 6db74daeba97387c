"""Only what speaks to a kind of server, simulates it or configures it may name it: others ask capabilities."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui_app.api.kinds import KINDS

ROOT = Path(__file__).parents[2]
MAY = tuple(ROOT / "tui_app" / name for name in ("api", "sandbox", "config"))

# "Terminal" is also what the screens are shown in: its API is named by a string of that word alone, by a name made with
# it, or by its vendor's host.
AMBIGUOUS = {"terminal": r"[\"']terminal[\"']|terminal_(url|api|key)|TerminalApi|withterminal"}


def others() -> list[Path]:
    files = [*(ROOT / "tui_app").rglob("*.py"), *(ROOT / "styles").glob("*.tcss")]
    return [path for path in files if not any(path.is_relative_to(folder) for folder in MAY)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_part_names_a_kind_of_server(kind: str) -> None:
    pattern = re.compile(AMBIGUOUS.get(kind, f"(?i){kind}"))
    files = others()
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert len(files) > 50
    assert named == []
