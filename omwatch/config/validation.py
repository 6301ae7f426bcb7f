"""Values against models: every disagreement becomes a problem with a place and an operator's words."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from omwatch.config.keys import dotted
from omwatch.config.lines import KeyPath
from omwatch.config.problems import Problem, suggest
from omwatch.config.wording import in_words

M = TypeVar("M", bound=BaseModel)
_NOTHING = object()


class Places(Protocol):
    """Knows where values stand."""

    def where(self, path: KeyPath) -> str:
        """Return the file and line, the variable, or the secret file of a path."""
        ...


class Keys(Protocol):
    """Knows which keys there are."""

    def names(self, path: KeyPath) -> tuple[str, ...] | None:
        """Return the keys that may stand in the table at a path; None when any may."""
        ...

    def field(self, path: KeyPath) -> FieldInfo | None:
        """Return the field behind a path, or None when there is none."""
        ...


def validate(
    model: type[M], table: Mapping[str, Any], path: KeyPath, places: Places, keys: Keys
) -> tuple[M | None, list[Problem]]:
    """Return the model that a table makes, or None with everything that is wrong with it.

    Args:
        model: what the table should be.
        table: the values, as their places give them.
        path: where the table is; keys in problems begin with it.
        places: who knows the place of each value.
        keys: who knows which keys there are.
    """
    try:
        return model.model_validate(dict(table)), []
    except ValidationError as error:
        problems: dict[str, Problem] = {}
        for details in error.errors(include_url=False):
            problem = _problem(details, table, path, places, keys)
            problems.setdefault(problem.key, problem)  # a union complains once a branch; one complaint will do
        return None, list(problems.values())
    except RecursionError:
        return None, [Problem(places.where(path), dotted(path), "is nested too deeply")]


def _problem(details: ErrorDetails, table: Mapping[str, Any], path: KeyPath, places: Places, keys: Keys) -> Problem:
    inner, value = _walk(table, details["loc"])
    last = details["loc"][-1] if details["loc"] else ""
    missing = (*path, *inner, last)
    if len(inner) < len(details["loc"]) and isinstance(value, dict) and _is_key(details, missing, keys):
        full, value = missing, details["input"]
    else:
        full = (*path, *inner)
    if details["type"] == "extra_forbidden":
        message = "unknown key" + suggest(str(full[-1]), keys.names(full[:-1]) or ())
    else:
        message = in_words(details, value, keys.field(full))
    return Problem(places.where(full), dotted(full), message)


def _is_key(details: ErrorDetails, path: KeyPath, keys: Keys) -> bool:
    """Tell whether an absent last part is a key that should be there, or whose default does not fit the others."""
    return details["type"] == "missing" or str(path[-1]) in (keys.names(path[:-1]) or ())


def _walk(table: object, location: KeyPath) -> tuple[KeyPath, object]:
    """Return the part of pydantic's location that exists in the file: it also names the branches of unions."""
    path: KeyPath = ()
    value = table
    for part in location:
        inner = _item(value, part)
        if inner is not _NOTHING:
            path, value = (*path, part), inner
    return path, value


def _item(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part, _NOTHING)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return _NOTHING
