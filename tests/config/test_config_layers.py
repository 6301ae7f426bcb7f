"""Environment over secrets folder over config.toml over defaults."""

from collections.abc import Callable

import pytest

from omwatch.config.home import Home
from omwatch.config.settings import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]

CHECK = '[checks.agent-login]\ncomponent = "Agent login"\nbase_url = "http://file"\n'


def test_an_empty_file_gives_every_default(load_text: Load) -> None:
    config = load_text("")
    assert (config.page.name, config.page.url) == ("OpenMethods", "https://status.openmethods.com")
    assert config.site.name == "main"
    assert config.sandbox.enabled is False
    assert (config.watcher.concurrency, config.watcher.batch) == (50, 0.25)
    judge = config.judge
    assert (judge.outage_percent, judge.clear_below_percent, judge.minimum) == (30, 25, 10)
    assert (judge.clear_for, judge.look_back) == (60.0, 300.0)
    assert config.broadcast.email.get_secret_value() == "sandbox:sink"
    assert config.broadcast.sender == "OpenMethods Status <status@openmethods.com>"
    assert config.dashboard.theme == "dark"
    assert dict(config.checks) == {}


def test_a_check_has_every_default(load_text: Load) -> None:
    check = load_text(CHECK).checks["agent-login"]
    assert (check.name, check.probe, check.component) == ("agent-login", "agent_login", "Agent login")
    assert (check.every_seconds, check.deadline_seconds, check.population) == (60.0, 10.0, 10)
    assert (check.supporting, check.minimum, check.noise_per_mille) == (False, 10, 10)
    assert (check.max_body_bytes, check.enabled) == (1024 * 1024, True)
    assert check.settings is not None
    assert check.settings.model_dump()["base_url"] == "http://file"


def test_a_check_may_say_everything_itself(load_text: Load) -> None:
    check = load_text(
        CHECK + 'probe = "chat_routing"\nevery = 5\ndeadline = "2m"\npopulation = ["b", "a"]\nsupporting = true\n'
        'minimum = 3\nnoise = "0.5%"\nmax_body = "64 KiB"\nenabled = false\nready_within = 1.5\n'
    ).checks["agent-login"]
    assert (check.probe, check.every_seconds, check.deadline_seconds) == ("chat_routing", 5.0, 120.0)
    assert (check.population, check.supporting, check.minimum) == (("b", "a"), True, 3)
    assert (check.noise_per_mille, check.max_body_bytes, check.enabled) == (5, 65_536, False)
    assert check.settings is not None
    assert check.settings.model_dump()["ready_within"] == 1.5


def test_a_check_takes_the_minimum_of_the_judge(load_text: Load) -> None:
    assert load_text("[judge]\nminimum = 4\n" + CHECK).checks["agent-login"].minimum == 4


def test_an_outage_may_be_left_at_the_very_line_it_is_entered_at(load_text: Load) -> None:
    assert load_text("[judge]\noutage_percent = 20\nclear_below_percent = 20\n").judge.clear_below_percent == 20


def test_the_configuration_cannot_be_changed(load_text: Load) -> None:
    config = load_text(CHECK)
    with pytest.raises(TypeError):
        config.checks["new"] = config.checks["agent-login"]  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        config.page.name = "them"


def test_the_environment_goes_above_secrets_and_these_above_the_file(home: Home, load_text: Load) -> None:
    name = "checks.agent-login.base_url"
    variable = "OMWATCH_CHECKS__AGENT_LOGIN__BASE_URL"

    def base_url(environ: dict[str, str]) -> object:
        settings = load_text(CHECK, environ).checks["agent-login"].settings
        return settings.model_dump()["base_url"] if settings else None

    assert base_url({}) == "http://file"
    (home.secrets / name).write_text("http://secret\n")
    assert base_url({}) == "http://secret"
    assert base_url({variable: "http://variable"}) == "http://variable"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("EVERY", "30s", 30.0),
        ("POPULATION", "7", 7),
        ("POPULATION", '["x", "y"]', ("x", "y")),
        ("ENABLED", "false", False),
        ("MAX_BODY", "2 KiB", 2048),
        ("NOISE", "2%", 20),
    ],
)
def test_a_variable_reaches_the_key_of_a_check_with_dashes(
    load_text: Load, variable: str, value: str, expected: object
) -> None:
    check = load_text(CHECK, {f"OMWATCH_CHECKS__AGENT_LOGIN__{variable}": value}).checks["agent-login"]
    found = {
        "EVERY": check.every_seconds,
        "POPULATION": check.population,
        "ENABLED": check.enabled,
        "MAX_BODY": check.max_body_bytes,
        "NOISE": check.noise_per_mille,
    }
    assert found[variable] == expected


