"""``omwatch client``: the organisations that use the platform, and what was agreed with them."""

from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import print_json
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, READ, Acting, Reading, Several, Switch
from omwatch.cli.ticket_words import line
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.client import Client, Support
from omwatch.domain.judge import plural

if TYPE_CHECKING:
    from omwatch.desk.clients import Shown
    from omwatch.desk.session import Session

app = App(name="client")


@app.command
async def add(
    name: str,
    /,
    *,
    support: Support = Support.STANDARD,
    continuity_plan: Switch = False,
    contact: Several = (),
    how: Acting = ACT,
) -> None:
    """Add a client.

    Args:
        name: Its name; no other client may have it, in whichever case.
        support: What it pays for.
        continuity_plan: It has a business continuity plan, under which severity 1 may become severity 2.
        contact: The e-mail address of somebody there, who gets notices; several times for several.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        added = await clients.add(session, name, support, contact, continuity_plan=continuity_plan)
    _tell(added, "added", json=how.json)


@app.command
async def edit(
    name: str,
    /,
    *,
    rename: str | None = None,
    support: Support | None = None,
    continuity_plan: bool | None = None,
    contact: Several = (),
    remove_contact: Several = (),
    how: Acting = ACT,
) -> None:
    """Change what is known of a client.

    Args:
        name: The client, in whichever case.
        rename: Its new name.
        support: What it pays for from now on.
        continuity_plan: Whether it has a business continuity plan from now on.
        contact: An address that becomes its contact; several times for several.
        remove_contact: An address that is its contact no more, and stays a subscriber; several times for several.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - as above

        changes = clients.Changes(rename, support, continuity_plan, contact, remove_contact)
        changed = await clients.change(session, name, changes)
    _tell(changed, "changed", json=how.json)


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List every client.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import clients  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await clients.every(connection)
    listed(found, plain.client, _line, "no clients yet; add one with 'omwatch client add NAME'", json=how.json)


@app.command
async def show(name: str, /, *, how: Reading = READ) -> None:
    """Show a client with its contacts, its open tickets, and the incidents that affect it or did.

    Args:
        name: The client, in whichever case.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - as above

        shown = await clients.show(session, name)
    if how.json:
        about = {
            "tickets": [plain.ticket(item, session.now) for item in shown.tickets],
            "incidents": [plain.event(item) for item in shown.incidents],
        }
        print_json({**plain.client(shown.client), **about})
    else:
        say("\n".join(_lines(session, shown)))


def _line(item: Client) -> str:
    support, plan, contacts = _agreed(item)
    return f"{item.name:<30}  {support:<16}  {plan:<18}  {contacts}"


def _lines(session: "Session", shown: "Shown") -> list[str]:
    lines = [f"{shown.client.name}: {', '.join(_agreed(shown.client))}"]
    lines += [f"  contact  {address}" for address in shown.client.contacts]
    lines += ["", "open tickets:" if shown.tickets else "no open tickets"]
    lines += [line(item, session.now) for item in shown.tickets]
    lines += ["", "incidents:" if shown.incidents else "no incidents"]
    for item in shown.incidents:
        lines.append(f"{item.id:>5}  severity {item.severity:d}  {item.status.label:<13}  {item.title}")
    return lines


def _agreed(client: Client) -> tuple[str, str, str]:
    plan = "continuity plan" if client.continuity_plan else "no continuity plan"
    contacts = len(client.contacts)
    return f"{client.support} support", plan, f"{contacts} {plural('contact', contacts)}"


def _tell(client: Client, what: str, *, json: bool) -> None:
    if json:
        print_json(plain.client(client))
    else:
        print(f"{client.name}: {what}; {', '.join(_agreed(client))}")
