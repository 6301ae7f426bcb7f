"""The list of deliveries: each notice on its way to each subscriber."""

from collections.abc import Sequence

from omwatch.dashboard import standing, wording
from omwatch.dashboard.paint import Ink, Line, Piece, left, right, spread, wrapped
from omwatch.dashboard.view import View
from omwatch.dashboard.widgets.rows import Rows
from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.domain.safetext import clean

_STATE, _TRIES, _WHEN = 11, 8, 14
_PROGRESS = 20


class Deliveries(Rows[Delivery]):
    """One row per delivery, newest first."""

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__(id="deliveries")
        self._view = view
        self.values = view.overview.deliveries if view.overview else ()

    def update(self, view: View) -> None:
        """Show another view."""
        self._view = view
        self.show(view.overview.deliveries if view.overview else ())

    def key(self, value: Delivery) -> int:
        """Return the delivery's number."""
        return value.id

    def heading(self, width: int) -> tuple[Line, Line]:  # noqa: ARG002 - short enough
        """Return the name of the list, and how much of it is out of sight."""
        name = (Piece("Deliveries", Ink.MUTED, bold=True), *_progress(self._view))
        room = max(1, self.size.height - 1)
        if len(self.values) <= room:
            return name, ()
        return name, (Piece(f"{self.chosen + 1} of the newest {len(self.values)} ↑↓", Ink.MUTED),)

    def row(self, value: Delivery, width: int) -> Sequence[Line]:
        """Return state, address, tries and when; an error has a line of its own."""
        face = standing.of_delivery(value.state)
        troubled = value.state in {DeliveryState.FAILED, DeliveryState.DEAD}
        end = (
            *right((Piece(wording.tries(value.tries) if value.tries else "", Ink.MUTED),), _TRIES),
            *right((Piece(self._view.wall.at(value.changed_at), Ink.MUTED),), _WHEN),
        )
        start = (*left((face.mark(), Piece(" "), face.said(bold=troubled)), _STATE), Piece(clean(value.address)))
        lines = [spread(start, end, width)]
        if value.error:
            error = Piece(clean(value.error), face.ink if troubled else Ink.MUTED)
            lines += [(Piece(" " * _STATE), *line) for line in wrapped(error, width - _STATE, 2)]
        return lines

    def nothing(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - short enough
        """Say who would get a notice, or how to add the first one."""
        look = self._view.overview
        if look is None:
            return [(Piece("  …", Ink.MUTED),)]
        if not look.subscriber_count:
            return [
                (Piece("  no subscribers yet: ", Ink.MUTED), Piece("omwatch subscriber add ADDRESS", Ink.ACCENT)),
            ]
        people = wording.several(look.subscriber_count, "subscriber")
        return [(Piece(f"  no notice sent yet; the next one goes to {people}", Ink.MUTED),)]


def _progress(view: View) -> Line:
    """Return how far the notices of what goes on have come, while some are still on their way; empty otherwise."""
    counts = view.overview.delivery_counts if view.overview else {}
    waiting = counts.get(DeliveryState.QUEUED, 0) + counts.get(DeliveryState.SENDING, 0)
    total = sum(counts.values())
    if not waiting:
        return ()
    done = total - waiting
    filled = done * _PROGRESS // total
    track = Piece("─" * (_PROGRESS - filled), Ink.LINE)
    return (Piece(f"  {done:,} of {total:,} "), Piece("━" * filled, Ink.ACCENT), track)
