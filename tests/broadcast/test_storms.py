"""Storm control: nobody gets more than so many messages an hour, and no service more than so many a second."""

import asyncio
from dataclasses import replace
from email import message_from_bytes

from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.broadcast.throttle import Throttle
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import FakeClock
from omwatch.domain.subscriber import Audience, Topic
from omwatch.store import Store, deliveries, events, switches
from tests.broadcast.conftest import SENDER, Notify, empty
from tests.broadcast.mail_server import MailServer
from tests.domain.builders import an_incident

ADA = "ada@example.com"


def courier(store: Store, clock: FakeClock, server: MailServer, pace: Pace) -> Courier:
    ways = Ways(lambda: MailService(server.address, SENDER, clock), "OpenMethods", "https://status.example.com")
    return Courier(store, clock, ways, pace)


async def test_what_is_over_the_hour_waits_and_comes_later(
    store: Store, clock: FakeClock, mail_server: MailServer, notify: Notify
) -> None:
    await notify(ADA)
    working = courier(store, clock, mail_server, Pace(per_hour=2))
    for _ in range(3):
        await notify()
        await empty(working)
    assert mail_server.mails[ADA] == 2
    await clock.advance(3601)
    await empty(working)
    assert mail_server.mails[ADA] == 4
    await working.close()


async def test_a_paused_broadcast_sends_nothing_until_it_goes_on(
    store: Store, clock: FakeClock, mail_server: MailServer, notify: Notify
) -> None:
    working = courier(store, clock, mail_server, Pace())
    await notify(ADA)
    async with store.writing() as connection:
        await switches.turn(connection, switches.PAUSED, on=True, operator="ada", why="a storm", now=clock.now())
    assert not await working.round()
    assert mail_server.mails[ADA] == 0
    async with store.writing() as connection:
        await switches.turn(connection, switches.PAUSED, on=False, operator="ada", why="over", now=clock.now())
    await empty(working)
    assert mail_server.mails[ADA] == 1
    await working.close()


async def test_so_many_pass_a_second_and_no_more(clock: FakeClock) -> None:
    throttle, passed = Throttle(10, clock), 0

    async def pass_all() -> None:
        nonlocal passed
        for _ in range(10):
            await throttle.let_pass(5)
            passed += 5

    passing = asyncio.create_task(pass_all())
    await clock.advance(2.0)
    assert passed == 25, "five at once, then five every half second"
    await clock.advance(2.5)
    await passing
    assert passed == 50


async def test_a_fold_tells_all_that_waited_in_one_mail(
    store: Store, clock: FakeClock, mail_server: MailServer, notify: Notify
) -> None:
    await notify(ADA, text="The first word.")
    later = replace(an_incident()[1], id=0, text="More.", severity=None, components={})
    async with store.writing() as connection:
        number = await events.add_update(connection, 1, later)
        everybody = Audience(1, Topic.INCIDENT)
        await deliveries.queue(connection, number, everybody, "status.example.com", clock.now(), clock.now())
    working = courier(store, clock, mail_server, Pace())
    await empty(working)
    ((_, raw),) = mail_server.accepted
    body = message_from_bytes(raw).get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr] # two parts
    assert "The first word." in body
    assert "More." in body
    assert body.index("More.") < body.index("The first word."), "the newest comes first"
    await working.close()
