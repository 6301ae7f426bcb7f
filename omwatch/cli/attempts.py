"""``omwatch attempts``: the history of attempts, for other tools and for ``omwatch replay``."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cyclopts import App

from omwatch.cli.common import HomeOption, Misused
from omwatch.cli.opened import opened

app = App(name="attempts")

_PAGE = 2000


@app.command
async def export(*, since: str | None = None, home: HomeOption = Path()) -> None:
    """Write every attempt, oldest first, one JSON object a line.

    Args:
        since: Only attempts that started then or later: how long ago ("24h", "7d"), or an instant in RFC 3339.
        home: The folder with config.toml, probes and data.
    """
    async with opened(home) as (_, store):
        from omwatch.clock import SystemClock  # noqa: PLC0415 - needed by this command only
        from omwatch.store import attempts  # noqa: PLC0415
        from omwatch.watcher.recording import line_of  # noqa: PLC0415

        now = SystemClock().now()
        earliest, place, more = _instant(since, now), attempts.START, True
        while more:
            # A transaction of its own for each page: a reader that is slow must not keep the store from tidying up.
            async with store.reading() as connection:
                page, place = await attempts.page(connection, earliest, now, place, _PAGE)
            if page:
                print("\n".join(map(line_of, page)))
            more = len(page) == _PAGE


def _instant(since: str | None, now: datetime) -> datetime:
    from omwatch.config.units import duration  # noqa: PLC0415 - as above

    if since is None:
        return datetime.min.replace(tzinfo=UTC)
    with suppress(ValueError):
        return now - timedelta(seconds=duration(since))
    with suppress(ValueError):
        instant = datetime.fromisoformat(since)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    form = 'give how long ago, such as "24h" or "7d", or an instant with its zone, such as 2026-11-23T14:00:00Z'
    raise Misused(f"--since {since}: {form}")
