"""The sinks of the benchmarks count what they get, as real servers would have got it."""

import smtplib
import socket
from http.client import HTTPConnection

import pytest

from benchmarks.sinks import http_sink, smtp_sink

MESSAGE = b"Subject: x\r\n\r\n.\r\nbody\r\n..\r\n"


def test_the_mail_sink_counts_messages_and_knows_who_got_them() -> None:
    with smtp_sink(record=True) as sink, smtplib.SMTP("127.0.0.1", sink.port, "localhost", timeout=5) as client:
        for to in ("ada@example.com", "bob@example.com", "ada@example.com"):
            assert client.sendmail("noc@example.com", [to], MESSAGE) == {}
        assert sink.count() == 3
        assert sink.recipients() == {"ada@example.com": 2, "bob@example.com": 1}
        sink.empty()
        assert (sink.count(), sink.recipients()) == (0, {})


@pytest.mark.parametrize("pieces", [1, 7])
def test_the_mail_sink_takes_commands_together_and_in_pieces(pieces: int) -> None:
    said = b"EHLO x\r\n" + b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n.\r\n" * 2 + b"QUIT\r\n"
    with smtp_sink() as sink, socket.create_connection(("127.0.0.1", sink.port), timeout=5) as connected:
        for start in range(0, len(said), len(said) // pieces):
            connected.sendall(said[start : start + len(said) // pieces])
        answers = b"".join(iter(lambda: connected.recv(4096), b""))
        assert sink.count() == 2
    assert answers.count(b"354") == 2
    assert answers.endswith(b"221 bye\r\n")


def test_the_mail_sink_speaks_of_pipelining_only_when_asked_to() -> None:
    for pipelining in (True, False):
        with (
            smtp_sink(pipelining=pipelining) as sink,
            smtplib.SMTP("127.0.0.1", sink.port, "localhost", timeout=5) as client,
        ):
            client.ehlo()
            assert client.has_extn("pipelining") == pipelining


def test_the_web_sink_counts_requests_and_knows_where_they_went() -> None:
    with http_sink(record=True) as sink:
        client = HTTPConnection("127.0.0.1", sink.port, timeout=5)
        for path, body in (("/a", b"x" * 100_000), ("/b", b"{}"), ("/a", b"")):
            client.request("POST", path, body)
            response = client.getresponse()
            assert (response.status, response.read()) == (200, b"ok")
        client.close()
        assert sink.count() == 3
        assert sink.recipients() == {"/a": 2, "/b": 1}
