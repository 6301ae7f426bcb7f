"""Themes of the home as Textual wants them."""

from textual.theme import Theme as TextualTheme

from omwatch.config.themes import Theme
from omwatch.dashboard.paint import Ink, variable


def textual_theme(theme: Theme) -> TextualTheme:
    """Return a theme of the home for Textual's own widgets, with our inks as variables."""
    return TextualTheme(
        name=theme.name,
        primary=theme.accent,
        secondary=theme.muted,
        warning=theme.impairment,
        error=theme.outage,
        success=theme.healthy,
        accent=theme.accent,
        foreground=theme.foreground,
        background=theme.background,
        surface=theme.surface,
        panel=theme.surface,
        dark=theme.dark,
        variables={
            **inks(theme),
            "footer-background": theme.surface,
            "footer-foreground": theme.muted,
            "footer-description-foreground": theme.muted,
            "footer-key-foreground": theme.accent,
            "input-selection-background": f"{theme.accent} 35%",
            "scrollbar": theme.line,
            "scrollbar-hover": theme.muted,
            "scrollbar-active": theme.accent,
            "scrollbar-background": theme.surface,
            "scrollbar-background-hover": theme.surface,
            "scrollbar-background-active": theme.surface,
            "scrollbar-corner-color": theme.surface,
            "border": theme.accent,
            "border-blurred": theme.line,
        },
    )


def inks(theme: Theme) -> dict[str, str]:
    """Return the variables by which style sheets and palettes know a theme's colours."""
    return {variable(ink): str(getattr(theme, ink.value)) for ink in Ink}
