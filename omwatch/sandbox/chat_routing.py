"""Chats: a customer's WebSocket is offered to an agent of the queue, who answers every message."""

import json
from contextlib import suppress
from typing import NoReturn

from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from omwatch.sandbox.fault import JourneyName
from omwatch.sandbox.queues import another_queue
from omwatch.sandbox.switchboard import HungUp, Refused, Switchboard
from omwatch.sandbox.web import REFUSAL, TOLD_TO_FAIL, WebLine

AGENT = "agent-07"
_LONGEST_QUEUE = 200


class ChatDesk:
    """Agents who take every chat at once."""

    def __init__(self, board: Switchboard) -> None:
        """Open the desk."""
        self._board = board

    def routes(self) -> list[WebSocketRoute]:
        """Return what this journey serves."""
        return [WebSocketRoute("/chat", self._chat)]

    async def _chat(self, chat: WebSocket) -> None:
        queue = chat.query_params.get("queue", "")
        await chat.receive()  # the handshake, held open until a fault has had its say
        if not 0 < len(queue) <= _LONGEST_QUEUE:
            await _deny(chat, 400, "name a queue")
        # Customers may leave at any moment.
        with suppress(WebSocketDisconnect, HungUp):
            await self._answer(chat, queue)

    async def _answer(self, chat: WebSocket, queue: str) -> None:
        try:
            wrong = await self._board.meet(JourneyName.CHAT_ROUTING, queue, WebLine(chat))
        except Refused as refusal:
            await _deny(chat, refusal.status or REFUSAL, TOLD_TO_FAIL)
        await chat.accept()
        offered_to = another_queue(queue) if wrong else queue
        await chat.send_json({"event": "offered", "queue": offered_to, "agent": AGENT})
        while True:
            await chat.send_json(_reply(await chat.receive_text()))


async def _deny(chat: WebSocket, status: int, reason: str) -> NoReturn:
    await chat.send_denial_response(JSONResponse({"error": reason}, status_code=status))
    # uvicorn takes a denial for a forgotten handshake and logs it as an error, unless the client is gone.
    raise ClientDisconnected


def _reply(message: str) -> dict[str, str]:
    try:
        text = json.loads(message)["text"]
    except (ValueError, KeyError, TypeError):
        return {"event": "error", "text": 'send {"text": "..."}'}
    return {"event": "message", "agent": AGENT, "text": f"You wrote: {text}"}
