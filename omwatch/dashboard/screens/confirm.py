"""Confirming a suggestion: read the notice, see how many people it will reach, press Enter."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.widgets import Button, Input, TextArea

from omwatch.dashboard import standing
from omwatch.dashboard.operator import CannotAct, Operator
from omwatch.dashboard.paint import Ink, Line, Piece, flowing
from omwatch.dashboard.view import View
from omwatch.dashboard.widgets.prose import Prose
from omwatch.dashboard.wording import several
from omwatch.domain.notice import Draft
from omwatch.domain.safetext import clean, clean_block
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.sla import in_words

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.suggestions import Preview


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of confirming."""

    text: str
    """To tell the operator."""
    update: int | None = None
    """The update that an undo would take back; None where there is none."""
    leaves_at: datetime | None = None
    """When it is too late for that."""


class ConfirmScreen(ModalScreen[Decided | None]):
    """The drafted notice. Focus starts on the button that publishes it; its result says what was done."""

    CSS_PATH = "confirm.tcss"
    AUTO_FOCUS = "#publish"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual declares it on instances
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        # Priority is not needed: the fields keep Enter and letters for themselves while they have the focus.
        Binding("enter", "publish", "Publish"),
        Binding("ctrl+s", "publish", "Publish", priority=True),
        Binding("e", "edit", "Edit"),
    ]

    def __init__(self, operator: Operator, shown: "Preview", view: View) -> None:
        """Show a draft that nobody has changed yet."""
        super().__init__()
        self._operator = operator
        self._number = shown.suggestion.id
        self._draft = shown.draft
        self._recipients = shown.recipients
        self._waiting = shown.waiting
        self._view = view
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay it out: facts, title and text, the notice as people will read it, the button."""
        people = several(self._recipients, "subscriber")
        with Vertical(id="sheet"):
            yield Prose([*self._facts(74), *self._asked()], id="facts")
            with Horizontal(id="halves"):
                with Grid(id="form"):
                    yield Prose([(Piece("Title", Ink.MUTED),)])
                    yield Input(self._draft.title, id="title", max_length=200, compact=True, select_on_focus=False)
                    yield Prose([(Piece("Text", Ink.MUTED),)])
                    yield TextArea(self._draft.text, id="text", compact=True, soft_wrap=True)
                with Vertical(id="reading"):
                    yield Prose([(Piece(f"What {people} will read", Ink.MUTED),)])
                    with VerticalScroll(id="preview", can_focus=True):
                        yield Prose(id="notice")
            yield Prose(id="problem")
            with Horizontal(id="buttons"):
                yield Button(f"Publish to {people}", id="publish", variant="primary", compact=True)
                yield Prose([_keys(typing=False)], id="keys")

    def on_mount(self) -> None:
        """Show the notice as it stands; a cursor that does not blink sends nothing."""
        self.query_one(Input).cursor_blink = False
        self.query_one(TextArea).cursor_blink = False
        self._show_notice()

    def follow(self, view: View) -> None:
        """Say so when somebody else has decided, or the evidence is gone."""
        look = view.overview
        if (
            look is None
            or self._busy
            or not self.is_mounted
            or any(item.id == self._number for item in look.suggestions)
        ):
            return
        self._busy = True
        self._say(f"Suggestion {self._number} has been decided or withdrawn; nothing will be published. Esc leaves.")
        self.query_one("#publish", Button).disabled = True

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys that work where the focus is."""
        self.query_one("#keys", Prose).say(_keys(typing=isinstance(event.widget, Input | TextArea)))

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _show_notice(self) -> None:
        subject, text = self._operator.notice(self._wanted())
        subject_line: Line = (Piece(f"Subject: {clean(subject)}", bold=True),)
        lines: list[Line] = [(Piece(line),) for line in clean_block(text).split("\n")]
        self.query_one("#notice", Prose).say(subject_line, (), *lines)

    @on(Input.Submitted)
    def _on_title_done(self) -> None:
        self.query_one(TextArea).focus()

    @on(Button.Pressed, "#publish")
    def _on_publish(self) -> None:
        self.action_publish()

    def action_edit(self) -> None:
        """Go to the text."""
        self.query_one(TextArea).focus()

    def action_leave(self) -> None:
        """Go back without publishing; once publishing has begun it cannot be left."""
        if not self._busy or self.query_one("#publish", Button).disabled:
            self.dismiss(None)

    def action_publish(self) -> None:
        """Publish, once."""
        if self._busy:
            return
        self._busy = True
        self._publish()

    @work(exclusive=True)
    async def _publish(self) -> None:
        self._say("Publishing…", Ink.MUTED)
        try:
            done = await self._operator.confirm(self._number, self._wanted())
        except CannotAct as reason:
            self._busy = False
            self._say(f"Not published: {reason}")
            return
        self.dismiss(_told(done, self._operator.clock.now()))

    def _wanted(self) -> Draft:
        title, text = self.query_one(Input).value, self.query_one(TextArea).text
        return replace(self._draft, title=title, text=text)

    def _say(self, text: str, ink: Ink = Ink.OUTAGE) -> None:
        glyph = f"{standing.ALARM.glyph} " if ink is Ink.OUTAGE else ""
        problem = self.query_one("#problem", Prose)
        problem.say((Piece(f"{glyph}{clean(text)}", ink, bold=True),))
        problem.display = True

    def _asked(self) -> list[Line]:
        if self._waiting is None:
            return []
        asked = f"{clean(self._waiting.asked_by)} has confirmed this; a second person must agree"
        return [(Piece(asked, Ink.IMPAIRMENT, bold=True),)]

    def _facts(self, width: int) -> list[Line]:
        face = standing.of_severity(self._draft.severity)
        head: Line = (
            face.mark(),
            Piece(" "),
            face.said(),
            Piece(f" · {self._draft.status} · since {self._view.wall.at(self._draft.started_at)}"),
        )
        parts: list[Line] = [
            (Piece(f"{clean(name)}: "), Piece(status.label, _ink(status, face)))
            for name, status in self._draft.components.items()
        ]
        return [head, *flowing(parts, width)]


def _told(done: "Published | Waiting", now: datetime) -> Decided:
    from omwatch.desk.approvals import Waiting  # noqa: PLC0415 - loads SQLAlchemy, as the decision just did

    if isinstance(done, Waiting):
        return Decided(f"Approval {done.approval}: another operator must agree before it is published")
    notices = several(done.recipients, "notice")
    if done.leaves_at <= now:
        return Decided(f"Incident {done.event} published; {notices} queued")
    held = f"Incident {done.event}: {notices} held for {in_words(done.leaves_at - now)}"
    return Decided(f"{held}\nu takes them back", done.update, done.leaves_at)


def _ink(status: ComponentStatus, face: standing.Standing) -> Ink:
    return standing.OPERATIONAL.ink if status is ComponentStatus.OPERATIONAL else face.ink


def _keys(*, typing: bool) -> Line:
    typed = (("Ctrl+S", " publish"), ("  Tab", " next"), ("  Esc", " leave"))
    pressed = (("Enter", " publish"), ("  e", " edit"), ("  Esc", " leave"))
    return tuple(
        piece
        for key, what in (typed if typing else pressed)
        for piece in (Piece(key, Ink.ACCENT, bold=True), Piece(what, Ink.MUTED))
    )
