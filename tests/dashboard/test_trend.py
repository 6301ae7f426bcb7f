"""The trend: minutes in their places, the worst one seen."""

from datetime import timedelta

from omwatch.dashboard.paint import Ink, width_of
from omwatch.dashboard.trend import MINUTES, Trend, sparkline, trend
from omwatch.domain.judge import Count
from omwatch.store.attempts import Minute
from tests.dashboard.painted import NOW

MINUTE = NOW.replace(second=0, microsecond=0)


def minute(back: int, passed: int, failed: int) -> Minute:
    return Minute("agent-login", MINUTE - timedelta(minutes=back), passed=passed, failed=failed)


def test_minutes_stand_where_they_were_and_gaps_stay_gaps() -> None:
    shown = trend([minute(2, 50, 0), minute(0, 30, 20), minute(45, 1, 0)], NOW)
    assert shown.minutes[-3:] == (Count(0, 50), None, Count(20, 50))
    assert shown.minutes[:-3] == (None,) * (MINUTES - 3)


def test_a_minute_with_broken_attempts_only_was_not_tried() -> None:
    shown = trend([Minute("agent-login", MINUTE, broken=5)], NOW)
    assert shown.minutes[-1] is None


def test_where_minutes_share_a_cell_the_worst_counts() -> None:
    shown = Trend((*(Count(0, 50),) * 28, Count(50, 50), Count(0, 50)))
    assert "".join(piece.text for piece in sparkline(shown, 30, 15))[-1] == "█"


def test_the_line_decides_the_colour() -> None:
    shown = Trend((*(None,) * 28, Count(14, 50), Count(15, 50)))
    below, reached = sparkline(shown, 30, 30)[-2:]
    assert (below.ink, reached.ink) == (Ink.IMPAIRMENT, Ink.OUTAGE)


def test_a_sparkline_is_as_wide_as_asked() -> None:
    assert [width_of(sparkline(Trend(), 30, width)) for width in (10, 15, 30, 60)] == [10, 15, 30, 60]
