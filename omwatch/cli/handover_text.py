"""The hand-over as text, 80 columns wide; what there is none of takes one calm line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from omwatch.cli.ticket_words import standing
from omwatch.cli.wrapping import wrapped
from omwatch.desk.deadlines import Owed
from omwatch.desk.handover import Handover
from omwatch.domain.approval import Approval
from omwatch.domain.client import Support
from omwatch.domain.event import Event
from omwatch.domain.safetext import clean
from omwatch.domain.sla import time_zone
from omwatch.domain.suggestion import Suggestion, SuggestionKind
from omwatch.domain.ticket import Ticket
from omwatch.store.overview import WatcherState
from omwatch.store.suggestions import Dismissal

_WIDTH = 80
_QUOTED = 160  # characters of what was said last


@dataclass(frozen=True, slots=True)
class _Wall:
    """The clock on the operators' wall."""

    now: datetime
    zone: str

    def at(self, instant: datetime) -> str:
        """Return "10:02" for today, and "22 Nov 10:02" for another day; with its zone where that is another."""
        today, then = (moment.astimezone(time_zone(self.zone)) for moment in (self.now, instant))
        day = "" if then.date() == today.date() else f"{then.day} {then:%b} "
        zone = "" if then.tzname() == today.tzname() else f" {then.tzname()}"
        return f"{day}{then:%H:%M}{zone}"

    @property
    def headline(self) -> str:
        """The day and the time here and in UTC."""
        local, utc = self.now.astimezone(time_zone(self.zone)), self.now.astimezone(UTC)
        return f"Hand-over, {local:%A} {local.day} {local:%B %Y}, {local:%H:%M %Z} ({utc:%H:%M} UTC)"


def text(found: Handover, zone: str) -> str:
    """Return a hand-over as text for a terminal, or for a mail, its times told in a zone."""
    wall = _Wall(found.at, zone)
    blocks = [_wrapped(_watcher(found, wall), "", ""), *_sections(found, wall)]
    lines = [wall.headline, "", *blocks[0]]
    for before, block in pairwise(blocks):
        # Lines that say that there is nothing stand together; what there is something of stands apart.
        lines += block if len(before) == len(block) == 1 else ["", *block]
    return "\n".join(lines)


def _sections(found: Handover, wall: _Wall) -> Iterator[list[str]]:
    incidents = [_incident(item, found, wall) for item in found.incidents]
    yield _section("Open incidents", "No incident is open.", incidents)
    yield _section("Owed, soonest first", "Nothing is owed.", [_owed(item, wall) for item in found.owed])
    yield _section("Suggestions that wait", "No suggestion waits.", [_suggestion(item) for item in found.suggestions])
    dismissed = [_dismissal(item, wall) for item in found.dismissals]
    yield _section("Dismissed", "Nothing was dismissed within a day.", dismissed)
    waiting = [_approval(item, wall) for item in found.approvals]
    yield _section("For a second person", "Nothing waits for a second person.", waiting)
    planned = [_maintenance(item, wall) for item in found.maintenances]
    yield _section("Maintenance", "No maintenance runs, or begins within a day.", planned)
    tickets = [_ticket(item, wall) for item in found.tickets]
    yield _section("Tickets, in the order of work", "No ticket is open.", tickets)
    dead = [f"{count:,} × {error or 'for no known reason'}" for error, count in found.dead]
    yield _section("Notices given up within a day", "No notice was given up within a day.", dead)
    alarms = [f"{count:,} {state}" for state, count in sorted(found.alarms.items())]
    yield _section("Alarms that did not reach on-call", "No alarm of a day has failed.", alarms)


def _section(heading: str, nothing: str, items: Sequence[str]) -> list[str]:
    """Return a heading with its items, whose further lines hang; or the one line that there is nothing."""
    if not items:
        return [nothing]
    lines = [heading]
    for item in items:
        first, *rest = item.split("\n")
        lines += _wrapped(first, "  ", "     ")
        lines += [part for line in rest for part in _wrapped(line, "     ", "     ")]
    return lines


