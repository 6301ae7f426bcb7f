"""How many webhooks a second leave: our destinations and bare httpx: `python -m benchmarks.destinations [NUMBER]`.

All post the same notice as the same JSON to the same sink over the same number of kept connections, one after the other
in one run, several times round; the middle figure counts. httpx posts finished bodies and looks at nothing but the
status. A destination is made anew for each message, as the courier makes it: its address is read and checked each time,
and the message goes through Apprise.
"""

import asyncio
import json
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.sinks import Sink, http_sink
from omwatch.broadcast.answers import Verdict
from omwatch.broadcast.destination import Destination, Parcel
from omwatch.broadcast.rendering import render
from omwatch.broadcast.specimens import specimens
from omwatch.clock import SystemClock

NUMBER = 2_000
CONNECTIONS = 8
ROUNDS = 3
AT_LEAST = 0.8
"""Of what bare httpx posts."""
_CLOCK = SystemClock()
_CONTENT = render(next(iter(specimens())))
_PARCEL = Parcel(
    title=_CONTENT.title,
    short=_CONTENT.short,
    text=_CONTENT.bare_text,
    markdown=_CONTENT.markdown,
    html=_CONTENT.bare_html,
    message_id="<update-1-subscriber-1@status.openmethods.com>",
)
_BODY = json.dumps(
    {"version": "1.0", "title": _PARCEL.title, "message": _PARCEL.text, "attachments": [], "type": "info"}
).encode()
_HEADERS = {"Content-Type": "application/json"}
Send = Callable[[int, int], None]


def by_our_destinations(port: int, number: int) -> None:
    """Send this many messages through Apprise, by threads."""

    def send(place: int) -> None:
        answer = Destination(f"json://127.0.0.1:{port}/hooks/{place}", _CLOCK).send(_PARCEL)
        if answer.verdict is not Verdict.ACCEPTED:
            raise AssertionError(answer.error)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(send, range(number)))


def by_httpx_in_threads(port: int, number: int) -> None:
    """Post this many bodies by one client over as many threads."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    with httpx.Client(limits=limits) as client, ThreadPoolExecutor(CONNECTIONS) as threads:

        def post(place: int) -> None:
            url = f"http://127.0.0.1:{port}/hooks/{place}"
            client.post(url, content=_BODY, headers=_HEADERS).raise_for_status()

        list(threads.map(post, range(number)))


def by_httpx_in_a_loop(port: int, number: int) -> None:
    """Post this many bodies by one client and as many tasks of one event loop."""

    async def post(client: httpx.AsyncClient, share: range) -> None:
        for place in share:
            url = f"http://127.0.0.1:{port}/hooks/{place}"
            (await client.post(url, content=_BODY, headers=_HEADERS)).raise_for_status()

    async def post_all() -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx.AsyncClient(limits=limits) as client, asyncio.TaskGroup() as group:
            for first in range(CONNECTIONS):
                group.create_task(post(client, range(first, number, CONNECTIONS)))

    asyncio.run(post_all())


SENDERS: dict[str, Send] = {
    "omwatch, through Apprise": by_our_destinations,
    "bare httpx, threads": by_httpx_in_threads,
    "bare httpx, one event loop": by_httpx_in_a_loop,
}


def measured(send: Send, sink: Sink, number: int) -> float:
    """Return how many messages a second leave, and see that all of them arrived."""
    sink.empty()
    began = _CLOCK.monotonic()
    send(sink.port, number)
    took = _CLOCK.monotonic() - began
    if sink.count() != number:
        raise AssertionError(f"{number} were sent, and {sink.count()} arrived")
    return number / took


def main() -> int:
    """Print the table; return 1 where ours is slower than it must be."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    figures: dict[str, list[float]] = {name: [] for name in SENDERS}
    with http_sink() as sink:
        by_our_destinations(sink.port, CONNECTIONS)  # Apprise loads its plugins at the first
        for _ in range(ROUNDS):
            for name, send in SENDERS.items():
                figures[name].append(measured(send, sink, number))
    middle = {name: statistics.median(found) for name, found in figures.items()}
    bare = max(per_second for name, per_second in middle.items() if name.startswith("bare"))
    print(f"{number} webhooks, {CONNECTIONS} connections, median of {ROUNDS} rounds\n")
    print("| sender | messages/s | of the faster httpx |")
    print("|---|---|---|")
    for name, per_second in middle.items():
        print(f"| {name} | {per_second:,.0f} | {per_second / bare:.2f} |")
    return 0 if middle["omwatch, through Apprise"] >= AT_LEAST * bare else 1


if __name__ == "__main__":
    sys.exit(main())
