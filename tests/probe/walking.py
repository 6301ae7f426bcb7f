"""Small journeys to walk, and walking them as the watcher does."""

from typing import Any

from omwatch.clock import SystemClock
from omwatch.domain.attempt import Attempt
from omwatch.probe import HttpSettings, Journey, Probe, expect, probe
from omwatch.watcher.runner import Guards, run_attempt

NOWHERE = "http://127.0.0.1:9"
"""A base address for journeys that ask nobody."""


async def walk(
    journey: Probe,
    base_url: str = NOWHERE,
    *,
    deadline: float = 10.0,
    max_body: int = 1024 * 1024,
    subject: str = "agent-01",
    **settings: Any,  # noqa: ANN401 - whatever the probe's settings are
) -> Attempt:
    """Make one attempt."""
    wanted = journey.settings.model_validate({"base_url": base_url, **settings})
    return await run_attempt("check", subject, journey, wanted, Guards(deadline, max_body), SystemClock())


@probe(HttpSettings, unit="subject", noun="agent")
async def ask(journey: Journey, _settings: HttpSettings) -> None:
    """Ask for /, expect 200."""
    async with journey.step("ask"):
        expect(await journey.http.get("/"), 200)


@probe(HttpSettings, unit="subject", noun="agent")
async def ask_for_json(journey: Journey, _settings: HttpSettings) -> None:
    """Ask for /, expect JSON."""
    async with journey.step("ask"):
        expect(await journey.http.get("/"), 200).json()
