"""A shelf: a mapping that holds so many things and no more."""

from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Things by key, in the order they came; when it is full the oldest makes room."""

    def __init__(self, limit: int) -> None:
        """Make an empty shelf for at most ``limit`` things."""
        self._limit = limit
        self._things: dict[K, V] = {}

    def __len__(self) -> int:
        """Count the things held."""
        return len(self._things)

    def __iter__(self) -> Iterator[V]:
        """Iterate over the things, oldest first."""
        return iter(list(self._things.values()))

    def put(self, key: K, thing: V) -> None:
        """Hold a thing under its key; one that has the key already is replaced in its place."""
        self._things[key] = thing
        while len(self._things) > self._limit:
            del self._things[next(iter(self._things))]

    def get(self, key: K) -> V | None:
        """Return the thing with this key, or None."""
        return self._things.get(key)

    def take(self, key: K) -> V | None:
        """Remove and return the thing with this key, or None."""
        return self._things.pop(key, None)
