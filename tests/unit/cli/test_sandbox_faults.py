"""Faults on the command line: each run in a process of its own, without a terminal."""

from __future__ import annotations

import signal

import pytest

from tests.unit.cli.run import syncscope
from tests.unit.cli.test_sandbox_scenarios import ask, served
from tui_app.sandbox.faults import FAULTS
from tui_app.sandbox.faults.operations import names


def test_list_prints_every_fault_with_its_lines_and_every_operation_and_serves_nothing() -> None:
    done = syncscope("sandbox", "--fault", "list")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    for each in FAULTS:
        at = lines.index(each.name)
        assert lines[at + 1 : at + 3] == [f"  {each.what}", f"  Support sees: {each.support_sees}"]
    assert set(names()) <= set(lines[-1].removeprefix("Operations: ").split(", "))


@pytest.mark.parametrize("faults", [("nope",), ("latency", "latency:often")])
def test_what_cannot_be_read_is_refused_and_nothing_is_served(faults: tuple[str, ...]) -> None:
    done = syncscope("sandbox", *(part for text in faults for part in ("--fault", text)))
    assert (done.returncode, done.stdout) == (2, "")
    assert "'nope'" in done.stderr or "'often'" in done.stderr


def test_faults_are_on_from_the_beginning_and_explained() -> None:
    with served("--fault", "latency=5:50:reads", "--fault", "rate-limit=date", "--fault", "latency=7") as (
        said,
        process,
    ):
        told = ask("GET", f"{said['control_url']}/faults", said)["on"]
        assert [(each["name"], each["rate"]) for each in told] == [("latency", 100), ("rate-limit", 100)]
        assert (told[0]["delayMs"], told[1]["retryAfter"]) == (7, "date")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    for each in FAULTS:
        assert err.count(each.support_sees) == (each.name in ("latency", "rate-limit"))
