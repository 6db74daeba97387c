"""Create and edit a connection whose fields are plain: the form, what it changes, and the request that will be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Checkbox, Static

from tui_app.actions import bindings_of
from tui_app.models.connection import ConnectionDraft
from tui_app.models.text import safe_text
from tui_app.screens.link_way import LinkWay
from tui_app.screens.request_form import Order, RequestForm, creation
from tui_app.style_sheets import styles
from tui_app.widgets.field import Field
from tui_app.widgets.plain_fields import PlainFields, SwitchField, Value, list_as_text

if TYPE_CHECKING:
    from tui_app.api.base import Changes
    from tui_app.api.exchanges import Request
    from tui_app.models.connection import Connection
    from tui_app.models.problem import FieldProblem
    from tui_app.workspace import Workspace

# How servers call the provider in a refusal.
_PROVIDER = ("provider", "provider_name", "providerName")


class ConnectionFormScreen(RequestForm):
    """A form of plain fields; the request stands beside it, or below it where the terminal is narrow."""

    CSS_PATH = styles("fields", "request_form", "connection_form")
    AUTO_FOCUS = "#form Input, #form Checkbox"

    plain = getters.query_one(PlainFields)

    def place(self, complaint: FieldProblem) -> Field | SwitchField | None:
        """The field that a complaint of the server is about."""
        steps = re.split(r"[.\[\]]+", complaint.path.rpartition("}")[2])
        named = self.plain.at(steps)
        if named is None and any(step in _PROVIDER for step in steps):
            return self.query_one_optional("#provider", Field)
        return named

    def is_right(self) -> bool:
        """Whether no field has a problem; else the first of those that have gets the cursor."""
        for line in self.query(".field"):
            if isinstance(line, Field | SwitchField) and line.problem:
                self.set_focus(line.input)
                return False
        return True


class NewConnectionScreen(ConnectionFormScreen, LinkWay):
    """Asks for the provider, then for the fields that this server's connections are made of."""

    SCOPE = "create"
    ABOUT = (
        "Fill in what this server has to know of a new connection. Beside the form, or below it where the terminal is "
        "narrow, stands the request as it will be sent. Nothing is sent before you press Create."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("create")

    def heading(self) -> Content:
        """What the form is for."""
        return Content.styled("Create a connection", "bold")

    def fields(self) -> ComposeResult:
        """The provider, then what the server asks for."""
        workspace = self.host.workspace
        hint = "The provider's name, as the server knows it"
        yield Field("Provider", "provider", placeholder="e.g. netsuite", hint=hint)
        yield PlainFields(workspace.capabilities.create_fields if workspace else ())

    def is_filled(self) -> bool:
        """Whether something would be lost by leaving."""
        return super().is_filled() or any(box.value for box in self.query(Checkbox))

    def _draft(self) -> dict[str, Any]:
        # A text that was left empty is not sent. A switch that is off is: it says no.
        values = {name: value for name, value in self.plain.values().items() if value not in ("", ())}
        return {"provider": self.query_one("#provider", Field).value, "values": values}

    def planned(self, workspace: Workspace) -> Request:
        """The request as the form stands."""
        return workspace.planned_connection(ConnectionDraft.model_construct(**self._draft()))

    def order(self, workspace: Workspace) -> Order[Connection] | None:
        """The order to make the connection, once everything on the form is right."""
        provider = self.query_one("#provider", Field)
        provider.problem = "" if provider.value else "say which provider it is"
        self.plain.complain(*self.plain.values())
        if not self.is_right():
            return None
        draft = ConnectionDraft(**self._draft())
        return creation(self.host, workspace, draft, str(draft.values.get("name") or draft.provider))


class EditConnectionScreen(ConnectionFormScreen):
    """Asks for another value of what can be changed of one connection. Only what differs is sent.

    Args:
        connection_id: Which connection.
    """

    SCOPE = "edit"
    ABOUT = (
        "Change what can be changed of this connection. Each change stands beside the form, or below it where the "
        "terminal is narrow, with the request that will be sent: only what differs. Nothing is sent before you "
        "press Save."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("edit")
    VERB = "save"
    NOTHING = "Nothing is changed yet: there is nothing to send."

    def __init__(self, connection_id: str) -> None:
        super().__init__()
        self.connection_id = connection_id

    def _connection(self) -> Connection | None:
        row = self.host.workspace.row(self.connection_id) if self.host.workspace else None
        return row.connection if row else None

    def heading(self) -> Content:
        """Which connection is changed."""
        connection = self._connection()
        name = safe_text(connection.name, 60) if connection else ""
        return Content.assemble(("Change a connection", "bold"), "  ", (name, "$muted"))

    def fields(self) -> ComposeResult:
        """What can be changed, as it is."""
        workspace, connection = self.host.workspace, self._connection()
        present = connection.to_json() if connection else {}
        yield PlainFields(workspace.capabilities.edit_fields if workspace else (), present)

    def facts(self) -> ComposeResult:
        """What is changed."""
        yield Static(id="changes")

    def show_request(self) -> None:
        """Show each change, and the request below."""
        place = self.query_one("#changes", Static)
        lines = [
            Content.assemble((f"{self.plain.label(name)}: ", "$muted"), _said(before), (" → ", "$accent"), _said(after))
            for name, (before, after) in self.plain.changes().items()
        ]
        place.update(Content("\n").join(lines).append("\n"))
        place.display = bool(lines)
        super().show_request()

    def is_filled(self) -> bool:
        """Whether something would be lost by leaving."""
        return bool(self.plain.changes())

    def _changes(self) -> Changes:
        return {name: None if after == "" else after for name, (_, after) in self.plain.changes().items()}

    def planned(self, workspace: Workspace) -> Request | None:
        """The request as the form stands; none where nothing differs, or where the connection is gone."""
        changes = self._changes()
        return workspace.planned_update(self.connection_id, changes) if changes and self._connection() else None

    def order(self, workspace: Workspace) -> Order[Connection] | None:
        """The order to change the connection, once everything on the form is right."""
        connection, changes = self._connection(), self._changes()
        if connection is None:
            self.host.say("This connection is not in the list any more: nothing was sent.", severity="warning")
            return None
        if not changes:
            self.host.say("Nothing is changed: nothing was sent.", title=connection.name)
            return None
        self.plain.complain(*changes)
        if not self.is_right():
            return None
        return Order(
            "update_connection",
            f"change {connection.name}",
            lambda: workspace.update_connection(self.connection_id, changes),
            lambda changed: self.host.say("Saved.", title=changed.name),
        )


def _said(value: Value) -> Content:
    """A value before or after a change, in words."""
    if isinstance(value, bool):
        return Content("yes" if value else "no")
    if isinstance(value, tuple):
        value = list_as_text(value)
    return Content(safe_text(value, 200)) if value else Content.styled("empty", "$muted")
