"""A probe that holds its event loop measured itself, not the service."""

import asyncio
import threading

import pytest

from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, Unmet, probe
from omwatch.watcher import runner
from tests.probe.walking import walk

_LIMIT = 0.05
_BLOCK = 0.12


@pytest.fixture(autouse=True)
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BLOCK_LIMIT_SECONDS", _LIMIT)


def _block() -> None:
    threading.Event().wait(_BLOCK)


@probe(HttpSettings, unit="subject")
async def block_and_pass(_journey: Journey, _settings: HttpSettings) -> None:
    _block()


async def test_a_probe_that_blocks_is_broken_and_told_what_to_do() -> None:
    attempt = await walk(block_and_pass)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error == (
        "the probe blocked its event loop for 0.1 s; await what takes time (journey.sleep, not time.sleep)"
    )


async def test_a_failure_after_blocking_is_broken_because_the_service_may_not_be_to_blame() -> None:
    @probe(HttpSettings, unit="subject")
    async def block_and_fail(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=0.01):
            _block()
            await journey.sleep(0)

    attempt = await walk(block_and_fail)
    assert attempt.outcome is Outcome.BROKEN
    assert "blocked its event loop" in attempt.error


async def test_blocking_in_a_later_turn_is_seen_too() -> None:
    @probe(HttpSettings, unit="subject")
    async def later(journey: Journey, _settings: HttpSettings) -> None:
        await journey.sleep(0)
        await journey.sleep(0)
        _block()

    assert (await walk(later)).outcome is Outcome.BROKEN


async def test_blocking_while_being_cut_off_is_seen_too() -> None:
    @probe(HttpSettings, unit="subject")
    async def in_the_end(_journey: Journey, _settings: HttpSettings) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            _block()

    assert (await walk(in_the_end, deadline=0.02)).outcome is Outcome.BROKEN


async def test_waiting_properly_is_not_blocking_however_long() -> None:
    @probe(HttpSettings, unit="subject")
    async def wait(journey: Journey, _settings: HttpSettings) -> None:
        await journey.sleep(_BLOCK)

    assert (await walk(wait)).outcome is Outcome.PASSED


async def test_an_attempt_that_runs_late_behind_a_blocking_one_is_not_blamed_on_the_service() -> None:
    waiting = asyncio.Event()

    @probe(HttpSettings, unit="subject")
    async def innocent(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=0.02):
            waiting.set()
            await asyncio.Event().wait()

    neighbour = asyncio.create_task(walk(innocent))
    await waiting.wait()
    assert (await walk(block_and_pass)).outcome is Outcome.BROKEN
    attempt = await neighbour
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error.startswith("held up by another attempt: ")


async def test_an_attempt_that_passes_behind_a_blocking_one_has_passed() -> None:
    waiting, done = asyncio.Event(), asyncio.Event()

    @probe(HttpSettings, unit="subject")
    async def innocent(_journey: Journey, _settings: HttpSettings) -> None:
        waiting.set()
        await done.wait()

    neighbour = asyncio.create_task(walk(innocent))
    await waiting.wait()
    await walk(block_and_pass)
    done.set()
    assert (await neighbour).outcome is Outcome.PASSED


async def test_a_failure_before_anything_blocked_stays_the_services() -> None:
    @probe(HttpSettings, unit="subject")
    async def fail(_journey: Journey, _settings: HttpSettings) -> None:
        raise Unmet("down")

    await walk(block_and_pass)
    assert (await walk(fail)).outcome is Outcome.FAILED
