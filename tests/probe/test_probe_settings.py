"""The settings of probes, and the decorator that ties them to a journey."""

from typing import Any

import pytest
from pydantic import ValidationError

from omwatch.domain.attempt import Outcome, Unit
from omwatch.probe import HttpSettings, Journey, Settings, Unmet, expect, probe
from tests.probe.loopback import Exchange, answer, reply, serving
from tests.probe.walking import ask, walk

_SECRET = "Tr0ub4dor&3"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("http://media-bar.test", "http://media-bar.test"),
        ("https://media-bar.test:8443/eu/", "https://media-bar.test:8443/eu"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://bücher.test", "https://bücher.test"),
        ("sandbox:agent-login", "sandbox:agent-login"),
    ],
)
def test_addresses_of_services_are_taken(written: str, kept: str) -> None:
    assert HttpSettings(base_url=written).base_url == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "media-bar.test",
        "ftp://media-bar.test",
        "file:///etc/passwd",
        "http://",
        "http:///login",
        "http://:8080",
        "http://media bar.test",
        "http://media-bar.test/log in",
        "http://media-bar.test\n",
        "http://media-bar.test/\x1b[2J",
        "http://media-bar.test\x00",
        "http://media-bar.test:99999",
        "http://media-bar.test:http",
        "http://[::1",
        "http://media-bar.test/?token=1",
        "http://media-bar.test/#top",
        "sandbox:",
        "sandbox:Agent Login",
        " http://media-bar.test",
    ],
)
def test_what_is_no_address_of_a_service_is_refused_at_once(written: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        HttpSettings(base_url=written)


def test_an_address_is_needed() -> None:
    with pytest.raises(ValidationError, match="base_url"):
        HttpSettings.model_validate({})


def test_a_password_in_the_address_is_refused_because_addresses_are_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        HttpSettings(base_url=f"https://probe:{_SECRET}@media-bar.test")
    (error,) = refused.value.errors()
    assert "password" in error["msg"]
    assert _SECRET not in error["msg"]


def test_a_password_in_a_garbled_address_is_not_told() -> None:
    with pytest.raises(ValidationError) as refused:
        HttpSettings(base_url=f"https://probe:{_SECRET}#@media-bar.test")
    assert _SECRET not in refused.value.errors()[0]["msg"]


def test_an_unknown_key_is_refused_and_a_known_one_cannot_be_changed_later() -> None:
    with pytest.raises(ValidationError, match="evry"):
        HttpSettings.model_validate({"base_url": "http://a.test", "evry": "10s"})
    with pytest.raises(ValidationError, match="frozen"):
        HttpSettings(base_url="http://a.test").user = "someone"


@pytest.mark.parametrize(
    ("user", "sent"),
    [("", {"user": "agent-07", "password": _SECRET}), ("probe", {"user": "probe", "password": _SECRET})],
)
def test_credentials_are_the_users_or_else_the_subjects(user: str, sent: dict[str, str]) -> None:
    settings = HttpSettings.model_validate({"base_url": "http://a.test", "user": user, "password": _SECRET})
    assert settings.credentials("agent-07") == sent


def test_a_secret_is_in_no_representation_of_the_settings() -> None:
    settings = HttpSettings.model_validate({"base_url": "http://a.test", "password": _SECRET})
    shown = (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump()), f"{settings}")
    assert not any(_SECRET in text for text in shown)


@pytest.mark.parametrize("status", [401, 200])
async def test_a_secret_that_the_service_echoes_is_kept_out_of_every_error(status: int) -> None:
    echoed = f'{{"detail": "bad password {_SECRET} for agent-01"}}'.encode()

    @probe(HttpSettings, unit="subject")
    async def log_in(journey: Journey, settings: HttpSettings) -> None:
        async with journey.step("log in"):
            answered = await journey.http.post("/login", json=settings.credentials(journey.subject))
            raise Unmet(f"odd: {expect(answered, 200).text}")

    async with serving(answer(reply(status, echoed))) as server:
        attempt = await walk(log_in, server.base_url, password=_SECRET)
    assert attempt.outcome is Outcome.FAILED
    assert _SECRET not in repr(attempt)
    assert "bad password ••• for agent-01" in attempt.error
    assert "bad password ••• for agent-01" in attempt.steps[0].error


async def test_a_secret_in_a_mistake_of_the_probe_is_kept_out_too() -> None:
    @probe(HttpSettings, unit="subject")
    async def careless(journey: Journey, settings: HttpSettings) -> None:
        async with journey.step(f"as {settings.password.get_secret_value()}"):
            raise KeyError(settings.password.get_secret_value())

    attempt = await walk(careless, password=_SECRET)
    assert attempt.outcome is Outcome.BROKEN
    assert _SECRET not in repr(attempt)


async def test_an_empty_or_tiny_secret_blots_out_nothing() -> None:
    async with serving(answer(reply(503, b"a b c"))) as server:
        attempt = await walk(ask, server.base_url, password="a")
    assert attempt.error == "ask: GET / answered 503, expected 200: 'a b c'"


async def test_the_base_address_may_have_a_path_of_its_own() -> None:
    async def keep_alive(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.send(reply(200))

    async with serving(keep_alive) as server:
        attempt = await walk(ask, f"{server.base_url}/eu/")
    assert attempt.outcome is Outcome.PASSED
    assert server.heads[0].startswith(b"GET /eu/ HTTP/1.1\r\n")


def test_a_probe_knows_its_name_unit_noun_and_first_line() -> None:
    class Own(Settings):
        ready_within: float = 3.0

    @probe(Own, unit="interaction", noun="chat", failures=(EOFError,))
    async def chat_routing(_journey: Journey, _settings: Own) -> None:
        """Open a chat.

        And more.
        """

    assert (chat_routing.name, chat_routing.unit, chat_routing.noun) == ("chat_routing", Unit.INTERACTION, "chat")
    assert (chat_routing.summary, chat_routing.settings) == ("Open a chat.", Own)
    assert chat_routing.failures == (EOFError,)


def test_a_probe_without_a_docstring_has_an_empty_summary() -> None:
    @probe(Settings, unit="subject")
    async def silent(_journey: Journey, _settings: Settings) -> None: ...

    assert silent.summary == ""


def test_a_plain_function_is_refused_with_what_to_write_instead() -> None:
    def plain(_journey: Journey, _settings: Settings) -> None: ...

    decorate: Any = probe(Settings, unit="subject")
    with pytest.raises(TypeError, match=r"probe plain: write it as 'async def plain\(journey, settings\)'"):
        decorate(plain)


def test_an_unknown_unit_is_refused() -> None:
    decorate: Any = probe(Settings, unit="agents")  # type: ignore[arg-type]

    async def walk_it(_journey: Journey, _settings: Settings) -> None: ...

    with pytest.raises(ValueError, match="agents"):
        decorate(walk_it)
