"""Create a connection: the provider, exactly the fields it needs, and the request that will be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr
from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList, RadioSet, Static
from textual.widgets.option_list import Option

from tui_app.actions import bindings_of
from tui_app.api.errors import ApiError
from tui_app.models.connection import Backfill, ConnectionDraft
from tui_app.models.link import LinkDraft
from tui_app.models.text import safe_text
from tui_app.screens.link_way import LinkWay
from tui_app.screens.request_form import Order, creation
from tui_app.style_sheets import styles
from tui_app.widgets.choice import Choice
from tui_app.widgets.credentials import Credentials
from tui_app.widgets.field import Field
from tui_app.widgets.window import backfill_of

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.connection import Connection
    from tui_app.models.problem import FieldProblem
    from tui_app.models.provider import Provider
    from tui_app.workspace import Workspace

MATCHES = 200
"""Providers offered at a time; typing more narrows them."""

# Where a field of the request stands on the form, by the end of the path that the server's refusal names.
_PLACES = {
    "provider": "provider",
    "company.name": "company",
    "company.dotNumbers": "dot",
    "externalId": "external",
    "backfill.days": "days",
    "backfill.startFrom": "from",
    "backfill": "days",
    "tags": "tags",
}


class CreateScreen(LinkWay):
    """A form; beside it, where there is room, the provider's facts and the request as it will be sent."""

    CSS_PATH = styles("fields", "request_form", "create")
    SCOPE = "create"
    ABOUT = (
        "Type a provider's name and choose it; the form then asks for exactly the credentials that it needs. The right "
        "side shows the request as it will be sent, secrets masked. Nothing is sent before you press Create."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("create")
    AUTO_FOCUS = "#provider Input"

    credentials = getters.query_one(Credentials)
    matches = getters.query_one("#matches", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._providers: list[Provider] = []
        self._chosen = ""

    def heading(self) -> Content:
        """What the form is for."""
        return Content.styled("Create a connection", "bold")

    def fields(self) -> ComposeResult:
        """The provider, its credentials, and what is the same for all."""
        yield Field("Provider", "provider", placeholder="type a name, ↓ to choose", hint="reading providers …")
        yield OptionList(id="matches", compact=True)
        yield Credentials()
        yield Field("Company", "company", placeholder="e.g. Prairie Lines")
        yield Field("DOT numbers", "dot", placeholder="e.g. 1234567, 7654321")
        yield Field("External ID", "external", hint="your own reference for it")
        with Horizontal(classes="field-line", id="mode-line"):
            yield Static("Mode", classes="field-label")
            with RadioSet(id="mode", compact=True):
                yield Choice("automatic", value=True)
                yield Choice("manual")
        yield Field(
            "Backfill",
            "days",
            placeholder="e.g. 7",
            hint="days of history, or below a date; both empty: from now on",
        )
        yield Field("… or from", "from", placeholder="e.g. 2026-11-01")
        yield Field("Tags", "tags", placeholder="e.g. midwest, vip")

    def facts(self) -> ComposeResult:
        """The chosen provider's."""
        yield Static(id="provider-facts")

    def on_mount(self) -> None:
        """Read the providers; show the request as it stands."""
        self.matches.display = False
        self._read_providers()

    @work(group="providers", exclusive=True, exit_on_error=False)
    async def _read_providers(self) -> None:
        workspace = self.host.workspace
        field = self.query_one("#provider", Field)
        if workspace is None:
            return
        try:
            self._providers = sorted(await workspace.providers(), key=lambda provider: provider.name.lower())
        except ApiError as error:
            field.hint = "the providers could not be read: type a provider's code"
            self.host.complain(error.problem, "Could not read the providers")
            return
        field.hint = self._count()
        self._offer(field.value)

    # Choosing the provider

    def _offer(self, typed: str) -> None:
        word = typed.lower()
        fitting = [p for p in self._providers if word in p.name.lower() or word in p.code.lower()]
        self.matches.clear_options()
        self.matches.add_options(
            Option(
                Content.assemble(safe_text(p.name, 40), "  ", (safe_text(f"{p.code}  {p.status}", 60), "$muted")),
                id=None,
            )
            for p in fitting[:MATCHES]
        )
        self._offered = fitting[:MATCHES]
        focused = self.focused
        near = focused is self.query_one("#provider", Field).input or focused is self.matches
        self.matches.display = bool(fitting) and near and typed != self._chosen

    @on(Input.Changed, "#provider Input")
    async def _provider_typed(self, event: Input.Changed) -> None:
        typed = event.value.strip()
        exact = next((p for p in self._providers if typed.lower() in (p.code.lower(), p.name.lower())), None)
        if exact is not None or self._chosen:
            await self._choose(exact.code if exact is not None else "")
        self._offer(typed)

    @on(OptionList.OptionSelected, "#matches")
    async def _provider_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self._take(self._offered[event.option_index].code)
        # The focus leaves the matches before they go: from what is hidden it would fall to nowhere.
        self.credentials.focus_first()
        self.matches.display = False

    async def _take(self, code: str) -> None:
        """Settle on a provider: its code stands in the field, its credentials are asked for."""
        with self.prevent(Input.Changed):
            self.query_one("#provider", Field).input.value = code
        await self._choose(code)
        self.show_request()

    async def _choose(self, code: str) -> None:
        if code == self._chosen:
            return
        self._chosen = code
        workspace = self.host.workspace
        provider = next((p for p in self._providers if p.code == code), None)
        self.query_one("#provider-facts", Static).update(_provider_facts(provider) if provider else "")
        field = self.query_one("#provider", Field)
        field.problem = ""
        field.hint = f"{provider.name}, {provider.status}" if provider else self._count()
        await self.credentials.ask(workspace.credential_forms(code) if workspace and code else ())

    def _count(self) -> str:
        return f"{len(self._providers)} providers: type a name, ↓ to choose" if self._providers else ""

    def on_key(self, event: events.Key) -> None:
        """From the provider's field, the arrow down goes to the matches."""
        if event.key == "down" and self.focused is self.query_one("#provider", Field).input and self.matches.display:
            event.stop()
            self.set_focus(self.matches)
            self.matches.highlighted = 0

    async def on_descendant_focus(self) -> None:
        """The matches are open only while a provider is being chosen; leaving the field settles what was typed."""
        field = self.query_one("#provider", Field).input
        if self.focused is field:
            self._offer(field.value.strip())
        elif self.focused is not self.matches:
            self.matches.display = False
            typed = field.value.strip()
            if typed and not self._chosen:
                begun = [p for p in self._providers if p.name.lower().startswith(typed.lower())]
                # A code that the server's list lacks is the person's own business: it is sent as it was typed.
                await self._take(begun[0].code if begun else typed)

    # The request

    def _values(self) -> dict[str, Any]:
        def text(name: str) -> str:
            return self.query_one(f"#{name}", Field).value

        def listed(name: str) -> tuple[str, ...]:
            return tuple(part.strip() for part in text(name).split(",") if part.strip())

        return {
            "provider": self._chosen or text("provider"),
            "credentials": {name: SecretStr(value) for name, value in self.credentials.values().items()},
            "company_name": text("company") or None,
            "dot_numbers": listed("dot"),
            "external_id": text("external") or None,
            "sync_mode": "manual" if self.query_one("#mode", RadioSet).pressed_index == 1 else "automatic",
            "tags": listed("tags"),
        }

    def _backfill(self, complain: bool) -> Backfill | None:
        return backfill_of(self.query_one("#days", Field), self.query_one("#from", Field), complain=complain)

    def planned(self, workspace: Workspace) -> Request:
        """The request as the form stands, secrets masked."""
        draft = ConnectionDraft.model_construct(**self._values(), backfill=self._backfill(complain=False))
        return workspace.planned_connection(draft)

    @on(Input.Blurred, "#days Input, #from Input")
    def _left(self, event: Input.Blurred) -> None:
        if event.value:
            self._backfill(complain=True)

    def _draft(self) -> ConnectionDraft | None:
        """The whole draft, or ``None`` with each problem said on its field."""
        for field in self.query(Field):
            field.problem = ""
        values = self._values()
        provider = self.query_one("#provider", Field)
        if not values["provider"]:
            provider.problem = "choose a provider"
        self.credentials.complain()
        backfill = self._backfill(complain=True)
        for number in values["dot_numbers"]:
            if not re.fullmatch(r"\d{1,12}", number):
                self.query_one("#dot", Field).problem = f"a DOT number has digits only: {number[:20]}"
        wrong = [field for field in self.query(Field) if field.problem]
        if wrong:
            self.set_focus(wrong[0].input)
            return None
        return ConnectionDraft(**values, backfill=backfill)

    def order(self, workspace: Workspace) -> Order[Connection] | None:
        """The order to make the connection, once everything on the form is right."""
        draft = self._draft()
        return creation(self.host, workspace, draft, draft.company_name or draft.provider) if draft else None

    def carried(self, workspace: Workspace) -> LinkDraft:
        """What was typed that a link can carry, too: all but credentials and DOT numbers."""
        values = self._values()
        return LinkDraft(
            name=values["company_name"],
            provider=values["provider"] or None,
            external_id=values["external_id"],
            tags=values["tags"],
            sync_mode=values["sync_mode"],
            backfill=self._backfill(complain=False),
        )

    def place(self, complaint: FieldProblem) -> Field | None:
        """The field that a complaint of the server is about."""
        path = complaint.path.rpartition("}")[2].strip(".")
        if path.startswith("credentials"):
            return self.credentials.field(path.partition(".")[2])
        for ending, name in _PLACES.items():
            if path == ending or path.startswith(f"{ending}."):
                return self.query_one(f"#{name}", Field)
        return None

    def entered(self, field: Input) -> None:
        """Enter takes the first provider that is offered; elsewhere it goes to the next field."""
        if field is self.query_one("#provider", Field).input and self.matches.display:
            self.matches.highlighted = 0
            self.matches.action_select()
        else:
            super().entered(field)


def _provider_facts(provider: Provider) -> Content:
    """A provider's name, status and what can be read from it."""
    lines: list[Content] = [
        Content.assemble((safe_text(provider.name, 80), "bold"), "  ", (safe_text(provider.status, 20), "$muted"))
    ]
    marks = {"supported": ("✓", "$success"), "not_supported_by_provider": ("–", "$muted")}
    support = [
        Content.assemble(
            marks.get(word, ("✗", "$muted")), " ", (safe_text(model, 24), "" if word == "supported" else "$muted")
        )
        for model, word in provider.support().items()
    ]
    half = (len(support) + 1) // 2
    for left, right in zip(support[:half], [*support[half:], Content("")], strict=False):
        lines.append(Content.assemble(left, " " * max(26 - left.cell_length, 1), right))
    return Content("\n").join(lines).append("\n")
