"""Public words for what is planned: maintenance windows, and subprocessors.

Times are said in UTC and on the clock of ``zone``, in which operators plan.
"""

from dataclasses import replace

from omwatch.domain.deadline import on_both_clocks
from omwatch.domain.event import Event, MaintenanceKind, Subprocessor, Window
from omwatch.domain.notice import day_in_words, listed


def scheduled_text(planned: Event, zone: str) -> str:
    """Return what is said when a maintenance is scheduled."""
    return f"We have scheduled {_some_work(planned)}. {_when(planned, zone)}\n\n{_effect(planned, 'in that time')}"


def reminder_text(planned: Event, zone: str) -> str:
    """Return what is said again before a maintenance begins."""
    return f"This is a reminder of {_some_work(planned)}. {_when(planned, zone)}\n\n{_effect(planned, 'in that time')}"


def begun_text(planned: Event, zone: str) -> str:
    """Return what is said when a maintenance begins."""
    return f"The {_work(planned)} has begun. {_until(planned, zone)}\n\n{_effect(planned, 'until then')}"


def verifying_text(planned: Event) -> str:
    """Return what is said when the work is done, and it is verified that all is well."""
    return f"The work is done; we are verifying {_names(planned)}. We will tell you when the maintenance is completed."


def completed_text(planned: Event) -> str:
    """Return what is said when a maintenance is completed."""
    return f"The {_work(planned)} is completed. {_names(planned)}: working normally.\n\nThank you for your patience."


def cancelled_text(planned: Event, zone: str) -> str:
    """Return what is said when a maintenance will not take place."""
    return f"The {_work(planned)} is cancelled. {_when(planned, zone, was=True)}"


def rescheduled_text(planned: Event, window: Window, zone: str) -> str:
    """Return what is said when a maintenance gets another window, or another end while it goes on."""
    moved = replace(planned, window=window)
    if not planned.status.open:
        return f"The {_work(planned)} is rescheduled. {_when(moved, zone)} {_when(planned, zone, was=True)}"
    longer = planned.window is None or window.ends_at > planned.window.ends_at
    return f"The {_work(planned)} takes {'longer' if longer else 'less time'} than planned. {_until(moved, zone)}"


def subprocessor_text(item: Subprocessor) -> str:
    """Return what is said of a new or replacement subprocessor."""
    place = f" in {item.location}" if item.location else ""
    says = f"From {day_in_words(item.effective_on)} on, {item.name} will process personal data for us{place}."
    replaces = f" It replaces {item.replaces}." if item.replaces else ""
    return f"{says}{replaces}\n\nPurpose: {item.purpose}."


def _work(planned: Event) -> str:
    kind = planned.maintenance.kind if planned.maintenance else MaintenanceKind.PLANNED
    if kind is MaintenanceKind.CODE_ELEVATION:
        return f"code elevation of {_names(planned)}"
    return f"maintenance of {_names(planned)}" + (" to correct an incident" * (kind is MaintenanceKind.CORRECTIVE))


def _some_work(planned: Event) -> str:
    work = _work(planned)
    return work if work.startswith("maintenance") else f"a {work}"


def _names(planned: Event) -> str:
    return listed(tuple(planned.components))


def _effect(planned: Event, when: str) -> str:
    return f"{_names(planned)} may not be available {when}."


def _when(planned: Event, zone: str, *, was: bool = False) -> str:
    if planned.window is None:
        return ""
    begins, ends = ("was to begin", "to end") if was else ("begins", "ends")
    starts_at, ends_at = (on_both_clocks(at, zone) for at in (planned.window.starts_at, planned.window.ends_at))
    return f"It {begins} at {starts_at} and {ends} at {ends_at}."


def _until(planned: Event, zone: str) -> str:
    return f"We expect it to end at {on_both_clocks(planned.window.ends_at, zone)}." if planned.window else ""
