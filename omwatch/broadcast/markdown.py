"""Outside text for chats: shown as it is, it makes no link, no mention, no formatting and no picture.

Chats read Markdown each in a way of its own, and Apprise translates CommonMark for those that are far from it. So
what CommonMark knows is escaped as CommonMark says. What chats find by themselves in plain words (addresses, mentions,
channels, emoji) knows no escape; a zero-width space, which nobody sees, keeps its parts from meeting.
"""

import re

_APART = "\u200b"
_MEETINGS = re.compile(
    r"(?<=[@#~\uff03\uff20])(?=\S)"  # mentions, mail addresses and channels, in wide characters, too
    r"|(?<=<)(?=\S)"  # tags, <!channel>, <@user>
    r"|(?<=&)(?=#?\w+;)"  # entities
    r"|(?<=[A-Za-z]:)(?=\S)|(?<=/)(?=/)"  # https://example.com, mailto:name
    r"|(?<=\w[.\u3002\uff0e\uff61])(?=[^\W\d])"  # www.example.com, with any full stop that names of hosts may have
    r"|(?<=:)(?=[\w+-]+(?::|$))"  # :emoji:, though its last colon be ours
    r"|(?<=\s/)(?=\w)|(?<=^/)(?=\w)"  # /command
)
_MARKS = re.compile(r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])")
_OPENING = re.compile(r"^(?:([0-9]{1,9})([.)])|([#+=-]))")


def escape(line: str) -> str:
    """Return one line of text as Markdown that shows just this text."""
    apart = _MEETINGS.sub(_APART, line.strip())
    marked = _MARKS.sub(r"\\\g<0>", apart)
    return _OPENING.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", marked)
