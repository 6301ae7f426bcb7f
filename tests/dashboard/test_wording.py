"""Numbers and times as operators read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from omwatch.dashboard.wording import Wall, percent, ranked, sums, tries
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.judge import Count
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import Suggestion, SuggestionState
from tests.dashboard.painted import NOW

WALL = Wall(NOW, UTC)


@pytest.mark.parametrize(
    ("failing", "tried", "expected"),
    [(20, 50, "40.0 %"), (29_999, 100_000, "29.9 %"), (30, 100, "30.0 %"), (0, 50, "0.0 %"), (0, 0, "–")],
)
def test_a_share_below_the_line_never_reads_as_if_it_had_reached_it(failing: int, tried: int, expected: str) -> None:
    assert percent(Count(failing, tried)) == expected


def test_both_clocks_name_their_zones() -> None:
    summer = Wall(datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC), timezone(timedelta(hours=2), "CEST"))
    assert WALL.both() == "14:14:31 UTC · 09:14 EST"
    assert summer.both() == "14:00:05 CEST · 08:00 EDT"


def test_another_day_is_named() -> None:
    assert WALL.at(NOW - timedelta(hours=1)) == "13:14:31"
    assert WALL.at(NOW - timedelta(days=1)) == "22 Nov 14:14"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(31, "31 s"), (720, "12 min"), (11_100, "3 h 5 min"), (356_400, "4 d 3 h"), (-5, "0 s")],
)
def test_ages_have_one_unit_or_two(seconds: int, expected: str) -> None:
    assert WALL.age(NOW - timedelta(seconds=seconds)) == expected


def test_sums_leave_out_what_is_none() -> None:
    assert sums({DeliveryState.SENT: 3, DeliveryState.FAILED: 1, DeliveryState.DEAD: 0}) == "3 sent, 1 failed"
    assert sums({}) == "no notices"
    assert (tries(1), tries(3)) == ("1 try", "3 tries")


def test_the_gravest_suggestion_goes_first_and_then_the_newest() -> None:
    def suggestion(number: int, severity: Severity, minutes: int) -> Suggestion:
        return Suggestion(number, SuggestionState.OPEN, severity, (), NOW + timedelta(minutes=minutes), NOW)

    waiting = [
        suggestion(1, Severity.OUTAGE, 0),
        suggestion(2, Severity.MINOR, 2),
        suggestion(3, Severity.OUTAGE, 1),
    ]
    assert [item.id for item in ranked(waiting)] == [3, 1, 2]
