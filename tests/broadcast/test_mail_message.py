"""What a message looks like on the wire, whatever its notice says: parsed back as a mail client would."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from html import escape
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from omwatch.broadcast.message import Mould
from omwatch.broadcast.rendering import UNSUBSCRIBE, Rendered, render
from omwatch.broadcast.specimens import specimens

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
SENDER = "OpenMethods Status <status@openmethods.com>"
MESSAGE_ID = "<update-1-subscriber-1@status.example.com>"
URL = "https://status.example.com/unsubscribe?token=.a=b&c=d'e"

awkward = st.text(
    st.sampled_from([*"ab .=\t\r\n<>&'\"", "é", "–", "語", "\x00", "\x0b", "\x85", "\u2028", "😀"]), max_size=200
)
bodies = st.lists(awkward | st.text(max_size=80), min_size=1, max_size=4).map(UNSUBSCRIBE.join)


def cast(content: Rendered, url: str = URL, to: str = "ada@example.com", message_id: str = MESSAGE_ID) -> bytes:
    return Mould(content, SENDER).cast(to, message_id, AT, url)


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def bodies_of(raw: bytes) -> list[str]:
    found = []
    for part in parsed(raw).iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append(payload.decode("utf-8").replace("\r\n", "\n"))
    return found


def arrives_as(body: str, link: str) -> str:
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    return (lines if lines.endswith("\n") else f"{lines}\n").replace(UNSUBSCRIBE, link)


@given(text=bodies, html=bodies)
@example(text=f"{'x' * 5000}{UNSUBSCRIBE}{'.' * 500}\n", html=f"<a href='{UNSUBSCRIBE}'>{'ü' * 3000}</a>")
@example(text=f".{UNSUBSCRIBE}.\n.\n..\nFrom here\n", html=f"{UNSUBSCRIBE}{UNSUBSCRIBE}")
@example(text=f"trailing {UNSUBSCRIBE} \n\t\n", html=f"{UNSUBSCRIBE}\n")
@example(text=f"a\r{UNSUBSCRIBE}\nb=\r\n=3D=20=", html="--=_omwatch--\n--=_omwatch\n")
def test_every_body_arrives_as_it_was_written_with_the_recipients_own_link(text: str, html: str) -> None:
    raw = cast(Rendered("subject", text, html))
    assert bodies_of(raw) == [arrives_as(text, URL), arrives_as(html, escape(URL))]


@given(text=bodies, html=bodies)
@example(text=f"{'x' * 75} \n", html=f"{'x' * 75}{UNSUBSCRIBE}")
@example(text=f"{'x' * 76}{UNSUBSCRIBE}", html=f"{'ü' * 12}xxx \n")
def test_the_wire_carries_plain_ascii_in_short_lines(text: str, html: str) -> None:
    raw = cast(Rendered("subject", text, html))
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    _, body = raw.split(b"\r\n\r\n", 1)
    assert max(map(len, body.split(b"\r\n"))) <= 76


def test_a_character_that_is_none_is_replaced() -> None:
    assert bodies_of(cast(Rendered("\ud800", "lone \ud800", "<p>\udfff</p>"))) == ["lone ?\n", "<p>?</p>\n"]


@given(subject=st.text(max_size=120))
@example(subject="=?utf-8?q?Down=0D=0ABcc=3A_eve=40example=2Ecom?=")
@example(subject="ü" * 300)
def test_no_subject_changes_the_head(subject: str) -> None:
    raw = cast(Rendered(subject, "text", "<p>html</p>"))
    head = raw.split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert re.sub(r"\r\n(?= )", "", head).replace("\r\n", "").isprintable()
    assert list(map(str.lower, parsed(raw).keys())) == [
        "subject",
        "from",
        "to",
        "date",
        "message-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "auto-submitted",
        "mime-version",
        "content-type",
    ]


@given(message_id=st.text(min_size=1, max_size=80), url=st.text(min_size=1, max_size=80))
@example(message_id="<a@b>\r\nBcc: eve@example.com", url="https://x>\r\nBcc: <eve@example.com>")
def test_neither_a_message_id_nor_a_link_can_add_a_header(message_id: str, url: str) -> None:
    raw = cast(Rendered("subject", f"{UNSUBSCRIBE}\n", "<p>html</p>"), url=url, message_id=message_id)
    head = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert [line.split(b":")[0] for line in head].count(b"Bcc") == 0
    assert len(head) == 10
    assert re.fullmatch(rb"List-Unsubscribe: <[!-;=?-~]*>", head[5])
    if not any("\ud800" <= character <= "\udfff" for character in url):
        assert unquote(head[5].decode("ascii")[19:-1]) == unquote(url)


def test_mail_clients_can_unsubscribe_with_one_click() -> None:
    message = parsed(cast(Rendered("subject", "text", "html"), url="https://status.example.com/u/abc"))
    assert message.get_all("List-Unsubscribe") == ["<https://status.example.com/u/abc>"]
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]


def test_without_a_link_the_mail_speaks_of_none() -> None:
    content = next(render(notice) for notice in specimens())
    raw = cast(content, url="")
    assert "List-Unsubscribe" not in parsed(raw)
    assert bodies_of(raw) == [arrives_as(content.bare_text, ""), arrives_as(content.bare_html, "")]


def test_no_placeholder_reaches_anybody() -> None:
    content = Rendered("subject", f"Leave: {UNSUBSCRIBE}\n", f"<a href='{UNSUBSCRIBE}'>Leave</a>")
    assert all("placeholder" not in body for body in bodies_of(cast(content, url="")))


def test_every_shipped_notice_carries_the_link_in_both_bodies() -> None:
    for notice in specimens():
        text, html = bodies_of(cast(render(notice), url="https://status.example.com/u/abc?x=1&y=2"))
        assert "https://status.example.com/u/abc?x=1&y=2" in text
        assert "https://status.example.com/u/abc?x=1&amp;y=2" in html
        assert "placeholder" not in text + html


def test_what_is_a_recipients_own_is_the_only_difference_between_two() -> None:
    mould = Mould(Rendered("subject", f"text {UNSUBSCRIBE}\n", "<p>html</p>"), SENDER)
    ada = mould.cast("ada@example.com", "<1@x.test>", AT, "https://x.test/ada")
    assert mould.cast("bob@example.com", "<2@x.test>", AT, "https://x.test/bob") == ada.replace(b"ada", b"bob").replace(
        b"<1@", b"<2@"
    )
    assert parsedate_to_datetime(parsed(ada)["Date"]) == AT
