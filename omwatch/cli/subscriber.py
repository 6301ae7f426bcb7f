"""``omwatch subscriber``: the people and the places that get notices."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from omwatch.cli import subscriber_list
from omwatch.cli.common import ExitStatus, Misused, Refused, load_home, print_json
from omwatch.cli.components import note_strangers
from omwatch.cli.destinations import keyring, lines_of_stdin, refuse_unusable
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, Acting, Grade, Several, Switch
from omwatch.cli.subscriber_words import wishes
from omwatch.domain import plain
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Subscriber, SubscriberState, Topic
from omwatch.domain.subscriber_change import Changes

if TYPE_CHECKING:
    from omwatch.config.keyring import Keyring
    from omwatch.desk.session import Session

app = App(name="subscriber", help="Keep the people and places that get notices.")
for _command in (subscriber_list.show, subscriber_list.export):
    app.command(_command)
app.command(subscriber_list.list_, name="list")
app.command(subscriber_list.import_, name="import")

Topics = Annotated[Sequence[Topic], Parameter(negative=())]


@app.command
async def add(
    *address: str,
    stdin: Switch = False,
    topic: Topics = (),
    component: Several = (),
    least_severity: Grade | None = None,
    name: str = "",
    client: str = "",
    how: Acting = ACT,
) -> None:
    """Add subscribers; one that is known already stays as it is.

    Args:
        address: An e-mail address, or an Apprise URL; one or several.
        stdin: Read them from standard input, one a line, so that no shell remembers a URL with a password in it.
        topic: What they get: incident, hotfix, maintenance, subprocessor; several times for several. Unless told,
            all but subprocessor.
        component: Only what touches this one, as the page calls it; several times for several.
        least_severity: Only incidents of this severity or a graver one: 2 is for 1 and 2.
        name: What to call it.
        client: The client whose contact it is.
        how: Who does it where.
    """
    everyone = [*address, *(lines_of_stdin() if stdin else ())]
    if not everyone:
        raise Misused("name an address to add, such as ada@example.com, or let --stdin read them")
    wanted = Changes(frozenset(topic) or None, frozenset(component) or None, _severity(least_severity), name, client)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        await note_strangers(session, component)
        rows = []
        for each in everyone:
            refuse_unusable(each)
            subscriber, new = await people.add(session, each, wanted, keyring(how.home))
            rows.append({**plain.subscriber(subscriber), "added": new})
            if not how.json:
                print(f"{subscriber.address}: {'added' if new else _there_already(subscriber)}")
    if how.json:
        print_json(rows)


@app.command
async def edit(  # noqa: PLR0913 - one for each option
    address: str,
    /,
    *,
    topic: Topics = (),
    component: Several = (),
    all_components: Switch = False,
    least_severity: Grade | None = None,
    name: str | None = None,
    client: str | None = None,
    no_client: Switch = False,
    how: Acting = ACT,
) -> None:
    """Change what a subscriber gets; what is not named stays as it is.

    Args:
        address: The subscriber's address, or its number from 'omwatch subscriber list'.
        topic: What it gets, and nothing else; several times for several.
        component: Only what touches this one, and no other; several times for several.
        all_components: Whatever it touches.
        least_severity: Only incidents of this severity or a graver one; 4 for all.
        name: What to call it.
        client: The client whose contact it becomes.
        no_client: It is nobody's contact.
        how: Who does it where.
    """
    if (component and all_components) or (client and no_client):
        raise Misused("--component and --all-components, or --client and --no-client, contradict each other")
    components = frozenset(component) if component or all_components else None
    whose = "" if no_client else client
    changes = Changes(frozenset(topic) or None, components, _severity(least_severity), name, whose)
    if not changes.any:
        raise Misused("name what shall be different, such as --topic incident; see 'omwatch subscriber edit --help'")
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - as above

        await note_strangers(session, component)
        changed = await people.edit(session, address, changes, keyring(how.home))
    if how.json:
        print_json(plain.subscriber(changed))
    else:
        print(f"{changed.address}: {wishes(changed.wishes)}")


@app.command
async def pause(address: str, /, *addresses: str, how: Acting = ACT) -> None:
    """Let subscribers get nothing until they are activated, but the end of what they have heard of.

    Args:
        address: A subscriber's address, or its number from 'omwatch subscriber list'.
        addresses: More of them.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - as above

        await _each(session, (address, *addresses), how, people.pause, "paused")


@app.command
async def activate(address: str, /, *addresses: str, how: Acting = ACT) -> None:
    """Let subscribers get notices again that were paused, in quarantine or not confirmed.

    Args:
        address: A subscriber's address, or its number from 'omwatch subscriber list'.
        addresses: More of them.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - as above

        await _each(session, (address, *addresses), how, people.activate, "active")


@app.command
async def remove(address: str, /, *addresses: str, how: Acting = ACT) -> None:
    """Forget subscribers with their addresses; what waits for them is not sent.

    Args:
        address: A subscriber's address, or its number from 'omwatch subscriber list'.
        addresses: More of them.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - as above

        await _each(session, (address, *addresses), how, people.remove, "removed")


@app.command(name="test")
async def try_(address: str, /, *, how: Acting = ACT) -> int:
    """Send a subscriber a test message now, in whichever state it is; a pager rings.

    Args:
        address: The subscriber's address, or its number from 'omwatch subscriber list'.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.broadcast.answers import Verdict  # noqa: PLC0415 - needs Apprise, which no other command does
        from omwatch.broadcast.trial import try_out  # noqa: PLC0415
        from omwatch.clock import SystemClock  # noqa: PLC0415
        from omwatch.desk import people  # noqa: PLC0415
        from omwatch.service import Installation, ways  # noqa: PLC0415

        clock = SystemClock()
        reach = ways(Installation(*load_home(how.home)), clock)
        subscriber = await people.trial(session, address, keyring(how.home))
        try:
            answer = await try_out(session.store, reach, subscriber, session.policy.mail_domain, clock)
        except (ValueError, LookupError) as reason:
            raise Refused(f"{subscriber.address} cannot be tried out: {reason}") from None
    if how.json:
        print_json({"address": subscriber.address, "verdict": answer.verdict, "error": answer.error})
    else:
        told = {Verdict.ACCEPTED: "was taken", Verdict.TRY_LATER: "was not taken", Verdict.REFUSED: "was refused"}
        print(f"{subscriber.address}: the test {told[answer.verdict]}" + (f": {answer.error}" if answer.error else ""))
    return ExitStatus.FINE if answer.verdict is Verdict.ACCEPTED else ExitStatus.UNHEALTHY


async def _each(
    session: "Session",
    addresses: Sequence[str],
    how: Acting,
    decide: "Callable[[Session, str, Keyring | None], Awaitable[Subscriber]]",
    became: str,
) -> None:
    rows = []
    for address in addresses:
        subscriber = await decide(session, address, keyring(how.home))
        rows.append({"id": subscriber.id, "address": subscriber.address, "state": became})
        if not how.json:
            print(f"{subscriber.address}: {became}")
    if how.json:
        print_json(rows)


def _there_already(subscriber: Subscriber) -> str:
    stands = "" if subscriber.state is SubscriberState.ACTIVE else f", and is {subscriber.state}"
    return f"is a subscriber already{stands}"


def _severity(grade: Grade | None) -> Severity | None:
    return Severity(grade) if grade else None
