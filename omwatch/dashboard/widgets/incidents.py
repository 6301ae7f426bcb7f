"""The list of open incidents: what we have told people, and whether it reached them."""

from collections.abc import Sequence

from omwatch.dashboard import standing, wording
from omwatch.dashboard.paint import Ink, Line, Piece, cut, flowing
from omwatch.dashboard.view import IncidentValue, View, failing_deliveries, incident_values
from omwatch.dashboard.widgets.rows import Rows
from omwatch.domain.deadline import Deadline, DeadlineState
from omwatch.domain.safetext import clean
from omwatch.domain.sla import in_words


class Incidents(Rows[IncidentValue]):
    """One row per open incident, newest first."""

    def __init__(self, view: View) -> None:
        """Show this view until the next."""
        super().__init__(id="incidents")
        self._view = view
        self.values = incident_values(view)

    def update(self, view: View) -> None:
        """Show another view."""
        self._view = view
        self.show(incident_values(view))

    def key(self, value: IncidentValue) -> int:
        """Return the incident's number."""
        return value.incident.id

    def heading(self, width: int) -> tuple[Line, Line]:  # noqa: ARG002 - short enough
        """Return the name of the list and how long it is."""
        number = len(self.values)
        end = (Piece(f"{number} open", Ink.MUTED),) if number else ()
        return (Piece("Open incidents", Ink.MUTED, bold=True),), end

    def row(self, value: IncidentValue, width: int) -> Sequence[Line]:
        """Return the title, and below it how grave, how far, since when, by whom, and what became of its notices."""
        item, face = value.incident, standing.of_severity(value.incident.severity)
        title = cut((face.mark(), Piece(f" {item.id}  ", Ink.MUTED), Piece(clean(item.title), bold=True)), width)
        failing = failing_deliveries(value.sums)
        parts: list[Line] = [
            (face.said(bold=False),),
            (Piece(item.status.value),),
            (Piece(f"since {self._view.wall.at(item.started_at)}", Ink.MUTED),),
            *([self._owed(value.owed)] if value.owed else []),
            (Piece(wording.sums(value.sums), Ink.IMPAIRMENT if failing else Ink.FOREGROUND, bold=bool(failing)),),
            (Piece(f"by {clean(value.author)}", Ink.MUTED),),
        ]
        return [title, *((Piece("  "), *line) for line in flowing(parts, width - 2))]

    def _owed(self, deadline: Deadline) -> Line:
        wall, state = self._view.wall, deadline.state(self._view.wall.now)
        late = state is DeadlineState.BREACHED
        when = (
            f"{in_words(wall.now - deadline.due_at)} overdue" if late else f"in {in_words(deadline.due_at - wall.now)}"
        )
        bold = state is not DeadlineState.RUNNING
        return (Piece(f"update {when}", standing.of_deadline(state), bold=bold),)

    def nothing(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - short enough
        """Say that there is none."""
        return [(Piece("  none" if self._view.overview else "  …", Ink.MUTED),)]
