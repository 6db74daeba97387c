"""One action on many connections: its targets first, then how it goes, then what came of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.changes import BulkChanged, BulkEnded
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen
from tui_app.style_sheets import styles
from tui_app.widgets.bulk_columns import outcome_columns, outcome_spans, plan_columns
from tui_app.widgets.marks import WIDE
from tui_app.widgets.states import bar
from tui_app.widgets.table import MarkSigns, Table
from tui_app.workspace.bulk import Bulk, Outcome, Stage, Target

if TYPE_CHECKING:
    from tui_app.changes import Change

NAMED = 3
"""Targets named in the question whether to unlock; all of them stand in the list behind it."""

REFUSED = (Outcome.REFUSED, Outcome.DOUBTFUL)


class BulkScreen(AppScreen[None]):
    """The targets of a bulk action, with a tick for each, and then with an outcome for each."""

    CSS_PATH = styles("fields", "bulk")
    SCOPE = "bulk"
    ABOUT = (
        "One action on many connections. First every target, by name, with what speaks against it: Space takes one off "
        "the list. Ctrl+S goes on, and nothing is sent before that. While it runs you may leave, and come back by b in "
        "the list of connections; x sends nothing more. In the end each target says what came of it."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("bulk")
    AUTO_FOCUS = "#targets"

    table = getters.query_one("#targets", Table)

    def __init__(self, bulk: Bulk) -> None:
        super().__init__()
        self.bulk = bulk
        self._only_refused = False
        self._draw_waits = False

    def body(self) -> ComposeResult:
        """What it does, how far it is, and the targets."""
        with Vertical(id="bulk-head"):
            yield Static(id="bulk-title")
            yield Static(id="bulk-what")
            yield Static(id="bulk-bar")
        yield Table[Any](
            plan_columns(self.bulk.order.details),
            lambda target: target.key,
            marks=MarkSigns("[x] ", "[ ] ", always=True),
            id="targets",
        )
        yield Static(id="bulk-said")

    def on_mount(self) -> None:
        """Show the targets; what can be read without asking is read at once."""
        self._lay_out()
        if self.bulk.stage is Stage.READY and self.bulk.order.reads:
            self._prepare()

    # What is shown

    def on_change(self, change: Change) -> None:
        """Show what the bulk action has come to. Many steps may come at once: they are drawn together."""
        if isinstance(change, BulkEnded):
            self._lay_out()
        elif isinstance(change, BulkChanged) and not self._draw_waits:
            self._draw_waits = True
            self.set_timer(0.1, self._draw)

    def on_screen_resume(self) -> None:
        """What changed behind another screen is drawn now."""
        self._lay_out()

    def on_resize(self) -> None:
        """The bar fills the width."""
        self._draw()

    @property
    def _planning(self) -> bool:
        return self.bulk.stage in (Stage.CHOOSING, Stage.READING, Stage.READY)

    @property
    def _stands(self) -> bool:
        """Whether there is something to draw on: news may come while the screen is put up or left."""
        return all(self.query_one_optional(part) is not None for part in ("#targets", "#bulk-bar", "#bulk-said"))

    def _lay_out(self) -> None:
        """Show the columns of this stage."""
        if not self._stands:
            return
        details = self.bulk.order.details if self.bulk.stage is not Stage.CHOOSING else ""
        self.table.set_signs(MarkSigns("[x] ", "[ ] ", always=True) if self._planning else None)
        self.table.set_columns(plan_columns(details) if self._planning else outcome_columns(details))
        self._draw()

    def _draw(self) -> None:
        self._draw_waits = False
        if not self._stands:
            return
        bulk, marks = self.bulk, self.table.marks
        assert marks is not None
        marks.clear()
        marks.put(target.key for target in bulk.targets if target.to_send)
        shown = bulk.targets
        if self._only_refused:
            shown = [target for target in shown if target.outcome in REFUSED]
        self.table.empty = (("Nothing was refused. ", ""), ("f shows all again.", "muted"))
        self.table.set_rows(shown)
        bulk.seen = bulk.seen or (bulk.stage is Stage.ENDED and self.is_current)
        self.query_one("#bulk-title", Static).update(
            Content.assemble((bulk.order.title, "bold"), (f"  {self._counted()}", "$muted"))
        )
        self.query_one("#bulk-what", Static).update(self._plan() if self._planning else self._outcomes())
        progress = self.query_one("#bulk-bar", Static)
        progress.update(self._bar())
        progress.display = bulk.stage in (Stage.READING, Stage.RUNNING)
        self._draw_said()
        self.refresh_bindings()

    def _draw_said(self) -> None:
        """The selected target's text, whole: the table cuts it where it is longer than its column."""
        said = self.query_one("#bulk-said", Static)
        said.display = any(target.words or target.doubt for target in self.bulk.targets)
        target: Target | None = self.table.current
        text = (target.words or target.doubt) if target is not None else ""
        if target is None or not text:
            said.update("")
            return
        said.update(Content.assemble((safe_text(target.name, 40), "bold"), "  ", (safe_text(text, 600), "$muted")))

    def _counted(self) -> str:
        """For how many of the targets there is something to send, or was: ``9 of 59 targets``."""
        every = self.bulk.targets
        if self._planning:
            count = len(self.bulk.to_send)
        else:
            count = sum(target.outcome not in (Outcome.LEFT_OUT, Outcome.UNCHANGED) for target in every)
        of = f"{count} of " if count != len(every) else ""
        return f"{of}{len(every)} target{'' if len(every) == 1 else 's'}"

    def _plan(self) -> Content:
        """What would be sent, or what is waited for."""
        bulk = self.bulk
        if bulk.stage is Stage.READING:
            name = safe_text(bulk.present.name, 40) if bulk.present else ""
            return Content.assemble(
                f"Reading {bulk.tried} of {bulk.of} ", (name, "$muted"), ("\nNothing is sent yet.", "$muted")
            )
        to_send = bulk.to_send
        if not to_send:
            return Content.styled("Nothing is to be sent. Esc leaves.", "$muted")
        each = safe_text(bulk.pattern(to_send), 76) or "a request"
        most = "at most " if bulk.order.reads and bulk.stage is Stage.CHOOSING else ""
        seconds = bulk.seconds()
        time = "in a moment" if seconds < 1.5 else f"in about {seconds:.0f} s"
        budget = self.host.workspace.profile.budget if self.host.workspace else 0
        pieces: list[str | tuple[str, str]] = [
            (f"{most}{len(to_send)} × {each}", "bold"),
            "  " if self.size.width >= WIDE else "\n",
            (f"one after the other, {time} at {budget:g} requests a second", "$muted"),
            "\n",
        ]
        counted = {
            "hidden by the filter": sum(1 for target in to_send if target.hidden),
            "will most likely refuse": sum(1 for target in to_send if target.doubt),
            "already syncing": sum(1 for target in to_send if target.runs and not target.doubt),
        }
        notes = [f"{count} {words}" for words, count in counted.items() if count]
        if notes:
            pieces += [(", ".join(notes), "$warning"), (". ", "$muted")]
        pieces.append(("Space takes one off, ^s goes on.", "$muted"))
        return Content.assemble(*pieces)

    def _outcomes(self) -> Content:
        """How many came to what."""
        bulk, counts = self.bulk, self.bulk.counts()
        pieces: list[str | tuple[str, str]] = []
        for outcome in Outcome:
            if counts[outcome]:
                ((words, role),) = outcome_spans(outcome.value)
                glyph, _, word = words.partition(" ")
                style = f"bold ${role}" if role != "muted" else "$muted"
                pieces += ["   "] if pieces else []
                pieces.append((f"{glyph} {counts[outcome]} {word}", style))
        if bulk.stage is Stage.RUNNING:
            return Content.assemble(*pieces)
        cut = f"Cut short: {safe_text(bulk.cut_short, 120)}. " if bulk.cut_short else ""
        only = "Only refused and doubtful ones; f shows all." if self._only_refused else "Enter opens a connection."
        return Content.assemble(*pieces, "\n", (cut, "$warning"), (only, "$muted"))

    def _bar(self) -> Content:
        bulk = self.bulk
        filled, rest = bar(100 * bulk.tried / max(bulk.of, 1), max(min(self.size.width - 46, 60), 10))
        now = "stopping" if bulk.stopping else f"now {safe_text(bulk.present.name, 24)}" if bulk.present else ""
        return Content.assemble(
            (filled, "$accent on $track"), (rest, "on $track"), f" {bulk.tried} of {bulk.of}  ", (now, "$muted")
        )

    # What a person does

    @on(Table.Marked, "#targets")
    def _ticked(self, event: Table.Marked) -> None:
        event.stop()
        if self.bulk.stage not in (Stage.CHOOSING, Stage.READY) or self.table.marks is None:
            return
        for target in self.bulk.targets:
            if target.outcome is Outcome.WAITING:
                target.ticked = target.key in self.table.marks
        self._draw()

    @on(Table.Highlighted, "#targets")
    def _selected(self, event: Table.Highlighted) -> None:
        event.stop()
        if self._stands:
            self._draw_said()

    @on(Table.Chosen, "#targets")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        target: Target = event.row
        self.host.open_connection(target.connection_id)

    def action_open(self) -> None:
        """Open the selected target's connection."""
        self.table.action_choose()

    def action_tick(self) -> None:
        """Take the selected target off the list, or put it back."""
        self.table.toggle_mark()

    def action_tick_all(self) -> None:
        """Take all targets off the list, or put them back."""
        self.table.toggle_all_marks()

    def action_send(self) -> None:
        """Go on: to what is asked first, else to sending."""
        if self.bulk.to_send:
            self._go_on()

    @work(group="bulk", exclusive=True, exit_on_error=False)
    async def _go_on(self) -> None:
        bulk = self.bulk
        if bulk.stage is Stage.CHOOSING and not await self._asked():
            return
        if bulk.stage is Stage.CHOOSING and bulk.order.reads:
            self._lay_out()
            await bulk.prepare(self._lay_out)
            return
        await self._begin()

    async def _asked(self) -> bool:
        """Ask what has to be said first, and keep the answer."""
        from tui_app.screens.bulk_dialogs import BulkSyncDialog, TagsDialog
        from tui_app.workspace.bulk_orders import SyncOrder, TagOrder

        workspace, order, to_send = self.host.workspace, self.bulk.order, self.bulk.to_send
        rows = [row for target in to_send if workspace and (row := workspace.row(target.connection_id))]
        if workspace is None or not rows:
            return False
        if isinstance(order, SyncOrder):
            dialog = BulkSyncDialog(rows[0].connection, workspace.capabilities, len(to_send))
            request = await self.host.push_screen_wait(dialog)
            order.request = request or order.request
            return request is not None
        if isinstance(order, TagOrder):
            tags = await self.host.push_screen_wait(TagsDialog(len(to_send), [row.connection.tags for row in rows]))
            order.add, order.remove = tags or ((), ())
            return tags is not None
        return True

    @work(group="bulk", exclusive=True, exit_on_error=False)
    async def _prepare(self) -> None:
        await self.bulk.prepare(self._lay_out)

    async def _begin(self) -> None:
        """Ask for an unlock where the profile is locked, and send."""
        bulk, workspace = self.bulk, self.host.workspace
        to_send = bulk.again or bulk.to_send
        names = list(dict.fromkeys(safe_text(target.name, 40) for target in to_send))
        named = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
        one, several = bulk.order.noun
        count = f"{len(to_send)} {one if len(to_send) == 1 else several}"
        what = f"{bulk.order.what} ({count}: {named})"
        if not await self.host.may_write_each(bulk.order.action, what, [target.key for target in to_send]):
            return
        if workspace is not None and self.host.workspace is workspace:
            bulk.try_again()
            self._only_refused = False
            workspace.begin_bulk(bulk)
            self._lay_out()

    def action_stop(self) -> None:
        """Send nothing more."""
        self.bulk.stop()
        self._draw()

    def action_only_refused(self) -> None:
        """Show only what was refused or is doubtful, or all again."""
        self._only_refused = not self._only_refused
        self._draw()

    def action_again(self) -> None:
        """Try again what was refused or not sent."""
        if self.bulk.again:
            self._try_again()

    @work(group="bulk", exclusive=True, exit_on_error=False)
    async def _try_again(self) -> None:
        from tui_app.screens.orders import OrderDialog, ShortOrder

        bulk = self.bulk
        again = bulk.again
        planned = bulk.example(again)
        if planned is None:
            self.host.say("Nothing can be sent for any of them.", severity="warning")
            return
        count = f"{len(again)} request{'' if len(again) == 1 else 's'}"
        order: ShortOrder[None] = ShortOrder(
            bulk.order.action,
            f"{bulk.order.title}: try again",
            bulk.order.what,
            f"{count} like this one, for what was refused or not sent. What is doubtful is not among them: look first.",
            f"Send {len(again)} again",
            planned,
            self._begin,
        )
        if await self.host.push_screen_wait(OrderDialog(order)):
            await order.send()

    def action_copy_table(self) -> None:
        """Copy every target and its outcome as text."""
        lines = ["\t".join(("Connection", "ID", self.bulk.order.details or "About", "Outcome", "Words"))]
        lines += [
            "\t".join(
                safe_text(text)
                for text in (target.name, target.connection_id, target.detail, target.outcome.value, target.words)
            )
            for target in self.bulk.targets
        ]
        self.host.copy("\n".join(lines), f"{len(lines) - 1} lines")

    async def action_back(self) -> None:
        """Leave; what runs goes on."""
        if self.bulk.stage is Stage.RUNNING:
            self.host.say("It goes on. Press b in the list to come back to it.")
        await super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each stage offers what makes sense in it."""
        stage = self.bulk.stage
        if action in ("send", "tick", "tick_all"):
            return stage in (Stage.CHOOSING, Stage.READY)
        if action == "stop":
            return stage is Stage.RUNNING and not self.bulk.stopping
        if action == "again":
            return bool(self.bulk.again)
        if action in ("only_refused", "copy_table"):
            return stage in (Stage.RUNNING, Stage.ENDED)
        return super().check_action(action, parameters)
