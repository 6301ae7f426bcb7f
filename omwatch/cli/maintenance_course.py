"""The course of a maintenance: the commands that start, verify and complete it, by hand or by the clock."""

from omwatch.cli.common import print_json
from omwatch.cli.deciding import decide
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, DECIDE, Acting, Deciding, Number
from omwatch.cli.texts import OwnTextOption, TextOption, instead, said
from omwatch.domain import plain
from omwatch.domain.event import ByClock


async def start(number: Number, /, *, text: OwnTextOption = None, how: Deciding = DECIDE) -> None:
    """Start a maintenance, early or late, or let it go on after all; its components are under maintenance.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        await decide(session, how, lambda at: maintenance.start(at, number, spoken), "maintenance")


async def verify(number: Number, /, *, text: OwnTextOption = None, how: Deciding = DECIDE) -> None:
    """Say that the work is done, and is being verified.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.verify(at, number, spoken), "maintenance")


async def complete(number: Number, /, *, text: OwnTextOption = None, how: Deciding = DECIDE) -> None:
    """Complete a maintenance; its components are operational.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.complete(at, number, spoken), "maintenance")


async def update(number: Number, /, *, text: TextOption, how: Deciding = DECIDE) -> None:
    """Say something about a maintenance, and leave it as it stands.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = said(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.say(at, number, spoken), "maintenance")


async def automate(number: Number, by_clock: ByClock, /, *, how: Acting = ACT) -> None:
    """Choose what the clock does of a maintenance, and what waits for a hand; nobody is notified.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        by_clock: What the clock does by itself.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        after = await maintenance.automate(session, number, by_clock)
    if how.json:
        print_json(plain.event(after))
    else:
        print(f"maintenance {number}: by clock: {by_clock}")
