"""Connect by Link: make a link for the fleet, hand it out, and exchange the token that comes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from pydantic import SecretStr
from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.actions import bindings_of
from tui_app.api.base import Capabilities
from tui_app.api.errors import ApiError
from tui_app.models.connection import Connection
from tui_app.models.link import Link, LinkDraft
from tui_app.models.public_token import public_token_in
from tui_app.models.text import safe_text
from tui_app.screens.orders import ShortOrder, carry_out
from tui_app.screens.request_form import Order, RequestForm
from tui_app.style_sheets import styles
from tui_app.widgets.field import Field
from tui_app.widgets.link_view import LINK_FIELDS, link_columns, present_of, step_title, whole_link
from tui_app.widgets.plain_fields import PlainFields, SwitchField
from tui_app.widgets.provider_field import ProviderField
from tui_app.widgets.table import Table
from tui_app.widgets.window import backfill_of

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.problem import FieldProblem, Problem
    from tui_app.models.provider import Provider
    from tui_app.workspace import Workspace

ROWS = 5
"""Links that are listed at a time; the list scrolls."""

_BELOW_TOKEN = ("exchange", "cancel")
_TOKEN_HINT = "or the whole address that Link led to, with token=… in it"


class LinkScreen(RequestForm):
    """A link is made, handed out and brings a token back; the request stands beside it where there is room.

    Args:
        draft: What is known already of the link to be made.
        why: Why the way leads by Link, where it was not chosen.
    """

    CSS_PATH = styles("fields", "request_form", "link")
    SCOPE = "link"
    ABOUT = (
        "Connect without credentials: make a link and send it to the fleet, who signs in on its own page. What comes "
        "back is a public token, or an address that carries it: paste it here, and its connection opens. A token "
        "works without a link made here, and it works once."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("link")
    VERB = "make"
    NOTHING = "There is nothing to send yet: paste the public token."
    AUTO_FOCUS = "#form Input"

    table = getters.query_one("#links", Table)
    token = getters.query_one("#token", Field)
    plain = getters.query_one(PlainFields)

    def __init__(self, draft: LinkDraft | None = None, why: str = "") -> None:
        super().__init__()
        self._draft = draft or LinkDraft()
        self._why = why
        self._sent: object = None

    @property
    def _can(self) -> Capabilities:
        return self.host.workspace.capabilities if self.host.workspace else Capabilities()

    # What is shown

    def body(self) -> ComposeResult:
        """The three steps, one below the other; the request beside them."""
        with Horizontal(id="form-area"):
            with VerticalScroll(id="form", can_focus=False):
                yield Static(self.heading(), classes="form-title")
                if self._can.links:
                    yield from self._making()
                    yield from self._made()
                if self._can.public_tokens:
                    yield from self._bringing()
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="request")

    def heading(self) -> Content:
        """What the screen is for, and why it is shown where nobody chose it."""
        title = Content.styled("Connect by Link", "bold")
        return Content.assemble(title, "\n", ("! ", "bold $warning"), safe_text(self._why, 300)) if self._why else title

    def _making(self) -> ComposeResult:
        draft, backfill = self._draft, self._draft.backfill
        yield Static(step_title(1, "Make a link", "everything may stay empty"), classes="step")
        yield ProviderField("Provider", "provider", draft.provider or "", hint="leave empty and the fleet chooses")
        hints = ", ".join(draft.provider_hints)
        yield ProviderField("Offer first", "hints", hints, many=True, hint="where the fleet chooses, these come first")
        yield PlainFields(LINK_FIELDS, present_of(draft))
        days = f"{backfill.days:g}" if backfill and backfill.days is not None else ""
        start = backfill.start_from.isoformat() if backfill and backfill.start_from else ""
        yield Field("Backfill", "days", days, placeholder="e.g. 7", hint="days of history; or give a date below")
        yield Field("… or from", "from", start, placeholder="e.g. 2026-11-01")
        yield Static(id="form-problem", classes="form-problem")
        with Horizontal(classes="buttons"):
            yield Button("Make the link", variant="primary", id="make", classes="send", compact=True)

    def _made(self) -> ComposeResult:
        yield Static(step_title(2, "Send it to the fleet", "it connects whoever opens it"), classes="step")
        empty = (("No link was made here yet.", "muted"),)
        yield Table[Any](link_columns(self._now), lambda link: link.id, id="links", empty=empty)
        with Vertical(id="link-shown"):
            yield Static(id="link-url")
            with Horizontal(classes="buttons"):
                yield Button("Open in browser", id="link-open", compact=True)
                yield Button("Copy", id="link-copy", compact=True)
                yield Button("Delete", id="link-delete", compact=True)

    def _bringing(self) -> ComposeResult:
        number = 3 if self._can.links else 1
        yield Static(step_title(number, "Bring its token back", "no link of yours is needed"), classes="step")
        yield Field("Public token", "token", password=True, placeholder="paste it here", hint=_TOKEN_HINT)
        yield Static(id="token-problem", classes="form-problem")
        with Horizontal(classes="buttons"):
            yield Button("Exchange", variant="primary", id="exchange", classes="sends", compact=True)
            yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """List the links, read the providers."""
        self._sent = self._typed()
        if self._can.links:
            self._draw_links()
            self._read_providers()

    def _now(self) -> datetime:
        workspace = self.host.workspace
        return workspace.server_now() if workspace else datetime.now(UTC)

    @work(group="providers", exclusive=True, exit_on_error=False)
    async def _read_providers(self) -> None:
        workspace = self.host.workspace
        if workspace is None or not workspace.capabilities.providers:
            return
        providers: list[Provider] = []
        try:
            providers = sorted(await workspace.providers(), key=lambda provider: provider.name.lower())
        except ApiError as error:
            self.host.complain(error.problem, "Could not read the providers: type their codes")
        for choice in self.query(ProviderField):
            choice.know(providers)

    def _draw_links(self) -> None:
        links = list(reversed(self.host.workspace.links)) if self.host.workspace else []
        self.table.set_rows(links)
        self.table.styles.height = min(max(len(links), 2), ROWS) + 1
        self.query_one("#link-shown").display = bool(links)

    @property
    def _link(self) -> Link | None:
        link: Link | None = self.table.current if self._can.links else None
        return link

    @on(Table.Highlighted, "#links")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        link: Link | None = event.row
        self.query_one("#link-url", Static).update(whole_link(link) if link else "")
        self.refresh_bindings()

    # 1 Make a link

    def _typed(self) -> object:
        """What is typed into the form of the link, as one value."""
        if not self._can.links:
            return None
        return self.plain.values(), [field.value for field in self.query(Field) if field.id != "token"]

    def is_filled(self) -> bool:
        """Whether something would be lost by leaving: what was typed and not sent yet."""
        return self._typed() != self._sent or bool(self._can.public_tokens and self.token.value)

    def _values(self, complain: bool) -> dict[str, Any]:
        values = self.plain.values()
        (provider,) = self.query_one("#provider-choice", ProviderField).codes or ("",)
        return {
            "name": values["name"] or None,
            "provider": provider or None,
            "provider_hints": self.query_one("#hints-choice", ProviderField).codes,
            "external_id": values["externalId"] or None,
            "tags": values["tags"],
            "redirect_url": values["redirectUrl"] or None,
            "sync_mode": cast('Literal["automatic", "manual"] | None', values["syncMode"] or None),
            "backfill": backfill_of(self.query_one("#days", Field), self.query_one("#from", Field), complain=complain),
            "template": values["template"] or None,
        }

    def planned(self, workspace: Workspace) -> Request | None:
        """The request that is being written: the exchange while one is at the token, else the link's."""
        if self._can.public_tokens and (self.token.input.has_focus or not self._can.links):
            token = public_token_in(self.token.value)
            if self.token.value or not self._can.links:
                wrong = _token_problem(workspace, token)
                return None if wrong else workspace.planned_exchange(SecretStr(token))
        return workspace.planned_link(LinkDraft.model_construct(**self._values(complain=False)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another request may be the one that is written now; other keys are of use."""
        self.show_request()
        self.refresh_bindings()

    def order(self, workspace: Workspace) -> Order[Link] | None:
        """The order to make the link, once everything on the form is right."""
        if not self._can.links:
            self.host.say("This server makes no links: bring a token.", severity="warning")
            return None
        for field in self.query(Field):
            field.problem = ""
        for choice in self.query(ProviderField):
            choice.complain()
        self.plain.complain(*self.plain.values())
        values = self._values(complain=True)
        if self.wrong():
            return None
        draft = LinkDraft(**values)
        known = {link.id for link in workspace.links}

        def done(link: Link) -> None:
            if link.replayed or link.id in known:
                self.host.say("The server had made it before, for the same request.", title="The same link")

        what = f"make a link for {draft.name or draft.provider or 'any fleet'}"
        return Order("create_link", what, lambda: workspace.create_link(draft), done)

    def wrong(self) -> bool:
        """Whether a field has a problem; the first of those that have gets the cursor."""
        for line in self.query(".field"):
            if isinstance(line, Field | SwitchField) and line.problem:
                self.set_focus(line.input)
                line.scroll_visible(animate=False)
                return True
        return False

    def finished(self, result: Any) -> None:
        """A link is listed and selected; a connection is what the screen is for."""
        if isinstance(result, Connection):
            self.dismiss(result.id)
            return
        self._sent = self._typed()
        self.query_one("#form-problem").display = False
        self._draw_links()
        self.table.select(result.id)
        self.set_focus(self.table)
        self.call_after_refresh(self.query_one("#link-shown").scroll_visible, animate=False)

    def place(self, complaint: FieldProblem) -> Field | SwitchField | None:
        """The field that a complaint of the server is about."""
        steps = re.split(r"[.\[\]]+", complaint.path.rpartition("}")[2])
        places = {"publicToken": "token", "provider": "provider", "providerHints": "hints", "startFrom": "from"}
        places |= {"days": "days", "backfill": "days"}
        named = next((places[step] for step in reversed(steps) if step in places), None)
        if named is not None:
            return self.query_one_optional(f"#{named}", Field)
        return self.plain.at(steps) if self._can.links else None

    def problem_place(self, order: Order[Any]) -> Static:
        """Beside what was sent."""
        return self.query_one("#token-problem" if order.action == "exchange_token" else "#form-problem", Static)

    # 2 Hand it out

    @on(Table.Chosen, "#links")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.action_open()

    @on(Button.Pressed, "#link-open")
    def action_open(self) -> None:
        """Open the selected link in a browser."""
        if self._link is not None:
            self.host.open_address(self._link.url, "the link", "Press y to copy it instead.")

    @on(Button.Pressed, "#link-copy")
    def action_copy(self) -> None:
        """Copy the selected link."""
        if self._link is not None:
            self.host.copy(safe_text(self._link.url), "the link")

    @on(Button.Pressed, "#link-delete")
    def action_delete(self) -> None:
        """Delete the selected link."""
        if self._link is not None:
            self._delete(self._link)

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _delete(self, link: Link) -> None:
        workspace = self.host.workspace
        if workspace is None:
            return
        try:
            planned = workspace.planned_link_deletion(link.id)
        except ApiError as error:
            self.host.complain(error.problem, "The link cannot be deleted")
            return
        done = await carry_out(
            self.host,
            ShortOrder(
                "delete_link",
                "Delete this link",
                f"delete the link {link.url}",
                f"Whoever opens {link.url} from now on is turned away. What was connected by it stays.",
                "Delete",
                planned,
                lambda: workspace.delete_link(link.id),
            ),
        )
        if done is not None:
            self.host.say("Whoever opens it now is turned away.", title="The link is deleted")
            self._draw_links()

    # 3 Bring the token

    @on(Button.Pressed, "#exchange")
    def action_exchange(self) -> None:
        """Exchange the token; where there is none yet, go to its field."""
        workspace = self.host.workspace
        if workspace is None or not self._can.public_tokens:
            return
        if not self.token.value:
            there = self.token.input.has_focus
            self.token.problem = "paste the public token, or the address that it came with" if there else ""
            self.set_focus(self.token.input)
            self.token.scroll_visible(animate=False)
            return
        token = public_token_in(self.token.value)
        self.token.problem = _token_problem(workspace, token)
        self._to_token()  # a button that is pressed goes out of use meanwhile, and would hand the focus to “Cancel”
        if self.token.problem:
            return
        self.begin(self._exchange(workspace, SecretStr(token)))

    def _to_token(self) -> None:
        """Go to the token, so that another one can be typed in its place."""
        self.set_focus(self.token.input)
        self.token.input.select_all()
        self.call_after_refresh(self._see_token)

    def _see_token(self) -> None:
        # From below: in the end the token is seen, and as much of what follows it as there is room for.
        for each in (self.query_one("#exchange"), self.query_one("#token-problem"), self.token):
            each.scroll_visible(animate=False, immediate=True)

    def refused(self, problem: Problem, order: Order[Any]) -> None:
        """What is wrong with a token stands beside it, and the next thing to do is to type another."""
        super().refused(problem, order)
        if order.action == "exchange_token":
            self._to_token()

    def _exchange(self, workspace: Workspace, token: SecretStr) -> Order[Connection]:
        known: set[str] = set()

        async def send() -> Connection:
            known.update(row.id for row in workspace.rows)
            return await workspace.exchange_public_token(token)

        def done(connection: Connection) -> None:
            if connection.id in known:
                self.host.say("This account was connected already: here is its connection.", title=connection.name)
            else:
                text = "Connected by Link. Press s to request its first sync."
                self.host.say(text, title=connection.name, timeout=8)

        return Order("exchange_token", "exchange a public token for its connection", send, done)

    @on(Input.Changed, "#token Input")
    def _token_typed(self) -> None:
        found = public_token_in(self.token.value)
        taken = bool(found) and found != self.token.value
        self.token.problem = ""
        self.token.hint = "its token will be taken out of this address" if taken else _TOKEN_HINT

    def entered(self, field: Input) -> None:
        """Enter exchanges the token; elsewhere it goes to the next field."""
        if self._can.public_tokens and field is self.token.input:
            self.action_exchange()
        else:
            super().entered(field)

    def _at_token(self) -> bool:
        """Whether a letter is meant to be typed: in a field, and at the buttons below the token."""
        return isinstance(self.focused, Input) or (self.focused is not None and self.focused.id in _BELOW_TOKEN)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this server does not offer is not shown; letters are typed where a field has the focus."""
        if action == "send":
            return self._can.links
        if action == "exchange":
            return self._can.public_tokens
        if action in ("open", "copy", "delete"):
            return self._can.links and self._link is not None and not self._at_token()
        return super().check_action(action, parameters)


def _token_problem(workspace: Workspace, token: str) -> str:
    """What is wrong with a token, in words, before it is sent."""
    if not token:
        return "this address carries no token: it stands there as token=…"
    try:
        workspace.planned_exchange(SecretStr(token))
    except ApiError as error:
        return f"{error.problem.meaning or error.problem.title}"
    return ""
