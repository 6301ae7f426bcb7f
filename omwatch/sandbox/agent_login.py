"""The media bar: agents log in, become ready, and log out."""

from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omwatch.clock import new_token
from omwatch.sandbox.fault import JourneyName
from omwatch.sandbox.shelf import Shelf
from omwatch.sandbox.switchboard import Switchboard
from omwatch.sandbox.web import meet, read_object, text_of

WRONG_PASSWORD = "wrong"  # noqa: S105 - the one password that is refused
_MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    user: str
    state: str
    """connecting, then ready; or aux, from which an agent gets no calls, when the fault says so."""


class MediaBar:
    """Sessions of agents, in memory."""

    def __init__(self, board: Switchboard) -> None:
        """Start with nobody logged in."""
        self._board = board
        self._sessions: Shelf[str, _Session] = Shelf(_MOST_SESSIONS)

    def routes(self) -> list[Route]:
        """Return what this journey serves."""
        return [
            Route("/media-bar/login", self._log_in, methods=["POST"]),
            Route("/media-bar/login/{token}", self._look, methods=["GET"]),
            Route("/media-bar/login/{token}", self._log_out, methods=["DELETE"]),
        ]

    async def _log_in(self, request: Request) -> Response:
        credentials = await read_object(request)
        user, password = text_of(credentials, "user"), text_of(credentials, "password", least=0)
        wrong = await meet(self._board, JourneyName.AGENT_LOGIN, user, request)
        if password == WRONG_PASSWORD:
            raise HTTPException(401, "user or password is wrong")
        session = _Session(new_token(), user, "aux" if wrong else "connecting")
        self._sessions.put(session.token, session)
        return _show(session)

    async def _look(self, request: Request) -> Response:
        session = self._sessions.get(request.path_params["token"])
        if session is None:
            raise HTTPException(404, "there is no such session")
        if session.state == "connecting":
            session = replace(session, state="ready")
            self._sessions.put(session.token, session)
        return _show(session)

    async def _log_out(self, request: Request) -> Response:
        if self._sessions.take(request.path_params["token"]) is None:
            raise HTTPException(404, "there is no such session")
        return Response(status_code=204)


def _show(session: _Session) -> Response:
    return JSONResponse({"session": session.token, "user": session.user, "state": session.state})
