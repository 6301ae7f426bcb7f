"""``omwatch broadcast``: what is sent, what is not, and to whom it would be."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from omwatch.cli.common import Misused, print_json
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, READ, Acting, Grade, Number, Reading, Several, SomeNumber
from omwatch.cli.subscriber_words import entry, entry_as_dict, line
from omwatch.cli.times import shown
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.judge import plural
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Audience, Topic

if TYPE_CHECKING:
    from omwatch.desk.broadcasting import Standing
    from omwatch.desk.session import Session

_ERRORS_SHOWN = 20
_HANG = 6

app = App(name="broadcast", help="Pause, preview, retry and look into what is sent.")


@app.command
async def status(*, how: Reading = READ) -> None:
    """Show whether notices leave, how many wait, and what keeps those from arriving that do not.

    Args:
        how: In which form, and of which home.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import broadcasting  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        found = await broadcasting.standing(session)
    if how.json:
        print_json(_standing_as_dict(found))
    else:
        say("\n".join(_standing(found, session.policy.zone)), _HANG)


@app.command
async def pause(*, why: str, how: Acting = ACT) -> None:
    """Let nothing leave any more, until it is resumed; what is decided on meanwhile waits.

    Args:
        why: The reason; it is kept in the audit log.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import broadcasting  # noqa: PLC0415 - as above

        switch = await broadcasting.pause(session, why)
    if how.json:
        print_json({"paused": True, "by": switch.changed_by, "since": plain.instant(switch.changed_at)})
    else:
        already = "" if switch.changed_at == session.now else f" already, by {switch.changed_by}: {switch.why}"
        print(f"broadcasting is paused{already}; 'omwatch broadcast resume' lets notices leave again")


@app.command
async def resume(*, how: Acting = ACT) -> None:
    """Let notices leave again.

    Args:
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import broadcasting  # noqa: PLC0415 - as above

        was_paused = await broadcasting.resume(session)
    if how.json:
        print_json({"paused": False, "was_paused": was_paused})
    else:
        print("notices leave again" if was_paused else "broadcasting is not paused; nothing was changed")


@app.command
async def retry(*, update: SomeNumber = None, error: str | None = None, how: Acting = ACT) -> None:
    """Queue again what was given up, but not what a later update has overtaken, or nobody gets now.

    Args:
        update: What is given up of this update alone.
        error: What was given up for this reason alone, as 'omwatch broadcast status' tells it.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import broadcasting  # noqa: PLC0415 - as above

        number = await broadcasting.retry(session, update, error)
    if how.json:
        print_json({"update": update, "error": error, "deliveries": number})
    else:
        print(f"{number:,} {plural('notice', number)} queued again" if number else "nothing can be queued again")


@app.command(name="list")
async def list_(
    *,
    update: SomeNumber = None,
    state: DeliveryState | None = None,
    limit: Number = 50,
    how: Reading = READ,
) -> None:
    """List what was sent, or was not, newest first.

    Args:
        update: Of this update alone.
        state: In this state alone: queued, sending, sent, failed (will be tried again) or dead.
        limit: So many at most.
        how: In which form, and of which home.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import ledger  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await ledger.page(connection, limit, update, state)
    listed(found, entry_as_dict, lambda item: entry(item, to=True), "no such notices", json=how.json)


@app.command(name="dry-run")
async def dry_run(
    *,
    update: SomeNumber = None,
    topic: Topic | None = None,
    severity: Grade | None = None,
    component: Several = (),
    how: Reading = READ,
) -> None:
    """List exactly who would get a notice now; nothing is sent.

    Args:
        update: The notice of this update.
        topic: Instead: a notice of this topic, of incidents unless told.
        severity: Its severity, asked of incidents: 1 unless told.
        component: A component that it names; several times for several. A notice that names none is for everybody.
        how: In which form, and of which home.
    """
    if update is not None and (topic, severity, tuple(component)) != (None, None, ()):
        raise Misused("--update says all of a notice; leave --topic, --severity and --component out")
    async with at_desk(how.home) as session:
        heading, audience = await _meant(session, update, topic or Topic.INCIDENT, Severity(severity or 1), component)
        await _list_recipients(session, heading, audience, json=how.json)


async def _meant(
    session: "Session", update: int | None, topic: Topic, severity: Severity, components: Several
) -> tuple[str, Audience]:
    """Return what a notice is about, in words, and whom it is for."""
    from omwatch.desk import broadcasting  # noqa: PLC0415 - as above
    from omwatch.desk.components import spelled  # noqa: PLC0415

    if update is not None:
        event, told, audience = await broadcasting.told(session, update)
        return f"update {update}, {event.kind} {event.id} {told.status.label}: {event.title}", audience
    async with session.store.reading() as connection:
        names = await spelled(connection, components)
    grade = f", severity {severity:d}" if topic is Topic.INCIDENT else ""
    return f"{topic}{grade}" + (f", {', '.join(names)}" if names else ""), Audience(
        0, topic, severity, frozenset(names)
    )


async def _list_recipients(session: "Session", heading: str, audience: Audience, *, json: bool) -> None:
    from omwatch.desk import broadcasting  # noqa: PLC0415 - as above

    number = 0
    if not json:
        say(heading, _HANG)
    async for subscriber in broadcasting.recipients(session, audience):
        if json:
            print("," if number else "[")
            print_json(plain.subscriber(subscriber))
        else:
            say(line(subscriber), _HANG)
        number += 1
    if json:
        print("]" if number else "[]")
    else:
        print(f"would reach {number:,} {plural('subscriber', number)}; nothing was sent")


def _standing(found: "Standing", zone: str) -> list[str]:
    switch = found.paused
    since = f"since {shown(switch.changed_at, zone)} by {switch.changed_by}: {switch.why}" if switch else ""
    told = [f"paused {since}" if switch else "notices leave"]
    numbers = [f"{found.counts.get(state, 0):,} {state}" for state in DeliveryState]
    told.append(f"{', '.join(numbers)} (sent and dead: in the last 24 hours)")
    if found.oldest_waiting:
        told.append(f"the oldest that waits was to leave at {shown(found.oldest_waiting, zone)}")
    told += [f"{number:>7,}  {error}" for error, number in found.errors[:_ERRORS_SHOWN]]
    rest = found.errors[_ERRORS_SHOWN:]
    if rest:
        told.append(f"{sum(number for _, number in rest):>7,}  for {len(rest)} other reasons")
    return told


def _standing_as_dict(found: "Standing") -> dict[str, Any]:
    switch = found.paused
    paused = {"by": switch.changed_by, "since": plain.instant(switch.changed_at), "why": switch.why} if switch else None
    return {
        "paused": paused,
        "counts": {state.value: found.counts.get(state, 0) for state in DeliveryState},
        "errors": [{"error": error, "deliveries": number} for error, number in found.errors],
        "oldest_waiting": plain.instant(found.oldest_waiting),
    }
