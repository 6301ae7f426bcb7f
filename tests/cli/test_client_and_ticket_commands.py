"""Clients and tickets by command: what is printed, as lines and as JSON, and which exit status it ends with."""

import json
from pathlib import Path

import pytest

from omwatch.cli import main
from tests.cli.running import Out, data, run


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return str(tmp_path)


def open_incident(capsys: Out, home: str) -> int:
    """Let three clients report a system outage, confirm it, and return the incident's number."""
    for name in ("Acme", "Globex", "Initech"):
        run(capsys, home, "client", "add", name, "--continuity-plan")
        run(capsys, home, "ticket", "report", name, "Chats wait", "--grade", "1", "--component", "Chat routing")
    (found,) = data(capsys, home, "suggestion", "list")
    return int(data(capsys, home, "suggestion", "confirm", str(found["id"]))["event"])


# --- clients -----------------------------------------------------------------------------------------------------


def test_a_client_is_added_changed_and_listed(home: str, capsys: Out) -> None:
    words = ("--support", "premium", "--continuity-plan", "--contact", "a@example.com", "--contact", "b@example.com")
    said = run(capsys, home, "client", "add", "Acme", *words)
    assert said == "Acme: added; premium support, continuity plan, 2 contacts\n"
    changes = ("--rename", "Acme Corp", "--no-continuity-plan", "--support", "standard")
    said = run(capsys, home, "client", "edit", "ACME", *changes, "--remove-contact", "a@example.com")
    assert said == "Acme Corp: changed; standard support, no continuity plan, 1 contact\n"
    listed = run(capsys, home, "client", "list")
    assert " ".join(listed.split()) == "Acme Corp standard support no continuity plan 1 contact"
    (found,) = data(capsys, home, "client", "list")
    assert (found["name"], found["support"], found["continuity_plan"]) == ("Acme Corp", "standard", False)
    assert [row["address"] for row in data(capsys, home, "subscriber", "list")] == ["a@example.com", "b@example.com"]


