"""The courier against a real mail server: at least once, at most once but for crashes, never zero."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from omwatch.broadcast import courier as courier_module
from omwatch.broadcast.courier import LEASE, Courier
from omwatch.broadcast.mail import SOCKET_TIMEOUT_SECONDS, MailService
from omwatch.broadcast.ways import Ways
from omwatch.clock import FakeClock
from omwatch.domain.backoff import retry_after
from omwatch.domain.delivery import Delivery, DeliveryState
from omwatch.store import Store, deliveries, outbox
from tests.broadcast.conftest import MakeCourier, Notify, empty
from tests.broadcast.mail_server import MailServer
from tests.conftest import OpenStore

ADA, GRACE, LINUS = "ada@example.com", "grace@example.com", "linus@example.com"
Ledger = Callable[[], Awaitable[dict[str, Delivery]]]


async def test_each_subscriber_gets_exactly_one_mail(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, ledger: Ledger
) -> None:
    addresses = [f"s{index:02}@example.com" for index in range(30)]
    await notify(*addresses)
    await empty(make_courier(mail_server.address))
    assert mail_server.mails == dict.fromkeys(addresses, 1)
    assert {(item.state, item.tries) for item in (await ledger()).values()} == {(DeliveryState.SENT, 1)}


async def test_every_mail_bears_the_message_id_of_its_row(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify
) -> None:
    update = await notify(ADA)
    await empty(make_courier(mail_server.address))
    assert mail_server.message()["Message-ID"] == f"<update-{update}-subscriber-1@status.example.com>"


async def test_nothing_due_is_nothing_done(mail_server: MailServer, make_courier: MakeCourier) -> None:
    assert not await make_courier(mail_server.address).round()
    assert mail_server.accepted == []


async def test_several_couriers_send_each_mail_once(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, open_store: OpenStore, ledger: Ledger
) -> None:
    addresses = [f"s{index:02}@example.com" for index in range(24)]
    await notify(*addresses)
    couriers = [make_courier(mail_server.address), *(make_courier(mail_server.address, open_store()) for _ in "ab")]
    await asyncio.gather(*map(empty, couriers))
    assert mail_server.mails == dict.fromkeys(addresses, 1)
    assert {item.state for item in (await ledger()).values()} == {DeliveryState.SENT}


async def test_a_refusal_for_good_is_dead_with_its_code_and_holds_nobody_up(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, ledger: Ledger, clock: FakeClock
) -> None:
    mail_server.answers_to_rcpt[GRACE] = "550 5.1.1 no such user"
    await notify(ADA, GRACE, LINUS)
    courier = make_courier(mail_server.address)
    await empty(courier)
    found = await ledger()
    assert (found[GRACE].state, found[GRACE].error) == (DeliveryState.DEAD, "550 5.1.1 no such user")
    assert (found[ADA].state, found[LINUS].state) == (DeliveryState.SENT, DeliveryState.SENT)
    await clock.advance(86_400)
    assert not await courier.round()


async def test_a_passing_refusal_is_failed_and_sent_at_a_later_instant(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, ledger: Ledger, clock: FakeClock
) -> None:
    mail_server.answers_to_data[ADA] = ["451 4.3.0 try again"]
    await notify(ADA, GRACE)
    courier = make_courier(mail_server.address)
    await empty(courier)
    found = await ledger()
    assert (found[ADA].state, found[ADA].error) == (DeliveryState.FAILED, "451 4.3.0 try again")
    assert found[GRACE].state is DeliveryState.SENT
    await clock.advance(2.4)  # the wait after the first failure is 2.5 to 5 seconds
    assert not await courier.round()
    await clock.advance(2.6)
    await empty(courier)
    found = await ledger()
    assert (found[ADA].state, found[ADA].tries, found[ADA].error) == (DeliveryState.SENT, 2, "")
    assert mail_server.mails == {ADA: 1, GRACE: 1}


async def test_a_refused_connection_is_failed(
    make_courier: MakeCourier, notify: Notify, ledger: Ledger, closed_port: int
) -> None:
    await notify(ADA)
    await empty(make_courier(f"mailto://127.0.0.1:{closed_port}"))
    found = (await ledger())[ADA]
    assert found.state is DeliveryState.FAILED
    assert "ConnectionRefusedError" in found.error


async def test_a_mail_service_that_is_not_there_now_is_failed_with_the_reason(
    store: Store, clock: FakeClock, notify: Notify, ledger: Ledger
) -> None:
    def connect() -> MailService:
        raise LookupError("no sandbox runs in this home")

    await notify(ADA)
    await empty(Courier(store, clock, Ways(connect, "OpenMethods", "https://status.example.com")))
    found = (await ledger())[ADA]
    assert (found.state, found.error) == (DeliveryState.FAILED, "no sandbox runs in this home")


def test_a_mail_server_may_be_down_for_half_a_day_before_anybody_loses_a_notice() -> None:
    shortest_waits = (retry_after(failed, chance=0.0) for failed in range(1, courier_module.MOST_TRIES))
    assert sum(shortest_waits, timedelta()) >= timedelta(hours=12)


async def test_a_server_that_is_down_for_ever_is_given_up(
    mail_server: MailServer,
    make_courier: MakeCourier,
    notify: Notify,
    ledger: Ledger,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier_module, "MOST_TRIES", 5)
    mail_server.answers_to_data[ADA] = ["421 down"] * 1000
    await notify(ADA)
    courier = make_courier(mail_server.address)
    for _ in range(5):
        await empty(courier)
        await clock.advance(600)
    found = (await ledger())[ADA]
    assert (found.state, found.tries, found.error) == (DeliveryState.DEAD, 5, "421 down")


# --- hanging -----------------------------------------------------------------------------------------------------


async def test_a_silent_server_is_given_up_and_the_next_round_goes_on(
    make_courier: MakeCourier, notify: Notify, ledger: Ledger, silent_server: int
) -> None:
    addresses = [f"s{index}@example.com" for index in range(6)]
    await notify(*addresses)
    async with asyncio.timeout(30):
        await empty(make_courier(f"mailto://127.0.0.1:{silent_server}?cto=0.2"))
    assert {item.state for item in (await ledger()).values()} == {DeliveryState.FAILED}


async def test_a_recipient_whose_mail_hangs_does_not_keep_the_others_from_settling(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, ledger: Ledger, clock: FakeClock
) -> None:
    go_on = asyncio.Event()

    async def hang(recipient: str) -> None:
        if recipient == ADA:
            await go_on.wait()

    mail_server.on_data = hang
    await notify(ADA, GRACE, LINUS)
    working = asyncio.create_task(make_courier(mail_server.address).run())
    async with asyncio.timeout(30):
        while [item.state for item in (await ledger()).values()].count(DeliveryState.SENT) < 2:
            await clock.advance(0.1)
        assert (await ledger())[ADA].state is DeliveryState.SENDING
        go_on.set()
        while (await ledger())[ADA].state is not DeliveryState.SENT:
            await clock.advance(0.1)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


def test_a_lease_outlives_every_bound_of_one_send() -> None:
    # connect, greeting, EHLO, AUTH (2), MAIL, RCPT, DATA, the message, QUIT: each at most one socket timeout
    assert timedelta(seconds=10 * SOCKET_TIMEOUT_SECONDS) < LEASE


# --- crashes, stops, trouble with the store ----------------------------------------------------------------------


async def test_the_rows_of_a_dead_courier_are_taken_over_with_the_same_message_ids(
    store: Store, mail_server: MailServer, make_courier: MakeCourier, notify: Notify, clock: FakeClock, ledger: Ledger
) -> None:
    await notify(ADA, GRACE)
    async with store.writing() as connection:
        dead = await outbox.claim(connection, "dead courier", 9, clock.now(), clock.now() + LEASE)
    courier = make_courier(mail_server.address)
    assert not await courier.round()
    await clock.advance(LEASE.total_seconds() + 1)
    await empty(courier)
    assert mail_server.mails == {ADA: 1, GRACE: 1}
    assert all(
        item.message_id.encode() in raw for item, (_, raw) in zip(dead, sorted(mail_server.accepted), strict=True)
    )
    assert {item.state for item in (await ledger()).values()} == {DeliveryState.SENT}


async def test_a_courier_stopped_in_the_middle_of_a_mail_settles_it_first(
    mail_server: MailServer,
    make_courier: MakeCourier,
    notify: Notify,
    ledger: Ledger,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stop is no crash: nobody may get a notice twice because an operator restarted the watcher."""
    monkeypatch.setattr(courier_module, "GRACE_SECONDS", 60)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_recipient: str) -> None:
        arrived.set()
        await go_on.wait()

    mail_server.on_data = hold
    await notify(ADA)
    running = asyncio.create_task(make_courier(mail_server.address).run())
    await arrived.wait()
    running.cancel()
    for _ in range(10):
        await clock.sleep(0)
    go_on.set()
    with suppress(asyncio.CancelledError):
        await running
    assert (await ledger())[ADA].state is DeliveryState.SENT
    await clock.advance(LEASE.total_seconds() + 1)
    await empty(make_courier(mail_server.address))
    assert mail_server.mails == {ADA: 1}


