"""Messages to destinations that are no e-mail address, through Apprise, to servers on loopback."""

import json
import logging
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
from apprise import Apprise
from apprise.manager_plugins import NotificationManager

from omwatch.broadcast import destination as destinations
from omwatch.broadcast import wire
from omwatch.broadcast.answers import Answer, Verdict
from omwatch.broadcast.destination import LONGEST_WAIT_SECONDS, Destination, Parcel
from omwatch.clock import FakeClock
from omwatch.domain.apprise_services import SERVICES
from tests.broadcast.web_server import WebServer, serving_web
from tests.transport import conftest as transport

PARCEL = Parcel(
    title="Incident – identified: Agent login",
    short="OpenMethods: Incident – identified. Agent login. https://status.example.com",
    text="12 of 40 agents cannot log in.\n\n<b>We</b> are @all working on it: help@example.com",
    markdown="**Incident – identified**\n\n12 of 40 agents cannot log in & wait\\*",
    html="<h1>Incident</h1><p>12 of 40 agents cannot log in.</p>",
    message_id="<update-1-subscriber-7@status.example.com>",
)
LONG = Parcel(PARCEL.title, PARCEL.short, "long " * 8000, "long " * 8000, "long " * 8000, PARCEL.message_id)
SECRET = "hunter2secret"
certificate, tls = transport.certificate, transport.tls


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving_web() as server:
        yield server


@pytest.fixture
def hook(web: WebServer) -> str:
    return f"json://127.0.0.1:{web.port}/hooks/{SECRET}"


Send = Callable[..., Answer]


@pytest.fixture
def send(clock: FakeClock) -> Send:
    """Send in a thread of its own, so that no connection of another test is used again."""

    def send_one(url: str, parcel: Parcel = PARCEL) -> Answer:
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(Destination(url, clock).send, parcel).result()

    return send_one


def ours(schema: str) -> Any:  # noqa: ANN401 - a class of Apprise's
    """Our own copy of a plugin, to point a service that has one address only at loopback."""
    return destinations._plugin(schema)


def said(web: WebServer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(web.asked[-1].body)
    return found


def test_a_webhook_gets_title_and_text_as_json(web: WebServer, hook: str, send: Send) -> None:
    assert send(hook) == Answer(Verdict.ACCEPTED)
    assert (said(web)["title"], said(web)["message"]) == (PARCEL.title, PARCEL.text)
    assert web.asked[0].line == f"POST /hooks/{SECRET} HTTP/1.1"
    assert web.asked[0].headers["Content-Type"] == "application/json"


def test_a_webhook_can_tell_what_comes_twice(web: WebServer, hook: str, send: Send) -> None:
    send(hook)
    send(hook)
    assert {asked.headers["Idempotency-Key"] for asked in web.asked} == {PARCEL.message_id}


def test_a_webhook_gets_the_form_method_and_log_in_that_its_address_says(web: WebServer, send: Send) -> None:
    assert send(f"form://ada:p%40ss@127.0.0.1:{web.port}/in?format=html&method=put").verdict is Verdict.ACCEPTED
    assert web.asked[0].line == "PUT /in HTTP/1.1"
    assert web.asked[0].headers["Authorization"] == "Basic YWRhOnBAc3M="
    assert b"%3Ch1%3EIncident" in web.asked[0].body


ANSWERED = [
    (200, Verdict.ACCEPTED), (204, Verdict.ACCEPTED), (301, Verdict.REFUSED), (302, Verdict.REFUSED),
    (400, Verdict.REFUSED), (401, Verdict.REFUSED), (403, Verdict.REFUSED), (404, Verdict.REFUSED),
    (408, Verdict.TRY_LATER), (410, Verdict.REFUSED), (425, Verdict.TRY_LATER), (429, Verdict.TRY_LATER),
    (500, Verdict.TRY_LATER), (502, Verdict.TRY_LATER), (503, Verdict.TRY_LATER), (599, Verdict.TRY_LATER),
]  # fmt: skip


@pytest.mark.parametrize(("status", "verdict"), ANSWERED)
def test_what_a_service_answers_is_final_or_passing(
    web: WebServer, hook: str, send: Send, status: int, verdict: Verdict
) -> None:
    web.says = f"HTTP/1.1 {status} {SECRET}\r\nContent-Length: {0 if status == 204 else len(SECRET)}\r\n\r\n"
    web.says += "" if status == 204 else SECRET
    answer = send(hook)
    assert answer.verdict is verdict
    assert SECRET not in answer.error
    assert (str(status) in answer.error) is (verdict is not Verdict.ACCEPTED)


def test_an_answer_reads_well(web: WebServer, hook: str, send: Send) -> None:
    web.says = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
    assert send(hook).error == "JSON webhook answered 404 Not Found"


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [
        (429, "30", 30.0),
        (503, "0.5", 0.5),
        (429, "-4", 0.0),
        (429, "999999999", LONGEST_WAIT_SECONDS),
        (429, "inf", LONGEST_WAIT_SECONDS),
        (429, "nan", None),
        (429, "soon", None),
        (429, "", None),
        (404, "30", None),
    ],
)
def test_a_service_says_when_to_try_again(
    web: WebServer, hook: str, send: Send, status: int, asked: str, seconds: float | None
) -> None:
    web.says = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nRetry-After: {asked}\r\n\r\n"
    assert send(hook).retry_after_seconds == seconds


