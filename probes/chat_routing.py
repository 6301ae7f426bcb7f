"""A customer's chat reaches an agent of the right queue, and the agent answers."""

import json
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from omwatch.probe import HttpSettings, Journey, Unmet, probe

NOT_JSON = (ValueError, RecursionError)  # what json.loads says of messages that are none


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has; the subject is the queue."""

    chat_path: str = "/chat"
    open_within: float = 5.0  # seconds
    offered_within: float = 5.0  # seconds
    answered_within: float = 5.0  # seconds


@probe(Settings, unit="interaction", noun="chat", failures=(WebSocketException, *NOT_JSON))
async def chat_routing(journey: Journey, settings: Settings) -> None:
    """Open a chat to one queue, see it offered to an agent there, exchange one message."""
    server = settings.base_url.replace("http", "ws", 1)
    query = urlencode({"queue": journey.subject, "customer": journey.marker})
    address = f"{server}{settings.chat_path}?{query}"
    tls = journey.ssl if address.startswith("wss:") else None

    async with journey.step("open the chat", within=settings.open_within):
        chat = await connect(address, ssl=tls, proxy=None, open_timeout=None, close_timeout=1)

    async with chat:
        async with journey.step("be offered to an agent", within=settings.offered_within):
            match json.loads(await chat.recv()):
                case {"event": "offered", "queue": queue} if queue == journey.subject:
                    pass
                case {"event": "offered", "queue": queue}:
                    raise Unmet(f"offered to an agent of queue {queue!r}, expected {journey.subject!r}")
                case other:
                    raise Unmet(f"expected an offer to an agent of queue {journey.subject!r}, got {other!r}")

        async with journey.step("exchange a message", within=settings.answered_within):
            await chat.send(json.dumps({"text": f"Hello, this is {journey.marker}"}))
            match json.loads(await chat.recv()):
                case {"event": "message", "text": str(text)} if journey.marker in text:
                    pass
                case other:
                    raise Unmet(f"expected an answer that quotes {journey.marker!r}, got {other!r}")
