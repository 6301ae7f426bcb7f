"""Settings with the addresses of the running sandbox filled in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from omwatch.config.addresses import SandboxNotRunning, SandboxRecord, write_record
from omwatch.config.home import Home
from omwatch.config.lockfile import LockFile
from omwatch.config.resolving import resolved


class Settings(BaseModel):
    base_url: str = "sandbox:agent-login"
    smtp: str = "mail.example.com:25"
    password: SecretStr = SecretStr("sandbox:secret")
    limit: int = 3


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    write_record(home, SandboxRecord(os.getpid(), {"agent-login": "http://127.0.0.1:1", "secret": "no"}))
    lock = LockFile(home.sandbox_lock)
    assert lock.acquire()
    yield home
    lock.release()


def test_sandbox_addresses_become_real_ones_and_the_rest_stays(running: Home) -> None:
    settings = resolved(Settings(), running)
    assert settings.base_url == "http://127.0.0.1:1"
    assert (settings.smtp, settings.limit) == ("mail.example.com:25", 3)
    assert settings.password.get_secret_value() == "sandbox:secret"


def test_the_settings_themselves_stay_as_they_were(running: Home) -> None:
    settings = Settings()
    resolved(settings, running)
    assert settings.base_url == "sandbox:agent-login"


def test_without_a_sandbox_nothing_can_be_resolved(tmp_path: Path) -> None:
    with pytest.raises(SandboxNotRunning, match=r"^sandbox:agent-login: no sandbox runs in this home"):
        resolved(Settings(), Home(tmp_path))


def test_settings_that_name_no_sandbox_need_none(tmp_path: Path) -> None:
    settings = Settings(base_url="https://media-bar.example.com")
    assert resolved(settings, Home(tmp_path)) == settings
