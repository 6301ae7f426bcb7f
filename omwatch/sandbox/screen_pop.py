"""Flows: an interaction comes in, its flow runs, and the caller's record pops up on a screen."""

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

FLOW = "inbound-voice"
RECORD_PREFIX = "crm-"
"""A caller's record is this and the caller's name."""
_MOST_INTERACTIONS = 10_000


@dataclass(frozen=True, slots=True)
class _Interaction:
    token: str
    caller: str
    record: str
    completed: bool = False


class Flows:
    """Interactions and what they popped up, in memory."""

    def __init__(self, board: Switchboard) -> None:
        """Start with no interactions."""
        self._board = board
        self._interactions: Shelf[str, _Interaction] = Shelf(_MOST_INTERACTIONS)

    def routes(self) -> list[Route]:
        """Return what this journey serves."""
        return [
            Route("/interactions", self._raise_interaction, methods=["POST"]),
            Route("/interactions/{token}", self._look, methods=["GET"]),
        ]

    async def _raise_interaction(self, request: Request) -> Response:
        caller = text_of(await read_object(request), "caller")
        wrong = await meet(self._board, JourneyName.SCREEN_POP, caller, request)
        record = RECORD_PREFIX + ("somebody-else" if wrong else caller)
        interaction = _Interaction(new_token(), caller, record)
        self._interactions.put(interaction.token, interaction)
        return JSONResponse({"interaction": interaction.token}, status_code=202)

    async def _look(self, request: Request) -> Response:
        found = self._interactions.get(request.path_params["token"])
        if found is None:
            raise HTTPException(404, "there is no such interaction")
        # The first look sees the flow still running, so that whoever asks learns to ask again.
        self._interactions.put(found.token, replace(found, completed=True))
        pop = {"record": found.record, "caller": found.caller} if found.completed else None
        state = "completed" if found.completed else "running"
        return JSONResponse({"flow": {"name": FLOW, "state": state}, "pop": pop})
