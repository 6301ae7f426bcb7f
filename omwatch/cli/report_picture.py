"""The report of a month as a picture: one SVG file that needs no other, and prints well."""

import functools
from collections.abc import Sequence

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from omwatch.cli import report_words
from omwatch.domain.notice import at_in_words, day_in_words
from omwatch.domain.report import ComponentMonth, Report

_MOST = 60  # rows of one list; a picture must not grow without end


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("omwatch.cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "cut": report_words.cut,
        "moment": report_words.moment,
        "lost": report_words.lost,
        "incident_facts": report_words.incident_facts,
        "regrades": report_words.regrades,
        "maintenance_facts": report_words.maintenance_facts,
        "breach": report_words.breach,
        "day": day_in_words,
        "at": at_in_words,
    }
    return environment


def picture(report: Report) -> str:
    """Return a report as an SVG document."""
    lowest, lowest_of = _lowest(report.components)
    drawn = (
        _environment()
        .get_template("report.svg")
        .render(
            report=report,
            headline=report_words.headline(report),
            extent=report_words.extent(report),
            counted=report_words.COUNTED,
            lowest=lowest,
            lowest_of=lowest_of,
            most=_MOST,
        )
    )
    return "\n".join(line for line in drawn.split("\n") if line.strip()) + "\n"


def _lowest(components: Sequence[ComponentMonth]) -> tuple[ComponentMonth | None, str]:
    """Return the component with the lowest uptime, and whose it is, in words."""
    measured = {component.uptime.thousandths: component for component in reversed(components)}
    figures = [figure for figure in measured if figure is not None]
    if not figures:
        return None, "nothing to measure"
    lowest = measured[min(figures)]
    return lowest, f"lowest: {lowest.name}" if len(measured) > 1 else "uptime of every component"
