"""What is told and written when something in Syncscope breaks that nobody caught: no variables, no secrets.

Python prints a message as it is, and Textual every variable of every function. Either may hold a key.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from typing import Any, TextIO

BROKEN = 1
"""The exit code of a program that broke."""

logger = logging.getLogger(__name__)
# It is at work before anything else of ours is: without a handler, Python would print what is told as it is.
logging.getLogger("tui_app").addHandler(logging.NullHandler())


def guard() -> None:
    """Take the place of what Python prints of errors that nobody caught, on any thread."""
    sys.excepthook = lambda _, error, __: _told_by_hook(error)
    threading.excepthook = lambda args: _thread_ended(args)
    sys.unraisablehook = lambda args: _unraisable(args)


def last_words(error: BaseException) -> str:
    """What is printed when the program ends by an error: where it came from, what happened, where the log is."""
    from tui_app.logs.redaction import safe_traceback, safe_words

    return f"{safe_traceback(error)}\n\n{ended_words(safe_words(error))}"


def ended_words(what: str) -> str:
    """That the program ended, by what, and where the log is; `what` holds no secrets."""
    from tui_app.logs.log_file import current

    log = current()
    where = log.where if log is not None else "There is no log of it."
    return (
        f"Syncscope ended because something in it broke: {what}\n"
        f"This is a fault in Syncscope, not in your data. {where}"
    )


def report(error: BaseException, *, told: TextIO | None = None) -> int:
    """Write an error into the log and tell it, and return the exit code of a program that broke."""
    from tui_app.logs.log_file import current, persons_log

    if current() is None:
        persons_log().begin()
    note(error)
    print(last_words(error), file=told or sys.stderr)
    return BROKEN


def note(error: BaseException) -> None:
    """Write an error that ends the program into the log."""
    logger.critical("broke: %s", type(error).__name__, exc_info=(type(error), error, error.__traceback__))


def on_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error in a task or a callback that nobody waited for: it is written, and the program goes on."""
    error = context.get("exception")
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    logger.error("in the background: %s", context.get("message", ""), exc_info=exc_info)


def _told_by_hook(error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
    else:
        report(error)


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    from tui_app.logs.redaction import safe_traceback, safe_words

    error, name = args.exc_value, args.thread.name if args.thread else "?"
    if error is None:
        return
    logger.error("the thread %s ended by an error", name, exc_info=(type(error), error, error.__traceback__))
    if logging.getLogger().handlers:
        print(f"Something in Syncscope broke: {safe_words(error)}", file=sys.stderr)
    else:
        print(safe_traceback(error), file=sys.stderr)


def _unraisable(args: Any) -> None:
    error = args.exc_value
    if error is not None:
        logger.error(
            "while something was let go: %s", args.err_msg or "", exc_info=(type(error), error, args.exc_traceback)
        )
