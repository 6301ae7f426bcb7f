"""A web server on loopback, in threads of its own, that says what a test tells it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import parse_headers
from io import BufferedRWPair

OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Asked:
    """One request."""

    line: str
    headers: Message
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]


@dataclass
class WebServer:
    """What it says, and what it was asked."""

    port: int
    says: str | bytes = OK
    """To each request; nothing at all hangs up."""
    endlessly: bool = False
    """Whether it says it again and again, until the other side hangs up."""
    then_hangs_up: bool = False
    asked: list[Asked] = field(default_factory=list)
    said_bytes: int = 0


@contextmanager
def serving_web(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Serve for a while."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = WebServer(listening.getsockname()[1])
    talks: list[tuple[socket.socket, threading.Thread]] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection = listening.accept()[0]
                thread = threading.Thread(target=_talk, args=(server, connection, len(talks), tls), daemon=True)
                talks.append((connection, thread))
                thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    yield server
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    accepting.join()
    for connection, thread in talks:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        thread.join()


def _talk(server: WebServer, connection: socket.socket, number: int, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rwb") as stream:
            _converse(server, stream, number)


def _converse(server: WebServer, stream: BufferedRWPair, number: int) -> None:
    while line := stream.readline():
        headers: Message = parse_headers(stream)
        body = stream.read(int(headers.get("Content-Length", "0")))
        server.asked.append(Asked(line.decode().strip(), headers, body, number))
        says = server.says.encode() if isinstance(server.says, str) else server.says
        if not says:
            return
        stream.write(says)
        stream.flush()
        server.said_bytes += len(says)
        if server.then_hangs_up:
            return
        while server.endlessly:
            stream.write(b"x" * 65_536)
            stream.flush()
            server.said_bytes += 65_536
