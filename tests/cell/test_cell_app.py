"""What a kernel runs: the widget, what a cell shows, and on which thread what is done."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cell.viewer import PATIENCE, SIZE, Viewer, pasted
from tui_app import Explorer
from tui_app.notebook.cell import ENDED, CellApp, Page
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.kernel import Shown

WIDGET = "application/vnd.jupyter.widget-view+json"
CELL = contextvars.ContextVar("CELL", default="")


class Browser(Viewer):
    """A page that answers, over the widget's own messages.

    Attributes:
        replaced: What displays were replaced by, in order.
        asked_by: What `CELL` said where each message was sent.
        code: The program that it was sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.app: CellApp | None = None
        self.replaced: list[dict[str, Any]] = []
        self.asked_by: list[str] = []
        self.threads: set[str] = set()
        self.code = b""

    def say(self, **message: Any) -> None:
        """Send a message to the kernel."""
        assert self.app is not None
        self.app._heard(None, message, [])

    def sent(self, _: Page, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Be sent one."""
        self.asked_by.append(CELL.get())
        self.threads.add(threading.current_thread().name)
        self.code = buffers[0] if buffers else self.code
        self.take(message)
        if message["kind"] == "draw":
            self.say(kind="drawn", frame=message["frame"])

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something is so; what it waits for happens on another thread."""
        end = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < end, f"did not come true; the page shows:\n{self.text}"
            time.sleep(0.002)


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    """An explorer on the embedded server, for all tests here."""
    with Explorer.demo() as explorer:
        yield explorer


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A page."""
    browser = Browser()

    class Display(Shown):
        def __init__(self, bundle: dict[str, Any]) -> None:
            browser.replaced.append(bundle)

        def replace(self, bundle: Any) -> None:
            browser.replaced.append(bundle)

    monkeypatch.setattr(Page, "send", lambda *args: browser.sent(*args))
    monkeypatch.setattr("tui_app.notebook.cell.Shown", Display)
    return browser


@pytest.fixture
def app(explorer: Explorer, browser: Browser) -> Iterator[CellApp]:
    """The interface in a cell."""
    app = browser.app = explorer.app()
    yield app
    app.close()


def test_a_cell_shows_a_picture_until_a_page_answers(app: CellApp, browser: Browser) -> None:
    app._ipython_display_()
    [shown] = browser.replaced
    assert "connections" in shown["text/plain"]
    assert "connections" in shown["text/html"]
    assert "<script" not in shown["text/html"]
    assert WIDGET not in shown
    browser.say(kind="here")
    browser.until(lambda: len(browser.replaced) == 2)
    assert browser.replaced[-1][WIDGET]["model_id"] == app.widget.model_id
    assert "connections" in browser.replaced[-1]["text/html"]  # what is exported later shows this


def test_a_page_is_sent_the_program_and_then_the_screen(app: CellApp, browser: Browser) -> None:
    browser.say(kind="code")
    browser.until(lambda: len(browser.code) > 100_000)
    browser.say(kind="show", columns=SIZE[0], rows=SIZE[1])
    browser.until(lambda: "connections" in browser.text)
    browser.say(kind="type", text="?")
    browser.until(lambda: "Esc closes this" in browser.text)


def test_what_a_notebook_keeps_of_it_is_small(app: CellApp) -> None:
    assert len(str(app.widget.get_state())) < 3_000


def test_it_is_drawn_as_an_answer_to_what_was_heard_last(app: CellApp, browser: Browser) -> None:
    def heard() -> None:
        CELL.set("the message")
        browser.say(kind="show", columns=SIZE[0], rows=SIZE[1])

    contextvars.copy_context().run(heard)
    browser.until(lambda: len(browser.drawn) > 1)
    assert set(browser.asked_by) == {"the message"}
    assert threading.current_thread().name not in browser.threads


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "type"},
        {"kind": "type", "text": 3},
        {"kind": "type", "text": ""},
        {"kind": "size", "columns": "1", "rows": None},
        {"kind": "size", "columns": -4, "rows": 10**9},
        {"kind": "drawn", "frame": 10**9},
        {"kind": "unheard of"},
    ],
)
def test_what_is_no_message_of_ours_changes_nothing(app: CellApp, browser: Browser, message: dict[str, Any]) -> None:
    browser.say(kind="show", columns=SIZE[0], rows=SIZE[1])
    browser.say(**message)
    browser.say(kind="size", columns=SIZE[0], rows=SIZE[1])
    browser.until(lambda: "connections" in browser.text)
    assert app.running


def test_what_is_done_there_is_seen_by_the_explorer(explorer: Explorer, app: CellApp, browser: Browser) -> None:
    browser.say(kind="show", columns=SIZE[0], rows=SIZE[1])
    connection = next(each for each in explorer.connections(state="connected", sync="completed"))
    browser.say(kind="type", text="/")
    browser.say(kind="type", text=pasted(f"id:{connection.id}"))
    browser.until(lambda: "1 of 48" in browser.text)
    browser.say(kind="type", text="\r")
    browser.say(kind="type", text="s")
    browser.until(lambda: "Request a sync" in browser.text)
    browser.say(kind="type", text="\r")
    browser.until(lambda: bool(explorer.workspace.watcher.watches))


def test_once_it_has_ended_its_last_look_stays_and_pages_are_told(app: CellApp, browser: Browser) -> None:
    app._ipython_display_()
    browser.say(kind="here")
    browser.say(kind="show", columns=SIZE[0], rows=SIZE[1])
    browser.until(lambda: "? help" in browser.text)
    browser.say(kind="type", text="q")
    browser.until(lambda: not app.running)
    assert {"kind": "ended", "words": ENDED} in browser.told
    assert WIDGET not in browser.replaced[-1]
    assert ENDED in browser.replaced[-1]["text/html"]
    assert "connections" in browser.replaced[-1]["text/html"]
    browser.told.clear()
    browser.say(kind="show", columns=80, rows=24)  # a page that is loaded later
    assert browser.told == [{"kind": "ended", "words": ENDED}]


def test_an_explorer_that_is_closed_ends_it(browser: Browser) -> None:
    with Explorer.demo() as explorer:
        app = browser.app = explorer.app()
    assert not app.running
    with pytest.raises(ExplorerError, match="closed"):
        explorer.app()


MISSING = """
import sys
sys.modules["anywidget"] = None
from tui_app import Explorer
from tui_app.notebook.errors import ExplorerError
with Explorer.demo() as explorer:
    try:
        explorer.app()
    except ExplorerError as error:
        print(error._render_traceback_())
"""


def test_without_the_extra_a_sentence_says_how_to_install_it() -> None:
    done = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, check=True)
    assert "pip install 'syncscope[jupyter]'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
