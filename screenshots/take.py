"""Takes the README's pictures from the running application on its embedded server, the same bytes each time.

Run ``make screenshots``, or ``python -m screenshots.take NAME …`` for some of them; the tour is called ``tour``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from screenshots import painting
from screenshots.painting import Frame
from screenshots.stage import opened
from screenshots.stories import PICTURES, TOUR, TOUR_SIZE, Picture, Step

FOLDER = Path(__file__).parent
TOUR_NAME = "tour"


async def take(picture: Picture, *, connections: int = 48) -> dict[str, bytes]:
    """Take one picture.

    Args:
        picture: Which one.
        connections: How many connections the fleet has.

    Returns:
        The files' contents, by their endings.
    """
    async with opened(picture.profile, picture.theme, picture.size, connections=connections) as stage:
        await picture.steps(stage)
        if not picture.announced:
            stage.hush()
        await stage.hold()
        return {
            "svg": painting.svg(stage.app).encode(),
            "png": painting.png(painting.image(stage.app)),
        }


async def film(steps: Sequence[Step], size: tuple[int, int]) -> bytes:
    """Go through some steps, and return what is seen after each as one animated PNG."""
    frames = []
    async with opened("demo", "dark", size) as stage:
        for step in steps:
            stage.hush()
            await step.steps(stage)
            await stage.hold()
            frames.append(Frame(painting.image(stage.app, step.keys, step.words), step.hold))
    return painting.tour(frames)


def main(names: Sequence[str]) -> int:
    """Take some pictures, or all, and write them into this folder."""
    known = [picture.name for picture in PICTURES] + [TOUR_NAME]
    if unknown := [name for name in names if name not in known]:
        print(f"There is no picture called {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    for picture in PICTURES:
        if not names or picture.name in names:
            for ending, content in asyncio.run(take(picture)).items():
                _write(f"{picture.name}.{ending}", content)
    if not names or TOUR_NAME in names:
        _write(f"{TOUR_NAME}.png", asyncio.run(film(TOUR, TOUR_SIZE)))
    return 0


def _write(name: str, content: bytes) -> None:
    (FOLDER / name).write_bytes(content)
    print(f"{name:20} {len(content) / 1000:7.0f} kB")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
