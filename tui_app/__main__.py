"""The command ``syncscope``. What needs nothing is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        from tui_app import __version__

        print(f"syncscope {__version__}")
        return 0
    from tui_app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
