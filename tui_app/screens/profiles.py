"""The servers that can be opened: switch between them, test them, add one."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import ValidationError
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, RadioSet, Static

from tui_app.actions import bindings_of
from tui_app.api.kinds import KINDS
from tui_app.config.environment import environment_of
from tui_app.config.profiles import ProfileError
from tui_app.models.profile import Environment, Profile
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen, Dialog
from tui_app.style_sheets import styles
from tui_app.widgets.choice import Choice, Tick
from tui_app.widgets.facts import Fact, facts_content
from tui_app.widgets.field import Field
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Column, Table

_ROLES = {Environment.SIMULATED: "accent", Environment.SANDBOX: "warning", Environment.PRODUCTION: "error"}


def environment_word(profile: Profile) -> Environment:
    """What a profile's server is, as far as its address and its declaration tell."""
    return environment_of(profile.base_url, profile.environment)


def key_words(profile: Profile) -> str:
    """Where a profile's key comes from."""
    if profile.embedded:
        return "its own"
    return f"${profile.key_env}, else asked for" if profile.key_env else "asked for"


def kind_word(profile: Profile) -> str:
    """What a person calls the kind of a profile's server; as the file says where there is no such kind."""
    return KINDS[profile.kind].label if profile.kind in KINDS else profile.kind


def is_locked(profile: Profile) -> bool:
    """Whether changes are refused unless unlocked one by one."""
    return profile.locked(environment_word(profile))


