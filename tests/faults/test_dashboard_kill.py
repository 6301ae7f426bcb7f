"""However the dashboard ends, nothing is left behind: the whole product as processes, under a real terminal."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.addresses import read_record
from omwatch.config.home import Home
from omwatch.config.lockfile import is_locked
from tests.dashboard.driving import CHECKOUT
from tests.dashboard.terminal import Terminal

pytestmark = [
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are found through /proc"),
    pytest.mark.xdist_group("processes"),
]
CLOCK = SystemClock()
PROMISED_SECONDS = 5.0
ALTERNATE_SCREEN_LEFT = b"\x1b[?1049l"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home over the sandbox, as a newcomer has it."""
    assert main(["init", str(tmp_path / "home")]) == 0
    return Home(tmp_path / "home")


@pytest.fixture
def terminal(home: Home) -> Iterator[Terminal]:
    """The dashboard, open, with its watcher and its sandbox running."""
    command = [sys.executable, "-m", "omwatch", "--home", str(home.root)]
    with Terminal(command, environment={"PYTHONPATH": str(CHECKOUT)}) as opened:
        opened.until(lambda: is_locked(home.watcher_lock) and read_record(home) is not None)
        opened.until(lambda: len(children_of(opened.pid)) == 2)
        opened.shows("watcher alive")
        yield opened


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def running(pid: int) -> bool:
    """Tell whether a process runs; one that only waits for its parent to notice its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def left_after(pids: list[int], seconds: float, meanwhile: Callable[[], object]) -> list[int]:
    deadline = CLOCK.monotonic() + seconds
    while CLOCK.monotonic() < deadline and any(map(running, pids)):
        meanwhile()
    return [pid for pid in pids if running(pid)]


def test_killing_the_dashboard_leaves_no_child_behind(terminal: Terminal, home: Home) -> None:
    children = children_of(terminal.pid)
    terminal.signal(signal.SIGKILL)
    assert left_after(children, PROMISED_SECONDS, terminal._read) == []
    assert terminal.wait() == -signal.SIGKILL
    assert not is_locked(home.watcher_lock)
    assert read_record(home) is None


def test_sigterm_ends_it_in_order_and_gives_the_terminal_back(terminal: Terminal, home: Home) -> None:
    children = children_of(terminal.pid)
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == 0
    assert ALTERNATE_SCREEN_LEFT in terminal.received
    assert left_after(children, 0, terminal._read) == []
    assert not is_locked(home.watcher_lock)


def test_a_lost_connection_ends_it_and_its_children(terminal: Terminal) -> None:
    children = children_of(terminal.pid)
    terminal.hang_up()
    assert terminal.wait() == 0
    assert left_after(children, 0, lambda: None) == []


def test_q_ends_it_and_its_children(terminal: Terminal) -> None:
    children = children_of(terminal.pid)
    terminal.send(b"q")
    assert terminal.ended() == 0
    assert left_after(children, 0, terminal._read) == []


def test_a_watcher_that_dies_is_said_and_started_again(terminal: Terminal, home: Home) -> None:
    sandbox = read_record(home)
    assert sandbox is not None
    before = children_of(terminal.pid)
    (watcher,) = set(before) - {sandbox.pid}
    os.kill(watcher, signal.SIGKILL)
    terminal.shows("watcher was ended by SIGKILL")
    terminal.until(lambda: len(set(children_of(terminal.pid)) - set(before)) == 1)
    terminal.until(lambda: is_locked(home.watcher_lock))
    assert sandbox.pid in children_of(terminal.pid)


def test_a_second_dashboard_attaches_and_leaves_the_watcher_alone(terminal: Terminal, home: Home) -> None:
    command = [sys.executable, "-m", "omwatch", "--home", str(home.root)]
    children = children_of(terminal.pid)
    with Terminal(command, environment={"PYTHONPATH": str(CHECKOUT)}) as second:
        second.shows("watcher alive")
        assert children_of(second.pid) == []
        second.send(b"q")
        assert second.ended() == 0
    assert all(map(running, children))


def test_a_wrong_configuration_starts_nothing(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "home")]) == 0
    config = tmp_path / "home" / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("outage_percent", "outage_percnt"), encoding="utf-8")
    command = [sys.executable, "-m", "omwatch", "--home", str(tmp_path / "home")]
    with Terminal(command, environment={"PYTHONPATH": str(CHECKOUT)}) as terminal:
        assert terminal.ended() == 3
    assert b"did you mean 'outage_percent'?" in terminal.received
    assert not (tmp_path / "home" / "data" / "watcher.log").exists()


def test_without_a_terminal_it_says_what_to_use_instead(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "home")]) == 0
    assert main(["--home", str(tmp_path / "home")]) == 1
    assert "the dashboard needs a terminal" in capsys.readouterr().err