@pytest.mark.parametrize(("away", "seconds"), [(90, 90.0), (-90, 0.0), (90_000, LONGEST_WAIT_SECONDS)])
def test_a_service_says_by_a_date_when_to_try_again(
    web: WebServer, hook: str, send: Send, clock: FakeClock, away: int, seconds: float
) -> None:
    date = format_datetime(clock.now() + timedelta(seconds=away), usegmt=True)
    web.says = f"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: {date}\r\n\r\n"
    assert send(hook).retry_after_seconds == seconds


def test_whoever_is_not_there_may_come_back(closed_port: int, send: Send) -> None:
    answer = send(f"json://127.0.0.1:{closed_port}/{SECRET}")
    assert answer == Answer(Verdict.TRY_LATER, "JSON webhook: no connection, or it was refused")


def test_a_name_that_nobody_knows_may_be_known_later(send: Send) -> None:
    answer = send(f"json://nobody.invalid/{SECRET}")
    assert answer == Answer(Verdict.TRY_LATER, "JSON webhook: its host's name cannot be found")


def test_whoever_hangs_up_may_listen_later(web: WebServer, hook: str, send: Send) -> None:
    web.says = ""
    assert send(hook) == Answer(Verdict.TRY_LATER, "JSON webhook: the connection broke off")


def test_nobody_waits_for_ever_for_an_answer(
    silent_server: int, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.2)
    answers: list[Answer] = []
    sending = Destination(f"json://127.0.0.1:{silent_server}/", clock)
    thread = threading.Thread(target=lambda: answers.append(sending.send(PARCEL)))
    thread.start()
    thread.join(10)
    assert answers[0].verdict is Verdict.TRY_LATER
    assert answers[0].error.startswith("JSON webhook: no answer within")


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: ssl.SSLContext, send: Send) -> None:
    with serving_web(tls) as web:
        answer = send(f"jsons://127.0.0.1:{web.port}/{SECRET}")
    assert answer.verdict is Verdict.TRY_LATER
    assert "certificate" in answer.error
    assert not web.asked


