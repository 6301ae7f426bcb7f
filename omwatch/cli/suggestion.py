"""``omwatch suggestion``: what the dashboard's keys do, for scripts and for operators without a dashboard."""

from dataclasses import replace
from pathlib import Path

from cyclopts import App

from omwatch.cli.common import AsOption, HomeOption, JsonOption, print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.outcome import tell

app = App(name="suggestion", help="List, show, confirm or dismiss suggestions.")


@app.command(name="list")
async def list_(*, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """List the suggestions that wait for an operator.

    Args:
        json: Print a JSON array.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.domain import plain  # noqa: PLC0415 - needed by this command only
        from omwatch.store import suggestions  # noqa: PLC0415

        async with session.store.reading() as connection:
            found = await suggestions.open_ones(connection)
    if json:
        print_json([plain.suggestion(item) for item in found])
        return
    for item in found:
        about = f" incident {item.incident}" if item.incident else ""
        print(f"{item.id:>4}  {item.kind}{about}  severity {item.severity:d} {item.severity.label}  {item.reason}")
    if not found:
        print("no open suggestions")


@app.command
async def show(number: int, /, *, json: JsonOption = False, home: HomeOption = Path()) -> None:
    """Show a suggestion, the notice that confirming it would publish, and how many people would get it.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        json: Print one JSON object.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above
        from omwatch.domain import plain  # noqa: PLC0415

        shown = await suggestions.preview(session, number)
    asked_by = shown.waiting.asked_by if shown.waiting else None
    if json:
        said = {"draft": plain.draft(shown.draft), "recipients": shown.recipients, "asked_by": asked_by}
        print_json({**plain.suggestion(shown.suggestion), **said})
        return
    print(f"suggestion {number}: {shown.suggestion.kind}, severity {shown.suggestion.severity:d}")
    print("\n".join(dict.fromkeys(f"  {item.said}" for item in shown.suggestion.evidence)))
    if asked_by:
        print(f"confirmed by {asked_by}; another operator must agree, with 'omwatch suggestion confirm {number}'")
    print(f"\n{shown.draft.title}\n\n{shown.draft.text}\n\nwould reach {shown.recipients:,} subscribers")


@app.command
async def confirm(
    number: int,
    /,
    *,
    title: str | None = None,
    text: str | None = None,
    json: JsonOption = False,
    as_: AsOption = None,
    home: HomeOption = Path(),
) -> None:
    """Do what a suggestion proposes (open, regrade or resolve an incident) and notify every subscriber.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        title: Instead of the drafted title.
        text: Instead of the drafted text.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        drafted = (await suggestions.preview(session, number)).draft
        wanted = replace(
            drafted,
            title=drafted.title if title is None else title,
            text=drafted.text if text is None else text,
        )
        tell(session, await suggestions.confirm(session, number, wanted), "incident", json=json)


@app.command
async def dismiss(
    number: int, /, *, why: str, json: JsonOption = False, as_: AsOption = None, home: HomeOption = Path()
) -> None:
    """Set a suggestion aside until its evidence is worse.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        why: The reason, for whoever has the next shift.
        json: Print one JSON object.
        as_: Who decides, where config.toml allows to say so.
        home: The folder with config.toml, probes and data.
    """
    async with at_desk(home, as_) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        await suggestions.dismiss(session, number, why)
    if json:
        print_json({"suggestion": number, "state": "dismissed", "why": why})
    else:
        print(f"suggestion {number}: dismissed")
