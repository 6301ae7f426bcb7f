"""Dismissing a suggestion: say why, press Enter."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from omwatch.dashboard import standing
from omwatch.dashboard.operator import CannotAct, Operator
from omwatch.dashboard.paint import BLANK, Ink, Line, Piece
from omwatch.dashboard.view import View
from omwatch.dashboard.widgets.prose import Prose
from omwatch.domain.safetext import clean
from omwatch.domain.suggestion import Suggestion


class DismissScreen(ModalScreen[str | None]):
    """Asks for the reason. Its result says what was done."""

    CSS_PATH = "dismiss.tcss"
    AUTO_FOCUS = "#why"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    def __init__(self, operator: Operator, suggestion: Suggestion) -> None:
        """Ask about this suggestion."""
        super().__init__()
        self._operator = operator
        self._suggestion = suggestion
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="sheet"):
            yield Prose(self._facts())
            new = self._suggestion.incident is None
            asked = "Why is it no incident?" if new else "Why leave the incident as it is?"
            yield Prose([(Piece(f"{asked} For whoever has the next shift:", Ink.MUTED),)], id="caption")
            yield Input(id="why", max_length=300, compact=True)
            yield Prose(id="problem")
            keys: Line = (
                Piece("Enter", Ink.ACCENT, bold=True),
                Piece(" dismisses   ", Ink.MUTED),
                Piece("Esc", Ink.ACCENT, bold=True),
                Piece(" leaves it open", Ink.MUTED),
            )
            yield Prose([keys], id="keys")

    def on_mount(self) -> None:
        """Keep the cursor still: a blink is traffic."""
        self.query_one(Input).cursor_blink = False

    def follow(self, view: View) -> None:
        """Say so when somebody else has decided, or the evidence is gone."""
        look = view.overview
        if (
            look is None
            or self._busy
            or not self.is_mounted
            or any(item.id == self._suggestion.id for item in look.suggestions)
        ):
            return
        self._busy = True
        self._say(f"Suggestion {self._suggestion.id} is decided already; nothing is left to dismiss")

    def action_leave(self) -> None:
        """Go back and leave the suggestion as it is."""
        self.dismiss(None)

    @on(Input.Submitted)
    def _on_reason(self) -> None:
        if not self._busy:
            self._busy = True
            self._dismiss()

    @work(exclusive=True)
    async def _dismiss(self) -> None:
        try:
            await self._operator.dismiss(self._suggestion.id, self.query_one(Input).value)
        except CannotAct as reason:
            self._busy = False
            self._say(str(reason))
            return
        self.dismiss(f"Suggestion {self._suggestion.id} dismissed; it stays quiet until its evidence is worse")

    def _say(self, text: str) -> None:
        problem = self.query_one("#problem", Prose)
        problem.say((Piece(f"{standing.ALARM.glyph} {clean(text)}", Ink.OUTAGE, bold=True),))
        problem.display = True

    def _facts(self) -> list[Line]:
        face = standing.of_severity(self._suggestion.severity)
        head: Line = (face.mark(), Piece(" Dismiss: "), face.said(), Piece("?"))
        reasons = dict.fromkeys(clean(item.said) for item in self._suggestion.evidence)
        return [head, BLANK, *((Piece(reason),) for reason in reasons)]
