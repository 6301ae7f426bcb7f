"""The base of the three lists: a heading that stays, rows of one or more lines, and one row that is chosen."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from omwatch.dashboard.paint import BLANK, Colour, Ink, Line, Piece, Tint, spread, width_of
from omwatch.dashboard.widgets.lines import Lines

Value = TypeVar("Value")
_CHOSEN = Tint(Ink.ACCENT, 0.09)


class Rows(Lines, Generic[Value], can_focus=True):
    """A list of values. Up and down choose, Enter asks for details, and past an end the next list begins."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        Binding("left", "app.focus_previous", "Previous list", show=False),
        Binding("right", "app.focus_next", "Next list", show=False),
        Binding("enter", "open", "Details", key_display="Enter"),
    ]

    class Opened(Message):
        """The operator wants to read one value in full."""

        def __init__(self, value: object) -> None:
            """Carry the value."""
            super().__init__()
            self.value = value

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Show nothing yet."""
        super().__init__(id=id)
        self.values: tuple[Value, ...] = ()
        self._chosen: object = None
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._height = 0

    @abstractmethod
    def key(self, value: Value) -> object:
        """Return what tells a value from others, also when its figures change."""

    @abstractmethod
    def heading(self, width: int) -> tuple[Line, Line]:
        """Return what stands at the left and at the right above the rows."""

    @abstractmethod
    def row(self, value: Value, width: int) -> Sequence[Line]:
        """Return the lines of one value."""

    @abstractmethod
    def nothing(self, width: int) -> Sequence[Line]:
        """Return what to say when there are no values."""

    def spacing(self) -> int:
        """Return how many empty lines stand between rows."""
        return 0

    def show(self, values: Sequence[Value]) -> None:
        """Show these values; the chosen one stays chosen wherever it has moved to."""
        self.values = tuple(values)
        self.redraw()

    @property
    def chosen(self) -> int:
        """The place of the chosen value."""
        places = [place for place, value in enumerate(self.values) if self.key(value) == self._chosen]
        return places[0] if places else 0

    def draw(self, width: int) -> Sequence[Line]:
        """Return the heading and every row."""
        body: list[Line] = []
        self._starts, self._ends = [], []
        between = [BLANK] * self.spacing()
        for place, value in enumerate(self.values):
            body += between if place else []
            self._starts.append(1 + len(body))
            body += self.row(value, width)
            self._ends.append(1 + len(body))
        if not self.values:
            body += self.nothing(width)
        self._height = 1 + len(body)
        return [self._heading(width), *body]

    def ground(self, line: int) -> Colour:
        """Return a tint behind the chosen row while the list has the focus."""
        return _CHOSEN if self._is_chosen(line) else Ink.BACKGROUND

    def margin_mark(self, line: int) -> Line:
        """Mark the chosen row without colour as well."""
        return (Piece("▌", Ink.ACCENT),) if self._is_chosen(line) else BLANK

    def hidden_above(self, line: int) -> int:
        """Return how far rows are scrolled; the heading never is."""
        return self.scroll_offset.y if line > 0 else 0

    def on_focus(self, _event: events.Focus) -> None:
        """Show which row is chosen."""
        self.redraw()

    def on_blur(self, _event: events.Blur) -> None:
        """Show no choice."""
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the pointer; a second click opens it."""
        line = event.y + self.hidden_above(event.y)
        places = [place for place, start in enumerate(self._starts) if start <= line]
        if places and line < self._height:
            self._choose(places[-1])
            if event.chain > 1:
                self.action_open()

    def action_move(self, by: int) -> None:
        """Choose another row; past either end the focus moves on."""
        last = len(self.values) - 1
        place = self.chosen + by
        if by in {-1, 1} and not 0 <= place <= last:
            self.screen.focus_previous() if by < 0 else self.screen.focus_next()
            return
        self._choose(max(0, min(place, last)))

    def action_page(self, by: int) -> None:
        """Choose a row one screenful away."""
        self._choose(max(0, min(self.chosen + by * max(1, self.size.height - 2), len(self.values) - 1)))

    def action_open(self) -> None:
        """Ask for the details of the chosen value."""
        if self.values:
            self.post_message(self.Opened(self.values[self.chosen]))

    def _choose(self, place: int) -> None:
        if not self.values:
            return
        self._chosen = self.key(self.values[place])
        first, after = self._starts[place], self._ends[place]
        top, room = self.scroll_offset.y, self.size.height
        if first - 1 < top:
            self.scroll_to(y=first - 1, animate=False)
        elif after > top + room:
            self.scroll_to(y=after - room, animate=False)
        self.redraw()

    def _heading(self, width: int) -> Line:
        name, end = self.heading(width)
        if self.has_focus:
            name = tuple(Piece(piece.text, Ink.ACCENT, bold=True) for piece in name)
        behind = (Piece(" "), *end) if end else ()
        room = width - width_of(name) - width_of(behind) - 1
        return (*name, Piece(f" {'─' * room}", Ink.LINE), *behind) if room > 0 else spread(name, end, width)

    def _is_chosen(self, line: int) -> bool:
        if not self.has_focus or not self.values or line < 1:
            return False
        place = self.chosen
        return self._starts[place] <= line < self._ends[place]
