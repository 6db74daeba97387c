"""A sandbox in a process of its own, steered from here.

What it costs to import and to answer, whoever shows it then does not wait for: neither for the first rows, which come
a fifth sooner, nor with each key that is pressed while it answers. It ends with whoever began it, however that ends.

The two speak over the process's standard streams, in pickles. To it goes `(number, name, arguments)`: what to call.
From it comes first `("announced", announcement)` or `("failed", words)`; then an answer to each call, `(number, value)`
or `(number, SandboxError)`; `("is", course, faults)` whenever its clock or its faults are other than before, by
whomever that was changed; and `("written",)` after each change that a client makes.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tui_app.sandbox.clock import VirtualClock
from tui_app.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from tui_app.sandbox.announcement import Announcement
    from tui_app.sandbox.faults import FaultSet
    from tui_app.sandbox.scenarios import Played, Scenario
    from tui_app.sandbox.server import Sandbox

# Real seconds within which it has to be up, and those that a change of its clock or faults is waited for: it is heard
# within milliseconds, and whoever waits for it cannot do anything else meanwhile.
_PATIENCE_S, _A_MOMENT_S = 15.0, 1.0

_GONE = (None, SandboxError("The simulated server has ended"))

_BEGIN = "import sys; sys.path.append(sys.argv[1]); from tui_app.sandbox.process import main; main(float(sys.argv[2]))"


class SandboxProcess:
    """A `Sandbox` that another process serves; begun as it is made.

    Args:
        speed: Virtual seconds per real second.

    Attributes:
        clock: Its clock, as it goes there; steered through here.
        faults: Its faults, as they are there; set through here.
        on_write: Called after each change that a client makes there, on a thread of its own.
    """

    def __init__(self, speed: float) -> None:
        """Begin the process; `start` waits until it serves.

        Raises:
            SandboxError: The system does not start it.
        """
        self.clock = _ClockThere(datetime.now(UTC), speed, self._steer)
        self.faults = _FaultsThere(self._steer)
        self.on_write: Callable[[], None] | None = None
        self._answers: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._asking = threading.Lock()
        self._asked = 0
        self._gone = False
        root = Path(__file__).parents[2]
        try:
            self._process = subprocess.Popen(
                # -P: what lies in the current folder is nobody's module. A session of its own: what is typed for
                # whoever began it, such as Ctrl-C, is not meant for this one.
                [sys.executable, "-P", "-c", _BEGIN, str(root), str(speed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"Its process does not start: {error.strerror or error}") from error
        self._hearing = threading.Thread(target=self._hear, name="sandbox-process", daemon=True)
        self._hearing.start()

    @property
    def has_ended(self) -> bool:
        """Whether it does not serve any more."""
        return self._gone

    def start(self) -> Announcement:
        """Wait until it serves, and return where. To be called once.

        Raises:
            SandboxError: It does not.
        """
        try:
            word, said = self._answers.get(timeout=_PATIENCE_S)
        except queue.Empty:
            word, said = "failed", "The server did not come up"
        if word != "announced":
            self.stop()
            raise SandboxError(str(said))
        announcement: Announcement = said
        return announcement

    def stop(self) -> None:
        """End it at once: it keeps nothing, so that there is nothing to put in order."""
        self._process.kill()
        self._process.wait()
        self._hearing.join(_PATIENCE_S)
        with suppress(OSError):  # what it was not told any more
            _pipe(self._process.stdin).close()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be played there, in the order in which it is best shown."""
        from tui_app.sandbox.scenarios import SCENARIOS

        return SCENARIOS

    def play(self, name: str, connection_id: str | None = None) -> Played:
        """Begin a scenario now, as `Sandbox.play`.

        Raises:
            SandboxError: It cannot be played there, or the server does not answer.
        """
        played: Played = self._ask(_PATIENCE_S, "play", name, connection_id)
        return played

    def _steer(self, name: str, *arguments: object) -> None:
        # Where it has ended there is nothing to steer. Whoever looks at it is told so, and that is what matters.
        with suppress(SandboxError):
            self._ask(_A_MOMENT_S, name, *arguments)

    def _ask(self, patience: float, name: str, *arguments: object) -> Any:
        with self._asking:
            self._asked += 1
            pipe = _pipe(self._process.stdin)
            try:
                pickle.dump((self._asked, name, arguments), pipe)
                pipe.flush()
            except (OSError, ValueError) as error:  # its end of the pipe is closed, or ours is
                raise SandboxError("The simulated server has ended") from error
            while True:
                try:
                    number, said = self._answers.get(timeout=patience)
                except queue.Empty:
                    raise SandboxError("The simulated server does not answer") from None
                if number is None:
                    self._answers.put(_GONE)  # for whoever asks next
                if number in (self._asked, None):  # another's may have come too late for who asked
                    break
        if isinstance(said, SandboxError):
            raise said
        return said

    def _hear(self) -> None:
        pipe = _pipe(self._process.stdout)
        with pipe, suppress(EOFError, OSError, pickle.UnpicklingError):  # it was ended, perhaps amid a word
            while True:
                word, *said = pickle.load(pipe)
                if word == "is":
                    self.clock.follow(said[0])
                    self.faults.on = said[1]
                elif word == "written":
                    if self.on_write is not None:
                        self.on_write()
                else:
                    self._answers.put((word, said[0]))
        self._gone = True
        self._answers.put(_GONE)
        if self.on_write is not None:  # whoever hears of changes there hears of this one, too
            self.on_write()


