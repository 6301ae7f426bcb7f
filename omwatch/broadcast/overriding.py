"""A home's own templates for notices: files in ``templates/mail/`` named like the shipped ones they stand for."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

from omwatch.domain.event import TRANSITIONS, EventKind
from omwatch.domain.safetext import clean

BASES = ("event.html", "event.txt")
"""What the others extend."""
FACTS = (
    *("subject", "organisation", "heading", "title", "kind", "status", "open", "tone", "facts", "components"),
    *("paragraphs", "posted", "page_url", "event_url", "earlier", "light", "dark", "tones"),
)
"""What every template may speak of, by name."""
_BESIDES = {"short.txt": ("affected", "when"), "chat.md": ("more_components", "more_earlier")}
_BESIDES_IN_MAILS = ("unsubscribe",)
_WHERE = "templates/mail"
_LONGEST = 100_000  # bytes of a template file
_OURS = "<template>"  # what Jinja calls the file of a template that it got as text

Attempt = Callable[[Mapping[str, str]], None]
"""Makes every kind of notice with some templates in place of the shipped ones, or raises what is wrong with them."""


def names() -> Iterator[str]:
    """Return the names that a template may have."""
    yield from (*BASES, "short.txt", "chat.md")
    for kind in EventKind:
        statuses = sorted(set(chain.from_iterable(TRANSITIONS[kind].values())))
        for stem in (kind.value, *(f"{kind}-{status}" for status in statuses)):
            yield from (f"{stem}.html", f"{stem}.txt")


def facts_of(*templates: str) -> Iterator[str]:
    """Return what all of these templates may speak of, by name."""
    yield from FACTS
    for fact in (*_BESIDES_IN_MAILS, *chain.from_iterable(_BESIDES.values())):
        if all(fact in _BESIDES.get(name, _BESIDES_IN_MAILS) for name in templates):
            yield fact


def working(folder: Path, attempt: Attempt) -> dict[str, str]:
    """Return the sources of a folder's templates, by name, but for those that do not work."""
    found = dict(_readable(folder))
    if _complaint(found, attempt) is None:
        return found
    alone = {name: source for name, source in found.items() if _complaint({name: source}, attempt) is None}
    return alone if _complaint(alone, attempt) is None else {}


def problems(folder: Path, attempt: Attempt) -> Iterator[str]:
    """Return what is wrong with the templates of a folder: each where it is, what it is, and what would do."""
    yield from _unreadable(folder)
    found = dict(_readable(folder))
    together = _complaint(found, attempt)
    if together is None:
        return
    alone = [(name, _complaint({name: source}, attempt)) for name, source in found.items()]
    broken = [f"{_WHERE}/{name}{complaint}" for name, complaint in alone if complaint]
    yield from broken or [f"{_WHERE}: each of {', '.join(found)} works alone, but together they do not{together}"]


def _readable(folder: Path) -> Iterator[tuple[str, str]]:
    for name in names():
        file = folder / name
        try:
            if file.is_file() and file.stat().st_size <= _LONGEST:
                yield name, file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue


def _unreadable(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    known, readable = frozenset(names()), dict(_readable(folder))
    for file in sorted(folder.iterdir()):
        where = f"{_WHERE}/{clean(file.name)}"
        if file.name in known and file.name not in readable:
            yield f"{where}: cannot be read; it must be a file of at most {_LONGEST:,} bytes of UTF-8"
        elif file.name not in known and file.suffix in {".html", ".txt"}:
            yield f"{where}: no template has this name; there are {', '.join(names())}"


def _complaint(sources: Mapping[str, str], attempt: Attempt) -> str | None:
    if not sources:
        return None
    try:
        attempt(sources)
    except Exception as error:  # noqa: BLE001 - a template may fail in whatever way
        line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(error)
        may = f"; it may use {', '.join(facts_of(*sources))}" if isinstance(error, UndefinedError) else ""
        return f"{f':{line}' if line else ''}: {_said(error)}{may}"
    return None


def _said(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return (
            f"there is no template {clean(str(error))!r}; a template may use those of its folder and the shipped ones"
        )
    return clean(str(error)) or type(error).__name__


def _line(error: Exception) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _OURS]
    return lines[-1] if lines else None
