"""The dashboard's app: themes, keys, and the one route from the store to the screens."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from omwatch.children import Crew
from omwatch.clock import Clock
from omwatch.dashboard.help import help_lines
from omwatch.dashboard.inert import Inert
from omwatch.dashboard.operator import CannotAct, Operator
from omwatch.dashboard.palette import commands
from omwatch.dashboard.poller import Poller
from omwatch.dashboard.screens.board import Board
from omwatch.dashboard.screens.confirm import ConfirmScreen, Decided
from omwatch.dashboard.screens.dismiss import DismissScreen
from omwatch.dashboard.screens.reading import ReadingScreen
from omwatch.dashboard.setup import Setup
from omwatch.dashboard.theming import inks, textual_theme
from omwatch.dashboard.view import Follower, Reading, View
from omwatch.dashboard.wording import Wall, ranked
from omwatch.domain.safetext import clean
from omwatch.domain.suggestion import Suggestion

_TICK = 1.0
_PATIENCE = 3.0
"""Seconds that a key may wait for the store before it gives up."""


class Dashboard(App[None]):
    """What operators look at."""

    TITLE = "omwatch"
    # The board is the default screen, whose own CSS_PATH Textual does not read.
    CSS_PATH = "screens/board.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        # These two go first, so that an Enter typed right behind reaches the screen that they open.
        Binding("c", "confirm", "Confirm", priority=True),
        Binding("d", "dismiss", "Dismiss", priority=True),
        Binding("u", "undo", "Undo"),
        Binding("t", "next_theme", "Theme"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, setup: Setup, clock: Clock, crew: Crew | None = None) -> None:
        """Prepare.

        Args:
            setup: what to show.
            clock: the time to show.
            crew: the processes to start beside the dashboard, after its first paint; whoever made it ends them.
        """
        self._setup = setup
        super().__init__()
        self._clock = clock
        self._crew = crew or Crew((), clock)
        self._reading = Reading()
        self._held: Decided | None = None
        self._offered = (False, False)
        self._poller = Poller(setup.database, clock, self._take)
        self.operator = Operator(
            lambda: self._poller.store, clock, setup.organisation, setup.page_url, setup.operator, setup.policy
        )
        for theme in setup.themes.values():
            self.register_theme(textual_theme(theme))
        self.theme = setup.theme

    @property
    def view(self) -> View:
        """What there is to show now."""
        return View(
            wall=Wall(self._clock.now(), self._setup.zone),
            reading=self._reading,
            organisation=self._setup.organisation,
            outage_percent=self._setup.outage_percent,
            troubles=self._crew.troubles,
            starting=self._crew.starting,
            may_decide=self.operator.may_write,
        )

    def get_default_screen(self) -> Screen[None]:
        """Return the board."""
        return Board(self.view)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our inks for Textual's own themes, which do not know them."""
        return inks(self._setup.themes[self._setup.theme])

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Let nothing out that could act on a terminal."""
        return [*super().get_line_filters(), Inert()]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - the same on all
        """Return what the palette offers."""
        yield from commands(self)

    def on_mount(self) -> None:
        """Begin to look, and to keep time, once the first paint is out."""
        self.set_interval(_TICK, self._refresh)
        self.call_after_refresh(self._begin)

    async def on_unmount(self) -> None:
        """Close the store."""
        await self._poller.close()

    def _begin(self) -> None:
        self.run_worker(self._poller.run(), name="poller")
        self.run_worker(self._crew.keep(), name="crew")

    def _take(self, reading: Reading) -> None:
        urgent = reading.calls_for_attention(self._reading)
        self._reading = reading
        if urgent:
            self._refresh()

    def _refresh(self) -> None:
        view = self.view
        for screen in self.screen_stack:
            if isinstance(screen, Follower):
                # A last tick may come while a screen is being taken down, some of its widgets gone already.
                with suppress(NoMatches):
                    screen.follow(view)
        if self._held and self._held.leaves_at and self._held.leaves_at <= view.wall.now:
            self._held = None
        offered = (self._suggestion() is not None, self._held is not None)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to decide only where there is something to decide, and only on the board."""
        if action in {"confirm", "dismiss"}:
            return isinstance(self.screen, Board) and self._suggestion() is not None and self.operator.may_write
        if action == "undo":
            return isinstance(self.screen, Board) and self._held is not None
        return super().check_action(action, parameters)

    async def action_confirm(self) -> None:
        """Show what confirming the first suggestion would publish."""
        suggestion = self._suggestion()
        if suggestion is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                shown = await self.operator.preview(suggestion.id)
        except (CannotAct, TimeoutError) as reason:
            self._tell(str(reason) or "the store does not answer", "warning")
            return
        await self.push_screen(ConfirmScreen(self.operator, shown, self.view), self._on_confirmed)

    async def action_dismiss(self) -> None:
        """Ask why the first suggestion is to be set aside."""
        suggestion = self._suggestion()
        if suggestion is not None:
            await self.push_screen(DismissScreen(self.operator, suggestion), self._on_decided)

    async def action_next_theme(self) -> None:
        """Switch to the next theme of the home."""
        names = list(self._setup.themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    async def action_help(self) -> None:
        """Show what the keys do."""
        await self.push_screen(ReadingScreen("Keys and glyphs", help_lines()))

    async def action_undo(self) -> None:
        """Take back the notice that was confirmed last, while it is held."""
        held, self._held = self._held, None
        if held is None or held.update is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.operator.undo(held.update)
        except (CannotAct, TimeoutError) as reason:
            self._tell(str(reason) or "the store does not answer", "warning")
            return
        self._on_decided("Taken back; nobody was told")

    def _on_confirmed(self, done: Decided | None) -> None:
        if done is not None:
            self._held = done if done.update is not None else None
            self._on_decided(done.text)

    def _on_decided(self, done: str | None) -> None:
        if done is not None:
            self._poller.look_now()
            self._tell(done)

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(clean(text), severity=severity, markup=False)

    def _suggestion(self) -> Suggestion | None:
        look = self._reading.overview
        waiting = ranked(look.suggestions) if look and not self._reading.lost else []
        return waiting[0] if waiting else None
