"""The screens in one browser tab: the process that ``syncscope serve`` starts for each. Nobody else runs it."""

from __future__ import annotations

import json
import os
import sys


def main() -> int:
    """Run the screens as the one argument says, in JSON, and return the exit code."""
    # As where the command begins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from tui_app import crash
    from tui_app.cli.screens import open_screens

    crash.guard()
    try:
        wanted = json.loads(sys.argv[1])
        return open_screens(wanted["profile"], wanted["speed"], read_only=wanted["read_only"])
    except BrokenPipeError:
        return 1  # the server is gone, and nobody reads how this ended
    except Exception as error:  # noqa: BLE001 - Python would print it as it is, secrets and all
        return crash.report(error)


if __name__ == "__main__":
    sys.exit(main())
