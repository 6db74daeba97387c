"""The example notebooks, executed as a person's Jupyter would; and what a live card does meanwhile."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))
ENDED = re.compile("✓ Completed|✗ Failed")
"""How a card ends: whether a simulated sync succeeds follows from its connection and from how many came before."""

LIMIT = 120
"""Seconds for one cell: far more than it takes, because machines may be slow."""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def outputs(notebook: Any, kind: str) -> list[dict[str, Any]]:
    return [each for cell in notebook.cells for each in cell.get("outputs", ()) if each["output_type"] == kind]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for the kernels: they outlive the one that each test gets, and would write into the developer's own."""
    place = tmp_path_factory.mktemp("kernels")
    with pytest.MonkeyPatch.context() as patched:
        for name in (
            "HOME",
            "USERPROFILE",
            "IPYTHONDIR",
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
        ):
            patched.setenv(name, str(place))
        yield place


@pytest.fixture(scope="module")
def executed(home: Path) -> dict[str, Any]:
    """Both notebooks with what their cells have put out, by their names; executed side by side."""
    notebooks = {path.stem: read(path) for path in NOTEBOOKS}

    async def execute() -> None:
        clients = [NotebookClient(each, timeout=LIMIT, kernel_name="python3") for each in notebooks.values()]
        await asyncio.gather(*(client.async_execute() for client in clients))

    asyncio.run(execute())
    return notebooks


def test_a_kernel_writes_into_a_home_of_its_own(kernel: Kernel, home: Path) -> None:
    [told] = of_type(kernel.run("import pathlib; print(pathlib.Path.home())"), "stream")
    assert told["text"].strip() == str(home)


def test_there_are_two_of_them() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["a-first-sync", "which-connections-need-someone-to-act"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_kept_in_the_repository(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_it_runs_to_its_end_and_leaves_the_final_card(executed: dict[str, Any], name: str) -> None:
    notebook = executed[name]
    assert outputs(notebook, "error") == []
    [card] = outputs(notebook, "display_data")
    html, text = card["data"]["text/html"], card["data"]["text/plain"]
    assert ENDED.search(text)
    assert "ended after" in text or "→ failed" in text
    assert "so far" not in text
    assert ENDED.search(html.replace('</span><span style="font-weight:600">', ""))
    assert "text/markdown" in card["data"]


def test_every_result_is_there_for_whoever_has_no_kernel(executed: dict[str, Any]) -> None:
    shown = [each["data"] for notebook in executed.values() for each in outputs(notebook, "execute_result")]
    for data in shown:
        assert "<script" not in data.get("text/html", "")
    with_html = [data for data in shown if "text/html" in data]
    assert len(with_html) >= 8
    for turn in ("Next to act: the fleet", "Next to act: us"):
        assert any(turn in data["text/plain"] for data in with_html)
    assert any("data:image/svg+xml;base64," in data["text/html"] for data in with_html)


class Kernel:
    """A kernel whose messages a test sees as a notebook's page does."""

    def __init__(self, manager: KernelManager, client: Any) -> None:
        self._manager, self._client = manager, client

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell, and give every message that came until it ended, whatever cell that belongs to."""
        asked = self._client.execute(code)
        came: list[dict[str, Any]] = []
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            message = self._client.get_iopub_msg(timeout=LIMIT)
            came.append(message)
            ours = message["parent_header"].get("msg_id") == asked
            if ours and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return came
        raise AssertionError("the cell did not end")


@pytest.fixture(scope="module")
def kernel(home: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=LIMIT)
    kernel = Kernel(manager, client)
    kernel.run("from tui_app import Explorer\nexplorer = Explorer.demo(speed=240)")
    kernel.run("connection = explorer.connections(state='connected', sync='completed')[-1]")
    yield kernel
    kernel.run("explorer.close()")
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def of_type(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message["content"] for message in messages if message["msg_type"] == kind]


def test_a_card_goes_on_while_other_cells_run_and_ends_in_its_final_state(kernel: Kernel) -> None:
    began = kernel.run("sync = connection.request_sync(days=1)\nsync.watch()")
    [card] = of_type(began, "display_data")
    assert of_type(began, "execute_result") == []
    # A cell that computes and never gives way: it looks at the sync only from here, and blocks the kernel's own loop.
    meanwhile = kernel.run(
        "while not sync.ended:\n    sum(range(10000))\nprint('computed')\nimport time\ntime.sleep(0.3)"
    )
    updates = of_type(meanwhile, "update_display_data")
    assert len(updates) >= 2
    assert {each["transient"]["display_id"] for each in updates} == {card["transient"]["display_id"]}
    assert ENDED.search(updates[-1]["data"]["text/plain"])
    # Who executes notebooks keeps what belongs to the cell that runs, and nothing else.
    this_one = meanwhile[-1]["parent_header"]["msg_id"]
    ours = [each for each in meanwhile if each["parent_header"].get("msg_id") == this_one]
    assert of_type(ours, "update_display_data")[-1] == updates[-1]
    assert "computed\n" in [each["text"] for each in of_type(meanwhile, "stream")]
    assert of_type(meanwhile, "error") == []


def test_a_cell_that_waits_for_a_card_of_an_earlier_one_leaves_its_final_state(kernel: Kernel) -> None:
    kernel.run("watching = connection.request_sync(days=1).watch()\nwatching")
    came = kernel.run("await watching;")
    # Who executes notebooks keeps what belongs to the cell that runs, and nothing else.
    ours = [each for each in came if each["parent_header"].get("msg_id") == came[-1]["parent_header"]["msg_id"]]
    assert ENDED.search(of_type(ours, "update_display_data")[-1]["data"]["text/plain"])


def test_a_plain_call_in_a_cell_blocks_nothing_but_the_cell(kernel: Kernel) -> None:
    came = kernel.run("len(explorer.connections()) == len(await explorer.connections())")
    assert [each["data"]["text/plain"] for each in of_type(came, "execute_result")] == ["True"]


def test_what_cannot_be_done_is_a_sentence_in_the_cell(kernel: Kernel) -> None:
    [error] = of_type(kernel.run("explorer.connections(colour='red')"), "error")
    assert error["traceback"] == [f"✗ {error['evalue']}"]
    assert "there is no filter “colour:”" in error["evalue"]


def test_a_library_that_is_absent_is_a_sentence_with_the_command_that_installs_it(kernel: Kernel) -> None:
    hidden = "import sys\nsys.modules['polars'] = None\nexplorer.connections(wait=0).to_polars()"
    [error] = of_type(kernel.run(hidden), "error")
    assert error["traceback"] == ["✗ polars is not installed, and this needs it.\nInstall it by: pip install polars"]
