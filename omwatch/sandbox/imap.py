"""IMAP4rev1, the small part that a mail client needs to look into a queue and empty it."""

import asyncio
from collections.abc import Awaitable, Callable

from omwatch.sandbox import imap_syntax as syntax
from omwatch.sandbox.agent_login import WRONG_PASSWORD
from omwatch.sandbox.fault import JourneyName
from omwatch.sandbox.listener import ProtocolFactory
from omwatch.sandbox.queues import QueuedMail, Queues
from omwatch.sandbox.smtp import StreamLine
from omwatch.sandbox.switchboard import HungUp, Refused, Switchboard

_LONGEST_LINE = 65_536
_CAPABILITIES = "IMAP4rev1 UIDPLUS"
_DELETED = r"\deleted"


def imap_factory(board: Switchboard, queues: Queues) -> ProtocolFactory:
    """Return a factory of IMAP protocols over these queues; the user's name is the queue's."""
    return lambda: _Protocol(board, queues)


class _Protocol(asyncio.StreamReaderProtocol):
    """A stream whose talk is cancelled as soon as the client hangs up, so that a hung one does not stay for ever."""

    def __init__(self, board: Switchboard, queues: Queues) -> None:
        super().__init__(asyncio.StreamReader(limit=_LONGEST_LINE), self._connected)
        self._board = board
        self._queues = queues
        self._talk: asyncio.Task[None] | None = None

    def eof_received(self) -> bool:
        self._cancel()
        return False  # close our side too

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talk = asyncio.get_running_loop().create_task(_Session(self._board, self._queues, reader, writer).run())

    def _cancel(self) -> None:
        if self._talk is not None:
            self._talk.cancel()