def test_a_variable_may_fill_a_section_that_the_file_does_not_have(load_text: Load) -> None:
    assert load_text("", {"OMWATCH_WATCHER__CONCURRENCY": "7"}).watcher.concurrency == 7


def test_text_that_looks_like_a_list_stays_text_where_text_belongs(load_text: Load) -> None:
    environ = {"OMWATCH_CHECKS__AGENT_LOGIN__PASSWORD": "[1]", "OMWATCH_CHECKS__AGENT_LOGIN__TAGS": '["a"]'}
    settings = load_text(CHECK, environ).checks["agent-login"].settings
    assert settings is not None
    assert settings.model_dump()["password"].get_secret_value() == "[1]"
    assert settings.model_dump()["tags"] == ["a"]


def test_other_programs_variables_are_left_alone(load_text: Load) -> None:
    assert (
        load_text("", {"OMWATCHER": "1", "PAGE__NAME": "them", "omwatch_page__name": "them"}).page.name == "OpenMethods"
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PAGE__NAEM", "us", "OMWATCH_PAGE__NAEM page.naem: unknown key; did you mean 'name'?"),
        (
            "PAEG__NAME",
            "us",
            "OMWATCH_PAEG__NAME paeg.name: unknown key; did you mean 'page'?",
        ),
        ("PAGE", "us", "OMWATCH_PAGE page: is a table; name one of its keys too, as in OMWATCH_PAGE__NAME"),
        (
            "CHECKS__AGENT_LOGN__EVERY",
            "5s",
            (
                "OMWATCH_CHECKS__AGENT_LOGN__EVERY checks.agent_logn.every: config.toml has no such check; "
                "did you mean 'agent-login'?"
            ),
        ),
        (
            "CHECKS__AGENT_LOGIN",
            "5s",
            (
                "OMWATCH_CHECKS__AGENT_LOGIN checks.agent-login: is a table; name one of its keys too, "
                "as in OMWATCH_CHECKS__AGENT_LOGIN__PROBE"
            ),
        ),
        (
            "CHECKS__AGENT_LOGIN__EVRY",
            "5s",
            "OMWATCH_CHECKS__AGENT_LOGIN__EVRY checks.agent-login.evry: unknown key; did you mean 'every'?",
        ),
        (
            "WATCHER__CONCURRENCY",
            "many",
            'OMWATCH_WATCHER__CONCURRENCY watcher.concurrency: must be a whole number, found "many"; for example 50',
        ),
        (
            "PAGE__NAME__FIRST",
            "us",
            'OMWATCH_PAGE__NAME__FIRST page.name: must be text in quotes, found a table; for example "OpenMethods"',
        ),
    ],
)
def test_a_wrong_variable_is_named(problems_of: Problems, name: str, value: str, expected: str) -> None:
    assert problems_of(CHECK, {f"OMWATCH_{name}": value}) == [expected]


def test_a_wrong_secret_file_is_named(home: Home, problems_of: Problems) -> None:
    (home.secrets / "checks.agent-login.pasword").write_text("hunter2")
    (home.secrets / "watcher.concurrency").write_text("many")
    (home.secrets / "broadcast").write_text("hunter2")
    (home.secrets / "site.name").write_bytes(b"\xff")
    assert problems_of(CHECK) == [
        "secrets/broadcast broadcast: is a table; name one of its keys too, as in OMWATCH_BROADCAST__EMAIL",
        "secrets/checks.agent-login.pasword checks.agent-login.pasword: unknown key; did you mean 'password'?",
        "secrets/site.name: is not UTF-8; save the file as UTF-8",
        'secrets/watcher.concurrency watcher.concurrency: must be a whole number, found "many"; for example 50',
    ]


def test_hidden_files_and_folders_among_the_secrets_are_left_alone(home: Home, load_text: Load) -> None:
    (home.secrets / ".gitignore").write_text("*")
    (home.secrets / "old").mkdir()
    assert load_text(CHECK.replace("http://file", "sandbox:agent-login")).warnings == ()


def test_a_home_without_a_secrets_folder_is_fine(home: Home, load_text: Load) -> None:
    home.secrets.rmdir()
    assert load_text(CHECK).checks["agent-login"].component == "Agent login"


def test_problems_of_file_and_environment_come_together(problems_of: Problems) -> None:
    assert problems_of("[site]\nname = 5\n", {"OMWATCH_PAGE__URL": "ftp://x"}) == [
        'config.toml:2 site.name: must be text in quotes, found 5; for example "main"',
        (
            'OMWATCH_PAGE__URL page.url: must start with https:// or http://, found "ftp://x"; '
            'for example "https://status.openmethods.com"'
        ),
    ]
