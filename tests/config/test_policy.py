"""From a checked configuration to the desk's rules, and to the role of whoever acts."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from omwatch.config import policy
from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.policy import operator_of, policy_of
from omwatch.config.settings import Config
from omwatch.domain.alarm import place_of
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Role
from omwatch.domain.severity import Severity

ESCAPES = "\x1b]52;c;cm0gLXJmIC8=\x07\u202e"


def config(home: Path, text: str = "") -> Config:
    (home / "config.toml").write_text(text)
    (home / "themes").mkdir(exist_ok=True)
    (home / "themes" / "dark.toml").write_text("")
    return load(Home(home), {}, {})


def log_in(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(policy, "pwd", SimpleNamespace(getpwuid=lambda _: SimpleNamespace(pw_name=name)))


@pytest.fixture(autouse=True)
def _ada(monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, "ada")


def test_a_home_that_says_nothing_gets_the_briefs_rules(tmp_path: Path) -> None:
    assert policy_of(config(tmp_path)) == Policy(mail_domain="openmethods.com")


def test_every_rule_reaches_the_desk(tmp_path: Path) -> None:
    text = """
        [desk]
        hold = "20s"
        two_person = [1]
        zone = "Europe/Berlin"
        reports_needed = 5
        reports_within = "2h"
        [oncall]
        addresses = ["json://127.0.0.1:9"]
        remind_before = ["20m", "5m"]
        repeat = "30m"
    """
    policy = policy_of(config(tmp_path, text))
    assert (policy.hold.seconds, policy.two_person, policy.zone) == (20, frozenset({Severity.OUTAGE}), "Europe/Berlin")
    assert (policy.reports_needed, policy.reports_within.seconds) == (5, 7200)
    assert policy.oncall == (place_of("json://127.0.0.1:9"),)
    assert [span.seconds for span in policy.remind_before] == [1200, 300]
    assert policy.repeat_alarms.seconds == 1800


def test_whoever_acts_is_the_systems_user_an_admin_until_roles_are_given(tmp_path: Path) -> None:
    operator = operator_of(config(tmp_path))
    assert (operator.name, operator.role) == ("ada", Role.ADMIN)


def test_roles_are_given_by_name(tmp_path: Path) -> None:
    said = config(tmp_path, '[desk]\ndefault_role = "viewer"\noperators = ["ada"]\nallow_as = true\n')
    assert operator_of(said).role is Role.OPERATOR
    assert operator_of(said, "grace").role is Role.VIEWER


def test_another_name_is_refused_unless_the_home_allows_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--as is not allowed here; an admin allows it with allow_as = true"):
        operator_of(config(tmp_path), "grace")


@pytest.mark.parametrize("name", ["", " ", "omwatch"])
def test_nobody_acts_under_no_name_or_as_the_clock(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="nobody can act as"):
        operator_of(config(tmp_path, "[desk]\nallow_as = true\n"), name)


def test_whoever_acts_is_named_without_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, f"ada\r\n{ESCAPES}")
    assert operator_of(config(tmp_path)).name.isprintable()


def test_a_person_whose_user_is_called_like_the_clock_is_not_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, MACHINE.name)
    operator = operator_of(config(tmp_path, f'[desk]\ndefault_role = "viewer"\nadmins = ["{MACHINE.name}"]\n'))
    assert operator.name == "omwatch (user)"
    assert operator.role is Role.ADMIN
    assert operator != MACHINE, "or none of their notices would be held"


def test_the_environment_makes_nobody_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "mallory")
    assert operator_of(config(tmp_path)).name == "ada"


def test_a_user_without_a_name_as_containers_have_them_is_known_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless(_number: int) -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(policy, "pwd", SimpleNamespace(getpwuid=nameless))
    assert operator_of(config(tmp_path)).name == f"uid {os.getuid()}"
