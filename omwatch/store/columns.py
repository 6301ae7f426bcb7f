"""Column types that keep the domain's meaning: aware instants and enumerations."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as whole microseconds since 1970 in UTC: exact, sortable, free of time zones."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return the stored number; a naive datetime is an error of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; every stored instant must be aware")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Return the instant in UTC."""
        return None if value is None else _EPOCH + int(value) * _MICROSECOND


class Choice(TypeDecorator[Any]):
    """A member of an enumeration, stored as its value: text, or a whole number where the members are numbers."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[Enum]) -> None:
        """Store members of one enumeration."""
        super().__init__()
        self.members = members

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type that the members need."""
        return dialect.type_descriptor(Integer() if issubclass(self.members, int) else Text())

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ANN401, ARG002
        """Return the member's value; a value that is no member is an error of ours."""
        return None if value is None else self.members(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Enum | None:  # noqa: ANN401, ARG002
        """Return the member."""
        return None if value is None else self.members(value)
