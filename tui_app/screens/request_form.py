"""A form with its request beside it, as it will be sent: what all such forms have in common."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, RadioSet, Static

from tui_app.api.errors import ApiError
from tui_app.api.exchanges import as_curl
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen, problem_content
from tui_app.widgets.text import shown_json

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.connection import Connection, ConnectionDraft
    from tui_app.models.problem import FieldProblem, Problem
    from tui_app.screens.base import Host
    from tui_app.widgets.field import Field
    from tui_app.widgets.plain_fields import SwitchField
    from tui_app.workspace import Workspace


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Order(Generic[Result]):
    """What is to be sent, once everything on the form is right.

    Attributes:
        action: The gate's name for it.
        what: What it does, as what follows "You are about to".
        send: Sends it.
        done: Says that it was done.
    """

    action: str
    what: str
    send: Callable[[], Awaitable[Result]]
    done: Callable[[Result], None]


class RequestForm(AppScreen[str | None]):
    """A form; beside it the request as it will be sent. It ends with the connection's ID, or with ``None``."""

    VERB: ClassVar[str] = "create"
    """What its button does, in one word."""
    NOTHING: ClassVar[str] = ""
    """What is said where there is no request to show."""

    def __init__(self) -> None:
        super().__init__()
        self._sending = False
        self._warned = False

    # What each form says for itself

    def heading(self) -> Content:
        """What the form is for."""
        raise NotImplementedError

    def fields(self) -> ComposeResult:
        """The fields, one below the other."""
        raise NotImplementedError

    def facts(self) -> ComposeResult:
        """What stands above the request."""
        return iter(())

    def planned(self, workspace: Workspace) -> Request | None:
        """The request as the form stands, secrets masked; ``None`` where there is none to send."""
        raise NotImplementedError

    def order(self, workspace: Workspace) -> Order[Any] | None:
        """What is to be sent; ``None``, with what is wrong said on each field, where it cannot be."""
        raise NotImplementedError

    def other_ways(self) -> ComposeResult:
        """Buttons beside that which sends."""
        return iter(())

    def finished(self, result: Any) -> None:
        """It was sent, and this came of it: the form ends with the connection's ID."""
        self.dismiss(result.id)

    def is_filled(self) -> bool:
        """Whether something would be lost by leaving."""
        return any(field.value for field in self.query(Input))

    def place(self, complaint: FieldProblem) -> Field | SwitchField | None:
        """The field that a complaint of the server is about."""
        raise NotImplementedError

    def problem_place(self, order: Order[Any]) -> Static:
        """Where it is said why an order was refused."""
        return self.query_one("#form-problem", Static)

    def entered(self, field: Input) -> None:
        """Enter was pressed in a field."""
        self.focus_next()

    # What all have in common

    def body(self) -> ComposeResult:
        """The form and its side panel."""
        with Horizontal(id="form-area"):
            with VerticalScroll(id="form", can_focus=False):
                yield Static(self.heading(), classes="form-title")
                yield from self.fields()
                yield Static(id="form-problem", classes="form-problem")
                with Horizontal(classes="buttons"):
                    yield Button(self.VERB.capitalize(), variant="primary", id=self.VERB, classes="send", compact=True)
                    yield from self.other_ways()
                    yield Button("Cancel", id="cancel", compact=True)
            with VerticalScroll(id="side", can_focus=False):
                yield from self.facts()
                yield Static(id="request")

    def on_mount(self) -> None:
        """Show the request as it stands."""
        self.query(".form-problem").set(display=False)
        self.show_request()

    def show_request(self) -> None:
        """Show the request as it stands now."""
        workspace = self.host.workspace
        if workspace is None:
            return
        try:
            planned = self.planned(workspace)
        except ApiError as error:
            shown = problem_content(error.problem)
        else:
            shown = request_content(planned) if planned else Content.styled(self.NOTHING, "$muted")
        self.query_one("#request", Static).update(shown)

    @on(Input.Changed)
    @on(RadioSet.Changed)
    @on(Checkbox.Changed)
    def _changed(self) -> None:
        self._warned = False
        self.show_request()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.entered(event.input)

    @on(Button.Pressed, ".send")
    def _send_pressed(self) -> None:
        self.action_send()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.dismiss(None)

    def action_send(self) -> None:
        """Send the request, once everything on the form is right; not again while it is under way."""
        workspace = self.host.workspace
        if workspace is None or self._sending:
            return
        order = self.order(workspace)
        if order is not None:
            self.begin(order)

    def begin(self, order: Order[Any]) -> None:
        """Send what was ordered, unless something is under way."""
        if not self._sending:
            self._sending = True
            self._send(order)

    @work(group="send", exclusive=True, exit_on_error=False)
    async def _send(self, order: Order[Any]) -> None:
        buttons = self.query(".send, .sends")
        try:
            if not await self.host.may_write(order.action, order.what):
                return
            buttons.set(disabled=True)
            self.problem_place(order).display = False
            result = await order.send()
        except ApiError as error:
            self.refused(error.problem, order)
            return
        finally:
            self._sending = False
            buttons.set(disabled=False)
        order.done(result)
        self.finished(result)

    def refused(self, problem: Problem, order: Order[Any]) -> None:
        """Put each of the server's complaints on the field it names; the rest stands above the buttons."""
        first: Field | SwitchField | None = None
        for complaint in problem.fields:
            field = self.place(complaint)
            if field is not None:
                field.problem = complaint.message or "the server refuses this value"
                first = first or field
        place = self.problem_place(order)
        place.update(problem_content(problem))
        place.display = True
        if first is not None:
            self.set_focus(first.input)
        place.scroll_visible(animate=False)

    def action_copy_curl(self) -> None:
        """Copy the request as cURL with placeholders for secrets."""
        workspace = self.host.workspace
        try:
            planned = self.planned(workspace) if workspace is not None else None
        except ApiError as error:
            self.host.complain(error.problem, "There is no request to copy")
            return
        if planned is not None:
            self.host.copy(as_curl(planned), "the request as cURL, secrets left out")
        elif self.NOTHING:
            self.host.say(self.NOTHING)

    async def action_back(self) -> None:
        """Leave without sending anything; what was typed is not thrown away by one key."""
        if self.is_filled() and not self._warned:
            self._warned = True
            self.host.say("Press Esc again to leave; what you typed is forgotten then.")
            return
        self.dismiss(None)


def creation(host: Host, workspace: Workspace, draft: ConnectionDraft, name: str) -> Order[Connection]:
    """The order to make a connection.

    Args:
        host: Who says that it was made.
        workspace: Where it is made.
        draft: What is sent.
        name: What to call it before it is there.
    """
    known: set[str] = set()

    async def send() -> Connection:
        known.update(row.id for row in workspace.rows)
        return await workspace.create_connection(draft)

    def done(connection: Connection) -> None:
        if connection.id in known:
            host.say("This provider account is connected already: here is its connection.", title=connection.name)
        else:
            host.say("Created. Press s to request its first sync.", title=connection.name, timeout=8)

    return Order("create_connection", f"create a connection for {name}", send, done)


def request_content(planned: Request) -> Content:
    return Content.assemble(
        (f"{planned.method} {safe_text(planned.path, 200)}", "bold"),
        "\n",
        shown_json(json.dumps(json.loads(planned.body or "{}"), ensure_ascii=False, indent=2)),
        "\n\n",
        ("^y copies it as cURL", "$muted"),
    )
