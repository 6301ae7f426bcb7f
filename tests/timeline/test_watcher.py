"""The watcher by the clock: at 0 s this happens, by so many seconds the store shows that."""

from collections import Counter

from sqlalchemy import select

from omwatch.clock import FakeClock
from omwatch.desk import suggestions as desk
from omwatch.domain.assessment import Trouble
from omwatch.domain.attempt import Outcome
from omwatch.domain.severity import Severity
from omwatch.domain.suggestion import SuggestionState
from omwatch.store import Store, attempts, suggestions
from omwatch.store.overview import WatcherState
from omwatch.store.tables import suggestions as suggestion_table
from tests.sitting import sit
from tests.timeline.conftest import StartWatch
from tests.timeline.watching import CHAT, LOGIN, Service, check, names, severity, state


async def _states(store: Store) -> list[SuggestionState]:
    async with store.reading() as connection:
        rows = await connection.execute(select(suggestion_table.c.state).order_by(suggestion_table.c.id))
        return list(rows.scalars())


async def test_a_healthy_service_is_judged_healthy_within_a_round_and_nothing_is_suggested(start: StartWatch) -> None:
    watch = await start(LOGIN, CHAT)
    seen = await watch.until(severity(LOGIN, 4), within=10)
    assert state(seen).trouble is None
    await watch.forward(30)
    seen = await watch.seen()
    assert [item.assessment.severity for item in seen.checks] == [Severity.NONE, Severity.NONE]
    assert (state(seen).assessment.count.failing, state(seen).assessment.count.tried) == (0, 50)
    assert seen.suggestions == ()
    assert await _states(watch.store) == []


async def test_it_gathers_before_it_says_anything(start: StartWatch) -> None:
    watch = await start(LOGIN)
    await watch.forward(1)
    item = state(await watch.seen()).assessment
    assert item.severity is None
    assert item.count.tried < 10
    assert "gathering" in item.reason


