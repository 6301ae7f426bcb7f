"""[oncall]: who is told of deadlines; what they are reached by is a secret."""

from collections.abc import Callable

import pytest

from omwatch.config.home import Home
from omwatch.config.settings import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

TABLE = "[oncall]\n"
CHECK = '[checks.agent-login]\ncomponent = "Agent login"\nbase_url = "sandbox:agent-login"\n'
SECRET = "hunter2"
ONE, OTHER = f"ntfys://me:{SECRET}@ntfy.example.com/noc", "slack://aaa/bbb/ccc"


def addresses(config: Config) -> list[str]:
    return [address.get_secret_value() for address in config.oncall.addresses]


def test_nobody_is_on_call_unless_told(load_text: Load) -> None:
    oncall = load_text("").oncall
    assert (oncall.addresses, oncall.remind_before, oncall.repeat) == ((), (600.0,), 3600.0)


def test_reminders_come_as_long_before_as_they_say_the_earliest_first(load_text: Load) -> None:
    oncall = load_text(TABLE + 'remind_before = ["5m", "1h", 60]\nrepeat = "15m"\n').oncall
    assert (oncall.remind_before, oncall.repeat) == ((3600.0, 300.0, 60.0), 900.0)


def test_there_may_be_no_reminder(load_text: Load) -> None:
    assert load_text(TABLE + "remind_before = []\n").oncall.remind_before == ()


def test_addresses_are_a_list_in_the_file(load_text: Load) -> None:
    assert addresses(load_text(TABLE + f'addresses = ["{ONE}", "{OTHER}"]\n')) == [ONE, OTHER]


@pytest.mark.parametrize(
    "text", [f'["{ONE}", "{OTHER}"]', f"{ONE}\n{OTHER}", f"\n  {ONE}  \n\n{OTHER}\n", f' [\n"{ONE}",\n"{OTHER}",\n]']
)
def test_a_secrets_file_or_a_variable_holds_a_list_or_one_a_line(home: Home, load_text: Load, text: str) -> None:
    assert addresses(load_text("", {"OMWATCH_ONCALL__ADDRESSES": text})) == [ONE, OTHER]
    (home.secrets / "oncall.addresses").write_text(text)
    assert addresses(load_text("")) == [ONE, OTHER]


def test_an_empty_variable_takes_everybody_off_call(load_text: Load) -> None:
    text = TABLE + f'addresses = ["{OTHER}"]\n'
    assert addresses(load_text(text, {"OMWATCH_ONCALL__ADDRESSES": ""})) == []


def test_they_are_never_shown(load_text: Load) -> None:
    config = load_text(TABLE + f'addresses = ["{ONE}"]\n')
    assert SECRET not in repr(config) + str(config)


def test_a_password_in_the_file_is_a_warning_that_says_where_it_belongs(load_text: Load) -> None:
    (warning,) = load_text(CHECK + TABLE + f'addresses = ["{OTHER}",\n"{ONE}"]\n').warnings
    assert str(warning).startswith("config.toml:6 oncall.addresses")
    assert "a password in an address, in plain text; keep it in OMWATCH_ONCALL__ADDRESSES" in str(warning)
    assert "or in the file secrets/oncall.addresses" in str(warning)
    assert SECRET not in str(warning)


def test_a_password_elsewhere_is_no_warning(home: Home, load_text: Load) -> None:
    (home.secrets / "oncall.addresses").write_text(ONE)
    assert load_text(CHECK + TABLE).warnings == ()


A_LIST = "must be a list of addresses in quotes and square brackets"
AN_ADDRESS = "must be an Apprise address such as ntfys://HOST/TOPIC"
WRONG = {
    f'["{OTHER}", "{SECRET}"]': f"entry 2 {AN_ADDRESS}, found a list",
    f'["{OTHER}", 5]': f"entry 2 {AN_ADDRESS}, found a list",
    f'["ntfys://{SECRET} {SECRET}/x"]': f"entry 1 {AN_ADDRESS}, found a list",
    f'["ntfys://{SECRET}\\u202e"]': f"entry 1 {AN_ADDRESS}, found a list",
    f'["{ONE}", "{ONE}"]': "must name each address once; entry 2 repeats entry 1, found a list",
    f'"{SECRET}"': f"entry 1 {AN_ADDRESS}, found text",
    "5": f"{A_LIST}, found a number",
    f'{{ one = "{SECRET}" }}': f"{A_LIST}, found a table",
    str([f"ntfys://host/{number}" for number in range(21)]): "must name at most 20 addresses, found a list",
}


@pytest.mark.parametrize(("value", "expected"), WRONG.items())
def test_a_wrong_address_is_told_and_not_shown(problems_of: Problems, value: str, expected: str) -> None:
    assert problems_of(TABLE + f"addresses = {value}\n") == [f"config.toml:2 oncall.addresses: {expected}"]


def test_a_variable_that_is_half_a_list_is_told_and_not_shown(problems_of: Problems) -> None:
    assert problems_of("", {"OMWATCH_ONCALL__ADDRESSES": f'["{ONE}"'}) == [
        f"OMWATCH_ONCALL__ADDRESSES oncall.addresses: {A_LIST}, found text"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'remind_before = "10m"',
            'remind_before: must be a list of durations in square brackets, found "10m"; for example ["10m"]',
        ),
        (
            'remind_before = ["10m", "soon"]',
            (
                'remind_before: entry 2 must be a duration such as "10s", "500ms", "2m" or "1.5h", '
                'or a number of seconds, found a list of 2; for example ["10m"]'
            ),
        ),
        (
            'remind_before = ["0s"]',
            ('remind_before: entry 1 must be more than 0 s and at most a day, found a list of 1; for example ["10m"]'),
        ),
        (
            'remind_before = ["1h", "60m"]',
            (
                "remind_before: must name each duration once; entry 2 repeats entry 1, "
                'found a list of 2; for example ["10m"]'
            ),
        ),
        ('repeat = "30s"', 'repeat: must be at least 60 s, found "30s"; for example "60m"'),
        ('adresses = ["x"]', "adresses: unknown key; did you mean 'addresses'?"),
    ],
)
def test_a_mistake_says_where_and_what_to_write(problems_of: Problems, line: str, expected: str) -> None:
    assert problems_of(TABLE + line + "\n") == [f"config.toml:2 oncall.{expected}"]
