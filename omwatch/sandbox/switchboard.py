"""The switchboard: which faults are in force, and what they do to one who calls."""

import asyncio
import re
import zlib
from typing import Any, Protocol

from omwatch.clock import Clock
from omwatch.sandbox.fault import Fault, JourneyName, Kind

_NUMBERED = re.compile(r"[0-9]{1,9}$")
_MOST_NAMES = 10_000


class Refused(Exception):
    """The fault in force refuses this caller, with the status given or the journey's own way when it is None."""

    def __init__(self, status: int | None) -> None:
        """Refuse with a status."""
        super().__init__(f"refused with {status}")
        self.status = status


class HungUp(Exception):
    """The connection is gone; there is nobody left to answer."""


class Line(Protocol):
    """One caller's connection, as far as faults need it."""

    def reset(self) -> None:
        """Cut the connection at once, by TCP RST."""
        ...

    async def gone(self) -> None:
        """Wait until the caller has hung up."""
        ...


class Switchboard:
    """The faults in force, at most one per journey."""

    def __init__(self, clock: Clock) -> None:
        """Start with every journey healthy."""
        self._clock = clock
        self._faults: dict[JourneyName, Fault] = {}
        self._changed = {journey: asyncio.Event() for journey in JourneyName}
        self._numbers: dict[JourneyName, dict[str, int]] = {journey: {} for journey in JourneyName}

    def inject(self, journey: JourneyName, fault: Fault) -> None:
        """Put a fault in force, in place of the journey's former one; whoever hung on that one goes on."""
        self._faults[journey] = fault
        self._release(journey)

    def clear(self, journey: JourneyName) -> None:
        """Make the journey healthy; whoever hung goes on."""
        self._faults.pop(journey, None)
        self._release(journey)

    def faults(self) -> dict[JourneyName, Fault]:
        """Return the faults in force."""
        return dict(self._faults)

    def strike(self, journey: JourneyName, subject: str, *, follow_up: bool = False) -> Fault | None:
        """Return the fault that hits this attempt, or None; the dice for a share of attempts are rolled here.

        Args:
            journey: whose fault.
            subject: who tries; numbered by its trailing digits, or else by first sight.
            follow_up: True for a later request of an attempt that had its chance to be hit already.
        """
        number = self._number(journey, subject)  # also when healthy, so that first sight does not depend on faults
        fault = self._faults.get(journey)
        if fault is None or not fault.hits_subject(number):
            return None
        if follow_up and (fault.attempts < 1 or fault.kind is Kind.SLOW):
            return None
        return fault if fault.attempts == 1 or self._clock.random() < fault.attempts else None

    async def meet(self, journey: JourneyName, subject: str, line: Line, *, follow_up: bool = False) -> bool:
        """Let the fault in force do to this caller what it does; return whether the answer must be wrong.

        Raises:
            Refused: answer with an error.
            HungUp: the connection is gone, whether the caller hung up or the fault cut it.
        """
        fault = self.strike(journey, subject, follow_up=follow_up)
        if fault is None:
            return False
        if fault.latency and not follow_up and await self._hold(journey, line, fault.latency):
            return False
        match fault.kind:
            case Kind.HANG:
                await self._hold(journey, line, None)
            case Kind.RESET | Kind.DOWN:
                line.reset()
                await line.gone()
                raise HungUp
            case Kind.REFUSE:
                raise Refused(fault.status)
            case Kind.SLOW | Kind.WRONG:
                pass
        return fault.kind is Kind.WRONG

    async def _hold(self, journey: JourneyName, line: Line, seconds: float | None) -> bool:
        """Keep a caller waiting; return whether a change of faults ended the wait, raise HungUp when the caller did."""
        changed = asyncio.ensure_future(self._changed[journey].wait())
        gone = asyncio.ensure_future(line.gone())
        waits: list[asyncio.Future[Any]] = [changed, gone]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise HungUp
            return changed.done()
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _release(self, journey: JourneyName) -> None:
        self._changed[journey].set()
        self._changed[journey] = asyncio.Event()

    def _number(self, journey: JourneyName, subject: str) -> int:
        digits = _NUMBERED.search(subject)
        if digits:
            return int(digits.group())
        numbers = self._numbers[journey]
        if subject not in numbers and len(numbers) >= _MOST_NAMES:
            return zlib.crc32(subject.encode(errors="replace"))  # a flood of names costs exactness, not memory
        return numbers.setdefault(subject, len(numbers) + 1)
