"""When each subject of a check is due: evenly spread, and the same after every restart."""

import hashlib
import math

_HASH_RANGE = 2**64


def phase(check: str, subject: str) -> float:
    """Return where in its cadence a subject is due, in [0, 1), from a hash of its name.

    A hash needs no memory, so a restarted watcher, or one on another machine, tries each subject at the same instants.
    """
    digest = hashlib.blake2b(f"{check}\0{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _HASH_RANGE


def next_due(after: float, every_seconds: float, offset: float) -> float:
    """Return the first instant later than ``after`` that lies on a subject's grid, in the same seconds.

    Args:
        after: seconds since any fixed epoch.
        every_seconds: the cadence.
        offset: the subject's :func:`phase`.
    """
    start = offset * every_seconds
    due = (math.floor((after - start) / every_seconds) + 1) * every_seconds + start
    return due if due > after else due + every_seconds


def ticks_between(earlier: float, later: float, every_seconds: float) -> int:
    """Return how many whole cadences fit between two instants of one grid, for counting missed ticks."""
    return max(0, round((later - earlier) / every_seconds))
