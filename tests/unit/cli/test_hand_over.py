"""``syncscope report``, ``bundle`` and ``open``: run as people run them, and their refusals without a process each."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.screens.scripted import CONNECTION_ID, KEY, SYNC_ID, TOKEN, Terminal, connection, issue, sync
from tests.servers import Reply, ScriptedServer, ServerRequest
from tests.unit.cli.run import syncscope
from tui_app.cli.main import app

FAILED = sync(status="failed", failureReason="The provider timed out")


@pytest.fixture(scope="module")
def server() -> Iterator[Terminal]:
    """A server with one connection whose newest sync failed."""
    with Terminal([connection(externalId="fleet-7")], FAILED, [issue(status="resolved")]) as made:
        yield made


@pytest.fixture
def environ(server: Terminal) -> dict[str, str]:
    """An environment that names the server."""
    return {"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": server.url}


def run(*arguments: str, **environ: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, arguments, env=environ)


@pytest.fixture
def bundle(environ: dict[str, str], tmp_path: Path) -> Path:
    """A bundle of the sync, written by the command."""
    path = tmp_path / "b.zip"
    done = run("bundle", SYNC_ID, "--output-file", str(path), **environ)
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert f"Written: {path}" in done.stderr
    assert "The leak check found nothing in it." in done.stderr
    assert "report.md" in done.stderr
    return path


def test_a_report_is_printed_and_nothing_else(environ: dict[str, str]) -> None:
    done = syncscope("report", "fleet-7", **environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Next to act: Terminal\n\nIts newest sync failed")
    assert f"`{CONNECTION_ID}`" in done.stdout
    assert "“The provider timed out”" in done.stdout
    assert not [secret for secret in (KEY, TOKEN) if secret[-12:] in done.stdout + done.stderr]


def test_a_bundle_is_the_persons_alone_and_never_over_another_unless_forced(
    bundle: Path, environ: dict[str, str]
) -> None:
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    before = bundle.read_bytes()
    done = run("bundle", SYNC_ID, "--output-file", str(bundle), **environ)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "is there already" in done.stderr
    assert "--force" in done.stderr
    assert bundle.read_bytes() == before
    copy = bundle.with_name("c.zip")
    copy.write_bytes(b"something else")
    done = run("bundle", SYNC_ID, "-o", str(copy), "--force", **environ)
    assert done.exit_code == 0, done.stderr
    assert zipfile.is_zipfile(copy)


def test_a_bundle_is_opened_on_another_machine_without_a_network(bundle: Path, server: Terminal) -> None:
    sent = len(server.requests)
    done = syncscope("open", str(bundle), HTTPS_PROXY="http://127.0.0.1:1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Next to act: Terminal\n")
    assert f"`{SYNC_ID}`: failed" in done.stdout
    assert "reason: The provider timed out" in done.stdout
    assert len(server.requests) == sent


def test_what_is_no_bundle_is_refused_with_the_reason_and_exit_code_2(bundle: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.zip"
    changed.write_bytes(bundle.read_bytes()[:-1] + b"x")
    cases = {
        tmp_path / "nothing.zip": "There is no such file.",
        tmp_path: "It is no file.",
        Path(__file__): "it is not a zip file",
        changed: "not all of it",
    }
    there = sorted(tmp_path.iterdir())
    for path, reason in cases.items():
        done = run("open", str(path))
        assert (done.exit_code, done.stdout) == (2, "")
        assert reason in done.stderr
    assert sorted(tmp_path.iterdir()) == there


def test_an_id_that_nobody_has_is_said_with_where_it_was_looked_for(environ: dict[str, str]) -> None:
    done = run("report", "conn_nobody\x1b[2J", **environ)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "No connection or sync “conn_nobody␛[2J” was found on “environment”." in done.stderr


@pytest.mark.parametrize("arguments", [("--profile", "nope", "report", "x"), ("report", "x", "--profile", "nope")])
def test_a_profile_may_be_named_before_the_command_or_behind_it(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert "There is no profile “nope”." in done.stderr


def test_a_server_that_refuses_is_an_error_in_plain_words(tmp_path: Path) -> None:
    def refuse(request: ServerRequest) -> Reply:
        return Reply(401, json={"code": "unauthorized", "message": f"Not with {request.headers['authorization']}"})

    with ScriptedServer(refuse) as refusing:
        environ = {"TERMINAL_API_KEY": KEY, "TERMINAL_BASE_URL": f"http://127.0.0.1:{refusing.port}"}
        done = run("bundle", "conn_1", "-o", str(tmp_path / "b.zip"), **environ)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("401")
    assert KEY[-12:] not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("place", "words"), [(".", "is a folder"), ("no/b.zip", "There is no folder")])
def test_a_place_that_cannot_be_written_to_is_said_before_anything_is_asked(
    tmp_path: Path, place: str, words: str, environ: dict[str, str], server: Terminal
) -> None:
    sent = len(server.requests)
    done = run("bundle", "conn_1", "-o", str(tmp_path / place), **environ)
    assert done.exit_code == 1
    assert words in done.stderr
    assert len(server.requests) == sent


def test_the_demos_own_server_can_be_asked() -> None:
    done = run("report", "fleet-1016", "--profile", "demo")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("Next to act: ")
    assert "SIMULATED" in done.stdout
