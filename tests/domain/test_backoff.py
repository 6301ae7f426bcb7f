"""Waits double, have a cap, and never come together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.backoff import CAP_SECONDS, FIRST_SECONDS, retry_after

CHANCES = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [(1, 2.5, 5), (2, 5, 10), (3, 10, 20), (7, 160, 320), (8, 300, 600), (99, 300, 600)],
)
def test_the_wait_doubles_up_to_its_cap(attempts: int, shortest: float, longest: float) -> None:
    assert retry_after(attempts, 0.0) == timedelta(seconds=shortest)
    assert retry_after(attempts, 0.999999).total_seconds() == pytest.approx(longest, rel=1e-5)


@given(attempts=st.integers(1, 10**6), chance=CHANCES)
def test_the_wait_is_never_nothing_and_never_above_the_cap(attempts: int, chance: float) -> None:
    assert FIRST_SECONDS / 2 <= retry_after(attempts, chance).total_seconds() <= CAP_SECONDS


@given(attempts=st.integers(1, 40), chance=CHANCES)
def test_one_failure_more_never_shortens_the_wait(attempts: int, chance: float) -> None:
    assert retry_after(attempts + 1, chance) >= retry_after(attempts, chance)
