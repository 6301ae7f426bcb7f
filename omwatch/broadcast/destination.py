"""One destination that is no e-mail address: a message through Apprise, and whether it was taken, for good or not.

Apprise's plugins answer only yes or no, pause between sends, and try again by themselves. Ours are private copies of
their modules that send through :mod:`omwatch.broadcast.wire`, so nothing else in this process sees a difference. What a
service says may repeat a token, and so may Apprise: answers are in our words.
"""

import functools
import importlib.util
import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from apprise import AppriseAsset, NotifyFormat, NotifyType, PersistentStoreMode
from apprise.conversion import convert_between
from apprise.manager_plugins import NotificationManager
from apprise.plugins import NotifyBase

from omwatch.broadcast.answers import Answer, Verdict
from omwatch.broadcast.markdown import escape
from omwatch.broadcast.wire import REQUESTS, Reply, listening
from omwatch.clock import Clock
from omwatch.domain.apprise_services import Form, Purpose, Service
from omwatch.domain.destination import destination, service_of

LONGEST_WAIT_SECONDS = 3600.0
"""However long a service asks us to wait, it is tried again after an hour."""
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_NO_PING = "@\u200b"  # the space has no width; chats call nobody by a name that begins with it
_TEXT = NotifyFormat.TEXT
_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message in every form, for a destination to take the one that fits."""

    title: str
    short: str
    text: str
    markdown: str
    html: str
    message_id: str


class Destination:
    """Where one subscriber's messages go."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Name the Apprise URL; nothing is read or sent yet."""
        self._url = url
        self._clock = clock

    def problem(self) -> str:
        """Return why nothing could be sent there, or an empty string; nothing is sent to find out."""
        try:
            _prepared(self._url)
        except ValueError as reason:
            return str(reason)
        return ""

    def send(self, parcel: Parcel) -> Answer:
        """Hand one message over; blocks, each step for a bounded while, so call it in a thread. Never raises."""
        try:
            service, plugin = _prepared(self._url)
        except ValueError as reason:
            return Answer(Verdict.REFUSED, str(reason))
        headers = {"Idempotency-Key": parcel.message_id} if service.purpose is Purpose.WEBHOOK else {}
        with listening(self._clock, headers) as said:
            try:
                taken = bool(plugin.notify(**_worded(service, plugin, parcel)))
            except BaseException as error:  # noqa: BLE001 - a plugin may even raise SystemExit, and must not end our thread
                return Answer(Verdict.TRY_LATER, f"{service.label}: Apprise failed with {type(error).__name__}")
            del plugin  # some say good-bye when they are cleared away
        return _answer(service, said, self._clock.now(), taken=taken)


def _prepared(url: str) -> tuple[Service, NotifyBase]:
    """Return a destination's service, and Apprise's plugin for it.

    Raises:
        ValueError: nothing can be sent there; the message says why, and holds no secret.
    """
    known = destination(url)
    service = service_of(known)
    kind = _plugin(known.partition("://")[0])
    try:
        parsed = kind.parse_url(known)
        plugin = kind(**parsed, asset=_asset()) if parsed else None
    except Exception:  # noqa: BLE001 - what it says may hold the address
        plugin = None
    if plugin is None:
        raise ValueError(f"Apprise does not understand this address of {service.label}; see {kind.setup_url}")
    if len(plugin) != 1:
        targets = f"names {len(plugin)} targets" if len(plugin) else "names nobody to send to"
        raise ValueError(f"this address of {service.label} {targets}; add a subscriber for each, with one target")
    return service, plugin


def _plugin(schema: str) -> Any:  # noqa: ANN401 - a class of Apprise's that ours to change makes it
    with _loading:
        return _private(NotificationManager()[schema])  # type: ignore[no-untyped-call] # Apprise's, half typed


@functools.cache
def _private(plugin: type[NotifyBase]) -> Any:  # noqa: ANN401 - as above
    """Return a copy of a plugin, from a copy of its module that nobody else has, which sends by our wire."""
    found = importlib.util.find_spec(plugin.__module__)
    assert found is not None  # noqa: S101 - it has just been imported from there
    assert found.loader is not None  # noqa: S101 - as above
    module: Any = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    module.requests = REQUESTS
    ours: Any = getattr(module, plugin.__name__)
    ours.throttle = _never_wait
    return ours


