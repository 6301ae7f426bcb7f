"""The sliding windows count what a naive recount counts, however attempts come in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.judge import Count, Window
from omwatch.domain.recent import Recent, Span
from tests.domain.builders import after, an_attempt

SPANS = (
    Span("in the last round", timedelta(seconds=10)),
    Span("in the last minute", timedelta(seconds=60)),
    Span("in the last 5 minutes", timedelta(seconds=300)),
)


@dataclass
class Recount:
    """The obvious way: keep everything, count afresh each time."""

    unit: Unit
    kept: list[Attempt] = field(default_factory=list)

    def add(self, attempt: Attempt) -> None:
        self.kept.append(attempt)

    def fresh(self, now: datetime, span: Span) -> list[Attempt]:
        return [item for item in self.kept if item.outcome is not Outcome.BROKEN and item.at >= now - span.length]

    def latest(self, now: datetime, span: Span) -> dict[str, Attempt]:
        found: dict[str, Attempt] = {}
        for item in self.fresh(now, span):
            known = found.get(item.subject)
            failed = item.outcome is Outcome.FAILED
            if known is None or (known.at, known.outcome is Outcome.FAILED) < (item.at, failed):
                found[item.subject] = item
        return found

    def windows(self, now: datetime) -> tuple[Window, ...]:
        return tuple(Window(span.name, self.count(now, span)) for span in SPANS)

    def count(self, now: datetime, span: Span) -> Count:
        counted = self.fresh(now, span) if self.unit is Unit.INTERACTION else list(self.latest(now, span).values())
        return Count(sum(item.outcome is Outcome.FAILED for item in counted), len(counted))

    def first_failed_at(self, now: datetime) -> datetime | None:
        failed = [item.at for item in self.fresh(now, SPANS[-1]) if item.outcome is Outcome.FAILED]
        return min(failed, default=None)

    def failing_subjects(self, now: datetime) -> tuple[str, ...]:
        latest = self.latest(now, SPANS[-1])
        return tuple(sorted(name for name, item in latest.items() if item.outcome is Outcome.FAILED))


@st.composite
def timelines(draw: st.DrawFn) -> list[tuple[float, list[Attempt]]]:
    """Instants at which somebody asks, each with the attempts that ended since, which began up to a minute before."""
    now, steps = 0.0, []
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.sampled_from([0.0, 0.25, 1.0, 9.0, 10.0, 30.0, 61.0, 301.0]))
        batch = [
            an_attempt(
                subject=draw(st.sampled_from(["ada", "bob", "cleo"])),
                seconds=now - draw(st.sampled_from([0.0, 0.5, 2.0, 9.75, 10.0, 30.0, 60.0])),
                outcome=draw(st.sampled_from(Outcome)),
            )
            for _ in range(draw(st.integers(0, 6)))
        ]
        steps.append((now, batch))
    return steps


@pytest.mark.parametrize("unit", list(Unit))
@settings(max_examples=100)
@given(timeline=timelines())
def test_it_counts_like_a_naive_recount(unit: Unit, timeline: list[tuple[float, list[Attempt]]]) -> None:
    recent, recount = Recent(unit, SPANS), Recount(unit)
    for seconds, batch in timeline:
        for attempt in batch:
            recent.add(attempt)
            recount.add(attempt)
        now = after(seconds)
        assert recent.windows(now) == recount.windows(now)
        assert recent.first_failed_at(now) == recount.first_failed_at(now)
        assert recent.failing_subjects(now) == recount.failing_subjects(now)


def counts(recent: Recent, seconds: float) -> list[Count]:
    return [window.count for window in recent.windows(after(seconds))]


def test_a_subject_that_failed_and_then_got_in_does_not_fail() -> None:
    recent = Recent(Unit.SUBJECT, SPANS)
    recent.add(an_attempt("ada", 0, Outcome.FAILED))
    recent.add(an_attempt("ada", 1, Outcome.PASSED))
    assert counts(recent, 2) == [Count(0, 1)] * 3
    assert recent.failing_subjects(after(2)) == ()


def test_an_interaction_that_failed_stays_failed_though_the_next_one_passed() -> None:
    recent = Recent(Unit.INTERACTION, SPANS)
    recent.add(an_attempt("ada", 0, Outcome.FAILED))
    recent.add(an_attempt("ada", 1, Outcome.PASSED))
    assert counts(recent, 2) == [Count(1, 2)] * 3


@pytest.mark.parametrize("unit", list(Unit))
def test_a_broken_attempt_counts_for_nothing_and_replaces_nothing(unit: Unit) -> None:
    recent = Recent(unit, SPANS)
    recent.add(an_attempt("ada", 0, Outcome.FAILED))
    recent.add(an_attempt("ada", 1, Outcome.BROKEN))
    recent.add(an_attempt("bob", 1, Outcome.BROKEN))
    assert counts(recent, 2) == [Count(1, 1)] * 3
    assert recent.first_failed_at(after(2)) == after(0)


def test_an_attempt_that_began_earlier_and_ended_later_is_not_the_latest() -> None:
    recent = Recent(Unit.SUBJECT, SPANS)
    recent.add(an_attempt("ada", 5, Outcome.PASSED))
    recent.add(an_attempt("ada", 1, Outcome.FAILED))
    assert counts(recent, 6) == [Count(0, 1)] * 3


def test_the_first_failure_is_one_that_the_longest_window_still_holds() -> None:
    recent = Recent(Unit.INTERACTION, SPANS)
    recent.add(an_attempt("ada", 50, Outcome.FAILED))
    recent.add(an_attempt("bob", 10, Outcome.FAILED))
    assert recent.first_failed_at(after(310)) == after(10)
    assert recent.first_failed_at(after(311)) == after(50)
    assert recent.first_failed_at(after(351)) is None


@pytest.mark.parametrize("unit", list(Unit))
def test_a_year_of_watching_takes_no_more_memory_than_its_longest_window(unit: Unit) -> None:
    recent = Recent(unit, SPANS)
    for second in range(5000):
        recent.add(an_attempt("ada", second, Outcome.FAILED))
        recent.windows(after(second))
        recent.first_failed_at(after(second))
    assert kept(recent) < 4 * 301


def kept(thing: object) -> int:
    """Count what an object keeps, in its collections and in those of the objects in them."""
    if isinstance(thing, dict):
        return len(thing) + sum(map(kept, thing.values()))
    if hasattr(thing, "__dict__"):
        return kept(vars(thing))
    if isinstance(thing, str | bytes) or not hasattr(thing, "__len__") or not hasattr(thing, "__iter__"):
        return 0
    return sum(1 + kept(item) for item in thing) if not isinstance(thing, tuple) else sum(map(kept, thing))


def test_it_looks_back_as_far_as_its_longest_window() -> None:
    assert Recent(Unit.SUBJECT, SPANS).longest_span == timedelta(seconds=300)
