"""The clipboard: what the terminal is asked for, which tools are asked beside it, and what is said where it fails."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import until
from tui_app import clipboard
from tui_app.clipboard import MOST, Copied, pasteable, put, sequence, tools

TEXT = "conn_01GV12VR4DJP70GD1ZBK0SDWFH"
PLAIN = f"\x1b]52;c;{base64.b64encode(TEXT.encode()).decode()}\x07"
ON_X = {"DISPLAY": ":0"}


def tool(folder: Path, name: str, script: str) -> Path:
    """A small command that stands for a system's tool."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def environ(folder: Path, **more: str) -> dict[str, str]:
    """An environment in which there are the tools of a folder, and what any shell script needs."""
    return {"PATH": f"{folder}:/usr/bin:/bin", **more}


def from_screen(written: str) -> str:
    """What GNU screen passes on of what it is sent: the content of each of its device control strings."""
    assert re.fullmatch(r"(?:\x1bP(?:(?!\x1b\\).)+\x1b\\)+", written, re.DOTALL)
    return "".join(re.findall(r"\x1bP((?:(?!\x1b\\).)+)\x1b\\", written, re.DOTALL))


class TestSequence:
    def test_a_terminal_is_asked_by_osc_52(self) -> None:
        assert sequence(TEXT, {"TERM": "xterm-256color"}) == PLAIN

    @pytest.mark.parametrize(
        "where", [{"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "screen"}, {"TERM": "tmux-256color"}]
    )
    def test_within_tmux_both_tmux_and_the_terminal_around_it_are_asked(self, where: dict[str, str]) -> None:
        inner = PLAIN.replace("\x1b", "\x1b\x1b")
        assert sequence(TEXT, where) == f"{PLAIN}\x1bPtmux;{inner}\x1b\\"

    def test_an_empty_variable_is_none(self) -> None:
        assert sequence(TEXT, {"TMUX": "", "STY": "", "TERM": "xterm"}) == PLAIN

    @pytest.mark.parametrize("length", [1, 200, 1000, 50_000])
    def test_gnu_screen_passes_it_on_in_pieces_that_it_can_hold(self, length: int) -> None:
        text = "x" * length
        written = sequence(text, {"STY": "1.pts-0", "TERM": "screen"})
        assert from_screen(written) == f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
        assert max(len(piece) for piece in written.split("\x1b\\")) <= 256

    def test_far_from_screen_a_long_text_is_never_sent_as_it_is_since_screen_would_paint_it(self) -> None:
        short, long = (sequence("x" * length, {"TERM": "screen-256color"}) for length in (20, 5000))
        assert short.startswith("\x1b]52;c;")
        assert from_screen(short.partition("\x07")[2])
        assert from_screen(long)

    def test_what_terminals_do_not_take_is_not_sent(self) -> None:
        fitting = "x" * (MOST // 4 * 3)
        assert sequence(fitting, {})
        assert sequence(fitting + "xxx", {}) == ""

    @given(st.text())
    def test_any_text_arrives_as_it_can_be_pasted(self, text: str) -> None:
        kept = pasteable(text)
        content = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", sequence(kept, {}))
        assert content
        assert base64.b64decode(content[1]).decode() == kept

    @given(st.text(alphabet=st.characters(max_codepoint=0x9F) | st.sampled_from("\ud800\udfff\r\n\t")))
    def test_nothing_that_ends_a_paste_or_is_a_key_is_copied(self, text: str) -> None:
        kept = pasteable(text)
        assert not [character for character in kept if not character.isprintable() and character not in "\n\t\xa0\xad"]
        assert pasteable(kept) == kept


class TestTools:
    @pytest.mark.parametrize(
        ("platform", "variables", "expected"),
        [
            ("darwin", {}, ["pbcopy"]),
            ("linux", {}, []),
            ("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ["wl-copy", "xclip", "xsel"]),
            ("linux", ON_X, ["xclip", "xsel"]),
            ("linux", {"WSL_DISTRO_NAME": "Debian"}, ["clip.exe"]),
        ],
    )
    def test_each_system_has_its_own(
        self, tmp_path: Path, platform: str, variables: dict[str, str], expected: list[str]
    ) -> None:
        for name in ("pbcopy", "wl-copy", "xclip", "xsel", "clip.exe"):
            tool(tmp_path, name, "cat >/dev/null")
        found = list(tools({"PATH": str(tmp_path), **variables}, platform))
        assert [Path(command[0]).name for command in found] == expected
        assert all(Path(command[0]).parent == tmp_path for command in found)

    @pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"])
    def test_over_ssh_none_is_asked_because_it_would_reach_the_wrong_machine(
        self, tmp_path: Path, variable: str
    ) -> None:
        tool(tmp_path, "xclip", "cat >/dev/null")
        assert not list(tools({"PATH": str(tmp_path), **ON_X, variable: "x"}, "linux"))

    def test_a_tool_that_is_not_installed_is_not_asked(self, tmp_path: Path) -> None:
        assert not list(tools({"PATH": str(tmp_path), **ON_X}, "linux"))


class TestPut:
    async def test_a_tool_takes_the_text_and_the_terminal_is_asked_as_well(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", f'echo "$@" >{tmp_path}/options; cat >{tmp_path}/taken')
        written: list[str] = []
        copied = await put("é\n$HOME `id` '\"", environ(tmp_path, **ON_X), written.append)
        assert copied == Copied("xclip", asked=True)
        assert (tmp_path / "taken").read_text() == "é\n$HOME `id` '\"\n"[:-1]
        assert (tmp_path / "options").read_text() == "-selection clipboard\n"
        assert len(written) == 1

    async def test_a_text_too_long_for_terminals_still_goes_to_the_tool(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", f"cat >{tmp_path}/taken")
        written: list[str] = []
        copied = await put("x" * 1_000_000, environ(tmp_path, **ON_X), written.append)
        assert (copied, written) == (Copied("xclip", asked=False), [])
        assert (tmp_path / "taken").stat().st_size == 1_000_000

    async def test_where_nothing_can_take_it_nothing_is_claimed(self, tmp_path: Path) -> None:
        assert await put("x" * 1_000_000, {"PATH": str(tmp_path)}, lambda _: None) == Copied()

    async def test_a_tool_that_fails_is_told_in_its_own_words_and_the_next_one_is_asked(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", 'echo "Error: Can\'t open display: \033[31m:7" >&2; exit 1')
        where = environ(tmp_path, **ON_X)
        copied = await put(TEXT, where, lambda _: None)
        assert copied.tool == ""
        assert copied.asked
        assert copied.problem == "xclip failed with exit code 1 (Error: Can't open display: ␛[31m:7)"
        tool(tmp_path, "xsel", "cat >/dev/null")
        assert await put(TEXT, where, lambda _: None) == Copied("xsel", asked=True)

    async def test_a_tool_that_cannot_be_started_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "xclip").write_text("no script at all")
        (tmp_path / "xclip").chmod(0o755)
        assert "xclip could not be started" in (await put(TEXT, environ(tmp_path, **ON_X), lambda _: None)).problem

    async def test_a_tool_that_does_not_read_is_told_by_its_exit_code(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", "exit 3")
        copied = await put("x" * 1_000_000, environ(tmp_path, **ON_X), lambda _: None)
        assert copied.problem == "xclip failed with exit code 3"

    @pytest.mark.parametrize("size", [10, 1_000_000])
    async def test_a_tool_that_hangs_is_ended_with_all_that_it_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        monkeypatch.setattr(clipboard, "PATIENCE", 0.3)
        tool(tmp_path, "xclip", f"echo $$ >{tmp_path}/group; sleep 600")
        began = time.monotonic()
        copied = await put("x" * size, environ(tmp_path, **ON_X), lambda _: None)
        assert "xclip was ended: it took longer than 0.3 s" in copied.problem
        assert time.monotonic() - began < 20
        group = int((tmp_path / "group").read_text())
        await until(lambda: not _alive(group), limit=10)

    async def test_what_a_tool_leaves_running_to_serve_pastes_is_not_waited_for(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", f"cat >{tmp_path}/taken; sleep 3 & exit 0")
        began = time.monotonic()
        copied = await put(TEXT, environ(tmp_path, **ON_X), lambda _: None)
        assert copied.tool == "xclip"
        assert time.monotonic() - began < 2

    async def test_who_gives_up_leaves_no_tool_behind(self, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", f"echo $$ >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/group; sleep 600")
        putting = asyncio.create_task(put(TEXT, environ(tmp_path, **ON_X), lambda _: None))
        await until((tmp_path / "group").exists, limit=10)
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting
        await until(lambda: not _alive(int((tmp_path / "group").read_text())), limit=10)

    async def test_windows_tool_is_given_its_own_encoding(self, tmp_path: Path) -> None:
        tool(tmp_path, "clip.exe", f"cat >{tmp_path}/taken")
        where = environ(tmp_path, WSL_DISTRO_NAME="Debian")
        await put("Trépanier", where, lambda _: None)
        assert (tmp_path / "taken").read_bytes() == "Trépanier".encode("utf-16-le")
        await put(TEXT, where, lambda _: None)
        assert (tmp_path / "taken").read_bytes() == TEXT.encode()


def _alive(group: int) -> bool:
    """Whether any process of a group still runs; what is dead and not yet buried does not."""
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False
