"""``syncscope profiles``: list, add and test the servers that can be opened."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tui_app.api.kinds import KINDS

if TYPE_CHECKING:
    from pydantic import SecretStr, ValidationError

    from tui_app.config.keys import KeyringFailed, KeySaved
    from tui_app.config.profiles import ProfileStore
    from tui_app.models.profile import Profile

app = typer.Typer(help="The servers that can be opened.", no_args_is_help=True, rich_markup_mode=None)


class DataKind(StrEnum):
    """What a server's data is."""

    SIMULATED = "simulated"
    SANDBOX = "sandbox"
    PRODUCTION = "production"


def _store() -> ProfileStore:
    from tui_app.config.paths import find_paths
    from tui_app.config.profiles import ProfileStore

    return ProfileStore(find_paths().profiles)


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        if line:
            typer.echo(line, err=True)
    raise typer.Exit(1)


def known(name: str) -> Profile:
    """The profile of that name; ends the command where there is none."""
    from tui_app.models.text import safe_text

    found = _store().load()
    profile = found.profiles.get(name)
    if profile is None:
        _fail(f"There is no profile “{safe_text(name, 80)}”. There are: {', '.join(map(safe_text, found.profiles))}")
    return profile


@app.command("list")
def list_profiles() -> None:
    """List every profile; the one that opens by default is marked."""
    from tui_app.config.environment import environment_of
    from tui_app.models.text import safe_text

    store = _store()
    found = store.load()
    rows = [("", "PROFILE", "KIND", "ENVIRONMENT", "CHANGES", "KEY", "SERVER")]
    for name, profile in found.profiles.items():
        key = "its own" if profile.embedded else f"${profile.key_env}" if profile.key_env else "asked for"
        environment = environment_of(profile.base_url, profile.environment)
        mark = "*" if name == found.default else ""
        changes = "locked" if profile.locked(environment) else "writable"
        server = safe_text(profile.base_url or "embedded")
        rows.append((mark, safe_text(name), safe_text(profile.kind), environment.value, changes, key, server))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for problem in found.problems:
        typer.echo(f"! {safe_text(problem)}", err=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    base_url: Annotated[str, typer.Option("--base-url", metavar="URL", help="Where the server answers.")],
    environment: Annotated[
        DataKind | None, typer.Option(help="What its data is; a server that does not say is treated as production.")
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help=f"Which API it speaks: {' or '.join(KINDS)}; the first if not given.")
    ] = next(iter(KINDS)),
    key_env: Annotated[
        str | None, typer.Option("--key-env", metavar="VARIABLE", help="The environment variable that holds its key.")
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Lock changes although it is not production, which always is.")
    ] = False,
    budget: Annotated[float, typer.Option(help="The most requests per second.")] = 20,
) -> None:
    """Add a server of your own. The key itself is never written down: name the variable that holds it."""
    from pydantic import ValidationError

    from tui_app.config.profiles import ProfileError
    from tui_app.models.profile import Profile

    if kind not in KINDS:
        _fail(f"--kind: there is no kind of that name; there are: {', '.join(KINDS)}")
    try:
        profile = Profile.model_validate(
            {
                "name": name,
                "kind": kind,
                "base_url": base_url,
                "environment": environment.value if environment else None,
                "key_env": key_env,
                "read_only": read_only or None,
                "budget": budget,
            }
        )
        notes = _store().add(profile)
    except ValidationError as error:
        _fail(*_reasons(error))
    except ProfileError as error:
        _fail(error.reason, error.next_step)
    for note in notes:
        typer.echo(note, err=True)
    for note in _surprises(profile):
        typer.echo(note, err=True)
    typer.echo(f"Added. Try it: syncscope profiles test {name}")


