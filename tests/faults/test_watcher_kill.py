"""The watcher as a real process: killed, orphaned, blocked, doubled, dispossessed."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pytest

from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.config.shipped import defaults
from omwatch.store import Store
from omwatch.store.overview import Overview, WatcherState, overview

_PROMPTLY = 2.0
_PATIENCE = 30.0
_PROBE = '''
import time
from omwatch.probe import Journey, Settings, Unmet, probe


@probe(Settings, unit="subject", noun="agent")
async def {name}(journey: Journey, settings: Settings) -> None:
    """Do one thing."""
    {statement}
'''
_CHECK = """
[checks.{name}]
component = "The {name}"
every = "1s"
deadline = "200ms"
population = 10
"""
_PASS, _FAIL = "pass", "raise Unmet('no')"
_BLOCK, _BREAK = "time.sleep(60)", "raise KeyError('state')"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without checks yet."""
    home = Home(tmp_path / "home")
    home.probes.mkdir(parents=True, mode=0o755)
    shutil.copytree(defaults() / "themes", home.themes)
    home.config.write_text("[sandbox]\nenabled = false\n")
    return home


def _add(home: Home, **checks: str) -> None:
    for name, statement in checks.items():
        file = home.probes / f"{name}.py"
        file.write_text(_PROBE.format(name=name, statement=statement))
        file.chmod(0o644)
        with home.config.open("a") as config:
            config.write(_CHECK.format(name=name))


