"""Lists and pages of facts, as every command prints them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from omwatch.cli.common import print_json
from omwatch.cli.wrapping import say

_Item = TypeVar("_Item")
_COLUMN = 12
_HANG = 6  # below a number and its gap


def listed(
    items: Sequence[_Item],
    as_dict: Callable[[_Item], dict[str, Any]],
    line: Callable[[_Item], str],
    nothing: str,
    *,
    json: bool,
) -> None:
    """Print a line for each item, or a JSON array of them.

    Args:
        items: what was found.
        as_dict: makes an item an object of the array.
        line: makes it a line.
        nothing: said where nothing was found.
        json: print the array.
    """
    if json:
        print_json([as_dict(item) for item in items])
        return
    for item in items:
        say(line(item), _HANG)
    if not items:
        print(nothing)


def facts(heading: str, known: Iterable[tuple[str, object]]) -> list[str]:
    """Return a heading, and a line for each name and what is known of it."""
    return [heading, *(f"  {name:<{_COLUMN}}{value}" for name, value in known)]
