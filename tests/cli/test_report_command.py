"""``omwatch report``: a month as text, as JSON and as a picture, whatever has happened in it."""

import asyncio
import json
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from omwatch.cli import main
from omwatch.cli.report_picture import picture
from omwatch.cli.report_text import text
from omwatch.cli.report_words import period
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.desk import incidents
from omwatch.desk.publishing import Published
from omwatch.domain.deadline import About, Deadline, Duty
from omwatch.domain.event import Event, EventKind, EventStatus, Subprocessor, Update, Window
from omwatch.domain.month import Month
from omwatch.domain.notice import Draft
from omwatch.domain.report import Report
from omwatch.domain.reporting import Material, report
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import Store
from tests.sitting import sit

SVG = "{http://www.w3.org/2000/svg}"
ZONE = "America/New_York"
HOSTILE = 'a"><script>x</script>&amp;]]>\x1b]0;x\x07\u202e\ufffe\ud800'


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def with_store(home: str, work: Callable[[Store], Awaitable[None]]) -> None:
    async def run() -> None:
        store = await Store.open(Home(Path(home)).database)
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(run())


async def an_outage(store: Store) -> None:
    """Have an outage on 3 November, from 07:00 to 09:00 in New York, with an update that came 15 min late."""
    changes = {"Agent login": ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("Agents <cannot> log in", "We know.", Severity.OUTAGE, EventStatus.IDENTIFIED, changes, at(3))
    done = await incidents.open_(sit(store, at(3, 12, 4)), draft)
    assert isinstance(done, Published)
    await incidents.update(sit(store, at(3, 13, 19)), done.event, incidents.Statement("Still."))
    await incidents.resolve(sit(store, at(3, 14)), done.event)


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own document


def words_of(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_a_month_reads_as_a_page_of_80_columns(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_store(home, an_outage)
    assert main(["report", "--month", "2025-11", "--home", home]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:9] == [
        "OpenMethods, November 2025",
        "1 Nov 00:00 EDT – 1 Dec 00:00 EST; times in America/New_York",
        "",
        "Uptime                                        1   5    10   15   20   25   30",
        "  Agent login                       99.722 %  ··M···························",
        "    major outage 2 h",
        "  Screen pops                      100.000 %  ······························",
        "  Chat routing                     100.000 %  ······························",
        "  E-mail routing                   100.000 %  ······························",
    ]
    after = lines[lines.index("Incidents") :]
    assert after[:3] == [
        "Incidents",
        "  #1    Agents <cannot> log in                                        severity 1",
        "        3 Nov 07:00–09:00 EST, 2 h; first notice after 4 min",
    ]
    assert "  1  System outage, response                         1           0     100.0 %" in lines
    assert "  1  System outage, next update                      1           1      50.0 %" in lines
    assert "  1  incident 1 (Agents <cannot> log in): next update 15 min late" in lines
    assert max(map(cell_len, lines)) <= 80


def test_an_empty_month_reads_calmly(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--month", "2025-10", "--home", home]) == 0
    said = capsys.readouterr().out
    for line in ("Incidents: none", "Maintenance: none", "Service levels: no deadline ended in this month"):
        assert f"\n{line}\n" in said
    assert said.endswith("Tickets: none reported\n")


def test_the_json_is_one_object_with_instants_in_rfc_3339(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_store(home, an_outage)
    assert main(["report", "--month", "2025-11", "--json", "--home", home]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["month"], found["zone"], found["until"]) == ("2025-11", ZONE, "2025-12-01T05:00:00Z")
    assert found["components"][0]["percent"] == 99.722
    assert found["incidents"][0]["started_at"] == "2025-11-03T12:00:00Z"
    assert found["breaches"][0]["late_seconds"] == 900.0


def test_without_a_month_it_is_the_running_one(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Month.of(SystemClock().now(), ZONE)
    assert main(["report", "--json", "--home", home]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["month"] in {str(before), str(Month.of(SystemClock().now(), ZONE))}
    assert found["complete"] is False


def test_the_picture_is_a_document_of_its_own(home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_store(home, an_outage)
    drawn = tmp_path / "report.svg"
    assert main(["report", "--month", "2025-11", "--picture", str(drawn), "--home", home]) == 0
    assert capsys.readouterr().out.endswith(f"\ndrawn into {drawn}\n")
    root = parsed(drawn.read_text(encoding="utf-8"))
    words = words_of(root)
    assert root.tag == f"{SVG}svg"
    for said in ("November 2025", "Agent login", "99.722 %", "#1 Agents <cannot> log in", "major outage 2 h"):
        assert said in words
    assert [path.name for path in tmp_path.glob("report.svg*")] == ["report.svg"]


def test_a_picture_takes_the_place_of_an_older_one(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "REPORT.SVG"
    drawn.write_text("older", encoding="utf-8")
    assert main(["report", "--month", "2025-11", "--json", "--picture", str(drawn), "--home", home]) == 0
    assert json.loads(capsys.readouterr().out)["month"] == "2025-11"
    assert "November 2025" in drawn.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["config.toml", "report.png", "report", "report.svg.bak"])
def test_a_file_that_is_no_picture_is_never_written_over(
    home: str, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = Path(home) / name
    before = file.read_bytes() if file.exists() else None
    assert main(["report", "--picture", str(file), "--home", home]) == 2
    assert "give a name that ends in .svg, such as report.svg" in capsys.readouterr().err
    assert (file.read_bytes() if file.exists() else None) == before


def test_a_folder_is_no_file_for_a_picture(home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "all.svg"
    folder.mkdir()
    assert main(["report", "--picture", str(folder), "--home", home]) == 2
    assert "that is a folder; name a file in it" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_picture_that_cannot_be_written_is_said_so(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--picture", str(tmp_path / "none" / "report.svg"), "--home", home]) == 1
    assert "cannot be written: No such file or directory; no picture was drawn" in capsys.readouterr().err


@pytest.mark.parametrize("month", ["november", "2025-13", "2025", "\x1b]0;x\x07"])
def test_what_is_no_month_is_a_usage_error(home: str, capsys: pytest.CaptureFixture[str], month: str) -> None:
    assert main(["report", "--month", month, "--home", home]) == 2
    said = capsys.readouterr().err
    assert 'write a month as its year and its number, such as "2026-11"' in said
    assert "\x1b" not in said


def test_a_month_to_come_is_refused(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--month", "9000-01", "--home", home]) == 1
    assert (
        "January 9000 has not begun in America/New_York; name this month or an earlier one" in capsys.readouterr().err
    )


def a_crowded_report(name: str, number: int = 3) -> Report:
    """Return a report in which everything that comes from outside is the same words."""
    first = Update(1, EventStatus.IDENTIFIED, name, name, at(3), Severity.OUTAGE, {name: ComponentStatus.MAJOR_OUTAGE})
    milder = Update(2, EventStatus.IDENTIFIED, name, name, at(3, 13), Severity.MINOR, {}, reason=name)
    incident = Event(
        1, EventKind.INCIDENT, name, Severity.MINOR, EventStatus.IDENTIFIED, first.components, at(2), at(3),
        (first, milder),
    )  # fmt: skip
    window = Window(at(14), at(14, 15))
    planned = Update(1, EventStatus.SCHEDULED, name, name, at(1), Severity.NONE, {}, window)
    maintained = replace(
        incident, id=2, kind=EventKind.MAINTENANCE, status=EventStatus.SCHEDULED, updates=(planned,), window=window
    )
    told = replace(incident, id=3, kind=EventKind.HOTFIX, status=EventStatus.POSTMORTEM, updates=())
    about = Subprocessor(name, name, date(2026, 1, 1), name, name)
    notice = replace(told, id=4, kind=EventKind.SUBPROCESSOR, status=EventStatus.ANNOUNCED, subprocessor=about)
    owed = Deadline(1, Duty.UPDATE, About.INCIDENT, 1, Severity.OUTAGE, at(3), at(4))
    events = [
        replace(event, id=event.id + 10 * n) for n in range(number) for event in (incident, maintained, told, notice)
    ]
    subjects = {(About.INCIDENT, 1): name}
    material = Material(name, [name, "Agent login"], events, [owed] * number, subjects)
    return report(Month(2025, 11), ZONE, material, at(20))


def test_hostile_words_stay_words_in_the_picture() -> None:
    drawn = picture(a_crowded_report(HOSTILE))
    root = parsed(drawn)
    shapes = "svg title desc style defs pattern clipPath rect circle path line text tspan"
    assert {element.tag for element in root.iter()} <= {f"{SVG}{name}" for name in shapes.split()}
    assert "<script" not in drawn
    assert not {"\x1b", "\u202e", "\ufffe"} & set(drawn)


def test_the_picture_asks_nobody_for_anything() -> None:
    drawn = picture(a_crowded_report("x"))
    assert drawn.count("http") == 1, "the name of the SVG format"
    for word in ("<script", "<image", "@import", "@font-face", "href", "<foreignObject"):
        assert word not in drawn


def test_every_status_has_a_colour_and_a_pattern_of_its_own_and_says_its_name() -> None:
    root = parsed(picture(a_crowded_report("Chat routing")))
    bars = [rect for rect in root.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    said = {(title.text or "").rpartition(": ")[2]: rect.get("fill") for rect in bars for title in rect}
    assert said == {"operational": "#3d9a6a", "major outage": "url(#major)"}
    assert [pattern.get("id") for pattern in root.iter(f"{SVG}pattern")] == [
        "degraded",
        "partial",
        "major",
        "maintenance",
    ]


def test_a_crowded_month_does_not_make_a_picture_without_end() -> None:
    words = words_of(parsed(picture(a_crowded_report("x", number=70))))
    assert words.count("… and 10 more; the report as text has them all") == 5


def test_a_window_that_went_by_unused_says_so() -> None:
    said = "planned 14 Nov 07:00–10:00 EST, 3 h; was never started"
    made = a_crowded_report("x", number=1)
    assert f"        {said}" in text(made).splitlines()
    assert said in words_of(parsed(picture(made)))


def test_a_number_keeps_its_unit_where_a_line_ends() -> None:
    made = a_crowded_report("word " * 9, number=1)
    assert not [line for line in text(made).splitlines() if line.split()[:1] in (["min"], ["h"])]


def test_a_picture_of_nothing_at_all_can_be_drawn() -> None:
    nothing = report(Month(2025, 11), ZONE, Material("OpenMethods"), at(1, 4))
    assert "no components" in words_of(parsed(picture(nothing)))
    assert "Uptime: no components" in text(nothing).splitlines()


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=120))
def test_whatever_the_words_are_text_stays_in_80_columns_and_the_picture_is_xml(words: str) -> None:
    made = a_crowded_report(words, number=1)
    assert all(cell_len(line) <= 80 for line in text(made).split("\n"))
    parsed(picture(made))


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (datetime(2025, 12, 31, 22, tzinfo=UTC), "31 Dec 17:00–17:30 EST"),
        (datetime(2026, 1, 1, 4, 45, tzinfo=UTC), "31 Dec 2025 23:45 EST – 1 Jan 2026 00:15 EST"),
    ],
)
def test_a_time_that_reaches_into_another_year_names_both(since: datetime, expected: str) -> None:
    assert period(since, since + timedelta(minutes=30), "America/New_York") == expected
