"""The examples in the docstrings, run on the embedded server."""

from __future__ import annotations

import doctest

from tui_app import Explorer
from tui_app.notebook import connection, explorer, filters, sync

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = (connection, explorer, filters, sync)


def examples() -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder()
    return [each for module in MODULES for each in finder.find(module) if each.examples]


def test_whatever_a_person_calls_has_an_example() -> None:
    shown = {each.name.removeprefix("tui_app.notebook.") for each in examples()}
    assert shown >= {
        "explorer.Explorer",
        *(f"explorer.Explorer.{name}" for name in ("connections", "connection", "issues", "create_connection")),
        *(f"connection.ConnectionHandle.{name}" for name in ("request_sync", "syncs", "sync", "issues", "history")),
        *(f"sync.SyncHandle.{name}" for name in ("watch", "journal", "issues")),
    }


def test_the_examples_do_what_they_say(explorer: Explorer) -> None:
    connected = explorer.connections(state="connected", sync="completed")[-1]
    names = {"explorer": explorer, "connection": connected, "Explorer": Explorer}
    names["sync"] = connected.request_sync(days=1).watch().wait(60)
    failed: list[str] = []
    for module in MODULES:
        for example in doctest.DocTestFinder().find(module, extraglobs=names):
            doctest.DocTestRunner(optionflags=FLAGS).run(example, out=failed.append)
    assert "".join(failed) == ""
