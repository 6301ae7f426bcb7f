"""The report of a month as lines of text, 80 columns wide."""

from collections.abc import Iterator

from rich.cells import cell_len

from omwatch.cli.report_words import (
    COUNTED,
    breach,
    cut,
    extent,
    headline,
    incident_facts,
    lost,
    maintenance_facts,
    moment,
    regrades,
)
from omwatch.cli.wrapping import wrapped
from omwatch.domain.notice import day_in_words
from omwatch.domain.report import ComponentMonth, Report
from omwatch.domain.severity import ComponentStatus

_WIDTH = 80
_NAME = 30
_SIGNS = {
    ComponentStatus.OPERATIONAL: "·",
    ComponentStatus.DEGRADED_PERFORMANCE: "d",
    ComponentStatus.PARTIAL_OUTAGE: "P",
    ComponentStatus.MAJOR_OUTAGE: "M",
    ComponentStatus.UNDER_MAINTENANCE: "w",
    None: " ",
}
_LEGEND = "· operational  d degraded  P partial outage  M major outage  w maintenance"


def text(report: Report) -> str:
    """Return a report as text for a terminal, or for a mail."""
    return "\n".join(cut(line, _WIDTH) for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{cut(report.organisation, 40)}, {headline(report)}"
    yield extent(report)
    yield ""
    yield from _uptime(report)
    yield ""
    yield from _incidents(report)
    yield ""
    yield from _maintenances(report)
    yield from _told(report)
    yield ""
    yield from _service_levels(report)
    yield ""
    yield from _tickets(report)


def _uptime(report: Report) -> Iterator[str]:
    if not report.components:
        yield "Uptime: no components"
        return
    ruler = "".join(f"{day:<5}" for day in (1, *range(5, 31, 5)))
    yield f"{'Uptime':<46}{ruler[0]}   {ruler[5:]}".rstrip()
    for component in report.components:
        yield f"  {_padded(component.name, _NAME)}  {component.uptime.in_words:>10}  {_bar(component)}".rstrip()
        yield from _indented(lost(component), 4)
    yield ""
    yield f"  {_LEGEND}"
    yield from _indented(COUNTED, 2)


def _bar(component: ComponentMonth) -> str:
    return "".join(_SIGNS[status] for _, status in component.days)


def _incidents(report: Report) -> Iterator[str]:
    yield "Incidents" if report.incidents else "Incidents: none"
    for item in report.incidents:
        yield from _titled(item.number, item.title, f"severity {item.worst:d}")
        yield from _indented(incident_facts(item, report.zone), 8)
        for change in regrades(item, report.zone):
            yield from _indented(change, 8)


def _maintenances(report: Report) -> Iterator[str]:
    yield "Maintenance" if report.maintenances else "Maintenance: none"
    for item in report.maintenances:
        kind = f"{item.kind}, of incident {item.corrects}" if item.corrects else str(item.kind)
        yield from _titled(item.number, item.title, kind)
        yield from _indented(maintenance_facts(item, report.zone, report.generated_at), 8)


def _told(report: Report) -> Iterator[str]:
    if report.hotfixes:
        yield ""
        yield "Hotfixes without downtime"
    for hotfix in report.hotfixes:
        yield from _titled(hotfix.number, hotfix.title, moment(hotfix.at, report.zone))
    if report.subprocessors:
        yield ""
        yield "Subprocessor notices"
    for notice in report.subprocessors:
        effective = f"effective {day_in_words(notice.effective_on)}" if notice.effective_on else ""
        yield from _titled(notice.number, notice.title, effective)
        replaces = f", replaces {notice.replaces}" if notice.replaces else ""
        yield from _indented(f"{notice.name}: {notice.purpose}{replaces}", 8)


def _service_levels(report: Report) -> Iterator[str]:
    owed = [item for item in report.service_levels if item.percent is not None]
    if not owed:
        yield "Service levels: no deadline ended in this month"
        return
    yield f"{'Service levels':<46}{'met':>8}{'breached':>12}{'kept':>12}"
    for item in owed:
        what = f"{item.severity:d}  {item.severity.label}, {item.duty}"
        yield f"  {what:<44}{item.met:>8,}{item.breached:>12,}{item.percent:>10.1f} %"
    if report.breaches:
        yield ""
        yield "Breaches"
    for missed in report.breaches:
        first, *more = _indented(breach(missed), 5)
        yield f"  {missed.severity:d}  {first.lstrip()}"
        yield from more


def _tickets(report: Report) -> Iterator[str]:
    if not any(item.reported for item in report.tickets):
        yield "Tickets: none reported"
        return
    yield f"{'Tickets':<46}{'reported':>8}{'waiting':>12}{'closed':>12}"
    for item in report.tickets:
        what = f"{item.grade:d}  {item.grade.label}"
        yield f"  {what:<44}{item.reported:>8,}{item.waiting:>12,}{item.closed:>12,}"


def _titled(number: int, title: str, note: str) -> Iterator[str]:
    """Yield a number, a title and a note at the right edge; below each other where they do not fit into one line."""
    start = f"  {f'#{number}':<5} "
    room = _WIDTH - len(start) - cell_len(note) - 2
    if cell_len(title) <= room:
        yield f"{start}{_padded(title, room)}  {note}".rstrip()
        return
    first, *more = _indented(title, len(start))
    yield f"{start}{first.lstrip()}"
    yield from more
    yield from _indented(note, len(start))


def _indented(words: str, by: int) -> list[str]:
    """Return text in lines of the page's width, broken between words."""
    indent = " " * by
    return wrapped(indent + words.strip(), indent, _WIDTH) if words.strip() else []


def _padded(text: str, width: int) -> str:
    shown = cut(text, width)
    return shown + " " * (width - cell_len(shown))
