"""The names of a check's subjects."""

import pytest

from omwatch.watcher.population import subjects


@pytest.mark.parametrize(
    ("population", "noun", "first", "last"),
    [
        (1, "agent", "agent-01", "agent-01"),
        (50, "agent", "agent-01", "agent-50"),
        (100, "agent", "agent-001", "agent-100"),
        (10_000, "call back", "call-back-00001", "call-back-10000"),
    ],
)
def test_numbered_subjects_sort_as_they_count(population: int, noun: str, first: str, last: str) -> None:
    names = subjects(population, noun)
    assert (len(set(names)), names[0], names[-1]) == (population, first, last)
    assert list(names) == sorted(names)


def test_named_subjects_keep_their_names_and_order() -> None:
    assert subjects(("sales", "billing"), "chat") == ("sales", "billing")