def test_what_is_refused_says_why_and_ends_with_1(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    assert "there is a client 'Acme' already" in run(capsys, home, "client", "add", "acme", status=1)
    assert "Acme is so already" in run(capsys, home, "client", "edit", "Acme", status=1)
    assert "there is no client 'Globex'" in run(capsys, home, "client", "show", "Globex", status=1)
    assert "an e-mail address has an @" in run(capsys, home, "client", "edit", "Acme", "--contact", "x", status=1)


def test_a_client_is_shown_with_its_tickets_and_incidents(home: str, capsys: Out) -> None:
    incident = open_incident(capsys, home)
    said = run(capsys, home, "client", "show", "acme")
    assert said.startswith("Acme: standard support, continuity plan, 0 contacts\n")
    assert "Chats wait (Chat routing, incident 1)" in said
    assert f"    {incident}  severity 1  investigating  Chat routing: problems reported" in said
    found = data(capsys, home, "client", "show", "acme")
    assert [item["id"] for item in found["tickets"]] == [1]
    assert [item["id"] for item in found["incidents"]] == [incident]
    run(capsys, home, "client", "add", "Umbrella")
    assert "no open tickets\n\nno incidents\n" in run(capsys, home, "client", "show", "Umbrella")


def test_no_clients_says_how_to_add_one(home: str, capsys: Out) -> None:
    assert "'omwatch client add NAME'" in run(capsys, home, "client", "list")
    assert data(capsys, home, "client", "list") == []


# --- tickets -----------------------------------------------------------------------------------------------------


def test_a_ticket_goes_its_way_by_commands_alone(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    said = run(capsys, home, "ticket", "report", "acme", "Chats wait", "--grade", "2", "--text", "All of them.")
    assert said.startswith("ticket 1: reported, severity 2; respond by 20")
    assert run(capsys, home, "ticket", "assign", "1", "grace") == "ticket 1: assigned to grace\n"
    said = run(capsys, home, "ticket", "regrade", "1", "3", "--why", "one agent only")
    assert said.startswith("ticket 1: severity 3; respond by ")
    assert run(capsys, home, "ticket", "respond", "1", "--text", "We know.") == "ticket 1: responded\n"
    assert run(capsys, home, "ticket", "close", "1", "--text", "Done.") == "ticket 1: closed\n"
    assert run(capsys, home, "ticket", "list") == "no open tickets\n"
    assert "Chats wait (grace)" in run(capsys, home, "ticket", "list", "--all")
    assert run(capsys, home, "ticket", "reopen", "1") == "ticket 1: open again\n"
    shown = run(capsys, home, "ticket", "show", "1")
    for part in ("ticket 1: Chats wait", "Acme, standard support", "3 Minor loss of service", "grace"):
        assert part in shown
    assert "\n  component   not named\n" in shown
    assert shown.endswith("\n\nAll of them.\n")


def test_every_ticket_command_prints_the_ticket_as_json(home: str, capsys: Out) -> None:
    incident = open_incident(capsys, home)
    report = ("ticket", "report", "acme", "Chats wait", "--grade", "2", "--component", "Chat routing")
    assert data(capsys, home, *report)["response"]["state"] == "running"
    assert data(capsys, home, "ticket", "link", "4", str(incident))["incident"] == incident
    assert data(capsys, home, "ticket", "unlink", "4")["incident"] is None
    assert data(capsys, home, "ticket", "assign", "4", "grace")["assignee"] == "grace"
    assert data(capsys, home, "ticket", "regrade", "4", "1", "--why", "it spreads")["grade"] == 1
    assert data(capsys, home, "ticket", "respond", "4", "--text", "We know.")["response"]["state"] == "met"
    assert data(capsys, home, "ticket", "close", "4", "--text", "Done.")["status"] == "closed"
    assert data(capsys, home, "ticket", "reopen", "4")["status"] == "responded"
    assert data(capsys, home, "ticket", "show", "4")["title"] == "Chats wait"
    assert [item["id"] for item in data(capsys, home, "ticket", "list")] == [1, 2, 3, 4]


def test_the_list_is_in_the_order_of_work_and_all_adds_the_closed_ones(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    run(capsys, home, "client", "add", "Globex", "--support", "premium")
    for client, grade in (("Acme", "3"), ("Acme", "2"), ("Globex", "2"), ("Acme", "1"), ("Globex", "4")):
        run(capsys, home, "ticket", "report", client, "Chats wait", "--grade", grade)
    run(capsys, home, "ticket", "close", "5", "--text", "Done.")
    run(capsys, home, "ticket", "close", "1", "--text", "Done.")
    assert [item["id"] for item in data(capsys, home, "ticket", "list")] == [4, 3, 2]
    assert [item["id"] for item in data(capsys, home, "ticket", "list", "--all")] == [4, 3, 2, 5, 1]
    lines = run(capsys, home, "ticket", "list", "--all").splitlines()
    assert [line.split()[0] for line in lines] == ["4", "3", "2", "5", "1"]
    assert "premium" in lines[1]
    assert "closed" in lines[-1]


def test_what_is_no_fault_needs_no_grade_and_says_what_it_is(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    report = ("ticket", "report", "Acme", "A new ACD", "--nature", "enhancement")
    assert data(capsys, home, *report)["nature"] == "enhancement request"
    assert "A new ACD (enhancement request)" in run(capsys, home, "ticket", "list")
    assert "always severity 4" in run(capsys, home, *report, "--grade", "1", status=1)
    assert "a fault needs a grade" in run(capsys, home, "ticket", "report", "Acme", "It fails", status=1)


def test_when_it_was_reported_may_be_told_and_a_late_answer_reads_so(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    report = ("ticket", "report", "Acme", "Chats wait", "--grade", "1", "--at")
    said = run(capsys, home, *report, "2026-01-05 10:00")
    assert said == "ticket 1: reported, severity 1; respond by 2026-01-05 15:30 UTC (10:30 EST)\n"
    assert "late by " in run(capsys, home, "ticket", "list")
    assert run(capsys, home, "ticket", "respond", "1", "--text", "Sorry.") == "ticket 1: responded late\n"
    assert data(capsys, home, *report, "-20m")["response"]["state"] in {"running", "at risk"}
    assert "nothing can be reported in the future" in run(capsys, home, *report, "+2h", status=1)
    assert "is no time that can be used here" in run(capsys, home, *report, "soon", status=2)


def test_a_linked_ticket_affects_its_client_until_told_otherwise(home: str, capsys: Out) -> None:
    incident = open_incident(capsys, home)
    run(capsys, home, "client", "add", "Umbrella")
    run(capsys, home, "ticket", "report", "Umbrella", "Chats wait", "--grade", "2")
    said = run(capsys, home, "ticket", "link", "4", str(incident))
    assert said == f"ticket 4: part of incident {incident}, which affects Umbrella\n"
    assert (
        run(capsys, home, "ticket", "unlink", "4")
        == "ticket 4: part of no incident; Umbrella still counts as affected\n"
    )
    run(capsys, home, "ticket", "link", "4", str(incident))
    said = run(capsys, home, "ticket", "unlink", "4", "--unaffected")
    assert said == "ticket 4: part of no incident; Umbrella does not count as affected any more\n"


@pytest.mark.parametrize(
    "words",
    [
        ["regrade", "1", "5", "--why", "?"],
        ["regrade", "1", "1"],
        ["respond", "1"],
        ["close", "1"],
        ["report", "Acme", "It fails", "--nature", "wish"],
        ["report", "Acme"],
    ],
)
def test_words_that_make_no_sense_end_with_2(home: str, capsys: Out, words: list[str]) -> None:
    run(capsys, home, "ticket", *words, status=2)


def test_acting_for_somebody_else_is_for_homes_that_allow_it(home: str, capsys: Out) -> None:
    assert "--as is not allowed here" in run(capsys, home, "client", "add", "Acme", "--as", "grace", status=2)
    assert "--as is not allowed here" in run(capsys, home, "ticket", "reopen", "1", "--as", "grace", status=2)


# --- suggestions that follow from clients ------------------------------------------------------------------------


def test_what_clients_report_is_listed_shown_and_confirmed_like_any_suggestion(home: str, capsys: Out) -> None:
    for name in ("Acme", "Globex", "Initech"):
        run(capsys, home, "client", "add", name)
        run(capsys, home, "ticket", "report", name, "Chats wait", "--grade", "2", "--component", "Chat routing")
    said = run(capsys, home, "suggestion", "list")
    told = "3 clients report Chat routing (tickets 1, 2, 3)"
    assert said == f"   1  reported  severity 2 Major impairment  {told}\n"
    shown = run(capsys, home, "suggestion", "show", "1")
    assert shown.startswith(f"suggestion 1: reported, severity 2\n  {told}\n\nChat routing: problems reported\n\n")
    assert "We are investigating reports that Chat routing does not work for some clients." in shown
    (found,) = data(capsys, home, "suggestion", "list")
    assert (found["kind"], found["evidence"][0]["behind"]) == ("reported", [1, 2, 3])
    assert main(["status", "--home", home]) == 1
    assert f"suggestion 1: Major impairment: {told}" in capsys.readouterr().out
    assert run(capsys, home, "suggestion", "confirm", "1").startswith("incident 1: update 1 published; 0 notices")
    assert {item["incident"] for item in data(capsys, home, "ticket", "list")} == {1}


def test_an_outage_is_regraded_under_the_plans_of_its_clients_by_confirming(home: str, capsys: Out) -> None:
    incident = open_incident(capsys, home)
    (found,) = data(capsys, home, "suggestion", "list")
    assert (found["kind"], found["incident"], found["severity"]) == ("continuity", incident, 2)
    said = run(capsys, home, "suggestion", "list")
    told = "all 3 affected clients have a business continuity plan: Acme, Globex, Initech"
    assert said == f"   2  continuity incident {incident}  severity 2 Major impairment  {told}\n"
    assert told in run(capsys, home, "suggestion", "show", "2")
    assert run(capsys, home, "suggestion", "confirm", "2").startswith(f"incident {incident}: update 2 published")
    assert main(["status", "--json", "--home", home]) == 1
    (event,) = json.loads(capsys.readouterr().out)["events"]
    assert (event["severity"], event["updates"][-1]["reason"]) == (
        2,
        "business continuity plan of Acme, Globex, Initech",
    )
