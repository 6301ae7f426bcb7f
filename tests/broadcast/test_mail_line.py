"""A line to the mail server: one connection for many letters, one try per letter, and the truth about each."""

import asyncio
import base64
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from omwatch.broadcast import mail
from omwatch.broadcast.mail import Answer, Letter, MailLine, MailService, Verdict
from omwatch.broadcast.rendering import Rendered
from omwatch.clock import Clock, FakeClock, SystemClock
from tests.broadcast.conftest import SENDER
from tests.broadcast.mail_server import MailServer
from tests.broadcast.scripted_mail_server import Act, once, scripted, talking

ADA, BOB, CLEO = "ada@example.com", "bob@example.com", "cleo@example.com"
CONTENT = Rendered("subject", "text\n.\n", "<p>html</p>")
TAKEN = Answer(Verdict.ACCEPTED)
ONE_LETTER = ["MAIL", "RCPT", "DATA", "END"]
BOTH_WAYS = pytest.mark.parametrize("extensions", [(), ("PIPELINING", "SIZE 0")], ids=["one by one", "pipelining"])

Send = Callable[[MailLine, str], Awaitable[Answer]]


def a_line(address: str, clock: Clock) -> MailLine:
    return MailService(address, SENDER, clock).line()


async def send(line: MailLine, to: str = ADA) -> Answer:
    return await asyncio.to_thread(line.send, Letter(to, f"<{to}>", CONTENT))


async def close(line: MailLine) -> None:
    await asyncio.to_thread(line.close)


# --- one connection ----------------------------------------------------------------------------------------------


@BOTH_WAYS
async def test_many_letters_go_over_one_connection(clock: FakeClock, extensions: tuple[str, ...]) -> None:
    everybody = [f"s{number}@example.com" for number in range(20)]
    async with scripted(lambda *_: None, *extensions) as server:
        line = a_line(server.address, clock)
        assert [await send(line, to) for to in everybody] == [TAKEN] * 20
        await close(line)
    assert server.mails == dict.fromkeys(everybody, 1)
    assert server.heard == [["EHLO", *ONE_LETTER * 20, "QUIT"]]


async def test_lines_of_one_service_may_be_made_and_used_in_different_threads(
    clock: FakeClock, mail_server: MailServer
) -> None:
    service = MailService(mail_server.address, SENDER, clock)

    def carry(name: str) -> set[Answer]:
        line = service.line()
        answers = {line.send(Letter(f"{name}{number}@example.com", "<1@x>", CONTENT)) for number in range(30)}
        line.close()
        return answers

    assert await asyncio.gather(*(asyncio.to_thread(carry, name) for name in "abcd")) == [{TAKEN}] * 4
    assert mail_server.mails == {f"{name}{number}@example.com": 1 for name in "abcd" for number in range(30)}


async def test_nothing_is_connected_before_there_is_a_letter(clock: FakeClock) -> None:
    async with scripted() as server:
        await close(a_line(server.address, clock))
    assert server.heard == []


async def test_a_closed_line_connects_anew(clock: FakeClock) -> None:
    async with scripted() as server:
        line = a_line(server.address, clock)
        for _ in range(2):
            assert await send(line) == TAKEN
            await close(line)
    assert server.heard == [["EHLO", *ONE_LETTER, "QUIT"]] * 2


