"""Themes: what colours mean on the screen, one TOML file each, checked so that everybody can read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo

from omwatch.config.document import Document, read_document
from omwatch.config.home import Home
from omwatch.config.keys import fields_of
from omwatch.config.lines import KeyPath
from omwatch.config.problems import ConfigError, Problem, suggest
from omwatch.config.units import Switch
from omwatch.config.validation import validate
from omwatch.config.values import Table

LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA), for text of ordinary size."""
_LINEAR_BELOW = 0.04045  # where the sRGB curve begins to bend
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TEXTS = ("foreground", "muted", "accent", "outage", "impairment", "minor", "healthy", "gathering", "maintenance")


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise ValueError("must be a colour such as #1f2933")
    return value.lower()


Colour = Annotated[str, AfterValidator(_colour)]
"""A colour as ``#rrggbb``."""


class ThemeTable(Table):
    """The keys of a theme's file."""

    dark: Switch = Field(description="whether light text stands on a dark ground", examples=[True])
    background: Colour = Field(description="the ground of the screen", examples=["#10151b"])
    surface: Colour = Field(description="the ground of panels and banners", examples=["#19212a"])
    foreground: Colour = Field(description="ordinary text", examples=["#d5dde6"])
    muted: Colour = Field(description="text of less weight, such as times", examples=["#8e9cab"])
    accent: Colour = Field(description="what has the focus, and keys to press", examples=["#74b3ec"])
    outage: Colour = Field(description="severity 1, system outage", examples=["#ff7369"])
    impairment: Colour = Field(description="severity 2, major impairment", examples=["#f0a050"])
    minor: Colour = Field(description="severity 3, minor loss of service", examples=["#e2cc5c"])
    healthy: Colour = Field(description="nothing beyond ordinary noise fails", examples=["#62c08b"])
    gathering: Colour = Field(description="too few attempts to say anything", examples=["#8fa6bd"])
    maintenance: Colour = Field(description="under maintenance", examples=["#b7a1f0"])
    line: Colour = Field(description="borders and rules", examples=["#2c3845"])


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of colours, each ``#rrggbb``."""

    name: str
    dark: bool
    background: str
    surface: str
    foreground: str
    muted: str
    accent: str
    outage: str
    impairment: str
    minor: str
    healthy: str
    gathering: str
    maintenance: str
    line: str


def read_themes(home: Home) -> tuple[dict[str, Theme], tuple[Problem, ...]]:
    """Return a home's themes that are in order, and what is wrong with the others."""
    themes: dict[str, Theme] = {}
    problems: list[Problem] = []
    for name in theme_names(home):
        try:
            themes[name] = read_theme(home, name)
        except ConfigError as error:
            problems += error.problems
    return themes, tuple(problems)


def theme_names(home: Home) -> list[str]:
    """Return the names of a home's themes, whether they are in order or not."""
    return sorted(file.stem for file in home.themes.glob("*.toml"))


def read_theme(home: Home, name: str) -> Theme:
    """Return one theme.

    Raises:
        ConfigError: there is none of that name, or something is wrong with it; it carries every problem at once.
    """
    names = theme_names(home)
    if name not in names:
        raise ConfigError([Problem("", "", f"no theme '{name}' in themes/{suggest(name, names)}")])
    document = read_document(home.themes / f"{name}.toml", f"themes/{name}.toml")
    table, problems = validate(ThemeTable, document.tree, (), document, _Keys())
    if table is None:
        raise ConfigError(problems)
    theme = Theme(name=name, **table.model_dump())
    faint = _faint(theme, document)
    if faint:
        raise ConfigError(faint)
    return theme


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, from 1 (the same) to 21 (black and white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class _Keys:
    """What may stand in a theme's file."""

    def names(self, path: KeyPath) -> tuple[str, ...] | None:
        return None if path else tuple(fields_of(ThemeTable))

    def field(self, path: KeyPath) -> FieldInfo | None:
        return fields_of(ThemeTable).get(str(path[0])) if path else None


def _faint(theme: Theme, document: Document) -> list[Problem]:
    colours: Mapping[str, str] = {name: getattr(theme, name) for name in _TEXTS}
    ratios = {name: contrast(colour, theme.background) for name, colour in colours.items()}
    way = "lighter" if theme.dark else "darker"
    return [
        Problem(
            document.where((name,)),
            name,
            f"contrast with background is {ratio:.1f}:1, too faint to read; make it {way}, to {LEAST_CONTRAST}:1",
        )
        for name, ratio in ratios.items()
        if ratio < LEAST_CONTRAST
    ]


def _luminance(colour: str) -> float:
    # WCAG 2.2, "relative luminance", for sRGB.
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