class _ClockThere(VirtualClock):
    """What the clock of another process shows: real time is the same there."""

    def __init__(self, start: datetime, speed: float, steer: Callable[..., None]) -> None:
        super().__init__(start, speed)
        self._steer = steer

    def set_speed(self, speed: float) -> None:
        self._steer("set_speed", speed)

    def pause(self) -> None:
        self._steer("pause")

    def resume(self) -> None:
        self._steer("resume")

    def advance(self, seconds: float) -> None:
        self._steer("advance", seconds)


class _FaultsThere:
    """The faults of a sandbox in another process; see `tui_app.sandbox.faults.board.Faults`."""

    def __init__(self, steer: Callable[..., None]) -> None:
        self.on: tuple[FaultSet, ...] = ()
        self._steer = steer

    def find(self, name: str) -> FaultSet | None:
        return next((each for each in self.on if each.fault.name == name), None)

    def put(self, wanted: FaultSet) -> None:
        self._steer("put", wanted)

    def end(self, name: str) -> None:
        self._steer("end", name)

    def end_all(self) -> None:
        self._steer("end_all")


def _pipe(pipe: Any) -> BinaryIO:
    assert pipe is not None
    stream: BinaryIO = pipe
    return stream


# In the process


def main(speed: float) -> None:
    """Serve, and do what is asked on standard input, until that ends."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whatever prints, prints nothing in between
    telling = threading.Lock()

    def tell(*message: object) -> None:
        with telling:
            pickle.dump(message, pipe)
            pipe.flush()

    try:
        sandbox, announcement = _served(speed)
    except SandboxError as error:
        tell("failed", str(error))
        return

    def tell_state() -> None:
        tell("is", sandbox.clock.course, sandbox.faults.on)

    sandbox.clock.on_change = sandbox.faults.on_change = tell_state
    sandbox.on_write = lambda: tell("written")
    tell_state()
    tell("announced", announcement)
    with suppress(EOFError, OSError):  # whoever began it has ended
        _obey(sandbox, tell)
    os._exit(0)


def _served(speed: float) -> tuple[Sandbox, Announcement]:
    import gc

    # Nobody needs garbage looked for among what stays for good, nor models built that are not used; one that is, is
    # built then. Together they were a quarter of the start.
    gc.disable()
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True
    from tui_app.sandbox.server import Sandbox

    sandbox = Sandbox(speed=speed)
    announcement = sandbox.start()
    gc.freeze()
    gc.enable()
    return sandbox, announcement


def _obey(sandbox: Sandbox, tell: Callable[..., None]) -> None:
    clock, faults = sandbox.clock, sandbox.faults
    steps: tuple[Callable[..., Any], ...] = (
        clock.set_speed, clock.pause, clock.resume, clock.advance, faults.put, faults.end, faults.end_all, sandbox.play,
    )  # fmt: skip
    known = {step.__name__: step for step in steps}
    while True:
        number, name, arguments = pickle.load(sys.stdin.buffer)
        try:
            said = known[name](*arguments)
        except SandboxError as error:
            said = error
        tell(number, said)
