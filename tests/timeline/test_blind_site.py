"""A fault of the site's own network, by the clock: attempts are broken, nothing is suggested, and it is noticed."""

from datetime import datetime, timedelta

import pytest

from omwatch.config.controls import control
from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.severity import Severity
from omwatch.store import Store, attempts
from omwatch.store.overview import Overview
from tests.timeline.conftest import StartWatch
from tests.timeline.watching import CHAT, LOGIN, Service, severity, state

FIRST, SECOND = control("https://example.org"), control("tcp://9.9.9.9:53")


@pytest.fixture
def controls(service: Service) -> None:
    service.controls = (FIRST, SECOND)


async def history(store: Store, since: datetime) -> list[Attempt]:
    async with store.reading() as connection:
        return await attempts.since(connection, since)


def blind(seen: Overview) -> bool:
    return seen.blind_since is not None


@pytest.mark.usefixtures("controls")
async def test_a_site_whose_network_is_down_is_blind_and_suggests_nothing(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN, CHAT)
    await watch.until(severity(CHAT, 4), within=15)
    went_down = watch.clock.now()
    service.network_down = True
    seen = await watch.until(blind, within=5)
    assert seen.blind_since is not None
    assert went_down <= seen.blind_since <= went_down + timedelta(seconds=2)
    await watch.forward(310)
    seen = await watch.seen()
    assert seen.blind_since is not None
    assert [item.assessment.severity for item in seen.checks] == [Severity.NONE, Severity.NONE]
    assert seen.suggestions == ()
    words = f"this site is blind since {seen.blind_since:%H:%M:%S} UTC"
    trouble = state(seen).trouble
    assert trouble is not None
    assert trouble.error == f"{words}: no control answered"
    assert state(seen).assessment.reason == f"not judged: {words}"
    made = await history(watch.store, went_down)
    assert len(made) > 200
    assert {item.outcome for item in made if item.at >= went_down} == {Outcome.BROKEN}


@pytest.mark.usefixtures("controls")
async def test_it_sees_again_soon_after_the_network_is_back(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN, CHAT)
    await watch.until(severity(CHAT, 4), within=15)
    service.network_down = True
    await watch.until(blind, within=5)
    await watch.forward(60)
    service.network_down = False
    back = watch.clock.now()
    await watch.until(lambda seen: not blind(seen), within=12)
    await watch.forward(90)
    seen = await watch.seen()
    assert [item.assessment.severity for item in seen.checks] == [Severity.NONE, Severity.NONE]
    assert state(seen).trouble is None
    assert seen.suggestions == ()
    assert {item.outcome for item in await history(watch.store, back)} == {Outcome.PASSED}
    told = [report["blind_since"] is not None for report in watch.reports if report["type"] == "site"]
    assert told == [True, False]


@pytest.mark.usefixtures("controls")
async def test_one_control_that_fails_alone_changes_nothing(start: StartWatch, service: Service) -> None:
    service.unreachable = {FIRST.address}
    service.error = "log in: ConnectError: All connection attempts failed: Connection refused"
    watch = await start(LOGIN)
    await watch.until(severity(LOGIN, 4), within=15)
    service.fail(LOGIN, 50)
    seen = await watch.until(severity(LOGIN, 1), within=30)
    assert not blind(seen)
    assert state(seen).errors[0][0] == service.error


@pytest.mark.usefixtures("controls")
async def test_controls_are_left_alone_while_all_is_well_or_services_answer(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN)
    await watch.forward(30)
    at_the_start = len(service.looks)
    assert at_the_start <= 2
    service.fail(LOGIN, 50)  # with answers: 503
    await watch.until(severity(LOGIN, 1), within=30)
    assert len(service.looks) == at_the_start


@pytest.mark.usefixtures("controls")
async def test_an_outage_that_stands_when_the_site_goes_blind_goes_on_standing(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN)
    await watch.until(severity(LOGIN, 4), within=15)
    service.fail(LOGIN, 40)
    before = state(await watch.until(severity(LOGIN, 1), within=30)).assessment
    service.network_down = True
    await watch.until(blind, within=10)
    await watch.forward(310)
    seen = await watch.seen()
    assert (state(seen).assessment.severity, state(seen).assessment.since) == (Severity.OUTAGE, before.since)
    assert len(seen.suggestions) == 1


async def test_without_controls_nothing_is_held_back_and_nobody_is_blind(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN)
    await watch.until(severity(LOGIN, 4), within=15)
    service.network_down = True
    seen = await watch.until(severity(LOGIN, 1), within=30)
    assert not blind(seen)
    assert service.looks == []


@pytest.mark.usefixtures("controls")
async def test_controls_that_never_answer_make_nobody_blind_while_attempts_pass(
    start: StartWatch, service: Service
) -> None:
    service.unreachable = {FIRST.address, SECOND.address}
    watch = await start(LOGIN)
    seen = await watch.until(severity(LOGIN, 4), within=15)
    await watch.forward(60)
    assert not blind(seen)
