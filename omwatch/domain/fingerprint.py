"""What errors have in common: the same trouble in the same words, however often it came.

"log in: POST /login answered 503, expected 200: 'upstream connect error'" and a thousand of its like, each with another
session in it, are one fingerprint: "log in: POST /login answered 503". What differs from attempt to attempt is left out
as "…"; steps, statuses and words stay.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

Errors = tuple[tuple[str, int], ...]
"""Fingerprints with how often each came, the most frequent first."""

GAP = "…"
_LONGEST = 120
_SHORTEST_BODY = 24
"""Quoted text longer than this is a reply's body rather than a word."""
_MOST_SHOWN = 3
_OTHERS = "others"

_EXPECTED = re.compile(r"(answered \d{3}), expected .*")
_QUOTED = re.compile(r"""(?<!\w)('(?:[^'\\]|\\.)*(?:'(?!\w)|$)|"(?:[^"\\]|\\.)*(?:"(?!\w)|$))""")
_STRUCTURE = re.compile(r"\{.*(?:\}|$)")
_VOLATILE = re.compile(
    r"""
      (?P<telling> \b (?: answered | status | code | HTTP(?:/\d(?:\.\d)?)? ) \s [1-5]\d\d \b | \( [1-5]\d\d (?=,)
                 | \[Errno\ -?\d+\] )
    | [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)+                                         # an e-mail address
    | \b [0-9a-fA-F]{8} - (?:[0-9a-fA-F]{4}-){3} [0-9a-fA-F]{12} \b           # a UUID
    | \b omwatch-[\w-]{8,}                                                    # an attempt's own marker
    | (?<![\w:]) \[? (?:[0-9a-fA-F]{0,4}:){2,7} [0-9a-fA-F.]* (?:%\w+)? \]? (?::\d+)? (?![\w:])  # IPv6, or a time
    | (?<=[A-Za-z]) : \d{1,5} (?![\w:.])                                      # the port of a host
    | \b (?=\w*\d) (?: 0x[0-9a-fA-F]+ | [0-9a-fA-F]{6,} | \w{16,} ) \b        # hexadecimal, or a token
    | \b \w* (?: [A-Za-z_]\d+[A-Za-z_] | \d[A-Za-z_]+\d ) \w*                 # letters and digits by turns
    | \d+ (?: [.,:] \d+ )*                                                    # numbers, IPv4 and its port
    """,
    re.VERBOSE,
)
_GAPS = re.compile(rf"{GAP}(?:[\s.,:/-]*{GAP})+")
_STEP = re.compile(r"([^:'\"]{1,60}): (.+)")
_EXCEPTION = re.compile(r"[A-Z]\w*[A-Z]\w*[a-z]\w*(?=: |$)")
_ANSWERED = re.compile(r"(?:\banswered |\bHTTP(?:/\S+)? |\()(\d{3})\b")
_TIMEOUT = re.compile(r"took longer than|\bnot\b.*\bwithin")
_KINDS = tuple(
    (words, re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        ("connection refused", r"refused|Errno 111"),
        ("connection cut off", r"reset|broken pipe|disconnect|closed|EOF|incomplete|Errno (?:104|32)\b"),
        ("network unreachable", r"unreachable|no route|Errno (?:101|113)"),
        ("name does not resolve", r"does not resolve|not known|Errno -\d"),
        ("TLS error", r"SSL|TLS|certificate"),
        ("timeout", r"time(?:d )?-?out|Errno 110"),
    )
)
"""What exceptions of libraries have to say, each in its own words."""
_HOST = re.compile(r"\b(?:[a-z0-9…-]+\.)+[a-z]{2,}\b")


@lru_cache(maxsize=4096)
def fingerprint(error: str, subject: str = "") -> str:
    """Return the stable short form of an error.

    Args:
        error: as an attempt says it, beginning with the step's name where there was one.
        subject: whose attempt it was; the name is left out like any other that differs.
    """
    text = _EXPECTED.sub(r"\1", error)
    if subject:
        text = re.sub(rf"(?<!\w){re.escape(subject)}(?!\w)", GAP, text)
    text = _QUOTED.sub(_shortened, text)
    text = _STRUCTURE.sub(f"{{{GAP}}}", text)
    text = _VOLATILE.sub(_stable, text)
    text = _GAPS.sub(GAP, text)
    return _cut(text, _LONGEST)


def summary(errors: Iterable[tuple[str, int]]) -> str:
    """Return "503 at log in ×14, timeout at become ready ×3, others ×2"; empty for no errors."""
    counts: Counter[str] = Counter()
    for error, number in errors:
        counts[in_short(error)] += number
    told = counts.most_common(_MOST_SHOWN)
    rest = counts.total() - sum(number for _, number in told)
    return ", ".join(f"{words} ×{number}" for words, number in [*told, *([(_OTHERS, rest)] if rest else [])])


def in_short(error: str) -> str:
    """Return "503 at log in" for "log in: POST /login answered 503"."""
    step, what = _parts(error)
    return f"{what} at {step}" if step else what


def shared_cause(groups: Mapping[str, Errors]) -> str:
    """Return what components that fail together have in common, in words; empty when it is nothing.

    Args:
        groups: component → its errors; the most frequent one of each speaks for it.
    """
    leading = [errors[0][0] for errors in groups.values() if errors]
    if len(leading) < max(2, len(groups)):
        return ""
    steps, whats = (set(parts) for parts in zip(*map(_parts, leading), strict=True))
    hosts = set.intersection(*(set(_HOST.findall(error)) for error in leading))
    shared = [
        f" with '{min(whats)}'" if len(whats) == 1 else "",
        f" at '{min(steps)}'" if len(steps) == 1 and "" not in steps else "",
        f" on {min(hosts)}" if hosts else "",
    ]
    return f"all fail{''.join(shared)}" if any(shared) else ""


def _parts(error: str) -> tuple[str, str]:
    """Return the step and what went wrong in it, in a word or few."""
    found = _STEP.fullmatch(error)
    step, said = (found[1], found[2]) if found and not _EXCEPTION.fullmatch(found[1]) else ("", error)
    answered = _ANSWERED.search(said)
    if answered:
        return step, answered[1]
    if _TIMEOUT.search(said):
        return step, "timeout"
    if _EXCEPTION.match(said):
        kind = next((words for words, pattern in _KINDS if pattern.search(said)), None)
        said = kind or said.rsplit(": ", 1)[-1]
        said = said if kind else said[:1].lower() + said[1:]
    return step, _cut(said, _LONGEST // 2)


def _shortened(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) <= _SHORTEST_BODY and found[0][-1] == found[0][0] else GAP


def _stable(found: re.Match[str]) -> str:
    if found["telling"]:
        return found[0]
    is_port = found[0].startswith(":") and found[0][1:].isdecimal()
    return "" if is_port else GAP


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip(f" {GAP}") + GAP
