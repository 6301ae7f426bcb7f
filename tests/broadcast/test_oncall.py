"""On-call over real servers on loopback: told at least once, one address at a time, and no secret ever let out."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import text

from omwatch.broadcast import oncall as oncall_module
from omwatch.broadcast.mail import Verdict
from omwatch.broadcast.oncall import LEASE, LIMIT_SECONDS, MOST_TRIES, OnCall, send
from omwatch.clock import FakeClock
from omwatch.domain.alarm import Alarm, place_of
from omwatch.domain.delivery import DeliveryState
from omwatch.store import Store, alarms
from omwatch.store.alarms import Sounded
from tests.broadcast.mail_server import MailServer

SECRET = "hunter2"
SUBJECT = "10 min left: next update for incident 4: <b>Agent login</b>"
TEXT = "Owed: the next update for incident 4.\nDo: 'omwatch incident update 4'."
MakeOnCall = Callable[..., OnCall]


@dataclass
class Webhook:
    """A web server that answers as a test tells it to, and keeps what it was sent."""

    port: int = 0
    status: int = 200
    taken: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    """Nothing is answered before it is set."""
    most_at_once: int = 0
    _at_once: int = 0

    def address(self, path: str = "", login: str = f"ada:{SECRET}@") -> str:
        return f"json://{login}127.0.0.1:{self.port}/{path}?rto=30"

    def answer(self, sent: dict[str, Any]) -> int:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.go_on.wait(30)
        self.taken.append(sent)
        self._at_once -= 1
        return self.status


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A web server that takes everything at once, unless told otherwise."""
    hook = Webhook()
    hook.go_on.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = hook.answer(sent)
            with suppress(OSError):  # the client may have given up
                self.send_response(status, SECRET)
                if status in {301, 302}:
                    self.send_header("Location", f"http://127.0.0.1:{hook.port}/{SECRET}")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    yield hook
    hook.go_on.set()
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture
async def make_oncall(store: Store, clock: FakeClock) -> AsyncIterator[MakeOnCall]:
    """Make an on-call that tells these addresses."""
    made: list[OnCall] = []

    def make(*addresses: str) -> OnCall:
        made.append(OnCall(store, clock, {place_of(address): partial(str, address) for address in addresses}))
        return made[-1]

    yield make
    for oncall in made:
        await oncall._wind_up()


async def sound(store: Store, clock: FakeClock, *addresses: str, key: str = "a") -> None:
    async with store.writing() as connection:
        await alarms.sound(connection, Alarm(key, SUBJECT, TEXT, clock.now()), [place_of(one) for one in addresses])


async def ledger(store: Store) -> dict[str, Sounded]:
    """Place → its newest alarm."""
    async with store.reading() as connection:
        return {item.place: item for item in reversed(await alarms.latest(connection, 100))}


async def tell(oncall: OnCall) -> bool:
    """Let one round begin and end."""
    began = await oncall.round()
    await asyncio.gather(*oncall._sending.values())
    return began


async def one(store: Store) -> Sounded:
    (found,) = (await ledger(store)).values()
    return found


async def until(met: Callable[[], bool]) -> None:
    """Wait in real time for what another thread does."""
    async with asyncio.timeout(20):
        while not met():
            await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 0.01)


# --- reaching them -----------------------------------------------------------------------------------------------


async def test_a_webhook_gets_the_alarm_once(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall
) -> None:
    await sound(store, clock, webhook.address())
    oncall = make_oncall(webhook.address())
    assert await tell(oncall)
    assert not await tell(oncall)
    assert [(sent["title"], sent["message"]) for sent in webhook.taken] == [(SUBJECT, TEXT)]
    found = await one(store)
    assert (found.state, found.tries, found.error) == (DeliveryState.SENT, 1, "")


async def test_a_mailbox_gets_the_alarm_with_markup_as_the_text_it_is(
    store: Store, clock: FakeClock, mail_server: MailServer, make_oncall: MakeOnCall
) -> None:
    address = f"{mail_server.address}?from=omwatch@example.com&to=oncall@example.com"
    await sound(store, clock, address)
    await tell(make_oncall(address))
    assert mail_server.mails == {"oncall@example.com": 1}
    message = mail_server.message()
    assert message["Subject"] == SUBJECT
    body = "".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
    assert "omwatch incident update 4" in body
    assert (await one(store)).state is DeliveryState.SENT


async def test_an_address_that_is_looked_up_afresh_may_have_changed(
    store: Store, clock: FakeClock, webhook: Webhook
) -> None:
    """As the sandbox's does: its place is that of the address as it is configured."""
    known: list[str] = []

    def resolve() -> str:
        if not known:
            raise LookupError("sandbox:sink: no sandbox runs in this home; start one with 'omwatch sandbox'")
        return known[0]

    oncall = OnCall(store, clock, {place_of("sandbox:sink"): resolve})
    await sound(store, clock, "sandbox:sink")
    await tell(oncall)
    found = await one(store)
    assert found.state is DeliveryState.FAILED
    assert found.error.startswith("entry 1 of [oncall] addresses: sandbox:sink: no sandbox runs in this home")
    known.append(webhook.address())
    await clock.advance(5)
    await tell(oncall)
    assert (await one(store)).state is DeliveryState.SENT
    assert len(webhook.taken) == 1


