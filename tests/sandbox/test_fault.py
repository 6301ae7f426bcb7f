"""Faults as values, and who is chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.sandbox.fault import Fault, Kind, chosen

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("share", "of", "hit"), [(0.4, 50, 20), (0.4, 5, 2), (0.3, 50, 15), (0.3, 10, 3), (0.02, 50, 1)]
)
def test_a_share_of_the_first_subjects_is_exact(share: float, of: int, hit: int) -> None:
    assert sum(chosen(number, share) for number in range(1, of + 1)) == hit


@given(shares, st.integers(0, 10_000), st.integers(1, 500))
def test_any_run_of_numbers_holds_its_share_give_or_take_a_few(share: float, start: int, length: int) -> None:
    hit = sum(chosen(number, share) for number in range(start, start + length))
    assert abs(hit - share * length) <= 4


@given(st.integers(0, 60))
def test_forty_percent_of_fifty_is_twenty_give_or_take_one_wherever_numbering_starts(start: int) -> None:
    assert abs(sum(chosen(number, 0.4) for number in range(start, start + 50)) - 20) <= 1


@given(shares, shares, st.integers(0, 10**9))
def test_a_larger_share_contains_the_smaller(one: float, other: float, number: int) -> None:
    small, large = sorted((one, other))
    assert chosen(number, large) or not chosen(number, small)


@given(st.integers(0, 10**9))
def test_everyone_is_everyone_and_nobody_is_nobody(number: int) -> None:
    assert chosen(number, 1.0)
    assert not chosen(number, 0.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"subjects": 1.4}, "subjects is a share from 0 to 1"),
        ({"attempts": -0.1}, "attempts is a share from 0 to 1"),
        ({"subjects": float("nan")}, "subjects is a share"),
        ({"latency": -1.0}, "latency is from 0 to 3600 seconds"),
        ({"latency": float("inf")}, "latency is from 0"),
        ({"status": 200}, "status is an error from 400 to 599"),
        ({"status": 503, "kind": Kind.HANG}, "status and hang cannot be combined"),
        ({"kind": Kind.DOWN, "subjects": 0.4}, "down closes the listener for everyone"),
        ({"kind": Kind.DOWN, "latency": 1.0}, "down closes the listener for everyone"),
    ],
)
def test_impossible_faults_are_refused_with_a_reason(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault.from_json(wrong)


@pytest.mark.parametrize("found", [None, [], "hang", 3])
def test_only_an_object_is_read_as_a_fault(found: object) -> None:
    with pytest.raises(ValueError, match="a fault is a JSON object"):
        Fault.from_json(found)


def test_unknown_keys_are_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no color; it has kind, status, latency, subjects, attempts"):
        Fault.from_json({"color": "red"})


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="numbers"):
        Fault.from_json({"subjects": []})


@given(
    st.builds(
        Fault,
        kind=st.just(Kind.REFUSE),
        status=st.none() | st.integers(400, 599),
        latency=st.floats(0, 3600),
        subjects=shares,
        attempts=shares,
    )
)
def test_a_fault_survives_json(fault: Fault) -> None:
    assert Fault.from_json(fault.to_json()) == fault


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(), "all attempts fail"),
        (Fault(subjects=0.4), "40 % of subjects fail"),
        (Fault(subjects=0.4, attempts=0.5, status=500), "50 % of attempts of 40 % of subjects fail with status 500"),
        (Fault(latency=2, status=500), "all attempts fail with status 500 after 2 s"),
        (Fault(Kind.SLOW, latency=0.5), "all attempts are answered 0.5 s late"),
        (Fault(Kind.HANG), "all attempts get no answer"),
        (Fault(Kind.RESET, attempts=0.1), "10 % of attempts have their connection reset"),
        (Fault(Kind.WRONG), "all attempts get a wrong answer"),
        (Fault(Kind.DOWN), "down, connections are refused"),
    ],
)
def test_a_fault_says_who_suffers_what(fault: Fault, words: str) -> None:
    assert fault.describe() == words
