"""config.toml, the secrets folder and the environment, read into one checked configuration."""

import os
import re
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from omwatch.config.advice import advice_on_controls, warnings_about
from omwatch.config.checks import build_checks
from omwatch.config.document import Document, read_document
from omwatch.config.home import Home
from omwatch.config.keys import CHECKS, Vocabulary, dotted
from omwatch.config.layers import Layers, read_layers
from omwatch.config.models import Dashboard, Judge, Sections
from omwatch.config.problems import ConfigError, Problem, suggest
from omwatch.config.settings import Config
from omwatch.config.themes import theme_names
from omwatch.config.validation import validate

__all__ = ["Config", "load"]

_LINE = re.compile(r"[^/:]+\.toml:(\d+)")


def load(home: Home, probes: Mapping[str, type[BaseModel] | None], environ: Mapping[str, str] | None = None) -> Config:
    """Return a home's configuration.

    Args:
        home: where config.toml, secrets and themes are.
        probes: the settings model of each probe by its name; None for a probe whose file is broken, so that its
            keys cannot be judged.
        environ: variables that override the files; those of the process unless told.

    Raises:
        ConfigError: there is no config.toml, or something is wrong; it carries every problem at once.
    """
    document = _document(home)
    vocabulary = Vocabulary(document.tree, probes)
    layers = read_layers(home, document, vocabulary, os.environ if environ is None else environ)
    problems = [problem for layer in layers.above for problem in layer.problems]
    sections, troubles = validate(Sections, layers.tree, (), layers, vocabulary)
    problems += troubles
    checks, troubles = build_checks(layers, vocabulary, sections.judge if sections else Judge())
    problems += troubles
    problems += _theme_problems(home, layers)
    if problems or sections is None:
        raise ConfigError(sorted(problems, key=_reading_order))
    tables = {name: getattr(sections, name) for name in Sections.model_fields if name != CHECKS}
    warnings = (*warnings_about(home, document, vocabulary), *advice_on_controls(sections, checks, layers))
    return Config(**tables, checks=MappingProxyType(checks), warnings=warnings)


def _document(home: Home) -> Document:
    try:
        return read_document(home.config, home.config.name)
    except (FileNotFoundError, NotADirectoryError):
        if home.config_file:
            raise ConfigError([Problem("", "", f"no file {home.config_file}")]) from None
        hint = f"no config.toml in {home.root}; make a home with 'omwatch init {home.root}'"
        raise ConfigError([Problem("", "", hint)]) from None


def _theme_problems(home: Home, layers: Layers) -> list[Problem]:
    table = layers.tree.get("dashboard", {})
    theme = table.get("theme", Dashboard().theme) if isinstance(table, dict) else None
    known = theme_names(home)
    if not isinstance(theme, str) or theme in known:
        return []
    path = ("dashboard", "theme")
    return [Problem(layers.where(path), dotted(path), f"no theme '{theme}' in themes/" + suggest(theme, known))]


def _reading_order(problem: Problem) -> tuple[int, int, str, str]:
    """Lines of config.toml come first, from its top to its end; then files and variables by name."""
    found = _LINE.match(problem.where)
    return (0, int(found[1]), "", "") if found else (1, 0, problem.where, problem.key)