class _Session:
    """One client's talk, from greeting to goodbye."""

    def __init__(
        self, board: Switchboard, queues: Queues, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._board = board
        self._queues = queues
        self._reader = reader
        self._writer = writer
        self._user = ""
        self._by_uid = False
        """Whether the command under way counts messages by their numbers rather than their places."""
        self._uids: list[int] | None = None
        """The selected mailbox: a message's sequence number is its place here, counted from 1."""
        self._commands: dict[str, Callable[[str], Awaitable[str]]] = {
            "CAPABILITY": self._capability,
            "NOOP": self._noop,
            "LOGIN": self._login,
            "SELECT": self._select,
            "EXAMINE": self._select,
            "SEARCH": self._search,
            "FETCH": self._fetch,
            "STORE": self._store,
            "EXPUNGE": self._expunge,
        }

    async def run(self) -> None:
        try:
            self._untagged(f"OK [CAPABILITY {_CAPABILITIES}] the sandbox is ready")
            while await self._step():
                await self._writer.drain()
        except (HungUp, OSError, ValueError):
            pass  # ValueError is the stream's word for a line without an end
        finally:
            self._writer.close()

    async def _step(self) -> bool:
        """Answer one line; return False when the talk is over."""
        line = (await self._reader.readline()).decode(errors="replace").rstrip("\r\n")
        tag, _, rest = line.partition(" ")
        if not tag:
            return False
        name, _, arguments = rest.partition(" ")
        if name.upper() == "LOGOUT":
            self._untagged("BYE come again")
            self._write(f"{tag} OK logged out")
            return False
        self._write(f"{tag} {await self._answer(name.upper(), arguments)}")
        return True

    async def _answer(self, name: str, arguments: str) -> str:
        by_uid = name == "UID"
        if by_uid:
            name, _, arguments = arguments.partition(" ")
            name = name.upper()
        command = self._commands.get(name)
        if command is None or (by_uid and name not in {"SEARCH", "FETCH", "STORE", "EXPUNGE"}):
            return f"BAD no command of this server: {name}"
        if name in {"SEARCH", "FETCH", "STORE", "EXPUNGE"} and self._uids is None:
            return "BAD select a mailbox first"
        self._by_uid = by_uid
        try:
            return await command(arguments)
        except syntax.BadSyntax as error:
            return f"BAD {error}"

    async def _capability(self, _: str) -> str:
        self._untagged(f"CAPABILITY {_CAPABILITIES}")
        return "OK these"

    async def _noop(self, _: str) -> str:
        if self._uids is not None:
            self._refresh(self._uids)
        return "OK nothing done"

    async def _login(self, arguments: str) -> str:
        match syntax.words(arguments):
            case [user, password]:
                pass
            case _:
                raise syntax.BadSyntax("LOGIN takes a user and a password")
        try:
            await self._board.meet(JourneyName.EMAIL_ROUTING, user, StreamLine(self._writer.transport), follow_up=True)
        except Refused as refusal:
            if refusal.status is not None:
                return f"NO [UNAVAILABLE] the sandbox was told to fail with {refusal.status}"
        if password == WRONG_PASSWORD:
            return "NO [AUTHENTICATIONFAILED] user or password is wrong"
        self._user = user
        return "OK logged in"

    async def _select(self, _: str) -> str:
        if not self._user:
            return "BAD log in first"
        self._uids = [mail.uid for mail in self._queues.in_queue(self._user)]
        self._untagged(r"FLAGS (\Seen \Deleted)")
        self._untagged(f"{len(self._uids)} EXISTS")
        self._untagged("0 RECENT")
        self._untagged("OK [UIDVALIDITY 1] for as long as the sandbox runs")
        return "OK [READ-WRITE] selected"

    async def _search(self, arguments: str) -> str:
        matches = syntax.search(arguments)
        uids = self._refresh(self._uids or [])
        hits = [uid if self._by_uid else place for place, uid in enumerate(uids, 1) if self._matches(uid, matches)]
        self._untagged(" ".join(["SEARCH", *map(str, hits)]))
        return "OK searched"

    async def _fetch(self, arguments: str) -> str:
        wanted, _, items = arguments.partition(" ")
        if self._by_uid and "UID" not in items.upper():
            items = f"UID {items}"
        for place, mail in self._mails(wanted):
            self._write_fetch(place, syntax.fetch(items, mail))
        return "OK fetched"

    async def _store(self, arguments: str) -> str:
        wanted, _, change = arguments.partition(" ")
        for place, mail in self._mails(wanted):
            changed = self._queues.flag(mail, syntax.change_flags(change, mail.flags))
            if ".SILENT" not in change.upper():
                self._write_fetch(place, syntax.fetch("UID FLAGS" if self._by_uid else "FLAGS", changed))
        return "OK stored"

    async def _expunge(self, arguments: str) -> str:
        uids = self._uids or []
        limits = syntax.numbers(arguments, max(uids, default=0)) if self._by_uid else None
        for uid in list(uids):
            mail = self._queues.get(uid)
            if mail is not None and _DELETED in mail.flags and (limits is None or syntax.holds(limits, uid)):
                self._queues.remove(uid)
                self._untagged(f"{uids.index(uid) + 1} EXPUNGE")
                uids.remove(uid)
        return "OK expunged"

    def _refresh(self, uids: list[int]) -> list[int]:
        """Add what has come in since; what another client removed keeps its place and is not found."""
        last = max(uids, default=0)
        new = [mail.uid for mail in self._queues.in_queue(self._user) if mail.uid > last]
        if new:
            uids += new
            self._untagged(f"{len(uids)} EXISTS")
        return uids

    def _mails(self, wanted: str) -> list[tuple[int, QueuedMail]]:
        uids = self._uids or []
        ranges = syntax.numbers(wanted, max(uids, default=0) if self._by_uid else len(uids))
        places = [
            (place, self._queues.get(uid))
            for place, uid in enumerate(uids, 1)
            if syntax.holds(ranges, uid if self._by_uid else place)
        ]
        return [(place, mail) for place, mail in places if mail is not None]

    def _matches(self, uid: int, matches: syntax.Matches) -> bool:
        mail = self._queues.get(uid)
        return mail is not None and matches(mail)

    def _write_fetch(self, place: int, items: bytes) -> None:
        self._writer.write(b"* %d FETCH (%s)\r\n" % (place, items))

    def _untagged(self, text: str) -> None:
        self._write(f"* {text}")

    def _write(self, text: str) -> None:
        self._writer.write(f"{text}\r\n".encode())
