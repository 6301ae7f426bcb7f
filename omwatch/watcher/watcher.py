"""The watcher: attempts in, judged states and suggestions out, everything through the store."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.clock import Clock
from omwatch.domain import plain
from omwatch.domain.assessment import CheckState
from omwatch.domain.attempt import Attempt
from omwatch.domain.suggestion import Move, Proposal, propose
from omwatch.store import Store, assessments, attempts, events, suggestions
from omwatch.watcher.bench import Bench, changes
from omwatch.watcher.claim import Claim, LeaseLost
from omwatch.watcher.scheduler import Plan, Scheduler

_JUDGE_EVERY = timedelta(seconds=1)
"""Windows slide even when no attempt ends, so judging goes on at this pace."""
_UNSAVED_LIMIT = 100_000
"""Attempts kept in memory while the store cannot be written; beyond that the oldest are let go."""

AttemptFunction = Callable[[str, str], Awaitable[Attempt]]
"""Makes one attempt of (check, subject); never raises but for cancellation."""
Report = Callable[[Mapping[str, Any]], None]
_TOLD = frozenset({Move.OPEN, Move.EXTEND, Move.REGRADE, Move.WITHDRAW})
_log = structlog.get_logger()


class Watcher:
    """The loop of one monitoring process."""

    def __init__(
        self,
        store: Store,
        claim: Claim,
        bench: Bench,
        clock: Clock,
        report: Report,
        batch_seconds: float,
    ) -> None:
        """Prepare; ``report`` gets one plain dictionary for each change worth a line."""
        self._store = store
        self._claim = claim
        self._bench = bench
        self._clock = clock
        self._report = report
        self._batch_seconds = batch_seconds
        self._finished: list[Attempt] = []
        self._unsaved: list[Attempt] = []
        self._judged_at: datetime | None = None
        self._last: dict[str, CheckState] = {}
        self._scheduler: Scheduler | None = None

    async def run(self, plans: Sequence[Plan], concurrency: int, attempt: AttemptFunction) -> None:
        """Watch until cancelled.

        Raises:
            omwatch.watcher.claim.LeaseLost: another watcher has taken over.
        """
        async with self._store.reading() as connection:
            known = await assessments.every(connection)
            past = await attempts.since(connection, self._clock.now() - self._bench.longest_span)
        self._bench.remember(known, past)

        async def attempt_and_keep(check: str, subject: str) -> None:
            finished = await attempt(check, subject)
            # Looked up only now: a tick may have swapped the list while the attempt was under way.
            self._finished.append(finished)

        self._scheduler = Scheduler(plans, self._clock, concurrency, attempt_and_keep)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._scheduler.run())
                group.create_task(self._write_for_ever())
        except ExceptionGroup as several:
            lost, others = several.split(LeaseLost)
            if lost is None or others is not None:
                raise
            raise lost.exceptions[0] from None

    async def _write_for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._batch_seconds)
            try:
                await self.tick()
            except DBAPIError as error:
                _log.error(
                    "store cannot be written; keeping attempts", unsaved=len(self._unsaved), error=str(error.orig)
                )

    async def tick(self) -> None:
        """Judge what has come in and write it, with its consequences, in one transaction."""
        now = self._clock.now()
        fresh, self._finished = self._finished, []
        idle_long_enough = self._judged_at is None or now - self._judged_at >= _JUDGE_EVERY
        if not fresh and not self._unsaved and not idle_long_enough:
            return
        for attempt in fresh:
            self._bench.add(attempt)
        self._unsaved = (self._unsaved + fresh)[-_UNSAVED_LIMIT:]
        states = self._bench.judge(now)
        async with self._store.writing() as connection:
            await self._claim.renew(connection, now, self._notes())
            await attempts.record(connection, self._unsaved)
            await assessments.keep(connection, states, now)
            moves = await self._propose(connection, states, now)
        self._unsaved = []
        self._judged_at = now
        self._tell(states, moves, now)

    async def _propose(self, connection: AsyncConnection, states: list[CheckState], now: datetime) -> list[Proposal]:
        moves = propose(
            [state.assessment for state in states],
            await suggestions.pending(connection),
            await events.covered(connection),
            now,
        )
        return [await _carry_out(connection, move) for move in moves]

    def _tell(self, states: list[CheckState], moves: list[Proposal], now: datetime) -> None:
        for state in changes(self._last, states):
            self._report({"at": plain.instant(now), "type": "assessment", **plain.check_state(state)})
        for move in moves:
            if move.move in _TOLD:
                told = plain.suggestion(move.suggestion)
                self._report({"at": plain.instant(now), "type": "suggestion", "move": move.move, **told})
        self._last = {state.assessment.check: state for state in states}

    def _notes(self) -> dict[str, Any]:
        scheduler = self._scheduler
        return {"missed": scheduler.missed if scheduler else 0, "running": scheduler.running if scheduler else 0}


async def _carry_out(connection: AsyncConnection, proposal: Proposal) -> Proposal:
    match proposal.move:
        case Move.OPEN:
            number = await suggestions.add(connection, proposal.suggestion)
            return Proposal(Move.OPEN, replace(proposal.suggestion, id=number))
        case Move.SETTLE:
            await suggestions.settle(connection, proposal.suggestion.id)
        case _:
            await suggestions.change(connection, proposal.suggestion)
    return proposal
