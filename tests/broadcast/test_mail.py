"""What arrives at a real mail server, and what its answers are taken for."""

import asyncio
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.broadcast.mail import Answer, Letter, MailService, Verdict
from omwatch.broadcast.rendering import UNSUBSCRIBE, Rendered, render
from omwatch.clock import FakeClock
from omwatch.domain.notice import notice
from omwatch.domain.subscriber import email_address
from tests.broadcast.conftest import SENDER
from tests.broadcast.mail_server import MailServer
from tests.domain.builders import an_incident

CONTENT = Rendered(
    "[OpenMethods] Incident – identified: Agent login", "Räksmörgås.\n.\nFrom here\n", "<p>Räksmörgås</p>"
)
MESSAGE_ID = "<update-1-subscriber-1@status.example.com>"

Send = Callable[..., Awaitable[Answer]]


@pytest.fixture
def send(clock: FakeClock) -> Send:
    """Send one letter through an Apprise address, in a thread as the courier does."""

    async def send_it(
        address: str, to: str = "ada@example.com", content: Rendered = CONTENT, message_id: str = MESSAGE_ID
    ) -> Answer:
        service = MailService(address, SENDER, clock)
        return await asyncio.to_thread(service.send, Letter(to, message_id, content))

    return send_it


async def test_it_arrives_as_text_and_html_with_every_header_once(
    send: Send, mail_server: MailServer, clock: FakeClock
) -> None:
    assert await send(mail_server.address) == Answer(Verdict.ACCEPTED)
    message = mail_server.message()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Subject"] == CONTENT.subject
    assert message["From"] == SENDER
    assert message["To"] == "ada@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == clock.now()
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 - a message repeats names, a dict would not
    assert sorted(names) == sorted(set(names))


async def test_it_bears_our_message_id_exactly_once(send: Send, mail_server: MailServer) -> None:
    await send(mail_server.address)
    assert mail_server.message().get_all("Message-ID") == [MESSAGE_ID]
    assert mail_server.accepted[0][1].lower().count(b"message-id:") == 1


async def test_a_long_message_id_arrives_whole(send: Send, mail_server: MailServer) -> None:
    long = f"<update-123456-subscriber-123456@{'status.' * 20}example.com>"
    await send(mail_server.address, message_id=long)
    assert f"Message-ID: {long}\r\n".encode() in mail_server.accepted[0][1]


async def test_both_bodies_arrive_as_they_were_rendered(send: Send, mail_server: MailServer) -> None:
    await send(mail_server.address)
    text, html = mail_server.message().iter_parts()
    assert text.get_content().replace("\r\n", "\n") == CONTENT.text
    assert html.get_content().strip() == CONTENT.html


async def test_dots_at_the_beginning_of_lines_arrive_as_they_are(send: Send, mail_server: MailServer) -> None:
    dotted = ".\n..\n.one\n..two\n\n.\n"
    await send(mail_server.address, content=Rendered("subject", dotted, dotted))
    for part in mail_server.message().iter_parts():
        assert part.get_content().replace("\r\n", "\n") == dotted


async def test_everybody_gets_a_link_of_their_own(mail_server: MailServer, clock: FakeClock) -> None:
    content = Rendered("subject", f"Unsubscribe: {UNSUBSCRIBE}\n", f'<a href="{UNSUBSCRIBE}">Unsubscribe</a>')
    service = MailService(mail_server.address, SENDER, clock)
    for name in ("ada", "bob"):
        letter = Letter(f"{name}@example.com", MESSAGE_ID, content, f"https://status.example.com/u/{name}?x=1&y=2")
        assert await asyncio.to_thread(service.send, letter) == Answer(Verdict.ACCEPTED)
    for (recipient, raw), name in zip(mail_server.accepted, ("ada", "bob"), strict=True):
        message = message_from_bytes(raw, policy=default)
        link = f"https://status.example.com/u/{name}?x=1&y=2"
        assert recipient == message["To"] == f"{name}@example.com"
        assert message["List-Unsubscribe"] == f"<{link}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        text, html = (part.get_content().strip() for part in message.iter_parts())
        assert text == f"Unsubscribe: {link}"
        assert html == f'<a href="{link.replace("&", "&amp;")}">Unsubscribe</a>'


