"""``omwatch deadline``: what is owed by when, and leaving on-call alone about it for a while."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from omwatch.cli.common import print_json
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, READ, Acting, Number, Reading
from omwatch.cli.times import shown, span
from omwatch.domain import plain
from omwatch.domain.deadline import work_in_words

if TYPE_CHECKING:
    from omwatch.desk.deadlines import Owed
    from omwatch.desk.session import Session

app = App(name="deadline")


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List all that is owed now, the earliest first.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk.deadlines import owed  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        async with session.store.reading() as connection:
            found = await owed(connection, session.now)
    listed(
        found,
        lambda item: _plain(session, item),
        lambda item: _line(session, item),
        "nothing is owed",
        json=how.json,
    )


@app.command
async def snooze(
    number: Number,
    /,
    *,
    for_: Annotated[str, Parameter(name="--for", allow_leading_hyphen=True)],
    how: Acting = ACT,
) -> None:
    """Leave on-call alone about a deadline for a while; it stays owed, and what is overdue is said again afterwards.

    Args:
        number: The deadline's number, from 'omwatch deadline list'.
        for_: How long, such as 30m or 2h; a day at most.
        how: Who does it where.
    """
    length = span(for_)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import deadlines  # noqa: PLC0415 - as above

        after = await deadlines.snooze(session, number, length)
    if how.json:
        print_json(plain.deadline(after, session.now))
        return
    until = shown(session.now + length, session.policy.levels.hours.zone)
    print(f"deadline {number}: on-call is not reminded of it before {until}")


def _line(session: "Session", item: "Owed") -> str:
    owed, now, levels = item.deadline, session.now, session.policy.levels
    what = f"{owed.duty} for {owed.about} {owed.about_id}: {item.title}"
    due = f"due {shown(owed.due_at, levels.hours.zone)}, {owed.standing(now)}"
    until = owed.snoozed_until
    snoozed = f"; snoozed until {shown(until, levels.hours.zone)}" if until and until > now else ""
    work = work_in_words(owed.severity, now, levels)
    return f"{owed.id:>4}  {item.state:<8}  severity {owed.severity:d}  {what}  {due}; remediation {work}{snoozed}"


def _plain(session: "Session", item: "Owed") -> dict[str, Any]:
    levels, now = session.policy.levels, session.now
    return {
        **plain.deadline(item.deadline, now),
        "title": item.title,
        "left_seconds": (item.deadline.due_at - now).total_seconds(),
        "remediation_opens_at": plain.instant(levels.remediation_opens(item.deadline.severity, now)),
    }
