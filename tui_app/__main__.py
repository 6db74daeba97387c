"""The command ``syncscope``. What is asked most is answered before anything that it does not need is imported."""

from __future__ import annotations

import os
import sys

from tui_app import __version__


def main() -> int:
    """Run the command line and return its exit code."""
    # Looking for plugins of pydantic reads the metadata of every installed package, and there are none of ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    arguments = sys.argv[1:]
    if arguments in ([], ["demo"]):
        from tui_app.cli.screens import is_terminal, open_screens

        if is_terminal(os.environ, sys.stdin, sys.stdout):
            return open_screens("".join(arguments))
    from tui_app.cli.main import run

    return run()


def entry() -> int:
    """Run the command line; being interrupted before anything could take notice of it is no error."""
    if sys.argv[1:] == ["--version"]:  # nothing in this can break that would be told with a secret
        print(f"syncscope {__version__}")
        return 0
    from tui_app import crash

    crash.guard()
    try:
        return main()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - Python would print it as it is, secrets and all
        return crash.report(error)


if __name__ == "__main__":
    sys.exit(entry())
