"""Which servers can be opened: those built in, the one that the environment names, and a person's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from tui_app.config.files import locked, set_aside, write_privately
from tui_app.config.paths import private_folder
from tui_app.config.profile_file import DEFAULT_KIND, KNOWN, RESERVED, Contents, read_profile, read_profiles
from tui_app.models.profile import Profile
from tui_app.models.secrets import redact_text

SANDBOX_URL = "https://api.sandbox.withterminal.com/tsp/v1"
PRODUCTION_URL = "https://api.withterminal.com/tsp/v1"

# The built-in profiles have variables of their own: TERMINAL_API_KEY names no server, and a key must not travel to
# whichever one happens to be opened.
SANDBOX_KEY = "SYNCSCOPE_SANDBOX_KEY"
PRODUCTION_KEY = "SYNCSCOPE_PRODUCTION_KEY"

# What Terminal's own client reads.
API_KEY = "TERMINAL_API_KEY"
BASE_URL = "TERMINAL_BASE_URL"
ENVIRONMENT = "TERMINAL_ENVIRONMENT"


class ProfileError(Exception):
    """A profile that was not written.

    Attributes:
        reason: Why, in words.
        next_step: What to do now.
    """

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Profiles:
    """What can be opened.

    Attributes:
        profiles: Every profile by its name, in the order to show them in.
        problems: What could not be used, each with its reason; nothing here holds a secret.
        default: The name of the one to open where none is asked for; empty where the environment describes a server
            that cannot be used, as then nobody asked for the demo.
    """

    profiles: dict[str, Profile]
    problems: list[str]
    default: str


def built_in_profiles() -> list[Profile]:
    """The profiles that exist from the start."""
    return [
        Profile(name="demo", kind="terminal", built_in=True),
        Profile(name="demo-stuut", kind="stuut", built_in=True),
        Profile(
            name="sandbox",
            kind="terminal",
            base_url=SANDBOX_URL,
            environment="sandbox",
            key_env=SANDBOX_KEY,
            built_in=True,
        ),
        Profile(
            name="production",
            kind="terminal",
            base_url=PRODUCTION_URL,
            environment="production",
            key_env=PRODUCTION_KEY,
            built_in=True,
        ),
    ]


def environment_profile(environ: Mapping[str, str]) -> tuple[Profile | None, list[str]]:
    """The profile that environment variables describe, where they do, and what is wrong with them.

    It takes a key and one of a base URL and an environment. The base URL decides where both are given; the
    environment then says what kind of data a server of one's own holds.

    Args:
        environ: The environment variables.
    """
    key, url, word = (environ.get(name, "").strip() for name in (API_KEY, BASE_URL, ENVIRONMENT))
    if not key:
        lacking = f"{BASE_URL} is set, but {API_KEY} is not: the profile “environment” is made when both are."
        return None, [lacking] if url else []
    problems = []
    known: dict[str, tuple[Literal["sandbox", "production"], str]] = {
        "prod": ("production", PRODUCTION_URL),
        "sandbox": ("sandbox", SANDBOX_URL),
    }
    if word and word not in known:
        problems.append(f"{ENVIRONMENT} is “{redact_text(word)}”; it must be “prod” or “sandbox”.")
    declared, its_url = known.get(word, (None, None))
    if not url and its_url is None:
        if not word:
            problems.append(f"{API_KEY} is set, but not which server it is for: set {ENVIRONMENT} or {BASE_URL}, too.")
        return None, problems
    try:
        profile = Profile(
            name="environment",
            kind="terminal",
            base_url=url or its_url,
            environment=declared,
            key_env=API_KEY,
            built_in=True,
        )
    except ValidationError as error:
        reasons = (detail["msg"].removeprefix("Value error, ") for detail in error.errors(include_input=False))
        return None, [*problems, f"{BASE_URL} cannot be used: {'; '.join(reasons)}."]
    return profile, problems


class ProfileStore:
    """A person's profiles file, beside the profiles that need none.

    Args:
        path: The file; it need not exist.
        environ: The environment variables; those of this process by default.
    """

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._environ = os.environ if environ is None else environ

    def load(self) -> Profiles:
        """Read what can be opened. Never raises: whatever is wrong with the file, the built-in profiles work."""
        profiles = {profile.name: profile for profile in built_in_profiles()}
        default = "demo"
        from_environment, problems = environment_profile(self._environ)
        if from_environment is not None:
            default = from_environment.name
            profiles = {default: from_environment} | profiles
        elif problems:
            default = ""
        try:
            contents = self._read()
        except OSError as error:
            return Profiles(profiles, [*problems, _unreadable(self.path, error)], default)
        return Profiles(profiles | contents.profiles, problems + contents.problems, default)

    def add(self, profile: Profile) -> list[str]:
        """Write one more profile into the file; everything that is in it stays as it is, comments too.

        A file that cannot be read as a whole is never overwritten: it is renamed, and a new one is begun.

        Args:
            profile: What to add. It may have the name of a built-in profile, except a reserved one, and then wins.

        Returns:
            What the person should know, e.g. where a broken file was kept.

        Raises:
            ProfileError: It was not written, and the file is as it was.
        """
        table = self._accepted(profile)
        return self._write(lambda text, contents: self._added(text, contents, profile.name, table))

    def edit(self, profile: Profile) -> list[str]:
        """Write a profile in place of the one of its name. What does not change stays as it is written, comments too.

        A built-in one is not changed itself: the file's profile of its name takes its place from then on.

        Args:
            profile: What it is to be.

        Returns:
            What the person should know.

        Raises:
            ProfileError: It was not written, and the file is as it was.
        """
        if profile.name.casefold() in RESERVED:
            raise ProfileError(f"The profile “{profile.name}” is built in and stays as it is.", "Add one of your own.")
        table = self._accepted(profile)
        return self._write(lambda text, contents: self._changed(text, contents, profile, table))

    def remove(self, name: str) -> list[str]:
        """Take a profile out of the file, also one that cannot be used. The comments around it stay.

        Returns:
            What the person should know, e.g. that a built-in profile has this name, too.

        Raises:
            ProfileError: It was not removed, and the file is as it was.
        """
        return self._write(lambda text, contents: self._without(text, contents, name))

    def in_file(self, name: str) -> bool:
        """Whether the file has a profile of that name, be it one that cannot be used."""
        try:
            return name in self._read().tables.get("profiles", {})
        except (OSError, TypeError):
            return False

    def _accepted(self, profile: Profile) -> dict[str, object]:
        table = _table(profile)
        refusal = read_profile(profile.name, table)
        if isinstance(refusal, str):
            raise ProfileError(f"The profile “{redact_text(profile.name)}” cannot be kept: {refusal}.")
        return table

    def _write(self, change: Callable[[str, Contents], tuple[str, list[str]]]) -> list[str]:
        """Change the file's text under its lock."""
        try:
            private_folder(self.path.parent)
            # Who keeps their configuration elsewhere has a link here: what it points to is written, the link stays.
            target = self.path.resolve()
            private_folder(target.parent)
            with locked(target):
                contents = self._read()  # as it is now, under the lock: another may just have changed it
                text = "" if contents.broken or not target.exists() else target.read_bytes().decode("utf-8-sig")
                text, notes = change(text, contents)
                if contents.broken:
                    aside = set_aside(target)
                    notes = [f"{self.path.name} could not be read; it is kept as {aside}. {contents.problems[0]}"]
                write_privately(target, text)
                return notes
        except OSError as error:  # a lock that another holds too long, too
            reason = f"{self.path} cannot be written: {error.strerror or error}."
            raise ProfileError(reason, "See who owns the file and its folder, and whether the disk is full.") from error

    # What writes is imported where it writes: whoever opens a profile only reads.

    def _added(self, text: str, contents: Contents, name: str, table: dict[str, object]) -> tuple[str, list[str]]:
        from tui_app.config.profile_writing import CannotWriteError, with_added

        if contents.broken:
            contents = Contents()  # a new file is begun
        if name in contents.tables.get("profiles", {}):
            raise ProfileError(
                f"There is a profile “{name}” in {self.path.name} already.", "Choose another name, or change that one."
            )
        try:
            return with_added(text, contents, name, table), []
        except CannotWriteError as error:
            raise ProfileError(
                f"The profile “{name}” cannot be added to the file as it is written.",
                "Write [profiles.NAME] headers instead of profiles = {…}, or begin a new file.",
            ) from error

    def _changed(
        self, text: str, contents: Contents, profile: Profile, table: dict[str, object]
    ) -> tuple[str, list[str]]:
        from tui_app.config.profile_writing import CannotWriteError, with_changed

        self._refuse_broken(contents)
        name = profile.name
        found = contents.tables.get("profiles", {})
        if name not in found:
            if name not in {built_in.name for built_in in built_in_profiles()}:
                raise ProfileError(f"There is no profile “{redact_text(name)}” in {self.path.name}.", "Add it.")
            text, notes = self._added(text, contents, name, table)
            return text, [*notes, f"The profile “{name}” of {self.path.name} takes the place of the built-in one."]
        try:
            return with_changed(text, contents, name, _changes(contents.profiles[name], table, profile)), []
        except KeyError:  # what is there by now cannot be used
            raise self._by_hand(name) from None
        except CannotWriteError as error:
            raise self._by_hand(name) from error

    def _without(self, text: str, contents: Contents, name: str) -> tuple[str, list[str]]:
        from tui_app.config.profile_writing import CannotWriteError, with_removed

        self._refuse_broken(contents)
        built_in = name in {profile.name for profile in built_in_profiles()}
        if name not in contents.tables.get("profiles", {}):
            if built_in:
                raise ProfileError(f"The profile “{name}” is built in, and cannot be removed.")
            if name in RESERVED:
                raise ProfileError(
                    f"The profile “{name}” is made from environment variables.", f"Unset {API_KEY} and it is gone."
                )
            raise ProfileError(f"There is no profile “{redact_text(name)}” in {self.path.name}.")
        try:
            text = with_removed(text, contents, name)
        except CannotWriteError as error:
            raise self._by_hand(name) from error
        return text, [f"The built-in profile “{name}” is there again."] if built_in and name not in RESERVED else []

    def _refuse_broken(self, contents: Contents) -> None:
        if contents.broken:
            raise ProfileError(contents.problems[0], "Set that right first; nothing was changed.")

    def _by_hand(self, name: str) -> ProfileError:
        return ProfileError(
            f"The profile “{redact_text(name)}” is written in a way that cannot be changed from here.",
            f"Change it in {self.path}.",
        )

    def _read(self) -> Contents:
        try:
            return read_profiles(self.path.read_bytes(), str(self.path))
        except FileNotFoundError:
            return Contents()


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} cannot be read: {error.strerror or error}."


def _table(profile: Profile) -> dict[str, object]:
    unsaid = {"name", "built_in", *(["kind"] if profile.kind == DEFAULT_KIND else [])}
    try:
        table = profile.model_dump(exclude=unsaid, exclude_none=True, exclude_defaults=True)
    except ValueError as error:  # nested too deeply
        raise ProfileError(f"The profile “{profile.name}” cannot be kept: its values are nested too deeply.") from error
    if profile.key_command:
        table["key_command"] = list(profile.key_command)
    return table


def _changes(before: Profile, table: Mapping[str, object], profile: Profile) -> dict[str, object]:
    """What has to be written differently for a profile to be this one; ``None`` for what has to go.

    What means the same stays as the person wrote it, such as an address with a slash at its end.
    """
    names = [*KNOWN, *(name for name in table if name not in KNOWN)]
    old = {name: getattr(before, name) for name in KNOWN} | (before.model_extra or {})
    new = {name: getattr(profile, name) for name in KNOWN} | (profile.model_extra or {})
    return {name: table.get(name) for name in names if old.get(name) != new.get(name)}
