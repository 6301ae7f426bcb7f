"""What the command palette offers: our own actions, and none that writes files or opens links."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import SystemCommand

if TYPE_CHECKING:
    from omwatch.dashboard.app import Dashboard


def commands(app: "Dashboard") -> Iterator[SystemCommand]:
    """Return what can be done now."""
    if app.check_action("confirm", ()):
        yield SystemCommand("Confirm", "Confirm the suggestion", app.action_confirm)
        yield SystemCommand("Dismiss", "Dismiss the suggestion", app.action_dismiss)
    if app.check_action("undo", ()):
        yield SystemCommand("Undo", "Take back the last notice, while it is held", app.action_undo)
    yield SystemCommand("Theme", "Switch to the next theme", app.action_next_theme)
    yield SystemCommand("Help", "Show keys and glyphs", app.action_help)
    yield SystemCommand("Quit", "Leave the dashboard", app.action_quit)
