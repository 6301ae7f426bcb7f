"""Patience: how long a mail server may take, and how much it may say."""

import math

from omwatch.clock import Clock

_LONGER = 4
_MOST_BYTES = 65_536


class Patience:
    """The time that is left for the present letter, and within it for the present answer."""

    def __init__(self, clock: Clock, each: float) -> None:
        """Start without any letter.

        Args:
            clock: the time to measure by.
            each: how many seconds one step may take; the server's answer to a whole message may take longer, since
                it may check it first, and giving up then means to send it twice.
        """
        self._clock = clock
        self._each = each
        self._letter_until = self._answer_until = clock.monotonic()
        self._bytes = 0
        self._ended = False

    def begin(self, seconds: float) -> None:
        """Give the next letter its time, connecting included."""
        self._letter_until = self._clock.monotonic() + seconds
        self.expect()

    def expect(self, *, longer: bool = False) -> None:
        """Give the next step its time."""
        each = self._each * _LONGER if longer else self._each
        self._answer_until = min(self._clock.monotonic() + each, self._letter_until)
        self._bytes = 0

    def seconds(self) -> float:
        """Return how long the present step may still take.

        Raises:
            TimeoutError: its time is over.
        """
        left = -math.inf if self._ended else self._answer_until - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def heard(self, number: int) -> None:
        """Count the bytes of an answer.

        Raises:
            OSError: it is endless.
        """
        self._bytes += number
        if self._bytes > _MOST_BYTES:
            raise OSError("an endless answer")

    def end(self) -> None:
        """Let nothing more be said or awaited; any thread may call this."""
        self._ended = True
