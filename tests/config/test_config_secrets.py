"""Secrets are never shown, and whoever keeps them in plain text is told where they belong."""

import traceback
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.problems import ConfigError
from omwatch.config.settings import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

SECRET = "hunter2"
CHECK = '[checks.agent-login]\ncomponent = "Agent login"\nbase_url = "sandbox:agent-login"\n'


def test_a_secret_in_the_file_is_a_warning_that_says_where_it_belongs(load_text: Load) -> None:
    config = load_text(CHECK + f'password = "{SECRET}"\n')
    assert [str(warning) for warning in config.warnings] == [
        (
            "config.toml:4 checks.agent-login.password: a secret, in plain text; "
            "keep it in OMWATCH_CHECKS__AGENT_LOGIN__PASSWORD or in the file secrets/checks.agent-login.password"
        )
    ]


def test_a_password_in_an_address_is_a_warning(load_text: Load) -> None:
    config = load_text(CHECK + f'[broadcast]\nemail = "mailtos://me:{SECRET}@smtp.example.com"\n')
    assert [str(warning) for warning in config.warnings] == [
        (
            "config.toml:5 broadcast.email: a password in an address, in plain text; "
            "keep it in OMWATCH_BROADCAST__EMAIL or in the file secrets/broadcast.email"
        )
    ]


@pytest.mark.parametrize("email", ["sandbox:sink", "mailtos://smtp.example.com", "mailtos://me@smtp.example.com:465"])
def test_an_address_without_a_password_is_no_warning(load_text: Load, email: str) -> None:
    assert load_text(CHECK + f'password = ""\n[broadcast]\nemail = "{email}"\n').warnings == ()


def test_a_secret_elsewhere_is_no_warning(home: Home, load_text: Load) -> None:
    (home.secrets / "checks.agent-login.password").write_text(SECRET + "\n")
    config = load_text(CHECK, {"OMWATCH_BROADCAST__EMAIL": f"mailtos://me:{SECRET}@smtp.example.com"})
    check = config.checks["agent-login"]
    assert config.warnings == ()
    assert check.settings is not None
    assert check.settings.model_dump()["password"].get_secret_value() == SECRET


def test_a_secrets_folder_that_others_may_open_is_a_warning(home: Home, load_text: Load) -> None:
    home.secrets.chmod(0o755)
    assert [str(warning) for warning in load_text(CHECK).warnings] == [
        "secrets: others may look into this folder (mode 0755); chmod 700 secrets"
    ]


def test_a_home_without_checks_is_a_warning(load_text: Load) -> None:
    assert [str(warning) for warning in load_text("").warnings] == [
        "config.toml checks: no checks, so nothing is watched; write a [checks.NAME] table"
    ]


@pytest.mark.parametrize(
    "text",
    [
        CHECK + f'pasword = "{SECRET}"\n',
        CHECK + f'password = ["{SECRET}"]\n',
        CHECK + f'password = {{ value = "{SECRET}" }}\n',
        CHECK + f'base_url = "http://me:{SECRET}@file"\n',
        CHECK + f'[page]\nurl = "ftp://me:{SECRET}@file"\n',
        f'[broadcast]\nemail = "{SECRET} with spaces"\n',
        f'[broadcast]\nemail = "{SECRET}\n',
        f"[broadcast]\nemail = {SECRET}\n",
        f'[broadcast]\nemail = "x" {SECRET}\n',
        f'checks = [{{ password = "{SECRET}" }}]\n',
        f'[broadcast]\nemail = "\\{SECRET}"\n',
    ],
)
def test_no_error_shows_a_secret_of_the_file(problems_of: Problems, text: str) -> None:
    problems = problems_of(text)
    assert problems
    assert SECRET not in "\n".join(problems)


def test_no_error_shows_a_secret_of_the_environment_or_the_folder(home: Home) -> None:
    home.config.write_text(CHECK)
    (home.secrets / "broadcast.email").write_text(f"{SECRET} with spaces")
    (home.secrets / "broadcast.emial").write_text(SECRET)
    with pytest.raises(ConfigError) as caught:
        load(home, {}, {"OMWATCH_CHECKS__AGENT_LOGIN__PASSWRD": SECRET, "OMWATCH_BROADCAST__EMAIL": f"{SECRET} \n"})
    assert len(caught.value.problems) == 3
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_probe_that_quotes_a_secret_in_its_error_shows_none(problems_of: Problems) -> None:
    assert problems_of(CHECK + f'password = "{SECRET} {SECRET}"\n') == [
        "config.toml:4 checks.agent-login.password: must not be …, found text"
    ]


def test_a_configuration_shows_no_secret(load_text: Load) -> None:
    config = load_text(CHECK + f'password = "{SECRET}"\n[broadcast]\nemail = "mailto://me:{SECRET}@file"\n')
    assert SECRET not in repr(config)
    assert SECRET not in str(config)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.text(alphabet="abcdefXYZ0189!?%&/()", min_size=6), shape=st.sampled_from(["{}", "[{}]", "{{x={}}}"]))
def test_no_shape_of_a_wrong_secret_is_shown(problems_of: Problems, secret: str, shape: str) -> None:
    text = "[broadcast]\nemail = " + shape.format(f"'{secret} {secret}'")
    assert secret not in "\n".join(problems_of(text))
