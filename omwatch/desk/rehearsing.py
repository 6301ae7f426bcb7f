"""Previews: a decision carried out in full up to its notice, and then taken back whole.

So a preview shows what would really be published, and is refused for the reasons for which the decision would be.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from omwatch.desk.session import Session
from omwatch.domain.event import Event, Update


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a decision would publish."""

    event: Event
    """As it would stand, with its timeline; its number, and its update's, may yet be another's."""
    update: Update
    recipients: int


class Rehearsed(Exception):
    """The notice of a rehearsed decision is ready; raising it takes the decision's transaction back."""

    def __init__(self, reached: Rehearsal) -> None:
        """Carry what would be published."""
        self.reached = reached
        super().__init__("a preview, of which nothing is kept")


async def rehearse(session: Session, decide: Callable[[Session], Awaitable[object]]) -> Rehearsal:
    """Return what a decision would publish; nothing is written, and nobody is asked or told.

    Args:
        session: whose decision it would be.
        decide: makes the decision in the session that it is given.

    Raises:
        omwatch.desk.session.NotPossible: the decision would be refused, or publishes nothing.
    """
    try:
        await decide(replace(session, rehearsing=True))
    except Rehearsed as done:
        return done.reached
    raise RuntimeError("only a decision that opens its transaction can be rehearsed")
