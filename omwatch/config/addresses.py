"""Addresses written as ``sandbox:NAME``: looked up in the record of the home's running sandbox.

A home pointed at its sandbox names no port, so two homes on one machine never collide and a copied home
works at once. Anything that does not start with ``sandbox:`` is an address already and passes unchanged.
"""

import json
from dataclasses import dataclass

from omwatch.config.home import Home, write_atomically
from omwatch.config.lockfile import is_locked

PREFIX = "sandbox:"


class SandboxNotRunning(LookupError):
    """The address points at the home's sandbox, and no sandbox runs there."""


@dataclass(frozen=True, slots=True)
class SandboxRecord:
    """What a running sandbox writes down for everybody else in its home."""

    pid: int
    addresses: dict[str, str]
    """Name to address: ``http://127.0.0.1:PORT`` for HTTP, ``127.0.0.1:PORT`` for SMTP and IMAP."""


def write_record(home: Home, record: SandboxRecord) -> None:
    """Record a sandbox that is ready to serve."""
    home.make_data()
    write_atomically(home.sandbox_record, json.dumps({"pid": record.pid, "addresses": record.addresses}, indent=2))


def read_record(home: Home) -> SandboxRecord | None:
    """Return the record of the sandbox that runs in this home, or None when none does."""
    try:
        found = json.loads(home.sandbox_record.read_text(encoding="utf-8"))
        record = SandboxRecord(pid=int(found["pid"]), addresses=dict(found["addresses"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if is_locked(home.sandbox_lock) else None


def resolve(home: Home, address: str) -> str:
    """Return the real address behind ``sandbox:NAME``; any other address is returned as it is.

    Raises:
        SandboxNotRunning: no sandbox runs in this home, or it offers no such name.
    """
    if not address.startswith(PREFIX):
        return address
    record = read_record(home)
    if record is None:
        raise SandboxNotRunning(f"{address}: no sandbox runs in this home; start one with 'omwatch sandbox'")
    name = address.removeprefix(PREFIX)
    if name not in record.addresses:
        raise SandboxNotRunning(f"{address}: the sandbox has no such address; it has {', '.join(record.addresses)}")
    return record.addresses[name]
