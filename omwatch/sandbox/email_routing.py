"""E-mail routing: SMTP in, routed by the recipient's local part into a queue; looked up over HTTP."""

from email import message_from_bytes, policy

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omwatch.clock import Clock
from omwatch.domain.safetext import clean
from omwatch.sandbox.fault import JourneyName
from omwatch.sandbox.queues import QueuedMail, Queues, another_queue
from omwatch.sandbox.smtp import ACCEPTED, Letter, StreamLine
from omwatch.sandbox.switchboard import Refused, Switchboard
from omwatch.sandbox.web import TOLD_TO_FAIL, WebLine

LARGEST_LETTER = 65_536


class MailRouter:
    """Routes letters into queues, and shows what is there."""

    def __init__(self, board: Switchboard, queues: Queues, clock: Clock) -> None:
        """Route into the given queues."""
        self._board = board
        self._queues = queues
        self._clock = clock

    async def deliver(self, letter: Letter, line: StreamLine) -> str:
        """Route one letter for each of its recipients and return the SMTP reply."""
        for address in letter.recipients:
            mailbox = address.partition("@")[0].lower()
            try:
                wrong = await self._board.meet(JourneyName.EMAIL_ROUTING, mailbox, line)
            except Refused as refusal:
                if refusal.status is not None:
                    return f"{refusal.status} 5.3.0 {TOLD_TO_FAIL}"
                continue  # taken and never routed: the quiet failure that only a journey can see
            self._queues.route(
                queue=another_queue(mailbox) if wrong else mailbox,
                mailbox=mailbox,
                subject=_subject(letter.raw),
                raw=letter.raw,
                now=self._clock.now(),
            )
        return ACCEPTED

    def routes(self) -> list[Route]:
        """Return what this journey serves over HTTP."""
        return [
            Route("/emails", self._list_mailbox, methods=["GET"]),
            Route("/queues/{queue}/emails", self._list_queue, methods=["GET"]),
            Route("/emails/{uid:int}", self._remove, methods=["DELETE"]),
            Route("/queues/{queue}/emails/{uid:int}", self._remove, methods=["DELETE"]),
        ]

    async def _list_mailbox(self, request: Request) -> Response:
        mailbox = request.query_params.get("mailbox", "")
        await self._meet(mailbox, request)
        return _show(self._queues.sent_to(mailbox), request)

    async def _list_queue(self, request: Request) -> Response:
        queue = request.path_params["queue"]
        await self._meet(queue, request)
        return _show(self._queues.in_queue(queue), request)

    async def _remove(self, request: Request) -> Response:
        if not self._queues.remove(request.path_params["uid"]):
            raise HTTPException(404, "there is no such e-mail")
        return Response(status_code=204)

    async def _meet(self, mailbox: str, request: Request) -> None:
        try:
            await self._board.meet(JourneyName.EMAIL_ROUTING, mailbox, WebLine(request), follow_up=True)
        except Refused as refusal:
            if refusal.status is not None:
                raise HTTPException(refusal.status, TOLD_TO_FAIL) from refusal


def _show(mails: list[QueuedMail], request: Request) -> Response:
    wanted = request.query_params.get("subject", "")
    return JSONResponse(
        {
            "emails": [
                {"id": mail.uid, "queue": mail.queue, "mailbox": mail.mailbox, "subject": mail.subject}
                for mail in mails
                if wanted in mail.subject
            ]
        }
    )


def _subject(raw: bytes) -> str:
    try:
        return clean(str(message_from_bytes(raw, policy=policy.default).get("Subject", "")))
    except Exception:  # noqa: BLE001 - the email package raises whatever it likes on a broken header
        return ""
