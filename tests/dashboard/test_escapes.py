"""Outside text can be read and never act: proven on the bytes that a terminal receives."""

import re
import sys
from pathlib import Path

import pytest
from rich.segment import Segment
from sqlalchemy import insert, update
from textual.color import Color

from omwatch.dashboard.inert import Inert
from omwatch.domain.delivery import DeliveryState
from omwatch.domain.safetext import is_clean
from omwatch.domain.subscriber import Topic
from omwatch.store import Store
from omwatch.store.tables import assessments, deliveries, events, subscribers, subscriptions, suggestions, updates
from tests.dashboard import scenes
from tests.dashboard.driving import CHECKOUT, painted
from tests.dashboard.painted import NOW, incident
from tests.dashboard.terminal import Terminal

CLIPBOARD = "\x1b]52;c;cm0gLXJmIC8=\x07"
HOSTILE = f"[@click=app.quit]x[/]{CLIPBOARD}\x1b[2J\x9b31m\u202etxt\u200b\ue000[/nope]\x07"
CONTROL = re.compile(
    rb"\x1b\[[0-9;?<>=$]*[A-Za-z]"  # what Textual itself sends: colours, places, modes
    rb"|\x1b\[[0-9;?]*\$p"
    rb"|\x1b\]22;default\x07"  # the shape of the pointer
    rb"|\r|\n"
)


async def poisoned(store: Store) -> None:
    """Every text of the store is hostile, as if each entrance had forgotten to clean it."""
    await scenes.outage(store)
    await incident(store, HOSTILE, [(DeliveryState.FAILED, HOSTILE)])
    async with store.writing() as connection:
        await connection.execute(
            update(assessments).values(
                component=f"A{HOSTILE}", reason=HOSTILE, noun=HOSTILE, trouble=HOSTILE, trouble_since=NOW
            )
        )
        await connection.execute(update(events).values(title=HOSTILE))
        await connection.execute(update(updates).values(text=f"{HOSTILE}\n{HOSTILE}", author=HOSTILE))
        await connection.execute(update(subscribers).where(subscribers.c.id == 1).values(address=HOSTILE))
        await connection.execute(update(deliveries).values(error=HOSTILE))
        found = (await connection.execute(suggestions.select())).one()
        evidence = [{**item, "component": f"A{HOSTILE}", "noun": HOSTILE, "reason": HOSTILE} for item in found.evidence]
        await connection.execute(update(suggestions).values(evidence=evidence))
        await connection.execute(
            insert(subscribers).values(id=99, address="z@z.example", created_at=found.opened_at, created_by="a")
        )
        await connection.execute(insert(subscriptions).values(topic=Topic.INCIDENT, subscriber_id=99))


def assert_inert(received: bytes) -> None:
    rest = CONTROL.sub(b"", received).decode(errors="strict")
    escaped = sorted({hex(ord(character)) for character in rest if not is_clean(character)})
    assert escaped == [], f"reached the terminal: {escaped}"


def test_nothing_of_a_hostile_store_acts_on_the_terminal(database: Path) -> None:
    painted(database, poisoned)
    command = [sys.executable, "-m", "tests.dashboard.open_dashboard", str(database)]
    with Terminal(command, (120, 40), {"PYTHONPATH": str(CHECKOUT)}) as terminal:
        terminal.shows("SYSTEM OUTAGE")
        for keys, text in (
            (b"\r", "First failure"),  # a component in full
            (b"q", "Components"),
            (b"\t", "Open incidents"),
            (b"\r", "Confirmed"),
            (b"q", "Components"),
            (b"\t", "Deliveries"),
            (b"\r", "Changed"),
            (b"q", "Components"),
            (b"c", "Publish to 4"),
            (b"\x1b", "Components"),
            (b"d", "leaves it open"),
            (b"\x1b", "Components"),
        ):
            terminal.send(keys)
            terminal.shows(text)
            terminal.settles()
        terminal.send(b"q")
        assert terminal.ended() == 0
    assert b"SYSTEM OUTAGE" in terminal.received
    assert_inert(terminal.received)


def test_the_proof_would_notice_an_escape() -> None:
    with pytest.raises(AssertionError, match="0x1b"):
        assert_inert(b"\x1b[1mfine\x1b[0m " + CLIPBOARD.encode())


@pytest.mark.parametrize("text", [HOSTILE, "\x07", "\u2066", "\udc80", "tab\tand\nline"])
def test_the_last_filter_keeps_the_width_and_lets_nothing_through(text: str) -> None:
    (segment,) = Inert().apply([Segment(text)], Color(0, 0, 0))
    assert len(segment.text) == len(text)
    assert all(map(is_clean, segment.text))


def test_the_last_filter_leaves_harmless_text_alone() -> None:
    segments = [Segment("95 % interval 28–54 % ▁▂▃ ■ ▲ 日本")]
    assert Inert().apply(segments, Color(0, 0, 0))[0] is segments[0]
