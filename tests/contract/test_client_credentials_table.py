"""The table of credential fields is what the published description says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract.client_credentials_table import DESCRIPTION, credentials_table, table_text

COMMITTED = Path(__file__).parents[2] / "tui_app" / "api" / "credentials.json"


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="the published OpenAPI description is not beside this repository")
def test_the_committed_table_is_made_from_the_published_description() -> None:
    description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))

    assert COMMITTED.read_text(encoding="utf-8") == table_text(credentials_table(description))


def test_the_committed_table_is_whole() -> None:
    table = json.loads(COMMITTED.read_text(encoding="utf-8"))

    assert set(table["providers"].values()) == set(table["shapes"])
    used = {
        key.rstrip("?").split("=")[0] for forms in table["shapes"].values() for form in forms for key in form["fields"]
    }
    assert used == set(table["fields"])
