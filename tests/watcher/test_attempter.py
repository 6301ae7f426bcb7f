"""The attempter: each check in its own lane, with its own guards and the addresses of the moment."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.config.settings import Check
from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, Probe, Settings, Unmet, probe
from omwatch.watcher import lane as lanes
from omwatch.watcher.attempter import Attempter, Walk, attempt_once, walk_of
from omwatch.watcher.discovery import Discovery

_held = threading.Event()


@probe(Settings, unit="subject", noun="agent")
async def note(journey: Journey, _settings: Settings) -> None:
    """Fail with who is tried where."""
    raise Unmet(f"{journey.subject} in {threading.current_thread().name}")


@probe(HttpSettings, unit="subject", noun="agent")
async def address(_journey: Journey, settings: HttpSettings) -> None:
    """Fail with the address."""
    raise Unmet(settings.base_url)


@probe(Settings, unit="subject", noun="agent")
async def hold(_journey: Journey, _settings: Settings) -> None:
    """Hold the lane."""
    _held.wait(30)


@probe(Settings, unit="subject", noun="agent")
async def wait(_journey: Journey, _settings: Settings) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lanes, "GRACE_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "PULSE_SECONDS", 0.05)
    _held.clear()
    yield
    _held.set()


def _check(name: str, journey: Probe, settings: Settings, deadline: float = 0.05) -> Check:
    return Check(name, journey.name, name, 10.0, deadline, 10, False, 10, 10, 1024, True, settings)  # noqa: FBT003 - supporting, enabled


def _walk(name: str, journey: Probe, settings: Settings | None = None, deadline: float = 0.05) -> Walk:
    chosen = settings or Settings()
    return Walk(_check(name, journey, chosen, deadline), journey, chosen)


async def test_each_check_is_tried_in_its_own_lane(tmp_path: Path) -> None:
    attempter = Attempter(Home(tmp_path), [_walk("one", note), _walk("two", note)], SystemClock())
    errors = [(await attempter.attempt(check, "agent-07")).error for check in ("one", "two")]
    attempter.stop()
    assert errors == ["agent-07 in lane-one", "agent-07 in lane-two"]


async def test_a_checks_deadline_is_its_own(tmp_path: Path) -> None:
    attempter = Attempter(Home(tmp_path), [_walk("one", wait, deadline=0.02)], SystemClock())
    attempt = await attempter.attempt("one", "agent-01")
    attempter.stop()
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "not finished within its deadline of 0.02 s")


async def test_without_a_sandbox_attempts_at_it_are_broken_and_say_what_to_do(tmp_path: Path) -> None:
    walk = _walk("one", address, HttpSettings(base_url="sandbox:agent-login"))
    attempter = Attempter(Home(tmp_path), [walk], SystemClock())
    in_lane = await attempter.attempt("one", "agent-01")
    attempter.stop()
    once = await attempt_once(walk, "agent-01", Home(tmp_path), SystemClock())
    for attempt in (in_lane, once):
        assert attempt.outcome is Outcome.BROKEN
        assert attempt.error.endswith("no sandbox runs in this home; start one with 'omwatch sandbox'")


async def test_a_held_check_leaves_the_others_going(tmp_path: Path) -> None:
    attempter = Attempter(Home(tmp_path), [_walk("held", hold), _walk("free", note)], SystemClock())
    held = asyncio.create_task(attempter.attempt("held", "agent-01"))
    for _ in range(20):
        assert (await attempter.attempt("free", "agent-01")).outcome is Outcome.FAILED
    assert not held.done()
    assert (await held).outcome is Outcome.BROKEN
    attempter.stop()


async def test_stopping_gives_up_many_held_lanes_together_not_one_after_the_other(tmp_path: Path) -> None:
    clock = SystemClock()
    checks = [_walk(f"held-{number}", hold) for number in range(8)]
    attempter = Attempter(Home(tmp_path), checks, clock)
    attempts = (attempter.attempt(f"held-{number}", "agent-01") for number in range(8))
    assert {attempt.outcome for attempt in await asyncio.gather(*attempts)} == {Outcome.BROKEN}
    before = clock.monotonic()
    attempter.stop()
    assert clock.monotonic() - before < 1


def test_a_check_walks_its_probe_unless_its_file_is_broken() -> None:
    check = _check("one", note, Settings())
    assert walk_of(check, Discovery({"note": note}, {})) == Walk(check, note, Settings())
    assert walk_of(check, Discovery({}, {"note": "SyntaxError"})) is None
    assert walk_of(replace(check, settings=None), Discovery({"note": note}, {})) is None