def _never_wait(*_: object, **__: object) -> None:
    """Take the place of Apprise's pauses, which would hold a thread; the ledger says when it is time again."""


@functools.cache
def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="omwatch",
        app_desc="Status notices",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        async_mode=False,
        http_redirects=False,
        service_timeout=0,
        storage_mode=PersistentStoreMode.MEMORY,
    )


def _worded(service: Service, plugin: NotifyBase, parcel: Parcel) -> dict[str, Any]:
    """Return what Apprise is asked to send: the form that fits, or the short one where that one is too long."""
    title, body, style = _dressed(service.form, parcel)
    if len(title) + len(body) > (service.longest or plugin.body_maxlen):
        marked_up = style is NotifyFormat.MARKDOWN
        title, body, style = "", escape(parcel.short) if marked_up else parcel.short, style if marked_up else _TEXT
    if style is NotifyFormat.MARKDOWN and plugin.resolve_format(style) is _TEXT:
        plugin.notify_format = style  # the service reads Markdown, which Apprise would take away
    if service.purpose is Purpose.CHAT and style is _TEXT:
        title, body = _MENTION.sub(_NO_PING, title), _MENTION.sub(_NO_PING, body)
    # Some plugins convert nothing when they are asked themselves, so what Apprise would do for them is done here.
    wanted = plugin.resolve_format(style)
    if wanted is not style:
        body = _converted(body, style, wanted)
        title = _converted(title, style, wanted) if title and plugin.title_maxlen <= 0 else title
    # An information would be a note on an alert that there is not, or raise none.
    urgency = NotifyType.WARNING if service.purpose is Purpose.ALERT else NotifyType.INFO
    title = title[: plugin.title_maxlen] if plugin.title_maxlen > 0 else title
    return {"title": title, "body": body, "body_format": wanted, "notify_type": urgency}


def _converted(text: str, from_style: NotifyFormat, to_style: NotifyFormat) -> str:
    return str(convert_between(from_style, to_style, text))  # type: ignore[no-untyped-call] # Apprise's, half typed


def _dressed(form: Form, parcel: Parcel) -> tuple[str, str, NotifyFormat]:
    """Return title, body and its format; what a title says is in the short form and in the Markdown anyway."""
    match form:
        case Form.TEXT:
            return parcel.title, parcel.text, _TEXT
        case Form.HTML:
            return parcel.title, parcel.html, NotifyFormat.HTML
        case Form.MARKDOWN:
            return "", parcel.markdown, NotifyFormat.MARKDOWN
        case Form.SHORT:
            return "", parcel.short, _TEXT


def _answer(service: Service, said: Sequence[Reply], now: datetime, *, taken: bool) -> Answer:
    if taken and any(map(_is_good, said)):
        return Answer(Verdict.ACCEPTED)
    if not said:
        return Answer(Verdict.REFUSED, f"{service.label}: Apprise sends nothing by this address; enter it again")
    failed = next((reply for reply in reversed(said) if not _is_good(reply)), said[-1])
    if failed.trouble:
        return Answer(Verdict.TRY_LATER, f"{service.label}: {failed.trouble}")
    words = f"{service.label} answered {_status_in_words(failed.status)}"
    if _is_good(failed):
        return Answer(Verdict.TRY_LATER, f"{words}, and yet did not take the message")
    if failed.status in _PASSING or failed.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer(Verdict.TRY_LATER, words, _wait_seconds(failed.retry_after, now))
    return Answer(Verdict.REFUSED, words)


def _is_good(reply: Reply) -> bool:
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES


def _status_in_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _wait_seconds(said: str, now: datetime) -> float | None:
    """Return how long a Retry-After asks to wait, in seconds or by a date; None where it says neither."""
    try:
        seconds = float(said)
    except ValueError:
        try:
            instant = parsedate_to_datetime(said)
        except (ValueError, IndexError, OverflowError):
            return None
        seconds = (instant.replace(tzinfo=instant.tzinfo or UTC) - now).total_seconds()
    return None if math.isnan(seconds) else min(max(0.0, seconds), LONGEST_WAIT_SECONDS)
