"""Lists of subscribers as Statuspage gives them out, or takes them in.

Its columns have had several names, and a list to take in may name none: then the type stands first and the address
next. So columns are known by what they can be called, and what is no e-mail subscriber is told with its line.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from omwatch.domain.csv_table import Cells, Mistake, Table, Unreadable, line_of
from omwatch.domain.safetext import clean
from omwatch.domain.subscriber import SubscriberState
from omwatch.domain.subscriber_change import Changes
from omwatch.domain.subscriber_list import Row

_TYPE = ("type", "mode", "method", "subscriber_type", "subscription_type")
_EMAIL = ("email", "email_address", "e_mail", "address")
_PHONE = ("phone_number", "phone", "number", "sms")
_ENDPOINT = ("endpoint", "webhook_url", "webhook", "url")
_STATE = ("state", "status", "subscriber_state")
_QUARANTINED = ("quarantined_at", "quarantined")
_COMPONENTS = ("component_names", "components", "component", "component_name", "subscribed_components")
_WITHOUT_NAMES = ("type", "email", "skip_confirmation")
_STATES = {
    "": SubscriberState.ACTIVE,
    "active": SubscriberState.ACTIVE,
    "confirmed": SubscriberState.ACTIVE,
    "subscribed": SubscriberState.ACTIVE,
    "quarantined": SubscriberState.QUARANTINED,
    "unconfirmed": SubscriberState.UNVERIFIED,
    "pending": SubscriberState.UNVERIFIED,
    "pending_confirmation": SubscriberState.UNVERIFIED,
}
_AN_ADDRESS = re.compile(r"@|://|[0-9]{4}")
_ALL = frozenset({"", "all", "all components", "entire page"})
_NO = frozenset({"", "no", "false", "0", "never"})
_INSTEAD = {
    "sms": "a text message needs an SMS service of yours: add its Apprise URL with 'omwatch subscriber add'",
    "webhook": "add the receiver as jsons://… with 'omwatch subscriber add'; its body is omwatch's own",
    "slack": "add the channel's own Apprise URL with 'omwatch subscriber add'",
    "teams": "add the channel's own Apprise URL with 'omwatch subscriber add'",
}


def rows(lines: Iterable[str]) -> Iterator[Row | Mistake]:
    """Return the e-mail subscribers of a list in their order, and all others with the reason why they are not taken.

    Args:
        lines: the file's lines, without a byte order mark.

    Raises:
        Unreadable: it is no list of Statuspage's.
    """
    table, first_place = _table(iter(lines))
    if not {*_EMAIL, *_PHONE, *_ENDPOINT} & set(table.columns):
        raise Unreadable("is no list of Statuspage's: its first line names no column 'Email'")
    for found in table:
        line = found.line - first_place
        if isinstance(found, Mistake):
            yield Mistake(line, found.why)
            continue
        try:
            yield _row(found, line)
        except ValueError as error:
            yield Mistake(line, str(error))


def _table(lines: Iterator[str]) -> tuple[Table, int]:
    """Return the table, and how many lines it has more than the file."""
    first = next(lines, "")
    cells = Table([first]).columns if first.strip() else []
    if cells and cells[0] in {"email", *_INSTEAD} and _AN_ADDRESS.search(first):
        return Table(chain([line_of(_WITHOUT_NAMES), first], lines)), 1
    return Table(chain([first], lines)), 0


def _row(found: Cells, line: int) -> Row:
    email, kind = found.get(*_EMAIL) or "", _kind(found)
    if kind != "email":
        raise ValueError(f"is a subscriber by {kind}; {_INSTEAD.get(kind, 'only e-mail subscribers are taken')}")
    if not email:
        raise ValueError("has no e-mail address")
    said = (found.get(*_STATE) or "").lower().replace(" ", "_")
    if said not in _STATES:
        raise ValueError(f"is {clean(said, 20)!r} there; only active, unconfirmed and quarantined ones are taken")
    quarantined = (found.get(*_QUARANTINED) or "").lower() not in _NO
    state = SubscriberState.QUARANTINED if quarantined else _STATES[said]
    return Row(line, email, Changes(components=_components(found.get(*_COMPONENTS) or "")), state)


def _kind(found: Cells) -> str:
    """Return how a subscriber is reached: "email", "sms", "webhook", or another word of Statuspage's."""
    said = clean((found.get(*_TYPE) or "").lower(), 20)
    if said:
        return {"e-mail": "email", "phone": "sms", "text": "sms"}.get(said, said)
    if found.get(*_ENDPOINT):
        return "webhook"
    return "sms" if found.get(*_PHONE) and not found.get(*_EMAIL) else "email"


def _components(cell: str) -> frozenset[str]:
    if cell.lower() in _ALL:
        return frozenset()
    between = next((mark for mark in ";|" if mark in cell), ",")
    return frozenset(filter(None, (clean(name) for name in cell.split(between))))