def _watcher(found: Handover, wall: _Wall) -> str:
    if found.blind_since:
        blind = f"this site is blind since {wall.at(found.blind_since)}"
        return f"The watcher lives, but {blind}: no control answers, and nothing is judged."
    if found.watcher is WatcherState.ALIVE:
        return "The watcher lives."
    if found.watcher_seen_at is None:
        return "Nobody watches! No watcher was ever here; 'omwatch watch' starts one."
    seen = wall.at(found.watcher_seen_at)
    return f"Nobody watches! The last watcher was heard of at {seen}; 'omwatch watch' starts another."


def _incident(item: Event, found: Handover, wall: _Wall) -> str:
    last, due = item.updates[-1], found.next_update(item.id)
    owed = f"due {wall.at(due.due_at)}, {due.standing(wall.now)}" if due else "owed on material progress"
    return "\n".join(
        [
            f"{item.id}  severity {item.severity:d} {item.severity.label}, {item.status.label}: {item.title}",
            f"since {wall.at(item.started_at)}: {', '.join(item.components)}",
            f"last update {wall.at(last.at)} by {last.author}: {clean(last.text, _QUOTED)}",
            f"next update {owed}",
        ]
    )


def _owed(item: Owed, wall: _Wall) -> str:
    owed = item.deadline
    until = owed.snoozed_until
    snoozed = f"; snoozed until {wall.at(until)}" if until and until > wall.now else ""
    what = f"{owed.duty} for {owed.about} {owed.about_id}, severity {owed.severity:d}"
    return f"{wall.at(owed.due_at)}  {owed.standing(wall.now)}{snoozed}\n{what}: {item.title}"


def _suggestion(item: Suggestion) -> str:
    return f"{item.id}  {_proposal(item)}\n{item.reason}"


def _dismissal(item: Dismissal, wall: _Wall) -> str:
    goes_on = "" if item.suggestion.settled else "; its trouble goes on"
    dismissed = f"dismissed {wall.at(item.at)} by {item.by}{goes_on}: {item.why}"
    return f"{item.suggestion.id}  {_proposal(item.suggestion)}\n{dismissed}"


def _proposal(item: Suggestion) -> str:
    severity = f"severity {item.severity:d} {item.severity.label}"
    if item.incident is None:
        return f"open an incident, {severity}: {', '.join(item.components)}"
    if item.kind is SuggestionKind.RESOLVE:
        return f"resolve incident {item.incident}"
    return f"regrade incident {item.incident} to {severity}"


def _approval(item: Approval, wall: _Wall) -> str:
    asked = f"asked by {item.asked_by} at {wall.at(item.asked_at)}; 'omwatch approval show {item.id}'"
    return f"{item.id}  severity {item.draft.severity:d}: {item.draft.title}\n{asked}"


def _maintenance(item: Event, wall: _Wall) -> str:
    when = wall.at(item.started_at)
    if item.window:
        when = f"{when} to {wall.at(item.window.ends_at)}"
        over = item.status.open and item.window.ends_at < wall.now
        when += ", overrun" if over else ""
    return f"{item.id}  {item.status.label}, {when}: {item.title}\n{', '.join(item.components) or 'no component'}"


def _ticket(item: Ticket, wall: _Wall) -> str:
    client = f"{item.client}, premium" if item.support is Support.PREMIUM else item.client
    whose = f"with {item.assignee}" if item.assignee else "with nobody"
    part = f", part of incident {item.incident}" if item.incident else ""
    grade = f"severity {item.grade:d}, {standing(item, wall.now)}"
    return f"{item.id}  {grade}, {whose}{part}\n{item.title} ({client})"


def _wrapped(line: str, first: str, rest: str) -> list[str]:
    return wrapped(first + " ".join(line.split()), rest, _WIDTH)
