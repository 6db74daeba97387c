"""The command line, run as people run it: each in a process of its own, without a terminal."""

from __future__ import annotations

import io
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, get_args

import httpx
import pytest

from tests.servers import Reply, ScriptedServer
from tests.unit.cli.run import syncscope
from tui_app import __version__
from tui_app.cli.profiles import DataKind
from tui_app.cli.screens import is_terminal
from tui_app.models.profile import Environment, Profile

KEY = "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture(scope="module", autouse=True)
def played() -> Iterator[subprocess.Popen[str]]:
    """The demo, piped. It takes a quarter of a minute, so it begins before the first test and runs beside them all."""
    command = [sys.executable, "-m", "tui_app", "demo", "--speed", "45"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


class Stream(io.StringIO):
    """A stream that is a terminal, or is not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class TestBasics:
    def test_version_says_which_it_is(self) -> None:
        done = syncscope("--version")
        assert (done.returncode, done.stdout, done.stderr) == (0, f"syncscope {__version__}\n", "")

    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_help_names_every_command(self, option: str) -> None:
        done = syncscope(option)
        assert done.returncode == 0
        for command in ("demo", "sandbox", "profiles"):
            assert command in done.stdout

    def test_without_a_terminal_it_says_what_works_without_one(self) -> None:
        done = syncscope()
        assert (done.returncode, done.stdout) == (2, "")
        assert "syncscope demo" in done.stderr

    def test_a_profile_that_is_not_there_is_refused_with_those_that_are(self) -> None:
        done = syncscope("--profile", "nope")
        assert done.returncode == 1
        assert "nope" in done.stderr
        assert "demo, demo-stuut, sandbox, production" in done.stderr

    @pytest.mark.parametrize("arguments", [("frobnicate",), ("--frobnicate",), ("sandbox", "--port", "http")])
    def test_what_means_nothing_is_a_usage_error_and_no_traceback(self, arguments: tuple[str, ...]) -> None:
        done = syncscope(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize(
        "arguments",
        [
            (KEY,),
            ("--profile", KEY),
            (f"--profile={KEY}",),
            ("--api-key", "anything"),
            ("--key=anything",),
            ("profiles", "test", KEY),
            ("profiles", "add", KEY, "--base-url", "https://e.example"),
            ("profiles", "add", "mine", "--base-url", "https://e.example", "--key-env", KEY),
            ("profiles", "add", "mine", "--base-url", f"https://e.example/{KEY}"),
            ("sandbox", "--state", KEY),
            ("profiles", "list", "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"),
        ],
        ids=lambda arguments: " ".join(arguments)[:30],
    )
    def test_a_key_as_an_argument_is_refused_with_the_reason_and_never_repeated(
        self, arguments: tuple[str, ...], isolated: Path
    ) -> None:
        done = syncscope(*arguments)
        said = done.stdout + done.stderr
        assert done.returncode == 2
        assert "never taken as an argument" in said
        assert not any(secret in said for secret in (KEY[8:], "22vUhkC6", "anything"))
        assert not list(isolated.rglob("profiles.toml"))


class TestTerminal:
    @pytest.mark.parametrize(
        ("environ", "stdin", "stdout", "there_is_one"),
        [
            ({}, True, True, True),
            ({"TERM": "xterm-256color"}, True, True, True),
            ({"TERM": "dumb"}, True, True, False),
            ({"TERM": "unknown"}, True, True, False),
            ({"CI": "true"}, True, True, False),
            ({"CI": "1"}, True, True, False),
            ({"CI": "false"}, True, True, True),
            ({"CI": ""}, True, True, True),
            ({}, False, True, False),
            ({}, True, False, False),
            ({}, None, True, False),
            ({}, True, None, False),
        ],
    )
    def test_a_terminal_is_what_can_show_screens(
        self, environ: Mapping[str, str], stdin: bool | None, stdout: bool | None, there_is_one: bool
    ) -> None:
        streams = [None if terminal is None else Stream(terminal) for terminal in (stdin, stdout)]
        assert is_terminal(environ, *streams) is there_is_one


class TestProfiles:
    def test_the_command_line_knows_the_environments_that_profiles_know(self) -> None:
        assert [kind.value for kind in DataKind] == [kind.value for kind in Environment]
        declared = Profile.model_fields["environment"].annotation
        assert {kind.value for kind in DataKind} <= {word for each in get_args(declared) for word in get_args(each)}

    def test_those_built_in_are_listed_and_the_default_is_marked(self) -> None:
        done = syncscope("profiles", "list")
        lines = [line.split() for line in done.stdout.splitlines()]
        assert lines[1] == ["*", "demo", "terminal", "simulated", "writable", "its", "own", "embedded"]
        assert [line[0] for line in lines[2:]] == ["demo-stuut", "sandbox", "production"]
        assert (done.returncode, done.stderr) == (0, "")

    def test_the_environments_server_is_the_default_and_its_key_is_not_shown(self) -> None:
        done = syncscope("profiles", "list", TERMINAL_API_KEY=KEY, TERMINAL_ENVIRONMENT="prod")
        assert "* environment terminal production locked $TERMINAL_API_KEY" in " ".join(done.stdout.split())
        assert KEY not in done.stdout + done.stderr

    def test_one_that_is_added_is_listed(self) -> None:
        added = syncscope(
            "profiles", "add", "mine", "--base-url", "https://e.example/tsp/v1/", "--environment", "sandbox"
        )
        assert (added.returncode, added.stdout) == (0, "Added. Try it: syncscope profiles test mine\n")
        assert "mine terminal sandbox writable asked for https://e.example/tsp/v1" in " ".join(
            syncscope("profiles", "list").stdout.split()
        )

    def test_one_that_replaces_a_built_in_or_is_not_what_it_declares_is_told_so(self) -> None:
        replaced = syncscope("profiles", "add", "sandbox", "--base-url", "http://127.0.0.1:9/tsp/v1")
        assert "takes the place of the built-in profile “sandbox”" in replaced.stderr
        declared = syncscope(
            "profiles", "add", "m", "--base-url", "https://api.withterminal.com/tsp/v1", "--environment", "sandbox"
        )
        assert "this address is production, whatever is declared" in declared.stderr

    def test_one_of_another_kind_is_listed_as_such(self) -> None:
        syncscope("profiles", "add", "mine", "--kind", "stuut", "--base-url", "https://e.example/v2/integrations")
        assert "mine stuut production locked asked for" in " ".join(syncscope("profiles", "list").stdout.split())

    def test_a_kind_that_nobody_knows_is_refused_with_those_that_there_are(self) -> None:
        done = syncscope("profiles", "add", "mine", "--kind", "pigeon", "--base-url", "https://e.example")
        assert done.returncode == 1
        assert "terminal, stuut" in done.stderr

    def test_one_that_is_there_already_is_not_replaced(self) -> None:
        for _ in range(2):
            done = syncscope("profiles", "add", "mine", "--base-url", "https://e.example")
        assert done.returncode == 1
        assert "Choose another name" in done.stderr

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("a b", "--base-url", "https://e.example"), "NAME: letters"),
            (("demo", "--base-url", "https://e.example"), "reserved"),
            (("mine", "--base-url", "http://e.example"), "in clear"),
            (("mine", "--base-url", "nonsense"), "--base-url"),
            (("mine", "--base-url", "https://e.example", "--key-env", "a-b"), "Never the key itself"),
            (("mine", "--base-url", "https://e.example", "--budget", "0"), "--budget"),
            (("mine", "--base-url", "https://e.example", "--budget", "nan"), "--budget"),
        ],
    )
    def test_what_cannot_be_right_is_refused_by_its_option(self, arguments: tuple[str, ...], said: str) -> None:
        done = syncscope("profiles", "add", *arguments)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_broken_file_is_told_and_the_rest_is_listed(self, isolated: Path) -> None:
        syncscope("profiles", "add", "mine", "--base-url", "https://e.example")
        [path] = isolated.rglob("profiles.toml")
        path.write_text("[profiles.mine\n")
        done = syncscope("profiles", "list")
        assert done.returncode == 0
        assert "demo" in done.stdout
        assert "profiles.toml" in done.stderr

    def test_the_embedded_server_needs_no_test(self) -> None:
        done = syncscope("profiles", "test", "demo")
        assert (done.returncode, done.stdout) == (0, "The embedded server needs no test: syncscope demo\n")

    @pytest.mark.parametrize(("status", "code"), [(200, 0), (401, 1)])
    def test_a_test_tells_each_step_and_ends_as_it_went(self, status: int, code: int) -> None:
        with ScriptedServer(Reply(status, json={"results": []})) as server:
            syncscope("profiles", "add", "mine", "--base-url", server.url, "--key-env", "MY_KEY")
            done = syncscope("profiles", "test", "mine", MY_KEY="sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc")
        assert done.returncode == code
        assert "✓" in done.stdout
        assert ("✗" in done.stdout) is bool(code)
        assert "4eC39HqLyj" not in done.stdout + done.stderr

    def test_a_key_that_is_missing_is_told_with_its_variable(self) -> None:
        syncscope("profiles", "add", "mine", "--base-url", "https://e.example", "--key-env", "MY_KEY")
        done = syncscope("profiles", "test", "mine")
        assert done.returncode == 1
        assert "MY_KEY is not set" in done.stderr

    def test_a_key_for_another_environment_is_refused_before_anything_is_sent(self) -> None:
        done = syncscope("profiles", "test", "sandbox", SYNCSCOPE_SANDBOX_KEY=KEY)
        assert done.returncode == 1
        assert "Nothing was sent" in done.stderr
        assert KEY not in done.stderr


def served(*arguments: str) -> subprocess.Popen[str]:
    """A sandbox that runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "tui_app", "sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


class TestSandbox:
    @pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
    def test_its_first_line_says_where_it_is_and_a_signal_ends_it_quietly(self, end: signal.Signals) -> None:
        process = served("--connections", "5", "--speed", "0")
        try:
            said = json.loads(first_line(process.stdout))
            named = {"terminal_url", "api_key", "connection_tokens", "stuut_url", "stuut_key"}
            assert set(said) == {*named, "control_url", "scenarios"}
            assert said["scenarios"] == []
            headers = {"Authorization": f"Bearer {said['api_key']}"}
            rows = httpx.get(f"{said['terminal_url']}/connections", headers=headers, trust_env=False).json()["results"]
            assert len(rows) == 5
            assert set(said["connection_tokens"]) <= {row["token"] for row in rows}
        finally:
            process.send_signal(end)
            rest, errors = process.communicate(timeout=60)
        assert (process.returncode, rest) == (0, "")
        assert "Traceback" not in errors
        assert "5 simulated connections" in errors

    def test_a_port_that_is_taken_is_told(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = syncscope("sandbox", "--port", str(port))
        assert (done.returncode, done.stdout) == (1, "")
        assert f"127.0.0.1:{port}" in done.stderr

    @pytest.mark.parametrize("content", [None, "not json", "{}"])
    def test_a_state_file_that_cannot_be_used_is_told(self, content: str | None, tmp_path: Path) -> None:
        path = tmp_path / "state"
        if content is None:
            path.mkdir()
        else:
            path.write_text(content)
        done = syncscope("sandbox", "--state", str(path))
        assert (done.returncode, done.stdout) == (1, "")
        assert str(path) in done.stderr
        assert "Traceback" not in done.stderr


class TestDemo:
    def test_piped_it_plays_the_main_job_to_its_end(self, played: subprocess.Popen[str]) -> None:
        output, errors = played.communicate(timeout=60)
        lines = output.splitlines()
        assert (played.returncode, errors) == (0, "")
        assert "SIMULATED" in lines[0]
        assert any(line.startswith("48 connections: ") for line in lines)
        assert any(line.startswith("Created a connection: Prairie Lines, Geotab, conn_") for line in lines)
        assert any(line.startswith("Requested a sync of 7 days (from ") for line in lines)
        progress = [line.split()[1] for line in lines if line.endswith(" %") and line.startswith("  ") and ":" in line]
        assert len(set(progress)) >= 10
        assert any("issue + " in line for line in lines)
        assert any(line.startswith("✓ Completed with 1 issue, after ") for line in lines)

    def test_a_reader_that_leaves_ends_it_quietly(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui_app", "demo", "--speed", "600"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "SIMULATED" in first_line(process.stdout)
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        process.stderr.close()
        process.wait(20)

    def test_ctrl_c_ends_it_quietly(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui_app", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        first_line(process.stdout)
        first_line(process.stdout)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert errors == "Left before the end.\n"
