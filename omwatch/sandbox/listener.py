"""Listeners: sockets on loopback that can be truly down and come back on the same port."""

import asyncio
import socket
import struct
import weakref
from collections.abc import Callable
from contextlib import suppress

HOST = "127.0.0.1"
_BACKLOG = 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


class Listener:
    """One port on loopback; every connection is handed to a protocol of its own."""

    def __init__(self, make_protocol: ProtocolFactory, port: int = 0) -> None:
        """Reserve a port: the one given when it is free, else one that the kernel picks."""
        self._make_protocol = make_protocol
        self._socket = _reserve(port) or _bind(0)
        self._server: asyncio.Server | None = None
        self._transports: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self.port: int = self._socket.getsockname()[1]
        """The port, the same for as long as this listener lives."""

    @property
    def address(self) -> str:
        """The address as ``127.0.0.1:PORT``."""
        return f"{HOST}:{self.port}"

    @property
    def is_open(self) -> bool:
        """Tell whether connections are accepted."""
        return self._server is not None

    async def open(self) -> None:
        """Accept connections; does nothing when they are accepted already."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._doorman, sock=self._socket, backlog=_BACKLOG)

    def shut(self) -> None:
        """Refuse connections and cut those there are, but keep the port from everybody else."""
        if self._server is not None:
            self._hang_up()
            # A bound socket that does not listen answers "connection refused".
            self._socket = _bind(self.port)

    def close(self) -> None:
        """Cut every connection and give the port back."""
        self._hang_up()
        self._socket.close()

    def transport_of(self, peer: object) -> asyncio.Transport | None:
        """Return the living connection with this client address, or None."""
        for transport in list(self._transports):
            if not transport.is_closing() and transport.get_extra_info("peername") == peer:
                return transport
        return None

    def _doorman(self) -> asyncio.Protocol:
        return _Doorman(self._transports, self._make_protocol)

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in list(self._transports):
            transport.abort()


class _Doorman(asyncio.Protocol):
    """Notes a new connection and hands it over to the protocol that talks."""

    def __init__(self, transports: "weakref.WeakSet[asyncio.Transport]", make_protocol: ProtocolFactory) -> None:
        self._transports = transports
        self._make_protocol = make_protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transports.add(transport)
        protocol = self._make_protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Cut a connection by TCP RST, with nothing flushed; None and closed ones are left alone."""
    if not isinstance(transport, asyncio.Transport):
        return
    with suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _reserve(port: int) -> socket.socket | None:
    try:
        return _bind(port)
    except OSError:
        return None


def _bind(port: int) -> socket.socket:
    """Bind a socket to a port, 0 for any, without listening; OSError when it is taken."""
    # asyncio spares connections Nagle's delay of 40 ms only where the protocol is named.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound
