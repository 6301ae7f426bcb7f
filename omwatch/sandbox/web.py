"""HTTP and WebSocket listeners: Starlette applications served by uvicorn's protocol on our own sockets."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.config import Config
from uvicorn.server import ServerState

from omwatch.sandbox.fault import JourneyName
from omwatch.sandbox.listener import HOST, Listener, reset
from omwatch.sandbox.switchboard import HungUp, Refused, Switchboard

REFUSAL = 503
TOLD_TO_FAIL = "the sandbox was told to fail"
_LARGEST_BODY = 65_536
_LONGEST_TEXT = 200
_RESET = "omwatch.reset"


class WebListener(Listener):
    """One Starlette application on one port."""

    def __init__(self, routes: Sequence[BaseRoute], port: int = 0) -> None:
        """Reserve the port and build the application; nothing is served yet."""
        self._app = Starlette(
            routes=routes,
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
            exception_handlers={HTTPException: _error, HungUp: _silence, ClientDisconnect: _silence},
        )
        # uvicorn's own Server would take the signals, wait politely for hung clients, and could not close for a while.
        self._config = Config(
            self._serve,
            interface="asgi3",
            http="h11",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            ws_max_size=_LARGEST_BODY,
            ws_per_message_deflate=False,
        )
        self._config.load()
        self._state = ServerState()
        super().__init__(self._make_http, port)

    @property
    def url(self) -> str:
        """The address as ``http://127.0.0.1:PORT``."""
        return f"http://{self.address}"

    @property
    def requests(self) -> set[asyncio.Task[None]]:
        """The requests being answered now."""
        return set(self._state.tasks)

    def _make_http(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self._config.http_protocol_class(  # type: ignore[call-arg] # as uvicorn's Server does
            config=self._config, server_state=self._state, app_state={}
        )
        return protocol

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_RESET] = lambda: reset(self.transport_of(scope["client"]))
        await self._app(scope, receive, send)


class WebLine:
    """The connection behind a request or a chat, for :class:`omwatch.sandbox.switchboard.Line`."""

    def __init__(self, connection: Request | WebSocket) -> None:
        """Wrap a request whose body has been read, or a WebSocket that is being opened."""
        self._connection = connection

    def reset(self) -> None:
        """Cut the connection by TCP RST."""
        self._connection.scope[_RESET]()

    async def gone(self) -> None:
        """Wait until the client has hung up."""
        receive = self._connection.receive
        while not (await receive())["type"].endswith(".disconnect"):
            pass


async def meet(board: Switchboard, journey: JourneyName, subject: str, request: Request) -> bool:
    """Let the fault in force act on a request; return whether the answer must be wrong.

    Raises:
        HTTPException: the fault refuses the request.
        HungUp: the connection is gone; the application then answers nothing.
    """
    try:
        return await board.meet(journey, subject, WebLine(request))
    except Refused as refusal:
        raise HTTPException(refusal.status or REFUSAL, TOLD_TO_FAIL) from refusal


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body of a request, whatever its keys.

    Raises:
        HTTPException: 413 for a body above 64 KiB, 400 for anything but an object.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise HTTPException(413, "the body is too large")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise HTTPException(400, "the body is not JSON") from error
    if not isinstance(found, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return found


def text_of(found: dict[str, Any], key: str, *, least: int = 1) -> str:
    """Return the text under a key of a JSON object, of at least so many characters.

    Raises:
        HTTPException: 400 when it is missing, too short, too long or no text.
    """
    value = found.get(key, "")
    if not isinstance(value, str) or not least <= len(value) <= _LONGEST_TEXT:
        raise HTTPException(400, f"{key} must be a text of {least} to {_LONGEST_TEXT} characters")
    return value


async def _error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


async def _silence(_: HTTPConnection, __: Exception) -> Response:
    return _Silence()


class _Silence(Response):
    """No answer at all: the client is gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""
