"""What importing a module brings along, looked at in a process of its own.

The import contract sees what is written, in functions too; this sees what really happens.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

INTERFACE = {"textual", "rich"}
HTTP = {"httpx", "httpcore", "h11"}
MODELS = {"pydantic", "pydantic_core"}
SQL = {"sqlite3"}
SERVER = {"fastapi", "starlette", "uvicorn"}
CELLS = {"IPython", "ipykernel", "pandas", "polars", "anywidget"}
"""What a notebook's kernel, or a person, brings along."""


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The modules that are loaded once some code has run."""
    ends = "import atexit, sys\natexit.register(lambda: print('\\n@', *sys.modules))\n"
    done = subprocess.run([sys.executable, "-c", ends + code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("@")[2].split())


@pytest.mark.parametrize(
    ("module", "never"),
    [
        (
            "tui_app",
            INTERFACE | HTTP | MODELS | SERVER | {"typer", "typing", "asyncio", "tui_app.models", "tui_app.notebook"},
        ),
        ("tui_app.__main__", INTERFACE | HTTP | MODELS | SERVER | {"typer", "asyncio", "tui_app.models"}),
        ("tui_app.cli.main", {"textual"} | HTTP | MODELS | SERVER | SQL),
        ("tui_app.cli.demo", INTERFACE),
        ("tui_app.cli.screens", INTERFACE | HTTP | MODELS | SERVER | SQL),
        ("tui_app.app", HTTP | MODELS | SERVER | SQL | {"tui_app.workspace"}),
        ("tui_app.workspace", INTERFACE | SERVER | SQL | {"tui_app.sandbox"}),
        ("tui_app.notebook.explorer", INTERFACE | SERVER | SQL | CELLS | {"tui_app.sandbox"}),
        ("tui_app.history", INTERFACE | HTTP | SERVER | {"tui_app.api", "tui_app.config", "tui_app.logs"}),
        ("tui_app.sandbox.server", INTERFACE | HTTP - {"h11"} | {"tui_app.api", "tui_app.models", "uvicorn"}),
        ("tui_app.config.keys", INTERFACE | HTTP | SERVER | {"keyring"}),
        ("tui_app.models.fleet", INTERFACE | HTTP | MODELS | SERVER),
        ("tui_app.models.filter", INTERFACE | HTTP | MODELS | SERVER),
        ("tui_app.models.secrets", INTERFACE | HTTP | MODELS | SERVER),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_importing_it_brings_only_what_it_needs(module: str, never: set[str]) -> None:
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert not loaded & never


RUN = "import sys\nfrom tui_app.__main__ import main\nsys.exit(main())"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]])
def test_asking_what_there_is_loads_neither_screens_nor_http_nor_models(arguments: list[str]) -> None:
    assert not loaded_by(RUN, *arguments) & ({"textual"} | HTTP | MODELS | SERVER)


@pytest.mark.parametrize("command", ["profiles", "sandbox", "demo"])
def test_a_commands_help_loads_neither_screens_nor_http(command: str) -> None:
    # Not the models either, as far as it is ours: typer brings pydantic along for any command below the first.
    loaded = loaded_by(RUN, command, "--help")
    assert not loaded & ({"textual"} | HTTP | SERVER | {"tui_app.models.profile"})


def test_asking_for_the_version_loads_not_even_the_command_line() -> None:
    assert not loaded_by(RUN, "--version") & {"typer", "click", "asyncio", "tui_app.cli"}


def test_listing_profiles_loads_neither_screens_nor_http() -> None:
    assert not loaded_by(RUN, "profiles", "list") & ({"textual"} | HTTP | SERVER)


def test_showing_things_outside_a_kernel_needs_nothing_of_one() -> None:
    code = "from tui_app.notebook.kernel import in_kernel\nfrom tui_app import Explorer\nassert not in_kernel()"
    assert not loaded_by(code) & CELLS


def test_the_contract_on_what_cells_show_names_every_module_but_those_that_show_the_screens() -> None:
    root = Path(__file__).parents[2]
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [named] = [each["source_modules"] for each in contracts if each["name"].startswith("What a notebook's cells show")]
    modules = {path.stem for path in (root / "tui_app" / "notebook").glob("*.py") if not path.stem.startswith("cell")}
    assert set(named) == {f"tui_app.notebook.{name}" for name in modules - {"__init__"}}