def _surprises(profile: Profile) -> list[str]:
    """What a person may not expect of the profile that was just added."""
    from tui_app.config.environment import environment_of
    from tui_app.config.profiles import built_in_profiles

    notes = []
    if profile.name in {built_in.name for built_in in built_in_profiles()}:
        notes.append(f"Note: it takes the place of the built-in profile “{profile.name}”.")
    environment = environment_of(profile.base_url, profile.environment)
    if profile.environment and profile.environment != environment.value:
        notes.append(f"Note: this address is {environment.value}, whatever is declared.")
    return notes


def _reasons(error: ValidationError) -> list[str]:
    """Why a profile was refused, option by option; the values themselves are not repeated, one may be a key."""
    options = {"name": "NAME", "base_url": "--base-url", "key_env": "--key-env", "budget": "--budget"}
    words = {
        "name": "letters, digits, dots and dashes, beginning with a letter or digit",
        "key_env": "the name of an environment variable: letters, digits and underscores. Never the key itself",
    }
    lines = []
    for detail in error.errors(include_input=False):
        place = str(detail["loc"][0]) if detail["loc"] else ""
        lines.append(f"{options.get(place, place)}: {words.get(place) or detail['msg'].removeprefix('Value error, ')}")
    return lines


@app.command()
def test(name: Annotated[str, typer.Argument(help="Which profile.")]) -> None:
    """Try a profile step by step: name, connection, TLS, key, first page. Says which step fails and what to do."""
    import asyncio

    from tui_app.models.text import safe_text

    found = _store().load()
    for problem in found.problems:
        typer.echo(f"! {safe_text(problem)}", err=True)
    profile = known(name)
    if profile.embedded:
        typer.echo("The embedded server needs no test: syncscope demo")
        return
    if not asyncio.run(_test(profile, _key(profile))):
        raise typer.Exit(1)


def _key(profile: Profile) -> SecretStr:
    """The profile's key, from where the profile says, else typed without being shown."""
    import asyncio
    from getpass import getpass

    from tui_app.config.keys import KeyFound, KeyMissing, asking_words, check_key, find_key, save_key
    from tui_app.models.text import safe_text

    if words := asking_words(profile):
        typer.echo(safe_text(words), err=True)
    found = asyncio.run(find_key(profile, os.environ))
    if isinstance(found, KeyMissing) and sys.stdin.isatty():
        typer.echo(safe_text(found.reason), err=True)
        found = check_key(profile, getpass(f"API key for {profile.name}: "))
        if isinstance(found, KeyFound) and profile.key_keyring and typer.confirm("Remember it in the keyring?"):
            _say_saved(asyncio.run(save_key(profile, found.secret, os.environ)))
    if not isinstance(found, KeyFound):
        _fail(f"✗ Key: {safe_text(found.reason)}", f"  {safe_text(found.next_step)}")
    return found.secret


def _say_saved(saved: KeySaved | KeyringFailed) -> None:
    from tui_app.config.keys import KeySaved
    from tui_app.models.text import safe_text

    if isinstance(saved, KeySaved):
        typer.echo(f"Saved in the keyring ({safe_text(saved.where)}), and read back.", err=True)
    else:
        typer.echo(f"Not remembered. {safe_text(saved.reason)} {safe_text(saved.next_step)}", err=True)


async def _test(profile: Profile, key: SecretStr) -> bool:
    from tui_app.api.check import steps
    from tui_app.api.network import limits_of, network_of
    from tui_app.models.text import safe_text

    assert profile.base_url is not None
    ok = False
    limits, network = limits_of(profile), network_of(profile)
    async for step in steps(profile.kind, profile.base_url, key, limits=limits, network=network):
        ok = step.ok
        typer.echo(f"{'✓' if step.ok else '✗'} {step.name}: {safe_text(step.text)}  ({step.elapsed * 1000:.0f} ms)")
        if step.next_step:
            typer.echo(f"  {safe_text(step.next_step)}")
        if step.problem is not None and step.problem.server_words:
            typer.echo(f"  the server: {safe_text(step.problem.server_words, 400)}")
    return ok
