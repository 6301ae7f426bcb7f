"""What can be wrong with a service, for the closed loop and for every peer rule alike."""

from collections.abc import Callable
from dataclasses import dataclass, field

from omwatch.domain.attempt import Outcome, Unit
from omwatch.domain.severity import Severity

SUBJECTS = 50
TOOK_SECONDS = 0.15
"""How long an ordinary attempt takes."""
DEADLINE_SECONDS = 10.0
"""How long an attempt that hangs takes to fail."""

_BLIP_SECONDS = 5.0
_FLAP_SECONDS = 30.0
_THE_ONE = 7

Dice = Callable[[], float]
Fault = Callable[[float, int, Dice], bool]
"""Tells whether an attempt fails, from the seconds since the trouble began, the subject's number, and chance."""


@dataclass(frozen=True, slots=True)
class Service:
    """A simulated service and what ought to be said of it."""

    name: str
    fault: Fault
    right: Severity | None
    """What ought to be named in the end; None: nothing."""
    lasts: float = 300.0
    """How long it is watched, in seconds from the beginning of the trouble."""
    unit: Unit = Unit.SUBJECT
    also: frozenset[Severity] = field(default_factory=frozenset)
    """What may be named without being wrong."""
    right_from: float = 0.0
    """Since when the right severity is right, in seconds from the beginning of the trouble."""
    noise: float = 0.0
    """The share of healthy attempts that fails all the same, before the trouble, too."""
    broken: bool = False
    """The failures are our own: the site is blind, and its controls say so."""
    hangs: bool = False
    checks: int = 1
    share: float | None = None
    """The true failing share in the end; None where there is none to speak of."""

    def attempt(self, seconds: float, subject: str, dice: Dice) -> tuple[Outcome, float]:
        """Return how an attempt ends that starts at this time, and how long it takes."""
        if seconds >= 0 and self.fault(seconds, _number(subject), dice):
            took = DEADLINE_SECONDS if self.hangs else TOOK_SECONDS
            return (Outcome.BROKEN if self.broken else Outcome.FAILED), took
        failed = self.noise > 0 and dice() < self.noise
        return (Outcome.FAILED if failed else Outcome.PASSED), TOOK_SECONDS


def _number(subject: str) -> int:
    return int(subject.rpartition("-")[2])


def _always(_seconds: float, _number: int, _dice: Dice) -> bool:
    return True


def _never(_seconds: float, _number: int, _dice: Dice) -> bool:
    return False


def _one(_seconds: float, number: int, _dice: Dice) -> bool:
    return number == _THE_ONE


def _blip(seconds: float, _number: int, _dice: Dice) -> bool:
    return seconds < _BLIP_SECONDS


def _flapping(seconds: float, _number: int, _dice: Dice) -> bool:
    return seconds % (2 * _FLAP_SECONDS) < _FLAP_SECONDS


def _of_five(failing: int) -> Fault:
    return lambda _seconds, number, _dice: number % 5 < failing


def _with(share: float) -> Fault:
    return lambda _seconds, _number, dice: dice() < share


def _growing(seconds: float) -> float:
    return min(0.6, 0.6 * seconds / 600)


_HALF_HOUR = 1800.0
_CALM = frozenset({Severity.MINOR})
_GROWING = frozenset({Severity.MINOR, Severity.IMPAIRMENT})

SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        Service("all down", _always, Severity.OUTAGE, lasts=120, share=1.0),
        Service("all down, every attempt", _always, Severity.OUTAGE, lasts=120, unit=Unit.INTERACTION, share=1.0),
        Service("all down, over 1 % noise", _always, Severity.OUTAGE, lasts=120, unit=Unit.INTERACTION, noise=0.01),
        Service("hangs for 10 s", _always, Severity.OUTAGE, lasts=180, hangs=True, share=1.0),
        Service("40 % of agents", _of_five(2), Severity.OUTAGE, share=0.4),
        Service("20 % of agents", _of_five(1), Severity.IMPAIRMENT, share=0.2),
        Service("one agent", _one, Severity.MINOR, share=0.02),
        Service("35 % of attempts", _with(0.35), Severity.OUTAGE, _HALF_HOUR, Unit.INTERACTION, share=0.35),
        Service("25 % of attempts", _with(0.25), Severity.IMPAIRMENT, _HALF_HOUR, Unit.INTERACTION, share=0.25),
        Service(
            "slow growth, agents",
            lambda seconds, number, _dice: (number * 7) % SUBJECTS + 1 <= SUBJECTS * _growing(seconds),
            Severity.OUTAGE,
            lasts=1200,
            also=_GROWING,
            right_from=300,
            share=0.6,
        ),
        Service(
            "slow growth, attempts",
            lambda seconds, _number, dice: dice() < _growing(seconds),
            Severity.OUTAGE,
            lasts=1200,
            unit=Unit.INTERACTION,
            also=_GROWING,
            right_from=300,
            share=0.6,
        ),
        Service("flapping, 30 s on, 30 s off", _flapping, Severity.OUTAGE, 3 * 3600.0),
        Service(
            "blip of 5 s, agents",
            _blip,
            None,
            lasts=600,
            also=_CALM,
            noise=0.01,
        ),
        Service(
            "blip of 5 s, attempts",
            _blip,
            None,
            lasts=600,
            unit=Unit.INTERACTION,
            also=_CALM,
            noise=0.01,
        ),
        Service("site blind", _always, None, broken=True),
        Service("two components", _always, Severity.OUTAGE, lasts=120, checks=2, share=1.0),
    )
}
NOISE = {
    unit: Service(f"1 % noise, {unit}", _never, None, unit=unit, noise=0.01)
    for unit in (Unit.SUBJECT, Unit.INTERACTION)
}
