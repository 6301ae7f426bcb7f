"""The recording format: what is written can be read, and what cannot be read says what to write instead."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.attempt import Attempt, Outcome
from omwatch.watcher.recording import BadLine, attempts_of, line_of

GOOD = '{"at": "2026-11-23T14:02:11.25Z", "check": "agent-login", "subject": "agent-07", "outcome": "passed", "ms": 12}'

ATTEMPTS = st.builds(
    Attempt,
    check=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    subject=st.from_regex(r"[A-Za-zÀ-ž][ -~]{0,20}[a-z]", fullmatch=True),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis's
    duration_ms=st.integers(0, 10**7).map(lambda micros: micros / 1000),
    outcome=st.sampled_from(Outcome),
    error=st.sampled_from(["", "log in: answered 503: 'no'", "größer als »3« s"]),
)


@given(st.lists(ATTEMPTS, max_size=5))
def test_what_is_written_comes_back(attempts: list[Attempt]) -> None:
    ordered = sorted(attempts, key=lambda attempt: attempt.at)
    assert list(attempts_of(map(line_of, ordered), "x")) == ordered


def test_any_zone_is_read_as_utc_and_blank_lines_mean_nothing() -> None:
    lines = ["\n", GOOD, "  \n", GOOD.replace("14:02:11.25Z", "16:02:12+02:00")]
    found = list(attempts_of(lines, "x"))
    assert [item.at for item in found] == [
        datetime(2026, 11, 23, 14, 2, 11, 250_000, tzinfo=UTC),
        datetime(2026, 11, 23, 14, 2, 12, tzinfo=UTC),
    ]
    assert found[0].at.tzinfo is found[1].at.tzinfo is UTC


def test_duration_and_error_may_be_missing_and_other_keys_are_ignored() -> None:
    line = GOOD.replace(', "ms": 12', ', "site": "main", "error": null')
    (found,) = attempts_of([line], "x")
    assert (found.duration_ms, found.error) == (0.0, "")


def test_outside_text_is_made_harmless() -> None:
    line = GOOD.replace('"passed"', '"failed"')[:-1] + ', "error": "\\u001b[2Jgone\\nnext"}'
    (found,) = attempts_of([line], "x")
    assert found.error == "␛[2Jgone next"


AN_INSTANT = 'at must be an instant in RFC 3339 with its time zone, such as "2026-11-23T14:02:11Z", found '
BAD = {
    "not json": "is not JSON: Expecting value in column 1",
    GOOD[:-1]: "is not JSON: Expecting ',' delimiter in column 111",
    "[" * 100_000: "is not JSON that can be read",
    "[1, 2]": "must be one JSON object a line, found [1, 2]",
    "null": "must be one JSON object a line, found null",
    "{}": 'has no \'at\'; write for example {"at": "2026-11-23T14:02:11Z"',
    GOOD.replace("subject", "agent"): "has no 'subject'; write for example",
    GOOD.replace('"agent-07"', "7"): "subject must be text, and not empty, found 7",
    GOOD.replace('"agent-login"', '" "'): 'check must be text, and not empty, found " "',
    GOOD.replace('"passed"', '"ok"'): 'outcome must be passed, failed or broken, found "ok"',
    GOOD.replace('"passed"', "[]"): "outcome must be passed, failed or broken, found []",
    GOOD.replace("12}", '"12"}'): 'ms must be a number of milliseconds from 0 to 86400000, found "12"',
    GOOD.replace("12}", "-1}"): "ms must be a number of milliseconds from 0 to 86400000, found -1",
    GOOD.replace("12}", "NaN}"): "ms must be a number of milliseconds from 0 to 86400000, found NaN",
    GOOD.replace("12}", "1e300}"): "ms must be a number of milliseconds from 0 to 86400000, found 1e+300",
    GOOD.replace("12}", '12, "error": 5}'): "error must be text, found 5",
    GOOD.replace("2026-11-23T14:02:11.25Z", "yesterday"): f'{AN_INSTANT}"yesterday"',
    GOOD.replace("2026-11-23T14:02:11.25Z", "2026-11-23T14:02:11"): f'{AN_INSTANT}"2026-11-23T14:02:11"',
    GOOD.replace("2026-11-23T14:02:11.25Z", "9999-12-31T23:59:59Z"): f'{AN_INSTANT}"9999-12-31T23:59:59Z"',
    GOOD.replace("2026-11-23T14:02:11.25Z", "0001-01-01T00:00:00+09:00"): AN_INSTANT,
    GOOD.replace('"2026-11-23T14:02:11.25Z"', "1700000000"): f"{AN_INSTANT}1700000000",
}


@pytest.mark.parametrize(("line", "complaint"), BAD.items(), ids=[complaint[:40] for complaint in BAD.values()])
def test_a_bad_line_is_named_with_what_was_found(line: str, complaint: str) -> None:
    with pytest.raises(BadLine) as caught:
        list(attempts_of([GOOD, line], "week.jsonl"))
    assert str(caught.value).startswith(f"week.jsonl:2: {complaint}")


def test_lines_out_of_order_are_an_error() -> None:
    with pytest.raises(BadLine) as caught:
        list(attempts_of([GOOD, GOOD, GOOD.replace(":11.25", ":11")], "week.jsonl"))
    assert str(caught.value) == (
        "week.jsonl:3: at 2026-11-23T14:02:11Z is before 2026-11-23T14:02:11.250000Z of the line above; "
        "sort the lines by 'at'"
    )


@given(st.one_of(st.text(max_size=60), st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(repr)))
def test_no_line_crashes_the_reader(line: str) -> None:
    with suppress(BadLine):
        list(attempts_of([line], "x"))
