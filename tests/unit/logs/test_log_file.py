"""The log file: private, rotated, harmless to read, and never a reason to fail."""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui_app.logs.handler import PrivateFile
from tui_app.logs.log_file import LogFile, current, logged, persons_log
from tui_app.models.settings import Settings

logger = logging.getLogger("tui_app.tests")


@contextmanager
def logging_to(path: Path, level: str = "info", complain: Callable[[str], None] = print) -> Iterator[LogFile]:
    log = LogFile(path, level)
    log.begin(complain)
    try:
        yield log
    finally:
        log.end()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_is_opened_before_the_first_record(tmp_path: Path) -> None:
    with logging_to(tmp_path / "logs" / "a.log") as log:
        assert not log.path.parent.exists()
        logger.info("hello")
        assert log.path.exists()


def test_file_and_folder_are_the_persons_own(tmp_path: Path) -> None:
    with logging_to(tmp_path / "logs" / "a.log") as log:
        logger.info("hello")
        assert (mode(log.path), mode(log.path.parent)) == (0o600, 0o700)


def test_a_file_that_others_could_read_no_longer_can_be(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("before\n")
    path.chmod(0o644)
    with logging_to(path):
        logger.info("hello")
    assert mode(path) == 0o600
    assert path.read_text().startswith("before\n")


def test_a_record_is_one_line_with_the_time_in_utc(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log") as log:
        logger.warning("a %s\r\nb\x1b]0;c\x07\u202e", "x")
        [line] = log.path.read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING  tests: a x␍␊b␛\]0;c␇‹202E›", line)


def test_a_traceback_follows_indented_and_without_control_characters(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log") as log:
        try:
            raise ValueError("one\n2026-11-22T14:02:00.000Z INFO forged\x1b[2J")
        except ValueError:
            logger.exception("it broke")
        first, *rest = log.path.read_bytes().decode().rstrip("\n").split("\n")
    assert first.endswith("tests: it broke")
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\x1b" not in "".join(rest)
    assert "def test_a_traceback" not in "".join(rest)


def test_a_record_that_cannot_be_told_fails_nobody(tmp_path: Path) -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no")

    file = PrivateFile(tmp_path / "a.log", print)
    for message, arguments in (("%s", (Bad(),)), ("%d", ("no number",)), (Bad(), ())):
        file.emit(logging.LogRecord("tui_app.x", logging.INFO, "", 0, message, arguments, None))  # pytest's would raise
    file.close()
    assert len((tmp_path / "a.log").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "warning"]),
        ("info", ["info", "warning"]),
        ("warning", ["warning"]),
        ("off", []),
        ("nonsense", ["info", "warning"]),
    ],
)
def test_how_much_is_written_is_the_persons_choice(tmp_path: Path, level: str, written: list[str]) -> None:
    with logging_to(tmp_path / "a.log", level) as log:
        for name in ("debug", "info", "warning"):
            getattr(logger, name)(name)
        assert [line.split()[-1] for line in log.last_lines()] == written
        assert log.path.exists() is bool(written)


