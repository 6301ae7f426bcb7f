"""Mistakes in configuration: where each is, and what to write instead."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from omwatch.domain.safetext import clean

_LONGEST = 2000  # characters of a line


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, or one warning, printed as ``config.toml:17 checks.agent-login.evry: unknown key``."""

    where: str
    """File and line, the name of an environment variable, or a secret's file; empty when no place is at fault."""
    key: str
    """The dotted key; empty when no key is at fault."""
    message: str

    def __str__(self) -> str:
        """Return the line that operators read."""
        place = " ".join(part for part in (self.where, self.key) if part)
        return clean(f"{place}: {self.message}" if place else self.message, _LONGEST)


class ConfigError(Exception):
    """The configuration cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Carry the problems, in the order they should be read."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def suggest(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'every'?", or the list of what is known when nothing comes close."""
    names = sorted(known)
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known here: {', '.join(names)}" if names else ""
