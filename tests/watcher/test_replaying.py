"""Replaying leaves out what cannot matter: the timeline is that of a judge who looks every second."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.clock import FakeClock
from omwatch.config.settings import Config
from omwatch.domain.attempt import Attempt, Outcome, Unit
from omwatch.domain.schedule import phase
from omwatch.watcher.bench import Bench
from omwatch.watcher.discovery import Discovery
from omwatch.watcher.replay import Replay
from omwatch.watcher.seating import RecordedRules, seen_in, without_config
from tests.domain.builders import T0, after

EVERY = 10.0
CHECKS = ("agent-login", "chat-routing")
CONFIG: Config = without_config()


def service(
    seconds: float, shares: dict[float, float], subjects: int = 12, seed: int = 1, quiet: tuple[float, float] = (0, 0)
) -> list[Attempt]:
    """Return the attempts of a service whose failing share changes at the given seconds."""
    dice = FakeClock(seed=seed)
    found = []
    names = [(phase(check, str(number)) * EVERY, check, str(number)) for check in CHECKS for number in range(subjects)]
    for start in range(0, int(seconds), int(EVERY)):
        share = [wanted for since, wanted in sorted(shares.items()) if since <= start][-1]
        for offset, check, subject in sorted(names):
            at = start + offset
            hung = dice.random() < 0.02
            failed = dice.random() < share
            broken = dice.random() < 0.01
            outcome = Outcome.BROKEN if broken else Outcome.FAILED if failed or hung else Outcome.PASSED
            took = 8000.0 if hung else round(20 + 900 * dice.random(), 3)
            if not quiet[0] <= at < quiet[1]:
                error = "" if outcome is Outcome.PASSED else "log in: answered 503"
                found.append(Attempt(check, subject, after(at), took, outcome, error))
    return found


def replayed(attempts: list[Attempt], unit: Unit, *, every_second: bool = False) -> list[dict[str, Any]]:
    rules = RecordedRules(CONFIG, Discovery({}, {}), seen_in(attempts), unit)
    bench = Bench()
    replay = Replay(bench, lambda check: rules.seat(bench, check), every_second=every_second)
    return list(replay.run(iter(attempts)))


HISTORIES = {
    "all well": service(400, {0: 0.0}),
    "noise": service(1500, {0: 0.02}, seed=4),
    "an outage": service(900, {0: 0.0, 200: 1.0, 400: 0.0}),
    "an impairment in noise": service(1200, {0: 0.01, 300: 0.2, 700: 0.01}, seed=2),
    "a silence in an outage": service(1500, {0: 0.0, 200: 0.9, 1200: 0.0}, quiet=(300, 1000)),
    "a silence after an outage": service(1500, {0: 0.0, 200: 0.9, 280: 0.0}, quiet=(310, 1000)),
    "a short silence": service(600, {0: 0.0, 200: 0.5}, quiet=(230, 262)),
}


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_timeline_is_that_of_judging_every_second(history: list[Attempt], unit: Unit) -> None:
    assert replayed(history, unit) == replayed(history, unit, every_second=True)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    shares=st.dictionaries(st.integers(0, 60).map(lambda ten: ten * 10.0), st.sampled_from([0.0, 0.02, 0.3, 1.0])),
    gap=st.tuples(st.integers(0, 600), st.integers(0, 600)),
    unit=st.sampled_from(Unit),
)
def test_so_is_any_other(seed: int, shares: dict[float, float], gap: tuple[int, int], unit: Unit) -> None:
    history = service(600, {0.0: 0.0, **shares}, 6, seed, gap)
    assert replayed(history, unit) == replayed(history, unit, every_second=True)


@pytest.mark.parametrize("unit", Unit)
def test_an_outage_is_opened_and_withdrawn(unit: Unit) -> None:
    told = replayed(HISTORIES["an outage"], unit)
    suggested = [item for item in told if item["type"] != "assessment"]
    assert suggested[0]["type"] == "open"
    assert suggested[-1]["type"] == "withdraw"
    worst = min(suggested, key=lambda item: item["severity"])
    assert worst["severity"] == 1
    assert set(worst["components"]) <= {"Agent login", "Chat routing"}
    assert 0 < worst["failing"] <= worst["tried"]
    opened = datetime.fromisoformat(suggested[0]["at"])
    assert timedelta(0) < opened - after(200) < timedelta(seconds=60)


def test_an_attempt_is_known_from_the_second_in_which_it_ended() -> None:
    attempts = [Attempt("chat-routing", str(number), T0, 2500.0, Outcome.PASSED) for number in range(12)]
    (well,) = replayed(attempts, Unit.INTERACTION)
    assert (well["at"], well["severity"]) == ("2026-01-05T15:00:03Z", 4)


def test_attempts_that_end_on_a_second_belong_to_it() -> None:
    attempts = [Attempt("chat-routing", str(number), after(1), 0.0, Outcome.PASSED) for number in range(12)]
    assert [item["at"] for item in replayed(attempts, Unit.INTERACTION)] == ["2026-01-05T15:00:01Z"]


def test_a_year_of_silence_takes_no_time() -> None:
    first, second = service(60, {0: 0.0}), service(60, {0: 0.0})
    year = timedelta(days=365)
    later = [Attempt(item.check, item.subject, item.at + year, item.duration_ms, item.outcome) for item in second]
    assert len(replayed([*first, *later], Unit.SUBJECT)) >= len(CHECKS)


def test_nothing_recorded_is_nothing_told() -> None:
    assert replayed([], Unit.SUBJECT) == []


def test_a_healthy_week_takes_no_memory() -> None:
    bench = Bench()
    attempts = service(30, {0: 0.0})
    rules = RecordedRules(CONFIG, Discovery({}, {}), seen_in(attempts), Unit.INTERACTION)
    replay = Replay(bench, lambda check: rules.seat(bench, check))

    def passing() -> Iterator[Attempt]:
        for seconds in range(5000):
            yield Attempt("chat-routing", "x", after(seconds), 10.0, Outcome.PASSED)

    list(replay.run(passing()))
    kept = [len(sliding._entries) for seat in bench._seats.values() for sliding in seat.recent._sliding]
    assert max(kept) <= 302


def test_the_pace_and_the_subjects_are_seen_in_the_recording() -> None:
    seen = seen_in(service(120, {0: 0.0}))
    assert {check: item.every_seconds for check, item in seen.items()} == dict.fromkeys(CHECKS, EVERY)
    assert seen["agent-login"].subjects == tuple(sorted(map(str, range(12))))


def test_a_recording_of_one_round_shows_no_pace_so_the_usual_one_is_taken() -> None:
    assert seen_in(service(10, {0: 0.0}))["agent-login"].every_seconds == 60.0
