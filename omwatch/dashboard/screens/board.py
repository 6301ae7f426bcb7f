"""The board: everything at once, and nothing that moves without need."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from omwatch.dashboard.details import details
from omwatch.dashboard.screens.reading import ReadingScreen
from omwatch.dashboard.view import View
from omwatch.dashboard.widgets.components import Components
from omwatch.dashboard.widgets.deliveries import Deliveries
from omwatch.dashboard.widgets.incidents import Incidents
from omwatch.dashboard.widgets.rows import Rows
from omwatch.dashboard.widgets.sentences import Banner, Lamps, Title, WallClock


class Board(Screen[None]):
    """Header, verdict, components, open incidents, deliveries, keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.focus_next", "Next list", key_display="Tab")]
    AUTO_FOCUS = "Components"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it on instances
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 - Textual declares it on instances

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        """Lay everything out, top to bottom."""
        with Horizontal(id="top"):
            yield Title(self._view)
            yield WallClock(self._view)
        yield Lamps(self._view)
        yield Banner(self._view)
        yield Components(self._view)
        with Container(id="below"):
            yield Incidents(self._view)
            yield Deliveries(self._view)
        yield Footer(show_command_palette=False)

    def follow(self, view: View) -> None:
        """Show another view."""
        self._view = view
        if not self.is_mounted:
            return
        with self.app.batch_update():
            self.query_one(WallClock).show(view)
            self.query_one(Lamps).show(view)
            self.query_one(Banner).show(view)
            self.query_one(Components).update(view)
            self.query_one(Incidents).update(view)
            self.query_one(Deliveries).update(view)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        """Show one value in full."""
        self.app.push_screen(ReadingScreen(*details(message.value, self._view.wall)))
