"""``syncscope profiles``: list, add, change, remove and test the servers that can be opened."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tui_app.api.kinds import KINDS
from tui_app.models.budget import BUDGET

if TYPE_CHECKING:
    from pydantic import SecretStr, ValidationError

    from tui_app.config.keys import KeyringFailed, KeySaved
    from tui_app.config.profiles import ProfileStore
    from tui_app.models.profile import Profile

app = typer.Typer(help="The servers that can be opened.", no_args_is_help=True, rich_markup_mode=None)


logger = logging.getLogger(__name__)


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


def default_profile() -> Profile:
    """The profile that opens where none is named; ends the command where the environment describes none."""
    from tui_app.models.text import safe_text

    found = _store().load()
    if not found.default:
        _fail(*(safe_text(problem) for problem in found.problems))
    return found.profiles[found.default]


@app.command("list")
def list_profiles() -> None:
    """List every profile; the one that opens by default is marked."""
    from tui_app.config.environment import environment_of
    from tui_app.models.text import safe_text

    store = _store()
    found = store.load()
    rows = [("", "PROFILE", "KIND", "ENVIRONMENT", "CHANGES", "KEY", "SERVER")]
    for name, profile in found.profiles.items():
        key = safe_text(profile.key_words)
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


BaseUrl = Annotated[str | None, typer.Option("--base-url", metavar="URL", help="Where the server answers.")]
Declared = Annotated[
    DataKind | None,
    typer.Option("--environment", help="What its data is; a server that does not say is treated as production."),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        "--kind", metavar="KIND", help=f"Which API it speaks: {' or '.join(KINDS)}; the first if none is given."
    ),
]
KeyEnv = Annotated[
    str | None, typer.Option("--key-env", metavar="VARIABLE", help="The environment variable that holds its key.")
]
KeyCommand = Annotated[
    str | None,
    typer.Option("--key-command", metavar="COMMAND", help="The program that prints its key, as you would type it."),
]
KeyFile = Annotated[
    str | None, typer.Option("--key-file", metavar="FILE", help="The file that holds its key, readable by you alone.")
]
KeyKeyring = Annotated[
    bool | None, typer.Option("--key-keyring/--no-key-keyring", help="Its key is in the system's keyring.")
]
ReadOnly = Annotated[
    bool | None,
    typer.Option("--read-only/--no-read-only", help="Lock changes although it is not production, which always is."),
]
Budget = Annotated[
    float | None, typer.Option("--budget", help=f"The most requests per second; {BUDGET:g} if not given.")
]
Proxy = Annotated[
    str | None, typer.Option("--proxy", metavar="URL", help="The proxy, where it is not the environment's.")
]
CaBundle = Annotated[str | None, typer.Option("--ca-bundle", metavar="FILE", help="The certificates to trust.")]
ClientCert = Annotated[
    str | None, typer.Option("--client-cert", metavar="FILE", help="The certificate to show to the server.")
]
ClientKey = Annotated[
    str | None, typer.Option("--client-key", metavar="FILE", help="Its private key, where that is another file.")
]
ConnectTimeout = Annotated[
    float | None, typer.Option("--connect-timeout", metavar="SECONDS", help="How long connecting may take.")
]
ReadTimeout = Annotated[
    float | None, typer.Option("--read-timeout", metavar="SECONDS", help="How long the server may be silent.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What to call it.")],
    base_url: Annotated[str, typer.Option("--base-url", metavar="URL", help="Where the server answers.")],
    environment: Declared = None,
    kind: KindOption = None,
    key_env: KeyEnv = None,
    key_command: KeyCommand = None,
    key_file: KeyFile = None,
    key_keyring: KeyKeyring = None,
    read_only: ReadOnly = None,
    budget: Budget = None,
    proxy: Proxy = None,
    ca_bundle: CaBundle = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
    connect_timeout: ConnectTimeout = None,
    read_timeout: ReadTimeout = None,
) -> None:
    """Add a server of your own. The key itself is never written down: say where it is, or be asked for it."""
    given = {option: value for option, value in locals().items() if option != "name"}
    # All that is given, so that two places for a key are refused and not weighed against each other.
    profile = _made({"name": name, "kind": next(iter(KINDS))}, given, alone=False)
    _write(profile, _store().add, f"Added. Try it: syncscope profiles test {name}")


@app.command()
def edit(
    name: Annotated[str, typer.Argument(help="Which profile.")],
    base_url: BaseUrl = None,
    environment: Declared = None,
    kind: KindOption = None,
    key_env: KeyEnv = None,
    key_command: KeyCommand = None,
    key_file: KeyFile = None,
    key_keyring: KeyKeyring = None,
    read_only: ReadOnly = None,
    budget: Budget = None,
    proxy: Proxy = None,
    ca_bundle: CaBundle = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
    connect_timeout: ConnectTimeout = None,
    read_timeout: ReadTimeout = None,
) -> None:
    """Change a server of your own: what is given, and nothing else. An empty text, or 0 seconds, takes away."""
    given = {option: value for option, value in locals().items() if option != "name"}
    if all(value is None for value in given.values()):
        typer.echo("Nothing to change: give at least one option, see syncscope profiles edit --help.", err=True)
        raise typer.Exit(2)
    before = known(name)
    profile = _made(before.model_dump(exclude={"built_in"}, exclude_none=True), given)
    if profile.key_keyring and profile.base_url != before.base_url:
        typer.echo(f"Note: the key in the keyring will be sent to {profile.base_url}.", err=True)
    _write(profile, _store().edit, "Changed. A session that has it open goes on as before, until it opens it again.")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="Which profile.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a server of your own, and its key from the system's keyring where that has it."""
    import asyncio

    from tui_app.config.keys import KeyringFailed, forget_key
    from tui_app.config.profiles import ProfileError
    from tui_app.models.text import safe_text

    store = _store()
    profile = store.load().profiles.get(name)
    in_keyring = profile is not None and bool(profile.key_keyring)
    if not yes and store.in_file(name):
        if not sys.stdin.isatty():
            typer.echo("There is no terminal here to ask on: say --yes to remove it.", err=True)
            raise typer.Exit(2)
        also = ", and its key from the keyring" if in_keyring else ""
        if not typer.confirm(f"Remove the profile “{safe_text(name, 80)}” from {store.path}{also}?"):
            typer.echo("Nothing was removed.", err=True)
            raise typer.Exit(1)
    try:
        notes = store.remove(name)
    except ProfileError as error:
        _fail(safe_text(error.reason, 600), safe_text(error.next_step))
    typer.echo("Removed.")
    for note in notes:
        typer.echo(note, err=True)
    if profile is not None and in_keyring:
        gone = asyncio.run(forget_key(profile, os.environ))
        if isinstance(gone, KeyringFailed):
            _fail(f"Its key may still be in the keyring. {safe_text(gone.reason)}", safe_text(gone.next_step))


