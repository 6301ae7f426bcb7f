"""The operator at this screen: the one way from a key to a decision, which is the desk's."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omwatch.clock import Clock
from omwatch.dashboard.poller import StoreLost
from omwatch.domain.event import Event, EventKind, Update
from omwatch.domain.notice import Draft, notice
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator as Who
from omwatch.domain.role import Role

if TYPE_CHECKING:
    from omwatch.desk.approvals import Waiting
    from omwatch.desk.publishing import Published
    from omwatch.desk.session import Session
    from omwatch.desk.suggestions import Preview
    from omwatch.store import Store


class CannotAct(Exception):
    """Nothing was decided; the message says why."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, and on what."""

    store: "Callable[[], Store]"
    """Returns the open store, or raises :class:`StoreLost`."""
    clock: Clock
    organisation: str
    page_url: str
    who: Who
    policy: Policy

    @property
    def may_write(self) -> bool:
        """Tell whether this operator may decide anything."""
        return self.who.role.at_least(Role.OPERATOR)

    async def preview(self, suggestion: int) -> "Preview":
        """Return what confirming a suggestion would publish.

        Raises:
            CannotAct: it is not open any more, or the store is lost.
        """
        from omwatch.desk import suggestions  # noqa: PLC0415 - loads SQLAlchemy; the first paint must not wait for it

        async with _saying_why():
            return await suggestions.preview(self._session(), suggestion)

    async def confirm(self, suggestion: int, wanted: Draft) -> "Published | Waiting":
        """Publish a draft to every subscriber, or leave it for a second person to agree to.

        Raises:
            CannotAct: as above; nothing was published.
        """
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        async with _saying_why():
            return await suggestions.confirm(self._session(), suggestion, wanted)

    async def dismiss(self, suggestion: int, why: str) -> None:
        """Set a suggestion aside.

        Raises:
            CannotAct: as above, or no reason was given.
        """
        from omwatch.desk import suggestions  # noqa: PLC0415 - as above

        async with _saying_why():
            await suggestions.dismiss(self._session(), suggestion, why)

    async def undo(self, update: int) -> None:
        """Take back a notice that is still held.

        Raises:
            CannotAct: as above, or it has left.
        """
        from omwatch.desk import publishing  # noqa: PLC0415 - as above

        async with _saying_why():
            await publishing.undo(self._session(), update)

    def notice(self, wanted: Draft) -> tuple[str, str]:
        """Return the subject and the text that subscribers would read, as the courier will render them."""
        from omwatch.broadcast.rendering import render  # noqa: PLC0415 - loads Jinja

        now = self.clock.now()
        update = Update(0, wanted.status, wanted.text, "", now, wanted.severity, wanted.components)
        incident = Event(
            0,
            EventKind.INCIDENT,
            wanted.title,
            wanted.severity,
            wanted.status,
            wanted.components,
            wanted.started_at,
            now,
            (update,),
        )
        rendered = render(notice(incident, update, self.organisation, self.page_url))
        return rendered.subject, rendered.bare_text

    def _session(self) -> "Session":
        from omwatch.desk.session import Session  # noqa: PLC0415 - as above

        return Session(self.store(), self.who, self.clock.now(), self.policy)


@asynccontextmanager
async def _saying_why() -> AsyncIterator[None]:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - as above

    from omwatch.desk.session import NotPossible  # noqa: PLC0415

    try:
        yield
    except (NotPossible, StoreLost) as reason:
        raise CannotAct(str(reason)) from None
    except DBAPIError as error:
        raise CannotAct(f"the store could not be written: {error.orig}; nothing was changed") from error
    except OSError as error:
        raise CannotAct(f"the store is out of reach: {error}; nothing was changed") from error
