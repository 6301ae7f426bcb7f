"""A real pseudo-terminal with a program in it: what a person's terminal would receive, byte for byte."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from omwatch.clock import SystemClock

_CLOCK = SystemClock()
_STEP, _QUIET = 0.05, 0.3


class Terminal:
    """Runs a program under a terminal of its own, as its session's leader."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int] = (80, 24), environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it."""
        self._ours, theirs = pty.openpty()
        columns, rows = size
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        known = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={name: value for name, value in known.items() if name != "NO_COLOR" or environment},
            preexec_fn=_take_terminal,  # noqa: PLW1509 - the test process has no threads that matter here
        )
        os.close(theirs)
        self.received = b""

    @property
    def pid(self) -> int:
        """The program's number."""
        return self._process.pid

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill what is left."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self.hang_up()

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._ours, keys)

    def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Read until a condition holds.

        Raises:
            AssertionError: it does not hold in time.
        """
        deadline = _CLOCK.monotonic() + seconds
        while not condition():
            assert _CLOCK.monotonic() < deadline, self.received[-3000:].decode(errors="replace")
            self._read()

    def shows(self, text: str, seconds: float = 20.0) -> None:
        """Read until a text has arrived after what was read before."""
        start = len(self.received)
        self.until(lambda: text.encode() in self.received[max(0, start - len(text)) :], seconds)

    def settles(self) -> None:
        """Read until nothing more arrives for a while."""
        while select.select([self._ours], [], [], _QUIET)[0]:
            self._read()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    def ended(self, seconds: float = 15.0) -> int:
        """Read to the end and return the exit status."""
        self.until(lambda: self._process.poll() is not None, seconds)
        self._read()
        return int(self._process.returncode)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def wait(self, seconds: float = 15.0) -> int:
        """Return the exit status without reading any more."""
        return self._process.wait(seconds)

    def _read(self) -> None:
        readable, _, _ = select.select([self._ours], [], [], _STEP)
        if not readable:
            return
        try:
            self.received += os.read(self._ours, 65_536)
        except OSError:
            select.select([], [], [], _STEP)  # the program has closed it; its exit status follows


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
