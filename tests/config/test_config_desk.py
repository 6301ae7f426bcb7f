"""[desk]: who decides, and how."""

from collections.abc import Callable

import pytest

from omwatch.config.settings import Config
from omwatch.domain.role import Role
from omwatch.domain.severity import Severity

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

TABLE = "[desk]\n"


def test_everybody_may_do_everything_alone_and_at_once_unless_told(load_text: Load) -> None:
    desk = load_text("").desk
    assert (desk.allow_as, desk.default_role, desk.role_of("ada")) == (False, Role.ADMIN, Role.ADMIN)
    assert (desk.hold, desk.two_person) == (0.0, frozenset())
    assert (desk.zone, desk.reports_needed, desk.reports_within) == ("America/New_York", 3, 3600.0)


def test_a_list_gives_a_role_and_the_others_have_the_usual_one(load_text: Load) -> None:
    desk = load_text(
        TABLE + 'default_role = "viewer"\noperators = ["ada", "grace"]\nadmins = ["linus"]\nviewers = ["root"]\n'
    ).desk
    roles = {name: desk.role_of(name) for name in ("ada", "grace", "linus", "root", "someone", "Ada")}
    assert roles == {
        "ada": Role.OPERATOR,
        "grace": Role.OPERATOR,
        "linus": Role.ADMIN,
        "root": Role.VIEWER,
        "someone": Role.VIEWER,
        "Ada": Role.VIEWER,
    }


def test_everything_may_be_said(load_text: Load) -> None:
    desk = load_text(
        TABLE + 'allow_as = true\nhold = "90s"\ntwo_person = [1, 2]\nzone = "Europe/Berlin"\nreports_needed = 2\n'
        'reports_within = "30m"\n'
    ).desk
    assert (desk.allow_as, desk.hold, desk.zone) == (True, 90.0, "Europe/Berlin")
    assert desk.two_person == {Severity.OUTAGE, Severity.IMPAIRMENT}
    assert (desk.reports_needed, desk.reports_within) == (2, 1800.0)


def test_it_can_come_from_the_environment(load_text: Load) -> None:
    environ = {
        "OMWATCH_DESK__OPERATORS": '["ada"]',
        "OMWATCH_DESK__TWO_PERSON": "[1]",
        "OMWATCH_DESK__ALLOW_AS": "true",
        "OMWATCH_DESK__DEFAULT_ROLE": "viewer",
    }
    desk = load_text("", environ).desk
    assert (desk.operators, desk.two_person, desk.allow_as) == (("ada",), frozenset({Severity.OUTAGE}), True)
    assert (desk.role_of("ada"), desk.role_of("grace")) == (Role.OPERATOR, Role.VIEWER)


WRONG = {
    "a role that there is none of": (
        'default_role = "boss"',
        "default_role: must be 'viewer', 'operator' or 'admin', found \"boss\"; for example \"admin\"",
    ),
    "one user as text": (
        'operators = "ada"',
        ('operators: must be a list of user names in square brackets, found "ada"; for example ["ada", "grace"]'),
    ),
    "a user's number": (
        'admins = ["ada", 1000]',
        'admins: entry 2 must be a name in quotes, found a list of 2; for example ["ada"]',
    ),
    "a user who acts on the terminal": (
        'viewers = ["\\u001b[2J"]',
        (
            "viewers: entry 1 must be one line of text, without control characters, and not empty, "
            'found a list of 1; for example ["ada"]'
        ),
    ),
    "a user twice": (
        'operators = ["ada", "grace", "ada"]',
        (
            "operators: must name each operator once; entry 3 repeats entry 1, "
            'found a list of 3; for example ["ada", "grace"]'
        ),
    ),
    "a hold too long": (
        'hold = "11m"',
        'hold: must be at most 600 s, found "11m"; for example "0s"',
    ),
    "a severity past the last": (
        "two_person = [1, 5]",
        "two_person: entry 2 must be a severity from 1 to 4, found a list of 2; for example [1, 2]",
    ),
    "a severity twice": (
        "two_person = [1, 1]",
        ("two_person: must name each severity once; entry 2 repeats entry 1, found a list of 2; for example [1, 2]"),
    ),
    "one severity alone": (
        "two_person = 1",
        "two_person: must be a list of severities in square brackets, found 1; for example [1, 2]",
    ),
    "a zone that is misspelled": (
        'zone = "Berlin"',
        (
            'zone: must be the name of a time zone (did you mean "Europe/Berlin"?), '
            'found "Berlin"; for example "America/New_York"'
        ),
    ),
    "one report alone": (
        "reports_needed = 1",
        "reports_needed: must be at least 2, found 1; for example 3",
    ),
    "reports at once": (
        'reports_within = "1s"',
        'reports_within: must be at least 60 s, found "1s"; for example "1h"',
    ),
    "a switch that is neither": (
        'allow_as = "yes"',
        'allow_as: must be true or false, found "yes"; for example true',
    ),
}


@pytest.mark.parametrize(("line", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_says_where_and_what_to_write(problems_of: Problems, line: str, expected: str) -> None:
    assert problems_of(TABLE + line + "\n") == [f"config.toml:2 desk.{expected}"]


@pytest.mark.parametrize(("one", "other"), [("viewers", "operators"), ("viewers", "admins"), ("operators", "admins")])
def test_nobody_has_two_roles(problems_of: Problems, one: str, other: str) -> None:
    (problem,) = problems_of(TABLE + f'{other} = ["ada", "grace"]\n{one} = ["grace", "linus"]\n')
    said = f"config.toml:2 desk.{other}: must not name 'grace', who is among the {one} already, found a list of 2"
    assert problem.startswith(said)


def test_more_operators_than_anybody_has_are_refused(problems_of: Problems) -> None:
    (problem,) = problems_of(TABLE + f"operators = {[f'user-{number}' for number in range(1001)]}\n")
    assert problem.startswith("config.toml:2 desk.operators: must name at most 1,000 operators, found a list of 1001")
