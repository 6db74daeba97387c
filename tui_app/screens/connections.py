"""The home screen: every connection, what needs somebody first."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui_app.actions import bindings_of
from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.screens.base import AppScreen, problem_content
from tui_app.style_sheets import styles
from tui_app.widgets.counts import Count, CountBar
from tui_app.widgets.fleet_columns import fleet_columns
from tui_app.widgets.marked_line import bulk_words, can_in_bulk, marks_words
from tui_app.widgets.marks import WIDE
from tui_app.widgets.saying import say
from tui_app.widgets.search_field import SearchField
from tui_app.widgets.table import MarkSigns, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_app.changes import Change
    from tui_app.models.arranged import Arranged
    from tui_app.models.filter import Filter
    from tui_app.models.fleet import FleetRow
    from tui_app.widgets.marks import Marks
    from tui_app.workspace import Workspace


AT_ONCE = 20_000
"""Rows that a filter is tried on before whatever else waits gets its turn: some milliseconds."""

AT_FIRST = 2_000
"""Rows among which there are mostly enough to fill the screen, long before all have been tried."""

A_MOMENT = 0.001
"""Seconds in which what was painted is written to the terminal, or widgets say what of them is to be painted."""

OFTEN, SELDOM = 0.1, 0.5
"""Seconds for which changes are gathered before the list is drawn for all of them; the second where it is long."""


class ConnectionsScreen(AppScreen[None]):
    """The list, its filter, its counts, and a preview of the selected connection where there is room."""

    CSS_PATH = styles("connections")
    SCOPE = "connections"
    ABOUT = (
        "Every connection of the open profile, what needs somebody first. Type / to narrow the list; click a count to "
        "filter by it, a header to sort by it. The newest sync of each connection is looked at one by one, visible "
        "rows first."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("connections")
    AUTO_FOCUS = "#fleet"

    table = getters.query_one("#fleet", Table)
    filter_input = getters.query_one("#filter", SearchField)
    counts = getters.query_one(CountBar)

    def __init__(self) -> None:
        super().__init__()
        self._filter: Filter[FleetRow] | None = None
        self._profile = ""
        self._draw_waits = False
        self._drawing_took = 0.0
        self._narrowing = 0
        self._fitting: Sequence[FleetRow] = ()
        self._shown_by: Filter[FleetRow] | None = None
        self._drawn = -1  # the version of the order that is shown
        self._nothing_yet = True  # no row of this fleet was there when it was drawn last

    def body(self) -> ComposeResult:
        """Filter, counts, table and preview."""
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-mark")
            yield SearchField(id="filter", is_token=self._is_token)
        yield Static(id="filter-problem")
        yield CountBar()
        yield Static(id="notice")
        yield Static(id="marked")
        with Horizontal(id="fleet-area"):
            signs, key = MarkSigns("◆ ", "  "), attrgetter("connection.id")
            yield Table[Any](fleet_columns(self._now), key, marks=signs, newest=self._newest, id="fleet")
            with VerticalScroll(id="preview", can_focus=False):
                yield Static(id="preview-text")

    def on_mount(self) -> None:
        """Show what is known of the open profile, and of the next one when it opens."""
        self.watch(self.host, "workspace", self._opened)
        self.watch(self.host, "opening", lambda _: self._draw(), init=False)
        self.watch(self.host, "trouble", lambda _: self._draw(), init=False)

    @property
    def subject(self) -> str | None:
        """The selected connection."""
        return self.table.current.id if self.table.current is not None else None

    # What is shown

    def _is_token(self, text: str) -> bool:
        return self.host.workspace is not None and self.host.workspace.landing.is_token(text)

    def _now(self) -> datetime:
        workspace = self.host.workspace
        return workspace.server_now() if workspace else datetime.now(UTC)

    def _opened(self, workspace: Workspace | None) -> None:
        can = workspace.capabilities if workspace else None
        self._shown_by, self._drawn = None, -1  # another fleet's order counts its versions anew
        self.marks.clear()  # they are about the objects of the profile that closed
        self.table.set_columns(fleet_columns(self._now, can))
        self.refresh_bindings()
        name = workspace.profile.name if workspace else self._profile
        if name != self._profile:  # a filter is about the connections of one server
            self._profile, self.filter_input.value = name, ""
        more = "" if can is not None and not can.issues else " tag: mode: issues:>0"
        self.filter_input.placeholder = f"filter: any words, state: next: provider: sync:{more}"
        self._draw()

    def on_change(self, change: Change) -> None:
        """Take one row's news to its line; anything about the whole list draws the list."""
        from tui_app.changes import BulkChanged, BulkEnded, FleetChanged, RowChanged, ServerChanged

        workspace = self.host.workspace
        if workspace is None or not (self.app.screen is self or self.app.screen.is_modal):
            return  # behind another screen it would have that one painted anew; it is drawn when it comes to the front
        if isinstance(change, BulkChanged | BulkEnded):
            self._say_marks()
        if isinstance(change, FleetChanged) or (isinstance(change, ServerChanged) and not self.table.rows):
            self._draw_soon()
        if not isinstance(change, RowChanged):
            return
        row = workspace.row(change.connection_id)
        if row is None:
            return
        if self._stands(row, workspace):
            self.table.update_row(row)
        else:
            self._draw_soon()

    def _stands(self, row: FleetRow, workspace: Workspace) -> bool:
        """Whether all rows stay where they are though one has changed."""
        if workspace.fleet.arranged.version != self._drawn or self.table.sorted_by:
            return False
        wanted = self._filter
        return wanted is None or wanted.of_words or wanted(row) == (self.table.row(row.id) is not None)

    def _newest(self, row: FleetRow) -> FleetRow:
        workspace = self.host.workspace
        return (workspace.row(row.id) if workspace else None) or row

    def tell_time(self) -> None:
        """Ages are a minute older."""
        self._draw()

    def on_screen_resume(self) -> None:
        """What changed behind another screen is drawn now, and what an ID was found to be of."""
        if self.filter_input.value:
            self._read_filter()
        self._draw()

    def _read_filter(self) -> str:
        """Read what stands in the field, and return why it cannot be read; empty where it can."""
        from tui_app.models.filter import FilterError
        from tui_app.screens.landing import filter_in

        try:
            self._filter = filter_in(self.host.workspace, self.filter_input)
        except FilterError as error:
            return str(error)
        return ""

    def _fitting_of(self, rows: Sequence[FleetRow], haystacks: Sequence[str] = ()) -> Sequence[FleetRow]:
        return rows if self._filter is None else self._filter.select(rows, haystacks)

    @property
    def _narrowed(self) -> bool:
        return self._filter is not None and bool(self._filter.tests)

    @property
    def _filter_text(self) -> str:
        return self._filter.text if self._filter is not None else ""

    def _draw_soon(self) -> None:
        # Many rows may change at once; the list is drawn once for all of them, and seldom where that takes long. The
        # first rows are waited for.
        if not self._draw_waits:
            self._draw_waits = True
            if self._nothing_yet:
                self.call_later(self._draw)
                return
            rest = SELDOM if len(self._fitting) > AT_ONCE else OFTEN
            self.set_timer(max(rest, 10 * self._drawing_took), self._draw)

    def _draw(self) -> None:
        began = perf_counter()
        self._draw_waits = False
        self._narrowing += 1  # a narrowing that is under way would show what is older than this
        self._show_rows(self._fitting_of(self._candidates()))
        self._drawing_took = perf_counter() - began

    def _candidates(self) -> Sequence[FleetRow]:
        """The rows that the filter has to be tried on: those that fitted before, where nothing else can fit it."""
        arranged, wanted, before = self._arranged, self._filter, self._shown_by
        if arranged is None:
            return ()
        if wanted is not None and before is not None and arranged.version == self._drawn and wanted.extends(before):
            return self._fitting
        return arranged.rows

    @property
    def _arranged(self) -> Arranged | None:
        return self.host.workspace.fleet.arranged if self.host.workspace else None

    def _narrow(self) -> None:
        """Show what fits the filter that was typed: at once, or in slices once the typed character is painted."""
        rows, arranged = self._candidates(), self._arranged
        if arranged is None or len(rows) <= AT_ONCE:
            self._draw()
            return
        self._narrowing += 1
        number = self._narrowing
        haystacks = arranged.haystacks if rows is arranged.rows else ()
        self._once_painted(lambda: self._narrow_slice(number, rows, haystacks, [], 0))

    def _once_painted(self, call: Callable[[], None]) -> None:
        # Painted is what another thread has written, which waits for this one to rest.
        self.call_after_refresh(lambda: self.set_timer(A_MOMENT, call))

    def _paint_then(self, call: Callable[[], None]) -> None:
        """Paint now: Textual's next turn to do so comes up to 33 ms after the one in which the key was painted."""
        self._on_timer_update()  # Textual's own: nothing that is public paints at once
        self._once_painted(call)

    def _narrow_slice(
        self, number: int, rows: Sequence[FleetRow], haystacks: Sequence[str], found: list[FleetRow], first: int
    ) -> None:
        """Try the filter on some rows, then let whatever else waits have its turn, a key above all."""
        if number != self._narrowing:
            return
        behind = first + (AT_ONCE if first else AT_FIRST)
        found += self._fitting_of(rows[first:behind], haystacks[first:behind])
        if behind < len(rows):
            go_on = partial(self._narrow_slice, number, rows, haystacks, found, behind)
            if not first and self._fills_the_screen(found, rows[:behind]):
                self._show_rows(list(found), whole=False)
                self.set_timer(A_MOMENT, lambda: self._paint_then(go_on))
            else:
                self.call_later(go_on)
        else:
            self._show_rows(found)

    def _fills_the_screen(self, found: list[FleetRow], tried: Sequence[FleetRow]) -> bool:
        """Whether what was found first is what will stand on screen in the end, so that nobody waits for the rest."""
        current = self.table.current
        if self.table.sorted_by or len(found) < self.table.size.height:
            return False
        return current is None or any(row.id == current.id for row in tried)

    def _show_rows(self, fitting: Sequence[FleetRow], *, whole: bool = True) -> None:
        """Show these rows, and all that is said of them.

        Args:
            fitting: The rows that fit, in order.
            whole: Whether these are all; if not, more are to come behind them.
        """
        workspace, arranged = self.host.workspace, self._arranged
        self._fitting, self._drawn = fitting, arranged.version if arranged else -1
        self._nothing_yet = arranged is None or not arranged.rows
        self._shown_by = self._filter if whole else None  # others may fit what is typed next
        if self.marks:
            self.marks.keep(workspace.fleet.ids if workspace else ())
        self.table.empty = () if fitting else self._empty(workspace)
        self.table.set_rows(fitting)
        total = self._total(workspace, f"{len(fitting):,}{'' if whole else '+'}")
        states, fleets = (arranged.states, arranged.fleets) if arranged else ({}, 0)
        self.counts.show(states, fleets, total, self._reading(workspace), self._filter_text)
        self._say_marks()
        self._notice(workspace)

    @property
    def marks(self) -> Marks:
        """The connections that are marked."""
        assert self.table.marks is not None
        return self.table.marks

    def _say_marks(self) -> None:
        """One calm line above the list: what is marked, and what a bulk action has come to."""
        place, bulk = self.query_one("#marked", Static), self.host.workspace.bulk if self.host.workspace else None
        words = [marks_words(len(self.marks), self.table.marked_outside, self.check_action)]
        if bulk is not None and not bulk.seen:
            words.append(bulk_words(bulk))
        # Where there is room, it takes the empty line above the list, so that no row moves away from under the pointer.
        apart = "    " if self.size.width >= WIDE else "\n"
        say(place, Content(apart.join(filter(None, words))))
        place.display = any(words)
        self.set_class(any(words), "-marks")

    def _total(self, workspace: Workspace | None, fitting: str) -> str:
        if workspace is None:
            return ""
        count = len(workspace.fleet)
        if not count and not workspace.reading.complete:
            return ""
        # A count that is not the whole is never shown as if it were.
        exact = "" if workspace.reading.complete else "+"
        noun = "connection" if count == 1 and not exact else "connections"
        return f"{fitting} of {count:,}{exact} {noun}" if self._narrowed else f"{count:,}{exact} {noun}"

    def _reading(self, workspace: Workspace | None) -> Content:
        if workspace is None:
            return Content("")
        reading = workspace.reading
        if reading.again is not None:
            share = 100 * min(reading.again, len(workspace.fleet)) // max(len(workspace.fleet), 1)
            return Content.styled(f"changes read · all again {share} %", "$muted")
        if reading.recalled_at is not None:
            more = " · reading …" if reading.loading else ""
            return Content.styled(f"as seen {age(reading.recalled_at, self._now())}{more}", "$muted")
        if reading.loading:
            return Content.styled("reading …", "$muted")
        looked, to_look = workspace.looked_at, workspace.to_look_at
        words = "last syncs seen:" if self.size.width >= 100 else "seen"  # the counts need the room more
        text = f"{words} {looked:,} of {to_look:,}" if looked < to_look else ""
        if reading.problem is not None and reading.read_at is not None:
            text = f"as of {age(reading.read_at, self._now())}"
        return Content.styled(text, "$muted")

    def _empty(self, workspace: Workspace | None) -> tuple[tuple[str, str], ...]:
        if workspace is not None and len(workspace.fleet):
            from tui_app.screens.landing import unseen_words

            if (words := unseen_words(workspace, self.filter_input)) is not None:
                return words
            return (("No connection fits this filter. ", ""), ("Press Esc twice to clear it.", "muted"))
        if self.host.trouble is not None or (workspace is not None and workspace.reading.problem is not None):
            return ()  # the notice says it
        if workspace is None or not workspace.reading.complete:
            doubt = f" ({workspace.health.reason}, trying again)" if workspace and workspace.health.reason else ""
            return ((self.host.opening or f"Reading connections …{safe_text(doubt, 80)}", "muted"),)
        return (("There are no connections yet. ", ""), ("Press n to create one.", "muted"))

    def _notice(self, workspace: Workspace | None) -> None:
        notice = self.query_one("#notice", Static)
        problem = workspace.reading.problem if workspace else self.host.trouble
        parts: list[Content] = []
        if problem is not None and workspace is not None and workspace.ended:
            # No address is wrong, and nobody else can bring it back.
            parts.append(Content.styled("✗ The simulated server has ended, with what was made there", "bold $error"))
            parts.append(Content.styled("Press R for a new one, 5 to open another profile.", "$muted"))
        elif problem is not None:
            parts.append(problem_content(problem))
            parts.append(Content.styled("Press R to try again, 5 to open another profile.", "$muted"))
        if workspace is not None and workspace.unreadable:
            first = workspace.unreadable[0]
            count = len(workspace.unreadable)
            rows = "1 row" if count == 1 else f"{count} rows"
            parts.append(
                Content.assemble(
                    (f"{rows} could not be read: ", "bold $warning"),
                    safe_text(f"row {first.row + 1} {first.id} – {first.reason}", 300),
                )
            )
        say(notice, Content("\n").join(parts))
        notice.display = bool(parts)

    # What a person does

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        problem = self.query_one("#filter-problem", Static)
        if why := self._read_filter():
            self._refuse(why)
            return
        problem.display, self.counts.display = False, True
        self._narrow()

    def _refuse(self, why: str) -> None:
        """Say it in place of the counts, so that nothing below moves while a word is being typed."""
        problem = self.query_one("#filter-problem", Static)
        problem.update(Content.styled(f"✗ {safe_text(why, 200)}", "$error"))
        problem.display, self.counts.display = True, False

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        """Open what it names, where it names one thing; search for what was not seen."""
        from tui_app.screens.landing import land_from

        event.stop()
        self.set_focus(self.table)
        land_from(self.host, self.filter_input)

    @on(SearchField.Took, "#filter")
    def _took(self, event: SearchField.Took) -> None:
        event.stop()
        if event.pasted.refusal:
            self._refuse(event.pasted.refusal)
        elif event.pasted.left_out:
            from tui_app.screens.landing import LEFT_OUT

            self.host.say(LEFT_OUT, severity="warning", timeout=10)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted onto the list is looked for."""
        event.stop()
        self.set_focus(self.filter_input)
        self.filter_input.value = ""
        self.filter_input.take(event.text)

    @on(Count.Clicked)
    def _count_clicked(self, event: Count.Clicked) -> None:
        event.stop()
        self.filter_input.value = "" if event.text == self._filter_text else event.text
        self.set_focus(self.table)

    @on(Table.Highlighted, "#fleet")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        row, workspace = event.row, self.host.workspace
        place = self.query_one("#preview-text", Static)
        if row is None or workspace is None:
            place.update("")
            return
        from tui_app.widgets.preview import preview  # what is said of a connection waits until there is one

        say(place, preview(row, self._now(), 37, workspace.finding(row)))

    @on(Table.Shown, "#fleet")
    def _rows_shown(self, event: Table.Shown) -> None:
        event.stop()
        if self.host.workspace is not None:
            self.host.workspace.show([row.id for row in event.rows])

    @on(Table.Chosen, "#fleet")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.host.open_connection(event.row.id)

    @on(Table.Marked, "#fleet")
    def _marked(self, event: Table.Marked) -> None:
        event.stop()
        self._say_marks()

    def on_key(self, event: Any) -> None:
        """From the filter, the arrow down goes into the list."""
        if event.key == "down" and self.filter_input.has_focus:
            event.stop()
            self.set_focus(self.table)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the servers that come with Syncscope are a key away from one another; the rest is what they can do."""
        workspace = self.host.workspace
        if action in ("tags", "resolve", "bulk"):
            return workspace is not None and can_in_bulk(action, workspace)
        if action in ("next_server", "previous_server"):
            return self.host.workspace is not None and self.host.workspace.profile.embedded
        if action == "by_link":
            can = self.host.workspace.capabilities if self.host.workspace else None
            return can is not None and (can.links or can.public_tokens)
        return super().check_action(action, parameters)

    def action_next_server(self) -> None:
        """Go to the next embedded server."""
        self.host.switch_server(1)

    def action_previous_server(self) -> None:
        """Go to the embedded server before."""
        self.host.switch_server(-1)

    def action_open(self) -> None:
        """Open the selected connection."""
        self.table.action_choose()

    def action_filter(self) -> None:
        """Go to the filter, at once: what is typed next belongs to it."""
        self.set_focus(self.filter_input)

    def action_clear(self) -> None:
        """Leave the filter; from the list, clear it; where there is none, drop the marks."""
        if self.filter_input.has_focus:
            self.set_focus(self.table)
        elif self.filter_input.value:
            self.filter_input.value = ""
        elif self.marks:
            self.host.say(f"Nothing is marked any more: {len(self.marks):,} were.", timeout=3)
            self.marks.clear()
            self.table.show_marks()

    def action_mark(self) -> None:
        """Mark the selected connection, or take its mark away, and go to the next."""
        self.table.toggle_mark()
        self.table.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all that the filter shows, or take their marks away."""
        self.table.toggle_all_marks()

    def _in_bulk(self, action: str) -> None:
        """Act on all that are marked, the shown ones first; else on the selected one."""
        shown = [row.id for row in self.table.rows]
        targets = [key for key in shown if key in self.marks]
        hidden = [key for key in self.marks if self.table.row(key) is None]
        if not targets and not hidden and self.table.current is not None:
            targets = [self.table.current.id]
        self.host.open_bulk(action, [*targets, *hidden], hidden)

    def action_tags(self) -> None:
        """Add and remove tags of all that are marked, or of the selected one."""
        self._in_bulk("update_connection")

    def action_resolve(self) -> None:
        """Resolve the open issues of all that are marked, or of the selected one."""
        self._in_bulk("resolve_issue")

    def action_bulk(self) -> None:
        """Come back to the latest bulk action."""
        self.host.show_bulk()

    async def action_create(self) -> None:
        """Create a connection."""
        await self.host.open_create()

    def action_request_sync(self) -> None:
        """Request a sync of all that are marked, or of the selected connection."""
        if self.marks:
            self._in_bulk("request_sync")
        elif self.table.current is not None:
            self.host.ask_sync(self.table.current.id)

    def action_watch(self) -> None:
        """Watch the newest sync of the selected connection."""
        if self.table.current is not None:
            self.host.watch_newest(self.table.current.id)

    def action_copy_id(self) -> None:
        """Copy the selected connection's ID."""
        if self.table.current is not None:
            self.host.copy(self.table.current.id, f"connection ID {self.table.current.id}")

    def action_copy_as(self) -> None:
        """Copy something else of the selected connection."""
        from tui_app.screens.copies import connection_copies
        from tui_app.screens.copy_menu import ask_copy

        if self.table.current is not None and self.host.workspace is not None:
            connection = self.table.current.connection
            ask_copy(self.host, connection.name, connection_copies(self.host.workspace, connection))

    def action_by_link(self) -> None:
        """Connect a fleet by a link."""
        self.host.open_by_link()

    def action_relink(self) -> None:
        """Open the selected connection's re-link URL."""
        if self.table.current is not None:
            self.host.open_relink(self.table.current.id)

    def action_refresh(self) -> None:
        """Read the list again."""
        self.host.read_again()
