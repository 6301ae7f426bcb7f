"""How states look: a glyph, a word and an ink each, so that no meaning hangs on colour alone."""

from dataclasses import dataclass

from omwatch.dashboard.paint import Ink, Piece
from omwatch.domain.assessment import CheckState
from omwatch.domain.deadline import DeadlineState
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Standing:
    """The face of one state."""

    glyph: str
    word: str
    ink: Ink

    def mark(self) -> Piece:
        """Return the glyph."""
        return Piece(self.glyph, self.ink)

    def said(self, *, bold: bool = True) -> Piece:
        """Return the word."""
        return Piece(self.word, self.ink, bold=bold)


OPERATIONAL = Standing("●", "Operational", Ink.HEALTHY)
GATHERING = Standing("○", "Gathering", Ink.GATHERING)
BROKEN = Standing("✗", "Broken", Ink.MAINTENANCE)
"""Ours, not the service's; it has a colour that no severity has."""
MAINTENANCE = Standing("◇", "Under maintenance", Ink.MAINTENANCE)
WARNING = Standing("▲", "", Ink.IMPAIRMENT)
ALARM = Standing("■", "", Ink.OUTAGE)
WELL = Standing("●", "", Ink.HEALTHY)
UNKNOWN = Standing("○", "", Ink.GATHERING)

_SEVERITIES = {
    Severity.OUTAGE: Standing("■", Severity.OUTAGE.label, Ink.OUTAGE),
    Severity.IMPAIRMENT: Standing("▲", Severity.IMPAIRMENT.label, Ink.IMPAIRMENT),
    Severity.MINOR: Standing("◆", Severity.MINOR.label, Ink.MINOR),
    Severity.NONE: OPERATIONAL,
}
_DELIVERIES = {
    DeliveryState.QUEUED: Standing("○", "queued", Ink.GATHERING),
    DeliveryState.SENDING: Standing("◐", "sending", Ink.ACCENT),
    DeliveryState.SENT: Standing("●", "sent", Ink.HEALTHY),
    DeliveryState.FAILED: Standing("▲", "failed", Ink.IMPAIRMENT),
    DeliveryState.DEAD: Standing("■", "dead", Ink.OUTAGE),
}

_DEADLINES = {
    DeadlineState.RUNNING: Ink.FOREGROUND,
    DeadlineState.AT_RISK: Ink.IMPAIRMENT,
    DeadlineState.BREACHED: Ink.OUTAGE,
}


def of_severity(severity: Severity | None) -> Standing:
    """Return how a severity looks; None is gathering."""
    return GATHERING if severity is None else _SEVERITIES[severity]


def of_check(state: CheckState) -> Standing:
    """Return how a check stands. Failing outranks broken; broken outranks every good news."""
    if state.trouble is not None and not state.assessment.unhealthy:
        return BROKEN
    return of_severity(state.assessment.severity)


def of_deadline(state: DeadlineState) -> Ink:
    """Return the ink in which a deadline is told."""
    return _DEADLINES.get(state, Ink.MUTED)


def of_delivery(state: DeliveryState) -> Standing:
    """Return how a delivery stands."""
    return _DELIVERIES[state]
