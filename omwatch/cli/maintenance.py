"""``omwatch maintenance``: windows in which the platform is worked on, by hand and by the clock."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli import maintenance_words
from omwatch.cli.common import Misused, print_json
from omwatch.cli.components import note_strangers
from omwatch.cli.deciding import decide, preview
from omwatch.cli.listing import listed
from omwatch.cli.maintenance_course import automate, complete, start, update, verify
from omwatch.cli.opened import at_desk
from omwatch.cli.options import (
    DECIDE,
    NEWEST,
    READ,
    AllOption,
    Deciding,
    ForOption,
    Number,
    Reading,
    Several,
    SomeNumber,
    SomeWhen,
    Spans,
    Switch,
    When,
)
from omwatch.cli.outcome import published, tell
from omwatch.cli.texts import OwnTextOption, instead
from omwatch.cli.times import instant, span
from omwatch.cli.wrapping import say
from omwatch.domain.event import ByClock, EventKind, MaintenanceKind, Window

if TYPE_CHECKING:
    from omwatch.desk.publishing import Published
    from omwatch.desk.session import Session

_NO_REMINDER = "none"

app = App(name="maintenance")
for _command in (start, verify, complete, update, automate):
    app.command(_command)


@app.command
async def schedule(  # noqa: PLR0913 - one for each option
    title: str,
    /,
    *,
    start: When,
    component: Several,
    end: SomeWhen = None,
    for_: ForOption = None,
    kind: MaintenanceKind | None = None,
    corrects: SomeNumber = None,
    by_clock: ByClock = ByClock.BOTH,
    remind: Spans = ("60m",),
    repeat: str = "",
    text: OwnTextOption = None,
    how: Deciding = DECIDE,
) -> None:
    """Schedule a maintenance, and notify every subscriber of the topic.

    Args:
        title: What it is, in one line.
        start: When it begins: "2026-11-24 22:00" in local time, or with its offset, or "now", or "+2h" from now.
        component: What it takes out of service, as the page calls it; several times for several.
        end: When it ends; written like its start.
        for_: How long it lasts, instead of its end: "2h".
        kind: Why it is done; unless told, corrective with --corrects, and planned without.
        corrects: The number of the incident that it corrects.
        by_clock: What the clock does by itself; the rest waits for a hand.
        remind: How long before its start subscribers are reminded; several times for several; "none" for never.
        repeat: How it recurs, as a rule of RFC 5545: "FREQ=MONTHLY;BYDAY=2SU". The start must be a date of the rule.
        text: What subscribers read instead of the draft, of each date that recurs; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance, planning  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

        usual = MaintenanceKind.PLANNED if corrects is None else MaintenanceKind.CORRECTIVE
        plan = planning.Plan(
            title=title,
            components=component,
            window=_window(session, start, end, for_),
            kind=kind or usual,
            by_clock=by_clock,
            remind_before=_reminders(remind),
            corrects=corrects,
            text=spoken,
            repeat=repeat,
        )
        await note_strangers(session, component)
        await decide(session, how, lambda at: maintenance.schedule(at, plan), "maintenance")


@app.command(name="list")
async def list_(*, all_: AllOption = False, how: Reading = READ) -> None:
    """List the maintenance that goes on or lies ahead, the earliest first.

    Args:
        all_: The newest hundred instead, with what is over.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import events, series  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            newest = await events.newest(connection, EventKind.MAINTENANCE, NEWEST) if all_ else []
            found = newest or await events.maintenances(connection)
            rules = await series.rules(connection)
    repeats = [rules.get(item.maintenance.series or 0) if item.maintenance else None for item in found]
    listed(
        list(zip(found, repeats, strict=True)),
        lambda pair: maintenance_words.as_json(*pair),
        lambda pair: maintenance_words.line(*pair, session.policy.zone),
        "no maintenance yet" if all_ else "no maintenance goes on or lies ahead",
        json=how.json,
    )


@app.command
async def show(number: Number, /, *, how: Reading = READ) -> None:
    """Show a maintenance with all that was said of it.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above
        from omwatch.store import deliveries, series  # noqa: PLC0415

        async with session.store.reading() as connection:
            found = await maintenance.maintenance(connection, number)
            rules = await series.rules(connection)
            told = await deliveries.counts_by_update(connection, [item.id for item in found.updates])
    repeat = rules.get(found.maintenance.series or 0) if found.maintenance else None
    if how.json:
        print_json(maintenance_words.as_json(found, repeat))
    else:
        say("\n".join(maintenance_words.page(found, repeat, told, session.now, session.policy.zone)))


@app.command
async def cancel(
    number: Number, /, *, why: str, series: Switch = False, text: OwnTextOption = None, how: Deciding = DECIDE
) -> None:
    """Cancel a maintenance that has not begun; a recurring one goes on with its next date.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        why: The reason, for operators; subscribers don't read it.
        series: End all of its series, and cancel each of its dates that has not begun.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance  # noqa: PLC0415 - as above

        if series:
            await _cancel_series(session, how, number, lambda at: maintenance.cancel_series(at, number, why, spoken))
        else:
            await decide(session, how, lambda at: maintenance.cancel(at, number, why, spoken), "maintenance")


@app.command
async def reschedule(
    number: Number,
    /,
    *,
    start: SomeWhen = None,
    end: SomeWhen = None,
    text: OwnTextOption = None,
    how: Deciding = DECIDE,
) -> None:
    """Give a maintenance another window; while it goes on, another end.

    Args:
        number: The maintenance's number, from 'omwatch maintenance list'.
        start: When it begins; given alone, it lasts as long as before.
        end: When it ends.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    if start is None and end is None:
        raise Misused('say what moves: --start "2026-11-24 22:00", or --end, or both')
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import maintenance, planning  # noqa: PLC0415 - as above

        zone, now = session.policy.zone, session.now
        starts_at, ends_at = (None if each is None else instant(each, zone, now) for each in (start, end))
        move = planning.Move(starts_at, ends_at)
        await decide(session, how, lambda at: maintenance.reschedule(at, number, move, spoken), "maintenance")


def _window(session: "Session", start: str, end: str | None, lasts: str | None) -> Window:
    if (end is None) == (lasts is None):
        raise Misused('say when it ends, with --end "2026-11-25 00:00", or how long it lasts, with --for 2h')
    starts_at = instant(start, session.policy.zone, session.now)
    if lasts is not None:
        return Window(starts_at, starts_at + span(lasts))
    return Window(starts_at, instant(end or "", session.policy.zone, session.now))


def _reminders(words: Sequence[str]) -> tuple[timedelta, ...]:
    if _NO_REMINDER not in words:
        return tuple(map(span, words))
    if len(words) > 1:
        raise Misused(f"--remind {_NO_REMINDER} is given together with others; leave it out, or them")
    return ()


async def _cancel_series(
    session: "Session", how: Deciding, number: int, decision: "Callable[[Session], Awaitable[Sequence[Published]]]"
) -> None:
    if how.preview:
        await preview(session, decision, json=how.json)
        return
    cancelled = await decision(session)
    if how.json:
        print_json([published(done) for done in cancelled])
        return
    for done in cancelled:
        tell(session, done, "maintenance")
    print(f"the series of maintenance {number} has ended")
