"""The way by Link, beside a form that creates: for whoever has no credentials, or a server that takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Static

from tui_app.models.link import LinkDraft
from tui_app.models.problem import Problem, ProblemKind
from tui_app.screens.base import problem_content
from tui_app.screens.request_form import Order, RequestForm

if TYPE_CHECKING:
    from tui_app.workspace import Workspace

_NOT_OFFERED = frozenset({403, 404, 405, 501})
"""How servers answer where connections are not created directly."""


class LinkWay(RequestForm):
    """A form that creates a connection, and from which the way leads on by Link where the server has that."""

    def carried(self, workspace: Workspace) -> LinkDraft:
        """What was typed that a link can carry, too."""
        return LinkDraft()

    def other_ways(self) -> ComposeResult:
        """A button, for when creating was refused."""
        button = Button("By Link", id="by-link", compact=True)
        button.display = False
        yield button

    @property
    def _has_link(self) -> bool:
        workspace = self.host.workspace
        return workspace is not None and (workspace.capabilities.links or workspace.capabilities.public_tokens)

    def refused(self, problem: Problem, order: Order[Any]) -> None:
        """Where creating is not offered, offer the way by Link."""
        super().refused(problem, order)
        if self._has_link and (problem.kind is ProblemKind.UNSUPPORTED or problem.status in _NOT_OFFERED):
            words = "\n^l leads there. What you typed comes along, but for the credentials; nothing here is lost."
            place = self.query_one("#form-problem", Static)
            place.update(Content.assemble(problem_content(problem), (words, "bold")))
            button = self.query_one("#by-link", Button)
            button.display = True
            self.set_focus(button)

    @on(Button.Pressed, "#by-link")
    def action_by_link(self) -> None:
        """Go on by Link, and take along what a link can carry."""
        if self.host.workspace is not None and self._has_link:
            self._go_by_link(self.carried(self.host.workspace))

    @work(group="link", exclusive=True, exit_on_error=False)
    async def _go_by_link(self, draft: LinkDraft) -> None:
        from tui_app.screens.link import LinkScreen

        connected = await self.app.push_screen_wait(LinkScreen(draft))
        if connected is not None:
            self.dismiss(connected)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only where the server has Link."""
        return self._has_link if action == "by_link" else super().check_action(action, parameters)
