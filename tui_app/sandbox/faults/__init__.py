"""Faults: what goes wrong between a client and a server, to be switched on so that one learns what it looks like.

Here is what is said of each; `operations` tells what requests are for, `board` keeps which faults are on, `refusals`
and `bodies` make the answers, and `injecting` stands in front of the APIs.

A fault meets a share of the operations that it is set for, on either API, and nothing else: not the control path, the
descriptions, the pages where fleets sign in, nor a path that is no operation. Which request it meets depends on the
seed, the fault, the request and how many of the same there were since the fault was set, so the same requests get the
same faults. Broken rows and unknown words meet a share of the objects instead, always the same ones.

Whatever a fault answers in an operation's place, the operation is not done; but it is done where only its answer is
lost or garbled: on a gateway time-out, a connection that is dropped midway, and JSON that cannot be read. Like the
clock's speed, faults are not kept over a restart.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_app.sandbox.errors import SandboxError

TERMINAL, STUUT = "terminal", "stuut"
BOTH = (TERMINAL, STUUT)

DELAY, FORM, WAIT = "delayMs", "retryAfter", "waitSeconds"
"""The names of what can be set of some faults besides rate and operations."""

FORMS = ("seconds", "fraction", "date", "body", "none", "nonsense")
"""How a 429 says how long to wait: whole seconds, a fraction, an HTTP date, in its body alone, not at all, or badly."""

MOST_DELAY_MS = 60_000
MOST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can go wrong.

    Attributes:
        name: As it is typed on the command line and stands in paths.
        title: What people call it.
        what: What the server then does, in one line.
        support_sees: What it looks like in a client, in one line.
        kinds: On which of the simulated APIs it can happen, by their names in `Announcement.servers`.
        settings: What can be set of it.
        per_object: Whether its rate is a share of objects rather than of requests.
    """

    name: str
    title: str
    what: str
    support_sees: str
    kinds: tuple[str, ...] = BOTH
    settings: tuple[str, ...] = ()
    per_object: bool = False


@dataclass(frozen=True, slots=True)
class FaultSet:
    """A fault that is on.

    Attributes:
        fault: Which one.
        rate: The share of requests, or of objects, that it meets, in percent.
        operations: What it is set for: names of operations, or `all`, `reads` or `writes`.
        delay_ms: How late answers are, where answers are late.
        retry_after: How a 429 says how long to wait; one of `FORMS`.
        wait_s: How long it asks to wait, in seconds.
    """

    fault: Fault
    rate: float = 100.0
    operations: tuple[str, ...] = ("all",)
    delay_ms: int = 1500
    retry_after: str = "seconds"
    wait_s: int = 12


class NoFault(SandboxError):
    """There is no fault of that name."""


class BadFault(SandboxError):
    """A fault cannot be set like that."""


FAULTS = (
    Fault(
        "latency",
        "Slow answers",
        "Every answer comes late, and is otherwise as it should be.",
        "“live 1500 ms” in the status bar; figures come late, and nothing is wrong with them.",
        settings=(DELAY,),
    ),
    Fault(
        "rate-limit",
        "Too many requests (429)",
        "Requests are refused, and the answer says how long to wait.",
        "“degraded: 429, resuming in 12 s” in the status bar. It is waited for; nobody has to act.",
        settings=(FORM, WAIT),
    ),
    Fault(
        "error-500",
        "Internal error (500)",
        "The server breaks down over requests and says so.",
        "“degraded: 500”; reads are tried again. If it stays, tell the server's support the time and the path.",
    ),
    Fault(
        "error-502",
        "Bad gateway (502)",
        "Something in front of the server answers with a web page instead of JSON.",
        "“degraded: 502” and the page's title: what stands behind the server gave no usable answer. Try again later.",
    ),
    Fault(
        "error-503",
        "Unavailable (503)",
        "The server is under maintenance, and says when to come back.",
        "“degraded: 503, resuming in 12 s” in the status bar. It comes back by itself; nobody has to act.",
        settings=(WAIT,),
    ),
    Fault(
        "error-504",
        "Gateway time-out (504)",
        "Requests are carried out, but something in front of the server gives up waiting for their answers.",
        "“degraded: 504”. Whether a change was made is not known: look before you send it again.",
    ),
    Fault(
        "drop-before",
        "Dropped connection",
        "The connection is closed without an answer.",
        "“offline since 14:02” in the status bar. What was last seen stays, with its age: “could not look”.",
    ),
    Fault(
        "drop-midway",
        "Dropped midway",
        "The connection is closed in the middle of an answer, after the request was carried out.",
        "“offline since 14:02”. Whether a change was made is not known: look before you send it again.",
    ),
    Fault(
        "truncated-json",
        "Truncated JSON",
        "Answers end in the middle of their JSON as if they were complete.",
        "“degraded: unreadable answer”: not JSON, with its beginning. What was last seen stays.",
    ),
    Fault(
        "malformed-json",
        "Malformed JSON",
        "Answers are whole, but a stray comma makes them no JSON.",
        "“degraded: unreadable answer”: not JSON, with its beginning. What was last seen stays.",
    ),
    Fault(
        "broken-rows",
        "Broken rows",
        "Connections, syncs and issues lack what each of them must have.",
        "“rows could not be read”, which and why; the others are there. A sync's look says that it is no sync.",
        per_object=True,
    ),
    Fault(
        "unknown-status",
        "Unknown status",
        "Connections and syncs have a status that no documentation names.",
        "The word itself, with a question mark: “? reconciling”. It is followed on, and is neither good nor bad.",
        per_object=True,
    ),
    Fault(
        "unknown-issue-status",
        "Unknown issue status",
        "Issues have a status that no documentation names.",
        "The word itself, “snoozed”; such an issue counts as open: better shown than lost.",
        kinds=(TERMINAL,),
        per_object=True,
    ),
    Fault(
        "unknown-resolution",
        "Unknown resolution type",
        "Issues are to be resolved by somebody whom no documentation names.",
        "The word itself, “carrier_action_required”; who has to act follows from the issue's code, or is not known.",
        kinds=(TERMINAL,),
        per_object=True,
    ),
    Fault(
        "unknown-sync-mode",
        "Unknown sync mode",
        "Connections sync in a way that no documentation names.",
        "The word itself, “on_demand”, where automatic or manual would stand.",
        kinds=(TERMINAL,),
        per_object=True,
    ),
)
_BY_NAME = {fault.name: fault for fault in FAULTS}


def named(name: str) -> Fault:
    """Return the fault of a name.

    Raises:
        NoFault: There is none; the text says which there are.
    """
    if name not in _BY_NAME:
        # What was typed may be anything, so it is told as Python would write it.
        raise NoFault(f"There is no fault {name!a}. There are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