def test_a_certificate_of_an_authority_that_the_system_trusts_is(tls: ssl.SSLContext, certificate: Path) -> None:
    with serving_web(tls) as web:
        code = (
            "from omwatch.broadcast.destination import Destination, Parcel\nfrom omwatch.clock import SystemClock\n"
            f"parcel = Parcel('t', 's', 'x', 'm', 'h', '<1@x>')\n"
            f"print(Destination('jsons://127.0.0.1:{web.port}/', SystemClock()).send(parcel).verdict)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={"SSL_CERT_FILE": str(certificate)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert ran.stdout.strip() == "accepted"


def test_a_redirect_is_not_followed(web: WebServer, hook: str, send: Send) -> None:
    with serving_web() as elsewhere:
        web.says = f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n"
        assert send(hook).verdict is Verdict.REFUSED
        assert not elsewhere.asked


@pytest.mark.parametrize("length", ["Content-Length: 1000000000", "Transfer-Encoding: chunked"])
def test_an_endless_reply_is_not_read_to_its_end(web: WebServer, hook: str, send: Send, length: str) -> None:
    chunk = "" if length.startswith("Content") else "3B9ACA00\r\n"
    web.says, web.endlessly = f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n{chunk}", True
    assert send(hook).verdict is Verdict.ACCEPTED
    assert web.said_bytes < 50_000_000


def test_a_reply_that_breaks_off_has_taken_the_message(web: WebServer, hook: str, send: Send) -> None:
    web.says, web.then_hangs_up = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", True
    assert send(hook).verdict is Verdict.ACCEPTED


def test_a_thread_keeps_its_connection_and_shares_it_with_nobody(web: WebServer, hook: str, clock: FakeClock) -> None:
    meet = threading.Barrier(2)

    def send_three(_: int) -> None:
        meet.wait()
        for _ in range(3):
            Destination(hook, clock).send(PARCEL)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(send_three, range(2)))
    assert len(web.asked) == 6
    assert len({asked.connection for asked in web.asked}) == 2


def test_a_connection_that_was_closed_meanwhile_is_made_anew(web: WebServer, hook: str, clock: FakeClock) -> None:
    web.says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    with ThreadPoolExecutor(1) as threads:
        answers = list(threads.map(lambda _: Destination(hook, clock).send(PARCEL), range(3)))
    assert answers == [Answer(Verdict.ACCEPTED)] * 3


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"gopher://{SECRET}/", "gopher:// is no destination that omwatch sends to"),
        (f"slack://{SECRET}", "Apprise does not understand this address of Slack; see https://"),
        (f"slack://xoxb-1234-1234-{SECRET}abcd/#one/#two", "this address of Slack names 2 targets"),
        (f"sns://AHIAJGNT76XIMXDBIJYA/{SECRET}/us-east-2", "this address of Amazon SNS names nobody to send to"),
        (f"slack://a/b/{SECRET}?template=/etc/passwd", "the parameter 'template' is not allowed"),
        (f"json://127.0.0.1/?+X-Token={SECRET}", "a parameter is not allowed"),
    ],
)
def test_where_nothing_can_be_sent_is_refused_and_told_beforehand(
    url: str, says: str, send: Send, clock: FakeClock
) -> None:
    answer = send(url)
    assert answer.verdict is Verdict.REFUSED
    assert says in answer.error
    assert SECRET not in answer.error
    assert Destination(url, clock).problem() == answer.error


def test_where_something_can_be_sent_has_no_problem_and_gets_nothing(
    web: WebServer, hook: str, clock: FakeClock
) -> None:
    assert Destination(hook, clock).problem() == ""
    assert not web.asked