async def test_only_seven_bits_and_short_lines_go_over_the_wire(send: Send, mail_server: MailServer) -> None:
    content = Rendered("ö" * 300, f"{'lång ' * 500}\n", f"<p>{'ü' * 3000}</p>")
    await send(mail_server.address, content=content)
    raw = mail_server.accepted[0][1]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert mail_server.message()["Subject"] == content.subject


@pytest.mark.parametrize(
    "evil",
    [
        "Down\r\nBcc: eve@example.com",
        "Down\nBcc: eve@example.com",
        "Down\rBcc: eve@example.com",
        "Down\r\n\r\n<script>body</script>",
        "Down\u2028Bcc: eve@example.com",
        "Down\x85Bcc: eve@example.com",
        "Down\x00\x1b]0;owned\x07",
        "=?utf-8?q?Down=0D=0ABcc=3A_eve=40example=2Ecom?=",
    ],
)
async def test_no_subject_can_add_a_header_or_a_recipient(send: Send, mail_server: MailServer, evil: str) -> None:
    content = Rendered(evil, "text", "<p>html</p>")
    assert await send(mail_server.address, content=content) == Answer(Verdict.ACCEPTED)
    assert set(mail_server.mails) == {"ada@example.com"}
    message = mail_server.message()
    assert " ".join(message.keys()) == "Subject From To Date Message-ID Auto-Submitted MIME-Version Content-Type"
    assert [part.get_content().strip() for part in message.iter_parts()] == ["text", "<p>html</p>"]
    head = mail_server.accepted[0][1].split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert head.replace("\r\n", "").isprintable()


async def test_no_sender_can_add_a_header(mail_server: MailServer, clock: FakeClock) -> None:
    sender = "=?utf-8?q?Open=0D=0ABcc=3A_eve=40example=2Ecom?= <status@openmethods.com>"
    service = MailService(mail_server.address, sender, clock)
    answer = await asyncio.to_thread(service.send, Letter("ada@example.com", MESSAGE_ID, CONTENT))
    assert answer == Answer(Verdict.ACCEPTED)
    assert b"\nbcc:" not in mail_server.accepted[0][1].lower()


async def test_an_incidents_own_words_cannot_add_a_header(send: Send, mail_server: MailServer) -> None:
    incident, update = an_incident("Down\r\nBcc: eve@example.com", "one\r\n.\r\nMAIL FROM:<eve@example.com>\r\n")
    told = render(notice(incident, update, "Open\r\nMethods", "https://status.example.com"))
    answer = await send(mail_server.address, content=told)
    assert answer == Answer(Verdict.ACCEPTED)  # a strange name in the configuration must not keep notices back
    assert set(mail_server.mails) == {"ada@example.com"}
    assert "Bcc" not in mail_server.message()


@settings(max_examples=15)
@given(
    address=st.sampled_from(
        [
            "!#$%&'*+/=?^_`{|}~-@example.com",
            "o'brien+noc@example.co.uk",
            "a@xn--bcher-kva.example",
            "UPPER.lower@example.com",
            "1@2.example",
            f"{'a' * 64}@{'b' * 63}.example",
        ]
    )
)
async def test_every_address_that_may_subscribe_is_reached(send: Send, mail_server: MailServer, address: str) -> None:
    mail_server.accepted.clear()
    assert await send(mail_server.address, to=email_address(address)) == Answer(Verdict.ACCEPTED)
    assert set(mail_server.mails) == {address}


@pytest.mark.parametrize(
    "parameters",
    [
        "to=eve@example.com",
        "cc=eve@example.com&bcc=mallory@example.com",
        "overflow=split",
        "overflow=truncate",
        "+Message-ID=<other@example.com>",
        "+Bcc=eve@example.com",
        "format=text",
        "from=eve@example.com&name=Eve",
        "reply=eve@example.com",
        "optional=yes",
        "pgp=yes",
    ],
)
async def test_no_parameter_of_the_services_address_adds_a_mail_or_changes_it(
    send: Send, mail_server: MailServer, parameters: str
) -> None:
    content = Rendered("subject", "x" * 100_000, "<p>html</p>")
    assert await send(f"{mail_server.address}?{parameters}", content=content) == Answer(Verdict.ACCEPTED)
    assert mail_server.mails == {"ada@example.com": 1}
    message = mail_server.message()
    assert message.get_all("Message-ID") == [MESSAGE_ID]
    assert message["From"] == SENDER
    assert {"cc", "bcc", "reply-to"}.isdisjoint(name.lower() for name in message.keys())  # noqa: SIM118 - as above


