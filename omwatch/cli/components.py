"""Components as operators name them."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from omwatch.domain.safetext import clean

if TYPE_CHECKING:
    from omwatch.desk.session import Session


async def note_strangers(session: "Session", components: Sequence[str]) -> None:
    """Say on stderr which components no check watches; a slip of the pen there would excuse nothing."""
    from omwatch.store import assessments  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

    async with session.store.reading() as connection:
        watched = sorted({state.assessment.component for state in await assessments.every(connection)})
    known = {name.casefold() for name in watched}
    named = dict.fromkeys(filter(None, map(clean, components)))
    strangers = [name for name in named if name.casefold() not in known]
    if watched and strangers:
        print(f"note: no check watches {', '.join(strangers)}; the checks watch {', '.join(watched)}", file=sys.stderr)
