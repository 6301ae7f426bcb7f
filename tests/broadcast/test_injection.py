"""Outside text can be read and never acts: no header, no element, no link, no mention, no escape."""

import asyncio
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from apprise.common import NotifyFormat
from apprise.conversion import convert_between
from apprise.plugins.discord import USER_ROLE_DETECTION_RE
from apprise.plugins.google_chat import NotifyGoogleChat
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.workflows import WORKFLOWS_MENTION_RE
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.broadcast import markdown
from omwatch.broadcast.condensed import CHAT_LIMIT
from omwatch.broadcast.mail import Answer, Letter, MailService, Verdict
from omwatch.broadcast.message import Mould
from omwatch.broadcast.rendering import UNSUBSCRIBE, Rendered, render_folded
from omwatch.broadcast.short import LIMIT
from omwatch.clock import FakeClock
from omwatch.domain.event import Event, EventKind, EventStatus, Subprocessor, Update
from omwatch.domain.notice import Notice, notice
from omwatch.domain.safetext import clean, is_clean
from omwatch.domain.severity import ComponentStatus, Severity
from tests.broadcast.conftest import SENDER
from tests.broadcast.corpus import CORPUS, HEADERS, MARKUP
from tests.broadcast.mail_server import MailServer
from tests.broadcast.reading import APART, Markup, chat, mail
from tests.domain.builders import after, an_incident

