"""The mail sink, and the control port that shows it."""

from collections.abc import Callable
from email.message import EmailMessage

import httpx
import pytest
from aiosmtplib import send

from omwatch.clock import FakeClock
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox
from omwatch.sandbox.sink import Sink, open_letter
from omwatch.sandbox.smtp import Letter, StreamLine

Http = Callable[[str], httpx.AsyncClient]

NOW = FakeClock().now()


def notice(*to: str, subject: str = "Störung – behoben") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Omwatch <status@example.com>"
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message.set_content("Größer als = gedacht\n" * 8, cte="quoted-printable")
    message.add_alternative("<p>Größer</p>", subtype="html")
    return message


async def broadcast(sandbox: Sandbox, message: EmailMessage) -> None:
    host, port = sandbox.addresses["sink"].split(":")
    await send(message, hostname=host, port=int(port), local_hostname="example.com")


async def test_each_recipient_gets_an_entry_decoded_as_people_read_it(sandbox: Sandbox, http: Http) -> None:
    await broadcast(sandbox, notice("ada@example.com", "grace@example.com"))
    mail = (await http("control").get("/mail")).json()
    assert [entry["to"] for entry in mail] == ["ada@example.com", "grace@example.com"]
    entry = mail[0]
    assert set(entry) == {"to", "subject", "text", "html", "headers", "received_at"}
    assert entry["subject"] == "Störung – behoben"
    assert entry["text"].startswith("Größer als = gedacht\n")
    assert entry["html"] == "<p>Größer</p>\n"
    assert entry["headers"]["From"] == "Omwatch <status@example.com>"
    assert entry["received_at"].endswith("Z")


async def test_the_mail_can_be_thrown_away(sandbox: Sandbox, http: Http) -> None:
    await broadcast(sandbox, notice("ada@example.com"))
    assert len(sandbox.notices()) == 1
    control = http("control")
    assert (await control.delete("/mail")).status_code == 204
    assert (await control.get("/mail")).json() == []


async def test_the_sink_is_no_part_of_the_email_journey(sandbox: Sandbox) -> None:
    await sandbox.inject(JourneyName.EMAIL_ROUTING, Fault(Kind.DOWN))
    await broadcast(sandbox, notice("ada@example.com"))
    assert len(sandbox.notices()) == 1


def test_the_instant_is_in_utc() -> None:
    (entry,) = open_letter(Letter(("ada@example.com",), b"Subject: x\r\n\r\nhello"), NOW)
    assert entry.received_at == "2026-01-05T15:00:00Z"


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        (b"", "", ""),
        (b"no header at all", "", "no header at all"),
        (b"Subject: =?utf-8?q?=C3=B6?=\r\n\r\nx", "ö", "x"),
        (b"Subject: =?bogus?q?=C3=B6?=\r\n\r\nx", "ö", "x"),
        (b"Subject: raw \xff byte\r\n\r\nx", "raw \ufffd byte", "x"),
        (b"Content-Type: text/plain; charset=nonsense\r\n\r\nx", "", "x"),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!", "", ""),
    ],
)
def test_broken_letters_are_shown_as_far_as_they_go(raw: bytes, subject: str, text: str) -> None:
    (entry,) = open_letter(Letter(("ada@example.com",), raw), NOW)
    assert entry.subject == subject
    assert text in entry.text
    entry.text.encode()
    entry.subject.encode()


def test_a_header_that_comes_twice_is_kept_twice() -> None:
    (entry,) = open_letter(Letter(("a@b.c",), b"Received: one\r\nReceived: two\r\n\r\n"), NOW)
    assert entry.headers["Received"] == "one\ntwo"


async def test_the_oldest_notices_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omwatch.sandbox.sink.MOST_NOTICES", 3)
    sink = Sink(FakeClock())
    for number in range(5):
        await sink.deliver(Letter((f"{number}@example.com",), b"Subject: x\r\n\r\n"), StreamLine(None))
    assert [entry.to for entry in sink.notices()] == ["2@example.com", "3@example.com", "4@example.com"]


async def test_large_notices_make_room_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omwatch.sandbox.sink.MOST_BYTES", 100)
    sink = Sink(FakeClock())
    for number in range(5):
        await sink.deliver(Letter((f"{number}@example.com",), b"Subject: x\r\n\r\n" + b"y" * 36), StreamLine(None))
    assert [entry.to for entry in sink.notices()] == ["3@example.com", "4@example.com"]
