"""What no judge of this kind can beat, computed: the fewest failures that prove an outage, and the false alarms."""

from datetime import timedelta

from benchmarks.detection_loop import EVERY_SECONDS, HURRY_PER_SECOND, NAMES, seat_for
from benchmarks.detection_services import SUBJECTS
from omwatch.clock import FakeClock
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.severity import Severity
from omwatch.domain.suspicion import THRESHOLD, Noise

ALLOWED_PER_SECOND = SUBJECTS / EVERY_SECONDS + HURRY_PER_SECOND
"""The attempts per second that a check may make while it hurries."""
_NEGLIGIBLE = 1e-18


def fewest_failures(unit: Unit) -> int:
    """Return how many failures in a row the real judge needs for severity 1, with time between them to spare."""
    seat, now = seat_for("limit", unit), FakeClock().now()
    for number, name in enumerate(NAMES):
        seat.add_all([Attempt("limit", name, now + timedelta(seconds=number), 1.0, Outcome.PASSED)])
    now += timedelta(hours=1)
    for number, name in enumerate(NAMES, 1):
        now += timedelta(seconds=2)
        seat.add_all([Attempt("limit", name, now, 1.0, Outcome.FAILED)])
        if seat.judge(now).assessment.severity is Severity.OUTAGE:
            return number
    raise AssertionError("a service that is down altogether is never called so")


def limit_seconds(unit: Unit) -> float:
    """Return the time in which the allowed attempts can land those failures."""
    return fewest_failures(unit) / ALLOWED_PER_SECOND


def attempts_between_false_alarms(share: float, noise: Noise) -> float:
    """Return the mean number of attempts until the score reaches its threshold by chance alone.

    An excursion of the score begins at zero with a failure and ends at zero or at the threshold. Within it the score
    follows from the numbers of failures and passes, so its chances can be added up exactly, attempt by attempt.
    Excursions are independent, so the mean is that of one cycle (waiting, then an excursion) over the chance of one
    to succeed.
    That the evidence of one moment counts only so much makes alarms rarer still, and is left out.
    """
    up, down = noise.failure_weight, noise.pass_weight
    going = {1: 1.0}  # failures so far → the chance to be there; an excursion's first attempt failed
    length, mean_length, reached = 1, 0.0, 0.0
    while sum(going.values()) > _NEGLIGIBLE:
        mean_length += sum(going.values())
        length += 1
        following: dict[int, float] = {}
        for failures, chance in going.items():
            for more, odds in ((1, share), (0, 1 - share)):
                score = (failures + more) * up - (length - failures - more) * down
                if score >= THRESHOLD:
                    reached += chance * odds
                elif score > 0:
                    following[failures + more] = following.get(failures + more, 0.0) + chance * odds
        going = following
    return (1 / share + mean_length) / reached
