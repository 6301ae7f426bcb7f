"""The mailroom: letters by the home's one e-mail service, over a few kept connections."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from omwatch.broadcast.mail import Answer, Letter, MailLine, Verdict
from omwatch.broadcast.porters import Porters
from omwatch.broadcast.rendering import Rendered
from omwatch.broadcast.throttle import Throttle
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import Clock
from omwatch.domain.safetext import clean
from omwatch.store.outbox import Claimed

_BUNDLE = 25
"""So many letters a thread carries at once: enough that handing over costs nothing, few enough to be soon settled."""
_LOOK_SECONDS = 1.0
Take = Callable[[Claimed, Answer], None]
_Item = tuple[Claimed, Rendered]


class Mailroom:
    """Letters that wait, and the connections that carry them."""

    def __init__(self, ways: Ways, pace: Pace, clock: Clock, porters: Porters, take: Take) -> None:
        """Prepare; ``take`` gets each delivery's answer."""
        self._ways = ways
        self._pace = pace
        self._porters = porters
        self._take = take
        self._throttle = Throttle(pace.per_second, clock)
        self._waiting: deque[_Item] = deque()
        self._lines: list[MailLine] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def put(self, claimed: Claimed, content: Rendered) -> None:
        """Let a letter be sent as soon as a connection is free."""
        self._waiting.append((claimed, content))
        if len(self._tasks) < self._pace.connections:
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def empty(self) -> None:
        """Wait until every letter has its answer."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> list[Claimed]:
        """Take no more letters, and return those that nobody has begun to send."""
        self._closed = True
        unsent = [claimed for claimed, _ in self._waiting]
        self._waiting.clear()
        return unsent

    async def landed(self) -> None:
        """Wait for what is on its way, then hang up."""
        await self.empty()
        lines, self._lines = self._lines, []
        await asyncio.gather(*(self._porters.run(line.close) for line in lines), return_exceptions=True)

    async def _work(self) -> None:
        while self._waiting:
            share = -(-len(self._waiting) // self._pace.connections)  # as even as can be, and at least one
            bundle = [self._waiting.popleft() for _ in range(min(_BUNDLE, share))]
            await self._throttle.let_pass(len(bundle))
            await self._carry(bundle)

    async def _carry(self, bundle: Sequence[_Item]) -> None:
        try:
            line = self._lines.pop() if self._lines else self._ways.connect().line()
        except (ValueError, LookupError) as reason:
            for claimed, _ in bundle:
                self._take(claimed, Answer(Verdict.TRY_LATER, clean(str(reason))))
            return
        answers: list[Answer] = []
        letters = [self._letter(claimed, content) for claimed, content in bundle]
        sending = self._porters.run(partial(_send_all, line, letters, answers))
        answered, whole = await self._watch(sending, bundle, answers)
        hangs = Answer(Verdict.TRY_LATER, f"no answer within {self._pace.limit.total_seconds():g} s")
        for claimed, _ in bundle[answered:]:
            self._take(claimed, hangs)
        if whole:
            self._lines.append(line)
        else:
            line.abandon()

    async def _watch(
        self, sending: "asyncio.Future[None]", bundle: Sequence[_Item], answers: list[Answer]
    ) -> tuple[int, bool]:
        """Take answers as they come; return how many there are, and whether the line is whole or hangs."""
        taken, patience = 0, self._pace.limit.total_seconds()
        while True:
            done, _ = await asyncio.wait({sending}, timeout=min(_LOOK_SECONDS, patience))
            if len(answers) > taken:
                patience = self._pace.limit.total_seconds()
            for answer in answers[taken:]:
                self._take(bundle[taken][0], answer)
                taken += 1
            if done:
                return taken, sending.exception() is None
            patience -= _LOOK_SECONDS
            if patience <= 0:
                return taken, False

    def _letter(self, claimed: Claimed, content: Rendered) -> Letter:
        link = self._ways.unsubscribe_url(claimed.subscriber)
        return Letter(claimed.address, claimed.message_id, content, link)


def _send_all(line: MailLine, letters: Sequence[Letter], answers: list[Answer]) -> None:
    for letter in letters:
        answers.append(line.send(letter))  # noqa: PERF401 - whoever watches counts the answers as they come
