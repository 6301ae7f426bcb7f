"""Destinations: what an operator may name as a subscriber beside an e-mail address, as an Apprise URL.

Apprise knows some 170 services, and some of their parameters read local files, fetch other addresses, pass a failure
off as success or multiply what is sent. So only those services and parameters may be used that ``apprise_services.py``
lists. A URL is a secret as a whole: what may be shown of it is :func:`masked`.
"""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import unquote_to_bytes

from omwatch.domain.apprise_services import SERVICES, Form, Service

LONGEST = 2000
"""Characters; the longest that services give out, those of Power Automate, have some 300."""
_SHOWN_DIGITS = 8

_OTHER_NAMES = {"workflow": "workflows", "wxteams": "webex", "nexmo": "vonage", "victorops": "splunk"}
_CHOICES = {"method": frozenset({"post", "put", "patch"}), "format": frozenset({"text", "markdown", "html"})}
_INSTEAD = {
    **dict.fromkeys(("http", "https"), "write Slack's webhooks as slack://A/B/C, and your own as jsons://…"),
    **dict.fromkeys(("mailto", "mailtos"), "an e-mail address stands as it is, without mailto:"),
    "msteams": "Microsoft has ended those connectors; write a Teams workflow as workflows://…",
}
_PRINTABLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_KEY = re.compile(r"[a-z_-]+")
_LONGEST_KEY = 20
_ROUNDS = 4  # of decoding; Apprise itself decodes some parts twice


@dataclass(frozen=True, slots=True)
class _Parts:
    schema: str
    place: str
    """User, password, and host or token."""
    path: str
    query: str

    @property
    def host(self) -> str:
        """What may be shown of the place; empty where it might be a token."""
        service = SERVICES[self.schema]
        host = self.place.rpartition("@")[2].lower()
        # ntfy and Matrix put a host there, or a topic or a token, which have no dot.
        either = service.label in {"ntfy", "Matrix"} and "." in host and self.path.strip("/") != ""
        return host if service.names_host or either else ""


def destination(text: str) -> str:
    """Return an Apprise URL in its stored form: schema and host in lower case, parameters in order.

    Raises:
        ValueError: it is none that may be used; the message says why, and shows nothing of it but its schema and the
            name of a parameter.
    """
    url = text.strip()
    if len(url) > LONGEST:
        raise ValueError(f"a destination's URL has at most {LONGEST} characters, and this one has {len(url)}")
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise ValueError("a destination's URL is plain ASCII without spaces; write other characters like %20 or %C3%A9")
    _refuse_hidden_controls(url)
    parts = _parts(url)
    service = SERVICES[parts.schema]
    if service.names_host and (_HOST.fullmatch(parts.place.rpartition("@")[2]) is None or "@" in _tails(parts.path)):
        raise ValueError(
            f"a {parts.schema}:// URL goes on with a host, such as {parts.schema}://hooks.example.com/…; "
            "in a user name or a password write / : @ ? and # as %2F %3A %40 %3F and %23"
        )
    if "#" in parts.place + parts.path:
        raise ValueError("a destination's URL has a # only where a channel begins, as in /#ops; write others as %23")
    query = "&".join(sorted(_parameters(parts)))
    return _joined(replace(parts, place=_with_small_host(parts), path="" if parts.path == "/" else parts.path), query)


def service_of(url: str) -> Service:
    """Return the service behind a destination's URL, with the form that the URL asks for.

    Raises:
        ValueError: there is none.
    """
    parts = _parts(url)
    service = SERVICES[parts.schema]
    wanted = dict(item.partition("=")[::2] for item in parts.query.split("&")).get("format", "")
    return replace(service, form=Form(wanted)) if wanted in _CHOICES["format"] else service


def fingerprint(url: str, key: bytes) -> str:
    """Return what a destination is known by: the same for the same URL in its stored form.

    Without the key it tells nothing: a plain hash would let whoever has the database try out weak passwords.
    """
    return hmac.new(key, url.encode(), sha256).hexdigest()


def masked(url: str, fingerprint: str) -> str:
    """Return what may be shown of a destination: "slack://…9f2c41aa", "jsons://hooks.example.com/…9f2c41aa".

    Args:
        url: in its stored form.
        fingerprint: the URL's own, so that two are told apart.

    Raises:
        ValueError: it is no destination's URL.
    """
    parts = _parts(url)
    return f"{parts.schema}://{parts.host}{'/' if parts.host else ''}…{fingerprint[:_SHOWN_DIGITS]}"


def _parts(url: str) -> _Parts:
    schema, found, rest = url.partition("://")
    schema = schema.lower()
    schema = _OTHER_NAMES.get(schema, schema)
    if not found or schema not in SERVICES:
        known = ", ".join(name for name in sorted(SERVICES) if f"{name[:-1]}" not in SERVICES or name[-1] != "s")
        why = _INSTEAD.get(schema if found else "", f"known: {known}")
        what = f"{schema[:20]}://" if found and _KEY.fullmatch(schema) else "a destination without a schema"
        raise ValueError(f"{what} is no destination that omwatch sends to; {why}")
    address, _, query = rest.partition("?")
    place, slash, path = address.replace("/#", "/%23").partition("/")  # a channel; any other # would end the address
    return _Parts(schema, place, slash + path, query)


def _parameters(parts: _Parts) -> Iterator[str]:
    service = SERVICES[parts.schema]
    if "?" in parts.query or ";" in parts.query:
        raise ValueError("a destination's URL has one ?, and & between parameters; write others as %3F and %3B")
    for item in filter(None, parts.query.split("&")):
        name, _, value = item.partition("=")
        key = name.lower()
        allowed = ", ".join(sorted(service.parameters)) or "none"
        if key not in service.parameters:
            shown = f"the parameter {key!r}" if _KEY.fullmatch(key) and len(key) <= _LONGEST_KEY else "a parameter"
            raise ValueError(f"{shown} is not allowed for {service.label}; allowed: {allowed}")
        if value.lower() not in _CHOICES.get(key, {value.lower()}):
            raise ValueError(f"the parameter {key!r} must be one of {', '.join(sorted(_CHOICES[key]))}")
        yield f"{key}={value.lower() if key in _CHOICES else value}"


def _refuse_hidden_controls(url: str) -> None:
    decoded = url.encode()
    for _ in range(_ROUNDS):
        decoded = unquote_to_bytes(decoded)
        try:
            text = decoded.decode()
        except UnicodeDecodeError as error:
            raise ValueError("a destination's URL holds an escape that is not UTF-8; write é as %C3%A9") from error
        if not text.isprintable():
            raise ValueError("a destination's URL holds the escape of a control character, such as %0A; leave it out")


def _tails(path: str) -> str:
    """Return a path without the @ that begin a segment, as the name of a person does."""
    return path.replace("/@", "/")


def _with_small_host(parts: _Parts) -> str:
    if not SERVICES[parts.schema].names_host:
        return parts.place
    user, at, host = parts.place.rpartition("@")
    return f"{user}{at}{host.lower()}"


def _joined(parts: _Parts, query: str) -> str:
    return f"{parts.schema}://{parts.place}{parts.path}{'?' if query else ''}{query}"
