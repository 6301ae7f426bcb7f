"""Trying a subscriber out: one test message, by the very way that its notices go, outside the ledger."""

from omwatch.broadcast.answers import Answer
from omwatch.broadcast.mailroom import Mailroom
from omwatch.broadcast.outlets import Outlets
from omwatch.broadcast.porters import Porters
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import Clock, new_token
from omwatch.domain.event import EventKind, EventStatus
from omwatch.domain.notice import Notice, at_in_words
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Channel, Subscriber
from omwatch.store import Store, subscribers
from omwatch.store.outbox import Claimed


async def try_out(store: Store, ways: Ways, subscriber: Subscriber, domain: str, clock: Clock) -> Answer:
    """Send a subscriber a test message, and return what came of it.

    Args:
        store: where its sealed URL is, if it has one.
        ways: how subscribers are reached.
        subscriber: whom to send it to, in whichever state.
        domain: that of the Message-ID.
        clock: the time to wait by.

    Raises:
        ValueError: the e-mail service's address makes no sense.
        LookupError: there is no e-mail service now.
    """
    answers: list[Answer] = []
    porters = Porters("trial")

    def take(_: Claimed, answer: Answer) -> None:
        answers.append(answer)

    message_id = f"<test-{new_token()}@{domain}>"
    claimed = Claimed(0, (0,), subscriber.id, subscriber.address, subscriber.channel, message_id, 0)
    content = ways.renderer.render(_test(ways, clock))
    mailroom, outlets = Mailroom(ways, Pace(), clock, porters, take), Outlets(ways, Pace(), clock, porters, take)
    if subscriber.channel is Channel.EMAIL:
        ways.connect()
        mailroom.put(claimed, content)
    else:
        async with store.reading() as connection:
            sealed = await subscribers.sealed_urls(connection, [subscriber.id])
        outlets.put(claimed, content, sealed.get(subscriber.id, ""))
    await mailroom.landed()
    await outlets.landed()
    porters.dismiss()
    return answers[0]


def _test(ways: Ways, clock: Clock) -> Notice:
    heading, title = "Test", "please ignore"
    return Notice(
        subject=f"[{ways.organisation}] {heading}: {title}",
        organisation=ways.organisation,
        heading=heading,
        title=title,
        facts=(),
        components=(),
        text=f"Nothing has happened. This is how notices of {ways.organisation} reach you.",
        posted=at_in_words(clock.now()),
        when="",
        page_url=ways.page_url,
        event_url=ways.page_url,
        kind=EventKind.INCIDENT,
        status=EventStatus.RESOLVED,
        severity=Severity.NONE,
        update_id=0,
    )
