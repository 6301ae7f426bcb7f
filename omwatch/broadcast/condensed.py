"""The same in fewer words, for channels that take a message of a certain length and no longer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from omwatch.broadcast.values import inert
from omwatch.domain.notice import Notice

CHAT_LIMIT = 1900
"""Characters; Discord refuses a message of more than 2,000."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """Notices with some of it left out, the newest first."""

    notices: Sequence[Notice]
    more_components: int
    """So many components are left out."""
    more_earlier: int
    """So many earlier updates are left out."""


def for_chats(notices: Sequence[Notice]) -> Iterator[Condensed]:
    """Return notices as they are, and then ever less of them; the newest first."""
    yield Condensed(notices, 0, 0)
    for text, line, components, earlier in ((1200, 120, 15, 5), (500, 100, 8, 2), (150, 60, 3, 0), (0, 50, 0, 0)):
        kept = notices[: 1 + earlier]
        short = [replace(inert(item, line), text=_cut(item.text, text)) for item in kept]
        short[1:] = [replace(item, text=_cut(item.text, text // 5)) for item in short[1:]]
        shown = short[0].components[:components]
        short[0] = replace(short[0], components=shown)
        yield Condensed(short, len(notices[0].components) - len(shown), len(notices) - len(kept))


def for_pagers(newest: Notice) -> Iterator[str]:
    """Return what a notice is about, in ever fewer words."""
    names = [name for name, _ in newest.components]
    if not names:
        yield newest.title
        return
    yield ", ".join(f"{name}: {standing}" for name, standing in newest.components)
    yield ", ".join(names)
    if len(names) > 1:
        yield f"{names[0]} and {len(names) - 1} more"
        yield f"{len(names)} components"


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit].rstrip()}…" if limit else ""
