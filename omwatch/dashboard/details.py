"""One value in full, for reading: nothing cut short."""

from omwatch.dashboard import standing, wording
from omwatch.dashboard.paint import BLANK, Ink, Line, Piece
from omwatch.dashboard.view import ComponentValue, IncidentValue
from omwatch.dashboard.wording import Wall
from omwatch.domain.delivery import Delivery
from omwatch.domain.judge import interval_in_words
from omwatch.domain.safetext import clean, clean_block

_CAPTION = 16


def details(value: object, wall: Wall) -> tuple[str, list[Line]]:
    """Return a title and lines of any length; whoever shows them wraps them."""
    match value:
        case ComponentValue():
            return clean(value.state.assessment.component), _component(value, wall)
        case IncidentValue():
            return f"Incident {value.incident.id}", _incident(value, wall)
        case Delivery():
            return f"Delivery {value.id}", _delivery(value, wall)
        case _:
            raise TypeError(f"nothing is known of {type(value).__name__}")


def _component(value: ComponentValue, wall: Wall) -> list[Line]:
    item, face = value.state.assessment, standing.of_severity(value.state.assessment.severity)
    lines = [
        _fact("Severity", face.mark(), Piece(" "), face.said()),
        _fact("Since", Piece(f"{wall.at(item.since)} · {wall.age(item.since)}")),
        _fact("Failing/tried", Piece(f"{wording.share(item.count)} {clean(item.unit_noun)}s")),
        _fact("Percentage", Piece(f"{wording.percent(item.count)} · 95 % interval {interval_in_words(item.interval)}")),
    ]
    if value.maintenance_until:
        lines.append(_fact("Maintenance", Piece(f"until {wall.at(value.maintenance_until)}")))
    if item.first_failed_at:
        lines.insert(2, _fact("First failure", Piece(wall.at(item.first_failed_at))))
    if value.state.trouble:
        broken, trouble = standing.BROKEN, value.state.trouble
        lines += [
            BLANK,
            (
                broken.mark(),
                Piece(f" Broken since {wall.at(trouble.since)}: our fault, not counted", broken.ink, bold=True),
            ),
            (Piece(clean(trouble.error)),),
        ]
    return [*lines, BLANK, (Piece(clean(item.reason)),), (Piece(f"check {clean(item.check)}", Ink.MUTED),)]


def _incident(value: IncidentValue, wall: Wall) -> list[Line]:
    item, face = value.incident, standing.of_severity(value.incident.severity)
    lines = [
        (Piece(clean(item.title), bold=True),),
        BLANK,
        _fact("Severity", face.mark(), Piece(" "), face.said()),
        _fact("Status", Piece(item.status.value)),
        _fact("Began", Piece(f"{wall.at(item.started_at)} · {wall.age(item.started_at)}")),
        _fact("Confirmed", Piece(f"{wall.at(item.created_at)} by {clean(value.author)}")),
        _fact("Notices", Piece(wording.sums(value.sums))),
        *([_fact("Next update due", Piece(wall.at(value.owed.due_at)))] if value.owed else []),
    ]
    lines += [_fact(clean(name), Piece(status.label)) for name, status in item.components.items()]
    for update in reversed(item.updates):
        head = f"{wall.at(update.at)} · {update.status.value} · {clean(update.author)}"
        lines += [BLANK, (Piece(head, Ink.MUTED),), *((Piece(line),) for line in clean_block(update.text).split("\n"))]
    return lines


def _delivery(item: Delivery, wall: Wall) -> list[Line]:
    face = standing.of_delivery(item.state)
    lines = [
        _fact("To", Piece(clean(item.address))),
        _fact("State", face.mark(), Piece(" "), face.said()),
        _fact("Tries", Piece(str(item.tries))),
        _fact("Changed", Piece(f"{wall.at(item.changed_at)} · {wall.age(item.changed_at)}")),
        _fact("Update", Piece(str(item.update_id))),
    ]
    return [*lines, BLANK, (Piece(clean(item.error)),)] if item.error else lines


def _fact(caption: str, *pieces: Piece) -> Line:
    return (Piece(f"{caption:<{_CAPTION - 1}} ", Ink.MUTED), *pieces)
