"""The course of a maintenance: the commands that start, verify and complete it, or say how it goes."""

from omwatch.cli.deciding import AT_ONCE, Deciding, decide
from omwatch.cli.opened import at_desk


async def start(number: int, /, *, text: str = "", how: Deciding = AT_ONCE) -> None:
    """Start a maintenance, early or late, or let it go on after all; its components are under maintenance.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read, instead of the draft.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        await decide(session, how, lambda at: maintenance.start(at, number, text), "maintenance")


async def verify(number: int, /, *, text: str = "", how: Deciding = AT_ONCE) -> None:
    """Say that the work is done, and is being verified.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read, instead of the draft.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.verify(at, number, text), "maintenance")


async def complete(number: int, /, *, text: str = "", how: Deciding = AT_ONCE) -> None:
    """Complete a maintenance; its components are operational.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read, instead of the draft.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.complete(at, number, text), "maintenance")


async def update(number: int, /, *, text: str, how: Deciding = AT_ONCE) -> None:
    """Say something about a maintenance, and leave it as it stands.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        text: What subscribers read.
        how: Who decides where, and whether it is only to be shown.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        await decide(session, how, lambda at: maintenance.say(at, number, text), "maintenance")