PAGE = "https://status.example.com"
LINK = "https://status.example.com/unsubscribe/1.abc-DEF"
PLAIN = "One.\nTwo.\n\nThree."
HEAD = [
    *("Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
]

tried = pytest.mark.parametrize("what", list(CORPUS))


def an_incident_told(
    title: str = "Login", text: str = PLAIN, component: str = "Chat", organisation: str = "OpenMethods"
) -> list[Notice]:
    incident, first = an_incident(title, text)
    components = {component: ComponentStatus.MAJOR_OUTAGE, "Screen pop": ComponentStatus.PARTIAL_OUTAGE}
    first = replace(first, components=components)
    second = replace(first, id=2, text=text, at=after(60), severity=None, components={})
    incident = replace(incident, updates=(first, second), components=components)
    return [notice(incident, update, organisation, PAGE) for update in incident.updates]


def a_subprocessor_told(
    name: str = "Nimbus", purpose: str = "Storage", location: str = "Ireland", replaces: str = "Cumulus"
) -> list[Notice]:
    item = Subprocessor(name, purpose, date(2026, 3, 1), location, replaces)
    update = Update(1, EventStatus.ANNOUNCED, PLAIN, "ada", after(0), Severity.NONE)
    kind, status = EventKind.SUBPROCESSOR, EventStatus.ANNOUNCED
    event = Event(1, kind, name, Severity.NONE, status, {}, after(0), after(0), (update,), subprocessor=item)
    return [notice(event, update, "OpenMethods", PAGE)]


Tell = Callable[[str], Sequence[Notice]]
PLACES: dict[str, Tell] = {
    "title": lambda text: an_incident_told(title=text),
    "text": lambda text: an_incident_told(text=text),
    "component": lambda text: an_incident_told(component=text),
    "organisation": lambda text: an_incident_told(organisation=text),
    "subprocessor": lambda text: a_subprocessor_told(name=text),
    "purpose": lambda text: a_subprocessor_told(purpose=text),
    "location": lambda text: a_subprocessor_told(location=text),
    "replaces": lambda text: a_subprocessor_told(replaces=text),
    "everywhere": lambda text: an_incident_told(text, text, text, text),
}


@functools.cache
def told(place: str, text: str) -> Rendered:
    return render_folded(PLACES[place](text))


def everywhere(what: str) -> list[tuple[str, Rendered]]:
    return [(place, told(place, CORPUS[what])) for place in PLACES]


def sent(content: Rendered) -> bytes:
    return Mould(content, SENDER).cast("ada@example.com", "<1@example.com>", after(0), LINK)


# --- mail --------------------------------------------------------------------------------------------------------


@tried
def test_nothing_reaches_the_head_of_a_mail(what: str) -> None:
    for _, content in everywhere(what):
        raw = sent(content)
        message = mail(raw)
        assert list(message.keys()) == HEAD
        assert (message["To"], message["From"], message["Message-ID"]) == ("ada@example.com", SENDER, "<1@example.com>")
        assert not message.defects
        assert all(map(is_clean, message["Subject"]))
        old = message_from_bytes(raw)
        assert list(old.keys()) == HEAD
        assert all(map(is_clean, str(make_header(decode_header(old["Subject"])))))


@tried
def test_nothing_adds_a_part_to_a_mail_or_ends_it(what: str) -> None:
    for _, content in everywhere(what):
        raw = sent(content)
        assert raw.isascii()
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert b"\r" not in raw.replace(b"\r\n", b"")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        parts = list(mail(raw).iter_parts())
        assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
        assert all(isinstance(part, EmailMessage) and not part.defects for part in parts)
        text, html = (part.get_content().replace("\r\n", "\n") for part in parts if isinstance(part, EmailMessage))
        assert text == content.text.replace(UNSUBSCRIBE, LINK)
        assert html == content.html.replace(UNSUBSCRIBE, LINK)


@pytest.mark.parametrize("what", list(HEADERS))
async def test_a_real_mail_server_sees_one_mail_to_one_recipient(
    mail_server: MailServer, clock: FakeClock, what: str
) -> None:
    service = MailService(mail_server.address, SENDER, clock)
    letter = Letter("ada@example.com", "<1@example.com>", told("everywhere", HEADERS[what]), LINK)
    assert await asyncio.to_thread(service.send, letter) == Answer(Verdict.ACCEPTED)
    assert mail_server.mails == {"ada@example.com": 1}
    ((_, raw),) = mail_server.accepted
    message = mail(raw)
    assert list(message.keys())[: len(HEAD)] == HEAD
    parts = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert parts[0].strip() == letter.content.text.replace(UNSUBSCRIBE, LINK).strip()


# --- HTML --------------------------------------------------------------------------------------------------------


@tried
def test_nothing_becomes_an_element_or_an_attribute(what: str) -> None:
    for place, content in everywhere(what):
        like = told(place, PLAIN)
        for html, plain_html in ((content.html, like.html), (content.bare_html, like.bare_html)):
            markup, plain = Markup(html), Markup(plain_html)
            assert set(markup.tags) <= set(plain.tags)
            assert set(markup.links) <= {PAGE, UNSUBSCRIBE}
            assert markup.asides == plain.asides
            if CORPUS[what].strip():  # what says nothing has no row of its own
                assert _steady(markup) == _steady(plain)


def _steady(markup: Markup) -> list[str]:
    return [element for element in markup.elements if element not in {"p", "br"}]


@pytest.mark.parametrize("what", [name for name in CORPUS if not name.startswith("placeholder")])
def test_what_was_written_is_what_is_read(what: str) -> None:
    text = CORPUS[what]
    shown = clean(text)
    content = told("title", text)
    assert shown in "".join(Markup(content.html).seen)
    assert shown in content.text
    assert content.title == f"Incident – identified: {shown}".removesuffix(": ")


@pytest.mark.parametrize("what", [name for name in MARKUP if name.startswith("template")])
def test_nothing_is_read_as_a_template(what: str) -> None:
    content = told("everywhere", MARKUP[what])
    for form in (content.text, content.bare_text, content.subject, content.title):
        assert MARKUP[what] in form
    assert "49" not in content.text


# --- chats -------------------------------------------------------------------------------------------------------

# Apprise does not say what these take and return.
CONVERT: Any = convert_between
SLACK: Any = NotifySlack
GOOGLE: Any = NotifyGoogleChat
TELEGRAM: Any = NotifyTelegram
OURS = {
    *("paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open"),
    *("list_item_close", "inline", "text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close"),
    *("link_open", "link_close"),
}


def assert_it_only_says_something(found: str) -> None:
    """Nothing in a chat's message is more than words, but for the one link, the headings and the components."""
    read = chat(found)
    assert read.kinds <= OURS
    assert read.links == [PAGE]
    assert all(heading.startswith(("Incident – identified", "Subprocessor – announced")) for heading in read.strong)
    assert read.items <= 2


@tried
def test_nothing_becomes_a_link_a_mention_or_formatting_in_markdown(what: str) -> None:
    for _, content in everywhere(what):
        assert_it_only_says_something(content.markdown)
        assert len(content.markdown) <= CHAT_LIMIT


@pytest.mark.parametrize("what", [name for name in CORPUS if not name.startswith("placeholder")])
def test_a_chat_shows_what_was_written(what: str) -> None:
    text = CORPUS[what]
    if len(clean(text)) < 100:  # a longer title may have to be cut
        seen = chat(told("title", text).markdown).strong[0]
        assert seen == f"Incident – identified: {clean(text)}".replace(APART, "").removesuffix(": ")


@tried
def test_nothing_acts_in_the_dialects_that_apprise_makes_of_markdown(what: str) -> None:
    for _, content in everywhere(what):
        said = content.markdown
        markup = Markup(CONVERT(NotifyFormat.MARKDOWN, NotifyFormat.HTML, said))
        assert set(markup.elements) <= {"p", "strong", "br", "ul", "li", "a"}
        assert markup.links == [PAGE]
        assert markup.asides == []
        slack = SLACK._commonmark_to_slack(said)
        google = GOOGLE._commonmark_to_google_chat(said)
        for found in (slack, google):
            assert found.count(f"<{PAGE}|Status page>") == 1
            rest = found.replace(f"<{PAGE}|Status page>", "")
            assert "<" not in rest
            assert ">" not in rest
            assert not re.search(r"&(?!amp;|lt;|gt;)", rest)
        assert not USER_ROLE_DETECTION_RE.findall(said)
        assert not WORKFLOWS_MENTION_RE.findall(said)
        assert TELEGRAM._commonmark_to_telegram(said, strict=True).count(f"]({PAGE})") == 1


@tried
def test_nothing_looks_like_a_mention_or_an_address_to_a_chat_that_knows_no_escape(what: str) -> None:
    for _, content in everywhere(what):
        rest = content.markdown.replace(f"(<{PAGE}>)", "")
        assert not re.search(r"[@#~\uff20\uff03]\w", rest)
        assert not re.search(r"[a-z]:/|[a-z]:\w|//|\w\.[a-z]", rest, re.IGNORECASE)
        assert not re.search(r"<[!@#a-z]|:[\w+-]+:|(?:^|\s)/\w", rest, re.IGNORECASE | re.MULTILINE)


NASTY = st.text(alphabet="[]()<>*_`~!#|\\@:/.&;=+-0a \n", max_size=40)


@settings(max_examples=400)
@given(NASTY, NASTY)
def test_no_mixture_of_marks_acts_in_markdown(title: str, text: str) -> None:
    assert_it_only_says_something(render_folded(an_incident_told(title, text, title)).markdown)


@settings(max_examples=400)
@given(NASTY)
def test_escaped_markdown_reads_as_the_text_itself(text: str) -> None:
    line = text.replace("\n", " ").strip()
    read = chat(f"x\n\n{markdown.escape(line)}\n\nx")
    assert read.words.strip("x\n") == re.sub("  +", lambda found: found[0], line).strip("x\n")


# --- everywhere --------------------------------------------------------------------------------------------------


@tried
def test_every_form_holds_characters_that_can_be_read_and_no_others(what: str) -> None:
    for _, content in everywhere(what):
        for line in (content.subject, content.title, content.short):
            assert all(map(is_clean, line))
        for block in (content.text, content.html, content.bare_text, content.bare_html):
            assert all(map(is_clean, block.replace("\n", "")))
            block.encode("utf-8")
        assert all(map(is_clean, content.markdown.replace("\n", "").replace(APART, "")))


@tried
def test_a_short_message_is_short_and_keeps_its_link(what: str) -> None:
    for _, content in everywhere(what):
        assert len(content.short) <= LIMIT
        assert PAGE in content.short


@tried
def test_the_link_to_unsubscribe_stands_where_we_put_it_and_nowhere_else(what: str) -> None:
    for _, content in everywhere(what):
        assert content.text.count(UNSUBSCRIBE) == 1
        assert content.html.count(UNSUBSCRIBE) == 1
        others = (content.subject, content.title, content.short, content.markdown, content.bare_text, content.bare_html)
        assert not any(UNSUBSCRIBE in form for form in others)
        assert content.text.rstrip().endswith(UNSUBSCRIBE)
