"""The states that an operator may meet, by name."""

from datetime import datetime

from omwatch.domain.delivery import DeliveryState
from omwatch.domain.severity import Severity
from omwatch.store import Store
from tests.dashboard.painted import (
    BROKEN,
    FAILED_AT,
    OUTAGE,
    WELL,
    Figures,
    incident,
    maintenance,
    owe_update,
    paint,
    subscribe,
    suggest,
    suggest_resolving,
)

IMPAIRED = Figures(3, Severity.IMPAIRMENT)
PEOPLE = ("ada@example.com", "grace@example.com", "linus@example.com")


async def healthy(store: Store) -> None:
    """Nothing is wrong."""
    await subscribe(store, *PEOPLE)
    await paint(store, [WELL] * 4)


async def outage(store: Store) -> None:
    """A system outage is suggested; another component is impaired."""
    await subscribe(store, *PEOPLE)
    await paint(store, [OUTAGE, IMPAIRED, WELL, WELL])
    await suggest(store, 0)


async def mixed(store: Store) -> None:
    """One agent fails, one check gathers, one probe is broken."""
    await subscribe(store, *PEOPLE)
    await paint(store, [Figures(1, Severity.MINOR), WELL, Figures(0, None, 4), BROKEN])


async def told(store: Store) -> None:
    """An incident was confirmed; one of its notices failed."""
    await subscribe(store, *PEOPLE)
    await paint(store, [OUTAGE, WELL, WELL, WELL])
    failed = "451 4.7.1 Greylisted, please try again in a while"
    await incident(
        store,
        "Agent login: system outage",
        [(DeliveryState.SENT, ""), (DeliveryState.FAILED, failed), (DeliveryState.SENT, "")],
    )


async def window(store: Store) -> None:
    """A component is under maintenance, and fails; the next update about another is overdue."""
    await subscribe(store, *PEOPLE)
    await paint(store, [OUTAGE, WELL, Figures(50, Severity.OUTAGE), WELL])
    number = await incident(store, "Agent login: system outage", [(DeliveryState.SENT, "")] * len(PEOPLE))
    await owe_update(store, number, 75)
    await maintenance(store, "Chat routing")


async def recovered(store: Store) -> None:
    """An incident goes on, and its component is well again."""
    await subscribe(store, *PEOPLE)
    await paint(store, [WELL] * 4)
    number = await incident(store, "Agent login: system outage", [(DeliveryState.SENT, "")] * len(PEOPLE))
    await suggest_resolving(store, number, 0)


def incident_start() -> datetime:
    """When the first attempt behind the painted suggestions failed."""
    return FAILED_AT
