"""How long to wait before trying again."""

from datetime import timedelta

FIRST_SECONDS = 5.0
CAP_SECONDS = 600.0


def retry_after(attempts: int, chance: float) -> timedelta:
    """Return the wait after the given number of failed attempts: doubling, capped, with jitter.

    Args:
        attempts: how many have failed, at least 1.
        chance: a number in [0, 1) from the clock; it spreads the wait between half and the whole of its bound, so that
            deliveries that failed together do not come back together.
    """
    bound = min(CAP_SECONDS, FIRST_SECONDS * 2 ** min(attempts - 1, 16))
    return timedelta(seconds=bound * (0.5 + chance / 2))
