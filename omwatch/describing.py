"""Exceptions in words: one clean line each, always saying something."""

import errno
import os
import ssl

import httpx

from omwatch.domain.attempt import OurFault, Unmet
from omwatch.domain.safetext import clean


def describe(error: BaseException) -> str:
    """Return one clean line about an exception, always saying something."""
    if isinstance(error, BaseExceptionGroup):
        return clean("; ".join(map(describe, error.exceptions)))
    text = _words_of(error)
    if text and isinstance(error, Unmet | OurFault):
        return clean(text)
    return clean(": ".join(part for part in (type(error).__name__, text, _reason(error, text)) if part))


def _reason(error: BaseException, text: str) -> str:
    # httpx says "All connection attempts failed", or nothing; what the operating system said lies further down.
    root = family(error)[-1]
    if not isinstance(error, httpx.TransportError) or not isinstance(root, OSError) or isinstance(root, ssl.SSLError):
        return ""
    reason = os.strerror(root.errno) if root.errno and root.errno in errno.errorcode else ""
    return "" if reason in text else reason


def family(error: BaseException) -> list[BaseException]:
    """Return an exception with those it groups and those that led to it, the first of all last."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if any(link is known for known in found):
            continue
        found.append(link)
        waiting += link.exceptions if isinstance(link, BaseExceptionGroup) else ()
        before = link.__cause__ or link.__context__  # httpcore hides its causes, and we want them
        waiting += [before] if before else ()
    return found


def _words_of(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception:  # noqa: BLE001 - a probe's own exception may fail at that too
        return ""