def test_of_other_modules_only_what_goes_wrong_is_written(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log", "debug") as log:
        logging.getLogger("somebody.else").warning("odd")
        logging.getLogger("somebody.else").info("usual")
        assert [line.split(": ")[1] for line in log.last_lines()] == ["odd"]


def test_after_its_end_nothing_is_written(tmp_path: Path) -> None:
    with logging_to(tmp_path / "a.log") as log:
        assert current() is log
    logger.warning("late")
    assert current() is None
    assert not log.path.exists()
    assert logging.getLogger("tui_app").level == logging.NOTSET


class TestRotation:
    def write(self, path: Path, count: int) -> PrivateFile:
        file = PrivateFile(path, print, largest=2_000, files=3)
        for number in range(count):
            file.emit(logging.makeLogRecord({"name": "tui_app.x", "msg": f"record {number}", "levelname": "INFO"}))
        file.close()
        return file

    def test_the_oldest_goes_and_none_is_much_larger_than_it_may_be(self, tmp_path: Path) -> None:
        path = tmp_path / "a.log"
        self.write(path, 500)
        files = [tmp_path / name for name in ("a.log", "a.log.1", "a.log.2")]
        assert sorted(each.name for each in tmp_path.iterdir() if not each.name.startswith(".")) == [
            each.name for each in files
        ]
        assert all(each.stat().st_size <= 2_000 and mode(each) == 0o600 for each in files)
        lines = [line for each in reversed(files) for line in each.read_text().splitlines()]
        numbers = [int(line.split()[-1]) for line in lines]
        assert numbers == list(range(numbers[0], 500))

    def test_two_that_run_at_once_write_into_the_same_newest_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.log"
        both = [PrivateFile(path, print, largest=2_000, files=3) for _ in range(2)]
        for number in range(200):
            both[number % 2].emit(logging.makeLogRecord({"name": "tui_app.x", "msg": f"record {number}"}))
        for file in both:
            file.close()
        lines = [
            line for name in ("a.log.2", "a.log.1", "a.log") for line in (tmp_path / name).read_text().splitlines()
        ]
        numbers = [int(line.split()[-1]) for line in lines]
        assert numbers == list(range(numbers[0], 200))

    def test_a_file_that_was_taken_away_is_begun_anew(self, tmp_path: Path) -> None:
        with logging_to(tmp_path / "a.log") as log:
            logger.info("one")
            log.path.unlink()
            logger.info("two")
            assert [line.split()[-1] for line in log.last_lines()] == ["two"]


class TestTrouble:
    def test_a_folder_that_cannot_be_made_is_said_once_and_nothing_fails(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        said: list[str] = []
        with logging_to(tmp_path / "file" / "a.log", complain=said.append) as log:
            logger.info("one")
            logger.info("two")
            assert said == [f"{log.path} cannot be written: Not a directory"]
            assert log.where == f"There is no log: {said[0]}."
            assert (log.size(), log.last_lines()) == (0, [])

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
    def test_a_full_disk_is_said_once_and_nothing_fails(self, tmp_path: Path) -> None:
        (tmp_path / "a.log").symlink_to("/dev/full")
        said: list[str] = []
        with logging_to(tmp_path / "a.log", complain=said.append):
            for _ in range(3):
                logger.info("one")
        assert said == [f"{tmp_path / 'a.log'} cannot be written: No space left on device"]

    def test_it_is_tried_again_later_and_says_what_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "file"
        folder.write_text("")
        monkeypatch.setattr("tui_app.logs.handler.RETRY_S", 0.0)
        with logging_to(folder / "a.log", complain=lambda _: None) as log:
            logger.info("one")
            logger.info("two")
            folder.unlink()
            logger.info("three")
            first, second = log.last_lines()
            assert first == "(2 lines before this one could not be written)"
            assert second.endswith("three")
            assert log.trouble == ""


def test_the_last_lines_are_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {number}\n" for number in range(20_000)))
    log = LogFile(path)
    assert log.last_lines(3) == ["line 19997", "line 19998", "line 19999"]
    assert all(line.startswith("line ") for line in log.last_lines(100_000))


def test_it_lies_where_the_person_says(tmp_path: Path) -> None:
    log = persons_log(Settings(log="debug"), {"SYNCSCOPE_LOG_DIR": str(tmp_path)})
    assert (log.path, log.level) == (tmp_path / "syncscope.log", "debug")
    assert persons_log(environ={"SYNCSCOPE_LOG": "off"}).is_off


def test_a_command_says_when_it_began_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCSCOPE_LOG_DIR", str(tmp_path))
    with logged("profiles test"):
        logger.info("between")
    first, between, last = (tmp_path / "syncscope.log").read_text().splitlines()
    assert "profiles test: Syncscope " in first
    assert between.endswith("between")
    assert last.endswith("profiles test: ended")
