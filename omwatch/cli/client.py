"""``omwatch client``: the organisations that use the platform, and what was agreed with them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import AsOption, HomeOption, JsonOption, print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.ticket_words import line
from omwatch.domain import plain
from omwatch.domain.client import Client, Support
from omwatch.domain.judge import plural

if TYPE_CHECKING:
    from omwatch.desk.clients import Shown
    from omwatch.desk.session import Session

app = App(name="client", help="Add, change, list or show clients.")


@app.command
async def add(
    name: str,
    /,
    *,
    support: Support = Support.STANDARD,
    continuity_plan: bool = False,
    contact: Sequence[str] = (),
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Add a client.

    Args:
        name: Its name; no other client may have it, in whichever case.
        support: What it pays for: standard or premium.
        continuity_plan: It has a business continuity plan, under which severity 1 may become severity 2.
        contact: The e-mail address of somebody there, who gets notices; several times for several.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - needs SQLAlchemy, which `omwatch --help` must not wait for

        added = await clients.add(session, name, support, contact, continuity_plan=continuity_plan)
    _tell(added, "added", json=json)


@app.command
async def edit(  # noqa: PLR0913 - one for each option
    name: str,
    /,
    *,
    rename: str | None = None,
    support: Support | None = None,
    continuity_plan: bool | None = None,
    contact: Sequence[str] = (),
    remove_contact: Sequence[str] = (),
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Change what is known of a client.

    Args:
        name: The client, in whichever case.
        rename: Its new name.
        support: What it pays for from now on: standard or premium.
        continuity_plan: Whether it has a business continuity plan from now on.
        contact: An address that becomes its contact; several times for several.
        remove_contact: An address that is its contact no more, and stays a subscriber; several times for several.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - as above

        changes = clients.Changes(rename, support, continuity_plan, contact, remove_contact)
        changed = await clients.change(session, name, changes)
    _tell(changed, "changed", json=json)


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List every client.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.store import clients  # noqa: PLC0415 - as above

        async with session.store.reading() as connection:
            found = await clients.every(connection)
    if json:
        print_json([plain.client(item) for item in found])
        return
    for item in found:
        support, plan, contacts = _agreed(item)
        print(f"{item.name:<30}  {support:<16}  {plan:<18}  {contacts}")
    if not found:
        print("no clients yet; add one with 'omwatch client add NAME'")


@app.command
async def show(name: str, /, *, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """Show a client with its contacts, its open tickets, and the incidents that affect it or did.

    Args:
        name: The client, in whichever case.
        json: Print one JSON object.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.desk import clients  # noqa: PLC0415 - as above

        shown = await clients.show(session, name)
    if json:
        about = {
            "tickets": [plain.ticket(item, session.now) for item in shown.tickets],
            "incidents": [plain.event(item) for item in shown.incidents],
        }
        print_json({**plain.client(shown.client), **about})
        return
    print("\n".join(_lines(session, shown)))


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
