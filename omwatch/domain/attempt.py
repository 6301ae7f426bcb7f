"""An attempt: one subject tried once, and whose fault it was if it did not work."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt ended. Failed is not broken: only failed counts against the service."""

    PASSED = "passed"
    FAILED = "failed"
    """The service's fault: wrong answer, transport error, deadline."""
    BROKEN = "broken"
    """Ours: a faulty probe, a resolver out of order, a blind site. Shown to operators, never counted."""


class Unit(StrEnum):
    """What a failure percentage is a percentage of."""

    SUBJECT = "subject"
    """Subjects whose latest fresh attempt failed, of subjects with a fresh attempt (agents)."""
    INTERACTION = "interaction"
    """Failed attempts of all fresh attempts (pops, chats, e-mails)."""


class Unmet(Exception):
    """The service did not do what the journey expects; the message says what it did instead."""


class TooLate(Unmet):
    """The service did not do it in time; whether it or the network in between was slow, nobody can tell from here."""


class OurFault(Exception):
    """Our own side kept the attempt from being made, so it says nothing about the service."""


class Unresolved(OurFault):
    """Our resolver did not answer."""


@dataclass(frozen=True, slots=True)
class Phases:
    """Network time inside a step, in milliseconds; None where that phase did not happen."""

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A named, timed part of an attempt."""

    name: str
    started_ms: float
    """Milliseconds from the start of the attempt."""
    total_ms: float
    phases: Phases = Phases()
    error: str = ""
    """Why the step ended the attempt; empty when it passed."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One subject, one run of a check."""

    check: str
    subject: str
    at: datetime
    """When it started, aware UTC."""
    duration_ms: float
    outcome: Outcome
    error: str = ""
    """One line for operators, cleaned; empty when passed. Begins with the step's name where there was one."""
    steps: tuple[Step, ...] = ()
    network: bool = False
    """True when it ended without an answer (not connected, cut off, too late): so would a blind site's."""
