"""E-mail in: SMTP, queues over HTTP and over IMAP, without and with faults."""

import asyncio
import imaplib
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

import httpx
import pytest
from aiosmtplib import SMTPDataError, SMTPSenderRefused, SMTPServerDisconnected, SMTPTimeoutError, send

from omwatch.sandbox.email_routing import LARGEST_LETTER
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.sandbox import Sandbox

Http = Callable[[str], httpx.AsyncClient]

EMAIL = JourneyName.EMAIL_ROUTING


async def post(sandbox: Sandbox, *mailboxes: str, subject: str = "marker-1", text: str = "hello\n.dot\n") -> None:
    message = EmailMessage()
    message["From"] = "ada@example.com"
    message["Subject"] = subject
    message.set_content(text)
    host, port = sandbox.addresses["smtp"].split(":")
    recipients = [f"{mailbox}@contact-centre.test" for mailbox in mailboxes]
    await send(message, recipients=recipients, hostname=host, port=int(port), local_hostname="example.com", timeout=0.5)


async def queue(http: Http, name: str, subject: str = "") -> list[dict[str, object]]:
    reply = await http("email-routing").get(f"/queues/{name}/emails", params={"subject": subject})
    assert reply.status_code == 200
    found: list[dict[str, object]] = reply.json()["emails"]
    return found


async def test_an_email_is_routed_by_its_recipient(sandbox: Sandbox, http: Http) -> None:
    await post(sandbox, "sales", "support")
    await post(sandbox, "Sales", subject="another")
    assert [mail["subject"] for mail in await queue(http, "sales")] == ["marker-1", "another"]
    assert [mail["subject"] for mail in await queue(http, "sales", "marker")] == ["marker-1"]
    assert len(await queue(http, "support")) == 1
    assert await queue(http, "billing") == []


async def test_an_email_can_be_removed_once(sandbox: Sandbox, http: Http) -> None:
    await post(sandbox, "sales")
    (mail,) = await queue(http, "sales")
    client = http("email-routing")
    assert (await client.delete(f"/queues/sales/emails/{mail['id']}")).status_code == 204
    assert (await client.delete(f"/emails/{mail['id']}")).status_code == 404
    assert await queue(http, "sales") == []


async def test_encoded_subjects_are_found_by_their_text(sandbox: Sandbox, http: Http) -> None:
    await post(sandbox, "sales", subject="Grüße für müde Leute")
    assert len(await queue(http, "sales", "müde")) == 1


async def test_too_large_an_email_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SMTPSenderRefused, match="exceeds"):
        await post(sandbox, "sales", text=("x" * 70 + "\n") * (LARGEST_LETTER // 70))


async def test_a_lost_email_is_taken_and_never_routed(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(EMAIL, Fault())
    await post(sandbox, "sales")
    assert await queue(http, "sales") == []


async def test_a_wrong_route_shows_where_the_email_went(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.WRONG))
    await post(sandbox, "sales")
    assert await queue(http, "sales") == []
    reply = await http("email-routing").get("/emails", params={"mailbox": "sales", "subject": "marker-1"})
    assert [mail["queue"] for mail in reply.json()["emails"]] == ["support"]


async def test_a_status_is_given_by_smtp_and_by_http(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(EMAIL, Fault(status=503))
    with pytest.raises(SMTPDataError, match="503"):
        await post(sandbox, "sales")
    assert (await http("email-routing").get("/queues/sales/emails")).status_code == 503


async def test_smtp_can_be_reset(sandbox: Sandbox) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.RESET))
    with pytest.raises(SMTPServerDisconnected):
        await post(sandbox, "sales")


async def test_smtp_can_hang(sandbox: Sandbox) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.HANG))
    with pytest.raises(SMTPTimeoutError):
        await post(sandbox, "sales")


async def test_down_closes_smtp_imap_and_http_alike(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.DOWN))
    with pytest.raises(OSError, match=r"refused|failed"):
        await post(sandbox, "sales")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(mailbox, sandbox.addresses["imap"])
    await sandbox.clear()
    await post(sandbox, "sales")
    assert len(await queue(http, "sales")) == 1


async def test_a_share_of_queues_is_the_same_by_smtp_http_and_imap(sandbox: Sandbox, http: Http) -> None:
    await sandbox.inject(EMAIL, Fault(status=500, subjects=0.4))
    names = ["sales", "support", "billing", "returns", "press"]
    by_smtp, by_http, by_imap = [], [], []
    for name in names:
        try:
            await post(sandbox, name)
        except SMTPDataError:
            by_smtp.append(name)
        if (await http("email-routing").get(f"/queues/{name}/emails")).status_code == 500:
            by_http.append(name)
        if not await asyncio.to_thread(_can_log_in, sandbox.addresses["imap"], name):
            by_imap.append(name)
    assert by_smtp == by_http == by_imap == ["support", "press"]