class ProfilesScreen(AppScreen[None]):
    """Every profile; the open one is marked."""

    CSS_PATH = styles("profiles")
    SCOPE = "profiles"
    ABOUT = (
        "The servers that can be opened. The demo needs nothing: its server comes with Syncscope. A production server "
        "is locked: each change has to be unlocked. Opening a profile closes the open one and all that it follows."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("profiles")
    AUTO_FOCUS = "#profiles-table"

    table = getters.query_one("#profiles-table", Table)

    def __init__(self) -> None:
        super().__init__()
        self._tested = ""

    def body(self) -> ComposeResult:
        """The profiles, what is wrong with any, and the selected one's facts."""
        yield Static(id="profiles-problems")
        with Horizontal(id="profiles-area"):
            yield Table[Any](self._columns(), lambda profile: profile.name, id="profiles-table")
            with VerticalScroll(id="profile-side", can_focus=False):
                yield Static(id="profile-facts")
                yield Static(id="test-steps")

    def on_mount(self) -> None:
        """Read the profiles."""
        super().on_mount()
        self.watch(self.host, "workspace", lambda _: self._draw())

    def on_screen_resume(self) -> None:
        """Someone may have edited the file."""
        self._draw()

    def _columns(self) -> tuple[Column[Profile], ...]:
        def mark(profile: Profile, width: int) -> Spans:
            workspace = self.host.workspace
            return (("▶", "accent"),) if workspace is not None and workspace.profile.name == profile.name else ()

        def name(profile: Profile, width: int) -> Spans:
            return ((safe_text(profile.name), "strong"),)

        def kind(profile: Profile, width: int) -> Spans:
            # What it is called; what that is for stands beside the table, in the facts.
            word = kind_word(profile).partition(",")[0]
            return ((safe_text(word, width * 2), "" if profile.kind in KINDS else "warning"),)

        def environment(profile: Profile, width: int) -> Spans:
            word = environment_word(profile)
            return ((word.value.upper(), _ROLES[word]),)

        def lock(profile: Profile, width: int) -> Spans:
            return (("locked", "warning"),) if is_locked(profile) else (("writable", "muted"),)

        def address(profile: Profile, width: int) -> Spans:
            return (
                (safe_text(profile.base_url or "comes with Syncscope", width * 2), "muted" if profile.embedded else ""),
            )

        def key(profile: Profile, width: int) -> Spans:
            return ((safe_text(key_words(profile), width * 2), "muted"),)

        return (
            Column("open", "", mark, 1),
            Column("name", "Profile", name, 12, 1, 24),
            Column("kind", "Kind", kind, 8, priority=3),
            Column("environment", "Environment", environment, 11),
            Column("lock", "Changes", lock, 8, priority=1),
            Column("address", "Server", address, 22, 3, 56, 2),
            Column("key", "Key", key, 12, 1, 44, 3),
        )

    def _draw(self) -> None:
        profiles = self.host.profiles.load()
        self.table.set_rows(list(profiles.profiles.values()))
        place = self.query_one("#profiles-problems", Static)
        place.update(
            Content("\n").join(
                Content.assemble(("! ", "bold $warning"), safe_text(text, 600)) for text in profiles.problems
            )
        )
        place.display = bool(profiles.problems)

    @on(Table.Highlighted, "#profiles-table")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        profile: Profile | None = event.row
        if profile is None:
            return
        facts: list[Fact] = [
            ("kind", kind_word(profile)),
            ("server", profile.base_url or "embedded: starts when it is opened"),
            ("environment", environment_word(profile).value),
            ("changes", "locked: unlocked one by one" if is_locked(profile) else "allowed"),
            ("key", key_words(profile)),
            ("budget", f"{profile.budget:g} requests a second at most"),
            ("from", "built in" if profile.built_in else str(self.host.profiles.path)),
        ]
        self.query_one("#profile-facts", Static).update(
            Content.assemble((safe_text(profile.name), "bold"), "\n\n", facts_content(facts, 48))
        )
        if self._tested != profile.name:
            self._tested = ""
            self.query_one("#test-steps", Static).update("")

    @on(Table.Chosen, "#profiles-table")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.host.open_profile(event.row.name)

    def action_open(self) -> None:
        """Open the selected profile."""
        self.table.action_choose()

    def action_test(self) -> None:
        """Test the selected profile step by step."""
        profile: Profile | None = self.table.current
        if profile is not None:
            self._test(profile)

    @work(group="test", exclusive=True, exit_on_error=False)
    async def _test(self, profile: Profile) -> None:
        place = self.query_one("#test-steps", Static)
        self._tested = profile.name
        if profile.embedded:
            place.update(Content("\nThe embedded server needs no test: open it."))
            self.call_after_refresh(place.scroll_visible, animate=False)
            return
        key = await self.host.key_for(profile)
        if key is None:
            return
        from tui_app.api.check import steps
        from tui_app.api.network import limits_of, network_of

        lines: list[Content] = [Content(""), Content.styled(f"Testing {safe_text(profile.name)} …", "bold")]
        place.update(Content("\n").join(lines))
        assert profile.base_url is not None
        limits, network = limits_of(profile), network_of(profile)
        async for step in steps(profile.kind, profile.base_url, key, limits=limits, network=network):
            mark = ("✓ ", "$success") if step.ok else ("✗ ", "bold $error")
            took = (f"  {step.elapsed * 1000:.0f} ms", "$muted")
            lines.append(Content.assemble(mark, (f"{step.name}: ", "bold"), safe_text(step.text, 400), took))
            if step.next_step:
                lines.append(Content.assemble("  ", safe_text(step.next_step, 400)))
            if step.problem is not None and step.problem.server_words:
                lines.append(Content.styled("  the server: " + safe_text(step.problem.server_words, 300), "$muted"))
            if self._tested != profile.name:
                return  # another profile is looked at now
            place.update(Content("\n").join(lines))
            self.call_after_refresh(place.scroll_visible, animate=False)

    def action_add(self) -> None:
        """Add a server of one's own."""
        self._add()

    @work(group="add", exclusive=True, exit_on_error=False)
    async def _add(self) -> None:
        added = await self.app.push_screen_wait(AddProfileDialog())
        if added is not None:
            self._draw()
            self.table.select(added)

    async def action_back(self) -> None:
        """Go back to the connections."""
        await self.app.switch_mode("connections")


class AddProfileDialog(Dialog[str | None]):
    """Asks for a server of one's own and writes it into the profiles file."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def compose(self) -> ComposeResult:
        """Name, kind, address, what it is, where its key comes from."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled("Add a server", "bold"), classes="dialog-title")
            yield Field("Name", "name", placeholder="acme-prod")
            with Horizontal(classes="field-line", id="kind-line"):
                yield Static("Kind", classes="field-label")
                with RadioSet(id="kind", compact=True):
                    for place, kind in enumerate(KINDS.values()):
                        yield Choice(kind.label, value=place == 0)
            yield Field("Base URL", "url", placeholder=next(iter(KINDS.values())).example_url)
            with Horizontal(classes="field-line", id="environment-line"):
                yield Static("It is", classes="field-label")
                with RadioSet(id="environment", compact=True):
                    yield Choice("production", value=True)
                    yield Choice("sandbox")
                    yield Choice("simulated")
            yield Field(
                "Key from",
                "key-env",
                placeholder="ACME_API_KEY",
                hint="an environment variable's name; empty: asked for",
            )
            yield Tick("lock changes, whatever it is", id="lock", compact=True)
            with Horizontal(classes="buttons"):
                yield Button("Add", variant="primary", id="add", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def _kind(self) -> str:
        return list(KINDS)[max(self.query_one("#kind", RadioSet).pressed_index, 0)]

    @on(RadioSet.Changed, "#kind")
    def _kind_chosen(self) -> None:
        self.query_one("#url", Field).input.placeholder = KINDS[self._kind()].example_url

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#add")
    @on(Input.Submitted)
    def _add(self) -> None:
        fields = {name: self.query_one(f"#{name}", Field) for name in ("name", "url", "key-env")}
        for field in fields.values():
            field.problem = ""
        declared = ("production", "sandbox", "simulated")[
            max(self.query_one("#environment", RadioSet).pressed_index, 0)
        ]
        if not fields["url"].value:
            fields["url"].problem = "say where the server answers"
            return
        try:
            profile = Profile.model_validate(
                {
                    "name": fields["name"].value,
                    "kind": self._kind(),
                    "base_url": fields["url"].value,
                    "environment": declared,
                    "key_env": fields["key-env"].value or None,
                    "read_only": True if self.query_one("#lock", Checkbox).value else None,
                }
            )
        except ValidationError as error:
            places = {"name": "name", "base_url": "url", "key_env": "key-env"}
            for detail in error.errors(include_input=False):
                place = places.get(str(detail["loc"][0]) if detail["loc"] else "", "name")
                fields[place].problem = _reason(place, detail["msg"])
            return
        try:
            notes = self.host.profiles.add(profile)
        except ProfileError as error:
            fields["name"].problem = f"{error.reason} {error.next_step}".strip()
            return
        for note in notes:
            self.host.say(note, severity="warning", timeout=12)
        self.dismiss(profile.name)


def _reason(place: str, message: str) -> str:
    if place == "name":
        return "letters, digits, dots, dashes; it must begin with a letter or digit"
    if place == "key-env":
        return "a variable's name: letters, digits, underscores. The key itself is never written into the file"
    return message.removeprefix("Value error, ")
