"""E-mail in: SMTP, queues over HTTP and over IMAP, without and with faults."""

import asyncio
import imaplib
from collections.abc import Callable
from email.message import EmailMessage

import httpx
import pytest
from aioimaplib import IMAP4  # type: ignore[import-untyped] # it ships no types
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
        await IMAP4(*sandbox.addresses["imap"].split(":")).wait_hello_from_server()
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
        client = await mailbox(sandbox)
        if (await client.login(name, "")).result != "OK":
            by_imap.append(name)
        await client.logout()
    assert by_smtp == by_http == by_imap == ["support", "press"]


async def mailbox(sandbox: Sandbox) -> IMAP4:
    client = IMAP4(*sandbox.addresses["imap"].split(":"), timeout=5)
    await client.wait_hello_from_server()
    return client


async def test_imap_finds_fetches_and_removes(sandbox: Sandbox) -> None:
    await post(sandbox, "sales")
    await post(sandbox, "sales", subject="another")
    await post(sandbox, "support", subject="not mine")
    client = await mailbox(sandbox)
    assert (await client.login("sales", "any")).result == "OK"
    assert b"2 EXISTS" in (await client.select()).lines
    assert (await client.search("ALL")).lines[0] == b"1 2"
    found = await client.uid_search("SUBJECT", '"Marker-1"')
    assert found.lines[0] == b"1"
    assert (await client.uid_search("HEADER", "Subject", '"nothing"')).lines[0] == b""
    fetched = await client.uid("fetch", "1", "(FLAGS BODY[])")
    assert bytes(fetched.lines[1]).endswith(b"\r\n\r\nhello\r\n.dot\r\n")
    assert (await client.uid("store", "1", "+FLAGS", r"(\Deleted)")).result == "OK"
    assert (await client.expunge()).lines[0] == b"1 EXPUNGE"
    assert (await client.search("ALL")).lines[0] == b"1"
    await client.logout()


async def test_imap_sees_what_comes_in_after_the_selection(sandbox: Sandbox) -> None:
    client = await mailbox(sandbox)
    await client.login("sales", "")
    await client.select()
    assert (await client.uid_search("ALL")).lines[0] == b""
    await post(sandbox, "sales")
    assert (await client.noop()).result == "OK"
    assert (await client.uid_search("ALL")).lines[0] == b"1"
    await client.logout()


@pytest.mark.parametrize(("user", "password", "result"), [("sales", "wrong", "NO"), ("sales", "right", "OK")])
async def test_imap_refuses_the_wrong_password(sandbox: Sandbox, user: str, password: str, result: str) -> None:
    client = await mailbox(sandbox)
    assert (await client.login(user, password)).result == result
    await client.logout()


async def test_imap_hangs_until_the_fault_is_cleared(sandbox: Sandbox) -> None:
    await sandbox.inject(EMAIL, Fault(Kind.HANG))
    client = await mailbox(sandbox)
    client.timeout = 0.1
    with pytest.raises(TimeoutError):
        await client.login("sales", "")
    client.protocol.transport.close()


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


async def test_another_imap_client_understands_this_server_too(sandbox: Sandbox) -> None:
    await post(sandbox, "sales", text="body (with parentheses)\n")
    assert await asyncio.to_thread(_with_imaplib, sandbox.addresses["imap"]) == b"body (with parentheses)\r\n"


def _with_imaplib(address: str) -> bytes:
    host, port = address.split(":")
    with imaplib.IMAP4(host, int(port), timeout=5) as client:
        client.login("sales", 'pass "word"')
        assert client.select("INBOX") == ("OK", [b"1"])
        found: Callable[..., tuple[str, list[bytes]]] = client.uid
        assert found("SEARCH", "UNDELETED", "SUBJECT", '"marker-1"') == ("OK", [b"1"])
        _, parts = client.fetch("1:*", "(UID RFC822.SIZE BODY.PEEK[HEADER] RFC822)")
        client.store("1", "+FLAGS", r"(\Deleted)")
        assert client.expunge() == ("OK", [b"1"])
        literals = [part[1] for part in parts if isinstance(part, tuple)]
        return literals[-1].partition(b"\r\n\r\n")[2]
