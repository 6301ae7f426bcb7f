"""The grammar of the IMAP subset: words, sets of messages, search keys and the items of a fetch."""

import re
from collections.abc import Callable, Sequence

from omwatch.sandbox.queues import QueuedMail

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)')
_ITEM = re.compile(r"[A-Z0-9.]+(?:\[[^\]]*\])?", re.IGNORECASE)
_FLAGS = re.compile(r"(?P<sign>[+-]?)FLAGS(?:\.SILENT)?\s+\(?(?P<flags>[^()]*)\)?", re.IGNORECASE)

Matches = Callable[[QueuedMail], bool]


class BadSyntax(ValueError):
    """A command that this server does not understand; the message says which part."""


def words(text: str) -> list[str]:
    """Split arguments at spaces, with quoted strings unquoted."""
    return [re.sub(r"\\(.)", r"\1", quoted) if quoted or not atom else atom for quoted, atom in _WORD.findall(text)]


def numbers(text: str, largest: int) -> list[tuple[int, int]]:
    """Read a set such as ``1,3:5,7:*`` as ranges, both ends included; ``*`` is the largest number.

    Raises:
        BadSyntax: it is no such set.
    """
    ranges = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        ends = [largest if end == "*" else int(end) if end.isdecimal() else -1 for end in (first, last or first)]
        if min(ends) < 0:
            raise BadSyntax(f"no set of messages: {text}")
        ranges.append((min(ends), max(ends)))
    return ranges


def holds(ranges: Sequence[tuple[int, int]], number: int) -> bool:
    """Tell whether a number lies in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)


def search(arguments: str) -> Matches:
    """Read search keys: ALL, SUBJECT text, HEADER Subject text, DELETED, UNDELETED, CHARSET name; all must match.

    Raises:
        BadSyntax: another key, or a key without its text.
    """
    found: list[Matches] = []
    keys = iter(words(arguments))
    try:
        for key in keys:
            match key.upper():
                case "CHARSET":
                    next(keys)
                case "ALL":
                    pass
                case "SUBJECT":
                    found.append(_with_subject(next(keys)))
                case "HEADER" if next(keys).lower() == "subject":
                    found.append(_with_subject(next(keys)))
                case "DELETED":
                    found.append(lambda mail: r"\deleted" in mail.flags)
                case "UNDELETED":
                    found.append(lambda mail: r"\deleted" not in mail.flags)
                case _:
                    raise BadSyntax(f"no search key of this server: {key}")
    except StopIteration:
        raise BadSyntax("a search key lacks its text") from None
    return lambda mail: all(matches(mail) for matches in found)


def fetch(items: str, mail: QueuedMail) -> bytes:
    """Return the items of one mail as they stand between the parentheses of a FETCH response.

    Raises:
        BadSyntax: an item that this server does not have.
    """
    header, _, _ = mail.raw.partition(b"\r\n\r\n")
    values = []
    for item in _ITEM.findall(items):
        name = item.upper().replace("BODY.PEEK[", "BODY[")
        match name:
            case "UID":
                values.append(b"UID %d" % mail.uid)
            case "FLAGS":
                values.append(b"FLAGS (%s)" % " ".join(sorted(mail.flags)).encode())
            case "RFC822.SIZE":
                values.append(b"RFC822.SIZE %d" % len(mail.raw))
            case "BODY[]" | "RFC822":
                values.append(_literal(name, mail.raw))
            case "BODY[HEADER]" | "RFC822.HEADER":
                values.append(_literal(name, header + b"\r\n\r\n"))
            case _:
                raise BadSyntax(f"no item of this server: {item}")
    return b" ".join(values)


def change_flags(text: str, flags: frozenset[str]) -> frozenset[str]:
    r"""Apply a STORE argument such as ``+FLAGS (\Deleted)`` to flags, which are kept in lower case.

    Raises:
        BadSyntax: it is no such argument.
    """
    found = _FLAGS.fullmatch(text.strip())
    if found is None:
        raise BadSyntax(f"no change of flags: {text}")
    named = frozenset(found["flags"].lower().split())
    if found["sign"] == "+":
        return flags | named
    return flags - named if found["sign"] == "-" else named


def _with_subject(text: str) -> Matches:
    wanted = text.lower()
    return lambda mail: wanted in mail.subject.lower()


def _literal(name: str, value: bytes) -> bytes:
    return b"%s {%d}\r\n%s" % (name.encode(), len(value), value)
