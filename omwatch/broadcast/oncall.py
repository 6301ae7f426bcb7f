"""On-call's alarms: claimed under a lease, sent through Apprise to the addresses of ``[oncall]``, and settled.

As for notices: at least once, never zero. Every address has a thread of its own at most, so one that hangs delays
nobody else. What an address or Apprise says may hold a password or a token, so nothing of it is written down but what
is known to be neither.
"""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from apprise import Apprise, AppriseAsset, AppriseResult, NotifyFormat, PersistentStoreMode
from sqlalchemy.exc import DBAPIError

from omwatch.broadcast.mail import Answer, Verdict
from omwatch.clock import Clock, new_token
from omwatch.domain.backoff import retry_after
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.safetext import clean
from omwatch.store import Store, alarms
from omwatch.store.alarms import Claimed

LIMIT_SECONDS = 60.0
"""How long an address may take before its alarm has failed; until it has let go of its thread it gets no other."""
LEASE = timedelta(minutes=2)
"""Longer than the limit."""
MOST_TRIES = 60
"""Waits grow to five to ten minutes, so on-call is tried for some hours; then what the alarm says is long past."""
GRACE_SECONDS = 2.0
"""How long alarms on their way are waited for at a stop, so that a restart doubles none."""
_POLL_SECONDS = 0.5
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_GONE = "its address is in [oncall] addresses of config.toml no more"

Resolve = Callable[[], str]
"""Returns a place's Apprise address, looked up afresh, since a sandbox's may change; may raise ValueError or
LookupError with the reason why there is none now, which must not hold a secret."""
_log = structlog.get_logger()


