"""From a confirmed notice to the last settled row: `python -m benchmarks.broadcast [--quick] [--memory]`.

Ten thousand e-mail subscribers, then as many webhooks, each on a store of its own and a courier process of its own,
against sinks on loopback; beside it, in the same run, bare Apprise sends the same text to as many recipients over as
many connections, and bare httpx posts the same bodies with as many at once. A dashboard over the same store gets keys
meanwhile. `--memory` queues for 100,000 instead, and tells how much memory the courier took at most.
"""

import argparse
import asyncio
import inspect
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from rich.console import RenderableType
from sqlalchemy import insert, select
from sqlalchemy.sql import func
from textual.events import Key
from textual.screen import Screen

from benchmarks.mail_line import by_apprise, letters
from benchmarks.sinks import http_sink, smtp_sink
from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.broadcast.rendering import render
from omwatch.broadcast.specimens import specimens
from omwatch.broadcast.ways import Pace, Ways
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.config.keyring import Keyring
from omwatch.config.links import unsubscribe_url
from omwatch.config.themes import read_themes
from omwatch.dashboard.app import Dashboard
from omwatch.dashboard.setup import Setup
from omwatch.desk import incidents
from omwatch.desk.session import Session
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator, Role
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.domain.subscriber import Channel, Topic
from omwatch.store import Store
from omwatch.store.tables import deliveries, subscribers, subscriptions

