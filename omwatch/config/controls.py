"""The addresses of controls: independent places that tell whether it is this site that sees nothing."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator

from omwatch.domain.safetext import is_clean

_MOST = 20
_FORM = 'must be https://HOST, http://HOST, tcp://HOST:PORT or dns://NAME, such as "tcp://9.9.9.9:53"'
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_DEFAULT_PORTS = {"https": 443, "http": 80, "dns": 53}


class Way(StrEnum):
    """How a control is tried, and when it counts as reached."""

    HTTPS = "https"
    """Any reply, whatever its status."""
    HTTP = "http"
    TCP = "tcp"
    """A connection."""
    DNS = "dns"
    """The name resolves, by this machine's resolver."""


@dataclass(frozen=True, slots=True)
class Control:
    """One address, taken apart."""

    address: str
    """As it is written."""
    way: Way
    host: str
    port: int


def control(address: object) -> Control:
    """Return what an address says.

    Raises:
        ValueError: it is no address of a control.
    """
    if not isinstance(address, str) or not all(map(is_clean, address)) or " " in address:
        raise ValueError(_FORM)
    parts, port = _split(address)
    if parts.scheme not in set(Way) or not parts.hostname:
        raise ValueError(_FORM)
    way = Way(parts.scheme)
    if parts.username or parts.password:
        raise ValueError("must not hold a user or a password: controls are shown to everybody")
    if way in {Way.TCP, Way.DNS} and (parts.path not in {"", "/"} or parts.query or parts.fragment):
        raise ValueError(f"must end after {'the port' if way is Way.TCP else 'the name'}")
    if way is Way.TCP and port is None:
        raise ValueError("must name a port: tcp://HOST:PORT")
    if way is Way.DNS and (port is not None or not _NAME.fullmatch(parts.hostname)):
        raise ValueError("must be a name to resolve, without a port: dns://example.org")
    return Control(address, way, parts.hostname, port or _DEFAULT_PORTS.get(way, 0))


def _split(address: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    if port == 0:
        raise ValueError("must name a port from 1 to 65535")
    return parts, port


def _addresses(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list of addresses in square brackets")  # noqa: TRY004 - pydantic's
    if len(value) > _MOST:
        raise ValueError(f"must name at most {_MOST} addresses; a few are enough")
    found: list[str] = []
    for place, entry in enumerate(value, start=1):
        try:
            address = control(entry).address
        except ValueError as error:
            raise ValueError(f"entry {place} {error}") from None
        if address in found:
            raise ValueError(f"must name each address once; entry {place} repeats entry {found.index(address) + 1}")
        found.append(address)
    return tuple(found)


Addresses = Annotated[tuple[str, ...], BeforeValidator(_addresses)]
"""The addresses of controls, each in order."""
