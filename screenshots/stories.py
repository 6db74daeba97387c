"""What is shown: one entry for each picture, and the steps of the tour. A new picture is a new entry in `PICTURES`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from screenshots.stage import Set
from tui_app.widgets.field import Field

Steps = Callable[[Set], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        name: Its file's name, without the ending.
        steps: What a person does before it is taken, from the list at rest.
        profile: Which server is open.
        theme: dark, light, colour-blind or terminal.
        size: Columns and rows.
        announced: Whether what was announced last stays on it.
    """

    name: str
    steps: Steps
    profile: str = "demo"
    theme: str = "dark"
    size: tuple[int, int] = (120, 36)
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour, and the frame that it leads to.

    Attributes:
        keys: What is pressed, as it is written below the frame.
        words: What is seen, for the line below it.
        steps: What is done.
        hold: For how many seconds the frame is shown.
    """

    keys: tuple[str, ...]
    words: str
    steps: Steps
    hold: float


async def list_at_rest(stage: Set) -> None:
    """The list, with a connection selected."""
    await stage.press("down", "down", "down")


async def open_connection(stage: Set) -> None:
    """One connection that fails."""
    await stage.press("down", "down", "down", "enter")


async def fill_form(stage: Set) -> None:
    """A connection that is ready to be created."""
    await stage.press("n")
    await stage.type("geotab")
    await choose_and_fill(stage)


async def fill_rest(stage: Set) -> None:
    """What the form asks for once Geotab is chosen."""
    for index, value in enumerate(("fleet@prairie.example", "pass-word-1", "prairie")):
        stage.app.screen.query_one(f"#credential-{index}", Field).input.value = value
    await stage.fill("company", "Prairie Lines")
    await stage.fill("days", "7")


async def choose_and_fill(stage: Set) -> None:
    """Geotab is chosen from those that fit, and the form filled in."""
    await stage.press("down", "enter")
    await fill_rest(stage)


async def create(stage: Set) -> None:
    """A connection that was just created."""
    await fill_form(stage)
    await stage.press("ctrl+s")


async def request_sync(stage: Set) -> None:
    """A sync of it that was just asked for."""
    await stage.press("s")
    stage.hush()
    await stage.press("enter")


async def sync_with_issue(stage: Set) -> None:
    """A sync that runs, with an issue that turned up."""
    await create(stage)
    await request_sync(stage)
    await issue_comes(stage)


async def issue_comes(stage: Set) -> None:
    """Time passes until the sync meets an issue."""
    await stage.see("Issues 1", within=60)
    await stage.pass_time(1)


async def sync_completes(stage: Set) -> None:
    """Time passes until the sync has completed."""
    await stage.see("✓ Completed", within=60)


async def parts(stage: Set) -> None:
    """A sync of an integration, model by model."""
    outcomes = {"customers": "retry", "invoices": "failed"}
    models = ("customers", "invoices", "payments", "credit_memos")
    stage.sandbox.add_integration(company="Prairie Works", models=models, outcomes=outcomes)
    await stage.press("R", "slash")
    await stage.type("prairie works")
    await stage.press("enter", "s", "enter")
    await stage.see("✗ failed", within=60)


async def profiles(stage: Set) -> None:
    """The servers that can be opened."""
    await stage.press("5", "down")


async def scenarios(stage: Set) -> None:
    """The simulated server in hand: two scenarios that were started."""
    await stage.press("6", "down", "down", "n")
    await stage.pass_time(3)
    await stage.press("up", "n")
    await stage.pass_time(6)


async def many(stage: Set) -> None:
    """What came of a sync that was asked for thirteen connections at once, some of which cannot."""
    await stage.press("down", "down", *["space"] * 13, "s", "ctrl+s", "enter")
    await stage.pass_time(4)


PICTURES = (
    Picture("connections", list_at_rest),
    Picture("connection", open_connection, size=(120, 30)),
    Picture("create", fill_form),
    Picture("sync", sync_with_issue, size=(120, 32)),
    Picture("parts", parts, profile="demo-stuut", size=(120, 34)),
    Picture("profiles", profiles, size=(120, 20)),
    Picture("sandbox", scenarios),
    Picture("bulk", many, size=(120, 30)),
    Picture("light", list_at_rest, theme="light"),
)

TOUR_SIZE = (120, 32)


def pressing(*keys: str) -> Steps:
    """Steps that are nothing but keys."""

    async def press(stage: Set) -> None:
        await stage.press(*keys)

    return press


def typing(text: str, *then: str) -> Steps:
    """Steps that type a text, and then press keys."""

    async def type_it(stage: Set) -> None:
        await stage.type(text)
        await stage.press(*then)

    return type_it


def passing(seconds: float) -> Steps:
    """Steps that do nothing but wait."""

    async def wait(stage: Set) -> None:
        await stage.pass_time(seconds)

    return wait


TOUR = (
    Step((), "48 connections. What needs somebody stands on top.", passing(0), 2.5),
    Step(("↓", "↓", "↓"), "The summary follows the selected one.", list_at_rest, 1.5),
    Step(("/",), "Narrow the list: words, states, providers …", pressing("slash"), 1),
    Step(("state:failing",), "… by what is typed, as it is typed.", typing("state:failing", "enter"), 2),
    Step(("Enter",), "How one stands, and why.", pressing("enter"), 2.5),
    Step(("Tab",), "Its earlier syncs; then its issues, and its JSON.", pressing("tab"), 1.5),
    Step(("Esc", "n"), "A new connection: the request stands beside the form.", pressing("escape", "n"), 1.5),
    Step(("geo",), "30 providers, found by name.", typing("geo"), 1.5),
    Step(("↓", "Enter"), "Each asks for its own credentials. Secrets are masked.", choose_and_fill, 2.5),
    Step(("^s",), "Created.", pressing("ctrl+s"), 1.5),
    Step(("s",), "How far back?", pressing("s"), 1.5),
    Step(("Enter",), "Requested, and followed from here on.", pressing("enter"), 1.5),
    Step((), "The bar moves, the journal grows.", passing(8), 1.5),
    Step((), "An issue turns up, and is named.", issue_comes, 2.5),
    Step((), "Completed, and announced.", sync_completes, 3),
)
