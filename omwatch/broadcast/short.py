"""Short messages: what fits into one SMS, in the letters that an SMS has."""

import unicodedata
from collections.abc import Iterable

LIMIT = 160
"""What one SMS holds in its own alphabet; any other letter in it would leave room for 70 only."""
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = frozenset("^{}\\[~]|€")
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212\u00b7\u2022"
_QUOTES = "\u2018\u2019\u201a\u2039\u203a`\u00b4"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u00ab\u00bb"
_ALIKE = str.maketrans(
    {
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict(zip("\u00d7\u0142\u0141\u0111\u0110\u0131", "xlLdDi", strict=True)),
    }
)


def in_sms_letters(text: str) -> str:
    """Return text in an SMS's own letters where it has them or some that look alike; the rest stays."""
    return "".join(map(_letter, text.translate(_ALIKE)))


def fits(text: str) -> bool:
    """Tell whether a message is short enough."""
    return sum(2 if letter in _TWO_PLACES or ord(letter) > 0xFFFF else 1 for letter in text) <= LIMIT  # noqa: PLR2004 - UTF-16


def shortest_that_fits(messages: Iterable[str], link: str) -> str:
    """Return the first message that fits; where none does, the last one cut off, with its link if there is room.

    Args:
        messages: the same in ever fewer words; at least one.
        link: where to read more.
    """
    text = ""
    for message in messages:
        text = in_sms_letters(" ".join(message.split()))
        if fits(text):
            return text
    end = f"... {link}" if link and len(link) <= LIMIT // 2 else "..."
    text = text.replace(link, "").rstrip() if link else text
    while text and not fits(text + end):
        text = text[:-1]
    return text.rstrip() + end


def _letter(letter: str) -> str:
    if letter in _BASIC or letter in _TWO_PLACES:
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return plain if plain and all(part in _BASIC for part in plain) else letter
