"""The operator at this screen: the one way from a key to a decision, which is the desk's."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omwatch.clock import Clock
from omwatch.dashboard.poller import StoreLost
from omwatch.domain.event import Incident, Update
from omwatch.domain.notice import Draft, notice

if TYPE_CHECKING:
    from omwatch.desk import Confirmed, Preview
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
    mail_domain: str

    async def preview(self, suggestion: int) -> "Preview":
        """Return what confirming a suggestion would publish.

        Raises:
            CannotAct: it is not open any more, or the store is lost.
        """
        from omwatch import desk  # noqa: PLC0415 - loads SQLAlchemy; the first paint must not wait for it

        async with _saying_why():
            return await desk.preview(self.store(), suggestion)

    async def confirm(self, suggestion: int, wanted: Draft) -> "Confirmed":
        """Publish a draft to every subscriber.

        Raises:
            CannotAct: as above; nothing was published.
        """
        from omwatch import desk  # noqa: PLC0415 - as above

        async with _saying_why():
            name, now = desk.operator_name(), self.clock.now()
            return await desk.confirm(self.store(), suggestion, wanted, name, self.mail_domain, now)

    async def dismiss(self, suggestion: int, why: str) -> None:
        """Set a suggestion aside.

        Raises:
            CannotAct: as above, or no reason was given.
        """
        from omwatch import desk  # noqa: PLC0415 - as above

        async with _saying_why():
            await desk.dismiss(self.store(), suggestion, why, desk.operator_name(), self.clock.now())

    def notice(self, wanted: Draft) -> tuple[str, str]:
        """Return the subject and the text that subscribers would read, as the courier will render them."""
        from omwatch.broadcast.rendering import render  # noqa: PLC0415 - loads Jinja

        now = self.clock.now()
        update = Update(0, wanted.status, wanted.text, "", now)
        incident = Incident(
            0, wanted.title, wanted.severity, wanted.status, wanted.components, wanted.started_at, now, (update,)
        )
        rendered = render(notice(incident, update, self.organisation, self.page_url))
        return rendered.subject, rendered.text


@asynccontextmanager
async def _saying_why() -> AsyncIterator[None]:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - as above

    from omwatch.desk import NotPossible  # noqa: PLC0415

    try:
        yield
    except (NotPossible, StoreLost) as reason:
        raise CannotAct(str(reason)) from None
    except DBAPIError as error:
        raise CannotAct(f"the store could not be written: {error.orig}; nothing was changed") from error
    except OSError as error:
        raise CannotAct(f"the store is out of reach: {error}; nothing was changed") from error
