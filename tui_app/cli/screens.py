"""Opens the screens, where there is a terminal. Imports nothing before it must: this is what people wait for."""

from __future__ import annotations

import gc
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tui_app.config.profiles import ProfileStore
    from tui_app.workspace.recording import Recording


def is_terminal(environ: Mapping[str, str], stdin: TextIO | None, stdout: TextIO | None) -> bool:
    """Whether there is a terminal that can show screens: not a pipe, not a dumb one, not a CI job's."""
    if environ.get("TERM") in ("dumb", "unknown") or environ.get("CI", "").lower() in ("1", "true", "yes"):
        return False
    # A stream that was closed before the start is None.
    return stdin is not None and stdout is not None and stdin.isatty() and stdout.isatty()


def open_screens(
    profile: str = "",
    demo_speed: float | None = None,
    *,
    recording: Recording | None = None,
    read_only: bool = False,
) -> int:
    """Run the application on a profile, the default one where none is named, and return its exit code.

    Args:
        profile: Its name.
        demo_speed: How many times faster the embedded server lives.
        recording: What is shown instead of any server.
        read_only: Whether nothing is changed, whatever is pressed.
    """
    # What is imported and made until the first rows stand there stays for good. Looking through it for garbage, again
    # with every few hundred objects more, took a sixth of the time to the first paint.
    gc.disable()
    # And the thread that writes what was painted gets its turn at once, instead of after what is imported next.
    sys.setswitchinterval(0.0005)
    from tui_app.app import Syncscope
    from tui_app.config.paths import find_paths
    from tui_app.config.settings import read_settings
    from tui_app.logs.log_file import persons_log

    settings = read_settings(find_paths().settings, os.environ)
    log = persons_log(settings)
    if recording is not None:
        from tui_app.opening import OnlyRecorded

        only = OnlyRecorded(recording)
        app = Syncscope(profiles=only.profiles, open_workspace=only.open, settings=settings, log_file=log)
    else:
        app = Syncscope(
            profile or None,
            _unchanged_profiles() if read_only else None,
            demo_speed=demo_speed,
            settings=settings,
            log_file=log,
            read_only=read_only,
        )
    leave_with_terminal(sys.stdin.fileno(), lambda: app.call_from_thread(app.exit))
    app.run()
    log.end()
    if app.last_words:
        print(app.last_words, file=sys.stderr)
    return app.return_code or 0


def _unchanged_profiles() -> ProfileStore:
    from tui_app.config.paths import find_paths
    from tui_app.opening import UnchangedProfiles

    return UnchangedProfiles(find_paths().profiles)


GRACE = 3.0
"""Seconds that the application has to end in order once its terminal is gone."""


def leave_with_terminal(descriptor: int, leave: Callable[[], object]) -> None:
    """End the application when its terminal is closed.

    Whoever starts a session is told of that by a signal; what runs below it, such as below ``make``, is not, and would
    read from a terminal that is gone for ever.
    """

    def wait() -> None:
        hangup = select.poll()
        hangup.register(descriptor, 0)  # no event but those that always come: an error, or a hang-up
        hangup.poll()
        ended = threading.Timer(GRACE, os._exit, (129,))  # what a hang-up makes of a process
        ended.daemon = True
        ended.start()
        leave()

    if hasattr(select, "poll"):
        threading.Thread(target=wait, name="hang-up", daemon=True).start()
