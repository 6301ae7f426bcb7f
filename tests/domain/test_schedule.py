"""Due instants lie on a grid that is even, and the same after every restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.schedule import next_due, phase, ticks_between

INSTANTS = st.floats(0, 4_102_444_800)  # up to the year 2100
CADENCES = st.floats(1, 86_400)
OFFSETS = st.floats(0, 1, exclude_max=True)


@given(after=INSTANTS, every=CADENCES, offset=OFFSETS)
def test_the_next_instant_is_later_and_no_more_than_a_cadence_away(after: float, every: float, offset: float) -> None:
    due = next_due(after, every, offset)
    assert due > after
    assert due - after <= every * (1 + 1e-6) + 1e-5


@given(after=INSTANTS, every=CADENCES, offset=OFFSETS)
def test_the_next_instant_lies_on_the_grid(after: float, every: float, offset: float) -> None:
    ticks = (next_due(after, every, offset) - offset * every) / every
    assert ticks == pytest.approx(round(ticks), abs=1e-5)


@given(after=INSTANTS, every=st.integers(1, 86_400), offset=OFFSETS, steps=st.integers(1, 50))
def test_going_from_instant_to_instant_skips_and_repeats_none(
    after: float, every: int, offset: float, steps: int
) -> None:
    first = due = next_due(after, every, offset)
    for _ in range(steps):
        due = next_due(due, every, offset)
    assert due - first == pytest.approx(steps * every, abs=1e-3)
    assert ticks_between(first, due, every) == steps


def test_an_instant_on_the_grid_is_followed_by_the_next_one() -> None:
    assert next_due(100.0, 10, 0.0) == 110.0
    assert next_due(99.9, 10, 0.0) == 100.0
    assert next_due(100.0, 10, 0.25) == 102.5


@given(check=st.text(), subject=st.text())
def test_a_phase_is_a_share_of_the_cadence(check: str, subject: str) -> None:
    assert 0 <= phase(check, subject) < 1
    assert phase(check, subject) == phase(check, subject)


def test_phases_are_the_same_on_every_machine_and_in_every_version() -> None:
    assert phase("agent-login", "agent-001") == pytest.approx(0.65692, abs=1e-5)
    assert phase("screen-pop", "agent-001") == pytest.approx(0.17232, abs=1e-5)


def test_the_border_between_check_and_subject_matters() -> None:
    assert phase("ab", "c") != phase("a", "bc")


@pytest.mark.parametrize("check", ["agent-login", "screen-pop", "chat-routing", "email-routing"])
def test_a_thousand_phases_fill_every_tenth_of_the_cadence(check: str) -> None:
    tenths = [0] * 10
    for number in range(1000):
        tenths[int(phase(check, f"agent-{number:03}") * 10)] += 1
    assert min(tenths) > 60
    assert max(tenths) < 140


@pytest.mark.parametrize(("earlier", "later", "ticks"), [(0, 0, 0), (0, 29.999, 3), (0, 30, 3), (30, 0, 0), (5, 65, 6)])
def test_missed_ticks_are_whole_cadences(earlier: float, later: float, ticks: int) -> None:
    assert ticks_between(earlier, later, 10) == ticks
