"""Passed, failed or broken: whose fault it was, and what operators read about it."""

import asyncio
import errno
import os
import re
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from omwatch.clock import SystemClock
from omwatch.domain.attempt import Outcome
from omwatch.probe import HttpSettings, Journey, OurFault, Settings, Unmet, expect, probe
from omwatch.watcher.discovery import discover
from omwatch.watcher.runner import Guards, run_attempt
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, ask_for_json, walk


@probe(HttpSettings, unit="subject")
async def return_at_once(_journey: Journey, _settings: HttpSettings) -> None:
    """Do nothing."""


async def test_a_journey_that_returns_has_passed() -> None:
    attempt = await walk(return_at_once, subject="agent-07")
    assert attempt.outcome is Outcome.PASSED
    assert (attempt.check, attempt.subject, attempt.error, attempt.steps) == ("check", "agent-07", "", ())
    assert attempt.at.tzinfo is not None
    assert 0 <= attempt.duration_ms < 1000


async def test_a_reply_as_expected_has_passed_with_its_step_timed() -> None:
    async with serving(answer(reply(200, b"fine"))) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.PASSED
    (step,) = attempt.steps
    assert (step.name, step.error) == ("ask", "")
    assert 0 < step.total_ms <= attempt.duration_ms
    assert server.connections == 1


async def test_unmet_is_the_services_failure_and_begins_with_the_step() -> None:
    @probe(HttpSettings, unit="subject")
    async def not_ready(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("become ready"):
            raise Unmet("logged in, but not ready")

    attempt = await walk(not_ready)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "become ready: logged in, but not ready"
    assert attempt.steps[0].error == "logged in, but not ready"


async def test_unmet_without_words_still_says_something() -> None:
    @probe(HttpSettings, unit="subject")
    async def speechless(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("become ready"):
            raise Unmet

    attempt = await walk(speechless)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == "become ready: Unmet"
    assert attempt.steps[0].error, "a step without an error passes for one that went well"


async def test_trouble_outside_any_step_is_not_blamed_on_an_earlier_one() -> None:
    @probe(HttpSettings, unit="subject")
    async def recover_then_fail(journey: Journey, _settings: HttpSettings) -> None:
        with suppress(Unmet):
            async with journey.step("try the first way"):
                raise Unmet("the first way is closed")
        raise Unmet("no other way")

    attempt = await walk(recover_then_fail)
    assert attempt.error == "no other way"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 502, 503, 504])
async def test_an_unexpected_status_is_the_services_failure(status: int) -> None:
    async with serving(answer(reply(status, b"upstream connect error"))) as server:
        attempt = await walk(ask, server.base_url)
    assert attempt.outcome is Outcome.FAILED
    assert attempt.error == f"ask: GET / answered {status}, expected 200: 'upstream connect error'"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>gateway</html>",
        b'{"state": "rea',
        b'{"state": "\xff\xfe"}',
        b"\xff\xfe\x00\x00",
        b"[" * 100_000,
        b"9" * 100_000,
    ],
    ids=["empty", "html", "cut", "not utf-8", "utf-32 mark", "nested", "long number"],
)
async def test_a_reply_that_is_no_json_is_the_services_failure(body: bytes) -> None:
    async with serving(answer(reply(200, body, "Content-Type: application/json"))) as server:
        attempt = await walk(ask_for_json, server.base_url)
    assert attempt.outcome is Outcome.FAILED, attempt.error
    assert attempt.error.startswith("ask: ")


async def test_a_library_named_by_the_probe_can_fail_for_the_service() -> None:
    class ChatClosed(Exception):
        pass

    @probe(HttpSettings, unit="interaction", failures=(ChatClosed,))
    async def chat(_journey: Journey, _settings: HttpSettings) -> None:
        raise ChatClosed("1011 internal error")

    attempt = await walk(chat)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, "ChatClosed: 1011 internal error")


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        TimeoutError("timed out"),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired"),
        asyncio.IncompleteReadError(b"", 4),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_transport_error_of_any_library_is_the_services_failure(trouble: Exception) -> None:
    @probe(HttpSettings, unit="interaction")
    async def other_protocol(_journey: Journey, _settings: HttpSettings) -> None:
        raise trouble

    attempt = await walk(other_protocol)
    assert attempt.outcome is Outcome.FAILED, attempt.error


@pytest.mark.parametrize(
    "trouble",
    [
        KeyError("state"),
        TypeError("'NoneType' object is not subscriptable"),
        FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "fixture.wav"),
        OSError(errno.EMFILE, "Too many open files"),
        OurFault("the resolver did not answer"),
        AssertionError(),
        SystemExit(3),
        asyncio.CancelledError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_anything_else_a_probe_raises_is_broken_and_never_escapes(trouble: BaseException) -> None:
    @probe(HttpSettings, unit="subject")
    async def faulty(_journey: Journey, _settings: HttpSettings) -> None:
        raise trouble

    attempt = await walk(faulty)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error


async def test_an_exception_that_cannot_be_printed_is_broken_all_the_same() -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    @probe(HttpSettings, unit="subject")
    async def faulty(journey: Journey, _settings: HttpSettings) -> None:
        async with journey.step("try"):
            raise Unprintable

    attempt = await walk(faulty)
    assert attempt.outcome is Outcome.BROKEN
    assert "Unprintable" in attempt.error


async def test_failures_in_a_task_group_are_the_services_when_all_of_them_are() -> None:
    @probe(HttpSettings, unit="subject")
    async def two_at_once(journey: Journey, _settings: HttpSettings) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_unmet("the left one is busy"))
            group.create_task(_unmet("the right one is busy"))
        await journey.sleep(0)

    attempt = await walk(two_at_once)
    assert attempt.outcome is Outcome.FAILED
    assert "the left one is busy" in attempt.error


