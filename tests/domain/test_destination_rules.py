"""What an operator may name as a destination, and what may be shown of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain.apprise_services import SERVICES, Form, Purpose
from omwatch.domain.destination import LONGEST, destination, fingerprint, masked, service_of

SECRET = "hunter2secret"
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("given_url", "stored"),
    [
        (" SLACK://TA/BB/cC/#ops \n", "slack://TA/BB/cC/%23ops"),
        ("jsons://Ada:Pw@Hooks.Example.COM:8443/In", "jsons://Ada:Pw@hooks.example.com:8443/In"),
        ("json://[::1]:80/?METHOD=Post&format=HTML", "json://[::1]:80?format=html&method=post"),
        ("json://hooks.example.com/", "json://hooks.example.com"),
        ("workflow://h.example.com/a/b?ver=2&", "workflows://h.example.com/a/b?ver=2"),
        ("nexmo://k:s@15551234567/15557654321", "vonage://k:s@15551234567/15557654321"),
        ("mmosts://chat.example.com/token/@ada", "mmosts://chat.example.com/token/@ada"),
    ],
)
def test_a_destination_has_one_stored_form(given_url: str, stored: str) -> None:
    assert destination(given_url) == stored
    assert destination(stored) == stored


REFUSED = [
    (f"{SECRET}", "a destination without a schema is no destination that omwatch sends to; known: "),
    (f"gopher://{SECRET}", "gopher:// is no destination that omwatch sends to; known: "),
    (f"{SECRET}%://a", "a destination without a schema"),
    (f"https://hooks.slack.com/services/{SECRET}", "write Slack's webhooks as slack://A/B/C"),
    (f"mailto://{SECRET}@smtp.example.com", "an e-mail address stands as it is"),
    (f"msteams://{SECRET}", "write a Teams workflow as workflows://"),
    (f"syslog://{SECRET}", "is no destination"),
    (f"slack://a/b/{SECRET}?template=/etc/passwd", "the parameter 'template' is not allowed for Slack; allowed: mode"),
    (f"slack://a/b/{SECRET}?TEMPLATE=/etc/passwd", "the parameter 'template' is not allowed"),
    (f"slack://a/b/{SECRET}?%74emplate=/etc/passwd", "a parameter is not allowed"),
    (f"slack://a/b/{SECRET}?mode=bot;template=/etc/passwd", "& between parameters"),
    (f"slack://a/b/{SECRET}?mode=bot?template=/etc/passwd", "has one ?"),
    (f"slack://a/b/{SECRET}?to=%23other", "'to' is not allowed"),
    (f"json://example.com/?optional=yes&x={SECRET}", "'optional' is not allowed"),
    (f"json://example.com/?retry=9&x={SECRET}", "'retry' is not allowed"),
    (f"json://example.com/?redirect=yes&x={SECRET}", "'redirect' is not allowed"),
    (f"json://example.com/?verify=no&x={SECRET}", "'verify' is not allowed"),
    (f"json://example.com/?rto=3600&x={SECRET}", "'rto' is not allowed"),
    (f"json://example.com/?+X-Token={SECRET}", "a parameter is not allowed"),
    (f"json://example.com/?:message={SECRET}", "a parameter is not allowed"),
    (f"json://example.com/?-key={SECRET}", "'-key' is not allowed"),
    (f"json://example.com/?{SECRET * 3}=1", "a parameter is not allowed"),
    (f"json://example.com/?method=get&x={SECRET}", "'method' must be one of patch, post, put"),
    (f"ntfy://ntfy.example.com/{SECRET}?attach=http://10.0.0.1/", "'attach' is not allowed"),
    (f"ntfy://ntfy.example.com/{SECRET}?email=ada@example.com", "'email' is not allowed"),
    (f"json://ada:{SECRET}/x@example.com/", "goes on with a host"),
    (f"json://ada:12/{SECRET}@example.com/", "goes on with a host"),
    (f"json:///{SECRET}", "goes on with a host"),
    (f"json://exa mple.com/{SECRET}", "plain ASCII without spaces"),
    (f"json://exämple.com/{SECRET}", "plain ASCII"),
    (f"json://example.com/\n{SECRET}", "plain ASCII"),
    (f"json:\\\\example.com\\{SECRET}", "plain ASCII"),
    (f"json://example.com/%0A{SECRET}", "control character"),
    (f"json://example.com/%250d{SECRET}", "control character"),
    (f"json://example.com/%25252500{SECRET}", "control character"),
    (f"json://example.com/%E2%80%AE{SECRET}", "control character"),
    (f"json://example.com/%FF{SECRET}", "not UTF-8"),
    (f"slack://a/b#{SECRET}", "# only where a channel begins"),
    (f"json://example.com/{SECRET}{'x' * LONGEST}", f"at most {LONGEST} characters"),
    ("", "a destination's URL"),
]


@pytest.mark.parametrize(("url", "says"), REFUSED)
def test_what_could_do_harm_is_refused_with_a_reason_that_shows_no_secret(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        destination(url)
    assert SECRET not in str(caught.value)


@given(text=st.text(max_size=80), schema=st.sampled_from([*sorted(SERVICES), "https", "gopher"]))
def test_whatever_is_typed_has_one_form_or_is_refused(text: str, schema: str) -> None:
    refusal = ""
    try:
        stored = destination(f"{schema}://{text}")
    except ValueError as error:
        refusal = str(error)
    assert refusal.isprintable()
    if not refusal:
        assert destination(stored) == stored
        assert masked(stored, fingerprint(stored, KEY)).isprintable()
        assert service_of(stored).form in Form


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"slack://TA/BB/{SECRET}", "slack://…"),
        (f"jsons://ada:{SECRET}@hooks.example.com:8443/{SECRET}?method=put", "jsons://hooks.example.com:8443/…"),
        (f"ntfys://{SECRET}", "ntfys://…"),
        (f"ntfys://{SECRET}/", "ntfys://…"),
        (f"ntfys://ntfy.example.com/{SECRET}", "ntfys://ntfy.example.com/…"),
        (f"matrixs://{SECRET}", "matrixs://…"),
        (f"matrixs://ada:{SECRET}@matrix.example.com/%23ops", "matrixs://matrix.example.com/…"),
        (f"rockets://{SECRET}/token@chat.example.com/%23ops", "rockets://…"),
        (f"twilio://{SECRET}:{SECRET}@15551234567/15557654321", "twilio://…"),
        (f"gotify://push.example.com/{SECRET}", "gotify://push.example.com/…"),
    ],
)
def test_of_a_destination_only_schema_and_host_are_shown(url: str, shown: str) -> None:
    found = fingerprint(url, KEY)
    assert masked(destination(url), found) == shown + found[:8]


def test_destinations_are_told_apart_by_their_fingerprints() -> None:
    one, other = "json://ada:one@example.com", "json://ada:two@example.com"
    assert fingerprint(one, KEY) == fingerprint(one, KEY)
    assert fingerprint(one, KEY) != fingerprint(other, KEY)
    assert masked(one, fingerprint(one, KEY)) != masked(other, fingerprint(other, KEY))


def test_a_fingerprint_tells_nothing_without_the_key() -> None:
    assert fingerprint("json://ada:one@example.com", KEY) != fingerprint("json://ada:one@example.com", b"x" * 32)


def test_a_webhook_says_which_form_it_wants() -> None:
    assert service_of("json://example.com").form is Form.TEXT
    assert service_of("json://example.com?format=html").form is Form.HTML
    assert service_of("json://example.com?format=markdown").form is Form.MARKDOWN


def test_every_kind_of_service_gets_a_body_that_fits() -> None:
    fits = {
        Purpose.CHAT: {Form.MARKDOWN, Form.TEXT},
        Purpose.PUSH: {Form.SHORT},
        Purpose.SMS: {Form.SHORT},
        Purpose.ALERT: {Form.SHORT, Form.TEXT},
        Purpose.WEBHOOK: {Form.TEXT},
    }
    assert all(service.form in fits[service.purpose] for service in SERVICES.values())


DANGEROUS = {
    *("template", "optional", "retry", "wait", "redirect", "verify", "rto", "cto", "to", "cc", "bcc", "attach"),
    *("store", "tokens", "headers", "image", "avatar_url"),
}


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_no_service_may_be_told_to_do_what_we_decide(schema: str) -> None:
    assert not DANGEROUS & SERVICES[schema].parameters
