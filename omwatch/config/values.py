"""What tables of config.toml are made of: their common base, and values that several of them hold."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from omwatch.domain.safetext import is_clean

_LONGEST_NAME = 60
_MOST_SUBJECTS = 10_000

T = TypeVar("T")


def _line(value: str) -> str:
    if not value.strip() or not all(map(is_clean, value)):
        raise ValueError("must be one line of text, without control characters, and not empty")
    if len(value) > _LONGEST_NAME:
        raise ValueError(f"must be at most {_LONGEST_NAME} characters long")
    return value.strip()


def _component(value: str) -> str:
    name = _line(value)
    if not name[0].isalnum() or not all(letter.isalnum() or letter in " -&/" for letter in name):
        raise ValueError("must be made of letters, digits, spaces, '-', '&' and '/'")
    return name


def _population(value: object) -> int | tuple[str, ...]:
    if isinstance(value, list | tuple):
        if not 1 <= len(value) <= _MOST_SUBJECTS:
            raise ValueError(f"must name from 1 to {_MOST_SUBJECTS:,} subjects")
        return each_once(value, "subject", name)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a number of subjects, or a list of their names")  # noqa: TRY004 - pydantic's
    if not 1 <= value <= _MOST_SUBJECTS:
        raise ValueError(f"must be from 1 to {_MOST_SUBJECTS:,}")
    return value


def name(value: object) -> str:
    """Return a name of one line.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError("must be a name in quotes")  # noqa: TRY004 - pydantic's
    return _line(value)


def each_once(values: Iterable[object], noun: str, read: Callable[[object], T]) -> tuple[T, ...]:
    """Return what entries mean; the message about a wrong one counts from 1, and quotes nothing."""
    found: list[T] = []
    for place, value in enumerate(values, start=1):
        try:
            entry = read(value)
        except ValueError as error:
            raise ValueError(f"entry {place} {error}") from None
        if entry in found:
            raise ValueError(f"must name each {noun} once; entry {place} repeats entry {found.index(entry) + 1}")
        found.append(entry)
    return tuple(found)


Line = Annotated[str, AfterValidator(_line)]
"""One line of text, at most 60 characters, without control characters."""
Component = Annotated[str, AfterValidator(_component)]
"""The name of a component."""
Population = Annotated[int | tuple[str, ...], BeforeValidator(_population)]
"""How many subjects, or their names."""


def as_written(text: str | list[str]) -> Any:  # noqa: ANN401 - text here, a number once its field has read it
    """Return a default as operators write it, for the reference; its field reads it like any other value."""
    return text


class Table(BaseModel):
    """A table of config.toml: read once, never changed, with no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)
