"""Orders that need no form: what will be sent is shown, a person agrees, it is sent, and how it went is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from tui_app.api.errors import ApiError
from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.widgets.text import shown_json

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.issue import Issue
    from tui_app.screens.base import Host
    from tui_app.workspace import Workspace

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ShortOrder(Generic[Result]):
    """One change at the server.

    Attributes:
        action: The gate's name for it.
        title: What it does, as a heading.
        what: The same, as what follows "You are about to".
        meaning: What comes of it, in a sentence or two.
        verb: The button's word.
        planned: The request that would be sent.
        send: Sends it.
        grave: Whether nothing undoes it, so that Enter alone must not send it.
        whole: Whether the whole request is shown, its body, too.
    """

    action: str
    title: str
    what: str
    meaning: str
    verb: str
    planned: Request
    send: Callable[[], Awaitable[Result]]
    grave: bool = False
    whole: bool = False


class OrderDialog(Dialog[bool]):
    """Shows what would be sent, and asks."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "cancel")]

    def __init__(self, order: ShortOrder[Result]) -> None:
        super().__init__()
        self._order = order

    def compose(self) -> ComposeResult:
        """Heading, what comes of it, the request, two buttons."""
        order = self._order
        with Vertical(classes="dialog"):
            yield Static(Content.styled(safe_text(order.title, 120), "bold"), classes="dialog-title")
            yield Static(Content(safe_text(order.meaning, 400)), classes="hint")
            yield Static(
                Content.assemble((order.planned.method, "bold"), " ", safe_text(order.planned.path, 200)),
                classes="hint",
            )
            if order.whole and order.planned.body:
                with VerticalScroll(classes="order-body", can_focus=False):
                    yield Static(shown_json(order.planned.body))
            with Horizontal(classes="buttons"):
                yield Button(order.verb, variant="warning" if order.grave else "primary", id="send", compact=True)
                yield Button("Leave it", id="leave", compact=True)

    def on_mount(self) -> None:
        """What nothing undoes takes one key more than what was pressed in haste."""
        self.set_focus(self.query_one("#leave" if self._order.grave else "#send"))

    @on(Button.Pressed, "#send")
    def _send(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#leave")
    def _leave(self) -> None:
        self.dismiss(False)


async def resolve_issue(host: Host, workspace: Workspace, issue: Issue) -> bool:
    """Ask whether to mark an issue as resolved, and do it. To be called in a worker.

    Returns:
        Whether it was done.
    """
    done = await carry_out(
        host,
        ShortOrder(
            "resolve_issue",
            f"Resolve {issue.error.code}",
            f"resolve the issue {issue.error.code}",
            "It counts as resolved until the server meets it again; then it is open once more.",
            "Resolve",
            workspace.planned_resolution(issue.id),
            lambda: workspace.resolve_issue(issue.id),
        ),
    )
    if done is not None:
        host.say("Resolved. It opens again if it is met again.", title=issue.error.code)
    return done is not None


async def carry_out(host: Host, order: ShortOrder[Result]) -> tuple[Result] | None:
    """Ask, send, and complain where it was refused. To be called in a worker.

    Returns:
        What came of it, alone in a tuple because it may be nothing; ``None`` where it was not done.
    """
    if not await host.push_screen_wait(OrderDialog(order)):
        return None
    if not await host.may_write(order.action, order.what):
        return None
    try:
        return (await order.send(),)
    except ApiError as error:
        host.complain(error.problem, order.title)
        return None
