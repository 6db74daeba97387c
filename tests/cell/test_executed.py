"""A notebook that a program executes: nobody looks, and what is saved shows the screen all the same."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"
CELLS = (
    "from tui_app import Explorer\nexplorer = Explorer.demo()\napp = explorer.app()\napp",
    "print('printed beside it')",
    "explorer.close()\nprint('printed after it')",
)


def test_it_is_saved_as_a_picture_and_takes_nobodys_output(isolated: Path) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(isolated)}}).execute()
    first, second, third = (cell.outputs for cell in notebook.cells)
    [shown] = first
    assert "connections" in shown.data["text/html"]
    assert WIDGET not in shown.data
    assert [output.text for output in second] == ["printed beside it\n"]
    assert [output.text for output in third] == ["printed after it\n"]
    assert len(json.dumps(notebook)) < 60_000  # the picture, and none of the program
