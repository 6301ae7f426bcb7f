"""What a decision has changed, in a line: two JSON values side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omwatch.domain.safetext import clean

_LONGEST = 40  # characters of a value
_IDENTITY = "id"
_NOTHING = "–"


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """Return what has changed, such as "severity 2 → 1", "+update 7" and "components.Chat operational → –".

    What the later value leaves out was not spoken of, and so has not changed; where nothing was there before, all that
    is there now is told.
    """
    if after is None:
        return [] if before is None else ["gone"]
    return list(_of_mappings(before or {}, after, ""))


def _of_mappings(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in after.items():
        if key != _IDENTITY:
            yield from _of_values(before.get(key), value, f"{path}{key}")


def _of_values(before: object, after: object, path: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(after, Mapping) and isinstance(before, Mapping | None):
        yield from _of_mappings(before or {}, after, f"{path}.")
    elif isinstance(after, list) and isinstance(before, list | None):
        yield from _of_lists(before or [], after, path)
    elif before is None:
        yield f"{path} {_short(after)}"
    else:
        yield f"{path} {_short(before)} → {_short(after)}"


def _of_lists(before: Sequence[object], after: Sequence[object], path: str) -> Iterator[str]:
    one = path.removesuffix("s")
    old, new = ({_name(item): item for item in items} for items in (before, after))
    yield from (f"+{one} {name}" for name in new if name not in old)
    yield from (f"-{one} {name}" for name in old if name not in new)
    for name, item in new.items():
        if name in old:
            yield from _of_values(old[name], item, f"{one} {name}")


def _name(item: object) -> str:
    return str(item[_IDENTITY]) if isinstance(item, Mapping) and _IDENTITY in item else _short(item)


def _short(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _NOTHING if value is None or value == "" else clean(str(value), _LONGEST)
