"""Measure every claim that Syncscope makes about its speed, and write the figures down.

Run ``python -m bench [id …]``; without an id, all. Each is measured in a process of its own, one after the other, so
that none inherits what another has imported or left in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.line import Line, figures

LINES = {
    "paint": "bench.startup:paint",
    "rows": "bench.startup:rows",
    "version": "bench.startup:version",
    "type": "bench.typing_filter:typed",
    "filter": "bench.typing_filter:filtered",
    "fill": "bench.long_table:fill",
    "sort": "bench.long_table:sort",
    "memory": "bench.memory:memory",
    "idle": "bench.at_rest:idle",
    "follow": "bench.at_rest:follow",
    "delay": "bench.many_syncs:delay",
    "fair": "bench.many_syncs:fair",
    "busy": "bench.busy:busy",
    "single": "bench.many_syncs:single",
    "soak": "bench.soak:soak",
}
"""Where each claim is measured: a function without arguments that gives a `Line`."""

RESULTS = Path(__file__).parent / "results.json"


def measured(line_id: str) -> dict[str, Any]:
    """Measure one claim in a process of its own. Where that breaks, the line says so and does not hold."""
    command = [sys.executable, "-m", "bench", "--here", line_id]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    broken = Line(line_id, "not measured", float("inf"), "", "", 0.0, f"the measurement broke: {last}")
    return broken.as_json() | {"value": None, "limit": None}


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    names = ("textual", "httpx", "pydantic", "fastapi", "uvicorn", "rich")
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: version(name) for name in names}


def told(figure: Any, unit: str) -> str:
    """A figure as the table shows it."""
    if figure is None:
        return "–"
    units = unit.split("; ")
    numbers = figures(figure)
    each = zip(numbers, units if len(units) == len(numbers) else units * len(numbers), strict=True)
    return "; ".join(f"{number:.3g}{'' if its in '×%' else ' '}{its}" for number, its in each)


def print_table(lines: list[dict[str, Any]]) -> None:
    """Print one line for each claim, and below it whatever else it says."""
    print("  ".join(f"{name} {value}" for name, value in machine().items()))
    print(f"{'id':<9}{'measured':<24}{'at most':<20}{'holds':<7}against")
    for line in lines:
        measured_as, limit = told(line["value"], line["unit"]), told(line["limit"], line["unit"])
        print(f"{line['id']:<9}{measured_as:<24}{limit:<20}{'yes' if line['holds'] else 'NO':<7}{line['reference']}")
        for title, text in {"spread": line.get("spread"), "reason": line["reason"], **line.get("beside", {})}.items():
            if text:
                print(f"{'':<9}{title}: {text}")


def main() -> int:
    """Measure, print and write.

    Returns:
        0 also where a claim does not hold: the table says so, with the reason.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", choices=[[], *LINES], help="which claims; all without one")
    parser.add_argument("--here", choices=list(LINES), help="measure one in this process, and print it as JSON")
    options = parser.parse_args()
    if options.here:
        module, function = LINES[options.here].split(":")
        line: Line = getattr(import_module(module), function)()
        print(json.dumps(line.as_json()))
        return 0
    lines = []
    for line_id in options.ids or LINES:
        print(f"measuring {line_id} …", file=sys.stderr, flush=True)
        lines.append(measured(line_id))
    print_table(lines)
    if not options.ids:
        RESULTS.write_text(json.dumps({"machine": machine(), "lines": lines}, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
