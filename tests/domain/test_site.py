"""Is it us? Attempts without an answer wait for the controls, and a blind site's failures are its own."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.domain.judge import Count, Window
from omwatch.domain.site import Site, not_judged
from tests.domain.builders import after, an_attempt


def missed(subject: str = "ada", seconds: float = 0.0) -> Attempt:
    attempt = an_attempt(subject, seconds, Outcome.FAILED)
    return replace(attempt, error="log in: ConnectError", network=True)


def blind_site(since: float = 1.0) -> Site:
    site = Site(timedelta(seconds=30))
    assert site.take(missed(), after(since)) is None
    assert site.learn(after(since + 0.2), after(since + 0.5), reached=False)
    return site


@pytest.fixture
def site() -> Site:
    return Site(timedelta(seconds=30))


@pytest.mark.parametrize("outcome", Outcome)
def test_an_attempt_that_got_an_answer_counts_at_once(site: Site, outcome: Outcome) -> None:
    attempt = an_attempt("ada", 0, outcome)
    assert site.take(attempt, after(1)) is attempt
    assert not site.wants_look(after(1000))


def test_one_without_an_answer_waits_for_the_controls_and_counts_when_one_answers(site: Site) -> None:
    attempt = missed()
    assert site.take(attempt, after(1)) is None
    assert site.wants_look(after(1))
    assert site.learn(after(1), after(1.2), reached=True) == [attempt]
    assert site.blind_since is None
    assert not site.wants_look(after(60))


def test_when_no_control_answers_the_site_is_blind_since_the_first_attempt_it_spoilt(site: Site) -> None:
    assert site.take(missed("ada", 0), after(1)) is None
    assert site.take(missed("bob", 1), after(2)) is None  # while the controls are being tried
    spoilt = site.learn(after(1.5), after(4.5), reached=False)
    assert site.blind_since == after(1)
    assert [(item.subject, item.outcome) for item in spoilt] == [("ada", Outcome.BROKEN), ("bob", Outcome.BROKEN)]
    assert {item.error for item in spoilt} == {"this site is blind since 15:00:01 UTC: no control answered"}


def test_while_blind_only_attempts_without_an_answer_are_broken() -> None:
    site = blind_site()
    spoilt = site.take(missed("bob", 5), after(6))
    assert spoilt is not None
    assert spoilt.outcome is Outcome.BROKEN
    told_off = an_attempt("cid", 5, Outcome.FAILED)
    assert site.take(told_off, after(6)) is told_off


def test_a_blind_site_looks_again_by_its_own_cadence_and_sooner_when_a_service_answers() -> None:
    site = blind_site()
    site.take(missed("bob", 5), after(6))
    assert not site.wants_look(after(31))
    assert site.wants_look(after(31.5))
    site.take(an_attempt("cid", 5), after(6))
    assert site.wants_look(after(6))
    site.learn(after(6), after(7), reached=False)
    assert not site.wants_look(after(20))
    assert site.blind_since == after(1)


def test_an_attempt_that_began_while_blind_is_broken_though_it_ends_later() -> None:
    site = blind_site()
    assert site.learn(after(31), after(32), reached=True) == []
    assert site.blind_since is None
    spoilt = site.take(missed("bob", 30), after(38))
    assert spoilt is not None
    assert (spoilt.outcome, spoilt.error) == (Outcome.BROKEN, "this site was blind from 15:00:01 to 15:00:31 UTC")
    assert site.take(missed("cid", 31.5), after(39)) is None


def test_controls_belong_to_others_so_they_are_asked_less_and_less_while_a_service_stays_away(site: Site) -> None:
    looks = []
    for tenth in range(10 * 60 * 6):
        now = after(tenth / 10)
        if tenth % 5 == 0:
            site.take(missed("ada", tenth / 10), now)
        if site.wants_look(now):
            site.learn(now, now, reached=True)
            looks.append(tenth / 10)
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert looks[0] == 0
    assert gaps[0] == pytest.approx(2, abs=0.5)
    assert gaps[-1] == pytest.approx(10, abs=0.5)
    assert len(looks) <= 70


def test_an_attempt_that_waits_is_never_older_than_one_gap_and_one_look(site: Site) -> None:
    site.take(missed("ada", 0), after(0))
    site.learn(after(0), after(0.1), reached=True)
    site.take(missed("bob", 0.5), after(0.5))
    assert not site.wants_look(after(1))
    assert site.wants_look(after(2.1))


def test_a_blind_site_has_no_verdict_and_says_why() -> None:
    verdict = not_judged(Window("in the last 5 minutes", Count(3, 40)), after(11))
    assert verdict.severity is None
    assert verdict.count == Count(3, 40)
    assert verdict.reason == "not judged: this site is blind since 15:00:11 UTC"
