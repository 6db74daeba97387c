"""Ask a connection's provider directly: the request, and below it what the provider answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Checkbox, RadioSet, Static, TextArea

from tui_app.actions import bindings_of
from tui_app.models.passthrough import METHODS, PassthroughRequest
from tui_app.models.text import safe_block, safe_text
from tui_app.screens.request_form import Order, RequestForm
from tui_app.style_sheets import styles
from tui_app.widgets.choice import Choice, Tick
from tui_app.widgets.facts import facts_content
from tui_app.widgets.field import Field
from tui_app.widgets.header_fields import HeaderFields
from tui_app.widgets.text import shown_block, shown_json

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.problem import FieldProblem
    from tui_app.workspace import Workspace
    from tui_app.workspace.asking import Told

_SHOWN = 70_000
"""Characters of an answer that are drawn."""
_BESIDE, _ROW_BESIDE = 120, 140
"""Columns from which the request stands beside the form, and from which all methods fit into one row all the same."""


class SafeTextArea(TextArea):
    """Several lines of text; what a terminal would obey is left out of what is pasted."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        # What TextArea itself does with it comes after this: each class of a widget is told of an event.
        event.text = "".join(each for each in event.text if each in "\n\t" or safe_text(each) == each)


class PassthroughScreen(RequestForm):
    """The request as a form, as it will be sent beside it, and the answer below. What was typed stays.

    Args:
        connection_id: Whose provider is asked.
    """

    CSS_PATH = styles("fields", "request_form", "passthrough")
    SCOPE = "passthrough"
    ABOUT = (
        "Ask the provider of this connection directly: the server passes the request on with the connection's own "
        "credentials, and tells what came back. That the provider refuses is an answer, too. Every request counts as "
        "a change here, because it may be one there."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("passthrough")
    VERB = "ask"
    AUTO_FOCUS = "#path Input"

    path = getters.query_one("#path", Field)
    text = getters.query_one("#text", TextArea)
    headers = getters.query_one(HeaderFields)

    def __init__(self, connection_id: str) -> None:
        super().__init__()
        self.connection_id = connection_id
        self._sent: object = None

    # What is shown

    def heading(self) -> Content:
        """Whose provider is asked."""
        row = self.host.workspace.row(self.connection_id) if self.host.workspace else None
        whose = f"{row.connection.provider.name} of {row.connection.name}" if row else ""
        return Content.assemble(("Ask the provider", "bold"), "  ", (safe_text(whose, 100), "$muted"))

    def body(self) -> ComposeResult:
        """The form and its request, and the answer below."""
        yield from super().body()
        with VerticalScroll(id="answer"):
            yield Static(id="answer-head")
            yield Static(id="answer-headers")
            yield Static(id="answer-content")

    def fields(self) -> ComposeResult:
        """Method, path, headers, body, and whether the bytes are wanted."""
        with Horizontal(classes="field-line", id="method-line"):
            yield Static("Method", classes="field-label")
            with RadioSet(id="method", compact=True):
                for method in METHODS:
                    yield Choice(method, value=method == "GET")
        yield Field(
            "Path", "path", placeholder="e.g. /vehicles?limit=3", hint="below the provider's address, with its query"
        )
        yield HeaderFields()
        with Horizontal(id="text-line"):
            yield Static("Body", classes="field-label")
            area = SafeTextArea(id="text", compact=True, highlight_cursor_line=False)
            area.cursor_blink = False
            yield area
        yield Tick("raw: the answer byte for byte", id="raw", compact=True)

    def on_resize(self, event: events.Resize) -> None:
        """Where the request beside it leaves too little room for all methods in a row, they stand in two."""
        self.set_class(_BESIDE <= event.size.width < _ROW_BESIDE, "-methods-in-two")

    def on_mount(self) -> None:
        """Nothing was asked yet."""
        self.query_one("#answer").display = False
        self._sent = self._values()

    # The request

    def _values(self) -> dict[str, Any]:
        method = METHODS[max(self.query_one("#method", RadioSet).pressed_index, 0)]
        return {
            "method": method,
            "path": self.path.value,
            "headers": self.headers.values(),
            "body": self.text.text or None,
        }

    @property
    def _raw(self) -> bool:
        return self.query_one("#raw", Checkbox).value

    def is_filled(self) -> bool:
        """Whether something would be lost by leaving: what was typed and not sent yet."""
        return self._values() != self._sent

    def planned(self, workspace: Workspace) -> Request | None:
        """The request as the form stands."""
        if workspace.row(self.connection_id) is None:
            return None
        request = PassthroughRequest.model_construct(**self._values())
        return workspace.planned_passthrough(self.connection_id, request, raw=self._raw)

    @on(TextArea.Changed)
    def _text_typed(self) -> None:
        self._changed()

    def order(self, workspace: Workspace) -> Order[Told] | None:
        """The order to ask, once everything on the form is right."""
        from tui_app.workspace.asking import ask

        if workspace.row(self.connection_id) is None:
            self.host.say("This connection is not in the list any more: nothing was sent.", severity="warning")
            return None
        self.path.problem = _path_problem(self.path.value)
        wrong = self.path.input if self.path.problem else self.headers.complain()
        if wrong is not None:
            self.set_focus(wrong)
            return None
        values = self._values()
        request, raw = PassthroughRequest(**values), self._raw
        self._sent = values
        return Order(
            "passthrough",
            f"send {request.method} {request.path.partition('?')[0]} to the provider",
            lambda: ask(workspace, self.connection_id, request, raw=raw),
            lambda told: None,
        )

    def place(self, complaint: FieldProblem) -> Field | None:
        """The field that a complaint of the server is about."""
        return self.path if complaint.path.rpartition("}")[2].strip(".") == "path" else None

    # The answer

    def finished(self, result: Told) -> None:
        """Show what the provider answered; the form stays for the next question."""
        self.query_one("#form-problem").display = False
        self.query_one("#answer-head", Static).update(_head(result))
        headers = self.query_one("#answer-headers", Static)
        headers.update(facts_content(((safe_text(n, 40), v) for n, v in result.headers), max(self.size.width - 8, 40)))
        headers.display = bool(result.headers)
        self.query_one("#answer-content", Static).update(_content(result))
        answer = self.query_one("#answer", VerticalScroll)
        answer.display = True
        self.add_class("-answered")
        self.set_focus(answer)
        answer.scroll_home(animate=False)


def _path_problem(path: str) -> str:
    if not path:
        return "say what to ask for, e.g. /vehicles"
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.\-]*://", path):
        return "only what follows the provider's address: the path, from its slash"
    if " " in path:
        return "a path has no spaces: write %20"
    return ""


