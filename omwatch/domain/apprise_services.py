"""The services that destinations may use, of the some 170 that Apprise knows, and what each may be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Form(StrEnum):
    """Which body of a notice fits."""

    SHORT = "short"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


class Purpose(StrEnum):
    """What a service is there for."""

    CHAT = "chat"
    PUSH = "push"
    SMS = "sms"
    ALERT = "alert"
    """It calls people out; every notice is an alert of its own."""
    WEBHOOK = "webhook"
    """A program of the subscriber's."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service that destinations may use."""

    label: str
    purpose: Purpose
    form: Form
    parameters: frozenset[str] = frozenset()
    """What may stand behind the question mark."""
    names_host: bool = False
    """Whether what stands first is the service's host, which is no secret."""
    longest: int = 0
    """Characters that it takes, where Apprise thinks too small of it; 0 to trust Apprise."""


def _chat(
    label: str, parameters: str = "", *, form: Form = Form.MARKDOWN, names_host: bool = False, longest: int = 0
) -> Service:
    return Service(label, Purpose.CHAT, form, frozenset(parameters.split()), names_host, longest)


def _push(label: str, parameters: str = "", *, names_host: bool = False) -> Service:
    return Service(label, Purpose.PUSH, Form.SHORT, frozenset(parameters.split()), names_host)


def _sms(label: str, parameters: str, *, names_host: bool = False) -> Service:
    return Service(label, Purpose.SMS, Form.SHORT, frozenset(parameters.split()), names_host)


def _alert(label: str, parameters: str, *, form: Form = Form.TEXT, names_host: bool = False) -> Service:
    return Service(label, Purpose.ALERT, form, frozenset(parameters.split()), names_host)


def _webhook(label: str) -> Service:
    return Service(label, Purpose.WEBHOOK, Form.TEXT, frozenset({"method", "format"}), names_host=True)


_TEAMS = "id sig ver api-version route routeid pa powerautomate wrap"
# Their markup is none that others write, and what Telegram cannot read it refuses for good; plain text never fails.
_PLAIN = Form.TEXT
SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "slack": _chat("Slack", "mode"),
        "workflows": _chat("Microsoft Teams", _TEAMS, names_host=True, longest=20_000),
        "discord": _chat("Discord", "thread"),
        "gchat": _chat("Google Chat", "workspace key token thread"),
        "mmost": _chat("Mattermost", "channel", names_host=True),
        "mmosts": _chat("Mattermost", "channel", names_host=True),
        "matrix": _chat("Matrix", "mode token version msgtype"),
        "matrixs": _chat("Matrix", "mode token version msgtype"),
        "rocket": _chat("Rocket.Chat", "mode webhook avatar", longest=5000),
        "rockets": _chat("Rocket.Chat", "mode webhook avatar", longest=5000),
        "zulip": _chat("Zulip", "token"),
        "webex": _chat("Webex", "mode token", longest=7000),
        "nctalk": _chat("Nextcloud Talk", "url_prefix silent", form=_PLAIN, names_host=True),
        "nctalks": _chat("Nextcloud Talk", "url_prefix silent", form=_PLAIN, names_host=True),
        "zoom": _chat("Zoom", "mode token", form=_PLAIN),
        "tgram": _chat("Telegram", "topic thread silent", form=_PLAIN),
        "ntfy": _push("ntfy", "priority xtags mode token auth"),
        "ntfys": _push("ntfy", "priority xtags mode token auth"),
        "gotify": _push("Gotify", "priority", names_host=True),
        "gotifys": _push("Gotify", "priority", names_host=True),
        "pover": _push("Pushover", "priority sound key"),
        "pbul": _push("Pushbullet"),
        "twilio": _sms("Twilio", "from sid token apikey"),
        "vonage": _sms("Vonage", "from key secret"),
        "clicksend": _sms("ClickSend", "key"),
        "sns": _sms("Amazon SNS", "region access key secret token"),
        "msgbird": _sms("MessageBird", "from"),
        "plivo": _sms("Plivo", "from id token"),
        "sinch": _sms("Sinch", "from spi region token"),
        "telnyx": _sms("Telnyx", "from key profile"),
        "infobip": _sms("Infobip", "from key", names_host=True),
        "bulksms": _sms("BulkSMS", "from route unicode"),
        "signal": _sms("Signal", "from", names_host=True),
        "signals": _sms("Signal", "from", names_host=True),
        "pagerduty": _alert("PagerDuty", "region severity group class", form=Form.SHORT),
        "opsgenie": _alert("Opsgenie", "region priority entity tags"),
        "splunk": _alert("Splunk On-Call", "apikey routing_key route", form=Form.SHORT),
        "pagertree": _alert("PagerTree", "urgency tags"),
        "squadcast": _alert("Squadcast", "key region priority"),
        "ilert": _alert("ilert", "key priority"),
        "incidentio": _alert("incident.io", "source token"),
        "betterstack": _alert("Better Stack", "token policy"),
        "signl4": _alert("SIGNL4", "service alerting_scenario filtering"),
        "xmatters": _alert("xMatters", "apikey", names_host=True),
        "goalert": _alert("GoAlert", "token", names_host=True),
        "goalerts": _alert("GoAlert", "token", names_host=True),
        "json": _webhook("JSON webhook"),
        "jsons": _webhook("JSON webhook"),
        "form": _webhook("form webhook"),
        "forms": _webhook("form webhook"),
        "xml": _webhook("XML webhook"),
        "xmls": _webhook("XML webhook"),
    }
)
"""Schema → its service."""
