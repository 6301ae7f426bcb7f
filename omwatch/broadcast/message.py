"""A notice as it goes over the wire: encoded once, then finished for each recipient.

To render and encode a message takes many times longer than to hand it over, so what all recipients share is made once.
The parts are quoted-printable, in which a soft line break means nothing: each stretch of text is encoded by itself, and
between two of them any link fits, whatever stands around it. Everything is plain ASCII in short lines.
"""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime, parseaddr
from html import escape
from urllib.parse import quote

from omwatch.broadcast.rendering import UNSUBSCRIBE, Rendered
from omwatch.domain.safetext import clean

_POLICY = SMTP.clone(cte_type="7bit")  # not every server takes 8-bit bodies
_BOUNDARY = b"=_omwatch"
"""Never part of quoted-printable text, where hexadecimal digits or the end of the line come after a "="."""
_SOFT_BREAK = b"=\r\n"
_LINE = 75  # one less than a line may have, so that a soft break fits in after it
_UNSAFE = re.compile(r"[^!-~]")
_SAFE_IN_URLS = "%/:?#[]@!$&'()*+,;=~"


class Mould:
    """One notice, ready but for what is each recipient's own."""

    def __init__(self, content: Rendered, sender: str) -> None:
        """Encode what all recipients share.

        Raises:
            ValueError: the sender is no address.
        """
        self._begins = _head(content.subject, sender)
        self._linked = _pieces(content.text), _pieces(content.html)
        self._bare = _pieces(content.bare_text or content.text), _pieces(content.bare_html or content.html)

    def cast(self, to: str, message_id: str, at: datetime, unsubscribe_url: str = "") -> bytes:
        """Return the message to one recipient.

        Args:
            to: a strict addr-spec (:func:`omwatch.domain.subscriber.email_address`).
            message_id: its own, with angle brackets.
            at: when it is sent.
            unsubscribe_url: takes the place of the link in the bodies, and stands in the head for mail clients;
                without one, the bodies are those that speak of none.
        """
        url = quote(unsubscribe_url, safe=_SAFE_IN_URLS, errors="replace")
        text, html = self._linked if url else self._bare
        return b"".join(
            (
                self._begins,
                f"To: {to}\r\n"
                f"Date: {format_datetime(at)}\r\n"
                f"Message-ID: {_UNSAFE.sub('?', message_id)}\r\n"
                f"{_one_click(url)}".encode("ascii"),
                _UNTIL_TEXT,
                _spliced(text, url),
                _UNTIL_HTML,
                _spliced(html, escape(url)),
                _END,
            )
        )


def _one_click(url: str) -> str:
    """Return what lets mail clients offer to unsubscribe (RFC 8058)."""
    if not url:
        return ""
    return f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def _head(subject: str, sender: str) -> bytes:
    name, address = parseaddr(sender)
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = _header(subject)
    message["From"] = Address(_header(name), addr_spec=address)
    return message.as_bytes().removesuffix(b"\r\n")  # the empty line after a whole head


def _header(text: str) -> str:
    # Python's parser decodes an encoded word, and before 3.11.10 writes line breaks in it into the head as they are.
    return clean(text).replace("=?", "= ?")


def _pieces(body: str) -> tuple[bytes, ...]:
    """Return what stands before, between and after the places of the link, encoded."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    ended = lines if lines.endswith("\n") else f"{lines}\n"
    return tuple(_quoted(piece.encode("utf-8", errors="replace")) for piece in ended.split(UNSUBSCRIBE))


def _spliced(pieces: tuple[bytes, ...], link: str) -> bytes:
    if len(pieces) == 1:
        return pieces[0]
    return b"".join((_SOFT_BREAK, _quoted(link.encode("ascii")), _SOFT_BREAK)).join(pieces)


def _quoted(text: bytes) -> bytes:
    # The other encoder of Python, binascii.b2a_qp, lets a line that ends with a space grow too long.
    return body_encode(text.decode("latin-1"), maxlinelen=_LINE, eol="\r\n").encode("ascii")


def _part(kind: bytes) -> bytes:
    return b"".join(
        (
            b"--" + _BOUNDARY + b"\r\n",
            b'Content-Type: text/%s; charset="utf-8"\r\n' % kind,
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        )
    )


_UNTIL_TEXT = b"".join(
    (
        b"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
        b'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % _BOUNDARY,
        _part(b"plain"),
    )
)
_UNTIL_HTML = b"\r\n" + _part(b"html")
_END = b"\r\n--%s--\r\n" % _BOUNDARY
