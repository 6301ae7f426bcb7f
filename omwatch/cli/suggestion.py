"""``omwatch suggestion``: what the dashboard's keys do, for scripts and for operators without a dashboard."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import print_json
from omwatch.cli.deciding import decide
from omwatch.cli.listing import listed
from omwatch.cli.opened import at_desk
from omwatch.cli.options import ACT, DECIDE, READ, Acting, Deciding, Number, Reading
from omwatch.cli.outcome import would_reach
from omwatch.cli.texts import OwnTextOption, instead
from omwatch.cli.wrapping import say
from omwatch.domain import plain
from omwatch.domain.safetext import clean
from omwatch.domain.suggestion import Suggestion

if TYPE_CHECKING:
    from omwatch.desk.suggestions import Preview

app = App(name="suggestion")


@app.command(name="list")
async def list_(*, how: Reading = READ) -> None:
    """List the suggestions that wait for an operator.

    Args:
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.store import suggestions  # noqa: PLC0415 - needs SQLAlchemy, which other commands do not

        async with session.store.reading() as connection:
            found = await suggestions.open_ones(connection)
    listed(found, plain.suggestion, _line, "no open suggestions", json=how.json)


@app.command
async def show(number: Number, /, *, how: Reading = READ) -> None:
    """Show a suggestion, the notice that confirming it would publish, and how many people would get it.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        how: What is read, and in which form.
    """
    async with at_desk(how.home) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        shown = await suggestions.preview(session, number)
    if how.json:
        asked_by = shown.waiting.asked_by if shown.waiting else None
        drafted = {"draft": plain.draft(shown.draft), "recipients": shown.recipients, "asked_by": asked_by}
        print_json({**plain.suggestion(shown.suggestion), **drafted})
    else:
        say("\n".join(_lines(shown)))


@app.command
async def confirm(
    number: Number,
    /,
    *,
    title: str | None = None,
    text: OwnTextOption = None,
    how: Deciding = DECIDE,
) -> None:
    """Do what a suggestion proposes (open, regrade or resolve an incident) and notify every subscriber.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        title: Instead of the drafted title.
        text: What subscribers read instead of the draft; "-" reads it from standard input.
        how: Who decides where, and whether it is only to be shown.
    """
    spoken = instead(text)
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        drafted = (await suggestions.preview(session, number)).draft
        wanted = replace(drafted, title=drafted.title if title is None else title, text=spoken or drafted.text)
        await decide(session, how, lambda at: suggestions.confirm(at, number, wanted), "incident")


@app.command
async def dismiss(number: Number, /, *, why: str, how: Acting = ACT) -> None:
    """Set a suggestion aside until its evidence is worse.

    Args:
        number: The suggestion's number, from 'omwatch suggestion list'.
        why: The reason, for whoever has the next shift.
        how: Who does it where.
    """
    async with at_desk(how.home, how.as_) as session:
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        await suggestions.dismiss(session, number, why)
    if how.json:
        print_json({"suggestion": number, "state": "dismissed", "why": clean(why)})
    else:
        print(f"suggestion {number}: dismissed")


def _line(item: Suggestion) -> str:
    about = f" incident {item.incident}" if item.incident else ""
    return f"{item.id:>4}  {item.kind}{about}  severity {item.severity:d} {item.severity.label}  {item.reason}"


def _lines(shown: "Preview") -> list[str]:
    number = shown.suggestion.id
    agree = f"another operator must agree, with 'omwatch suggestion confirm {number}'"
    return [
        f"suggestion {number}: {shown.suggestion.kind}, severity {shown.suggestion.severity:d}",
        *dict.fromkeys(f"  {item.said}" for item in shown.suggestion.evidence),
        *([f"confirmed by {shown.waiting.asked_by}; {agree}"] if shown.waiting else []),
        "",
        shown.draft.title,
        "",
        shown.draft.text,
        "",
        would_reach(shown.recipients),
    ]
