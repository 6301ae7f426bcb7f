"""Themes: read, checked, and readable for everybody."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.config.home import Home
from omwatch.config.problems import ConfigError
from omwatch.config.shipped import defaults
from omwatch.config.themes import contrast, read_theme, read_themes

COLOURS = (
    "foreground",
    "muted",
    "accent",
    "outage",
    "impairment",
    "minor",
    "healthy",
    "gathering",
    "maintenance",
)
PLAIN = 'dark = true\nbackground = "#000000"\nsurface = "#111111"\nline = "#333333"\n' + "".join(
    f'{name} = "#ffffff"\n' for name in COLOURS
)
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.themes.mkdir()
    return home


def problems_of(home: Home, text: str) -> list[str]:
    (home.themes / "mine.toml").write_text(text)
    themes, problems = read_themes(home)
    assert themes == {}
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_shipped_theme_is_readable_on_its_ground_and_on_its_panels(name: str) -> None:
    theme = read_theme(Home(defaults()), name)
    assert theme.dark is (name == "dark")
    for ground in (theme.background, theme.surface):
        assert {key: ratio for key in COLOURS if (ratio := contrast(getattr(theme, key), ground)) < 4.5} == {}


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_shipped_theme_gives_each_severity_a_colour_of_its_own(name: str) -> None:
    theme = read_theme(Home(defaults()), name)
    states = (theme.outage, theme.impairment, theme.minor, theme.healthy, theme.gathering, theme.maintenance)
    assert len(set(states)) == len(states)


def test_a_theme_is_named_after_its_file(home: Home) -> None:
    (home.themes / "mine.toml").write_text(PLAIN)
    theme = read_theme(home, "mine")
    assert (theme.name, theme.dark, theme.background, theme.outage) == ("mine", True, "#000000", "#ffffff")


def test_a_theme_that_is_not_there_is_refused_with_a_suggestion(home: Home) -> None:
    (home.themes / "dark.toml").write_text(PLAIN)
    with pytest.raises(ConfigError, match=r"^no theme 'drak' in themes/; did you mean 'dark'\?$"):
        read_theme(home, "drak")


def test_a_theme_cannot_be_named_out_of_its_folder(home: Home) -> None:
    (home.root / "secret.toml").write_text(PLAIN)
    with pytest.raises(ConfigError, match="no theme"):
        read_theme(home, "../secret")


def test_unknown_missing_and_bad_colours_come_together(home: Home) -> None:
    text = PLAIN.replace('"#111111"', '"#11111"').replace("outage", "outrage").replace("dark = true", "dark = 1")
    assert problems_of(home, text) == [
        "themes/mine.toml:1 dark: must be true or false, found 1; for example true",
        'themes/mine.toml:3 surface: must be a colour such as #1f2933, found "#11111"; for example "#19212a"',
        'themes/mine.toml outage: missing; write for example "#ff7369"',
        "themes/mine.toml:8 outrage: unknown key; did you mean 'outage'?",
    ]


def test_a_colour_too_faint_says_how_faint_and_which_way(home: Home) -> None:
    text = PLAIN.replace('foreground = "#ffffff"', 'foreground = "#555555"')
    assert problems_of(home, text) == [
        "themes/mine.toml:5 foreground: contrast with background is 2.8:1, too faint to read; make it lighter, to 4.5:1"
    ]


def test_a_file_that_is_no_toml_is_named(home: Home) -> None:
    assert problems_of(home, "dark = yes\n") == [
        'themes/mine.toml:1:8: no value here that TOML knows; text needs quotes: key = "text"'
    ]


def test_one_bad_theme_leaves_the_others(home: Home) -> None:
    (home.themes / "bad.toml").write_text("")
    (home.themes / "good.toml").write_text(PLAIN)
    themes, problems = read_themes(home)
    assert list(themes) == ["good"]
    assert len(problems) == 13


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_contrast_agrees_with_the_published_example() -> None:
    # WCAG's own: #767676 is the lightest grey that reaches 4.5:1 on white.
    assert contrast("#767676", "#ffffff") >= 4.5 > contrast("#777777", "#ffffff")


@given(one=colours, other=colours)
def test_contrast_has_no_direction_and_stays_in_its_bounds(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001
    assert contrast(one, one) == 1
