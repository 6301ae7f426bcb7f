"""``omwatch subscriber``: the people who get notices."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclopts import App

from omwatch.cli.common import AsOption, HomeOption, JsonOption, print_json
from omwatch.cli.opened import at_desk, opened
from omwatch.domain.subscriber import USUAL_TOPICS, Topic

app = App(name="subscriber", help="Add or list the people who get notices.")


@app.command
async def add(
    address: str,
    /,
    *addresses: str,
    topic: Sequence[Topic] = (),
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Add e-mail subscribers; an address that is known already stays as it is.

    Args:
        address: An e-mail address.
        addresses: More of them.
        topic: What they get: incident, hotfix, maintenance, subprocessor; several times for several. Unless told,
            all but subprocessor.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        for each in (address, *addresses):
            subscriber, new = await people.add(session, each, frozenset(topic) or USUAL_TOPICS)
            print(f"{subscriber.address}: {'added' if new else 'is a subscriber already'}")


@app.command
async def topics(address: str, /, *topic: Topic, as_: AsOption = None, home: HomeOption = Path()) -> None:
    """Let a subscriber get these topics, and no others.

    Args:
        address: The subscriber's address.
        topic: One or more of incident, hotfix, maintenance, subprocessor.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import people  # noqa: PLC0415 - as above

        subscriber = await people.choose_topics(session, address, frozenset(topic))
    print(f"{subscriber.address}: {', '.join(sorted(subscriber.topics))}")


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List every subscriber.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (_, store):
        from omwatch.domain.plain import instant  # noqa: PLC0415
        from omwatch.store import subscribers  # noqa: PLC0415

        async with store.reading() as connection:
            found = await subscribers.every(connection)
        rows: list[dict[str, Any]] = [
            {
                "id": item.id,
                "address": item.address,
                "topics": sorted(item.topics),
                "created_at": instant(item.created_at),
            }
            for item in found
        ]
    if json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['id']:>6}  {row['address']:<40}  {', '.join(row['topics'])}")
    if not rows:
        print("no subscribers yet; add one with 'omwatch subscriber add ADDRESS'")
