"""Outside text made inert: probe errors, names, tickets and replies can be read but never act.

Cleaned text holds no terminal escapes, no bidirectional tricks and no line breaks. Markup is a matter of the
place that shows it: the dashboard prints such text only as plain content, mails and pages escape it.
"""

import unicodedata

MAX_LENGTH = 300
_REPLACED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PICTURES_START = 0x2400
_DELETE_PICTURE = "\u2421"


def clean(text: str, limit: int = MAX_LENGTH) -> str:
    """Return one harmless line of at most ``limit`` characters.

    Line breaks and tabs become spaces, other C0 controls and DEL become their pictures (U+2400 block), and format,
    surrogate, private, unassigned and separator characters become U+FFFD. A cut is marked with an ellipsis.
    """
    flat = text[: limit * 4].replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " ")
    safe = "".join(map(_safe_character, flat)).strip()
    return safe if len(safe) <= limit and len(text) <= limit * 4 else safe[: limit - 1].rstrip() + "…"


def clean_block(text: str, limit: int = 20_000) -> str:
    """Return harmless text of at most ``limit`` characters that keeps its line breaks, for notices and bodies."""
    flat = text[:limit].replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "\n".join("".join(map(_safe_character, line)).rstrip() for line in flat[:limit].split("\n")).strip()


def is_clean(character: str) -> bool:
    """Tell whether one character may reach a terminal as it is."""
    return unicodedata.category(character) not in _REPLACED


def _safe_character(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    code = ord(character)
    if code < ord(" "):
        return chr(_PICTURES_START + code)
    if code == 0x7F:  # noqa: PLR2004 - DEL, the one control above the printable ASCII
        return _DELETE_PICTURE
    return character if is_clean(character) else "\ufffd"
