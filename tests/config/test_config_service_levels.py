"""[service_levels]: the brief's promises unless told, and what may be promised instead."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from omwatch.config.settings import Config
from omwatch.domain.severity import Severity
from omwatch.domain.sla import BRIEF, Remediation, ResponseTime, ServiceLevel, WorkHours

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

TABLE = "[service_levels]\n"


def test_the_briefs_promises_are_the_default(load_text: Load) -> None:
    assert load_text("").service_levels.levels == BRIEF


def test_everything_may_be_promised_otherwise(load_text: Load) -> None:
    levels = load_text(
        TABLE + 'severity_1_respond_within = "15m"\nseverity_1_update_every = "on progress"\n'
        'severity_2_remediation = "24/7"\nseverity_2_update_every = "1.5h"\nseverity_4_respond_within = 172800\n'
        'opens = "22:00"\ncloses = "06:30"\nzone = "EST"\ndays = ["sun", "Monday", "tue"]\n'
        'response_time = "work hours"\n'
    ).service_levels.levels
    minutes, hours = timedelta(minutes=1), timedelta(hours=1)
    assert levels[Severity.OUTAGE] == ServiceLevel(15 * minutes, Remediation.ROUND_THE_CLOCK, None)
    assert levels[Severity.IMPAIRMENT] == ServiceLevel(2 * hours, Remediation.ROUND_THE_CLOCK, 90 * minutes)
    assert levels[Severity.MINOR] == BRIEF[Severity.MINOR]
    assert levels[Severity.NONE] == ServiceLevel(48 * hours, Remediation.WORK_HOURS, None)
    assert levels.hours == WorkHours(time(22), time(6, 30), "EST", frozenset({6, 0, 1}))
    assert levels.response_time is ResponseTime.WORK_HOURS


def test_they_can_come_from_the_environment(load_text: Load) -> None:
    environ = {
        "OMWATCH_SERVICE_LEVELS__SEVERITY_3_RESPOND_WITHIN": "4h",
        "OMWATCH_SERVICE_LEVELS__DAYS": '["sat", "sun"]',
    }
    levels = load_text(TABLE, environ).service_levels.levels
    assert levels[Severity.MINOR].respond_within == timedelta(hours=4)
    assert levels.hours.days == {5, 6}


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ('"00:00"', '"24:00"', "00:00–24:00"),
        ('"6:00"', '"00:00"', "06:00–24:00"),
        ("07:30:00", "15:00:00", "07:30–15:00"),
    ],
)
def test_hours_are_written_as_people_do(load_text: Load, opens: str, closes: str, words: str) -> None:
    levels = load_text(TABLE + f"opens = {opens}\ncloses = {closes}\n").service_levels.levels
    assert str(levels.hours) == f"{words} America/New_York"


WRONG = {
    "an hour of the other half of the day": (
        'opens = "6am"',
        'opens: must be a time of day from "00:00" to "23:59", in quotes, found "6am"; for example "06:00"',
    ),
    "an opening at the end of the day": (
        'opens = "24:00"',
        'opens: must be a time of day from "00:00" to "23:59", in quotes, found "24:00"; for example "06:00"',
    ),
    "seconds": (
        "opens = 06:00:30",
        'opens: must be a time of day from "00:00" to "23:59", in quotes, found a date or time; for example "06:00"',
    ),
    "a closing past the end of the day": (
        'closes = "25:00"',
        'closes: must be a time of day from "00:00" to "24:00", in quotes, found "25:00"; for example "16:00"',
    ),
    "hours that are empty": (
        'closes = "06:00"',
        (
            'closes: must not be when they open; a whole day is opens = "00:00", closes = "24:00", '
            'found "06:00"; for example "16:00"'
        ),
    ),
    "a zone that is misspelled": (
        'zone = "America/NewYork"',
        (
            'zone: must be the name of a time zone (did you mean "America/New_York"?), '
            'found "America/NewYork"; for example "America/New_York"'
        ),
    ),
    "a zone in small letters": (
        'zone = "europe/berlin"',
        (
            'zone: must be the name of a time zone (did you mean "Europe/Berlin"?), '
            'found "europe/berlin"; for example "America/New_York"'
        ),
    ),
    "a city": (
        'zone = "Sao Paulo"',
        (
            'zone: must be the name of a time zone (did you mean "America/Sao_Paulo"?), '
            'found "Sao Paulo"; for example "America/New_York"'
        ),
    ),
    "a zone like no other": (
        'zone = "Eastern Standard Time"',
        'zone: must be the name of a time zone, found "Eastern Standard Time"; for example "America/New_York"',
    ),
    "a zone as a number": (
        "zone = -5",
        'zone: must be the name of a time zone, found -5; for example "America/New_York"',
    ),
    "a day that is none": (
        'days = ["mon", "weekend"]',
        (
            'days: must be a list of days in square brackets, such as ["mon", "tue"]; entry 2 is none, '
            'found a list of 2; for example ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
        ),
    ),
    "a day twice": (
        'days = ["mon", "Monday"]',
        (
            "days: must name each day once; entry 2 repeats entry 1, "
            'found a list of 2; for example ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
        ),
    ),
    "days in one text": (
        'days = "mon-fri"',
        (
            'days: must be a list of days in square brackets, such as ["mon", "tue"], '
            'found "mon-fri"; for example ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
        ),
    ),
    "no day": (
        "days = []",
        (
            "days: must name at least one day, found an empty list; "
            'for example ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
        ),
    ),
    "a response clock that is neither": (
        'response_time = "business hours"',
        'response_time: must be "always" or "work hours", found "business hours"; for example "always"',
    ),
    "a remediation that is neither": (
        'severity_1_remediation = "nights"',
        'severity_1_remediation: must be "24/7" or "work hours", found "nights"; for example "24/7"',
    ),
    "a response in no time": (
        'severity_2_respond_within = "30s"',
        'severity_2_respond_within: must be from 1 minute to 30 days, found "30s"; for example "2h"',
    ),
    "a response that is no duration": (
        'severity_2_respond_within = "2 hours"',
        (
            'severity_2_respond_within: must be a duration such as "10s", "500ms", "2m" or "1.5h", '
            'or a number of seconds, found "2 hours"; for example "2h"'
        ),
    ),
    "an update too rarely": (
        'severity_1_update_every = "31d"',
        ('severity_1_update_every: must be from 1 minute to 30 days, or "on progress", found "31d"; for example "60m"'),
    ),
    "an update whenever": (
        'severity_2_update_every = "sometimes"',
        (
            'severity_2_update_every: must be a duration such as "10s", "500ms", "2m" or "1.5h", '
            'or a number of seconds, or "on progress", found "sometimes"; for example "on progress"'
        ),
    ),
    "a severity that there is none of": (
        'severity_5_remediation = "24/7"',
        "severity_5_remediation: unknown key; did you mean 'severity_4_remediation'?",
    ),
}


@pytest.mark.parametrize(("line", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_says_where_and_what_to_write(problems_of: Problems, line: str, expected: str) -> None:
    assert problems_of(TABLE + line + "\n") == [f"config.toml:2 service_levels.{expected}"]


def test_an_opening_that_meets_the_usual_closing_is_told_at_its_table(problems_of: Problems) -> None:
    assert problems_of('[site]\n[service_levels]\nopens = "16:00"\n') == [
        (
            'config.toml:2 service_levels.closes: must not be when they open; a whole day is opens = "00:00", '
            'closes = "24:00", found "16:00"'
        )
    ]
