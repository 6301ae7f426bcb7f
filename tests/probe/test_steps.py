"""Steps: named, timed, bounded parts of an attempt."""

import asyncio

import pytest

from omwatch.clock import FakeClock
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.probe import HttpSettings, Journey, Probe, Unmet, expect, probe
from omwatch.watcher.runner import Guards, run_attempt
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import NOWHERE, walk


async def _walk_by(clock: FakeClock, journey: Probe, seconds: float) -> Attempt:
    settings = HttpSettings(base_url=NOWHERE)
    task = asyncio.create_task(run_attempt("check", "agent-01", journey, settings, Guards(), clock))
    await clock.advance(seconds)
    return await task


async def test_each_step_is_timed_from_the_start_of_the_attempt() -> None:
    @probe(HttpSettings, unit="subject")
    async def three_steps(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in"):
            await journey.sleep(0.25)
        await journey.sleep(0.5)
        async with journey.step("become ready"):
            await journey.sleep(1)
        async with journey.step("log out"):
            pass

    attempt = await _walk_by(FakeClock(), three_steps, 2)
    assert [(step.name, step.started_ms, step.total_ms) for step in attempt.steps] == [
        ("log in", 0.0, 250.0),
        ("become ready", 750.0, 1000.0),
        ("log out", 1750.0, 0.0),
    ]
    assert attempt.duration_ms == 1750.0
    assert attempt.outcome is Outcome.PASSED


async def test_the_attempt_is_dated_at_its_start() -> None:
    @probe(HttpSettings, unit="subject")
    async def slow(journey: Journey, _settings: HttpSettings) -> None:
        await journey.sleep(3)

    clock = FakeClock()
    started = clock.now()
    assert (await _walk_by(clock, slow, 5)).at == started


async def test_a_step_over_its_time_is_the_services_failure() -> None:
    @probe(HttpSettings, unit="subject")
    async def slow(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=0.05):
            await asyncio.Event().wait()

    attempt = await walk(slow)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "log in: took longer than 0.05 s"
    assert attempt.steps[0].error == "took longer than 0.05 s"
    assert 50 <= attempt.steps[0].total_ms < 2000


async def test_a_step_over_its_time_has_failed_even_when_the_probe_swallowed_the_news() -> None:
    @probe(HttpSettings, unit="subject")
    async def stubborn(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=0.05):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

    attempt = await walk(stubborn)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "log in: took longer than 0.05 s")


async def test_a_timeout_of_the_probes_own_is_told_as_such() -> None:
    @probe(HttpSettings, unit="subject")
    async def impatient(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=5), asyncio.timeout(0.01):
            await asyncio.Event().wait()

    attempt = await walk(impatient)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "log in: TimeoutError")


async def test_the_deadline_ends_an_attempt_inside_a_step_with_more_time() -> None:
    @probe(HttpSettings, unit="subject")
    async def slow(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in", within=60):
            await asyncio.Event().wait()

    attempt = await walk(slow, deadline=0.05)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "log in: not finished within its deadline of 0.05 s"
    assert attempt.steps[0].error == "cut off"


async def test_the_deadline_between_steps_blames_no_step() -> None:
    @probe(HttpSettings, unit="subject")
    async def slow(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log in"):
            pass
        await asyncio.Event().wait()

    attempt = await walk(slow, deadline=0.05)
    assert attempt.error == "not finished within its deadline of 0.05 s"


@pytest.mark.parametrize("ending", ["return", "raise"])
async def test_an_attempt_past_its_deadline_has_failed_whatever_the_probe_made_of_it(ending: str) -> None:
    @probe(HttpSettings, unit="subject")
    async def stubborn(_journey: Journey, _settings: HttpSettings) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if ending == "raise":
                raise KeyError("session") from None

    attempt = await walk(stubborn, deadline=0.05)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "not finished within its deadline of 0.05 s")


async def test_of_nested_steps_the_outer_one_is_named_and_both_are_kept() -> None:
    @probe(HttpSettings, unit="subject")
    async def nested(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("chat"), journey.step("open"):
            raise Unmet("closed")

    attempt = await walk(nested)
    assert attempt.error == "chat: closed"
    assert [(step.name, step.error) for step in attempt.steps] == [("open", "closed"), ("chat", "closed")]


async def test_a_cleanup_after_a_failed_step_does_not_hide_which_step_it_was() -> None:
    @probe(HttpSettings, unit="subject")
    async def tidy(journey: Journey, _settings: HttpSettings) -> None:
        try:
            async with journey.step("become ready"):
                raise Unmet("not ready")
        finally:
            await journey.http.delete("/session")

    async with serving(answer(reply(204))) as server:
        attempt = await walk(tidy, server.base_url)
    assert attempt.error == "become ready: not ready"


async def test_a_steps_name_is_cleaned_too() -> None:
    @probe(HttpSettings, unit="subject")
    async def odd(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("log\x1b[2J in\n"):
            raise Unmet("no")

    attempt = await walk(odd)
    assert attempt.steps[0].name == "log␛[2J in"
    assert attempt.error == "log␛[2J in: no"


async def test_phases_belong_to_the_step_that_spent_them() -> None:
    @probe(HttpSettings, unit="subject")
    async def two_requests(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("first"):
            expect(await journey.http.get("/"), 200)
        async with journey.step("second"):
            expect(await journey.http.get("/"), 200)
        async with journey.step("none"):
            pass

    async def keep_alive(exchange: Exchange) -> None:
        while await exchange.head():
            await exchange.send(reply(200, b"fine"))

    async with serving(keep_alive) as server:
        first, second, none = (await walk(two_requests, server.base_url)).steps
    assert server.connections == 1, "one attempt keeps its own connection"
    assert first.phases.connect_ms is not None
    assert first.phases.first_byte_ms is not None
    assert (second.phases.dns_ms, second.phases.connect_ms, second.phases.tls_ms) == (None, None, None)
    assert second.phases.first_byte_ms is not None
    assert none.phases.first_byte_ms is None


async def test_every_attempt_has_a_marker_of_its_own() -> None:
    markers: list[str] = []

    @probe(HttpSettings, unit="interaction")
    async def note(journey: Journey, _settings: HttpSettings) -> None:
        markers.append(journey.marker)

    for _ in range(100):
        await walk(note)
    assert len(set(markers)) == 100
    assert all(marker.isprintable() and " " not in marker for marker in markers)