# --- failing -----------------------------------------------------------------------------------------------------


async def test_a_refusal_is_tried_again_within_seconds_and_then_ever_more_slowly(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall
) -> None:
    webhook.status = 503
    await sound(store, clock, webhook.address())
    oncall = make_oncall(webhook.address())
    await tell(oncall)
    found = await one(store)
    assert (found.state, found.error) == (
        DeliveryState.FAILED,
        "entry 1 of [oncall] addresses: answered with status 503",
    )
    assert not await tell(oncall)
    await clock.advance(5)
    assert await tell(oncall)
    await clock.advance(4)
    assert not await tell(oncall)
    webhook.status = 200
    await clock.advance(6)
    await tell(oncall)
    found = await one(store)
    assert (found.state, found.tries, found.error) == (DeliveryState.SENT, 3, "")


async def test_an_address_that_fails_for_hours_is_given_up(
    store: Store, clock: FakeClock, make_oncall: MakeOnCall, closed_port: int
) -> None:
    address = f"json://127.0.0.1:{closed_port}"
    await sound(store, clock, address)
    oncall = make_oncall(address)
    for _ in range(MOST_TRIES):
        assert await tell(oncall)
        await clock.advance(600)
    assert not await tell(oncall)
    found = await one(store)
    assert (found.state, found.tries) == (DeliveryState.DEAD, MOST_TRIES)
    assert found.error == "entry 1 of [oncall] addresses: no connection, or it was refused"


async def test_an_address_that_is_configured_no_more_is_given_up_at_once_with_the_reason(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall
) -> None:
    gone = "json://elsewhere.example.com"
    await sound(store, clock, webhook.address(), gone)
    await tell(make_oncall(webhook.address()))
    found = (await ledger(store))[place_of(gone)]
    assert (found.state, found.error) == (
        DeliveryState.DEAD,
        "its address is in [oncall] addresses of config.toml no more",
    )
    assert (await ledger(store))[place_of(webhook.address())].state is DeliveryState.SENT


async def test_without_any_address_what_waits_is_given_up(
    store: Store, clock: FakeClock, make_oncall: MakeOnCall
) -> None:
    await sound(store, clock, "json://elsewhere.example.com")
    assert not await tell(make_oncall())
    assert (await one(store)).state is DeliveryState.DEAD


async def test_an_address_that_apprise_does_not_understand_is_given_up_at_once(
    store: Store, clock: FakeClock, make_oncall: MakeOnCall
) -> None:
    address = f"nosuchservice://{SECRET}/{SECRET}"
    await sound(store, clock, address)
    await tell(make_oncall("json://127.0.0.1", address))
    found = await one(store)
    assert (found.state, found.error) == (
        DeliveryState.DEAD,
        "entry 2 of [oncall] addresses: Apprise does not understand the address",
    )


def test_a_plugin_that_wants_to_end_the_process_fails_its_alarm_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object, **__: object) -> None:
        raise SystemExit(SECRET)

    monkeypatch.setattr("apprise.plugins.custom_json.requests.request", leave)
    answer = send("json://127.0.0.1", SUBJECT, TEXT)
    assert answer.verdict is Verdict.TRY_LATER
    assert answer.error == "Apprise failed with SystemExit"


# --- secrets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 401, 404, 500])
async def test_no_secret_of_a_webhook_is_written_down_or_logged_or_sent_elsewhere(
    store: Store,
    clock: FakeClock,
    webhook: Webhook,
    make_oncall: MakeOnCall,
    capfd: pytest.CaptureFixture[str],
    status: int,
) -> None:
    webhook.status = status
    address = webhook.address(SECRET)
    await sound(store, clock, address)
    await tell(make_oncall(address))
    found = await one(store)
    assert found.error == f"entry 1 of [oncall] addresses: answered with status {status}"
    assert len(webhook.taken) == 1  # a redirect is not followed
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "address",
    [
        "mailto://ada:{secret}@127.0.0.1:{port}?to={secret}@example.com&from=omwatch@example.com",
        "json://ada:{secret}@127.0.0.1:{port}/{secret}",
        "ntfy://ada:{secret}@127.0.0.1:{port}/{secret}",
        "tgram://{secret}",
    ],
)
async def test_no_secret_of_any_address_is_written_down_or_logged(
    store: Store,
    clock: FakeClock,
    make_oncall: MakeOnCall,
    closed_port: int,
    capfd: pytest.CaptureFixture[str],
    address: str,
) -> None:
    address = address.format(secret=SECRET, port=closed_port)
    await sound(store, clock, address)
    await tell(make_oncall(address))
    found = await one(store)
    assert found.state in {DeliveryState.FAILED, DeliveryState.DEAD}
    assert found.error.startswith("entry 1 of [oncall] addresses: ")
    assert SECRET not in str(found)
    assert SECRET not in "".join(capfd.readouterr())