NUMBER, QUICK, MANY = 10_000, 2_000, 100_000
CONNECTIONS, AT_ONCE = 4, 16
AT_LEAST, KEY_MS, MEMORY_MIB = 0.8, 50.0, 300
_SENDER = "OpenMethods Status <status@openmethods.com>"
_URL = "https://status.openmethods.com"
_CLOCK = SystemClock()
_ADA = Operator("ada", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Run:
    """What one broadcast took."""

    confirm_seconds: float
    whole_seconds: float
    key_ms: tuple[float, ...]
    peak_mib: float


class Painting(Dashboard):
    """A dashboard that tells when it has painted."""

    CSS_PATH = str(Path(inspect.getfile(Dashboard)).parent / "screens/board.tcss")

    def __init__(self, setup: Setup, clock: SystemClock) -> None:
        """Paint, and tell."""
        super().__init__(setup, clock)
        self.painted = asyncio.Event()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.painted.set()


async def people(home: Home, number: int, channel: Channel, port: int) -> Store:
    """Return a store with so many subscribers."""
    home.make_data()
    store, keyring = await Store.open(home.database), Keyring(home)
    now = _CLOCK.now()

    def row(place: int) -> dict[str, object]:
        sealed = keyring.seal(f"json://127.0.0.1:{port}/hook/{place}") if channel is Channel.APPRISE else None
        address = f"subscriber.{place:06}@example.com" if sealed is None else f"json://…{place}"
        common = {"created_at": now, "created_by": "ada", "channel": channel, "sealed": sealed, "state": "active"}
        return {"id": place, "address": address, "refusals": 0, "least_severity": Severity.NONE, **common}

    for first in range(1, number + 1, 5_000):
        places = range(first, min(first + 5_000, number + 1))
        async with store.writing() as connection:
            await connection.execute(insert(subscribers), [row(place) for place in places])
            topics = [{"topic": Topic.INCIDENT, "subscriber_id": place} for place in places]
            await connection.execute(insert(subscriptions), topics)
    return store


async def confirm(store: Store) -> int:
    """Publish an outage to everybody, as an operator does, and return its update."""
    components = {"Agent login": ComponentStatus.MAJOR_OUTAGE}
    text = "We have identified a system outage affecting Agent login.\n\nOur team is working on it (24/7)."
    now = _CLOCK.now()
    draft = Draft("Agent login: system outage", text, Severity.OUTAGE, EventStatus.IDENTIFIED, components, now)
    done = await incidents.open_(Session(store, _ADA, now, Policy(mail_domain="openmethods.com")), draft)
    update: int = getattr(done, "update")  # noqa: B009 - it asks no second person
    return update


async def left(store: Store) -> int:
    """Return how many deliveries are not settled yet."""
    async with store.reading() as connection:
        unsettled = select(func.count()).select_from(deliveries).where(deliveries.c.state != DeliveryState.SENT)
        return int((await connection.execute(unsettled)).scalar_one())


@contextmanager
def courier(home: Home, port: int) -> Iterator["subprocess.Popen[str]"]:
    """Run a courier in a process of its own, ready to send."""
    command = [sys.executable, "-m", "benchmarks.broadcast", "--courier", str(home.root), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


async def be_courier(home: Home, port: int) -> None:
    """Deliver until killed."""
    keyring, service = Keyring(home), MailService(f"mailto://127.0.0.1:{port}", _SENDER, _CLOCK)
    link = partial(unsubscribe_url, _URL, keyring)
    ways = Ways(lambda: service, "OpenMethods", _URL, open_sealed=keyring.open, unsubscribe_url=link)
    pace = Pace(connections=CONNECTIONS, destinations=AT_ONCE)
    print("ready", flush=True)
    await Courier(await Store.open(home.database), _CLOCK, ways, pace).run()


async def keys_meanwhile(home: Home, over: asyncio.Event) -> list[float]:
    """Press keys in a dashboard until it is over, and return how long each took to show, in milliseconds."""
    themes, _ = read_themes(Home(Path(__file__).parents[1]))
    setup = Setup(home.database, "OpenMethods", _URL, 30, themes, "dark", operator=_ADA)
    app, took = Painting(setup, _CLOCK), list[float]()
    async with app.run_test(size=(120, 40)):
        while not over.is_set():
            app.painted.clear()
            started = _CLOCK.monotonic()
            app.post_message(Key("tab", None))
            await app.painted.wait()
            took.append((_CLOCK.monotonic() - started) * 1000)
            await _CLOCK.sleep(0.1)
    return took


def peak_mib(process: int) -> float:
    """Return how much memory a process took at most."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def broadcast(number: int, channel: Channel, port: int, *, keys: bool) -> Run:
    """Publish one notice to so many, and wait until every row is settled."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        store = await people(home, number, channel, port)
        with courier(home, port) as process:
            over = asyncio.Event()
            pressing = asyncio.create_task(keys_meanwhile(home, over)) if keys else None
            await _CLOCK.sleep(2 if keys else 0)
            started = _CLOCK.monotonic()
            await confirm(store)
            confirmed = _CLOCK.monotonic()
            while await left(store):
                await _CLOCK.sleep(0.1)
            ended = _CLOCK.monotonic()
            over.set()
            took = await pressing if pressing else []
            peak = peak_mib(process.pid)
        await store.close()
    return Run(confirmed - started, ended - started, tuple(took), peak)


async def posts(number: int, port: int, body: dict[str, str]) -> float:
    """Return how many posts of a body bare httpx makes in a second."""
    waiting = iter(range(number))
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

        async def work() -> None:
            for place in waiting:
                (await client.post(f"http://127.0.0.1:{port}/hook/{place}", json=body)).raise_for_status()

        started = _CLOCK.monotonic()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return number / (_CLOCK.monotonic() - started)


def bare_apprise(number: int, port: int) -> float:
    """Return how many messages a second bare Apprise sends, over as many connections."""
    from apprise import NotifyFormat  # noqa: PLC0415 - only the yardstick needs it

    shares = [letters(number)[first::CONNECTIONS] for first in range(CONNECTIONS)]
    started = _CLOCK.monotonic()
    by_apprise(shares, port, NotifyFormat.HTML)
    return number / (_CLOCK.monotonic() - started)


def _line(name: str, run: Run, number: int, bare: str, yardstick: float) -> bool:
    rate = number / run.whole_seconds
    slowest = max(run.key_ms, default=0.0)
    print(f"{name:8} {number:7,} {run.confirm_seconds:8.2f} s {run.whole_seconds:8.2f} s {rate:8,.0f}/s", end="  ")
    print(f"{bare} {yardstick:6,.0f}/s  × {rate / yardstick:4.1f}   {run.peak_mib:5.0f} MiB", end="")
    if run.key_ms:
        print(f"   keys: median {statistics.median(run.key_ms):.0f} ms, slowest {slowest:.0f} ms", end="")
    print()
    return rate >= AT_LEAST * yardstick


async def compare(number: int) -> None:
    """Print a line for mails and one for webhooks."""
    print(f"{'':8} {'people':>7} {'confirm':>10} {'to the last':>10} {'rate':>10}")
    with smtp_sink() as sink:
        yardstick = bare_apprise(number // 5, sink.port)
        _line("e-mail", await broadcast(number, Channel.EMAIL, sink.port, keys=True), number, "Apprise", yardstick)
        print(f"{'':8} {sink.count():,} messages arrived, {number // 5:,} of them the yardstick's")
    content = render(next(iter(specimens())))
    body = {"version": "1.0", "title": content.title, "message": content.text, "type": "info"}
    with http_sink() as sink:
        yardstick = await posts(number // 5, sink.port, body)
        _line("webhook", await broadcast(number, Channel.APPRISE, sink.port, keys=True), number, "httpx  ", yardstick)
        print(f"{'':8} {sink.count():,} messages arrived, {number // 5:,} of them the yardstick's")


async def memory() -> None:
    """Print how much memory a courier takes for a hundred thousand."""
    with smtp_sink() as sink:
        run = await broadcast(MANY, Channel.EMAIL, sink.port, keys=False)
    print(f"{MANY:,} people: {run.whole_seconds:.1f} s, at most {run.peak_mib:.0f} MiB (bound {MEMORY_MIB} MiB)")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--courier", nargs=2)
    asked = parser.parse_args()
    if asked.courier:
        asyncio.run(be_courier(Home(Path(asked.courier[0])), int(asked.courier[1])))
    elif asked.memory:
        asyncio.run(memory())
    else:
        asyncio.run(compare(QUICK if asked.quick else NUMBER))


if __name__ == "__main__":
    main()
