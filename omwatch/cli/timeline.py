"""The timeline of an event as its page prints it: what was said when, by whom, and how many have heard of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from omwatch.cli.times import shown
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.event import Update
from omwatch.domain.severity import ComponentStatus
from omwatch.domain.sla import in_words


def entry(
    item: Update, counts: Mapping[DeliveryState, int], now: datetime, zone: str, change: str = ""
) -> Iterator[str]:
    """Yield the lines of one update, below an empty one.

    Args:
        item: the update.
        counts: how many of its deliveries are in which state.
        now: aware.
        zone: in which times are told, too.
        change: what else it has changed, and why.
    """
    yield ""
    yield f"{shown(item.at, zone)}  {item.status.label}  by {item.author}  update {item.id}: {sums(counts)}"
    if item.publish_at and item.publish_at > now:
        yield f"  held for another {in_words(item.publish_at - now)}; 'omwatch undo {item.id}' takes it back"
    if item.edited_at:
        yield f"  corrected {shown(item.edited_at, zone)}"
    if change:
        yield f"  {change}"
    if item.components:
        yield f"  {components(item.components)}"
    yield from (f"  {part}".rstrip() for part in item.text.splitlines())


def sums(counts: Mapping[DeliveryState, int]) -> str:
    """Return "3 sent, 1 failed"; "no notices" when there are none."""
    return ", ".join(f"{counts[state]:,} {state}" for state in DeliveryState if counts.get(state)) or "no notices"


def components(named: Mapping[str, ComponentStatus]) -> str:
    """Return "Chat routing: operational; Screen pops: major outage"."""
    return "; ".join(f"{name}: {status.label}" for name, status in named.items())