async def test_a_mail_server_that_repeats_the_password_is_not_quoted(
    store: Store,
    clock: FakeClock,
    make_oncall: MakeOnCall,
    scripted_server: Callable[[dict[str, str]], Any],
    capfd: pytest.CaptureFixture[str],
) -> None:
    port = await scripted_server({"EHLO": "250 AUTH PLAIN", "AUTH": f"535 no, {SECRET} is wrong"})
    address = f"mailto://ada:{SECRET}@127.0.0.1:{port}?to=oncall@example.com&from=omwatch@example.com&mode=insecure"
    await sound(store, clock, address)
    await tell(make_oncall(address))
    found = await one(store)
    assert found.error == "entry 1 of [oncall] addresses: no connection, or it was refused"
    assert SECRET not in "".join(capfd.readouterr())


# --- hanging -----------------------------------------------------------------------------------------------------


async def test_an_address_that_hangs_delays_no_other_and_gets_no_second_thread(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall, mail_server: MailServer
) -> None:
    mailbox = f"{mail_server.address}?from=omwatch@example.com&to=oncall@example.com"
    webhook.go_on.clear()
    oncall = make_oncall(webhook.address(), mailbox)
    for key in "abc":
        await sound(store, clock, webhook.address(), mailbox, key=key)
        await oncall.round()
        await asyncio.wait({oncall._sending[place_of(mailbox)]}, timeout=20)
    assert mail_server.mails == {"oncall@example.com": 3}
    assert (webhook.taken, webhook.most_at_once) == ([], 1)
    assert list(oncall._sending) == [place_of(webhook.address())]
    webhook.go_on.set()
    await asyncio.gather(*oncall._sending.values())
    await tell(oncall)
    await tell(oncall)
    assert (len(webhook.taken), webhook.most_at_once) == (3, 1)
    assert {item.state for item in (await ledger(store)).values()} == {DeliveryState.SENT}


async def test_an_address_without_an_answer_has_failed_and_waits_until_it_lets_go(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oncall_module, "LIMIT_SECONDS", 0.2)
    webhook.go_on.clear()
    await sound(store, clock, webhook.address())
    oncall = make_oncall(webhook.address())
    await oncall.round()
    async with asyncio.timeout(20):
        while (await one(store)).state is DeliveryState.SENDING:
            await clock.sleep(0)
    found = await one(store)
    assert (found.state, found.error) == (DeliveryState.FAILED, "entry 1 of [oncall] addresses: no answer within 0.2 s")
    await clock.advance(3600)
    assert not await oncall.round()
    webhook.go_on.set()
    await asyncio.gather(*oncall._sending.values())
    assert await tell(oncall)
    assert (await one(store)).state is DeliveryState.SENT


def test_a_lease_outlives_the_limit() -> None:
    assert LEASE.total_seconds() > LIMIT_SECONDS + 10


# --- stops, and trouble with the store ---------------------------------------------------------------------------


async def test_stopped_it_waits_a_moment_for_what_is_on_its_way(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall
) -> None:
    webhook.go_on.clear()
    await sound(store, clock, webhook.address())
    running = asyncio.create_task(make_oncall(webhook.address()).run())
    await until(lambda: webhook.most_at_once == 1)
    running.cancel()
    await clock.sleep(0)
    webhook.go_on.set()
    with suppress(asyncio.CancelledError):
        await running
    assert (await one(store)).state is DeliveryState.SENT


async def test_stopped_it_does_not_wait_for_an_address_that_hangs(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oncall_module, "GRACE_SECONDS", 0.05)
    webhook.go_on.clear()
    await sound(store, clock, webhook.address())
    running = asyncio.create_task(make_oncall(webhook.address()).run())
    await until(lambda: webhook.most_at_once == 1)
    running.cancel()
    async with asyncio.timeout(20):
        with suppress(asyncio.CancelledError):
            await running
    assert (await one(store)).state is DeliveryState.SENDING
    webhook.go_on.set()
    await clock.advance(LEASE.total_seconds() + 1)
    await tell(make_oncall(webhook.address()))
    assert (await one(store)).state is DeliveryState.SENT


async def test_what_was_taken_while_the_store_could_not_be_written_is_not_sent_again(
    store: Store, clock: FakeClock, webhook: Webhook, make_oncall: MakeOnCall
) -> None:
    await sound(store, clock, webhook.address())
    oncall = make_oncall(webhook.address())
    async with store.writing() as connection:
        await connection.execute(
            text(
                "CREATE TRIGGER full BEFORE UPDATE ON alarms WHEN NEW.state = 'sent' "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        )
    telling = asyncio.create_task(tell(oncall))
    await until(lambda: len(webhook.taken) == 1)
    await clock.advance(2)
    assert (await one(store)).state is DeliveryState.SENDING
    async with store.writing() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    async with asyncio.timeout(20):
        while not telling.done():
            await clock.advance(1)
    assert (await one(store)).state is DeliveryState.SENT
    assert len(webhook.taken) == 1
