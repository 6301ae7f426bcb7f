"""What the commands that tell subscribers something share: their options, texts, previews, and what they say then."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from omwatch.cli.common import AsOption, HomeOption, JsonOption, Misused, print_json
from omwatch.cli.opened import at_desk
from omwatch.cli.outcome import tell

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.rehearsing import Rehearsal
    from omwatch.desk.session import Session

    Decide = Callable[[Session], Awaitable[Published | Waiting]]

TextOption = Annotated[str, Parameter(name="--text", allow_leading_hyphen=True)]
"""The ``--text TEXT`` of commands that publish; :func:`said` returns what it says."""
_MOST_READ = 1_000_000  # bytes of standard input; what is too long to be published is said by the desk


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Publishing:
    """What every command that tells subscribers something understands."""

    preview: Annotated[
        bool, Parameter(help="Show the notice and how many people would get it; write nothing.", negative=())
    ] = False
    json: JsonOption = False
    as_: AsOption = None
    home: HomeOption = Path()


USUALLY = Publishing()


async def publish(how: Publishing, what: str, decide: "Decide") -> None:
    """Make a decision that tells subscribers something, or show what it would tell them.

    Args:
        how: the options.
        what: the kind of event, such as "incident".
        decide: makes the decision in the session that it is given.
    """
    async with at_desk(how.home, how.as_) as session:
        if how.preview:
            from omwatch.desk.rehearsing import rehearse  # noqa: PLC0415 - needs SQLAlchemy, as at_desk does

            _show(session, await rehearse(session, decide), json=how.json)
        else:
            tell(session, await decide(session), what, json=how.json)


def said(text: str) -> str:
    """Return a text as it was given, or what standard input says where it is "-".

    Raises:
        Misused: it looks like another option.
    """
    if text.startswith("--"):
        raise Misused(f"--text needs a text, found the option {text!r}; write --text 'What happened', or --text -")
    if text != "-":
        return text
    if sys.stdin.isatty():
        print("write the text, and end it with Ctrl+D on a line of its own", file=sys.stderr)
    return sys.stdin.buffer.read(_MOST_READ).decode(errors="replace")


def _show(session: "Session", seen: "Rehearsal", *, json: bool) -> None:
    from omwatch.domain import plain  # noqa: PLC0415 - needed by previews only
    from omwatch.domain.notice import Draft, notice  # noqa: PLC0415

    event, spoken = seen.event, seen.update
    two = spoken.severity in session.policy.two_person
    if json:
        draft = Draft(event.title, spoken.text, event.severity, event.status, event.components, event.started_at)
        print_json({"draft": plain.draft(draft), "recipients": seen.recipients, "two_persons": two})
        return
    told = notice(event, spoken, "", "")
    facts = [f"{name}: {value}" for name, value in (*told.facts, *told.components)]
    print("\n".join([told.heading, told.title, "", *facts, "", told.text, ""]))
    print(f"would reach {seen.recipients:,} {'subscriber' if seen.recipients == 1 else 'subscribers'}")
    if two:
        print(f"a notice of severity {event.severity:d} needs two operators")
