"""Colours of mails: one set for a light screen, one for a dark one. What a colour says, a word beside it says, too.

No plain white or black: mail programs that darken mails by themselves turn those around, and leave the rest unreadable.
"""

from dataclasses import dataclass
from enum import StrEnum

from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Notice
from omwatch.domain.severity import ComponentStatus, Severity


@dataclass(frozen=True, slots=True)
class Scheme:
    """What every mail is painted with."""

    page: str
    card: str
    line: str
    ink: str
    muted: str
    link: str
    on_link: str
    """Words on a ground of the colour of links."""


LIGHT = Scheme("#eef1f5", "#fbfcfd", "#d6dde5", "#1c2530", "#55606e", "#0b5cad", "#fbfcfd")
DARK = Scheme("#12161b", "#1b2128", "#343d48", "#e4e9ef", "#a3aebb", "#8cc4ff", "#12161b")


@dataclass(frozen=True, slots=True)
class Colours:
    """What one tone is painted with: words, the ground of a label, and a bar."""

    ink: str
    ground: str
    bar: str
    dark_ink: str
    dark_ground: str


class Tone(StrEnum):
    """How serious it is, to be seen at a glance."""

    OUTAGE = "outage"
    IMPAIRED = "impaired"
    MINOR = "minor"
    WELL = "well"
    PLANNED = "planned"
    PLAIN = "plain"

    @property
    def colours(self) -> Colours:
        """What it is painted with."""
        return _COLOURS[self]


_COLOURS = {
    Tone.OUTAGE: Colours("#9c1c14", "#fce8e6", "#c5281c", "#ffb1a8", "#4a1714"),
    Tone.IMPAIRED: Colours("#8a4300", "#fdeedd", "#d9730d", "#ffc48a", "#45290b"),
    Tone.MINOR: Colours("#6b5200", "#fbf3d0", "#c9a400", "#f3da77", "#3d3409"),
    Tone.WELL: Colours("#17612f", "#e3f4e8", "#2b8a4a", "#8fe0a8", "#11371f"),
    Tone.PLANNED: Colours("#164f94", "#e4eefb", "#2f74c9", "#a5cdff", "#15304f"),
    Tone.PLAIN: Colours("#404b59", "#e8ecf1", "#7a8694", "#c6ced8", "#2c343d"),
}
_OF_SEVERITY = {
    Severity.OUTAGE: Tone.OUTAGE,
    Severity.IMPAIRMENT: Tone.IMPAIRED,
    Severity.MINOR: Tone.MINOR,
    Severity.NONE: Tone.PLAIN,
}
_OF_STATUS = {
    EventStatus.RESOLVED: Tone.WELL,
    EventStatus.COMPLETED: Tone.WELL,
    EventStatus.SCHEDULED: Tone.PLANNED,
    EventStatus.IN_PROGRESS: Tone.PLANNED,
    EventStatus.VERIFYING: Tone.PLANNED,
    EventStatus.POSTMORTEM: Tone.PLAIN,
    EventStatus.CANCELLED: Tone.PLAIN,
    EventStatus.ANNOUNCED: Tone.PLAIN,
}
_OF_STANDING = {
    ComponentStatus.OPERATIONAL.label: Tone.WELL,
    ComponentStatus.DEGRADED_PERFORMANCE.label: Tone.MINOR,
    ComponentStatus.PARTIAL_OUTAGE.label: Tone.IMPAIRED,
    ComponentStatus.MAJOR_OUTAGE.label: Tone.OUTAGE,
}


def tone_of(notice: Notice) -> Tone:
    """Return the tone of a notice: how bad it is while it goes on, and then that it is over."""
    return _OF_STATUS.get(notice.status, _OF_SEVERITY[notice.severity])


def tone_of_standing(words: str) -> Tone:
    """Return the tone of a component's public status, in words; work on it is planned."""
    return _OF_STANDING.get(words, Tone.PLANNED)
