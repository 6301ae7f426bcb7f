"""Apprise URLs as commands take them: read so that no history keeps them, and tried before anybody relies on them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omwatch.cli.common import Refused

if TYPE_CHECKING:
    from omwatch.config.keyring import Keyring


def lines_of_stdin() -> list[str]:
    """Return the lines of standard input that say something."""
    return [line.strip() for line in sys.stdin or () if line.strip()]


def problem(address: str) -> str:
    """Return why nothing could be sent to an Apprise URL; empty where it is none, or in order."""
    from omwatch.domain.destination import destination  # noqa: PLC0415 - few commands take a URL

    if "://" not in address:
        return ""
    try:
        url = destination(address)
    except ValueError:
        return ""  # what lists show of a URL, or something that the desk refuses
    from omwatch.broadcast.destination import Destination  # noqa: PLC0415 - needs Apprise
    from omwatch.clock import SystemClock  # noqa: PLC0415

    return Destination(url, SystemClock()).problem()


def refuse_unusable(address: str) -> None:
    """Refuse an Apprise URL to which nothing could be sent.

    Raises:
        Refused: with the reason.
    """
    why = problem(address)
    if why:
        raise Refused(f"{why}; nothing was changed")


def keyring(home_dir: Path) -> "Keyring":
    """Return a home's keyring; nothing is read yet."""
    from omwatch.config.home import Home  # noqa: PLC0415 - `omwatch --help` must not wait for it
    from omwatch.config.keyring import Keyring  # noqa: PLC0415

    return Keyring(Home(home_dir))
