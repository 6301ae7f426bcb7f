"""From counts of failed attempts to a severity, with an interval and a reason in words.

Rules: DESIGN §6, after the brief's "30 % or more" and "less than 30 %". Every line is compared in whole numbers;
floats appear in intervals only. Nothing here reads a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from omwatch.domain.attempt import Unit
from omwatch.domain.severity import Severity

_Z95 = 1.959963984540054  # the normal distribution's 97.5 % quantile: two-sided 95 %
_PERCENT = 100
_PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Count:
    """The two whole numbers behind every percentage."""

    failing: int
    tried: int

    def __post_init__(self) -> None:
        """Refuse impossible counts.

        Raises:
            ValueError: a number is negative, or more fail than were tried.
        """
        if self.failing < 0 or self.tried < self.failing:
            raise ValueError(f"{self.failing} of {self.tried}: failing must be between 0 and tried")

    def reaches(self, share: int, of: int = _PERCENT) -> bool:
        """Tell whether failing / tried is ``share / of`` or more, exactly, in whole numbers."""
        return self.failing * of >= share * self.tried

    @property
    def percent(self) -> float:
        """The failing share in percent; 0 when nothing was tried."""
        return _PERCENT * self.failing / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """The 95 % Wilson score interval of a failing share, in percent."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines a check is judged by."""

    unit: Unit
    noun: str = "attempt"
    """What is counted, in the singular."""
    core: bool = True
    """False for a supporting component, which is never worse than minor."""
    outage_percent: int = 30
    """At this share or more it is an outage. Brief: "30% or more"."""
    clear_below_percent: int = 25
    """An outage is left only below this share."""
    minimum: int = 10
    """Fewer tried than this say nothing yet."""
    noise_per_mille: int = 0
    """The share that fails on an ordinary day."""


@dataclass(frozen=True, slots=True)
class Window:
    """The counts of one look back in time."""

    name: str
    """Reads like "in the last minute"; empty where there is nothing to say."""
    count: Count


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the counts say at one instant, before any memory of earlier instants."""

    severity: Severity | None
    """None while gathering: too few tried to say anything."""
    count: Count
    interval: Interval
    reason: str


def wilson(count: Count) -> Interval:
    """Return the 95 % Wilson score interval, in percent; 0 to 100 when nothing was tried.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if not count.tried:
        return Interval(0.0, float(_PERCENT))
    n, p = count.tried, count.failing / count.tried
    square = _Z95 * _Z95
    centre = (p + square / (2 * n)) / (1 + square / n)
    half = _Z95 * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
    # At the ends the formula is exact in theory and off by a rounding error in floats.
    low = 0.0 if count.failing == 0 else max(0.0, centre - half)
    high = 1.0 if count.failing == count.tried else min(1.0, centre + half)
    return Interval(low * _PERCENT, high * _PERCENT)


def judge(windows: Sequence[Window], rules: Rules) -> Verdict:
    """Grade one component from its windows, shortest first.

    The shortest window whose interval is clear of the outage line decides on which side of it we are; if none is
    clear, the longest decides literally. Failures below the line are an impairment once any window's interval is clear
    of the check's ordinary noise; a failing subject is minor even within it, and so is one alone beyond it.

    Raises:
        ValueError: no window was given.
    """
    if not windows:
        raise ValueError("judging needs at least one window")
    telling = [window for window in windows if window.count.tried >= rules.minimum]
    if not telling:
        return gathering(windows[-1], rules)
    deciding = decider(telling, rules)
    if above_line(deciding.count, rules):
        return verdict(Severity.OUTAGE if rules.core else Severity.MINOR, deciding, rules)
    noisy = next((window for window in telling if beyond_noise(window.count, rules)), None)
    failing = next((window for window in telling if window.count.failing), None)
    one_off = max(window.count.failing for window in telling) == 1
    if rules.unit is Unit.SUBJECT and failing is not None and (one_off or noisy is None):
        return verdict(Severity.MINOR, failing, rules)
    if noisy is None:
        return verdict(Severity.NONE, telling[-1], rules)
    return verdict(Severity.IMPAIRMENT if rules.core else Severity.MINOR, noisy, rules)


def decider(windows: Sequence[Window], rules: Rules) -> Window:
    """Return the shortest window whose interval is clear of the outage line, or the longest if none is."""
    return next((window for window in windows if clear_of_line(window.count, rules)), windows[-1])


def clear_of_line(count: Count, rules: Rules) -> bool:
    """Tell whether the whole 95 % interval lies on one side of the outage line."""
    interval = wilson(count)
    return interval.low > rules.outage_percent or interval.high < rules.outage_percent


def above_line(count: Count, rules: Rules) -> bool:
    """Tell whether the failing share is at the outage line or above, in whole numbers."""
    return count.failing > 0 and count.reaches(rules.outage_percent)


def beyond_noise(count: Count, rules: Rules) -> bool:
    """Tell whether the 95 % interval of one look lies above the check's ordinary noise."""
    return count.failing > 0 and wilson(count).low * (_PER_MILLE // _PERCENT) > rules.noise_per_mille


def gathering(window: Window, rules: Rules) -> Verdict:
    """Return the verdict that there is none yet."""
    tried = window.count.tried
    words = _with_name(window, f"{tried} {plural(rules.noun, tried)} tried")
    return Verdict(None, window.count, wilson(window.count), f"gathering: {words}, {rules.minimum} needed")


def verdict(severity: Severity, window: Window, rules: Rules) -> Verdict:
    """Return a verdict that rests on one window, with its reason in words."""
    interval = wilson(window.count)
    reason = f"{said(window, rules)}; 95 % interval {interval_in_words(interval)}"
    return Verdict(severity, window.count, interval, reason)


def said(window: Window, rules: Rules) -> str:
    """Return "17 of 50 agents failed in the last round"."""
    return _with_name(window, share_in_words(window.count, rules.noun))


def share_in_words(count: Count, noun: str) -> str:
    """Return "17 of 50 agents failed", with the plural that the count asks for."""
    return f"{count.failing} of {count.tried} {plural(noun, count.tried)} failed"


def plural(noun: str, number: int) -> str:
    """Return the noun for that many."""
    return noun if number == 1 else f"{noun}s"


def interval_in_words(interval: Interval) -> str:
    """Return "22–48 %"."""
    return f"{interval.low:.0f}–{interval.high:.0f} %"


def _with_name(window: Window, words: str) -> str:
    return f"{words} {window.name}".rstrip()
