"""The sandbox as a whole: every listener of the simulated contact centre, in one event loop."""

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from starlette.routing import BaseRoute

from omwatch.clock import Clock
from omwatch.config.addresses import SandboxRecord, write_record
from omwatch.config.home import Home
from omwatch.config.lockfile import LockFile
from omwatch.sandbox.agent_login import MediaBar
from omwatch.sandbox.chat_routing import ChatDesk
from omwatch.sandbox.control import Control
from omwatch.sandbox.email_routing import LARGEST_LETTER, MailRouter
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.imap import imap_factory
from omwatch.sandbox.listener import Listener
from omwatch.sandbox.queues import Queues
from omwatch.sandbox.screen_pop import Flows
from omwatch.sandbox.sink import LARGEST_NOTICE, Notice, Sink
from omwatch.sandbox.smtp import smtp_factory
from omwatch.sandbox.switchboard import Switchboard
from omwatch.sandbox.web import WebListener

_FAREWELL = 0.5
"""Seconds that requests get to notice that their connection is gone."""
_TURNS = 8
"""Turns of the loop in which a cut connection reaches whoever talks on it."""


class SandboxRunning(RuntimeError):
    """Another process runs a sandbox in this home already."""


class Sandbox:
    """A simulated contact centre on loopback. Use it as an async context manager, or start and stop it."""

    def __init__(self, home: Home, clock: Clock) -> None:
        """Belong to a home, where addresses are recorded; nothing is opened yet."""
        self._home = home
        self._clock = clock
        self._lock = LockFile(home.sandbox_lock)
        self._board = Switchboard(clock)
        self._sink = Sink(clock)
        self._listeners: dict[str, Listener] = {}

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def addresses(self) -> dict[str, str]:
        """Name to address: ``http://127.0.0.1:PORT`` for HTTP and WebSocket, ``127.0.0.1:PORT`` for mail."""
        return {
            name: listener.url if isinstance(listener, WebListener) else listener.address
            for name, listener in self._listeners.items()
        }

    async def start(self) -> None:
        """Open every listener, on the ports of this home's former sandbox where they are free, and record them.

        Raises:
            SandboxRunning: this home has a running sandbox.
        """
        if not self._lock.acquire():
            raise SandboxRunning(f"a sandbox runs in {self._home.root.resolve()} already")
        try:
            self._listeners = self._build(_former_ports(self._home))
            for listener in self._listeners.values():
                await listener.open()
            write_record(self._home, SandboxRecord(os.getpid(), self.addresses))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Cut every connection, close every listener, and take the record away; does nothing when not started."""
        for journey in JourneyName:
            self._board.clear(journey)
        for listener in self._listeners.values():
            listener.close()
        await self._drain()
        if self._listeners:
            with suppress(FileNotFoundError):
                self._home.sandbox_record.replace(_former_record(self._home))
        self._listeners = {}
        self._lock.release()

    async def inject(self, journey: JourneyName, fault: Fault) -> None:
        """Put a fault in force, in place of the journey's former one; whoever hung on that one goes on."""
        self._board.inject(journey, fault)
        for listener in self._of(journey):
            if fault.kind is Kind.DOWN:
                listener.shut()
            else:
                await listener.open()

    async def clear(self, *journeys: JourneyName) -> None:
        """Make journeys healthy, all of them when none is named; whoever hung goes on."""
        for journey in journeys or JourneyName:
            self._board.clear(journey)
            for listener in self._of(journey):
                await listener.open()

    def faults(self) -> dict[JourneyName, Fault]:
        """Return the faults in force."""
        return self._board.faults()

    def notices(self) -> list[Notice]:
        """Return what the mail sink holds, oldest first."""
        return self._sink.notices()

    def _build(self, ports: dict[str, int]) -> dict[str, Listener]:
        queues = Queues()
        router = MailRouter(self._board, queues, self._clock)
        routes: dict[str, Sequence[BaseRoute]] = {
            "agent-login": MediaBar(self._board).routes(),
            "screen-pop": Flows(self._board).routes(),
            "chat-routing": ChatDesk(self._board).routes(),
            "email-routing": router.routes(),
            "control": Control(self, self._sink).routes(),
        }
        protocols = {
            "smtp": smtp_factory(router.deliver, largest=LARGEST_LETTER),
            "imap": imap_factory(self._board, queues),
            "sink": smtp_factory(self._sink.deliver, largest=LARGEST_NOTICE),
        }
        web = {name: WebListener(served, ports.get(name, 0)) for name, served in routes.items()}
        return web | {name: Listener(make, ports.get(name, 0)) for name, make in protocols.items()}

    def _of(self, journey: JourneyName) -> list[Listener]:
        names = ["smtp", "imap"] if journey is JourneyName.EMAIL_ROUTING else []
        return [self._listeners[name] for name in [journey.value, *names]]

    async def _drain(self) -> None:
        """Let every task see that its connection is gone, so that none outlives the sandbox."""
        for _ in range(_TURNS):
            await self._clock.sleep(0)
        webs = [listener for listener in self._listeners.values() if isinstance(listener, WebListener)]
        requests = {request for web in webs for request in web.requests}
        if requests:
            _, late = await asyncio.wait(requests, timeout=_FAREWELL)
            for request in late:
                request.cancel()


def _former_record(home: Home) -> Path:
    return home.data / "sandbox.former.json"


def _former_ports(home: Home) -> dict[str, int]:
    """Return the ports of the sandbox that ran here before, so that whoever knows them finds this one there."""
    for path in (home.sandbox_record, _former_record(home)):
        try:
            addresses = json.loads(path.read_text(encoding="utf-8"))["addresses"]
            return {name: int(address.rpartition(":")[2]) for name, address in addresses.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}
