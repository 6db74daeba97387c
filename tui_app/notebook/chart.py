"""A connection's syncs as a drawing: one bar each, as high as it took long. SVG of our own, with no text in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui_app.models.sync import Phase, Sync
from tui_app.models.times import between, day_and_time
from tui_app.notebook.html import COLOURS
from tui_app.notebook.kernel import Bundle
from tui_app.notebook.loop import Ready
from tui_app.notebook.pieces import Blocks, Heading, Line, Picture, Says, Span, muted
from tui_app.notebook.shown import Showable, bundle_of
from tui_app.notebook.words import counted, phase_role

_HIGH, _WIDE, _GAP = 72, 14, 5
_BLOCKS = "▁▂▃▄▅▆▇█"
_LEAST = 3.0
"""How high a bar is at the least, in pixels: a short sync is one, too."""


class HistoryChart(Showable, Ready):
    """How a connection's syncs went, oldest first. Beside the usual forms it has SVG.

    Args:
        name: What the connection is called.
        syncs: Its syncs, the newest first, as a server lists them.
        now: The server's time.
    """

    def __init__(self, name: str, syncs: Sequence[Sync], now: datetime) -> None:
        self._name = name
        self._now = now
        self.syncs = tuple(reversed(syncs))

    def __len__(self) -> int:
        return len(self.syncs)

    @property
    def svg(self) -> str:
        """The drawing: filled bars completed, hollow ones did not; a dashed one runs, a dot ended nobody knows when."""
        lengths = [_seconds(sync, self._now) for sync in self.syncs]
        longest = max((length for length in lengths if length is not None), default=0.0) or 1.0
        bars = "".join(
            _bar(place, sync, length, longest)
            for place, (sync, length) in enumerate(zip(self.syncs, lengths, strict=True))
        )
        base = f'<path d="M0 {_HIGH + 1}.5H{self._width}" stroke="{COLOURS["muted"]}" stroke-opacity="0.5"/>'
        size = f'width="{self._width}" height="{_HIGH + 4}" viewBox="0 0 {self._width} {_HIGH + 4}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{bars}{base}</svg>'

    def blocks(self) -> Blocks:
        """The drawing between what it is of and what it tells."""
        title: Line = (
            Span("History of ", strong=True),
            Span(self._name, strong=True, limit=80),
            Span(f"  {counted(len(self.syncs), 'sync')}", "muted"),
        )
        if not self.syncs:
            return (Heading(title), Says((muted("It was never synced, as far as is known."),)))
        picture = Picture(self.svg, self._words(), self._width, _HIGH + 4)
        return (Heading(title), picture, Says((muted(self._span()), self._outcomes())))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return bundle_of(self.blocks()) | ({"image/svg+xml": self.svg} if self.syncs else {})

    @property
    def _width(self) -> int:
        return max(len(self.syncs), 1) * (_WIDE + _GAP)

    def _words(self) -> str:
        """The bars as characters, for whoever sees no drawing; a dot where nobody knows how long it took."""
        lengths = [_seconds(sync, self._now) for sync in self.syncs]
        longest = max((length for length in lengths if length is not None), default=0.0) or 1.0
        return "".join("·" if each is None else _BLOCKS[min(int(8 * each / longest), 7)] for each in lengths)

    def _span(self) -> str:
        first, last = self.syncs[0].requested_at, self.syncs[-1].requested_at
        return f"{day_and_time(first)} to {day_and_time(last)}, oldest first; as high as it took long"

    def _outcomes(self) -> Line:
        spans: list[Span] = []
        for words, phases in _OUTCOMES.items():
            found = [sync for sync in self.syncs if sync.phase in phases]
            if found:
                spans += [Span("■ ", phase_role(phases[0])), Span(f"{len(found)} {words}   ")]
        took = sorted(s for sync in self.syncs if sync.phase is Phase.SUCCEEDED and (s := _seconds(sync, self._now)))
        if len(took) > 1:
            spans.append(Span(f"completed ones took {between(took[0], took[-1])}", "muted"))
        return tuple(spans)


_OUTCOMES: dict[str, tuple[Phase, ...]] = {
    "completed": (Phase.SUCCEEDED,),
    "failed (hollow)": (Phase.FAILED,),
    "cancelled (hollow)": (Phase.CANCELLED,),
    "out of sight (hollow)": (Phase.LOST,),
    "under way (dashed)": (Phase.RUNNING, Phase.WAITING, Phase.RETRYING, Phase.UNKNOWN),
}


def _seconds(sync: Sync, now: datetime) -> float | None:
    took = sync.elapsed(now)
    return None if took is None else took.total_seconds()


def _bar(place: int, sync: Sync, length: float | None, longest: float) -> str:
    colour = COLOURS[phase_role(sync.phase)]
    left = place * (_WIDE + _GAP)
    if length is None:  # it ended, and the server does not say when
        return (
            f'<circle cx="{left + _WIDE / 2}" cy="{_HIGH - 5}" r="4" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    high = max(_HIGH * min(length / longest, 1.0), _LEAST)
    if sync.phase is Phase.SUCCEEDED:
        return f'<rect x="{left}" y="{_HIGH - high:.1f}" width="{_WIDE}" height="{high:.1f}" rx="2" fill="{colour}"/>'
    dashes = "" if sync.phase.is_final else ' stroke-dasharray="3 2"'
    box = f'x="{left + 1}" y="{_HIGH - high + 1:.1f}" width="{_WIDE - 2}" height="{max(high - 2, 1):.1f}" rx="2"'
    return f'<rect {box} fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
