"""``syncscope sandbox``: the simulated server alone."""

from __future__ import annotations

import sys
from pathlib import Path


def serve(*, port: int, connections: int, seed: int, speed: float, state: Path | None) -> int:
    """Serve until interrupted. The announcement is the first line on standard output; everything else is on stderr."""
    from tui_app.sandbox.server import Announcement, Sandbox, SandboxError

    def announce(announcement: Announcement) -> None:
        print(announcement.to_json(), flush=True)
        print(
            f"Serving {sandbox.connections} simulated connections at ×{speed:g}. Ctrl-C ends it.",
            file=sys.stderr,
            flush=True,
        )

    try:
        sandbox = Sandbox(seed=seed, connections=connections, speed=speed, port=port, state_file=state)
        sandbox.serve_forever(announce)
    except SandboxError as error:
        print(f"The sandbox could not be served: {error}", file=sys.stderr)
        return 1
    return 0
