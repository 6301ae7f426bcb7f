"""The whole product once, as a newcomer sees it: real processes, real sockets, real mail."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FASTER = {
    "OMWATCH_CHECKS__AGENT_LOGIN__EVERY": "2s",
    "OMWATCH_CHECKS__SCREEN_POP__EVERY": "2s",
    "OMWATCH_CHECKS__CHAT_ROUTING__EVERY": "2s",
    "OMWATCH_CHECKS__EMAIL_ROUTING__EVERY": "2s",
    "OMWATCH_WATCHER__CONCURRENCY": "100",
}
PEOPLE = ["ada@example.com", "grace@example.com", "linus@example.com"]


class Installation:
    """A home, and the commands typed in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, **FASTER}

    def omwatch(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "omwatch", *words, "--home", str(self.home)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment, timeout=60)

    def json(self, *words: str) -> Any:  # noqa: ANN401 - whatever the command answers
        return json.loads(self.omwatch(*words, "--json").stdout)

    @contextmanager
    def running(self, *words: str) -> Iterator[None]:
        command = [sys.executable, "-m", "omwatch", *words, "--home", str(self.home), "--until-stdin-closes"]
        log = (self.home / "data" / f"{words[0]}.log").open("w")
        with (
            log,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self.environment) as child,
        ):
            try:
                yield
            finally:
                assert child.stdin is not None
                child.stdin.close()
                assert child.wait(timeout=10) in {0, 143}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    subprocess.run([sys.executable, "-m", "omwatch", "init", str(tmp_path)], check=True, capture_output=True)
    return Installation(tmp_path)


def until(condition: Callable[[], bool], seconds: float) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.25)):
        if condition():
            return
        pause.wait(0.25)
    raise AssertionError(f"not within {seconds} s")


def test_probes_judge_confirm_and_broadcast_once_over_real_sockets(installation: Installation) -> None:
    added = installation.omwatch("subscriber", "add", *PEOPLE)
    assert added.returncode == 0, added.stderr

    def severities() -> list[int | None]:
        return [row["severity"] for row in installation.json("status")["components"]]

    with installation.running("sandbox"), installation.running("watch"):
        until(lambda: severities() == [4, 4, 4, 4], 40)
        broken = installation.omwatch("sandbox", "fault", "agent-login", "--subjects", "0.4")
        assert broken.returncode == 0, broken.stderr
        until(lambda: any(row["severity"] == 1 for row in installation.json("suggestion", "list")), 20)
        (suggestion,) = installation.json("suggestion", "list")
        assert suggestion["components"] == ["Agent login"]
        confirmed = installation.omwatch("suggestion", "confirm", str(suggestion["id"]))
        assert confirmed.returncode == 0, confirmed.stderr
        until(lambda: installation.json("status")["deliveries"] == {"sent": 3}, 20)
        mails = installation.json("sandbox", "mail")
        assert sorted(mail["to"] for mail in mails) == PEOPLE
        assert {mail["subject"] for mail in mails} == {"[OpenMethods] Incident – identified: Agent login"}
        assert all("Agent login" in mail["text"] and "<h1" in mail["html"] for mail in mails)
        (event,) = installation.json("status")["events"]
        assert event["started_at"] == suggestion["first_failed_at"]
        assert installation.json("suggestion", "list") == []
