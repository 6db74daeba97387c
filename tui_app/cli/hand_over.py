"""``syncscope report``, ``bundle`` and ``open``: handing over what is known of a connection or sync, and taking it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.api.errors import ApiError
from tui_app.cli.profiles import default_profile, key_of, known
from tui_app.config.files import write_new
from tui_app.findings.bundle.layout import MOST_PACKED, BundleError
from tui_app.logs.log_file import logged
from tui_app.models.text import safe_block, safe_text
from tui_app.opening import EmbeddedServer, open_workspace
from tui_app.workspace.handing_over import HandedOver, hand_over, handed_over
from tui_app.workspace.lookup import look_up
from tui_app.workspace.recording import Recording, read_recording

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.models.profile import Profile


class Refused(Exception):
    """Something could not be done; the text says why, each argument on a line."""


def print_report(wanted: str, profile: str) -> int:
    """Print the report of a connection or sync, and return the exit code."""

    def print_it() -> None:
        sys.stdout.write(_gathered(wanted, profile).checked_report().decode())

    return _told("report", print_it)


def write_bundle(wanted: str, profile: str, path: Path, *, force: bool) -> int:
    """Write the bundle of a connection or sync, and return the exit code."""

    def write_it() -> None:
        _check_place(path, force=force)
        handed = _gathered(wanted, profile)
        content = handed.bundle()
        try:
            write_new(path, content, replacing=force)
        except FileExistsError:
            raise Refused(f"✗ {path} is there already.", "  Say --force to replace it.") from None
        except OSError as error:
            raise Refused(f"✗ {path} could not be written: {error.strerror}.") from None
        _say(f"Written: {path}, {len(content):,} bytes. The leak check found nothing in it.")
        for name, size in handed.sizes():
            _say(f"  {name}  {size:,} bytes")

    return _told("bundle", write_it)


def read_bundle(path: Path) -> Recording | None:
    """Read a bundle; where it is refused, say why on standard error and answer ``None``."""
    try:
        if not path.is_file():
            raise BundleError("It is no file." if path.exists() else "There is no such file.")
        if path.stat().st_size > MOST_PACKED:
            raise BundleError(f"It is larger than a bundle may be ({MOST_PACKED >> 20} MB).")
        return read_recording(path.read_bytes())
    except OSError as error:
        reason, step = f"It could not be read: {error.strerror}.", ""
    except BundleError as error:
        reason, step = error.reason, error.next_step
    _say(f"✗ “{safe_text(str(path), 200)}” was not opened. {safe_text(reason, 400)}")
    if step:
        _say(f"  {safe_text(step, 300)}")
    return None


def print_recording(recording: Recording) -> int:
    """Print the report of what was recorded, and return the exit code."""
    sys.stdout.write(safe_block(handed_over(recording).report))
    return 0


def _check_place(path: Path, *, force: bool) -> None:
    """Refuse before anything is asked of a server."""
    if path.is_dir():
        raise Refused(f"✗ {path} is a folder.", "  Name a file in it.")
    if path.exists() and not force:
        raise Refused(f"✗ {path} is there already.", "  Say --force to replace it.")
    if not path.parent.is_dir():
        raise Refused(f"✗ There is no folder {path.parent}.")


def _gathered(wanted: str, name: str) -> HandedOver:
    profile = known(name) if name else default_profile()
    return asyncio.run(_gather(profile, None if profile.embedded else key_of(profile), wanted))


async def _gather(profile: Profile, key: SecretStr | None, wanted: str) -> HandedOver:
    embedded = EmbeddedServer()
    try:
        workspace = await open_workspace(profile, key, None, embedded)
        try:
            found = await look_up(workspace, wanted, lambda words: _say(f"… {words}"))
            if found is None:
                raise Refused(
                    f"✗ No connection or sync “{safe_text(wanted, 80)}” was found on “{safe_text(profile.name)}”.",
                    "  It may be another server's: --profile says which one is asked."
                    + (" Each run of the simulated server is a new one." if profile.embedded else ""),
                )
            return await hand_over(workspace, found.connection_id, found.sync_id)
        finally:
            await workspace.close()
    finally:
        await embedded.stop()


def _told(command: str, do: Callable[[], None]) -> int:
    """Carry a command out; where that cannot be, say why on standard error. Returns the exit code."""
    try:
        with logged(command):
            do()
    except ApiError as error:
        problem = error.problem
        lines = [f"✗ {problem.title}", problem.meaning, problem.next_step, problem.server_words]
    except Refused as refused:
        lines = [str(line) for line in refused.args]
    except BundleError as error:
        lines = [f"✗ {error.reason}", error.next_step]
    except KeyboardInterrupt:
        _say("Left before the end.")
        return 130
    else:
        return 0
    for line in filter(None, lines):
        _say(safe_text(line, 600))
    return 1


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
