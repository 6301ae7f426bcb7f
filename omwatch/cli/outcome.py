"""What the commands that publish say they have done."""

from typing import TYPE_CHECKING, Any

from omwatch.cli.common import print_json
from omwatch.domain import plain
from omwatch.domain.judge import plural

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.session import Session


def tell(session: "Session", done: "Published | Waiting", what: str, *, json: bool = False) -> None:
    """Print what a decision has set going.

    Args:
        session: whose decision it was.
        done: what came of it.
        what: the kind of event, such as "incident".
        json: print one JSON object instead of a line.
    """
    from omwatch.desk.approvals import Waiting  # noqa: PLC0415 - `omwatch --help` must not wait for SQLAlchemy

    if isinstance(done, Waiting):
        if json:
            print_json({"approval": done.approval, "state": "waiting", "draft": plain.draft(done.draft)})
        else:
            print(
                f"approval {done.approval}: another operator must agree, with 'omwatch approval give {done.approval}'"
            )
    elif json:
        print_json(published(done))
    else:
        held = (done.leaves_at - session.now).total_seconds()
        until = f"; held for {held:.0f} s, 'omwatch undo {done.update}' takes it back" if held > 0 else ""
        queued = f"{done.recipients:,} {plural('notice', done.recipients)} queued"
        print(f"{what} {done.event}: update {done.update} published; {queued}{until}")


def published(done: "Published") -> dict[str, Any]:
    """Return what a decision has set going, for ``--json``."""
    return {
        "event": done.event,
        "update": done.update,
        "recipients": done.recipients,
        "leaves_at": plain.instant(done.leaves_at),
    }


def would_reach(recipients: int) -> str:
    """Return "would reach 1,200 subscribers"."""
    return f"would reach {recipients:,} {plural('subscriber', recipients)}"
