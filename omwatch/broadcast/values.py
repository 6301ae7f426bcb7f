"""What templates speak of: a notice's parts, made inert and escaped for one form before a template gets them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote

from omwatch.broadcast.palette import DARK, LIGHT, Tone, tone_of, tone_of_standing
from omwatch.domain.notice import Notice
from omwatch.domain.safetext import MAX_LENGTH, clean, clean_block

PLACEHOLDER_HOST = "unsubscribe.invalid"
"""In the address that stands where a recipient's own link belongs (RFC 2606: no host is ever called so)."""
Escape = Callable[[str], str]
Values = dict[str, object]
_BETWEEN_PARAGRAPHS = re.compile(r"\n{2,}")
_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%~"


def inert(notice: Notice, limit: int = MAX_LENGTH) -> Notice:
    """Return a notice whose outside text holds nothing but readable characters, and lines of at most ``limit``."""

    def line(text: str) -> str:
        return _without_placeholder(clean(text, limit))

    return replace(
        notice,
        subject=line(notice.subject),
        organisation=line(notice.organisation),
        heading=line(notice.heading),
        title=line(notice.title),
        facts=tuple((line(name), line(value)) for name, value in notice.facts),
        components=tuple((line(name), line(standing)) for name, standing in notice.components),
        text=_without_placeholder(clean_block(notice.text)),
        posted=line(notice.posted),
        when=line(notice.when),
        page_url=quote(notice.page_url, safe=_OF_ADDRESSES),
        event_url=quote(notice.event_url, safe=_OF_ADDRESSES),
    )


def values_of(notices: Sequence[Notice], escape: Escape) -> Values:
    """Return what templates may speak of by name, for inert notices, the newest first."""
    newest, *earlier = notices
    return {
        **_told(newest, escape),
        "subject": escape(subject_of(notices)),
        "organisation": escape(newest.organisation),
        "kind": newest.kind.value,
        "status": newest.status.value,
        "open": newest.status.open,
        "tone": tone_of(newest),
        "facts": [{"name": escape(name), "value": escape(value)} for name, value in newest.facts],
        "components": [
            {"name": escape(name), "standing": escape(standing), "tone": tone_of_standing(standing)}
            for name, standing in newest.components
        ],
        "page_url": newest.page_url,
        "event_url": newest.event_url,
        "earlier": [_told(notice, escape) for notice in earlier],
        "light": LIGHT,
        "dark": DARK,
        "tones": tuple(Tone),
    }


def subject_of(notices: Sequence[Notice]) -> str:
    """Return the subject of the newest notice, which says how many others are folded into the message."""
    more = len(notices) - 1
    if not more:
        return notices[0].subject
    return f"{notices[0].subject} (+{more} earlier {'update' if more == 1 else 'updates'})"


def _told(notice: Notice, escape: Escape) -> Values:
    return {
        "heading": escape(notice.heading),
        "title": escape(notice.title),
        "paragraphs": [
            [escape(line) for line in paragraph.split("\n")]
            for paragraph in _BETWEEN_PARAGRAPHS.split(notice.text)
            if paragraph
        ],
        "posted": escape(notice.posted),
        "tone": tone_of(notice),
    }


def _without_placeholder(text: str) -> str:
    # Whoever wrote it would get each recipient's own link into the place that it chose.
    return text.replace(PLACEHOLDER_HOST, PLACEHOLDER_HOST.replace(".", "-"))
