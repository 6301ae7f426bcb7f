"""A whole day by commands alone, on a clock that the test moves: from the first failed log-in to the month's report."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from omwatch.cli import main
from omwatch.clock import FakeClock
from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.policy import policy_of
from omwatch.desk import automation
from omwatch.desk.session import Session
from omwatch.domain.role import MACHINE
from omwatch.store import Store
from omwatch.store.tables import alarms, deliveries, subscribers
from tests.timeline.watching import LOGIN, Service, Watch

ON_CALL = 'addresses = ["json://127.0.0.1:9/night"]'


class Day:
    """One home on one day; every decision is a command."""

    def __init__(self, home: Path, clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.clock = clock
        self._capsys = capsys

    def run(self, *words: str) -> Any:  # noqa: ANN401 - what the command prints
        """Run a command that succeeds and return the JSON that it prints."""
        status = main([*words, "--json", "--home", str(self.home)])
        said = self._capsys.readouterr()
        assert status == 0, (words, said.err)
        return json.loads(said.out)

    def run_unhealthy(self, *words: str) -> Any:  # noqa: ANN401 - what the command prints
        """Run a command that says that something is wrong, with exit status 1, and return the JSON that it prints."""
        assert main([*words, "--json", "--home", str(self.home)]) == 1
        return json.loads(self._capsys.readouterr().out)

    def audit(self) -> list[dict[str, Any]]:
        """Return the audit log, the newest entry first."""
        return [json.loads(line) for line in self.says("audit", "--json").splitlines()]

    def refused(self, *words: str) -> str:
        """Run a command that is refused and return why."""
        assert main([*words, "--home", str(self.home)]) == 1
        return self._capsys.readouterr().err

    def says(self, *words: str) -> str:
        """Run a command and return its words."""
        main([*words, "--home", str(self.home)])
        return self._capsys.readouterr().out

    def passes(self, **span: float) -> None:
        """Let time pass, a minute at a time, with the clock doing what is due."""
        until = self.clock.now() + timedelta(**span)
        while self.clock.now() < until:
            step = min(timedelta(minutes=1), until - self.clock.now())
            asyncio.run(self._tick(step))

    async def _tick(self, step: timedelta) -> None:
        await self.clock.advance(step.total_seconds())
        home = Home(self.home)
        store = await Store.open(home.database)
        try:
            policy = policy_of(load(home, {}, {}), home)
            await automation.by_clock(Session(store, MACHINE, self.clock.now(), policy))
        finally:
            await store.close()

    def watch_until_suggested(self) -> None:
        """Let the real watcher judge a service of whose agents 40 % cannot log in."""

        async def watch() -> None:
            service = Service(self.clock)
            store = await Store.open(Home(self.home).database)
            watcher = Watch(store, Home(self.home), self.clock, service, [LOGIN])
            await watcher.start()
            await watcher.forward(30)
            service.fail(LOGIN, 20)
            await watcher.until(lambda seen: bool(seen.suggestions), within=30)
            await watcher.stop()
            await store.close()

        asyncio.run(watch())

    def told(self, address: str) -> int:
        """Return how many notices were queued for an address."""
        return len(self.rows(select(deliveries).join(subscribers).where(subscribers.c.address == address)))

    def rows(self, statement: Any) -> list[Any]:  # noqa: ANN401 - SQL
        async def read() -> list[Any]:
            store = await Store.open(Home(self.home).database)
            async with store.reading() as connection:
                found = list(await connection.execute(statement))
            await store.close()
            return found

        return asyncio.run(read())


@pytest.fixture
def day(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Day:
    clock = FakeClock(datetime(2026, 11, 23, 14, tzinfo=UTC))
    monkeypatch.setattr("omwatch.clock.SystemClock", lambda: clock)
    users = SimpleNamespace(getpwuid=lambda _: SimpleNamespace(pw_name="ada"))
    monkeypatch.setattr("omwatch.config.policy.pwd", users)
    assert main(["init", str(tmp_path)]) == 0
    config = tmp_path / "config.toml"
    checks = config.read_text().partition("[checks.")[0]
    config.write_text(f"{checks}\n[oncall]\n{ON_CALL}\n[desk]\nallow_as = true\nviewers = ['wall']\n")
    capsys.readouterr()
    return Day(tmp_path, clock, capsys)


def test_a_day_from_the_first_failure_to_the_months_report(day: Day, tmp_path: Path) -> None:
    somebody_is_there(day)
    an_outage_is_suggested(day)
    a_viewer_can_do_nothing(day)
    incident = it_is_confirmed_in_time(day)
    a_client_reports_it(day, incident)
    one_update_comes_in_time_and_one_too_late(day, incident)
    it_is_regraded_under_a_continuity_plan(day, incident)
    it_is_resolved_and_explained(day, incident)
    a_maintenance_corrects_it_by_itself(day, incident)
    a_hotfix_and_a_subprocessor_reach_their_topics(day)
    the_month_is_summed_up(day, tmp_path / "month.svg")


def somebody_is_there(day: Day) -> None:
    day.says("subscriber", "add", "ada@example.com")
    day.says("subscriber", "add", "dpo@example.com", "--topic", "subprocessor")
    day.run("client", "add", "Acme", "--support", "premium", "--continuity-plan", "--contact", "ops@acme.example")
    day.run("client", "add", "Globex")


def an_outage_is_suggested(day: Day) -> None:
    day.watch_until_suggested()
    day.passes(seconds=2)
    (suggestion,) = day.run("suggestion", "list")
    assert suggestion["severity"] == 1
    (owed,) = day.run("deadline", "list")
    assert (owed["duty"], owed["about"], owed["severity"], owed["state"]) == ("response", "suggestion", 1, "running")
    assert day.run_unhealthy("status")["suggestions"] == [suggestion]


def a_viewer_can_do_nothing(day: Day) -> None:
    before = len(day.audit())
    for words in (
        ("suggestion", "confirm", "1"),
        ("suggestion", "dismiss", "1", "--why", "no"),
        ("incident", "open", "X", "--text", "x", "--severity", "2", "--component", "Chat"),
        ("ticket", "report", "Acme", "X", "--grade", "2"),
        ("hotfix", "publish", "X", "--text", "x"),
        ("maintenance", "schedule", "X", "--component", "Chat", "--start", "+2h", "--for", "1h"),
        ("subscriber", "add", "eve@example.com"),
        ("client", "add", "Eve"),
        ("deadline", "snooze", "1", "--for", "30m"),
    ):
        assert "wall is a viewer here, and this needs a" in day.refused(*words, "--as", "wall"), words
    assert len(day.audit()) == before


def it_is_confirmed_in_time(day: Day) -> str:
    day.passes(minutes=10)
    done = day.run("suggestion", "confirm", "1")
    assert done["recipients"] == 2, "the subprocessor's subscriber is not told"
    shown = day.run("incident", "show", str(done["event"]))
    assert shown["started_at"] < shown["created_at"], "it began with the first failed attempt, not with the click"
    (owed,) = day.run("deadline", "list")
    assert (owed["duty"], owed["about"], owed["number"]) == ("next update", "incident", done["event"])
    return str(done["event"])


def a_client_reports_it(day: Day, incident: str) -> None:
    ticket = str(day.run("ticket", "report", "Acme", "Nobody can log in", "--grade", "1")["id"])
    day.run("ticket", "respond", ticket, "--text", "We know, and work on it.")
    day.run("ticket", "link", ticket, incident)
    assert [item["duty"] for item in day.run("deadline", "list")] == ["next update"], "its response is met"


def one_update_comes_in_time_and_one_too_late(day: Day, incident: str) -> None:
    day.passes(minutes=55)
    assert len(day.rows(select(alarms))) == 1, "on-call was reminded ten minutes before"
    day.run("incident", "update", incident, "--text", "We have found the cause.", "--status", "monitoring")
    day.passes(minutes=75)
    assert len(day.rows(select(alarms))) == 3, "again ten minutes before, and at the end"
    (breach,) = [entry for entry in day.audit() if entry["action"] == "breach"]
    assert breach["operator"] == "omwatch"
    (owed,) = day.run("deadline", "list")
    assert owed["state"] == "breached"


def it_is_regraded_under_a_continuity_plan(day: Day, incident: str) -> None:
    (planned,) = [item for item in day.run("suggestion", "list") if item["kind"] == "continuity"]
    day.run("suggestion", "confirm", str(planned["id"]))
    shown = day.run("incident", "show", incident)
    assert (shown["severity"], shown["impact"]) == (2, "major")
    assert "Acme" in shown["updates"][-1]["reason"]
    assert day.run("deadline", "list") == [], "severity 2 owes updates on progress only"


def it_is_resolved_and_explained(day: Day, incident: str) -> None:
    refused = day.refused("incident", "postmortem", incident, "--text", "Too early.")
    assert "can become investigating, identified, monitoring or resolved, not postmortem" in refused
    day.run("incident", "resolve", incident)
    day.run("incident", "postmortem", incident, "--text", "A certificate ran out.")
    assert day.run("incident", "show", incident)["status"] == "postmortem"


def a_maintenance_corrects_it_by_itself(day: Day, incident: str) -> None:
    window = day.run(
        *("maintenance", "schedule", "Renew certificates", "--component", "Agent login"),
        *("--corrects", incident, "--start", "+90m", "--for", "30m"),
    )
    number = str(window["event"])
    day.passes(minutes=95)
    assert day.run("maintenance", "show", number)["status"] == "in_progress"
    assert day.run_unhealthy("status")["under_maintenance"] == ["Agent login"]
    day.passes(minutes=30)
    shown = day.run("maintenance", "show", number)
    assert [(update["status"], update["author"]) for update in shown["updates"]] == [
        ("scheduled", "ada"),
        ("scheduled", "omwatch"),  # the reminder, an hour before
        ("in_progress", "omwatch"),
        ("completed", "omwatch"),
    ]


def a_hotfix_and_a_subprocessor_reach_their_topics(day: Day) -> None:
    hotfix = day.run("hotfix", "publish", "Faster screen pops", "--text", "We have applied a fix without downtime.")
    assert day.run("hotfix", "list")[0]["status"] == "postmortem"
    assert hotfix["recipients"] == 2
    told = day.told("ada@example.com")
    notice = ("subprocessor", "announce", "Initech", "--purpose", "e-mail delivery", "--effective", "2026-12-24")
    assert day.run(*notice)["recipients"] == 1
    assert (day.told("dpo@example.com"), day.told("ada@example.com")) == (1, told)


def the_month_is_summed_up(day: Day, picture: Path) -> None:
    report = day.run("report", "--month", "2026-11")
    assert "next update" in json.dumps(report["breaches"])
    assert len(day.rows(select(alarms))) == 3, "nothing else was owed"
    assert "Agent login" in day.says("report", "--month", "2026-11", "--picture", str(picture))
    assert "<svg" in picture.read_text()
    assert "Nobody can log in (Acme, premium)" in day.says("handover"), "its ticket is still open"
