"""Who acts, when, on which store, under which rules: what every decision needs, in one value."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Operator, Role
from omwatch.domain.safetext import clean, clean_block
from omwatch.store import Store, audit

MAX_TITLE = 200
MAX_TEXT = 20_000
_TAB = 4  # characters that one becomes


class NotPossible(Exception):
    """The decision does not fit what is there now; the message says why, and nothing was changed."""


class NotAllowed(NotPossible):
    """The operator's role does not reach that far; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Session:
    """One operator's one moment at the desk."""

    store: Store
    operator: Operator
    now: datetime
    policy: Policy = field(default_factory=Policy)
    rehearsing: bool = False
    """True for a preview, of which nothing is kept; see :func:`omwatch.desk.rehearsing.rehearse`."""

    @asynccontextmanager
    async def deciding(self, role: Role = Role.OPERATOR) -> AsyncIterator[AsyncConnection]:
        """Open the transaction of one decision that needs at least this role.

        Raises:
            NotAllowed: the operator's role does not reach that far.
            NotPossible: it was rehearsed, and published nothing.
        """
        if not self.operator.role.at_least(role):
            what = f"{self.operator.name} is {self.operator.role.label} here, and this needs {role.label}"
            raise NotAllowed(f"{what}; nothing was changed")
        async with self.store.writing() as connection:
            yield connection
            if self.rehearsing:
                raise NotPossible("this publishes nothing, so there is nothing to preview; nothing was changed")

    async def note(
        self,
        connection: AsyncConnection,
        action: str,
        noun: str,
        number: int,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> None:
        """Write a decision down, in its own transaction."""
        await audit.note(connection, audit.Entry(self.now, self.operator.name, action, noun, number, before, after))

    @property
    def leaves_at(self) -> datetime:
        """When a notice that is decided on now leaves; the clock's own decisions are not held."""
        return self.now if self.operator == MACHINE else self.now + self.policy.hold


def words(text: str, what: str) -> str:
    """Return a text as it may be published.

    Raises:
        NotPossible: nothing is left of it, or it is longer than any notice may be.
    """
    if len(text) > MAX_TEXT:
        raise NotPossible(f"{what} has {len(text):,} characters, and may have {MAX_TEXT:,}; nothing was changed")
    kept = clean_block(text, MAX_TEXT * _TAB)
    if not kept:
        raise NotPossible(f"{what} is empty; nothing was changed")
    return kept


def line(text: str, what: str, limit: int = MAX_TITLE) -> str:
    """Return one line as it may be published.

    Raises:
        NotPossible: nothing is left of it.
    """
    kept = clean(text, limit)
    if not kept:
        raise NotPossible(f"{what} is empty; nothing was changed")
    return kept
