"""What a notebook or a script is told when something cannot be done: what, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_app.models.text import safe_text

if TYPE_CHECKING:
    from tui_app.models.problem import Problem


class ExplorerError(Exception):
    """Something that could not be done. Its text says why in plain sentences; a cell shows that and no traceback.

    Attributes:
        problem: The same as data, where a server or the gate refused; else ``None``.
    """

    def __init__(self, *sentences: str, problem: Problem | None = None) -> None:
        super().__init__("\n".join(safe_text(each, 600) for each in sentences if each))
        self.problem = problem

    def _render_traceback_(self) -> list[str]:
        """What a cell shows."""
        return [f"✗ {self}"]


def refused(problem: Problem) -> ExplorerError:
    """A problem as what is raised: what happened, what it means, what to do, and the server's own words."""
    words = f"The server: {problem.server_words}" if problem.server_words else ""
    title = problem.title if problem.title.endswith((".", "!", "?")) else f"{problem.title}."
    return ExplorerError(title, problem.meaning, problem.next_step, words, problem=problem)


def closed() -> ExplorerError:
    """What is raised where an explorer was closed."""
    return ExplorerError("This explorer is closed.", "Open another one: Explorer(…) or Explorer.demo().")


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Raise what was refused inside this as an :class:`ExplorerError`."""
    from pydantic import ValidationError

    from tui_app.api.errors import ApiError
    from tui_app.models.filter import FilterError

    try:
        yield
    except ApiError as error:
        raise refused(error.problem) from None
    except FilterError as error:
        raise ExplorerError(f"This filter cannot be read: {error}.") from None
    except ValidationError as error:
        reasons = error.errors(include_input=False, include_url=False)
        # What was given is not repeated: it may be a secret.
        lines = (_reason(".".join(map(str, each["loc"])), each["msg"]) for each in reasons)
        raise ExplorerError("Nothing was sent: what was given cannot be used.", *lines) from None


def _reason(where: str, words: str) -> str:
    """Why a value cannot be used: behind its name, or as a sentence where the reason lies in several together."""
    words = words.removeprefix("Value error, ")  # how pydantic begins what our own models say
    return f"{where}: {words}" if where else f"{words[:1].upper()}{words[1:]}."