async def test_a_courier_stopped_while_a_server_hangs_does_not_wait_for_it(
    make_courier: MakeCourier,
    notify: Notify,
    ledger: Ledger,
    clock: FakeClock,
    silent_server: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(courier_module, "GRACE_SECONDS", 0.05)
    await notify(ADA)
    running = asyncio.create_task(make_courier(f"mailto://127.0.0.1:{silent_server}?cto=60").run())
    async with asyncio.timeout(30):
        while (await ledger())[ADA].state is not DeliveryState.SENDING:
            await clock.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert (await ledger())[ADA].state is DeliveryState.SENDING
    del running
    gc.collect()
    assert caplog.messages == []  # such as "exception was never retrieved"


async def test_a_mail_that_was_accepted_while_the_store_could_not_be_written_is_not_sent_again(
    store: Store, mail_server: MailServer, make_courier: MakeCourier, notify: Notify, ledger: Ledger, clock: FakeClock
) -> None:
    arrived = asyncio.Event()

    async def fill_the_disk(_recipient: str) -> None:
        async with store.writing() as connection:
            await connection.execute(
                text("CREATE TRIGGER full BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        arrived.set()

    mail_server.on_data = fill_the_disk
    await notify(ADA)
    running = asyncio.create_task(make_courier(mail_server.address).run())
    await arrived.wait()
    while not mail_server.accepted:
        await clock.sleep(0)
    for _ in range(200):
        await clock.advance(0.5)
    async with store.writing() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    async with asyncio.timeout(30):
        while (await ledger())[ADA].state is not DeliveryState.SENT:
            await clock.advance(0.5)
    await clock.advance(LEASE.total_seconds() * 2)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert mail_server.mails == {ADA: 1}


async def test_an_update_that_cannot_be_rendered_neither_stops_the_courier_nor_holds_others_up(
    store: Store, mail_server: MailServer, make_courier: MakeCourier, notify: Notify
) -> None:
    torn = await notify(ADA)
    async with store.writing() as connection:
        await connection.execute(text("DELETE FROM event_components"))
        await connection.execute(text("UPDATE updates SET status = 'torn'"))
    await notify(GRACE)
    await empty(make_courier(mail_server.address))
    async with store.reading() as connection:
        counts = await deliveries.counts_by_update(connection, [torn, torn + 1])
    assert counts == {torn: {DeliveryState.FAILED: 1}, torn + 1: {DeliveryState.SENT: 2}}
    assert mail_server.mails == {ADA: 1, GRACE: 1}


async def test_running_delivers_what_is_queued_later_too(
    mail_server: MailServer, make_courier: MakeCourier, notify: Notify, clock: FakeClock
) -> None:
    running = asyncio.create_task(make_courier(mail_server.address).run())
    await notify(ADA)
    async with asyncio.timeout(30):
        while not mail_server.accepted:
            await clock.advance(0.5)
        await notify(GRACE)
        while len(mail_server.accepted) < 3:
            await clock.advance(0.5)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert mail_server.mails == {ADA: 2, GRACE: 1}
