"""Children: started when needed, started again when they die, ended in order; all with real processes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from omwatch.children import Child, Crew, Job
from omwatch.clock import FakeClock, SystemClock

POLITE = "import sys; print('ready', flush=True); sys.stdin.read()"
DYING = "import sys; print('first line'); print('no such table: \\x1b[31mattempts'); sys.exit(3)"
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready', flush=True)
signal.pause()
"""
StartChild = Callable[..., Awaitable[Child]]


def job(folder: Path, script: str, taken: Callable[[], bool] = lambda: False) -> Job:
    return Job("watcher", [sys.executable, "-c", script], folder / "watcher.log", taken)


async def until(condition: Callable[[], bool]) -> None:
    clock = SystemClock()
    for _ in range(1000):
        if condition():
            return
        await clock.sleep(0.01)
    raise AssertionError("it did not come about")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def content(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
async def keep() -> AsyncIterator[Callable[[Child], None]]:
    """Keep a child running until the test is over, and end it then."""
    kept: list[tuple[Child, asyncio.Task[None]]] = []
    yield lambda child: kept.append((child, asyncio.ensure_future(child.keep())))
    for child, task in kept:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await child.end()


async def test_a_child_runs_with_its_output_in_a_log_of_its_owner(
    tmp_path: Path, keep: Callable[[Child], None]
) -> None:
    child = Child(job(tmp_path, POLITE), SystemClock())
    keep(child)
    log = tmp_path / "watcher.log"
    await until(lambda: content(log) == "ready\n" and child.pid is not None)
    assert log.stat().st_mode & 0o777 == 0o600
    assert (child.trouble, child.starting) == ("", True)


async def test_a_child_that_lets_go_of_its_lifeline_ends_politely(
    tmp_path: Path, keep: Callable[[Child], None]
) -> None:
    child = Child(job(tmp_path, POLITE), SystemClock())
    keep(child)
    await until(lambda: "ready" in content(tmp_path / "watcher.log") and child.pid is not None)
    pid = child.pid
    assert pid is not None
    await asyncio.wait_for(child.end(), 2)
    assert not alive(pid)


async def test_a_stubborn_child_is_ended_all_the_same(
    tmp_path: Path, keep: Callable[[Child], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omwatch.children._POLITELY", 0.1)
    monkeypatch.setattr("omwatch.children._FIRMLY", 0.1)
    child = Child(job(tmp_path, STUBBORN), SystemClock())
    keep(child)
    await until(lambda: "ready" in content(tmp_path / "watcher.log") and child.pid is not None)
    pid = child.pid
    assert pid is not None
    await child.end()
    assert not alive(pid)


async def test_a_dead_child_is_said_in_words_with_its_last_line_and_started_again_later_each_time(
    tmp_path: Path, keep: Callable[[Child], None]
) -> None:
    clock = FakeClock()
    child = Child(job(tmp_path, DYING), clock)
    keep(child)
    log = tmp_path / "watcher.log"
    for number, wait in enumerate((1, 2, 4, 8, 16, 30, 30), start=1):
        said = f"watcher ended with status 3, starts again in {wait} s: no such table: ␛[31mattempts"
        await until(lambda said=said: child.trouble == said)  # type: ignore[misc]
        assert content(log).count("first line") == number
        await clock.advance(wait)


async def test_a_child_killed_by_a_signal_says_which(tmp_path: Path, keep: Callable[[Child], None]) -> None:
    child = Child(job(tmp_path, "import os; os.kill(os.getpid(), 9)"), FakeClock())
    keep(child)
    await until(lambda: child.trouble == "watcher was ended by SIGKILL, starts again in 1 s")


async def test_a_program_that_is_not_there_is_said(tmp_path: Path, keep: Callable[[Child], None]) -> None:
    child = Child(Job("watcher", ["/nowhere/omwatch"], tmp_path / "watcher.log", lambda: False), FakeClock())
    keep(child)
    await until(lambda: child.trouble == "watcher could not be started, starts again in 1 s")


async def test_trouble_is_over_once_the_child_has_run_for_a_while(
    tmp_path: Path, keep: Callable[[Child], None]
) -> None:
    clock = FakeClock()
    once = f"""
import sys
try:
    open({str(tmp_path / "seen")!r}, "x").close()
except FileExistsError:
    sys.stdin.read()
else:
    sys.exit(1)
"""
    child = Child(job(tmp_path, once), clock)
    keep(child)
    await until(lambda: "starts again in 1 s" in child.trouble)
    await clock.advance(1)
    await until(lambda: child.trouble == "watcher ended with status 1, started again")
    await clock.advance(11)
    assert (child.trouble, child.starting) == ("", False)


async def test_no_child_is_started_while_somebody_else_does_the_job(
    tmp_path: Path, keep: Callable[[Child], None]
) -> None:
    clock = FakeClock()
    others = [True]
    child = Child(job(tmp_path, POLITE, lambda: others[0]), clock)
    keep(child)
    await clock.advance(60)
    assert child.pid is None
    others[0] = False
    await clock.advance(11)
    assert child.pid is None, "a supervisor gets the time to start its own again"
    await clock.advance(2)
    await until(lambda: child.pid is not None)


async def test_a_child_that_gave_way_to_another_is_no_trouble(tmp_path: Path, keep: Callable[[Child], None]) -> None:
    answers = iter([False])
    child = Child(job(tmp_path, DYING, lambda: next(answers, True)), FakeClock())
    keep(child)
    await until(lambda: "no such table" in content(tmp_path / "watcher.log") and child.pid is None)
    assert child.trouble == ""


async def test_a_log_that_has_grown_too_long_is_begun_anew(tmp_path: Path, keep: Callable[[Child], None]) -> None:
    log = tmp_path / "watcher.log"
    log.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    child = Child(job(tmp_path, POLITE), SystemClock())
    keep(child)
    await until(lambda: log.stat().st_size < 100 and content(log) == "ready\n" and child.pid is not None)
    assert child.pid is not None


async def test_a_child_waits_for_what_it_needs_and_not_for_ever(tmp_path: Path, keep: Callable[[Child], None]) -> None:
    clock = FakeClock()
    wanted = Job("watcher", [sys.executable, "-c", POLITE], tmp_path / "watcher.log", lambda: False, lambda: False)
    child = Child(wanted, clock)
    keep(child)
    await clock.advance(5)
    assert child.pid is None
    await clock.advance(6)
    await until(lambda: child.pid is not None)


async def test_a_crew_ends_all_its_children_at_once(tmp_path: Path) -> None:
    clock = SystemClock()
    jobs = [
        Job(name, [sys.executable, "-c", POLITE], tmp_path / f"{name}.log", lambda: False)
        for name in ("sandbox", "watcher")
    ]
    crew = Crew(jobs, clock)
    keeping = asyncio.ensure_future(crew.keep())
    await until(lambda: all(content(job.log) == "ready\n" for job in jobs))
    pids = [child.pid for child in crew.children]
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await crew.end()
    assert not any(pid is not None and alive(pid) for pid in pids)
    assert crew.troubles == ()
