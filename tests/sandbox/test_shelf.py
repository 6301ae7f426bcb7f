"""Bounded memory."""

from omwatch.sandbox.shelf import Shelf


def test_the_oldest_makes_room() -> None:
    shelf: Shelf[int, str] = Shelf(2)
    for number, thing in enumerate(["one", "two", "three"]):
        shelf.put(number, thing)
    assert list(shelf) == ["two", "three"]
    assert len(shelf) == 2
    assert shelf.get(0) is None


def test_replacing_a_thing_keeps_its_place() -> None:
    shelf: Shelf[str, int] = Shelf(2)
    shelf.put("a", 1)
    shelf.put("b", 2)
    shelf.put("a", 3)
    assert list(shelf) == [3, 2]


def test_a_thing_can_be_taken_once() -> None:
    shelf: Shelf[str, int] = Shelf(2)
    shelf.put("a", 1)
    assert shelf.take("a") == 1
    assert shelf.take("a") is None