def _made(before: dict[str, Any], given: dict[str, Any], *, alone: bool = True) -> Profile:
    """A profile with what is given in place of what was there; ends the command where that cannot be one.

    Args:
        before: What was there.
        given: The options; ``None`` where one was not given.
        alone: Whether a place for the key takes the place of the one that was there.
    """
    from pydantic import ValidationError

    from tui_app.models.profile import KEY_SOURCES, Profile

    given = {option: value for option, value in given.items() if value is not None}
    if given.get("kind", next(iter(KINDS))) not in KINDS:
        _fail(f"--kind: there is no kind of that name; there are: {', '.join(KINDS)}")
    if command := given.get("key_command"):
        given["key_command"] = _split(command)
    if alone and any(given.get(source) for source in KEY_SOURCES):
        before = {option: value for option, value in before.items() if option not in KEY_SOURCES}
    waits = {wait: given.pop(f"{wait}_timeout") for wait in ("connect", "read") if f"{wait}_timeout" in given}
    given["timeout"] = {wait: s for wait, s in {**(before.get("timeout") or {}), **waits}.items() if s}
    taken_away = {option for option, value in given.items() if value is False or value == "" or value == {}}
    settings = {option: value for option, value in {**before, **given}.items() if option not in taken_away}
    try:
        return Profile.model_validate(settings)
    except ValidationError as error:
        _fail(*_reasons(error))


def _split(command: str) -> list[str]:
    import shlex

    try:
        return shlex.split(command)
    except ValueError:
        _fail("--key-command: a quotation mark is not closed")


def _write(profile: Profile, write: Callable[[Profile], list[str]], done: str) -> None:
    from tui_app.config.profiles import ProfileError
    from tui_app.models.text import safe_text

    try:
        notes = write(profile)
    except ProfileError as error:
        _fail(safe_text(error.reason, 600), safe_text(error.next_step))
    for note in [*notes, *_surprises(profile)]:
        typer.echo(note, err=True)
    typer.echo(done)


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
    options = {"name": "NAME", "timeout": "--connect-timeout, --read-timeout"}
    words = {
        "name": "letters, digits, dots and dashes, beginning with a letter or digit",
        "key_env": "the name of an environment variable: letters, digits and underscores. Never the key itself",
    }
    lines = []
    for detail in error.errors(include_input=False):
        place = str(detail["loc"][0]) if detail["loc"] else ""
        option = options.get(place, f"--{place.replace('_', '-')}") + ": " if place else ""
        lines.append(option + (words.get(place) or detail["msg"].removeprefix("Value error, ")))
    return lines


@app.command()
def test(name: Annotated[str, typer.Argument(help="Which profile.")]) -> None:
    """Try a profile step by step: name, connection, TLS, key, first page. Says which step fails and what to do."""
    import asyncio

    from tui_app.logs.log_file import logged
    from tui_app.models.text import safe_text

    found = _store().load()
    for problem in found.problems:
        typer.echo(f"! {safe_text(problem)}", err=True)
    profile = known(name)
    if profile.embedded:
        typer.echo("The embedded server needs no test: syncscope demo")
        return
    with logged("profiles test"):
        ok = asyncio.run(_test(profile, key_of(profile)))
    if not ok:
        raise typer.Exit(1)


def key_of(profile: Profile) -> SecretStr:
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
    from tui_app.api.exchanges import Recorder
    from tui_app.api.network import limits_of, network_of
    from tui_app.models.text import safe_text

    assert profile.base_url is not None
    ok = False
    limits, network, recorder = limits_of(profile), network_of(profile), Recorder()
    async for step in steps(profile.kind, profile.base_url, key, recorder=recorder, limits=limits, network=network):
        ok = step.ok
        logger.log(logging.INFO if ok else logging.WARNING, "%s: %s", step.name, step.text)
        typer.echo(f"{'✓' if step.ok else '✗'} {step.name}: {safe_text(step.text)}  ({step.elapsed * 1000:.0f} ms)")
        if step.next_step:
            typer.echo(f"  {safe_text(step.next_step)}")
        if step.problem is not None and step.problem.server_words:
            typer.echo(f"  the server: {safe_text(step.problem.server_words, 400)}")
    return ok