async def test_forty_percent_from_the_start_are_an_outage_and_suggested_within_fifteen_seconds(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    seen = await watch.until(lambda seen: severity(LOGIN, 1)(seen) and bool(seen.suggestions), within=15)
    (suggestion,) = seen.suggestions
    assert suggestion.state is SuggestionState.OPEN
    assert suggestion.severity is Severity.OUTAGE
    assert suggestion.components == ("Agent login",)
    assert suggestion.first_failed_at == service.first_failed_at()
    assert state(seen).assessment.first_failed_at == service.first_failed_at()


async def test_forty_percent_after_a_healthy_hour_are_suggested_within_fifteen_seconds(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN, CHAT)
    await watch.forward(60)
    service.fail(LOGIN, 20)
    broke_at = watch.clock.now()
    seen = await watch.until(lambda seen: any(item.severity == 1 for item in seen.suggestions), within=15)
    (suggestion,) = seen.suggestions
    assert suggestion.components == ("Agent login",)
    assert broke_at <= suggestion.first_failed_at == service.first_failed_at()
    assert state(seen, CHAT).assessment.severity is Severity.NONE


async def test_the_figures_settle_on_the_two_whole_numbers(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(20)
    (suggestion,) = (await watch.seen()).suggestions
    assert (suggestion.evidence[0].count.failing, suggestion.evidence[0].count.tried) == (20, 50)


async def test_one_agent_of_fifty_is_a_minor_loss(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 1)
    watch = await start(LOGIN)
    seen = await watch.until(severity(LOGIN, 3), within=30)
    (suggestion,) = seen.suggestions
    assert suggestion.severity is Severity.MINOR


async def test_ten_percent_are_a_major_impairment(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 5)
    watch = await start(LOGIN)
    await watch.until(severity(LOGIN, 2), within=45)


async def test_a_supporting_component_is_never_worse_than_minor(start: StartWatch, service: Service) -> None:
    reports = check("reports", 20, supporting=True)
    service.fail(reports, 20)
    watch = await start(reports)
    await watch.forward(20)
    assert state(await watch.seen(), reports).assessment.severity is Severity.MINOR


async def test_two_components_that_fail_are_one_suggestion_worst_first(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 5)
    service.fail(CHAT, 9)
    watch = await start(LOGIN, CHAT)
    await watch.until(severity(LOGIN, 2), within=45)
    (suggestion,) = (await watch.seen()).suggestions
    assert suggestion.components == ("Chat routing", "Agent login")
    assert suggestion.severity is Severity.OUTAGE
    assert await _states(watch.store) == [SuggestionState.OPEN]


async def test_recovery_is_believed_after_a_minute_without_a_break_and_the_suggestion_withdrawn(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(30)
    service.mend()
    await watch.forward(60)
    seen = await watch.seen()
    assert state(seen).assessment.severity is Severity.OUTAGE, "held: it has not been better for a whole minute"
    assert seen.suggestions
    seen = await watch.until(severity(LOGIN, 4), within=15)
    assert seen.suggestions == ()
    assert state(seen).assessment.first_failed_at is None
    assert await _states(watch.store) == [SuggestionState.WITHDRAWN]


async def test_a_relapse_within_the_minute_starts_the_minute_again(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(30)
    since = state(await watch.seen()).assessment.since
    service.mend()
    await watch.forward(45)
    service.fail(LOGIN, 20)
    await watch.forward(15)
    service.mend()
    await watch.forward(50)
    item = state(await watch.seen()).assessment
    assert (item.severity, item.since) == (Severity.OUTAGE, since)
    assert await _states(watch.store) == [SuggestionState.OPEN]


async def test_trouble_after_a_recovery_is_a_new_suggestion(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(15)
    service.mend()
    await watch.until(severity(LOGIN, 4), within=90)
    service.fail(LOGIN, 20)
    await watch.until(severity(LOGIN, 1), within=15)
    assert await _states(watch.store) == [SuggestionState.WITHDRAWN, SuggestionState.OPEN]


async def test_an_incident_soon_after_a_recovery_starts_at_its_own_first_failure(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(15)
    service.mend()
    await watch.until(severity(LOGIN, 4), within=90)
    service.fail(LOGIN, 20)
    broke_at = watch.clock.now()
    seen = await watch.until(severity(LOGIN, 1), within=15)
    assert seen.suggestions[0].first_failed_at >= broke_at


async def test_a_dismissed_suggestion_stays_quiet_until_a_component_more_fails(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN, CHAT)
    await watch.forward(15)
    await desk.dismiss(sit(watch.store, watch.clock.now()), 1, "known: load test")
    await watch.forward(60)
    assert (await watch.seen()).suggestions == ()
    service.fail(CHAT, 9)
    seen = await watch.until(lambda seen: bool(seen.suggestions), within=60)
    assert set(seen.suggestions[0].components) == {"Agent login", "Chat routing"}
    assert await _states(watch.store) == [SuggestionState.DISMISSED, SuggestionState.OPEN]


async def test_a_dismissed_minor_loss_that_becomes_an_outage_is_suggested_again(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 1)
    watch = await start(LOGIN)
    await watch.until(severity(LOGIN, 3), within=30)
    await desk.dismiss(sit(watch.store, watch.clock.now()), 1, "agent-01 is on holiday")
    await watch.forward(30)
    assert (await watch.seen()).suggestions == ()
    service.fail(LOGIN, 25)
    seen = await watch.until(lambda seen: bool(seen.suggestions), within=25)
    assert seen.suggestions[0].severity <= Severity.IMPAIRMENT


async def test_once_the_dismissed_trouble_is_over_the_next_is_suggested_afresh(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(15)
    await desk.dismiss(sit(watch.store, watch.clock.now()), 1, "load test")
    service.mend()
    await watch.until(severity(LOGIN, 4), within=120)
    service.fail(LOGIN, 20)
    await watch.until(lambda seen: bool(seen.suggestions), within=15)
    assert await _states(watch.store) == [SuggestionState.DISMISSED, SuggestionState.OPEN]


async def test_a_confirmed_incident_covers_its_component_and_nothing_more_is_suggested_for_it(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN, CHAT)
    await watch.forward(15)
    session = sit(watch.store, watch.clock.now())
    ready = await desk.preview(session, 1)
    await desk.confirm(session, 1, ready.draft)
    await watch.forward(60)
    seen = await watch.seen()
    assert seen.suggestions == ()
    assert [incident.started_at for incident in seen.incidents] == [service.first_failed_at()]
    service.fail(CHAT, 9)
    seen = await watch.until(lambda seen: bool(seen.suggestions), within=60)
    assert seen.suggestions[0].components == ("Chat routing",)
    assert await _states(watch.store) == [SuggestionState.CONFIRMED, SuggestionState.OPEN]


async def test_broken_attempts_never_count_and_show_as_trouble_until_they_are_mended(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    service.broken[LOGIN.name] = "probes/agent_login.py:12: KeyError: 'state'"
    broke_at = watch.clock.now()
    seen = await watch.until(lambda seen: state(seen).trouble is not None, within=2)
    trouble = state(seen).trouble
    assert trouble is not None
    assert trouble.error == "probes/agent_login.py:12: KeyError: 'state'"
    assert trouble.since >= broke_at
    await watch.forward(30)
    seen = await watch.seen()
    assert state(seen).assessment.severity is Severity.NONE, "what was known holds"
    assert seen.suggestions == ()
    assert state(seen).trouble == trouble, "the same trouble, since the same instant"
    service.mend()
    await watch.forward(11)
    assert state(await watch.seen()).trouble is None


async def test_a_check_that_was_broken_from_the_start_has_no_severity(start: StartWatch, service: Service) -> None:
    service.broken[LOGIN.name] = "no sandbox runs in this home"
    watch = await start(LOGIN)
    await watch.forward(30)
    found = state(await watch.seen())
    assert found.assessment.severity is None
    assert found.assessment.count.tried == 0
    assert found.trouble is not None


async def test_failures_behind_broken_attempts_are_not_forgotten_at_once(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 20)
    watch = await start(LOGIN)
    await watch.forward(15)
    service.broken[LOGIN.name] = "the resolver did not answer"
    await watch.forward(60)
    found = state(await watch.seen())
    assert found.assessment.severity is Severity.OUTAGE
    assert found.trouble is not None


async def test_a_check_whose_probe_is_broken_shows_why_beside_checks_that_run(
    start: StartWatch, clock: FakeClock
) -> None:
    missing = Trouble("probes/chat_routing.py:3: SyntaxError: invalid syntax", clock.now())
    watch = await start(LOGIN, CHAT, lasting={CHAT.name: missing})
    await watch.forward(12)
    seen = await watch.seen()
    assert state(seen, CHAT).trouble == missing
    assert state(seen, CHAT).assessment.severity is None
    assert state(seen, LOGIN).assessment.severity is Severity.NONE


async def test_a_restart_keeps_since_the_windows_and_the_suggestion(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 20)
    first = await start(LOGIN)
    await first.forward(30)
    before = await first.seen()
    await first.stop()
    await first.clock.advance(5)
    second = await start(LOGIN)
    await second.forward(0.5)
    after = await second.seen()
    assert state(after).assessment.since == state(before).assessment.since
    assert state(after).assessment.first_failed_at == state(before).assessment.first_failed_at
    assert state(after).assessment.count.tried == 50, "at once, not after another round"
    assert state(after).assessment.severity is Severity.OUTAGE
    assert [item.id for item in after.suggestions] == [1]
    await second.forward(30)
    assert await _states(second.store) == [SuggestionState.OPEN]


async def test_a_restart_within_the_minute_of_recovery_does_not_start_the_minute_again(
    start: StartWatch, service: Service
) -> None:
    service.fail(LOGIN, 20)
    first = await start(LOGIN)
    await first.forward(20)
    service.mend()
    await first.forward(45)
    await first.stop()
    second = await start(LOGIN)
    await second.until(severity(LOGIN, 4), within=30)


async def test_trouble_of_a_subject_that_is_gone_after_a_restart_is_forgotten(
    start: StartWatch, service: Service
) -> None:
    service.broken[LOGIN.name] = "KeyError: 'state'"
    first = await start(LOGIN)
    await first.forward(11)
    await first.stop()
    service.mend()
    second = await start(check("agent-login", population=20))
    await second.forward(400)
    assert state(await second.seen()).trouble is None


async def test_every_attempt_is_written_once_with_its_minute(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN, CHAT)
    await watch.forward(65)
    made = [item for item in service.made if item.at < watch.clock.now()]
    async with watch.store.reading() as connection:
        kept = await attempts.since(connection, made[0].at)
        minutes = await attempts.minutes_since(connection, made[0].at)
    assert Counter((item.check, item.subject, item.at) for item in kept) == Counter(
        (item.check, item.subject, item.at) for item in service.made
    )
    assert sum(minute.passed for minute in minutes) == len(kept)
    assert {minute.failed for minute in minutes} == {0}


async def test_each_change_is_reported_once(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    service.fail(LOGIN, 20)
    await watch.forward(30)
    kinds = [(item["type"], item.get("move"), item["severity"]) for item in watch.reports]
    assert kinds[0] == ("assessment", None, None)
    assert kinds[1] == ("assessment", None, Severity.NONE)
    assert ("suggestion", "open", kinds[3][2]) in kinds
    assert kinds[-1][2] == Severity.OUTAGE
    severities = [item["severity"] for item in watch.reports if item["type"] == "assessment"]
    assert len(severities) == len(set(severities)), "no severity is told twice in a row"
    assert all(item["at"].endswith("Z") for item in watch.reports)


async def test_trouble_is_reported_when_it_begins_and_when_it_ends_however_its_words_change(
    start: StartWatch, service: Service
) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    told = len(watch.reports)
    for number in range(20):
        service.broken[LOGIN.name] = f"the probe blocked its event loop for 1.{number} s"
        await watch.forward(1)
    assert len(watch.reports) == told + 1
    service.mend()
    await watch.forward(12)
    assert len(watch.reports) == told + 2
    assert watch.reports[-1]["trouble"] is None


async def test_the_lease_shows_a_watcher_that_lives_its_misses_and_its_end(start: StartWatch, service: Service) -> None:
    service.latency = 15.0
    watch = await start(LOGIN)
    await watch.forward(30)
    seen = await watch.seen()
    assert seen.watcher_state is WatcherState.ALIVE
    assert seen.watcher is not None
    assert seen.watcher.notes["missed"] > 0
    assert 0 < seen.watcher.notes["running"] <= 50
    await watch.stop()
    assert (await watch.seen()).watcher_state is WatcherState.ABSENT


async def test_a_watcher_that_was_killed_is_shown_as_stale_after_ten_seconds(start: StartWatch) -> None:
    watch = await start(LOGIN)
    await watch.forward(5)
    await watch.die()
    assert (await watch.seen()).watcher_state is WatcherState.ALIVE
    await watch.clock.advance(10)
    assert (await watch.seen()).watcher_state is WatcherState.STALE


async def test_attempts_that_hang_leave_the_judging_going(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN)
    await watch.forward(15)
    judged_at = watch.clock.now()
    service.latency = 3600.0
    await watch.forward(10)
    async with watch.store.reading() as connection:
        pending = await suggestions.pending(connection)
    assert pending == []
    lease = (await watch.seen()).watcher
    assert lease is not None
    assert lease.renewed_at > judged_at


async def test_a_subject_that_got_in_at_last_is_not_unable_to_log_in(start: StartWatch, service: Service) -> None:
    service.fail(LOGIN, 50)
    watch = await start(LOGIN)
    await watch.forward(12)
    service.mend()
    await watch.forward(11)
    item = state(await watch.seen()).assessment
    assert (item.count.failing, item.count.tried) == (0, 50)
    assert names(LOGIN)[0] == "agent-01"
    assert Counter(attempt.outcome for attempt in service.made)[Outcome.FAILED] >= 50