class Child:
    """A running ``omwatch watch --json``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stdout is not None
        self._stdout: IO[str] = process.stdout

    def until(self, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """Read lines until one is as wanted."""
        for line in self._stdout:
            self.lines.append(line)
            found: Mapping[str, Any] = json.loads(line)
            if wanted(found):
                return found
        raise AssertionError(f"ended with {self.process.wait()}: {self.lines}, {self.errors()}")

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended_within(self, seconds: float) -> int:
        return self.process.wait(seconds)


@contextmanager
def _watching(home: Home, *options: str) -> Iterator[Child]:
    command = [sys.executable, "-m", "omwatch", "watch", "--home", str(home.root), "--json", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=_environment()) as process:
        watchdog = threading.Timer(_PATIENCE, process.kill)
        watchdog.start()
        try:
            yield Child(process)
        finally:
            watchdog.cancel()
            with suppress(ProcessLookupError):
                process.kill()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OMWATCH_")}


def _is(name: str, severity: int | None) -> Callable[[Mapping[str, Any]], bool]:
    return lambda line: line["type"] == "assessment" and line["check"] == name and line["severity"] == severity


def _seen(home: Home) -> Overview:
    async def look() -> Overview:
        store = await Store.open(home.database)
        try:
            return await overview(store, SystemClock().now())
        finally:
            await store.close()

    return asyncio.run(look())


def test_it_ends_when_its_standard_input_closes_and_says_so_in_its_lease(home: Home) -> None:
    _add(home, fine=_PASS)
    with _watching(home, "--until-stdin-closes") as child:
        child.until(_is("fine", 4))
        assert _seen(home).watcher_state is WatcherState.ALIVE
        child.close_stdin()
        assert child.ended_within(_PROMPTLY) == 0
        assert child.errors() == ""
    assert _seen(home).watcher_state is WatcherState.ABSENT


def test_without_that_option_a_closed_standard_input_means_nothing(home: Home) -> None:
    _add(home, fine=_PASS, other=_FAIL)
    with _watching(home) as child:
        child.close_stdin()
        child.until(_is("fine", 4))
        assert child.process.poll() is None


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_on_a_signal(home: Home, signum: signal.Signals) -> None:
    _add(home, fine=_PASS)
    with _watching(home) as child:
        child.until(_is("fine", 4))
        child.process.send_signal(signum)
        assert child.ended_within(_PROMPTLY) == 0
        assert child.errors() == ""


def test_after_a_sigkill_the_next_watcher_starts_at_once_and_knows_what_was(home: Home) -> None:
    _add(home, sick=_FAIL)
    with _watching(home) as child:
        child.until(lambda line: line["type"] == "suggestion" and line["severity"] == 1)
        since = child.until(_is("sick", 1))["since"] if not child.lines else _last(child, "sick")["since"]
        child.process.kill()
        child.process.wait()
    assert _seen(home).watcher_state is WatcherState.ALIVE, "nobody has told the lease yet"
    with _watching(home) as child:
        first = child.until(lambda line: line["type"] == "assessment")
        assert (first["severity"], first["since"]) == (1, since)
    assert len(_seen(home).suggestions) == 1


def _last(child: Child, name: str) -> Mapping[str, Any]:
    lines: list[Mapping[str, Any]] = [json.loads(line) for line in child.lines]
    return [line for line in lines if line["type"] == "assessment" and line["check"] == name][-1]


def _has_trouble(line: Mapping[str, Any]) -> bool:
    return line.get("trouble") is not None


def _each(*wanted: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], bool]:
    """Tell whether each wish has come true by now, in whatever order."""
    left = list(wanted)

    def seen_by(line: Mapping[str, Any]) -> bool:
        left[:] = [wish for wish in left if not wish(line)]
        return not left

    return seen_by


def test_probes_that_sleep_hold_up_neither_the_judging_of_others_nor_the_end(home: Home) -> None:
    _add(home, held=_BLOCK, stuck=_BLOCK, jammed=_BLOCK, fine=_PASS, sick=_FAIL)
    with _watching(home, "--until-stdin-closes") as child:
        child.until(_each(_is("sick", 1), _has_trouble))
        trouble = next(line for line in map(json.loads, child.lines) if _has_trouble(line))
        assert "blocked its event loop" in trouble["trouble"]
        assert "not time.sleep" in trouble["trouble"]
        assert trouble["severity"] is None
        states = {state.assessment.check: state.assessment.severity for state in _seen(home).checks}
        assert (states["fine"], states["sick"]) == (4, 1)
        child.close_stdin()
        assert child.ended_within(_PROMPTLY) == 0


def test_a_broken_probe_is_shown_and_suggests_nothing(home: Home) -> None:
    _add(home, faulty=_BREAK, fine=_PASS)
    (home.probes / "gone.py").write_text("import nonsense_that_is_not_there\n")
    with home.config.open("a") as config:
        config.write(_CHECK.format(name="gone"))
    with _watching(home) as child:
        trouble = child.until(lambda line: line["check"] == "faulty" and line["trouble"] is not None)
        assert trouble["trouble"] == "probes/faulty.py:9: KeyError: 'state'"
        child.until(_is("fine", 4))
    seen = _seen(home)
    troubles = {state.assessment.check: state.trouble for state in seen.checks}
    assert troubles["gone"] is not None
    assert troubles["gone"].error.startswith("probes/gone.py:1: ModuleNotFoundError")
    assert seen.suggestions == ()


def test_every_line_is_one_json_object_with_what_scripts_need(home: Home) -> None:
    _add(home, sick=_FAIL)
    with _watching(home) as child:
        child.until(lambda line: line["type"] == "suggestion")
        lines = [json.loads(line) for line in child.lines]
    assert all(isinstance(line, dict) and line["at"].endswith("Z") for line in lines)
    assert {line["type"] for line in lines} == {"assessment", "suggestion"}
    assessment = next(line for line in lines if line["type"] == "assessment")
    assert assessment.keys() >= {"check", "component", "severity", "failing", "tried", "percent", "since", "reason"}
    suggestion = next(line for line in lines if line["type"] == "suggestion")
    assert suggestion.keys() >= {"id", "move", "severity", "components", "first_failed_at"}
    assert all(line.endswith("\n") for line in child.lines)


def test_a_second_watcher_is_refused_in_one_line(home: Home) -> None:
    _add(home, fine=_PASS)
    with _watching(home) as child:
        child.until(_is("fine", 4))
        with _watching(home) as second:
            assert second.ended_within(10) == 1
            said = second.errors()
        assert child.process.poll() is None
    assert said.startswith(f"omwatch: another watcher (process {child.process.pid}) already watches this home")
    assert said.count("\n") == 1


def test_a_watcher_whose_lease_was_taken_says_so_and_ends(home: Home) -> None:
    _add(home, fine=_PASS, held=_BLOCK)
    with _watching(home) as child:
        child.until(_is("fine", 4))
        with closing(sqlite3.connect(home.database, timeout=10)) as other, other:
            other.execute("UPDATE leases SET fence = fence + 1, holder = 'somebody else'")
        assert child.ended_within(5) == 1
        assert child.errors() == "omwatch: another watcher has taken over; this one stops\n"


def test_it_ends_cleanly_even_while_somebody_else_holds_the_store(home: Home) -> None:
    _add(home, fine=_PASS)
    with _watching(home) as child:
        child.until(_is("fine", 4))
        with closing(sqlite3.connect(home.database, timeout=10, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            child.process.terminate()
            assert child.ended_within(3) == 0
            other.execute("ROLLBACK")
