"""A process that starts couriers at once when told to, so that hundreds of them can be killed in a test's time.

It imports everything once and forks; each line it reads starts a courier, whose process number is the answer.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from omwatch.broadcast import courier as courier_module
from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import SystemClock
from omwatch.store import Store

SENDER = "OpenMethods Status <status@openmethods.com>"


async def deliver(database: Path, address: str, in_hand: int) -> None:
    """Be a courier with a short lease until killed."""
    courier_module.LEASE = timedelta(seconds=1)
    clock = SystemClock()
    service = MailService(address, SENDER, clock)
    ways = Ways(lambda: service, "OpenMethods", "https://status.example.com")
    await Courier(Store(database), clock, ways, Pace(connections=2, in_hand=in_hand)).run()


def main(database: Path, address: str, in_hand: int) -> None:
    """Start a courier for each line of standard input."""
    MailService(address, SENDER, SystemClock())  # Apprise loads what it needs here, once
    for line in sys.stdin:
        if line.strip() == "reap":
            os.wait()
            print("reaped", flush=True)  # noqa: T201 - the test reads it
            continue
        child = os.fork()
        if child == 0:
            asyncio.run(deliver(database, address, in_hand))
        print(child, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
