"""How the service levels were kept: what was met, what was breached, and by how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from omwatch.domain.deadline import About, Deadline, DeadlineState, Duty
from omwatch.domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Kept:
    """How often one duty was met for one severity, and how often it was not."""

    severity: Severity
    duty: Duty
    met: int = 0
    breached: int = 0

    @property
    def per_mille(self) -> int | None:
        """The share that was met, rounded down, so that a breach never reads as none; None where nothing was owed."""
        owed = self.met + self.breached
        return 1000 * self.met // owed if owed else None

    @property
    def percent(self) -> float | None:
        """The share that was met, in percent, to one decimal; None where nothing was owed."""
        return None if self.per_mille is None else self.per_mille / 10


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise that was not kept."""

    duty: Duty
    severity: Severity
    about: About
    number: int
    """Of the suggestion, the incident or the ticket."""
    subject: str
    """What that was called; empty where it is not known."""
    due_at: datetime
    met_at: datetime | None
    """None: it is not met yet, or was owed no more when it was late already."""
    late: timedelta


def kept(deadlines: Iterable[Deadline], now: datetime) -> tuple[Kept, ...]:
    """Return for each severity and duty how often it was met and breached; what still runs is not counted."""
    states = [(deadline.severity, deadline.duty, deadline.state(now)) for deadline in deadlines]
    return tuple(
        Kept(
            severity,
            duty,
            met=states.count((severity, duty, DeadlineState.MET)),
            breached=states.count((severity, duty, DeadlineState.BREACHED)),
        )
        for severity in Severity
        for duty in Duty
    )


def breaches(
    deadlines: Iterable[Deadline], subjects: Mapping[tuple[About, int], str], now: datetime
) -> tuple[Breach, ...]:
    """Return what was not kept, the earliest first.

    Args:
        deadlines: of whatever state.
        subjects: what the suggestions, incidents and tickets are called.
        now: until when what is still owed has been late so far.
    """
    found = [deadline for deadline in deadlines if deadline.state(now) is DeadlineState.BREACHED]
    return tuple(
        Breach(
            duty=deadline.duty,
            severity=deadline.severity,
            about=deadline.about,
            number=deadline.about_id,
            subject=subjects.get((deadline.about, deadline.about_id), ""),
            due_at=deadline.due_at,
            met_at=deadline.met_at,
            late=deadline.late(now),
        )
        for deadline in sorted(found, key=lambda deadline: (deadline.due_at, deadline.id))
    )
