"""How many e-mails a second leave: our lines, bare Apprise and bare smtplib: `python -m benchmarks.mail_line [NUMBER]`.

All send the same notice as text and HTML to the same sink over the same number of connections, one after the other in
one run, several times round; the middle figure counts. Apprise gets one address per connection, each with its share of
the recipients, which is the fastest that it offers; it answers once for all of them, where our lines answer for each.
smtplib gets finished messages: it shows what there is to gain at all.
"""

import smtplib
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from apprise import Apprise, NotifyFormat

from benchmarks.sinks import Sink, smtp_sink
from omwatch.broadcast.mail import Letter, MailService, Verdict
from omwatch.broadcast.message import Mould
from omwatch.broadcast.rendering import Rendered, render
from omwatch.broadcast.specimens import specimens
from omwatch.clock import SystemClock

NUMBER = 2_000
CONNECTIONS = 4
ROUNDS = 3
AT_LEAST = 0.8
"""Of what bare Apprise sends."""
_SENDER = "OpenMethods Status <status@openmethods.com>"
T = TypeVar("T")
_CLOCK = SystemClock()
_CONTENT: Rendered = render(next(iter(specimens())))


def letters(number: int) -> list[Letter]:
    """Return so many letters to as many people."""
    return [
        Letter(
            f"subscriber.{place:05}@example.com",
            f"<update-1-subscriber-{place}@status.openmethods.com>",
            _CONTENT,
            f"https://status.openmethods.com/unsubscribe/{place:043}",
        )
        for place in range(number)
    ]


def by_our_lines(shares: Sequence[Sequence[Letter]], port: int) -> None:
    """Send every share by a line of its own."""
    service = MailService(f"mailto://127.0.0.1:{port}", _SENDER, _CLOCK)

    def send(share: Sequence[Letter]) -> None:
        line = service.line()
        if any(line.send(letter).verdict is not Verdict.ACCEPTED for letter in share):
            raise AssertionError("the sink refused a letter")
        line.close()

    _at_once(send, shares)


def by_apprise(shares: Sequence[Sequence[Letter]], port: int, kind: NotifyFormat) -> None:
    """Send every share by an Apprise address of its own."""
    carrier = Apprise()
    for share in shares:
        recipients = ",".join(letter.to for letter in share)
        carrier.add(f"mailto://127.0.0.1:{port}?from=status@openmethods.com&format={kind.value}&to={recipients}")
    body = _CONTENT.html if kind is NotifyFormat.HTML else _CONTENT.text
    if not carrier.notify(body=body, title=_CONTENT.subject, body_format=kind):
        raise AssertionError("Apprise could not send")


def by_smtplib(shares: Sequence[Sequence[tuple[str, bytes]]], port: int) -> None:
    """Send finished messages."""

    def send(share: Sequence[tuple[str, bytes]]) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            for to, message in share:
                client.sendmail("status@openmethods.com", [to], message)

    _at_once(send, shares)


def _at_once(send: Callable[[T], None], shares: Sequence[T]) -> None:
    with ThreadPoolExecutor(len(shares)) as threads:
        list(threads.map(send, shares))


def _timed(send: Callable[[int], None], sink: Sink, number: int) -> float:
    sink.empty()
    started = _CLOCK.monotonic()
    send(sink.port)
    took = _CLOCK.monotonic() - started
    if sink.count() != number:
        raise AssertionError(f"{sink.count()} of {number} messages arrived")
    return number / took


def measure(number: int) -> dict[str, float]:
    """Return how many messages a second every way sends."""
    ours = [letters(number)[first::CONNECTIONS] for first in range(CONNECTIONS)]
    mould = Mould(_CONTENT, _SENDER)
    finished = [
        [(item.to, mould.cast(item.to, item.message_id, _CLOCK.now(), item.unsubscribe_url)) for item in share]
        for share in ours
    ]
    with smtp_sink() as quick, smtp_sink(pipelining=False) as plain:
        ways: dict[str, tuple[Callable[[int], None], Sink]] = {
            "bare Apprise, text and HTML": (partial(by_apprise, ours, kind=NotifyFormat.HTML), plain),
            "bare Apprise, text only": (partial(by_apprise, ours, kind=NotifyFormat.TEXT), plain),
            "our lines": (partial(by_our_lines, ours), quick),
            "our lines, no pipelining": (partial(by_our_lines, ours), plain),
            "smtplib, finished messages": (partial(by_smtplib, finished), plain),
        }
        found: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (send, sink) in ways.items():
                found[name].append(_timed(send, sink, number))
    return {name: statistics.median(rates) for name, rates in found.items()}


def main() -> int:
    """Print the figures; exit status 1 when our lines are slower than they ought to be."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER
    found = measure(number)
    yardstick = found["bare Apprise, text and HTML"]
    print(f"{number:,} messages over {CONNECTIONS} connections, the middle of {ROUNDS} rounds")
    print(f"{'':28} messages/s   × Apprise")
    for name, rate in found.items():
        print(f"{name:28} {rate:10,.0f} {rate / yardstick:11.1f}")
    return int(min(found["our lines"], found["our lines, no pipelining"]) < AT_LEAST * yardstick)


if __name__ == "__main__":
    raise SystemExit(main())
