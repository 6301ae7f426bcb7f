"""The courier: claims deliveries under a lease, sends them, writes back what came of each.

At least once, never zero: a delivery is claimed in one transaction, sent outside any, and settled in another. A courier
that dies in between leaves rows whose lease runs out, and the next one takes them over.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from omwatch.broadcast.mail import Answer, Letter, MailService, Verdict
from omwatch.broadcast.rendering import Rendered, render
from omwatch.clock import Clock, new_token
from omwatch.domain.backoff import retry_after
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.notice import notice
from omwatch.domain.safetext import clean
from omwatch.store import Store, deliveries, events
from omwatch.store.deliveries import Claimed

LEASE = timedelta(minutes=3)
"""Longer than one send can take: each of its socket operations is bounded, and there are only a few."""
MOST_TRIES = 160
"""Waits grow to five to ten minutes, so a mail server may be down for half a day before a notice is given up."""
GRACE_SECONDS = 2.0
"""How long a courier that is being stopped waits for the mails on their way, so that a restart doubles none."""
_AT_ONCE = 4
_POLL_SECONDS = 0.5

Connect = Callable[[], MailService]
"""Returns the service to send by, looked up afresh, since a sandbox's address may change; may raise ValueError or
LookupError with the reason why there is none now."""
_log = structlog.get_logger()


class Courier:
    """One process's courier."""

    def __init__(self, store: Store, clock: Clock, connect: Connect, organisation: str, page_url: str) -> None:
        """Prepare; sends run in threads of their own, so a hanging mail server holds nothing else up."""
        self._store = store
        self._clock = clock
        self._connect = connect
        self._organisation = organisation
        self._page_url = page_url
        self._holder = new_token()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="courier")
        self._rendered: dict[int, Rendered] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                try:
                    busy = await self.round()
                except DBAPIError as error:
                    _log.error("deliveries wait: the store cannot be written", error=str(error.orig))
                    busy = False
                if not busy:
                    await self._clock.sleep(_POLL_SECONDS)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def round(self) -> bool:
        """Claim a handful of due deliveries, send and settle them; return whether there were any."""
        now = self._clock.now()
        async with self._store.writing() as connection:
            claimed = await deliveries.claim(connection, self._holder, _AT_ONCE, now, now + LEASE)
        if claimed:
            await _with_grace(asyncio.gather(*(self._deliver(item) for item in claimed)))
        return bool(claimed)

    async def _deliver(self, claimed: Claimed) -> None:
        answer = await self._send(claimed)
        while not await self._settled(claimed, answer):
            # Forgetting the answer would send the same mail again as soon as the lease has run out.
            await self._clock.sleep(_POLL_SECONDS)

    async def _settled(self, claimed: Claimed, answer: Answer) -> bool:
        now = self._clock.now()
        state, next_try_at = self._outcome(claimed, answer, now)
        try:
            async with self._store.writing() as connection:
                await deliveries.settle(connection, claimed, self._holder, state, now, answer.error, next_try_at)
        except DBAPIError as error:
            _log.error("a sent notice cannot be settled: the store cannot be written", error=str(error.orig))
            return False
        return True

    async def _send(self, claimed: Claimed) -> Answer:
        try:
            service = self._connect()
        except (ValueError, LookupError) as reason:
            return Answer(Verdict.TRY_LATER, str(reason))
        try:
            letter = Letter(claimed.address, claimed.message_id, await self._content(claimed.update_id))
            return await asyncio.get_running_loop().run_in_executor(self._threads, service.send, letter)
        except Exception as error:  # noqa: BLE001 - one notice that cannot be made must not hold all others up
            _log.error("a notice cannot be sent", delivery=claimed.id, error=repr(error))
            return Answer(Verdict.TRY_LATER, clean(f"{type(error).__name__}: {error}"))

    async def _content(self, update_id: int) -> Rendered:
        if update_id not in self._rendered:
            async with self._store.reading() as connection:
                found = await events.of_update(connection, update_id)
            if found is None:
                raise LookupError(f"update {update_id} has been withdrawn")
            self._rendered[update_id] = render(notice(*found, self._organisation, self._page_url))
        return self._rendered[update_id]

    def _outcome(self, claimed: Claimed, answer: Answer, now: datetime) -> tuple[DeliveryState, datetime | None]:
        if answer.verdict is Verdict.ACCEPTED:
            return DeliveryState.SENT, None
        tries = claimed.tries + 1
        if answer.verdict is Verdict.REFUSED or tries >= MOST_TRIES:
            return DeliveryState.DEAD, None
        return DeliveryState.FAILED, now + retry_after(tries, self._clock.random())


async def _with_grace(sending: asyncio.Future[list[None]]) -> None:
    try:
        await asyncio.shield(sending)
    except asyncio.CancelledError:
        await asyncio.wait({sending}, timeout=GRACE_SECONDS)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        raise
