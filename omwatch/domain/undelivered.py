"""Why notices do not arrive: the same trouble in the same words, however many it concerns."""

import re

from omwatch.domain.fingerprint import fingerprint

_REPLY = re.compile(r"(?P<code>[245][0-9]{2}(?:[ -][245]\.[0-9]{1,3}\.[0-9]{1,3})?)(?: +(?P<text>.*))?")


def reason(error: str) -> str:
    """Return the stable short form of what went wrong; a mail server's code stays as it is.

    "550 5.1.1 <ada@example.com> unknown" and a thousand of its like are one reason: "550 5.1.1 <…> unknown".
    """
    reply = _REPLY.fullmatch(error)
    if reply is None:
        return fingerprint(error)
    return f"{reply['code']} {fingerprint(reply['text'] or '')}".rstrip()
