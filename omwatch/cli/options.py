"""Arguments and options that many commands share, each with one type and one meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter, Token

from omwatch.cli.common import AsOption, HomeOption, JsonOption

NEWEST = 100
"""How many a list of all shows at most."""
_LONGEST_NUMBER = 18  # digits; a database counts no further


def _whole(_type: Any, tokens: Sequence[Token]) -> int:  # noqa: ANN401 - cyclopts hands the annotation over
    """Return a number that is written in digits alone: a half must not become the number of something else."""
    written = tokens[0].value
    if not (written.isascii() and written.isdigit()):
        raise ValueError("must be a whole number")
    if len(written) > _LONGEST_NUMBER:
        raise ValueError(f"must have at most {_LONGEST_NUMBER} digits")
    return int(written)


Number = Annotated[int, Parameter(converter=_whole)]
"""A count, or the number of an incident, a ticket and the like."""
SomeNumber = Annotated[int | None, Parameter(converter=_whole)]
"""The same, where it may be left out."""
Grade = Literal[1, 2, 3, 4]
"""One of the four severities."""
Several = Annotated[Sequence[str], Parameter(negative=())]
"""An option that may be given several times."""
When = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""An instant, which may be written -20m; :func:`omwatch.cli.times.instant` reads it."""
SomeWhen = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
"""The same, where it may be left out."""
ForOption = Annotated[str | None, Parameter(name="--for", allow_leading_hyphen=True)]
"""The ``--for`` of commands that ask how long; :func:`omwatch.cli.times.span` reads it."""
Spans = Annotated[Sequence[str], Parameter(negative=(), allow_leading_hyphen=True)]
"""Spans of time, of which there may be several."""
Switch = Annotated[bool, Parameter(negative=())]
"""An option that is off unless given."""
AllOption = Annotated[bool, Parameter(name="--all", negative=())]
"""The ``--all`` of lists; give it ``False`` as its default."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """In which form something is printed, and which home it is read from."""

    json: JsonOption = False
    """Print JSON."""
    home: HomeOption = Path()
    """The folder with config.toml, probes and data."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who does something where, and in which form its outcome is printed."""

    json: JsonOption = False
    """Print JSON."""
    as_: AsOption = None
    """Who decides, where config.toml allows to say so."""
    home: HomeOption = Path()
    """The folder with config.toml, probes and data."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding(Acting):
    """Who decides where, and whether it is only to be shown."""

    preview: Switch = False
    """Show the notice and how many people would get it, and publish nothing."""


READ = Reading()
ACT = Acting()
DECIDE = Deciding()
"""What holds unless told: print words, in the working folder, as the system's user."""
