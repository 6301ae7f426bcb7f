"""``omwatch report``: a month in figures, as text, JSON and a picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from omwatch.cli.common import Misused, Refused, print_json
from omwatch.cli.opened import opened
from omwatch.cli.options import READ, Reading
from omwatch.domain.safetext import clean

if TYPE_CHECKING:
    from omwatch.config.settings import Config
    from omwatch.domain.month import Month
    from omwatch.domain.report import Report

PictureOption = Annotated[Path | None, Parameter(negative=())]


async def report(*, month: str | None = None, picture: PictureOption = None, how: Reading = READ) -> None:
    """Show a month's uptime, incidents, maintenance, service levels met and breached, and tickets.

    Args:
        month: Such as 2026-11; this month unless told.
        picture: Draw it into this file, too; its name ends in .svg.
        how: What is read, and in which form.
    """
    wanted = _month(month)
    if picture is not None:
        _refuse_other_files(picture)
    async with opened(how.home) as (config, store):
        from omwatch.clock import SystemClock  # noqa: PLC0415 - only once the configuration is known to be right
        from omwatch.config.policy import operator_of, policy_of  # noqa: PLC0415
        from omwatch.desk.report import monthly  # noqa: PLC0415
        from omwatch.desk.session import Session  # noqa: PLC0415
        from omwatch.domain.month import Month  # noqa: PLC0415

        session = Session(store, operator_of(config), SystemClock().now(), policy_of(config))
        chosen = wanted or Month.of(session.now, session.policy.zone)
        made = await monthly(session, chosen, config.page.name, _components(config))
    if picture is not None:
        _draw(made, picture)
    if how.json:
        from omwatch.domain import plain_report  # noqa: PLC0415 - each form loads what it needs

        print_json(plain_report.report(made))
        return
    from omwatch.cli.report_text import text  # noqa: PLC0415 - as above

    print(text(made))
    if picture is not None:
        print(f"\ndrawn into {clean(str(picture))}")


def _month(text: str | None) -> "Month | None":
    from omwatch.domain.month import Month  # noqa: PLC0415 - `omwatch --help` needs none of it

    if text is None:
        return None
    try:
        return Month.parse(text)
    except ValueError as error:
        raise Misused(f"--month {clean(text)!r}: {error}") from None


def _components(config: "Config") -> list[str]:
    """Return the components that are watched, in the order of config.toml."""
    return list(dict.fromkeys(check.component for check in config.checks.values() if check.enabled))


def _refuse_other_files(path: Path) -> None:
    if path.suffix.lower() != ".svg":
        raise Misused(f"--picture {str(path)!r}: it is drawn as SVG; give a name that ends in .svg, such as report.svg")
    if path.is_dir():
        raise Misused(f"--picture {str(path)!r}: that is a folder; name a file in it, such as {path / 'report.svg'}")


def _draw(made: "Report", path: Path) -> None:
    from omwatch.cli.report_picture import picture  # noqa: PLC0415 - needs Jinja, which most reports do not
    from omwatch.config.home import write_atomically  # noqa: PLC0415

    try:
        write_atomically(path, picture(made))
    except OSError as error:
        raise Refused(f"--picture: {path} cannot be written: {error.strerror}; no picture was drawn") from None
