"""An e-mail to a mailbox is routed into the queue of the same name."""

from typing import Literal

from aiosmtplib import SMTP, SMTPException

from omwatch.probe import HttpSettings, Journey, Mailbox, Unmet, expect, probe


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has; the subject is the mailbox and the queue."""

    smtp: str  # host:port
    smtp_tls: bool = False  # log in over TLS, as mail programs do on port 465; else STARTTLS where it is offered
    via: Literal["http", "imap"] = "http"
    imap: str = ""  # host:port, for via = "imap"; user and password open the queue's mailbox
    imap_tls: bool = False  # speak TLS from the start, as on port 993 in any case
    emails_path: str = "/emails"
    domain: str = "contact-centre.test"
    within: float = 5.0  # seconds, for each step


@probe(Settings, unit="interaction", noun="e-mail", failures=(SMTPException,))
async def email_routing(journey: Journey, settings: Settings) -> None:
    """Send an e-mail whose subject no other has, see it in the right queue, remove it."""
    user, password = settings.credentials(journey.subject).values()

    async with journey.step("send the e-mail"):
        sender, to = f"probe@{settings.domain}", f"{journey.subject}@{settings.domain}"
        host, port = settings.smtp.rsplit(":", 1)
        smtp = SMTP(hostname=host, port=int(port), local_hostname=settings.domain, timeout=settings.within)
        await smtp.connect(use_tls=settings.smtp_tls, tls_context=journey.ssl)
        async with smtp:
            if settings.smtp_tls:
                await smtp.login(user, password)
            await smtp.sendmail(sender, to, f"From: {sender}\r\nTo: {to}\r\nSubject: {journey.marker}\r\n\r\nA test.")

    if settings.via == "imap":
        async with (
            journey.step("see it in the mailbox and remove it", within=settings.within),
            Mailbox(settings.imap, journey.ssl, tls=settings.imap_tls, timeout=settings.within) as mailbox,
        ):
            await mailbox.log_in(user, password)
            while not (places := await mailbox.find(journey.marker)):
                await journey.sleep(0.2)
            await mailbox.remove(places)
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
