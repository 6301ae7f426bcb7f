"""[controls]: what may stand there, and when their absence is worth advice."""

from collections.abc import Callable

import pytest

from omwatch.config.controls import Control, Way, control
from omwatch.config.settings import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

INSIDE = '[checks.agent-login]\ncomponent = "Agent login"\nbase_url = "sandbox:agent-login"\n'
OUTSIDE = INSIDE.replace("sandbox:agent-login", "https://media-bar.example.com")
SOME = '[controls]\naddresses = ["https://example.org", "tcp://9.9.9.9:53", "dns://example.org"]\n'
FORM = 'must be https://HOST, http://HOST, tcp://HOST:PORT or dns://NAME, such as "tcp://9.9.9.9:53"'


def test_no_controls_are_the_default(load_text: Load) -> None:
    table = load_text(INSIDE).controls
    assert (table.addresses, table.every, table.within) == ((), 30.0, 3.0)


def test_controls_are_addresses_a_cadence_and_a_bound(load_text: Load) -> None:
    table = load_text(SOME + 'every = "10s"\nwithin = "1s"\n').controls
    assert table.addresses == ("https://example.org", "tcp://9.9.9.9:53", "dns://example.org")
    assert (table.every, table.within) == (10.0, 1.0)


def test_they_can_come_from_the_environment(load_text: Load) -> None:
    table = load_text("", {"OMWATCH_CONTROLS__ADDRESSES": '["dns://example.org"]'}).controls
    assert table.addresses == ("dns://example.org",)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org", Control("https://example.org", Way.HTTPS, "example.org", 443)),
        ("http://192.0.2.1:8080/up?x=1", Control("http://192.0.2.1:8080/up?x=1", Way.HTTP, "192.0.2.1", 8080)),
        ("tcp://[2001:db8::1]:53", Control("tcp://[2001:db8::1]:53", Way.TCP, "2001:db8::1", 53)),
        ("dns://example.org", Control("dns://example.org", Way.DNS, "example.org", 53)),
    ],
)
def test_an_address_says_how_it_is_tried(address: str, expected: Control) -> None:
    assert control(address) == expected


WRONG = {
    "example.org": f"entry 1 {FORM}",
    "ftp://example.org": f"entry 1 {FORM}",
    "https://": f"entry 1 {FORM}",
    "https://exam ple.org": f"entry 1 {FORM}",
    "tcp://example.org:99999": f"entry 1 {FORM}",
    "tcp://[::1": f"entry 1 {FORM}",
    "tcp://example.org": "entry 1 must name a port: tcp://HOST:PORT",
    "tcp://example.org:0": "entry 1 must name a port from 1 to 65535",
    "tcp://example.org:53/x": "entry 1 must end after the port",
    "dns://example.org/x": "entry 1 must end after the name",
    "dns://9.9.9.9": "entry 1 must be a name to resolve, without a port: dns://example.org",
    "dns://example.org:53": "entry 1 must be a name to resolve, without a port: dns://example.org",
    "https://me:secret@example.org": ("entry 1 must not hold a user or a password: controls are shown to everybody"),
}


@pytest.mark.parametrize(("address", "expected"), WRONG.items())
def test_a_wrong_address_says_what_to_write_instead(problems_of: Problems, address: str, expected: str) -> None:
    (problem,) = problems_of(f'[controls]\naddresses = ["{address}"]\n')
    assert problem.startswith(f"config.toml:2 controls.addresses: {expected}, found")
    assert problem.endswith('for example ["https://example.org", "tcp://9.9.9.9:53", "dns://example.org"]')
    assert "secret@" not in problem


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"dns://example.org"', "must be a list of addresses in square brackets"),
        ("[5]", f"entry 1 {FORM}"),
        ('["dns://a.test", "dns://a.test"]', "must name each address once; entry 2 repeats entry 1"),
        (str([f"dns://a{number}.test" for number in range(21)]), "must name at most 20 addresses; a few are enough"),
    ],
)
def test_a_wrong_list_too(problems_of: Problems, value: str, expected: str) -> None:
    (problem,) = problems_of(f"[controls]\naddresses = {value}\n")
    assert problem.startswith(f"config.toml:2 controls.addresses: {expected}, found")


def test_bounds_and_misspellings_are_told_like_everywhere(problems_of: Problems) -> None:
    assert problems_of('[controls]\nadresses = []\nevery = "0s"\nwithin = "1h"\n') == [
        "config.toml:2 controls.adresses: unknown key; did you mean 'addresses'?",
        'config.toml:3 controls.every: must be at least 1 s, found "0s"; for example "30s"',
        'config.toml:4 controls.within: must be at most 30 s, found "1h"; for example "3s"',
    ]


ADVICE = (
    "config.toml controls.addresses: no [controls]: a fault of this site's own network would look like an outage; "
    'name addresses of others, such as ["https://example.org", "tcp://9.9.9.9:53"]'
)


def test_a_check_that_leads_out_of_the_sandbox_without_controls_is_worth_advice(load_text: Load) -> None:
    assert [str(warning) for warning in load_text(OUTSIDE).warnings] == [ADVICE]


def test_so_is_one_of_several_and_the_advice_comes_once(load_text: Load) -> None:
    other = OUTSIDE.replace("agent-login]", 'other]\nprobe = "agent_login"')
    assert [str(warning) for warning in load_text(INSIDE + other).warnings] == [ADVICE]


@pytest.mark.parametrize("text", [INSIDE, OUTSIDE + "enabled = false\n", SOME + OUTSIDE])
def test_none_is_given_where_controls_would_tell_nothing_or_are_there(load_text: Load, text: str) -> None:
    assert load_text(text).warnings == ()