async def test_a_connection_is_renewed_after_so_many_letters(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LETTERS_PER_CONNECTION", 3)
    async with scripted() as server:
        line = a_line(server.address, clock)
        assert [await send(line) for _ in range(7)] == [TAKEN] * 7
        await close(line)
    assert server.heard == [["EHLO", *ONE_LETTER * number, "QUIT"] for number in (3, 3, 1)]


async def test_an_idle_connection_is_renewed(clock: FakeClock) -> None:
    async with scripted() as server:
        line = a_line(server.address, clock)
        for seconds in (0, 30, 30.5):
            await clock.advance(seconds)
            assert await send(line) == TAKEN
        await close(line)
    assert [talk.count("MAIL") for talk in server.heard] == [2, 1]
    assert server.heard[0][-1] == "QUIT"


# --- refusals ----------------------------------------------------------------------------------------------------


@BOTH_WAYS
@pytest.mark.parametrize("verb", ["RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("said", "verdict"), [("550 5.1.1 no such user", Verdict.REFUSED), ("450 4.2.1 later", Verdict.TRY_LATER)]
)
async def test_after_a_refusal_the_line_goes_on_over_the_same_connection(
    clock: FakeClock, extensions: tuple[str, ...], verb: str, said: str, verdict: Verdict
) -> None:
    refuses = once(1, verb, said)

    def script(connection: int, heard: str) -> str | Act | None:
        if verb == "RCPT" and heard == "DATA" and "RSET" not in server.heard[0]:
            return "554 no valid recipients"
        return refuses(connection, heard)

    async with scripted(script, *extensions) as server:
        line = a_line(server.address, clock)
        assert await send(line, ADA) == Answer(verdict, said)
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert server.mails == {BOB: 1}
    (heard,) = server.heard
    assert heard[-6:] == ["RSET", *ONE_LETTER, "QUIT"]


async def test_a_server_that_waits_for_the_message_to_a_refused_recipient_never_gets_it(clock: FakeClock) -> None:
    async with scripted(once(1, "RCPT", "550 no"), "PIPELINING") as server:
        line = a_line(server.address, clock)
        assert await send(line, ADA) == Answer(Verdict.REFUSED, "550 no")
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert server.mails == {BOB: 1}
    assert server.heard == [["EHLO", "MAIL", "RCPT", "DATA"], ["EHLO", *ONE_LETTER, "QUIT"]]


@BOTH_WAYS
@pytest.mark.parametrize("verb", ["RCPT", "DATA", "END"])
async def test_after_421_the_next_letter_goes_over_a_new_connection(
    clock: FakeClock, extensions: tuple[str, ...], verb: str
) -> None:
    async with scripted(once(1, verb, "421 going down"), *extensions) as server:
        line = a_line(server.address, clock)
        assert await send(line, ADA) == Answer(Verdict.TRY_LATER, "421 going down")
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert server.mails == {BOB: 1}
    assert len(server.heard) == 2


@pytest.mark.parametrize("code", [503, 530, 535])
async def test_what_is_said_of_our_log_in_is_no_fault_of_the_recipient(clock: FakeClock, code: int) -> None:
    async with scripted(once(1, "RCPT", f"{code} log in first")) as server:
        line = a_line(server.address, clock)
        assert await send(line) == Answer(Verdict.TRY_LATER, f"{code} log in first")
        await close(line)


@BOTH_WAYS
async def test_a_refused_sender_is_no_fault_of_the_recipient(clock: FakeClock, extensions: tuple[str, ...]) -> None:
    def script(_connection: int, verb: str) -> str | None:
        return {"MAIL": "550 not you", "RCPT": "503 who", "DATA": "503 who"}.get(verb)

    async with scripted(script, *extensions) as server:
        line = a_line(server.address, clock)
        assert [await send(line) for _ in "ab"] == [Answer(Verdict.TRY_LATER, "550 not you")] * 2
        await close(line)
    assert len(server.heard) == 1


@pytest.mark.parametrize("to", ["ada@example.com\r\nRCPT TO:<eve@example.com>", "ada", "a b@example.com", "<a@b.test>"])
async def test_what_is_no_address_is_refused_before_anything_is_said(clock: FakeClock, to: str) -> None:
    async with scripted() as server:
        answer = await send(a_line(server.address, clock), to)
    assert answer.verdict is Verdict.REFUSED
    assert "no e-mail address" in answer.error
    assert server.heard == []


# --- lost connections --------------------------------------------------------------------------------------------


@BOTH_WAYS
@pytest.mark.parametrize("verb", ["MAIL", "RSET"])
@pytest.mark.parametrize("farewell", [Act.HANG_UP, "421 4.4.2 timeout exceeded"])
async def test_a_connection_found_dead_before_anything_was_said_is_renewed_once(
    clock: FakeClock, extensions: tuple[str, ...], verb: str, farewell: str | Act
) -> None:
    def script(connection: int, heard: str) -> str | Act | None:
        said = server.heard[0] if connection == 1 else []
        if heard == "END" and verb == "RSET" and connection == 1:
            return "452 full"
        return farewell if heard == verb and said.count("END") == 1 else None

    async with scripted(script, *extensions) as server:
        line = a_line(server.address, clock)
        await send(line, ADA)
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert server.mails[BOB] == 1
    assert len(server.heard) == 2


@BOTH_WAYS
async def test_a_server_that_hung_up_between_two_letters_is_connected_to_again(
    clock: FakeClock, extensions: tuple[str, ...]
) -> None:
    """It says goodbye after a while, as servers do with whoever is idle."""

    def script(connection: int, verb: str) -> str | None:
        return "421 4.4.2 idle for too long" if connection == 1 and server.mails and verb != "END" else None

    async with scripted(script, *extensions) as server:
        line = a_line(server.address, clock)
        assert [await send(line, to) for to in (ADA, BOB, CLEO)] == [TAKEN] * 3
        await close(line)
    assert server.mails == {ADA: 1, BOB: 1, CLEO: 1}
    assert len(server.heard) == 2


@pytest.mark.parametrize("farewell", [Act.HANG_UP, "421 too busy"])
async def test_a_renewed_connection_is_not_renewed_again(clock: FakeClock, farewell: str | Act) -> None:
    async with scripted(lambda *said: farewell if said[1] == "MAIL" and server.mails else None) as server:
        line = a_line(server.address, clock)
        assert await send(line) == TAKEN
        assert (await send(line)).verdict is Verdict.TRY_LATER
        assert len(server.heard) == 2
        assert (await send(line)).verdict is Verdict.TRY_LATER
        assert len(server.heard) == 3
    assert server.mails == {ADA: 1}


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
async def test_a_connection_lost_in_the_middle_of_a_letter_ends_its_try(clock: FakeClock, verb: str) -> None:
    async with scripted(once(1, verb, Act.HANG_UP)) as server:
        line = a_line(server.address, clock)
        answer = await send(line)
        assert (answer.verdict, len(server.heard)) == (Verdict.TRY_LATER, 1)
        assert "lost" in answer.error
        assert "arrived" not in answer.error
        assert await send(line) == TAKEN
        await close(line)
    assert server.mails == {ADA: 1}


@BOTH_WAYS
@pytest.mark.parametrize("act", list(Act))
async def test_a_connection_lost_after_the_message_says_that_it_may_have_arrived(
    clock: FakeClock, extensions: tuple[str, ...], act: Act
) -> None:
    async with scripted(once(1, "END", act), *extensions) as server:
        line = a_line(f"{server.address}?cto=0.25", clock)
        answer = await send(line, ADA)
        assert answer.verdict is Verdict.TRY_LATER
        assert "may have arrived" in answer.error
        assert server.mails == {ADA: 1}
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert server.mails == {ADA: 1, BOB: 1}
    assert len(server.heard) == 2


@pytest.mark.parametrize(
    "nonsense", ["hello", "999 what", "12", "250-endless\r\nnonsense", "100 wait", "x" * 1000, f"250 {'x' * 9000}"]
)
@pytest.mark.parametrize("verb", ["RCPT", "END"])
async def test_an_answer_that_is_none_is_no_yes_and_ends_the_connection(
    clock: FakeClock, verb: str, nonsense: str
) -> None:
    async with scripted(once(1, verb, nonsense)) as server:
        line = a_line(server.address, clock)
        answer = await send(line, ADA)
        assert answer.verdict is Verdict.TRY_LATER
        assert ("may have arrived" in answer.error) == (verb == "END")
        assert await send(line, BOB) == TAKEN
        await close(line)
    assert len(server.heard) == 2


# --- hanging -----------------------------------------------------------------------------------------------------


async def test_an_answer_that_comes_too_late_is_not_taken_for_that_to_the_next_letter(clock: FakeClock) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n250 fine\r\n250 fine\r\n250 fine\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        await reader.read()
        writer.write(b"250 taken\r\n" * 5)

    async with talking(slow) as port:
        line = a_line(f"mailto://127.0.0.1:{port}?cto=0.25", clock)
        for _ in "ab":
            assert "may have arrived" in (await send(line)).error


async def test_a_server_that_drips_is_given_up_as_one_that_is_silent() -> None:
    clock = SystemClock()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"2")
            await writer.drain()
            await clock.sleep(0.02)

    async with asyncio.timeout(5), talking(drip) as port:
        answer = await send(a_line(f"mailto://127.0.0.1:{port}?cto=0.2", clock))
    assert answer.verdict is Verdict.TRY_LATER
    assert "timed out" in answer.error


async def test_a_server_that_never_comes_to_an_end_is_given_up(clock: FakeClock) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"220-hello\r\n" * 1000)
            await writer.drain()

    async with asyncio.timeout(5), talking(babble) as port:
        answer = await send(a_line(f"mailto://127.0.0.1:{port}", clock))
    assert answer.verdict is Verdict.TRY_LATER
    assert "endless" in answer.error