async def test_a_mistake_in_a_task_group_is_broken_even_beside_failures() -> None:
    @probe(HttpSettings, unit="subject")
    async def two_at_once(_journey: Journey, _settings: HttpSettings) -> None:
        raise ExceptionGroup("two", [Unmet("busy"), KeyError("state")])

    attempt = await walk(two_at_once)
    assert attempt.outcome is Outcome.BROKEN


async def test_a_request_that_http_forbids_is_our_own_mistake() -> None:
    @probe(HttpSettings, unit="subject")
    async def smuggle(journey: Journey, _settings: HttpSettings) -> None:
        await journey.http.get("/", headers={"X-Agent": "one\r\ntwo"})

    async with serving(answer(reply())) as server:
        attempt = await walk(smuggle, server.base_url)
    assert attempt.outcome is Outcome.BROKEN
    assert attempt.error.startswith("LocalProtocolError")


async def test_broken_names_the_probe_file_and_the_line(tmp_path: Path) -> None:
    attempt = await walk(discover(_folder(tmp_path, "raise KeyError('state')")).probes["mine"])
    assert attempt.outcome is Outcome.BROKEN
    assert re.search(r"probes/mine\.py:5\b", attempt.error)
    assert "KeyError: 'state'" in attempt.error


async def test_a_long_message_never_pushes_the_line_out(tmp_path: Path) -> None:
    found = discover(_folder(tmp_path, "raise ValueError('x' * 5000)"))
    attempt = await walk(found.probes["mine"])
    assert "probes/mine.py:5" in attempt.error
    assert len(attempt.error) <= 300


async def test_the_line_is_the_probes_own_even_when_a_library_raised(tmp_path: Path) -> None:
    found = discover(_folder(tmp_path, "import json; json.dumps(object())"))
    attempt = await walk(found.probes["mine"])
    assert "probes/mine.py:5" in attempt.error


async def test_our_own_descriptors_running_out_is_not_the_services_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_args: object, **_named: object) -> socket.socket:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async with serving(answer(reply())) as server:
        monkeypatch.setattr(socket, "socket", exhausted)
        attempt = await walk(ask, server.base_url)
        monkeypatch.undo()
    assert attempt.outcome is Outcome.BROKEN
    assert "Too many open files" in attempt.error


async def test_cancelling_an_attempt_from_outside_really_ends_it() -> None:
    under_way = asyncio.Event()

    @probe(HttpSettings, unit="subject")
    async def wait(_journey: Journey, _settings: HttpSettings) -> None:
        under_way.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(walk(wait))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelling_an_attempt_closes_its_connections() -> None:
    asked = asyncio.Event()

    @probe(HttpSettings, unit="subject")
    async def ask_and_wait(journey: Journey, _settings: HttpSettings) -> None:
        expect(await journey.http.get("/"), 200)
        asked.set()
        await asyncio.Event().wait()

    async def keep_alive(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.send(reply(200, b"fine"))
        await exchange.hang()

    async with serving(keep_alive) as server:
        task = asyncio.create_task(walk(ask_and_wait, server.base_url))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await server.hung_up.wait()


async def test_ctrl_c_is_never_taken_for_a_broken_probe() -> None:
    @probe(HttpSettings, unit="subject")
    async def interrupted(_journey: Journey, _settings: HttpSettings) -> None:
        raise KeyboardInterrupt

    work = walk(interrupted)
    with pytest.raises(KeyboardInterrupt):
        work.send(None)


async def test_settings_without_http_make_journey_http_a_broken_probe() -> None:
    @probe(Settings, unit="subject")
    async def no_http(journey: Journey, _settings: Settings) -> None:
        await journey.http.get("/")

    attempt = await run_attempt("check", "agent-01", no_http, Settings(), Guards(), SystemClock())
    assert attempt.outcome is Outcome.BROKEN
    assert "HttpSettings" in attempt.error


async def _unmet(why: str) -> None:
    raise Unmet(why)


def _folder(tmp_path: Path, statement: str) -> Path:
    folder = tmp_path / "probes"
    folder.mkdir()
    (folder / "mine.py").write_text(
        "from omwatch.probe import HttpSettings, Journey, probe\n"
        '@probe(HttpSettings, unit="subject")\n'
        "async def mine(journey, settings):\n"
        '    """Break."""\n'
        f"    {statement}\n"
    )
    return folder
