"""Components as operators name them: spelled as the checks spell them, so that one thing has one name."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.desk.session import line
from omwatch.store import assessments


async def spelled(connection: AsyncConnection, names: Iterable[str]) -> list[str]:
    """Return components, each once, in the spelling of the checks; what no check watches stays as it is.

    Raises:
        omwatch.desk.session.NotPossible: nothing is left of a name.
    """
    watched = [state.assessment.component for state in await assessments.every(connection)]
    return list(dict.fromkeys(alike(line(name, "a component's name"), watched) for name in names))


def alike(name: str, known: Iterable[str]) -> str:
    """Return the known name that differs in its capitals alone, if there is one, and else the name itself."""
    names = sorted(known)
    by_letters = {one.casefold(): one for one in names}
    return name if name in names else by_letters.get(name.casefold(), name)