class OnCall:
    """One process's way to on-call."""

    def __init__(self, store: Store, clock: Clock, addresses: Mapping[str, Resolve]) -> None:
        """Prepare.

        Args:
            store: where alarms are queued.
            clock: the time to retry by.
            addresses: place → its address, in the order of config.toml; the place is the fingerprint of the address as
                it is configured (:func:`omwatch.domain.alarm.place_of`).
        """
        self._store = store
        self._clock = clock
        self._addresses = addresses
        self._entries = {place: number for number, place in enumerate(addresses, start=1)}
        self._holder = new_token()
        self._sending: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Tell on-call until cancelled."""
        try:
            while True:
                try:
                    await self.round()
                except DBAPIError as error:
                    _log.error("alarms wait: the store cannot be used", error=str(error.orig))
                await self._clock.sleep(_POLL_SECONDS)
        finally:
            await self._wind_up()

    async def round(self) -> bool:
        """Begin to send the oldest alarm that is due to each address that is free; return whether there was any."""
        now = self._clock.now()
        async with self._store.reading() as connection:
            due = await alarms.waiting(connection, now)
        gone = due - self._addresses.keys()
        free = due & self._addresses.keys() - self._sending.keys()
        if not gone and not free:
            return False
        async with self._store.writing() as connection:
            await alarms.bury(connection, gone, _GONE, now)
            claimed = await alarms.claim(connection, self._holder, free, now, now + LEASE)
        for item in claimed:
            self._sending[item.place] = asyncio.create_task(self._tell(item))
            self._sending[item.place].add_done_callback(partial(self._over, item))
        return bool(claimed)

    async def _tell(self, claimed: Claimed) -> None:
        try:
            address = self._addresses[claimed.place]()
        except (ValueError, LookupError) as reason:
            await self._settle(claimed, Answer(Verdict.TRY_LATER, clean(str(reason))))
            return
        answering = _in_a_thread(partial(send, address, claimed.subject, claimed.text))
        in_time, _ = await asyncio.wait({answering}, timeout=LIMIT_SECONDS)
        hangs = Answer(Verdict.TRY_LATER, f"no answer within {LIMIT_SECONDS:g} s")
        await self._settle(claimed, answering.result() if in_time else hangs)
        await answering

    async def _settle(self, claimed: Claimed, answer: Answer) -> None:
        error = f"entry {self._entries[claimed.place]} of [oncall] addresses: {answer.error}" if answer.error else ""
        while not await self._settled(claimed, answer.verdict, error):
            # Forgetting the answer would send the same alarm again as soon as the lease has run out.
            await self._clock.sleep(_POLL_SECONDS)
        if error:
            _log.warning("an alarm has not reached on-call", alarm=claimed.id, error=error)

    async def _settled(self, claimed: Claimed, verdict: Verdict, error: str) -> bool:
        now = self._clock.now()
        state, next_try_at = self._outcome(claimed, verdict, now)
        try:
            async with self._store.writing() as connection:
                await alarms.settle(connection, claimed, self._holder, state, now, error, next_try_at)
        except DBAPIError as failed:
            _log.error("a sent alarm cannot be settled: the store cannot be written", error=str(failed.orig))
            return False
        return True

    def _outcome(self, claimed: Claimed, verdict: Verdict, now: datetime) -> tuple[DeliveryState, datetime | None]:
        if verdict is Verdict.ACCEPTED:
            return DeliveryState.SENT, None
        tries = claimed.tries + 1
        if verdict is Verdict.REFUSED or tries >= MOST_TRIES:
            return DeliveryState.DEAD, None
        return DeliveryState.FAILED, now + retry_after(tries, self._clock.random())

    def _over(self, claimed: Claimed, task: "asyncio.Task[None]") -> None:
        self._sending.pop(claimed.place, None)
        if not task.cancelled() and (error := task.exception()):
            _log.error("an alarm cannot be sent", alarm=claimed.id, error=type(error).__name__)

    async def _wind_up(self) -> None:
        sending = set(self._sending.values())
        if sending:
            _, late = await asyncio.wait(sending, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def send(address: str, subject: str, text: str) -> Answer:
    """Hand one alarm to Apprise; blocks as long as the address does, so call it in a thread of its own."""
    # service_timeout=0 keeps Apprise from moving the send into its own shared pool, where hung servers pile up.
    asset = AppriseAsset(
        app_id="omwatch",
        async_mode=False,
        http_redirects=False,
        service_timeout=0,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    carrier = Apprise(asset=asset)
    try:
        if not carrier.add(address):
            return Answer(Verdict.REFUSED, "Apprise does not understand the address")
        result = carrier.notify(body=text, title=subject, body_format=NotifyFormat.TEXT)
    except BaseException as error:  # noqa: BLE001 - a plugin may even raise SystemExit, and must not end our thread
        return Answer(Verdict.TRY_LATER, f"Apprise failed with {type(error).__name__}")
    return Answer(Verdict.ACCEPTED) if result else Answer(Verdict.TRY_LATER, _why(result))


def _why(result: AppriseResult) -> str:
    """Return why an alarm was not taken; never in Apprise's words, which may hold a token, a topic or a path."""
    said = list(_said(result))
    status = next((found[1] for words in said if (found := _STATUS.search(words))), None)
    if status:
        return f"answered with status {status}"
    if any("onnection error" in words for words in said):
        return "no connection, or it was refused"
    return "Apprise could not deliver it; try the address with Apprise's own command to see why"


def _said(result: AppriseResult) -> Iterator[str]:
    return (entry.message for service in result for attempt in service for entry in attempt)


def _in_a_thread(work: Callable[[], Answer]) -> "asyncio.Future[Answer]":
    """Start work in a thread that never keeps the process alive."""
    loop = asyncio.get_running_loop()
    answering: asyncio.Future[Answer] = loop.create_future()

    def answer(found: Answer) -> None:
        if not answering.done():
            answering.set_result(found)

    def run() -> None:
        found = work()
        with suppress(RuntimeError):  # the loop has been closed: nobody waits for it any more
            loop.call_soon_threadsafe(answer, found)

    threading.Thread(target=run, name="oncall", daemon=True).start()
    return answering
