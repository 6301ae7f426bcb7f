"""The courier: claims deliveries under a lease, has them sent, writes back what came of each.

At least once, never zero: deliveries are claimed in one transaction, sent outside any, and settled in another. A
courier that dies in between leaves rows whose lease runs out, and the next one takes them over.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from omwatch.broadcast.mail import Answer, Verdict
from omwatch.broadcast.mailroom import Mailroom
from omwatch.broadcast.outlets import Outlets
from omwatch.broadcast.porters import Porters
from omwatch.broadcast.printing import Printing
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import Clock, new_token
from omwatch.domain.backoff import retry_after
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.subscriber import Channel
from omwatch.store import Store, outbox, subscribers, switches
from omwatch.store.outbox import Claimed, Settled

LEASE = timedelta(minutes=3)
"""Renewed while a courier lives; longer than one send may take."""
MOST_TRIES = 160
"""Waits grow to five to ten minutes, so a mail server may be down for half a day before a notice is given up."""
GRACE_SECONDS = 2.0
"""How long a courier that is being stopped waits for what is on its way, so that a restart doubles none."""
_POLL_SECONDS = 0.5
_SETTLE_SECONDS = 0.05
_RENEW_SECONDS = 30.0
_AN_HOUR = timedelta(hours=1)
_log = structlog.get_logger()


class Courier:
    """One process's courier."""

    def __init__(self, store: Store, clock: Clock, ways: Ways, pace: Pace | None = None) -> None:
        """Prepare; sends run in threads of their own, so a hanging server holds nothing else up."""
        self._store = store
        self._clock = clock
        self._pace = pace or Pace()
        self._holder = new_token()
        self._porters = Porters("courier")
        self._printing = Printing(store, ways, clock)
        self._mailroom = Mailroom(ways, self._pace, clock, self._porters, self._take)
        self._outlets = Outlets(ways, self._pace, clock, self._porters, self._take)
        self._in_hand: dict[int, Claimed] = {}
        self._results: list[Settled] = []

    async def run(self) -> None:
        """Deliver until cancelled."""
        tasks = [asyncio.create_task(part()) for part in (self._feed, self._settle_for_ever, self._renew_for_ever)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.close()

    async def round(self) -> bool:
        """Claim what is due, have it sent, and settle all of it; return whether there was any."""
        took = await self._take_more()
        await self._mailroom.empty()
        await self._outlets.empty()
        while self._results and not await self._settle():
            await self._clock.sleep(_POLL_SECONDS)
        return took

    async def close(self) -> None:
        """Let what is on its way arrive, settle it, and put the rest back for the next courier."""
        unsent = [*self._mailroom.close(), *self._outlets.close()]
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self._mailroom.landed()
                await self._outlets.landed()
        await self._settle()
        with suppress(DBAPIError):
            async with self._store.writing() as connection:
                await outbox.postpone(connection, self._holder, unsent, self._clock.now())
        self._porters.dismiss()

    async def _feed(self) -> None:
        while True:
            try:
                busy = await self._take_more()
            except DBAPIError as error:
                _log.error("deliveries wait: the store cannot be used", error=str(error.orig))
                busy = False
            await self._clock.sleep(_SETTLE_SECONDS if busy or self._in_hand else _POLL_SECONDS)

    async def _take_more(self) -> bool:
        room = self._pace.in_hand - len(self._in_hand)
        if room < self._pace.in_hand // 2:
            return True
        now = self._clock.now()
        async with self._store.reading() as connection:
            if not await outbox.anything_due(connection, now) or await switches.is_on(connection, switches.PAUSED):
                return False
        async with self._store.writing() as connection:
            claimed = await outbox.claim(connection, self._holder, room, now, now + LEASE)
            over = await self._over_the_hour(claimed, now)
            for until, these in over.items():
                await outbox.postpone(connection, self._holder, these, until)
        late = {item.id for these in over.values() for item in these}
        for item in claimed:
            if item.id not in late:
                self._in_hand[item.id] = item
        await self._hand_out([item for item in claimed if item.id not in late])
        return bool(claimed)

    async def _over_the_hour(self, claimed: Sequence[Claimed], now: datetime) -> dict[datetime, list[Claimed]]:
        """Return those of whom a subscriber has had enough for an hour, by the instant at which it may get more."""
        if not self._pace.per_hour or not claimed:
            return {}
        async with self._store.reading() as connection:
            had = await outbox.sent_since(connection, [item.subscriber for item in claimed], now - _AN_HOUR)
        over: dict[datetime, list[Claimed]] = {}
        for item in claimed:
            number, first = had.get(item.subscriber, (0, now))
            if number >= self._pace.per_hour:
                over.setdefault(first + _AN_HOUR, []).append(item)
        return over

    async def _hand_out(self, claimed: Sequence[Claimed]) -> None:
        others = [item.subscriber for item in claimed if item.channel is not Channel.EMAIL]
        sealed = await self._sealed(others) if others else {}
        for item in claimed:
            try:
                content = await self._printing.of(item.update_ids)
            except Exception as error:  # noqa: BLE001 - one notice that cannot be made must not hold all others up
                _log.error("a notice cannot be made", delivery=item.id, error=repr(error))
                self._take(item, Answer(Verdict.TRY_LATER, f"{type(error).__name__}: {error}"))
                continue
            if item.channel is Channel.EMAIL:
                self._mailroom.put(item, content)
            else:
                self._outlets.put(item, content, sealed.get(item.subscriber, ""))

    async def _sealed(self, numbers: Sequence[int]) -> dict[int, str]:
        async with self._store.reading() as connection:
            return await subscribers.sealed_urls(connection, numbers)

    def _take(self, claimed: Claimed, answer: Answer) -> None:
        """Take what came of one delivery, to be settled with others."""
        self._results.append(self._settled(claimed, answer))

    def _settled(self, claimed: Claimed, answer: Answer) -> Settled:
        if answer.verdict is Verdict.ACCEPTED:
            return Settled(claimed, DeliveryState.SENT)
        tries = claimed.tries + 1
        if answer.verdict is Verdict.REFUSED or tries >= MOST_TRIES:
            return Settled(claimed, DeliveryState.DEAD, answer.error)
        wait = retry_after(tries, self._clock.random())
        if answer.retry_after_seconds is not None:
            wait = max(wait, timedelta(seconds=answer.retry_after_seconds))
        return Settled(claimed, DeliveryState.FAILED, answer.error, self._clock.now() + wait)

    async def _settle_for_ever(self) -> None:
        while True:
            wait = _SETTLE_SECONDS if await self._settle() else _POLL_SECONDS
            await self._clock.sleep(wait)

    async def _settle(self) -> bool:
        """Write what has come in; return False when the store could not take it, which is then tried again."""
        results, now = list(self._results), self._clock.now()
        if not results:
            return True
        try:
            async with self._store.writing() as connection:
                await outbox.settle(connection, self._holder, results, now)
                sent = [item.claimed.subscriber for item in results if item.state is DeliveryState.SENT]
                dead = [item.claimed.subscriber for item in results if item.state is DeliveryState.DEAD]
                await subscribers.accepted(connection, sent)
                await subscribers.refused(connection, dead, now)
        except DBAPIError as error:
            # Forgetting the results would send the same messages again as soon as the lease has run out.
            _log.error("sent notices cannot be settled: the store cannot be written", error=str(error.orig))
            return False
        del self._results[: len(results)]
        for item in results:
            self._in_hand.pop(item.claimed.id, None)
        return True

    async def _renew_for_ever(self) -> None:
        while True:
            await self._clock.sleep(_RENEW_SECONDS)
            if self._in_hand:
                with suppress(DBAPIError):
                    async with self._store.writing() as connection:
                        await outbox.renew(connection, self._holder, self._clock.now() + LEASE)
