"""What a decision changed is told in a few words, from the two JSON values that the log keeps."""

from typing import Any

import pytest

from omwatch.domain.difference import difference


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"severity": 2}, {"severity": 1}, ["severity 2 → 1"]),
        ({"severity": 2, "title": "T"}, {"severity": 2, "title": "T"}, []),
        (
            {"state": "open", "components": ["Chat"]},
            {"state": "dismissed", "why": "a drill"},
            [
                "state open → dismissed",
                "why a drill",
            ],
        ),
        (
            {"components": {"Chat": "a", "Pop": "b"}},
            {"components": {"Chat": "c", "Pop": "b"}},
            ["components.Chat a → c"],
        ),
        ({"updates": [{"id": 1}]}, {"updates": [{"id": 1}, {"id": 7, "text": "x"}]}, ["+update 7"]),
        ({"updates": [{"id": 1}, {"id": 7}]}, {"updates": [{"id": 1}]}, ["-update 7"]),
        ({"updates": [{"id": 1, "text": "a"}]}, {"updates": [{"id": 1, "text": "b"}]}, ["update 1.text a → b"]),
        ({"clients": ["Globex"]}, {"clients": ["Globex", "Initech"]}, ["+client Initech"]),
        ({"plan": False, "ended": "now"}, {"plan": True, "ended": None}, ["plan no → yes", "ended now → –"]),
        (None, {"id": 3, "title": "T", "components": {"Chat": "a"}}, ["title T", "components.Chat a"]),
        ({"title": "T"}, None, ["gone"]),
        (None, None, []),
        ({"window": None}, {"window": {"end": 1}}, ["window.end 1"]),
        ({"topics": None}, {"topics": ["incident"]}, ["+topic incident"]),
        ({"value": [1]}, {"value": 1}, ["value [1] → 1"]),
    ],
)
def test_what_has_changed_is_told(before: Any, after: Any, told: list[str]) -> None:  # noqa: ANN401 - JSON
    assert difference(before, after) == told


def test_long_values_are_cut_and_can_act_no_more() -> None:
    (told,) = difference({"text": "a"}, {"text": f"b\n\x1b[31m{'x' * 99}"})
    assert told.isprintable()
    assert len(told) < 60
