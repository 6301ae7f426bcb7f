"""The control port: faults in, notices out; never subject to faults itself."""

from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omwatch.sandbox.fault import Fault, JourneyName
from omwatch.sandbox.sink import Sink
from omwatch.sandbox.web import read_object


class Controlled(Protocol):
    """What the control port may do to a sandbox."""

    async def inject(self, journey: JourneyName, fault: Fault) -> None:
        """Put a fault in force."""
        ...

    async def clear(self, *journeys: JourneyName) -> None:
        """Make journeys healthy, all of them when none is named."""
        ...

    def faults(self) -> dict[JourneyName, Fault]:
        """Return the faults in force."""
        ...


class Control:
    """Faults and notices over HTTP."""

    def __init__(self, sandbox: Controlled, sink: Sink) -> None:
        """Control this sandbox."""
        self._sandbox = sandbox
        self._sink = sink

    def routes(self) -> list[Route]:
        """Return what the control port serves."""
        return [
            Route("/faults", self._list_faults, methods=["GET"]),
            Route("/faults", self._clear_all, methods=["DELETE"]),
            Route("/faults/{journey}", self._inject, methods=["PUT"]),
            Route("/faults/{journey}", self._clear, methods=["DELETE"]),
            Route("/mail", self._list_mail, methods=["GET"]),
            Route("/mail", self._clear_mail, methods=["DELETE"]),
        ]

    async def _list_faults(self, _: Request) -> Response:
        return JSONResponse({journey: fault.to_json() for journey, fault in self._sandbox.faults().items()})

    async def _inject(self, request: Request) -> Response:
        journey = _journey(request)
        try:
            fault = Fault.from_json(await read_object(request))
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        await self._sandbox.inject(journey, fault)
        return JSONResponse(fault.to_json())

    async def _clear(self, request: Request) -> Response:
        await self._sandbox.clear(_journey(request))
        return Response(status_code=204)

    async def _clear_all(self, _: Request) -> Response:
        await self._sandbox.clear()
        return Response(status_code=204)

    async def _list_mail(self, _: Request) -> Response:
        return JSONResponse([notice.to_json() for notice in self._sink.notices()])

    async def _clear_mail(self, _: Request) -> Response:
        self._sink.clear()
        return Response(status_code=204)


def _journey(request: Request) -> JourneyName:
    try:
        return JourneyName(request.path_params["journey"])
    except ValueError as error:
        raise HTTPException(404, f"no such journey; there are {', '.join(JourneyName)}") from error
