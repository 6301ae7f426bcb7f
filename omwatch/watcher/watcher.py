"""The watcher: attempts in, judged states and suggestions out, everything through the store."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.clock import Clock
from omwatch.domain import plain
from omwatch.domain.assessment import CheckState
from omwatch.domain.attempt import Attempt
from omwatch.domain.hurry import Wish
from omwatch.domain.proposing import Move, Proposal, propose
from omwatch.store import Store, assessments, attempts, events, suggestions
from omwatch.watcher.bench import Bench, changes
from omwatch.watcher.claim import Claim, LeaseLost
from omwatch.watcher.lookout import Lookout
from omwatch.watcher.scheduler import Hurry, Plan, Scheduler

_JUDGE_EVERY = timedelta(seconds=1)
"""Windows slide even when no attempt ends, so judging goes on at this pace."""
_UNSAVED_LIMIT = 100_000
"""Attempts kept in memory while the store cannot be written; beyond that the oldest are let go."""

AttemptFunction = Callable[[str, str], Awaitable[Attempt]]
"""Makes one attempt of (check, subject); never raises but for cancellation."""
Report = Callable[[Mapping[str, Any]], None]
_TOLD = frozenset({Move.OPEN, Move.EXTEND, Move.REGRADE, Move.RESOLVE, Move.WITHDRAW})
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a watcher works."""

    batch_seconds: float = 0.25
    """How often finished attempts are judged and written."""
    concurrency: int = 50
    """Attempts at once, in all."""
    hurry_per_second: float = 1.0
    """Extra attempts per second and check while something fails."""


class Watcher:
    """The loop of one monitoring process."""

    def __init__(
        self,
        store: Store,
        claim: Claim,
        bench: Bench,
        clock: Clock,
        report: Report,
        pace: Pace,
        lookout: Lookout,
    ) -> None:
        """Prepare; ``report`` gets one plain dictionary for each change worth a line."""
        self._store = store
        self._claim = claim
        self._bench = bench
        self._clock = clock
        self._report = report
        self._pace = pace
        self._lookout = lookout
        self._unsaved: list[Attempt] = []
        self._judged_at: datetime | None = None
        self._last: dict[str, CheckState] = {}
        self._told_blind_since: datetime | None = None
        self._scheduler: Scheduler | None = None

    async def run(self, plans: Sequence[Plan], attempt: AttemptFunction) -> None:
        """Watch until cancelled.

        Raises:
            omwatch.watcher.claim.LeaseLost: another watcher has taken over.
        """
        async with self._store.reading() as connection:
            known = await assessments.every(connection)
            past = await attempts.since(connection, self._clock.now() - self._bench.longest_span)
        self._bench.remember(known, past)

        async def attempt_and_keep(check: str, subject: str) -> None:
            self._lookout.take(await attempt(check, subject))

        hurry = Hurry(self._pace.hurry_per_second, self._wish)
        self._scheduler = Scheduler(plans, self._clock, self._pace.concurrency, attempt_and_keep, hurry)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._scheduler.run())
                group.create_task(self._lookout.run())
                group.create_task(self._write_for_ever())
        except ExceptionGroup as several:
            lost, others = several.split(LeaseLost)
            if lost is None or others is not None:
                raise
            raise lost.exceptions[0] from None

    async def _write_for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._pace.batch_seconds)
            try:
                await self.tick()
            except DBAPIError as error:
                _log.error(
                    "store cannot be written; keeping attempts", unsaved=len(self._unsaved), error=str(error.orig)
                )

    async def tick(self) -> None:
        """Judge what has come in and write it, with its consequences, in one transaction."""
        now = self._clock.now()
        fresh = self._lookout.ready()
        blind_since = self._lookout.site.blind_since
        idle_long_enough = self._judged_at is None or now - self._judged_at >= _JUDGE_EVERY
        if not fresh and not self._unsaved and not idle_long_enough:
            return
        self._bench.add_all(fresh)
        self._unsaved = (self._unsaved + fresh)[-_UNSAVED_LIMIT:]
        states = self._bench.judge(now, blind_since)
        self._hurry(now)
        async with self._store.writing() as connection:
            await self._claim.renew(connection, now, self._notes())
            await attempts.record(connection, self._unsaved)
            await assessments.keep(connection, states, now)
            moves = [] if blind_since else await self._propose(connection, states, now)
        self._unsaved = []
        self._judged_at = now
        self._tell_of_site(blind_since, now)
        self._tell(states, moves, now)

    def _wish(self, check: str) -> Wish | None:
        # What a blind site cannot see, it does not see sooner by hurrying.
        return None if self._lookout.site.blind_since else self._bench.wish(check, self._clock.now())

    def _hurry(self, now: datetime) -> None:
        if self._scheduler is not None and self._lookout.site.blind_since is None:
            for check in self._bench.hurried(now):
                self._scheduler.hurry(check)

    async def _propose(self, connection: AsyncConnection, states: list[CheckState], now: datetime) -> list[Proposal]:
        moves = propose(
            [state.assessment for state in states],
            await suggestions.pending(connection),
            await events.open_incidents(connection),
            now,
            await events.under_maintenance(connection),
            {state.assessment.check: state.errors for state in states},
        )
        return [await _carry_out(connection, move) for move in moves]

    def _tell_of_site(self, blind_since: datetime | None, now: datetime) -> None:
        if blind_since != self._told_blind_since:
            self._told_blind_since = blind_since
            self._report({"at": plain.instant(now), "type": "site", "blind_since": plain.instant(blind_since)})

    def _tell(self, states: list[CheckState], moves: list[Proposal], now: datetime) -> None:
        for state in changes(self._last, states):
            self._report({"at": plain.instant(now), "type": "assessment", **plain.check_state(state)})
        for move in moves:
            if move.move in _TOLD:
                told = plain.suggestion(move.suggestion)
                self._report({"at": plain.instant(now), "type": "suggestion", "move": move.move, **told})
        self._last = {state.assessment.check: state for state in states}

    def _notes(self) -> dict[str, Any]:
        scheduler, blind_since = self._scheduler, plain.instant(self._lookout.site.blind_since)
        if scheduler is None:
            return {"missed": 0, "running": 0, "hurried": 0, "blind_since": blind_since}
        return {
            "missed": scheduler.missed,
            "running": scheduler.running,
            "hurried": scheduler.hurried,
            "blind_since": blind_since,
        }


async def _carry_out(connection: AsyncConnection, proposal: Proposal) -> Proposal:
    suggestion = proposal.suggestion
    if not suggestion.id:
        number = await suggestions.add(connection, suggestion)
        return Proposal(proposal.move, replace(suggestion, id=number))
    if proposal.move is Move.SETTLE:
        await suggestions.settle(connection, suggestion.id)
    else:
        await suggestions.change(connection, suggestion)
    return proposal
