"""``omwatch status`` says that a site is blind, as long as somebody watches from it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.clock import SystemClock
from omwatch.config.home import Home
from omwatch.domain.plain import instant
from omwatch.store import Store, leases
from omwatch.store.leases import Lease

NOW = SystemClock().now()
SINCE = NOW - timedelta(minutes=3)


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path


def note(home: Path, blind_since: str | None, lasts: float) -> None:
    lease = Lease("watcher", "me", 1, 1, NOW, NOW + timedelta(seconds=lasts), {"blind_since": blind_since})

    async def write() -> None:
        Home(home).make_data()
        store = await Store.open(Home(home).database)
        async with store.writing() as connection:
            await leases.take(connection, lease)
        await store.close()

    asyncio.run(write())


def test_a_blind_site_is_said_to_be_blind_and_is_not_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note(home, instant(SINCE), lasts=600)
    assert main(["status", "--home", str(home)]) == 1
    said = f"this site is blind since {SINCE:%Y-%m-%d %H:%M:%S} UTC: no control answers, and nothing is judged"
    assert said in capsys.readouterr().out.splitlines()
    assert main(["status", "--home", str(home), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["watcher"]["blind_since"] == instant(SINCE)


@pytest.mark.parametrize(
    ("blind_since", "lasts", "status"), [(None, 600, 0), (instant(SINCE), -1, 1)], ids=["sees", "gone"]
)
def test_one_that_sees_or_that_nobody_watches_from_is_not(
    home: Path, capsys: pytest.CaptureFixture[str], blind_since: str | None, lasts: float, status: int
) -> None:
    note(home, blind_since, lasts)
    assert main(["status", "--home", str(home), "--json"]) == status
    assert json.loads(capsys.readouterr().out)["watcher"]["blind_since"] is None


def test_where_nobody_watches_it_says_how_to_start(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--home", str(home)]) == 1
    said = "watcher: absent; nobody watches, 'omwatch watch' starts a watcher"
    assert capsys.readouterr().out.splitlines()[0] == said
