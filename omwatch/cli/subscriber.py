"""``omwatch subscriber``: the people who get notices."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from omwatch.cli.common import HomeOption, print_json
from omwatch.cli.opened import opened

app = App(name="subscriber", help="Add or list the people who get notices.")


@app.command
async def add(address: str, /, *addresses: str, home: HomeOption = Path()) -> None:
    """Add e-mail subscribers; an address that is known already stays as it is.

    Args:
        address: An e-mail address.
        addresses: More of them.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (_, store):
        from omwatch import desk  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not
        from omwatch.clock import SystemClock  # noqa: PLC0415

        for each in (address, *addresses):
            subscriber, new = await desk.add_subscriber(store, each, desk.operator_name(), SystemClock().now())
            print(f"{subscriber.address}: {'added' if new else 'is a subscriber already'}")


@app.command(name="list")
async def list_(*, json: Annotated[bool, Parameter(negative=())] = False, home: HomeOption = Path()) -> None:
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
        rows = [{"id": item.id, "address": item.address, "created_at": instant(item.created_at)} for item in found]
    if json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['id']:>6}  {row['address']}")
    if not rows:
        print("no subscribers yet; add one with 'omwatch subscriber add ADDRESS'")
