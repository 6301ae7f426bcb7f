"""Printing: the content of a message, made once for all who get it."""

from collections import OrderedDict

from omwatch.broadcast.rendering import Rendered
from omwatch.broadcast.ways import Ways
from omwatch.clock import Clock
from omwatch.domain.notice import notice
from omwatch.store import Store, events

_KEPT = 64
_FRESH_SECONDS = 5.0
"""Operators correct texts; what is sent after that is the corrected one."""


class Printing:
    """Renders updates, and keeps the newest."""

    def __init__(self, store: Store, ways: Ways, clock: Clock) -> None:
        """Print what this store holds, as these ways say."""
        self._store = store
        self._ways = ways
        self._clock = clock
        self._kept: OrderedDict[tuple[int, ...], tuple[float, Rendered]] = OrderedDict()

    async def of(self, update_ids: tuple[int, ...]) -> Rendered:
        """Return the content that tells these updates of one event, oldest first; several are folded into one.

        Raises:
            LookupError: one of them has been withdrawn.
        """
        made_at, known = self._kept.get(update_ids, (0.0, None))
        if known is not None and self._clock.monotonic() - made_at < _FRESH_SECONDS:
            return known
        notices = []
        async with self._store.reading() as connection:
            for update_id in update_ids:
                found = await events.of_update(connection, update_id)
                if found is None:
                    raise LookupError(f"update {update_id} has been withdrawn")
                notices.append(notice(*found, self._ways.organisation, self._ways.page_url))
        renderer = self._ways.renderer
        printed = renderer.render(notices[0]) if len(notices) == 1 else renderer.render_folded(notices)
        self._kept[update_ids] = (self._clock.monotonic(), printed)
        self._kept.move_to_end(update_ids)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return printed
