"""What the clock does by itself: deadlines, maintenance windows, what clients' reports suggest, and lost notices."""

import structlog
from sqlalchemy.exc import DBAPIError

from omwatch.clock import Clock
from omwatch.desk import broadcasting, deadlines, maintenance_clock, reported
from omwatch.desk.session import NotPossible, Session
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE
from omwatch.store import Store

EVERY_SECONDS = 1.0
_PARTS = (maintenance_clock.by_clock, reported.by_clock, deadlines.by_clock, broadcasting.by_clock)
_log = structlog.get_logger()


async def keep_time(store: Store, policy: Policy, clock: Clock) -> None:
    """Do what is due, once a second, until cancelled; decisions are written down as those of operator "omwatch"."""
    while True:
        await by_clock(Session(store, MACHINE, clock.now(), policy))
        await clock.sleep(EVERY_SECONDS)


async def by_clock(session: Session) -> None:
    """Do what is due now; a part that cannot do its work holds none of the others up, and tries again."""
    for part in _PARTS:
        try:
            await part(session)
        except DBAPIError as error:
            _log.error("the clock's decisions wait: the store cannot be used", error=str(error.orig))
        except NotPossible as reason:
            # A person was quicker; the next look sees it.
            _log.warning("the clock did not do what it meant to", reason=str(reason))
