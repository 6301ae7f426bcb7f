"""Incidents by command: what is printed, as lines and as JSON, what is kept, and which exit status it ends with."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from sqlalchemy import select

from omwatch.cli import main
from omwatch.cli.incident import Becomes
from omwatch.cli.incident_words import lines
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.desk import incidents
from omwatch.desk.dossier import dossier
from omwatch.desk.incidents import Statement
from omwatch.domain.assessment import CheckState
from omwatch.domain.event import TRANSITIONS, EventKind, EventStatus
from omwatch.domain.notice import Draft
from omwatch.domain.severity import ComponentStatus, Severity
from omwatch.store import Store, assessments
from omwatch.store.tables import metadata
from tests.cli.running import Out, data, rule, run
from tests.domain.builders import after, an_assessment
from tests.sitting import sit

Rows = dict[str, list[tuple[object, ...]]]
COMPONENTS = ("--component", "Chat routing", "--component", "Screen pop")
OPEN = ("incident", "open", "Chats are lost", "--text", "We look into it.", "--severity", "2", *COMPONENTS)
PUBLISHING = [
    OPEN,
    ("incident", "update", "1", "--text", "On."),
    ("incident", "regrade", "1", "1", "--why", "worse"),
    ("incident", "continuity", "1", "--client", "Globex"),
    ("incident", "resolve", "1"),
    ("incident", "reopen", "1", "--text", "Again."),
    ("incident", "postmortem", "1", "--text", "We learnt."),
]
SILENT = [
    ("incident", "edit", "1", "--text", "Corrected."),
    ("incident", "affects", "1", "Globex"),
    ("incident", "backfill", "Old", "--text", "It was.", "--severity", "3", *COMPONENTS, "--since=-3h", "--until=-2h"),
]


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    """A home with two subscribers."""
    assert main(["init", str(tmp_path)]) == 0
    assert main(["subscriber", "add", "ada@example.com", "bob@example.com", "--home", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def rows(home: str) -> Rows:
    async def read() -> Rows:
        store = await Store.open(Home(Path(home)).database)
        async with store.reading() as connection:
            found = {
                table.name: [tuple(row) for row in await connection.execute(select(table))]
                for table in metadata.tables.values()
            }
        await store.close()
        return found

    return asyncio.run(read())


def since(row: dict[str, Any], key: str = "started_at") -> timedelta:
    return SystemClock().now() - datetime.fromisoformat(row[key])


# --- publishing --------------------------------------------------------------------------------------------------


def test_an_incident_is_opened_with_its_components_and_a_notice_for_each_subscriber(home: str, capsys: Out) -> None:
    assert run(capsys, home, *OPEN, "--since", "-20m") == "incident 1: update 1 published; 2 notices queued\n"
    (found,) = data(capsys, home, "incident", "list")
    assert (found["title"], found["severity"], found["status"]) == ("Chats are lost", 2, "identified")
    assert found["components"] == {"Chat routing": "partial_outage", "Screen pop": "partial_outage"}
    assert timedelta(minutes=20) <= since(found) < timedelta(minutes=21)


def test_what_it_begins_as_and_whom_it_affects_can_be_said(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Globex")
    done = data(capsys, home, *OPEN, "--status", "investigating", "--client", "globex")
    assert (done["event"], done["update"], done["recipients"]) == (1, 1, 2)
    found = data(capsys, home, "incident", "show", "1")
    assert (found["status"], found["clients"]) == ("investigating", ["Globex"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--since", "2999-01-01 10:00"), "an incident cannot begin in the future"),
        (("--client", "Nobody"), "there is no client 'Nobody'; 'omwatch client list' shows them"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_nothing_is_kept(
    home: str, capsys: Out, words: tuple[str, ...], why: str
) -> None:
    before = rows(home)
    for preview in ((), ("--preview",)):
        assert f"{why}; nothing was changed" in run(capsys, home, *OPEN, *words, *preview, status=1)
    assert rows(home) == before


@pytest.mark.parametrize(
    "words",
    [
        ("incident", "open", "T", "--text", "x", "--severity", "2"),
        ("incident", "open", "T", "--text", "x", "--severity", "5", "--component", "Chat"),
        ("incident", "open", "T", "--severity", "2", "--component", "Chat"),
        ("incident", "open", "T", "--text", "--severity", "2", "--component", "Chat"),
        (*OPEN, "--since", "yesterday"),
        (*OPEN, "--status", "lost"),
        (*OPEN, "--status", "resolved"),
        ("incident", "update", "1", "--text", "x", "--status", "in_progress"),
        ("incident", "update", "1", "--text", "x", "--component", "Chat routing"),
        ("incident", "update", "1", "--text", "x", "--component", "Chat routing=fine"),
        ("incident", "update", "1", "--text", "x", "--component", "=operational"),
        ("incident", "update", "one", "--text", "x"),
        ("incident", "regrade", "1", "2"),
        ("incident", "continuity", "1"),
        ("incident", "resolve", "1", "--text", "--json"),
        ("incident", "affects", "1"),
        ("incident", "backfill", "T", "--text", "x", "--severity", "2", "--component", "Chat", "--since=-2h"),
    ],
)
def test_words_that_make_no_sense_end_with_2(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    before = rows(home)
    assert run(capsys, home, *words, status=2).startswith("omwatch: ")
    assert rows(home) == before


def test_an_update_moves_it_on_and_changes_components_however_they_are_written(home: str, capsys: Out) -> None:
    run(capsys, home, *OPEN)
    fixed = ("--component", "Chat routing=Operational", "--component", "Screen pop = degraded-performance")
    said = run(capsys, home, "incident", "update", "1", "--text", "A fix.", "--status", "monitoring", *fixed)
    assert said == "incident 1: update 2 published; 2 notices queued\n"
    found = data(capsys, home, "incident", "show", "1")
    assert found["status"] == "monitoring"
    assert found["components"] == {"Chat routing": "operational", "Screen pop": "degraded_performance"}


def test_a_component_with_an_equals_sign_of_its_own_is_told_apart(home: str, capsys: Out) -> None:
    named = ("--component", "a=b")
    run(capsys, home, "incident", "open", "T", "--text", "x", "--severity", "1", *named)
    run(capsys, home, "incident", "update", "1", "--text", "x", "--component", "a=b=operational")
    assert data(capsys, home, "incident", "show", "1")["components"] == {"a=b": "operational"}


def test_a_long_text_comes_from_standard_input(home: str, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "First line.\n\nÄ second, with \x1b[31mred\x1b[0m.\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(said)))
    run(capsys, home, "incident", "open", "T", "--text", "-", "--severity", "2", *COMPONENTS)
    (update,) = data(capsys, home, "incident", "show", "1")["updates"]
    assert update["text"] == "First line.\n\nÄ second, with ␛[31mred␛[0m."


def test_a_text_that_is_too_long_is_refused_and_never_cut(
    home: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * 20_001)))
    said = run(capsys, home, "incident", "open", "T", "--text", "-", "--severity", "2", *COMPONENTS, status=1)
    assert "the text has 20,001 characters, and may have 20,000; nothing was changed" in said


@pytest.mark.parametrize("given", ["", " \n"])
@pytest.mark.parametrize("words", [("resolve", "1"), ("regrade", "1", "1", "--why", "worse")])
def test_an_empty_text_does_not_stand_for_the_draft(
    home: str, capsys: Out, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], given: str
) -> None:
    run(capsys, home, *OPEN)
    why = "omwatch: the text is empty; leave --text out to use the draft; nothing was changed\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    for text in (given, "-"):
        assert run(capsys, home, "incident", *words, "--text", text, status=1) == why
    assert len(data(capsys, home, "incident", "show", "1")["updates"]) == 1


def test_an_operator_at_a_terminal_is_told_how_to_end_the_text(
    home: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True, buffer=io.BytesIO(b"Typed.")))
    assert main(["incident", "open", "T", "--text", "-", "--severity", "2", *COMPONENTS, "--home", home]) == 0
    assert "Ctrl+D" in capsys.readouterr().err


def test_a_day_of_one_incident(home: str, capsys: Out) -> None:
    for name, plan in (("Globex", True), ("Initech", False)):
        run(capsys, home, "client", "add", name, *(["--continuity-plan"] if plan else []))
    run(capsys, home, *OPEN)
    for words in (
        ("regrade", "1", "1", "--why", "half of all chats"),
        ("continuity", "1", "--client", "GLOBEX"),
        ("update", "1", "--text", "A fix is on its way."),
        ("resolve", "1"),
        ("reopen", "1", "--text", "It is back."),
        ("resolve", "1", "--text", "Over for good."),
        ("postmortem", "1", "--text", "A queue was full."),
    ):
        said = run(capsys, home, "incident", *words)
        assert said.startswith("incident 1: update ")
        assert said.endswith(" published; 2 notices queued\n")
    assert run(capsys, home, "incident", "affects", "1", "initech") == "incident 1 affects Globex, Initech\n"
    assert data(capsys, home, "incident", "affects", "1", "initech") == {"event": 1, "clients": ["Globex", "Initech"]}
    said = run(capsys, home, "incident", "edit", "8", "--text", "A queue was too short.")
    assert said == "update 8 of incident 1: corrected; nobody is notified again\n"
    found = data(capsys, home, "incident", "show", "1")
    assert [item["status"] for item in found["updates"]] == [
        *["identified"] * 4,
        *("resolved", "investigating", "resolved", "postmortem"),
    ]
    assert [(item["before"], item["after"], item["why"]) for item in found["regrades"]] == [
        (2, 1, "half of all chats"),
        (1, 2, "business continuity plan of Globex"),
    ]
    assert found["updates"][-1]["text"] == "A queue was too short."
    assert {counts["queued"] for counts in found["deliveries"].values()} == {2}
    assert len(found["deliveries"]) == 8
    assert run(capsys, home, "incident", "list") == "no open incidents\n"


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        (present, wanted)
        for present in (EventStatus.MONITORING, EventStatus.RESOLVED)
        for wanted in sorted(set(get_args(Becomes)) - TRANSITIONS[EventKind.INCIDENT][present])
    ],
)
def test_an_illegal_step_is_refused_with_the_legal_ones(
    home: str, capsys: Out, present: EventStatus, wanted: EventStatus
) -> None:
    run(capsys, home, *OPEN)
    run(capsys, home, "incident", "update", "1", "--text", "On.", "--status", present)
    words = ("incident", "update", "1", "--text", "On.", "--status", wanted)
    allowed = [status.label for status in EventStatus if status in TRANSITIONS[EventKind.INCIDENT][present]]
    can = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    why = f"incident 1: an incident that is {present} can become {can}, not {wanted.label}; nothing was changed"
    assert run(capsys, home, *words, status=1) == f"omwatch: {why}\n"


# --- previews ----------------------------------------------------------------------------------------------------


def test_a_preview_shows_the_notice_and_how_many_it_would_reach_and_keeps_nothing(home: str, capsys: Out) -> None:
    before = rows(home)
    said = run(capsys, home, *OPEN, "--since", "2026-01-05T15:00Z", "--preview")
    assert said.splitlines() == [
        "Incident – identified",
        "",
        "Chats are lost",
        "",
        "Severity: Major impairment",
        "Since: 15:00 UTC on 5 January 2026",
        "Chat routing: partial outage",
        "Screen pop: partial outage",
        "",
        "We look into it.",
        "",
        "would reach 2 subscribers; nothing was published",
    ]
    assert rows(home) == before


def test_previews_of_everything_else_are_drafts_too(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Globex", "--continuity-plan")
    run(capsys, home, *OPEN)
    before = rows(home)
    found = data(capsys, home, "incident", "regrade", "1", "1", "--why", "worse", "--preview")
    assert (found["preview"]["event"]["severity"], found["recipients"], found["two_persons"]) == (1, 2, False)
    update = found["preview"]["update"]
    assert update["components"] == {"Chat routing": "major_outage", "Screen pop": "major_outage"}
    assert "more serious than we first said" in update["text"]
    found = data(capsys, home, "incident", "resolve", "1", "--preview")["preview"]
    assert (found["event"]["status"], set(found["event"]["components"].values())) == ("resolved", {"operational"})
    assert "is resolved" in found["update"]["text"]
    assert rows(home) == before


@pytest.mark.parametrize("words", SILENT)
def test_what_notifies_nobody_has_no_preview(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    assert "--preview" in run(capsys, home, *words, "--preview", status=2)


# --- who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [*PUBLISHING, *SILENT])
def test_a_viewer_writes_nothing_by_any_command(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    run(capsys, home, "client", "add", "Globex", "--continuity-plan")
    run(capsys, home, *OPEN)
    before = rows(home)
    rule(home, 'allow_as = true\nviewers = ["eve"]')
    said = run(capsys, home, *words, "--as", "eve", status=1)
    assert "eve is a viewer here, and this needs an" in said
    if words in PUBLISHING:
        assert run(capsys, home, *words, "--as", "eve", "--preview", status=1) == said
    assert rows(home) == before


@pytest.mark.parametrize("words", [("incident", "list"), ("incident", "show", "1"), ("incident", "list", "--all")])
def test_a_viewer_may_read(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    run(capsys, home, *OPEN)
    file = Path(home) / "config.toml"
    file.write_text(file.read_text().replace('default_role = "admin"', 'default_role = "viewer"'))
    assert "Chats are lost" in run(capsys, home, *words)


def test_another_name_stands_in_the_timeline_where_that_is_allowed(home: str, capsys: Out) -> None:
    assert "--as is not allowed here" in run(capsys, home, *OPEN, "--as", "grace", status=2)
    rule(home, "allow_as = true")
    run(capsys, home, *OPEN, "--as", "grace")
    assert data(capsys, home, "incident", "show", "1")["updates"][0]["author"] == "grace"


# --- the record --------------------------------------------------------------------------------------------------


def test_a_past_incident_is_written_down_and_listed_by_when_it_was(home: str, capsys: Out) -> None:
    run(capsys, home, *OPEN, "--since", "-1h")
    said = run(capsys, home, *SILENT[2], "--resolution", "Restarted.")
    assert said == "incident 2: written down; nobody is notified\n"
    listed = data(capsys, home, "incident", "list", "--all")
    assert [item["id"] for item in listed] == [1, 2]
    past = data(capsys, home, "incident", "show", "2")
    assert (past["status"], past["deliveries"], past["deadlines"]) == ("resolved", {}, [])
    assert [item["text"] for item in past["updates"]] == ["It was.", "Restarted."]
    assert timedelta(hours=2) <= since(past, "ended_at") < timedelta(hours=2, minutes=1)
    assert [item["id"] for item in data(capsys, home, "incident", "list")] == [1]


def test_an_incident_is_shown_with_all_that_hangs_on_it(home: str, capsys: Out) -> None:
    rule(home, 'zone = "Europe/Berlin"')
    run(capsys, home, "client", "add", "Globex")
    run(capsys, home, *OPEN, "--since", "2026-01-05T15:00Z", "--client", "Globex")
    run(capsys, home, "ticket", "report", "Globex", "No chats", "--grade", "2", "--component", "Chat routing")
    run(capsys, home, "ticket", "link", "1", "1")
    run(capsys, home, "incident", "regrade", "1", "1", "--why", "half of all chats", "--text", "It is\n\nworse.")
    window = ("--start", "+1h", "--for", "1h")
    run(capsys, home, "maintenance", "schedule", "Longer queue", *window, *COMPONENTS, "--corrects", "1")
    run(capsys, home, "incident", "edit", "1", "--text", "We look hard.")
    said = run(capsys, home, "incident", "show", "1")
    assert said.startswith("incident 1: Chats are lost\n  stands      identified, severity 1 System outage\n")
    assert "  since       2026-01-05 15:00 UTC (16:00 CET), for " in said
    assert "  components  Chat routing: major outage; Screen pop: major outage\n" in said
    assert "  clients     Globex\n" in said
    assert "  ticket      1 Globex: No chats (waiting)\n" in said
    assert "  owed        next update by " in said
    assert "60 min left" in said
    assert "  corrected   by maintenance 2 (scheduled): Longer queue\n" in said
    assert "  severity 2 Major impairment → 1 System outage: half of all chats\n" in said
    assert "  It is\n\n  worse.\n" in said
    assert ": 2 queued\n  corrected 20" in said
    found = data(capsys, home, "incident", "show", "1")
    assert [item["id"] for item in found["maintenances"]] == [2]
    assert [item["client"] for item in found["tickets"]] == ["Globex"]
    assert [(item["duty"], item["state"]) for item in found["deadlines"]] == [
        ("next update", "running"),
        ("response", "met"),
    ]


async def test_an_update_that_came_late_stands_there(store: Store) -> None:
    failing = {"Chat": ComponentStatus.MAJOR_OUTAGE}
    draft = Draft("Down", "We look.", Severity.OUTAGE, EventStatus.IDENTIFIED, failing, after(0))
    await incidents.open_(sit(store, after(0)), draft)
    await incidents.update(sit(store, after(4200)), 1, Statement("Sorry."))
    await incidents.resolve(sit(store, after(4800)), 1)
    said = lines(await dossier(sit(store, after(9000)), 1), after(9000), "UTC")
    assert "  since       2026-01-05 15:00 UTC until 2026-01-05 16:20 UTC" in said
    assert [line for line in said if line.startswith("  owed")] == [
        "  owed        next update was due 2026-01-05 16:00 UTC, and came 10 min late"
    ]


def test_a_list_takes_one_line_each(home: str, capsys: Out) -> None:
    assert run(capsys, home, "incident", "list") == "no open incidents\n"
    assert run(capsys, home, "incident", "list", "--all") == "no incidents yet\n"
    run(capsys, home, *OPEN, "--since", "2026-01-05T15:00Z")
    assert " ".join(run(capsys, home, "incident", "list").split()) == (
        "1 severity 2 Major impairment identified since 2026-01-05 15:00 UTC (10:00 EST) Chats are lost"
    )


@pytest.mark.parametrize("words", [("show", "9"), ("update", "9", "--text", "x"), ("resolve", "9")])
def test_what_is_not_there_is_refused(home: str, capsys: Out, words: tuple[str, ...]) -> None:
    why = "omwatch: there is no incident 9; 'omwatch incident list' shows the incidents\n"
    assert run(capsys, home, "incident", *words, status=1) == why


def test_components_are_spelt_as_the_checks_do_and_strange_ones_are_mentioned(home: str, capsys: Out) -> None:
    state = CheckState(an_assessment("Chat routing", Severity.OUTAGE))

    async def judged() -> None:
        store = await Store.open(Home(Path(home)).database)
        async with store.writing() as connection:
            await assessments.keep(connection, [state], datetime(2026, 1, 5, tzinfo=UTC))
        await store.close()

    asyncio.run(judged())
    named = ("--component", " chat ROUTING", "--component", "Chat rooting")
    assert main(["incident", "open", "T", "--text", "x", "--severity", "2", *named, "--home", home]) == 0
    note = "note: no check watches Chat rooting; the checks watch Chat routing\n"
    assert capsys.readouterr().err == note
    assert list(data(capsys, home, "incident", "show", "1")["components"]) == ["Chat rooting", "Chat routing"]
    for words in (
        ("hotfix", "publish", "T", "--text", "x", "--component", "Chat rooting", "--preview"),
        ("maintenance", "schedule", "T", "--start", "+1h", "--for", "1h", "--component", "Chat rooting", "--preview"),
    ):
        assert main([*words, "--home", home]) == 0
        assert capsys.readouterr().err == note
    assert main(["incident", "open", "T", "--text", "x", "--severity", "2", "--component", " ", "--home", home]) == 1
    assert capsys.readouterr().err == "omwatch: a component's name is empty; nothing was changed\n"


@pytest.mark.parametrize("words", [*PUBLISHING, *SILENT, ("incident", "list"), ("incident", "show", "1")])
def test_a_folder_that_is_no_home_ends_with_3(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--home", str(tmp_path)])
    assert ended.value.code == 3
