"""A live watcher's history, exported and replayed, is judged as the live watcher judged it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from omwatch.domain.attempt import Attempt, Unit
from omwatch.store import Store, attempts
from omwatch.watcher.bench import Bench, judged, spans
from omwatch.watcher.recording import attempts_of, line_of
from omwatch.watcher.replay import Replay
from tests.timeline.conftest import StartWatch
from tests.timeline.watching import CHAT, CONFIG, LOGIN, Service, names

CHECKS = {LOGIN.name: (LOGIN, Unit.SUBJECT, "agent"), CHAT.name: (CHAT, Unit.INTERACTION, "chat")}


async def history(store: Store, now: datetime) -> list[Attempt]:
    async with store.reading() as connection:
        found, _ = await attempts.page(
            connection, datetime.fromisoformat("2020-01-01T00:00Z"), now, attempts.START, 10**6
        )
    return found


def replayed(recorded: Iterable[Attempt]) -> list[dict[str, Any]]:
    bench = Bench()

    def seat(name: str) -> None:
        check, unit, noun = CHECKS[name]
        bench.seat(judged(check, CONFIG, unit, noun), spans(check, CONFIG.judge.look_back), names(check))

    return list(Replay(bench, seat).run(attempts_of(map(line_of, recorded), "history")))


def changes(reports: Iterable[Mapping[str, Any]]) -> list[tuple[str, int, datetime]]:
    """Return what became of each check once something was known of it."""
    return [
        (item["check"], item["severity"], datetime.fromisoformat(item["at"]))
        for item in reports
        if item["type"] == "assessment" and item["severity"] is not None
    ]


def moves(reports: Iterable[Mapping[str, Any]]) -> list[tuple[str, int, tuple[str, ...]]]:
    kinds = {"open", "extend", "regrade", "withdraw"}
    told = [(item.get("move", item["type"]), item) for item in reports]
    return [(move, item["severity"], tuple(item["components"])) for move, item in told if move in kinds]


async def test_a_replay_tells_what_the_live_watcher_told(start: StartWatch, service: Service) -> None:
    watch = await start(LOGIN, CHAT)
    await watch.forward(40)
    service.fail(LOGIN, 50)
    await watch.forward(60)
    service.fail(CHAT, 3)
    await watch.forward(60)
    service.mend()
    await watch.forward(200)
    told = replayed(await history(watch.store, watch.clock.now()))
    live, again = changes(watch.reports), changes(told)
    assert [item[:2] for item in again] == [item[:2] for item in live]
    assert {severity for _, severity, _ in live} >= {1, 4}
    apart = [abs(one[2] - other[2]) for one, other in zip(live, again, strict=True)]
    assert max(apart) <= timedelta(seconds=1)
    assert moves(told) == moves(watch.reports)