def _head(told: Told) -> Content:
    """How it went, in one line."""
    mark = ("✓ ", "bold $success") if told.ok else ("✗ ", "bold $error")
    pieces: list[str | tuple[str, str]] = [mark, (str(told.status), "bold")]
    if not told.ok:
        pieces.append(" the provider refused: this is its own answer")
    pieces += [(f" · {safe_text(told.content_type, 60)}", "")] if told.content_type else []
    pieces.append((f" · {_size(told.size)}", "$muted"))
    if told.seconds is not None:
        pieces.append((f" · {told.seconds * 1000:,.0f} ms", "$muted"))
    return Content.assemble(*pieces)


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1024:,.0f} KiB"


def _content(told: Told) -> Content:
    if told.head:
        return Content.assemble(
            ("This is no text. Its first bytes:" if told.cut else "This is no text. Its bytes:", "$muted"),
            "\n",
            _hex(told.head),
        )
    if not told.text:
        return Content.styled("There is no content.", "$muted")
    shown = shown_json(told.text, _SHOWN) if told.is_json else shown_block(told.text, _SHOWN)
    if told.cut:
        shown = Content.assemble(shown, "\n", ("… more came than is shown here.", "$warning"))
    return shown


def _hex(head: bytes) -> str:
    """Bytes in hexadecimal, 16 a line, each line after the place where it begins."""
    lines = (f"{at:04x}  {head[at : at + 16].hex(' ', 1)}" for at in range(0, len(head), 16))
    return safe_block("\n".join(lines))
