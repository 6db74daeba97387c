"""``syncscope`` itself: opens the screens, or hands over to a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_app.cli import profiles
from tui_app.cli.screens import is_terminal, open_screens

app = typer.Typer(
    name="syncscope",
    help="An interactive terminal explorer for connections and their syncs.",
    epilog="No server at hand? `syncscope demo` brings its own.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(profiles.app, name="profiles")


_KEY_OPTIONS = ("--key", "--api-key", "--apikey", "--secret", "--token", "--password")


def _refuse_keys(arguments: list[str]) -> None:
    """End the command where an argument is a key: whoever lists processes sees it, and the shell writes it down."""
    from tui_app.models.secrets import holds_secret

    for argument in arguments:
        if holds_secret(argument) or argument.split("=")[0].lower() in _KEY_OPTIONS:
            typer.echo(
                "A key is never taken as an argument: other users of this machine can see it, and the shell keeps it.\n"
                "Put it into an environment variable, and name that: syncscope profiles add … --key-env VARIABLE.\n"
                "If what you typed was a real key, replace it.",
                err=True,
            )
            raise SystemExit(2)


def _version(asked: bool) -> None:
    if asked:
        from tui_app import __version__

        typer.echo(f"syncscope {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    profile: Annotated[
        str, typer.Option("--profile", "-p", metavar="NAME", help="The server to open; see `syncscope profiles list`.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Open the screens on a profile's server: the environment's where TERMINAL_API_KEY is set, else the demo."""
    if context.invoked_subcommand is not None:
        return
    if profile:
        profiles.known(profile)
    if not is_terminal(os.environ, sys.stdin, sys.stdout):
        typer.echo("There is no terminal here to show screens in. `syncscope demo` also works without one.", err=True)
        raise typer.Exit(2)
    raise typer.Exit(open_screens(profile))


@app.command()
def demo(
    profile: Annotated[
        str,
        typer.Option("--profile", "-p", metavar="NAME", help="Which embedded server, where there are several."),
    ] = "",
    speed: Annotated[
        float | None,
        typer.Option(min=1, max=600, help="Simulated seconds per second; 30 if not given."),
    ] = None,
) -> None:
    """Show a simulated fleet on an embedded server; without a terminal, play the main job in plain lines."""
    if profile and not profiles.known(profile).embedded:
        typer.echo(f"“{profile}” is no embedded server: syncscope --profile {profile} opens it.", err=True)
        raise typer.Exit(2)
    if is_terminal(os.environ, sys.stdin, sys.stdout):
        raise typer.Exit(open_screens(profile or "demo", speed))
    from tui_app.cli.demo import play

    raise typer.Exit(play(speed, profile))


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen on 127.0.0.1; 0 takes any free port.")
    ] = 0,
    connections: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many connections the fleet has.")] = 48,
    seed: Annotated[int, typer.Option(help="The same seed makes the same fleet.")] = 1,
    speed: Annotated[float, typer.Option(min=0, max=100_000, help="Simulated seconds per second.")] = 1.0,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what clients make here, over restarts.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Play this scenario (again for more); `--scenario list` shows them all."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:RATE[:OPERATION]]",
            help="Let this go wrong (again for more), e.g. rate-limit:30:reads; `--fault list` shows what can.",
        ),
    ] = None,
) -> None:
    """Serve the simulated API alone, until Ctrl-C. The first line says where, and with which key, as JSON."""
    from tui_app.cli.sandbox import serve

    raise typer.Exit(
        serve(
            port=port,
            connections=connections,
            seed=seed,
            speed=speed,
            state=state,
            scenarios=scenario or [],
            faults=fault or [],
        )
    )


@app.command()
def serve(
    context: typer.Context,
    profile: Annotated[str, typer.Option("--profile", "-p", metavar="NAME", help="The server to open.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Show a simulated fleet on an embedded server.")] = False,
    speed: Annotated[float | None, typer.Option(min=1, max=600, help="As for `syncscope demo`.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen on 127.0.0.1; 0 takes any free port.")
    ] = 0,
    read_only: Annotated[bool, typer.Option("--read-only", help="Change nothing, whatever is pressed.")] = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the link only, and open no browser.")] = False,
    tabs: Annotated[int, typer.Option(min=1, max=100, help="How many tabs may be open at once.")] = 8,
    idle: Annotated[
        float, typer.Option(min=0, max=10_000, metavar="MINUTES", help="Close a tab not used for so long; 0: never.")
    ] = 60,
    behind: Annotated[
        str, typer.Option(metavar="URL", help="The address at which a proxy shows it, where one does.")
    ] = "",
) -> None:
    """Show the screens in a browser tab, on this machine alone, until Ctrl-C. Needs the extra syncscope[web]."""
    from tui_app.cli.serve import Serving, serve_tabs

    named = _named(context, profile)
    if named and not profiles.known(named).embedded and demo:
        typer.echo(f"“{named}” is no embedded server: leave --demo out to open it.", err=True)
        raise typer.Exit(2)
    name = named or ("demo" if demo else "")
    raise typer.Exit(serve_tabs(Serving(name, speed, port, read_only, not no_open, tabs, idle * 60, behind)))


ServerOption = Annotated[
    str, typer.Option("--profile", "-p", metavar="NAME", help="The server to ask; see `syncscope profiles list`.")
]
Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="The ID of a connection or a sync, or a connection's external ID.")
]


def _named(context: typer.Context, profile: str) -> str:
    """The profile that was named, be it in front of the command: no other server may be asked than was meant."""
    return profile or (context.parent.params.get("profile", "") if context.parent else "")


@app.command()
def report(context: typer.Context, id: Wanted, profile: ServerOption = "") -> None:
    """Print an incident report: whose turn it is and why, the journal, the issues, the requests that matter."""
    from tui_app.cli.hand_over import print_report

    raise typer.Exit(print_report(id, _named(context, profile)))


@app.command()
def bundle(
    context: typer.Context,
    id: Wanted,
    output_file: Annotated[Path, typer.Option("--output-file", "-o", metavar="FILE", help="Where to write it.")],
    profile: ServerOption = "",
    force: Annotated[bool, typer.Option("--force", help="Replace the file where it is there already.")] = False,
) -> None:
    """Write a support bundle: the report, the requests and every look, secrets masked, in one file."""
    from tui_app.cli.hand_over import write_bundle

    raise typer.Exit(write_bundle(id, _named(context, profile), output_file, force=force))


@app.command("open")
def open_bundle(file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A support bundle.")]) -> None:
    """Show a support bundle, read-only and without a network; without a terminal, print its report."""
    from tui_app.cli.hand_over import print_recording, read_bundle

    recording = read_bundle(file)
    if recording is None:
        raise typer.Exit(2)
    if not is_terminal(os.environ, sys.stdin, sys.stdout):
        raise typer.Exit(print_recording(recording))
    raise typer.Exit(open_screens(recording=recording))


def run() -> int:
    """Run the command line; typer ends the process by itself."""
    _refuse_keys(sys.argv[1:])
    app()
    return 0