def mailbox(address: str, patience: float = 5) -> imaplib.IMAP4:
    """Connect to a mailbox; imaplib waits, so whoever uses it is in a thread."""
    host, port = address.split(":")
    return imaplib.IMAP4(host, int(port), timeout=patience)


def _can_log_in(address: str, user: str, password: str = "") -> bool:
    with mailbox(address) as client, suppress(imaplib.IMAP4.error):
        return client.login(user, password)[0] == "OK"
    return False


async def test_imap_finds_fetches_and_removes(sandbox: Sandbox) -> None:
    await post(sandbox, "sales")
    await post(sandbox, "sales", subject="another")
    await post(sandbox, "support", subject="not mine")
    await asyncio.to_thread(_find_fetch_and_remove, sandbox.addresses["imap"])


def _find_fetch_and_remove(address: str) -> None:
    with mailbox(address) as client:
        client.login("sales", 'pass "word"')
        assert client.select() == ("OK", [b"2"])
        assert client.search(None, "ALL") == ("OK", [b"1 2"])
        assert client.uid("search", "SUBJECT", '"Marker-1"') == ("OK", [b"1"])
        assert client.uid("search", "HEADER", "Subject", '"nothing"') == ("OK", [b""])
        _, [(_, letter), _] = client.uid("fetch", "1", "(FLAGS BODY[])")
        assert letter.endswith(b"\r\n\r\nhello\r\n.dot\r\n")
        assert client.uid("store", "1", "+FLAGS", r"(\Deleted)")[0] == "OK"
        assert client.expunge() == ("OK", [b"1"])
        assert client.search(None, "ALL") == ("OK", [b"1"])


async def test_imap_sees_what_comes_in_after_the_selection(sandbox: Sandbox) -> None:
    client = await asyncio.to_thread(mailbox, sandbox.addresses["imap"])
    await asyncio.to_thread(client.login, "sales", "")
    await asyncio.to_thread(client.select)
    assert await asyncio.to_thread(client.uid, "search", "ALL") == ("OK", [b""])
    await post(sandbox, "sales")
    assert (await asyncio.to_thread(client.noop))[0] == "OK"
    assert await asyncio.to_thread(client.uid, "search", "ALL") == ("OK", [b"1"])
    await asyncio.to_thread(client.logout)


async def test_imap_refuses_the_wrong_password(sandbox: Sandbox) -> None:
    address = sandbox.addresses["imap"]
    assert await asyncio.to_thread(_can_log_in, address, "sales", "right")
    assert not await asyncio.to_thread(_can_log_in, address, "sales", "wrong")


async def test_imap_hangs_until_the_fault_is_cleared(sandbox: Sandbox) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.HANG))
    client = await asyncio.to_thread(mailbox, sandbox.addresses["imap"], 0.1)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(client.login, "sales", "")
    client.shutdown()


async def ask(sandbox: Sandbox, *commands: str) -> list[str]:
    """Say IMAP commands word for word and return the tagged answers."""
    reader, writer = await asyncio.open_connection(*sandbox.addresses["imap"].split(":"))
    answers = []
    await reader.readline()
    for command in commands:
        writer.write(f"t {command}\r\n".encode())
        while not (line := (await reader.readline()).decode()).startswith("t "):
            assert line
        answers.append(line.strip())
    writer.close()
    return answers


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("BOGUS", "t BAD no command of this server: BOGUS"),
        ("UID LOGIN a b", "t BAD no command of this server: LOGIN"),
        ("SEARCH ALL", "t BAD select a mailbox first"),
        ("SELECT INBOX", "t BAD log in first"),
        ("LOGIN sales", "t BAD LOGIN takes a user and a password"),
    ],
)
async def test_imap_says_what_it_does_not_understand(sandbox: Sandbox, command: str, answer: str) -> None:
    assert await ask(sandbox, command) == [answer]


@pytest.mark.parametrize("command", ["SEARCH BEFORE today", "SEARCH SUBJECT", "FETCH x FLAGS", "STORE 1 LABELS x"])
async def test_imap_says_which_argument_it_does_not_understand(sandbox: Sandbox, command: str) -> None:
    await post(sandbox, "sales")
    *_, answer = await ask(sandbox, 'LOGIN "sales" ""', "SELECT INBOX", command)
    assert answer.startswith("t BAD ")


async def test_imap_gives_headers_and_letters_in_parts(sandbox: Sandbox) -> None:
    await post(sandbox, "sales", text="body (with parentheses)\n")
    assert await asyncio.to_thread(_fetch_in_parts, sandbox.addresses["imap"]) == b"body (with parentheses)\r\n"


def _fetch_in_parts(address: str) -> bytes:
    with mailbox(address) as client:
        client.login("sales", "")
        client.select()
        assert client.search(None, "UNDELETED", "SUBJECT", '"marker-1"') == ("OK", [b"1"])
        _, parts = client.fetch("1:*", "(UID RFC822.SIZE BODY.PEEK[HEADER] RFC822)")
        literals = [part[1] for part in parts if isinstance(part, tuple)]
        return literals[-1].partition(b"\r\n\r\n")[2]