async def test_a_failed_send_is_tried_once_whatever_the_services_address_says(
    send: Send, mail_server: MailServer
) -> None:
    mail_server.answers_to_data["ada@example.com"] = ["451 later", "451 later", "451 later"]
    answer = await send(f"{mail_server.address}?retry=2&wait=0")
    assert answer == Answer(Verdict.TRY_LATER, "451 later")
    assert len(mail_server.answers_to_data["ada@example.com"]) == 2


# --- answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("550 5.1.1 no such user", Verdict.REFUSED),
        ("553 bad name", Verdict.REFUSED),
        ("450 4.2.1 try again", Verdict.TRY_LATER),
        ("452 full", Verdict.TRY_LATER),
        ("421 going down", Verdict.TRY_LATER),
    ],
)
async def test_an_answer_about_the_recipient_keeps_its_code(
    send: Send, mail_server: MailServer, said: str, verdict: Verdict
) -> None:
    mail_server.answers_to_rcpt["ada@example.com"] = said
    assert await send(mail_server.address) == Answer(verdict, said)
    assert mail_server.accepted == []


@pytest.mark.parametrize(
    ("said", "verdict"), [("554 5.7.1 spam", Verdict.REFUSED), ("451 4.3.0 try again", Verdict.TRY_LATER)]
)
async def test_an_answer_about_the_message_keeps_its_code(
    send: Send, mail_server: MailServer, said: str, verdict: Verdict
) -> None:
    mail_server.answers_to_data["ada@example.com"] = [said]
    assert await send(mail_server.address) == Answer(verdict, said)


async def test_an_answer_is_made_inert(send: Send, mail_server: MailServer) -> None:
    mail_server.answers_to_rcpt["ada@example.com"] = "550 \x1b]0;owned\x07"
    assert await send(mail_server.address) == Answer(Verdict.REFUSED, "550 ␛]0;owned␇")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"CONNECT": "554 no service here"}, "554 no service here"),
        ({"CONNECT": "421 too busy"}, "421 too busy"),
        ({"EHLO": "550 go away", "HELO": "550 go away"}, "550 go away"),
        ({"EHLO": "250-mail.test\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong password"}, "535 5.7.8 wrong password"),
        ({"MAIL": "530 5.7.0 Authentication required"}, "530 5.7.0 Authentication required"),
        ({"MAIL": "550 5.7.1 sender not allowed"}, "550 5.7.1 sender not allowed"),
    ],
)
async def test_a_server_that_will_not_have_us_is_no_fault_of_the_recipient(
    send: Send, scripted_server: Callable[[dict[str, str]], Awaitable[int]], answers: dict[str, str], said: str
) -> None:
    user = "noc:secret@" if "AUTH" in answers else ""
    answer = await send(f"mailto://{user}127.0.0.1:{await scripted_server(answers)}")
    assert answer == Answer(Verdict.TRY_LATER, said)


async def test_a_refused_connection_is_tried_later(send: Send, mail_server: MailServer, closed_port: int) -> None:
    answer = await send(f"mailto://127.0.0.1:{closed_port}")
    assert answer.verdict is Verdict.TRY_LATER
    assert "ConnectionRefusedError" in answer.error
    assert mail_server.accepted == []


async def test_a_silent_server_is_given_up_after_the_socket_timeout(send: Send, silent_server: int) -> None:
    answer = await send(f"mailto://127.0.0.1:{silent_server}?cto=0.2")
    assert answer.verdict is Verdict.TRY_LATER
    assert "timed out" in answer.error


@pytest.mark.parametrize("address", ["mailto://", "slack://token-a/token-b/token-c", "http://127.0.0.1", "nonsense"])
def test_an_address_that_is_no_mail_server_is_refused(clock: FakeClock, address: str) -> None:
    with pytest.raises(ValueError, match="Apprise does not understand"):
        MailService(address, SENDER, clock)


@pytest.mark.parametrize("sender", ["", "status", "Status <status@localhost\r\nBcc: eve@example.com>"])
def test_a_sender_that_is_no_address_is_refused(clock: FakeClock, sender: str) -> None:
    with pytest.raises(ValueError, match="sender is no address"):
        MailService("mailto://127.0.0.1", sender, clock)


def test_a_way_to_connect_that_apprise_does_not_know_is_refused(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="Apprise does not understand"):
        MailService("mailtos://127.0.0.1?mode=telepathy", SENDER, clock)
