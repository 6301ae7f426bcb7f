"""Sinks for benchmarks of sending: a mail server and a web server that take everything and only count.

Each runs in a process of its own, so that what it costs is not taken from the sender, on bare asyncio protocols, so
that it is not what is measured: one takes several times as much as any sender here gets out. The processes end with
their parent, whose end of their standard input closes then.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

_HEAD_END = b"\r\n\r\n"
_MESSAGE_END = b"\r\n.\r\n"
_LINE_END = b"\r\n"


@dataclass
class Tally:
    """What a sink has taken."""

    record: bool
    number: int = 0
    recipients: Counter[str] = field(default_factory=Counter)
    """Address or path → how many, where they are recorded."""

    def take(self, recipient: bytes) -> None:
        """Count one message."""
        self.number += 1
        if self.record:
            self.recipients[recipient.decode("ascii", errors="replace")] += 1


class SmtpSink(asyncio.Protocol):
    """One connection of a mail server."""

    def __init__(self, tally: Tally, *, pipelining: bool) -> None:
        """Count into a tally; say, or do not, that commands may come together."""
        self._tally = tally
        self._hello = b"250-sink.test\r\n250-PIPELINING\r\n250 SIZE\r\n" if pipelining else b"250 sink.test\r\n"
        self._buffer = bytearray()
        self._searched = 0
        self._recipients: list[bytes] = []
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's word is wider than what it makes
        self._transport = transport
        transport.write(b"220 sink.test\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all that is complete, at once."""
        self._buffer += data
        said = []
        while (answer := self._answer()) is not None:
            said.append(answer)
        if said:
            self._transport.write(b"".join(said))
        if said and said[-1].startswith(b"221"):
            self._transport.close()

    def _answer(self) -> bytes | None:
        end_mark = _MESSAGE_END if self._in_message else _LINE_END
        end = self._buffer.find(end_mark, self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - len(end_mark))
            return None
        said = b"" if self._in_message else bytes(self._buffer[:end])
        ends_message = self._in_message
        self._in_message = said.upper() == b"DATA"
        # The line break before a message stays, since a message may be nothing but the dot that ends it.
        del self._buffer[: end if self._in_message else end + len(end_mark)]
        self._searched = 0
        return self._taken() if ends_message else self._obeyed(said)

    def _taken(self) -> bytes:
        for recipient in self._recipients:
            self._tally.take(recipient)
        self._recipients = []
        return b"250 taken\r\n"

    def _obeyed(self, command: bytes) -> bytes:
        match command[:4].upper():
            case b"EHLO" | b"HELO":
                return self._hello
            case b"RCPT":
                self._recipients.append(command[command.find(b"<") + 1 : command.rfind(b">")])
            case b"DATA":
                return b"354 go on\r\n"
            case b"MAIL" | b"RSET":
                self._recipients = []
            case b"QUIT":
                return b"221 bye\r\n"
        return b"250 fine\r\n"


class HttpSink(asyncio.Protocol):
    """One connection of a web server; bodies have a length."""

    def __init__(self, tally: Tally) -> None:
        """Count into a tally."""
        self._tally = tally
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for requests."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's word is wider than what it makes
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        while (end := self._buffer.find(_HEAD_END)) >= 0:
            request, *headers = bytes(self._buffer[:end]).split(_LINE_END)
            whole = end + len(_HEAD_END) + _length(headers)
            if len(self._buffer) < whole:
                return
            del self._buffer[:whole]
            self._tally.take(request.split(b" ")[1])
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")


def _length(headers: list[bytes]) -> int:
    for header in headers:
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Sink:
    """A sink in a process of its own, as its parent sees it."""

    def __init__(self, said: IO[str], asked: IO[str]) -> None:
        """Listen to what it says, and ask it."""
        self._said, self._asked = said, asked
        self.port = int(said.readline())

    def count(self) -> int:
        """Return how many messages it has taken since it was last emptied."""
        return int(self._ask("count"))

    def recipients(self) -> dict[str, int]:
        """Return who got how many messages, where that is recorded."""
        found: dict[str, int] = json.loads(self._ask("recipients"))
        return found

    def empty(self) -> None:
        """Let it forget what it has taken."""
        self._ask("empty")

    def _ask(self, question: str) -> str:
        print(question, file=self._asked, flush=True)
        return self._said.readline()


@contextmanager
def smtp_sink(*, record: bool = False, pipelining: bool = True) -> Iterator[Sink]:
    """Start a mail server on loopback for a while."""
    with _running("smtp", record, pipelining) as sink:
        yield sink


@contextmanager
def http_sink(*, record: bool = False) -> Iterator[Sink]:
    """Start a web server on loopback for a while."""
    with _running("http", record, pipelining=False) as sink:
        yield sink


@contextmanager
def _running(kind: str, record: bool, pipelining: bool) -> Iterator[Sink]:  # noqa: FBT001 - named by its callers
    options = [name for name, wanted in (("--record", record), ("--pipelining", pipelining)) if wanted]
    command = [sys.executable, __file__, kind, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdin  # noqa: S101 - a pipe was asked for
        assert process.stdout  # noqa: S101 - the same
        try:
            yield Sink(process.stdout, process.stdin)
        finally:
            process.stdin.close()
            process.wait()


async def _serve(make: Callable[[], asyncio.Protocol], tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    questions = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    async for question in questions:
        match question.strip():
            case b"count":
                print(tally.number, flush=True)
            case b"recipients":
                print(json.dumps(tally.recipients), flush=True)
            case b"empty":
                tally.number = 0
                tally.recipients.clear()
                print(flush=True)
    server.close()


def main() -> None:
    """Be a sink until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["smtp", "http"])
    parser.add_argument("--record", action="store_true", help="remember who got how many messages")
    parser.add_argument("--pipelining", action="store_true", help="let mail commands come together")
    given = parser.parse_args()
    tally = Tally(given.record)
    made: dict[str, Callable[[], asyncio.Protocol]] = {
        "smtp": lambda: SmtpSink(tally, pipelining=given.pipelining),
        "http": lambda: HttpSink(tally),
    }
    asyncio.run(_serve(made[given.kind], tally))


if __name__ == "__main__":
    main()