async def test_a_letter_has_its_limit_even_if_every_answer_comes_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LIMIT_SECONDS", 0.2)
    clock = SystemClock()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while await reader.readline():
            await clock.sleep(0.08)
            writer.write(b"250 fine\r\n")

    async with talking(slow) as port:
        answer = await send(a_line(f"mailto://127.0.0.1:{port}", clock))
    assert answer.verdict is Verdict.TRY_LATER
    assert "timed out" in answer.error


async def test_an_abandoned_line_sends_nothing_more(clock: FakeClock) -> None:
    async with scripted(once(1, "RCPT", Act.FALL_SILENT)) as server:
        line = a_line(f"{server.address}?cto=0.3", clock)
        sending = asyncio.create_task(send(line))
        while not server.heard or "RCPT" not in server.heard[0]:
            await clock.sleep(0)
        line.abandon()
        assert (await sending).verdict is Verdict.TRY_LATER
        assert (await send(line)).verdict is Verdict.TRY_LATER
        await close(line)
    assert not server.mails
    assert len(server.heard) == 1


# --- TLS and log-in ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    both = tmp_path_factory.mktemp("mail") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", "-", "-out", "-", "-days", "2", "-subj", "/CN=omwatch tests"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    both.write_bytes(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)
    return both


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """The context of a server that shows the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize(("mode", "extensions"), [("ssl", ()), ("starttls", ("STARTTLS",))])
async def test_letters_go_over_tls_with_one_context_for_all_lines(
    clock: FakeClock,
    tls: ssl.SSLContext,
    certificate: Path,
    mode: str,
    extensions: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    made, make = [], ssl.create_default_context

    def counted() -> ssl.SSLContext:
        made.append(make())
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    async with scripted(lambda *_: None, *extensions, context=tls) as server:
        service = MailService(f"mailtos://127.0.0.1:{server.port}?mode={mode}", SENDER, clock)
        for line in (service.line(), service.line()):
            assert [await send(line, to) for to in (ADA, BOB)] == [TAKEN] * 2
            await close(line)
    assert server.mails == {ADA: 2, BOB: 2}
    assert len(made) == 1


@pytest.mark.parametrize(("mode", "extensions"), [("ssl", ()), ("starttls", ("STARTTLS",))])
async def test_a_certificate_that_is_not_good_keeps_letters_back(
    clock: FakeClock, tls: ssl.SSLContext, mode: str, extensions: tuple[str, ...]
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's own regret
    async with scripted(lambda *_: None, *extensions, context=tls) as server:
        line = a_line(f"mailtos://127.0.0.1:{server.port}?mode={mode}", clock)
        answer = await send(line)
        assert answer.verdict is Verdict.TRY_LATER
        assert "CERTIFICATE_VERIFY_FAILED" in answer.error
        line = a_line(f"mailtos://127.0.0.1:{server.port}?mode={mode}&verify=no", clock)
        assert await send(line) == TAKEN
        await close(line)


async def test_a_server_without_tls_gets_no_letter_that_was_meant_to_be_secret(clock: FakeClock) -> None:
    async with scripted() as server:
        answer = await send(a_line(f"mailtos://noc:secret@127.0.0.1:{server.port}?mode=starttls", clock))
    assert answer.verdict is Verdict.TRY_LATER
    assert "STARTTLS" in answer.error
    assert server.heard == [["EHLO"]]


async def test_a_server_that_repeats_the_log_in_gives_nothing_away(clock: FakeClock) -> None:
    whole = base64.b64encode(b"\0noc\0s3cr3t").decode()
    async with scripted(once(1, "AUTH", f"535 no user noc with s3cr3t, you said {whole}"), "AUTH PLAIN") as server:
        answer = await send(a_line(f"mailto://noc:s3cr3t@127.0.0.1:{server.port}", clock))
    assert answer == Answer(Verdict.TRY_LATER, "535 no user noc with ***, you said ***")
