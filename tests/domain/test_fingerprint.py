"""Errors that are the same trouble have one fingerprint; what tells two troubles apart stays in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.fingerprint import fingerprint, in_short, shared_cause, summary

FINGERPRINTS = {
    "log in: POST /media-bar/login answered 503, expected 200: 'upstream connect error'": (
        "log in: POST /media-bar/login answered 503"
    ),
    'log in: POST /in answered 429, expected 200 or 201: "can\'t: 10.0.0.3:8080"': "log in: POST /in answered 429",
    "become ready: took longer than 3 s": "become ready: took longer than … s",
    "become ready: took longer than 2.5 s": "become ready: took longer than … s",
    "not finished within its deadline of 8 s": "not finished within its deadline of … s",
    "log in: GET /sessions/8f3a2c9d1b/state answered 500": "log in: GET /sessions/…/state answered 500",
    "GET /sessions/123e4567-e89b-12d3-a456-426614174000 answered 404": "GET /sessions/… answered 404",
    "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0 expired": "token … expired",
    "expected an answer that quotes omwatch-AbCdEfGhIjKlMnOpQrSt": "expected an answer that quotes …",
    "see it: expected one e-mail, got {'emails': [{'id': 12, 'queue': 'support'}]}": (
        "see it: expected one e-mail, got {…}"
    ),
    "become ready: logged in, but 'busy' instead of ready": "become ready: logged in, but 'busy' instead of ready",
    "answered 200 with 'a body that goes on and on and on'": "answered 200 with …",
    "cut off in 'a body that has no": "cut off in …",
    "it isn't ready, and won't be": "it isn't ready, and won't be",
    "no answer from 10.1.2.3": "no answer from …",
    "no answer from 10.1.2.3:8080 for 14:02:11": "no answer from … for …",
    "no answer from [2001:db8::1]:443": "no answer from …",
    "no answer from media-bar.example.com:8443": "no answer from media-bar.example.com",
    "refused ada.lovelace@example.com": "refused …",
    "open: InvalidStatus: server rejected WebSocket connection: HTTP 503": (
        "open: InvalidStatus: server rejected WebSocket connection: HTTP 503"
    ),
    "send: SMTPResponseException: (450, '4.2.0 greylisted, come back in 300 s')": (
        "send: SMTPResponseException: (450, …)"
    ),
    "OSError: [Errno 111] Connect call failed ('127.0.0.1', 8080)": "OSError: [Errno 111] Connect call failed ('…', …)",
    "took 1,234.5 ms": "took … ms",
    "no reply from pod-7f9c4b2a": "no reply from pod-…",
    "": "",
}


@pytest.mark.parametrize(("error", "expected"), FINGERPRINTS.items(), ids=lambda text: text[:40])
def test_what_differs_from_attempt_to_attempt_is_left_out(error: str, expected: str) -> None:
    assert fingerprint(error) == expected


@pytest.mark.parametrize("error", FINGERPRINTS.values(), ids=lambda text: text[:40])
def test_a_fingerprint_is_its_own_fingerprint(error: str) -> None:
    assert fingerprint(error) == error


def test_the_subject_itself_is_left_out_where_it_stands_alone() -> None:
    assert fingerprint("offered to queue 'sales', salesman away", "sales") == "offered to queue '…', salesman away"


@given(st.text(max_size=300), st.text(max_size=10))
def test_any_text_has_a_short_fingerprint(error: str, subject: str) -> None:
    assert len(fingerprint(error, subject)) <= 120


@given(st.integers(0, 10**12), st.uuids(), st.ip_addresses())
def test_numbers_ids_and_addresses_make_no_difference(number: int, identifier: object, address: object) -> None:
    one = fingerprint(f"log in: session {number} of {identifier} at {address} answered 503")
    assert one == "log in: session … of … at … answered 503"


IN_SHORT = {
    "log in: POST /media-bar/login answered 503": "503 at log in",
    "POST /login answered 401": "401",
    "become ready: took longer than … s": "timeout at become ready",
    "not finished within its deadline of … s": "timeout",
    "log in: ReadTimeout": "timeout at log in",
    "log in: ConnectError: All connection attempts failed: Connection refused": "connection refused at log in",
    "OSError: [Errno 111] Connect call failed ('…', …)": "connection refused",
    "ConnectError: the name 'media-bar.example.com' does not resolve": "name does not resolve",
    "log in: ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired": "TLS error at log in",
    "open: InvalidStatus: server rejected WebSocket connection: HTTP 503": "503 at open",
    "send: SMTPResponseException: (450, …)": "450 at send",
    "chat: ConnectionClosedError: no close frame received or sent": "connection cut off at chat",
    "offered: NoSuchQueueError: Sales is gone": "sales is gone at offered",
    "be ready: logged in, but 'refused' instead of ready": "logged in, but 'refused' instead of ready at be ready",
}


@pytest.mark.parametrize(("error", "expected"), IN_SHORT.items(), ids=lambda text: text[:40])
def test_a_word_or_two_say_what_went_wrong_and_where(error: str, expected: str) -> None:
    assert in_short(error) == expected


def test_a_summary_counts_the_most_frequent_first_and_the_rest_together() -> None:
    errors = [
        ("log in: POST /login answered 503", 12),
        ("become ready: took longer than … s", 3),
        ("log in: GET /session answered 503", 2),
        ("log out: DELETE /login answered 500", 2),
        ("something else", 1),
        ("and another thing", 1),
    ]
    assert summary(errors) == "503 at log in ×14, timeout at become ready ×3, 500 at log out ×2, others ×2"
    assert summary(errors[:2]) == "503 at log in ×12, timeout at become ready ×3"
    assert summary([]) == ""


REFUSED = "{}: ConnectError: All connection attempts failed: Connection refused"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"A": [REFUSED.format("log in")], "B": [REFUSED.format("open")]}, "all fail with 'connection refused'"),
        (
            {"A": ["log in: POST /a answered 503"], "B": ["log in: POST /b answered 503", "x"]},
            "all fail with '503' at 'log in'",
        ),
        ({"A": ["log in: POST /a answered 503"], "B": ["log in: took longer than … s"]}, "all fail at 'log in'"),
        (
            {"A": ["a: cannot reach eu.example.com"], "B": ["b: eu.example.com has no queue"]},
            "all fail on eu.example.com",
        ),
        ({"A": ["a: answered 503"], "B": ["b: answered 500"]}, ""),
        ({"A": ["answered 503"], "B": ["took longer than … s"]}, ""),
        ({"A": ["a: answered 503"], "B": []}, ""),
        ({"A": ["a: answered 503"]}, ""),
        ({}, ""),
    ],
)
def test_what_components_that_fail_together_share_is_named(groups: dict[str, list[str]], expected: str) -> None:
    counted = {name: tuple((error, 9 - place) for place, error in enumerate(its)) for name, its in groups.items()}
    assert shared_cause(counted) == expected
