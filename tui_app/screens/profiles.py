"""The servers that can be opened: switch between them, test them, add, change and remove them."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.api.kinds import KINDS
from tui_app.config.environment import environment_of
from tui_app.config.profile_file import RESERVED
from tui_app.config.profiles import ProfileError
from tui_app.models.profile import Environment, Profile
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen
from tui_app.screens.profile_dialogs import ProfileDialog, RemoveProfileDialog
from tui_app.style_sheets import styles
from tui_app.widgets.facts import Fact, facts_content
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Column, Table

_ROLES = {Environment.SIMULATED: "accent", Environment.SANDBOX: "warning", Environment.PRODUCTION: "error"}


def environment_word(profile: Profile) -> Environment:
    """What a profile's server is, as far as its address and its declaration tell."""
    return environment_of(profile.base_url, profile.environment)


def key_words(profile: Profile) -> str:
    """Where a profile's key comes from, and what happens where it is not there."""
    return f"{profile.key_words}, else asked for" if profile.key_source else profile.key_words


def kind_word(profile: Profile) -> str:
    """What a person calls the kind of a profile's server; as the file says where there is no such kind."""
    return KINDS[profile.kind].label if profile.kind in KINDS else profile.kind


def _network_facts(profile: Profile) -> list[Fact]:
    """How its server is reached, as far as that is not as usual."""
    waits = profile.timeout
    said = {
        "proxy": profile.proxy,
        "trusts": profile.ca_bundle,
        "certificate": profile.client_cert,
        "its key": profile.client_key,
        "connects": f"within {waits.connect:g} s" if waits and waits.connect else None,
        "waits": f"{waits.read:g} s for an answer" if waits and waits.read else None,
    }
    return [(name, value) for name, value in said.items() if value]


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
            *_network_facts(profile),
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
        self._write(None)

    def action_edit(self) -> None:
        """Change the selected profile."""
        profile: Profile | None = self.table.current
        if profile is None:
            return
        if profile.name in RESERVED:
            where = "comes with Syncscope" if profile.embedded else "is made from environment variables"
            self.host.say(f"“{profile.name}” {where} and cannot be changed. Press a to add one of your own.", timeout=8)
            return
        self._write(profile)

    def action_remove(self) -> None:
        """Remove the selected profile."""
        profile: Profile | None = self.table.current
        if profile is None:
            return
        if profile.built_in:
            self.host.say(f"“{profile.name}” is built in and cannot be removed.", timeout=8)
            return
        self._remove(profile)

    def action_key(self) -> None:
        """Type another key for the selected profile."""
        profile: Profile | None = self.table.current
        if profile is not None and profile.embedded:
            self.host.say("The embedded server gives out its own key.")
        elif profile is not None:
            self._replace_key(profile)

    @work(group="write", exclusive=True, exit_on_error=False)
    async def _write(self, before: Profile | None) -> None:
        written = await self.app.push_screen_wait(ProfileDialog(before))
        if written is None:
            return
        self._draw()
        self.table.select(written.name)
        if before is None:
            return
        if written.key_keyring and written.base_url != before.base_url:
            self.host.say(
                f"Its key in the keyring will be sent to {written.base_url} from now on.",
                severity="warning",
                timeout=12,
            )
        if self._is_open(written):
            self.host.say("It takes effect when the profile is opened again.", title=f"{written.name} was changed")

    @work(group="write", exclusive=True, exit_on_error=False)
    async def _remove(self, profile: Profile) -> None:
        dialog = RemoveProfileDialog(profile, str(self.host.profiles.path), self._is_open(profile))
        if not await self.app.push_screen_wait(dialog):
            return
        try:
            notes = self.host.profiles.remove(profile.name)
        except ProfileError as error:
            self.host.say(f"{error.reason} {error.next_step}", title="Not removed", severity="error", timeout=12)
            return
        self._draw()
        self.host.say(" ".join(notes) or "Its entry is gone.", title=f"{profile.name} was removed")
        if left := await self.host.forget_key(profile):
            self.host.say(left, title="Its key may still be in the keyring", severity="warning", timeout=20)

    @work(group="write", exclusive=True, exit_on_error=False)
    async def _replace_key(self, profile: Profile) -> None:
        await self.host.replace_key(profile)
        self._draw()

    def _is_open(self, profile: Profile) -> bool:
        workspace = self.host.workspace
        return workspace is not None and workspace.profile.name == profile.name

    async def action_back(self) -> None:
        """Go back to the connections."""
        await self.app.switch_mode("connections")