@pytest.mark.parametrize("error", [RuntimeError(SECRET), SystemExit(SECRET), MemoryError()])
def test_a_plugin_that_breaks_ends_nobodys_thread(
    hook: str, send: Send, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def breaks(*_: object, **__: object) -> bool:
        raise error

    monkeypatch.setattr(ours("json"), "send", breaks)
    assert send(hook) == Answer(Verdict.TRY_LATER, f"JSON webhook: Apprise failed with {type(error).__name__}")


def test_a_plugin_that_says_yes_without_sending_is_not_believed(
    hook: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours("json"), "send", lambda *_, **__: True)
    assert send(hook).verdict is Verdict.REFUSED


def test_a_service_that_says_no_in_a_friendly_way_is_tried_again(
    web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.says = 'HTTP/1.1 200 OK\r\nContent-Length: 37\r\n\r\n{"ok": false, "error": "fatal_error"}'
    monkeypatch.setattr(ours("slack"), "api_url", f"http://127.0.0.1:{web.port}/api/{{}}")
    answer = send("slack://xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx/#ops")
    assert answer == Answer(Verdict.TRY_LATER, "Slack answered 200 OK, and yet did not take the message")


def test_slack_gets_markdown_in_its_own_dialect(web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours("slack"), "webhook_url", f"http://127.0.0.1:{web.port}")
    assert send("slack://TAAAAAAAA/BAAAAAAAA/aaaaaaaaaaaaaaaaaaaaaaaa").verdict is Verdict.ACCEPTED
    shown = said(web)["attachments"][0]
    assert shown["text"].startswith("*Incident – identified*")
    assert "&amp; wait" in shown["text"]
    assert shown["title"] == ""


def test_discord_is_asked_once_where_it_says_to_wait(
    web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.says = "HTTP/1.1 429 No\r\nContent-Length: 0\r\nRetry-After: 7\r\nX-RateLimit-Remaining: 0\r\n\r\n"
    monkeypatch.setattr(ours("discord"), "notify_url", f"http://127.0.0.1:{web.port}/api/webhooks")
    answer = send("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    assert answer == Answer(Verdict.TRY_LATER, "Discord answered 429 Too Many Requests", 7.0)
    assert len(web.asked) == 1


def test_mattermost_reads_markdown_though_apprise_thinks_it_does_not(web: WebServer, send: Send) -> None:
    send(f"mmost://127.0.0.1:{web.port}/3ccdd113474722377935511fc85d3dd4")
    assert said(web)["text"] == PARCEL.markdown


def test_a_push_is_short(web: WebServer, send: Send) -> None:
    assert send(f"gotify://127.0.0.1:{web.port}/abcdefghijklmno").verdict is Verdict.ACCEPTED
    assert said(web)["message"] == PARCEL.short


def test_an_sms_is_never_cut(web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours("vonage"), "notify_url", f"http://127.0.0.1:{web.port}/sms")
    parcel = Parcel(PARCEL.title, "s" * 200, "x", "x", "x", PARCEL.message_id)
    send("vonage://aaaaaaaa:bbbbbbbbbbbbbbbb@15551234567/15557654321", parcel)
    assert b"s" * 200 in web.asked[0].body


def test_what_is_too_long_for_a_service_is_said_in_short(web: WebServer, send: Send) -> None:
    send(f"json://127.0.0.1:{web.port}/", LONG)
    assert said(web)["message"] == PARCEL.short
    send(f"mmost://127.0.0.1:{web.port}/3ccdd113474722377935511fc85d3dd4", LONG)
    assert said(web)["text"].startswith("OpenMethods: Incident – identified")


def test_a_chat_that_gets_plain_text_calls_nobody_and_reads_no_markup(
    web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours("tgram"), "notify_url", f"http://127.0.0.1:{web.port}/bot")
    send("tgram://123456789:abcdefg_hijklmnop/12315544/")
    assert "@all" not in said(web)["text"]
    assert "@\u200ball" in said(web)["text"]
    assert "help@example.com" in said(web)["text"]
    assert "&lt;b&gt;We" in said(web)["text"]


def test_an_alert_raises_one(web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ours("opsgenie").send.__globals__
    here = dict.fromkeys(module["OPSGENIE_API_LOOKUP"], f"http://127.0.0.1:{web.port}/alerts")
    monkeypatch.setitem(module, "OPSGENIE_API_LOOKUP", here)
    web.says = 'HTTP/1.1 202 OK\r\nContent-Length: 18\r\n\r\n{"requestId": "1"}'
    assert send("opsgenie://a-b-c-d").verdict is Verdict.ACCEPTED
    assert said(web)["message"] == PARCEL.title


def test_no_remote_picture_is_shown(web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours("discord"), "notify_url", f"http://127.0.0.1:{web.port}/api/webhooks")
    send("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    assert "avatar_url" not in said(web)
    assert said(web)["content"] == PARCEL.markdown


def test_a_proxy_of_the_environment_is_used(web: WebServer, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://ada:word@127.0.0.1:{web.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert send("json://hooks.example.com/in").verdict is Verdict.ACCEPTED
    assert web.asked[0].line.startswith("POST http://hooks.example.com/in ")
    assert web.asked[0].headers["Proxy-Authorization"] == "Basic YWRhOndvcmQ="


def test_apprise_itself_sends_as_before(web: WebServer, hook: str, send: Send) -> None:
    send(hook)
    theirs = import_module("apprise.plugins.custom_json")
    assert theirs.requests is requests
    assert NotificationManager()["json"] is theirs.NotifyJSON  # type: ignore[no-untyped-call] # Apprise's own
    assert "throttle" not in vars(theirs.NotifyJSON)
    carrier = Apprise()
    carrier.add(hook)
    assert carrier.notify(body="by hand")
    assert web.asked[-1].headers["Idempotency-Key"] is None


def test_nothing_that_apprise_logs_holds_the_address(
    web: WebServer, hook: str, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    web.says = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    send(hook)
    web.says = ""
    send(hook)
    assert SECRET not in caplog.text


EXAMPLES = {
    "slack": "TAAAAAAAA/BAAAAAAAA/aaaaaaaaaaaaaaaaaaaaaaaa/#ops",
    "workflows": "prod-12.westus.logic.azure.com:443/1234567890abcdef/abcdefghijkl?ver=2",
    "discord": "4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "gchat": "workspace/key/token",
    "mmost": "chat.example.com/3ccdd113474722377935511fc85d3dd4?channel=ops",
    "matrix": "user:pass@matrix.example.com/#ops",
    "rocket": "user:pass@chat.example.com/#ops",
    "zulip": "bot@acme/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/ops",
    "webex": "a" * 80,
    "nctalk": "user:pass@cloud.example.com/roomid",
    "zoom": "aaaaaaaaaaaaa/aaaaaaaaaaaaaaaaaaaa",
    "tgram": "123456789:abcdefg_hijklmnop/12315544/",
    "ntfy": "ntfy.example.com/topic",
    "gotify": "push.example.com/aaaaaaaaaaaaaaa",
    "pover": f"{'u' * 30}@{'a' * 30}",
    "pbul": "a" * 32,
    "twilio": f"AC{'a' * 32}:{'b' * 32}@15551234567/15557654321",
    "vonage": "aaaaaaaa:bbbbbbbbbbbbbbbb@15551234567/15557654321",
    "clicksend": "user:key@15557654321",
    "sns": "AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/us-east-2/12223334444",
    "msgbird": f"{'a' * 25}/15551234567/15557654321",
    "plivo": f"MA{'A' * 18}@{'b' * 40}/15551234567/15557654321",
    "sinch": f"{'a' * 32}:{'b' * 32}@15551234567/15557654321",
    "telnyx": "KEY01234567890ABCDEFabcdefabcdefabcdefabcdef@15551234567/15557654321",
    "infobip": f"{'a' * 20}@abcd1.api.infobip.com/15557654321",
    "bulksms": "id:secret@15557654321",
    "signal": "signal.example.com/15551234567/15557654321",
    "pagerduty": "IntegrationKey@ApiKey?region=eu",
    "opsgenie": "a-b-c-d",
    "splunk": "routing@12345678-1234-1234-1234-1234567890ab",
    "pagertree": "int_abcdefghij",
    "squadcast": "a" * 32,
    "ilert": "a" * 32,
    "incidentio": "source/token",
    "betterstack": "a" * 24,
    "signl4": "a" * 12,
    "xmatters": "apikey@acme.xmatters.com/12345678-1234-1234-1234-1234567890ab",
    "goalert": "goalert.example.com/token",
    "json": "127.0.0.1:8080/hook",
    "form": "user:pass@hooks.example.com",
    "xml": "hooks.example.com/a/b?method=put",
}


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_apprise_knows_every_service_that_we_allow(schema: str, clock: FakeClock) -> None:
    plugin = ours(schema)
    module = sys.modules[plugin.__module__]
    assert module.requests is requests, "it must send by requests, or our wire is not beneath it"
    assert plugin.send.__globals__["requests"] is wire.REQUESTS
    assert SERVICES[schema].parameters <= set(plugin.template_args)
    rest = EXAMPLES.get(schema) or EXAMPLES[schema.removesuffix("s")]
    assert Destination(f"{schema}://{rest}", clock).problem() == ""
