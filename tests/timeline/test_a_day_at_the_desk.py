"""A whole day by commands alone, on a clock that the test moves: from the first failed log-in to the month's report."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
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
def day(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    clock = FakeClock(datetime(2026, 11, 23, 14, tzinfo=UTC))
    monkeypatch.setattr("omwatch.clock.SystemClock", lambda: clock)
    monkeypatch.setenv("LOGNAME", "ada")
    assert main(["init", str(tmp_path)]) == 0
    config = tmp_path / "config.toml"
    checks = config.read_text().partition("[checks.")[0]
    config.write_text(f"{checks}\n[oncall]\n{ON_CALL}\n[desk]\nallow_as = true\nviewers = ['wall']\n")
    capsys.readouterr()
    yield Day(tmp_path, clock, capsys)


def test_a_day_from_the_first_failure_to_the_months_report(day: Day, tmp_path: Path) -> None:
    # Morning: who is there.
    day.says("subscriber", "add", "ada@example.com")
    day.says("subscriber", "add", "dpo@example.com", "--topic", "subprocessor")
    day.run("client", "add", "Acme", "--support", "premium", "--continuity-plan", "--contact", "ops@acme.example")
    day.run("client", "add", "Globex")

    # An outage is suggested; a response is owed, and a second look shows for how long.
    day.watch_until_suggested()
    day.passes(seconds=2)
    (suggestion,) = day.run("suggestion", "list")
    assert suggestion["severity"] == 1
    (owed,) = day.run("deadline", "list")
    assert (owed["duty"], owed["about"], owed["severity"], owed["state"]) == ("response", "suggestion", 1, "running")
    assert main(["status", "--home", str(tmp_path)]) == 1

    # Somebody who may only look can do nothing.
    assert "wall is a viewer here" in day.refused("suggestion", "confirm", "1", "--as", "wall")

    # Confirmed in time: the response is met, the next hour runs.
    day.passes(minutes=10)
    done = day.run("suggestion", "confirm", "1")
    incident = str(done["event"])
    assert done["recipients"] == 2, "the subprocessor's subscriber is not told"
    shown = day.run("incident", "show", incident)
    assert shown["started_at"] < suggestion["opened_at"], "it began with the first failed attempt"
    (owed,) = day.run("deadline", "list")
    assert (owed["duty"], owed["about"]) == ("next update", "incident")

    # A client reports it.
    ticket = str(day.run("ticket", "report", "Acme", "Nobody can log in", "--grade", "1")["id"])
    day.run("ticket", "respond", ticket, "--text", "We know, and work on it.")
    day.run("ticket", "link", ticket, incident)

    # Updates on cadence, then one too late: on-call is reminded, the breach is recorded.
    day.passes(minutes=55)
    day.run("incident", "update", incident, "--text", "We have found the cause.", "--status", "monitoring")
    assert day.rows(select(alarms)) != [], "on-call was reminded ten minutes before"
    before = len(day.rows(select(alarms)))
    day.passes(minutes=75)
    keys = [row.key for row in day.rows(select(alarms))]
    assert len(keys) == before + 2, "once ten minutes before, once at the end"
    (breach,) = [entry for entry in day.audit() if entry["action"] == "breach"]
    assert breach["operator"] == "omwatch"
    assert day.run("deadline", "list")[0]["state"] == "breached"

    # Every client that it affects has a continuity plan: severity 2 is suggested, and done.
    (planned,) = [item for item in day.run("suggestion", "list") if item["kind"] == "continuity"]
    day.run("suggestion", "confirm", str(planned["id"]))
    shown = day.run("incident", "show", incident)
    assert (shown["severity"], shown["impact"]) == (2, "major")
    assert "Acme" in shown["updates"][-1]["reason"]
    assert day.run("deadline", "list") == [], "severity 2 owes updates on progress only"

    # Illegal steps are refused with what is allowed.
    assert "can become" in day.refused("incident", "postmortem", incident, "--text", "Too early.")

    # Resolved, explained, and corrected by a maintenance that runs by itself.
    day.run("incident", "resolve", incident)
    day.run("incident", "postmortem", incident, "--text", "A certificate ran out.")
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
    assert [update["status"] for update in shown["updates"]] == [
        "scheduled",
        "scheduled",
        "in_progress",
        "completed",
    ], "scheduled, reminded an hour before, begun and completed by the clock"
    assert {update["author"] for update in shown["updates"][1:]} == {"omwatch"}

    # A hotfix needs no incident; a subprocessor notice reaches its own topic only.
    hotfix = day.run("hotfix", "publish", "Faster screen pops", "--text", "We have applied a fix without downtime.")
    assert day.run("hotfix", "list")[0]["status"] == "postmortem"
    assert hotfix["recipients"] == 2
    count = day.told("ada@example.com")
    announced = day.run(
        *("subprocessor", "announce", "Initech", "--purpose", "e-mail delivery", "--effective", "2026-12-24")
    )
    assert announced["recipients"] == 1
    assert (day.told("dpo@example.com"), day.told("ada@example.com")) == (1, count)

    # The month in figures, and what the next shift must know.
    report = day.run("report", "--month", "2026-11")
    assert json.dumps(report).count("breach") > 0
    assert len(day.rows(select(alarms))) == before + 2
    assert "Agent login" in day.says("report", "--month", "2026-11", "--picture", str(tmp_path / "month.svg"))
    assert (tmp_path / "month.svg").read_text().startswith("<")
    assert day.says("handover")
