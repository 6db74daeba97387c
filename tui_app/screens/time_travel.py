"""The part of a sync's screen that shows how it was at any look that was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, getters, on

from tui_app.screens.base import AppScreen
from tui_app.watch.travel import Travel
from tui_app.widgets.sync_view import when
from tui_app.widgets.timeline import Timeline, TravelBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_app.models.observation import Observation
    from tui_app.models.sync import Sync
    from tui_app.watch.travel import Frame
    from tui_app.watch.watch import Watch

_OF_NOW = frozenset({"pause", "look_now", "request_sync", "retry", "cancel"})
_OF_THE_PAST = frozenset({"earlier", "later", "earliest", "now", "change_before", "change_after"})


class TimeTravel(AppScreen[None]):
    """Goes back and forth in what was seen of a sync.

    Whatever is seen meanwhile is kept by its watch, and drawn once one is back in the present.

    Attributes:
        frame: The look that is shown; ``None``: the present.
    """

    travel_bar = getters.query_one(TravelBar)

    frame: Frame | None = None
    _travel: Travel | None = None
    _watch: Watch | None = None

    def _draw(self) -> None:
        raise NotImplementedError

    @property
    def shown_sync(self) -> Sync | None:
        """The sync as the screen shows it: as last seen, or as last seen at the time that one is in."""
        if self.frame is not None:
            return self.frame.good.sync if self.frame.good else None
        return self._watch.latest_sync if self._watch is not None else None

    @property
    def shown_looks(self) -> Sequence[Observation]:
        """The looks that the screen rests on, oldest first: all, or those until the time that one is in."""
        if self._travel is not None and self.frame is not None:
            return self._travel.until(self.frame.place)
        return self._watch.observations if self._watch is not None else ()

    # Where one can go

    def switched_off(self, action: str) -> bool:
        """Whether an action is of the present and this is the past: nothing is asked of a server by mistake there."""
        return self.frame is not None and action in _OF_NOW

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The steps are for whoever travels; the keys that they take scroll otherwise."""
        if action in _OF_THE_PAST:
            return self.frame is not None
        return super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """A key that is switched off in the past says so."""
        if self.frame is None:
            return
        found = self.active_bindings.get(event.key)
        if found is not None and not found.enabled and found.binding.action in _OF_NOW:
            event.stop()
            event.prevent_default()
            self.host.say(
                f"This is how it was at {self._moment(self.frame)}: here nothing is requested, cancelled or looked "
                "at. Press End to go back to now.",
                title=f"Not in the past: {found.binding.description}",
                severity="warning",
            )

    def _moment(self, frame: Frame) -> str:
        workspace = self.host.workspace
        moment = frame.seen.observed_at
        return when(moment, workspace.server_now() if workspace is not None else moment)

    # Going there

    def action_travel(self) -> None:
        """Begin to travel, at the newest look, or go back to now."""
        if self.frame is not None:
            self.action_now()
            return
        watch = self._watch
        travel = Travel(watch.observations, watch.journal) if watch is not None else None
        if not travel:
            self.host.say("Nothing was seen of this sync yet: there is no past to go to.")
            return
        self._travel = travel
        self._go(len(travel) - 1)

    def action_now(self) -> None:
        """Go back to the present, with all that was seen meanwhile."""
        self.frame = self._travel = None
        self.travel_bar.shown = False
        self._draw()

    async def action_back(self) -> None:
        """From the past to the present, and from there to where one came from."""
        if self.frame is not None:
            self.action_now()
        else:
            await super().action_back()

    def action_earlier(self) -> None:
        """One look back."""
        self._step(-1)

    def action_later(self) -> None:
        """One look on."""
        self._step(1)

    def action_earliest(self) -> None:
        """To the first look."""
        self._go(0)

    def action_change_before(self) -> None:
        """To where something changed before."""
        if self._travel is not None and self.frame is not None:
            self._go(self._travel.change_before(self.frame.place))

    def action_change_after(self) -> None:
        """To where something changed next."""
        if self._travel is not None and self.frame is not None:
            self._go(self._travel.change_after(self.frame.place))

    @on(Timeline.Moved)
    def _pointed_at(self, event: Timeline.Moved) -> None:
        event.stop()
        self._go(event.place)

    def _step(self, by: int) -> None:
        if self.frame is not None:
            self._go(self.frame.place + by)

    def _go(self, place: int) -> None:
        if self._travel is not None:
            self.frame = self._travel.frame(place)
            self._show_place()
            self._draw()

    def _show_place(self) -> None:
        workspace = self.host.workspace
        if self._travel is not None and self.frame is not None and workspace is not None:
            self.travel_bar.show(self._travel, self.frame, workspace.server_now())

    def tell_time(self) -> None:
        """Times may be told in another zone from now on."""
        self._show_place()
        self._draw()

    def on_resize(self) -> None:
        """What is said beside the line depends on the room there is."""
        self._show_place()
