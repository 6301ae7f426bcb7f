"""An e-mail to a mailbox is routed into the queue of the same name."""

from typing import Literal

from aioimaplib import IMAP4, AioImapException  # type: ignore[import-untyped] # it ships no types
from aiosmtplib import SMTP, SMTPException

from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has; the subject is the mailbox and the queue."""

    smtp: str  # host:port
    via: Literal["http", "imap"] = "http"
    imap: str = ""  # host:port, for via = "imap"; user and password open the queue's mailbox
    emails_path: str = "/emails"
    domain: str = "contact-centre.test"
    within: float = 5.0  # seconds, for each step


@probe(Settings, unit="interaction", noun="e-mail", failures=(SMTPException, AioImapException))
async def email_routing(journey: Journey, settings: Settings) -> None:
    """Send an e-mail whose subject no other has, see it in the right queue, remove it."""
    async with journey.step("send the e-mail"):
        sender, to = f"probe@{settings.domain}", f"{journey.subject}@{settings.domain}"
        host, port = settings.smtp.rsplit(":", 1)
        async with SMTP(hostname=host, port=int(port), local_hostname=settings.domain, timeout=settings.within) as smtp:
            await smtp.sendmail(sender, to, f"From: {sender}\r\nTo: {to}\r\nSubject: {journey.marker}\r\n\r\nA test.")
    if settings.via == "imap":
        await _see_by_imap(journey, settings)
        return
    async with journey.step("see it routed and remove it", within=settings.within):
        while True:
            wanted = {"mailbox": journey.subject, "subject": journey.marker}
            match expect(await journey.http.get(settings.emails_path, params=wanted), 200).json():
                case {"emails": []}:
                    await journey.sleep(0.2)
                case {"emails": [{"id": int(number), "queue": queue}]} if queue == journey.subject:
                    break
                case answer:
                    raise Unmet(f"expected one e-mail in queue {journey.subject!r}, got {answer!r}")
        expect(await journey.http.delete(f"{settings.emails_path}/{number}"), 204)


async def _see_by_imap(journey: Journey, settings: Settings) -> None:
    client = IMAP4(*settings.imap.rsplit(":", 1))
    try:
        async with journey.step("see it in the mailbox and remove it", within=settings.within):
            await client.wait_hello_from_server()
            if (login := await client.login(*settings.credentials(journey.subject).values())).result != "OK":
                raise Unmet(f"expected to log in by IMAP, got {login.lines!r}")
            await client.select()
            while not (numbers := (await client.uid_search("SUBJECT", f'"{journey.marker}"')).lines[0].split()):
                await journey.sleep(0.2)
            await client.uid("store", numbers[0].decode(), "+FLAGS", r"(\Deleted)")
            await client.expunge()
    finally:
        if client.protocol.transport:
            client.protocol.transport.close()
