"""Outlets: every destination that is no e-mail address, each reached by its own Apprise URL.

One message at a time goes to a destination, and so many destinations are busy at once. One that takes longer than a
few seconds gives its place to another, so that hanging ones delay nobody.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from omwatch.broadcast.destination import Destination, Parcel
from omwatch.broadcast.mail import Answer, Verdict
from omwatch.broadcast.porters import Porters
from omwatch.broadcast.rendering import Rendered
from omwatch.broadcast.throttle import Throttle
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import Clock
from omwatch.domain.safetext import clean
from omwatch.store.outbox import Claimed

_PATIENCE_SECONDS = 5.0
Take = Callable[[Claimed, Answer], None]


class Outlets:
    """Parcels that wait, and the threads that carry them."""

    def __init__(self, ways: Ways, pace: Pace, clock: Clock, porters: Porters, take: Take) -> None:
        """Prepare; ``take`` gets each delivery's answer."""
        self._ways = ways
        self._pace = pace
        self._clock = clock
        self._porters = porters
        self._take = take
        self._throttle = Throttle(pace.per_second, clock)
        self._places = asyncio.Semaphore(pace.destinations)
        self._turns: dict[int, asyncio.Lock] = {}
        self._tasks: dict[asyncio.Task[None], Claimed] = {}
        self._begun: set[int] = set()

    def put(self, claimed: Claimed, content: Rendered, sealed: str) -> None:
        """Let a parcel be sent as soon as there is a place, and its destination is free; ``sealed`` is its address."""
        task = asyncio.create_task(self._send(claimed, content, sealed))
        self._tasks[task] = claimed
        task.add_done_callback(self._over)

    async def empty(self) -> None:
        """Wait until every parcel has its answer."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> list[Claimed]:
        """Take back the parcels that nobody has begun to send, and return them."""
        unsent = {task: claimed for task, claimed in self._tasks.items() if claimed.id not in self._begun}
        for task in unsent:
            task.cancel()
        return list(unsent.values())

    async def landed(self) -> None:
        """Wait for what is on its way."""
        await self.empty()

    def _over(self, task: "asyncio.Task[None]") -> None:
        claimed = self._tasks.pop(task)
        self._begun.discard(claimed.id)
        turn = self._turns.get(claimed.subscriber)
        if turn is not None and not turn.locked():
            del self._turns[claimed.subscriber]

    async def _send(self, claimed: Claimed, content: Rendered, sealed: str) -> None:
        async with self._turns.setdefault(claimed.subscriber, asyncio.Lock()):
            await self._places.acquire()
            try:
                await self._throttle.let_pass(1)
                self._begun.add(claimed.id)
                sending = self._porters.run(partial(self._carry, sealed, _parcel(claimed, content)))
            except BaseException:
                self._places.release()
                raise
            await self._watch(claimed, sending)

    async def _watch(self, claimed: Claimed, sending: "asyncio.Future[Answer]") -> None:
        done, _ = await asyncio.wait({sending}, timeout=_PATIENCE_SECONDS)
        self._places.release()
        if not done:
            rest = self._pace.limit.total_seconds() - _PATIENCE_SECONDS
            done, _ = await asyncio.wait({sending}, timeout=max(0.0, rest))
        if not done:
            hangs = f"no answer within {self._pace.limit.total_seconds():g} s"
            self._take(claimed, Answer(Verdict.TRY_LATER, hangs))
        elif (error := sending.exception()) is not None:
            self._take(claimed, Answer(Verdict.TRY_LATER, f"the destination failed with {type(error).__name__}"))
        else:
            self._take(claimed, sending.result())

    def _carry(self, sealed: str, parcel: Parcel) -> Answer:
        """Open an address and send to it, in a porter's thread."""
        try:
            destination = Destination(self._ways.open_sealed(sealed), self._clock)
        except (ValueError, LookupError) as reason:
            return Answer(Verdict.TRY_LATER, clean(str(reason)))
        return destination.send(parcel)


def _parcel(claimed: Claimed, content: Rendered) -> Parcel:
    return Parcel(
        title=content.title,
        short=content.short,
        text=content.bare_text,
        markdown=content.markdown,
        html=content.bare_html,
        message_id=claimed.message_id,
    )
