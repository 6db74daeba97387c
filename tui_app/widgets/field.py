"""One line of a form: a label, a field, and under it a hint or what is wrong."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive, reactive
from textual.widgets import Input, Static

from tui_app.models.known_secrets import KNOWN
from tui_app.models.text import safe_text


class SafeInput(Input):
    """A text field that takes nothing a terminal would obey, nor what nobody sees: both come along with pastes.

    Attributes:
        virtual_size: The room that its text takes, in cells.
    """

    # Its place is given, so a longer text moves nothing: to lay the screen out with each key took most of a key's time.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def validate_value(self, value: str) -> str:
        """Leave such characters out. What is not shown, a password, stays as it is."""
        if self.password or safe_text(value) == value:
            return value
        return "".join(character for character in value if safe_text(character) == character)


class Field(Vertical):
    """A labelled text field.

    Attributes:
        problem: What is wrong with its value, in words; empty where nothing is.
        hint: What to write there.
    """

    problem: reactive[str] = reactive("", init=False)
    hint: reactive[str] = reactive("", init=False)

    def __init__(
        self,
        label: str,
        id: str,
        value: str = "",
        *,
        hint: str = "",
        placeholder: str = "",
        password: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(id=id, name=name, classes="field")
        self.label = label
        self.set_reactive(Field.hint, hint)
        # Blinking is off: a focused field would otherwise write to the terminal all the time.
        self.input = SafeInput(value, placeholder=safe_text(placeholder), password=password, compact=True)
        self.input.cursor_blink = False
        if password:
            KNOWN.add(self.input, lambda input: [input.value])

    def compose(self) -> ComposeResult:
        """Label and field beside each other, the hint below."""
        with Horizontal(classes="field-line"):
            yield Static(Content(safe_text(self.label, 24)), classes="field-label")
            yield self.input
        yield Static(Content.styled(safe_text(self.hint, 200), "$muted"), classes="field-hint")

    def on_mount(self) -> None:
        """A field without a hint is one line high."""
        self._tell()

    def on_click(self) -> None:
        """A click on the label or the hint means the field."""
        self.screen.set_focus(self.input)

    @property
    def value(self) -> str:
        """What was typed, without spaces around it."""
        return self.input.value.strip()

    def watch_problem(self) -> None:
        """Say what is wrong in place of the hint."""
        self.set_class(bool(self.problem), "-wrong")
        self._tell()

    def watch_hint(self) -> None:
        """Show the other hint."""
        self._tell()

    def _tell(self) -> None:
        line = self.query_one_optional(".field-hint", Static)
        if line is None:  # not on a screen yet
            return
        problem = safe_text(self.problem, 300)
        line.update(
            Content.styled(f"✗ {problem}", "$error") if problem else Content.styled(safe_text(self.hint, 200), "$muted")
        )
        line.display = bool(problem or self.hint)
