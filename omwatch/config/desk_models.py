"""The tables of config.toml that the desk goes by: service levels, roles and rules, on-call."""

import re
import tomllib
from datetime import time, timedelta
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic import field_validator as check_field

from omwatch.config.service_levels import Cadence, Closing, Days, Promised, RemediatedIn, RespondedIn
from omwatch.config.units import Duration, Switch, TimeOfDay, Whole, Zone, duration, whole
from omwatch.config.values import Line, Table, as_written, each_once, name
from omwatch.domain.role import Role
from omwatch.domain.safetext import is_clean
from omwatch.domain.severity import Severity
from omwatch.domain.sla import ServiceLevel, ServiceLevels, WorkHours

_MOST_OPERATORS, _MOST_ONCALL = 1000, 20
_APPRISE_ADDRESS = re.compile(r"sandbox:[a-z-]+|[a-z][a-z0-9+.-]*://\S+")
_DAY = 86_400


def _people(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list of user names in square brackets")  # noqa: TRY004 - pydantic's
    if len(value) > _MOST_OPERATORS:
        raise ValueError(f"must name at most {_MOST_OPERATORS:,} operators")
    return each_once(value, "operator", name)


def _severities(value: object) -> frozenset[Severity]:
    if not isinstance(value, list | tuple | frozenset):
        raise ValueError("must be a list of severities in square brackets")  # noqa: TRY004 - pydantic's
    return frozenset(each_once(value, "severity", _severity))


def _severity(value: object) -> Severity:
    try:
        return Severity(whole(value))
    except ValueError:
        raise ValueError("must be a severity from 1 to 4") from None


def _leads(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list of durations in square brackets")  # noqa: TRY004 - pydantic's
    return tuple(sorted(each_once(value, "duration", _lead), reverse=True))


def _lead(value: object) -> float:
    seconds = duration(value)
    if not 0 < seconds <= _DAY:
        raise ValueError("must be more than 0 s and at most a day")
    return seconds


def _oncall(value: object) -> tuple[SecretStr, ...]:
    """Return the addresses of a list; a variable or a secret's file may also hold one address a line."""
    entries = _entries(value) if isinstance(value, str) else value
    if not isinstance(entries, list | tuple):
        raise ValueError("must be a list of addresses in quotes and square brackets")  # noqa: TRY004 - pydantic's
    if len(entries) > _MOST_ONCALL:
        raise ValueError(f"must name at most {_MOST_ONCALL} addresses")
    return each_once(entries, "address", _oncall_address)


def _entries(text: str) -> object:
    if not text.lstrip().startswith("["):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return None


def _oncall_address(value: object) -> SecretStr:
    address = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(address, str) or not _APPRISE_ADDRESS.fullmatch(address) or not all(map(is_clean, address)):
        raise ValueError("must be an Apprise address such as ntfys://HOST/TOPIC")
    return SecretStr(address)


People = Annotated[tuple[Line, ...], BeforeValidator(_people)]
"""The names of users, each once."""
Severities = Annotated[frozenset[Severity], BeforeValidator(_severities)]
"""Severities, written [1, 2]."""
Leads = Annotated[tuple[float, ...], BeforeValidator(_leads)]
"""Seconds before something, the longest first, written ["30m", "10m"]."""
OncallAddresses = Annotated[tuple[SecretStr, ...], BeforeValidator(_oncall)]
"""Apprise addresses, each a secret."""


class ServiceLevelsTable(Table):
    """What each severity promises: 1 system outage, 2 major impairment, 3 minor loss and 4 no loss of service."""

    severity_1_respond_within: Promised = Field(
        default=as_written("30m"), description="how long a first response may take, from 1 minute to 30 days"
    )
    severity_1_remediation: RemediatedIn = Field(
        default=as_written("24/7"), description='when people work on it: `"24/7"` until resolved, or in `"work hours"`'
    )
    severity_1_update_every: Cadence = Field(
        default=as_written("60m"), description='how often a status update is owed; or `"on progress"`'
    )
    severity_2_respond_within: Promised = Field(default=as_written("2h"), description="as for severity 1")
    severity_2_remediation: RemediatedIn = Field(default=as_written("work hours"), description="as for severity 1")
    severity_2_update_every: Cadence = Field(default=as_written("on progress"), description="as for severity 1")
    severity_3_respond_within: Promised = Field(default=as_written("6h"), description="as for severity 1")
    severity_3_remediation: RemediatedIn = Field(default=as_written("work hours"), description="as for severity 1")
    severity_3_update_every: Cadence = Field(default=as_written("on progress"), description="as for severity 1")
    severity_4_respond_within: Promised = Field(default=as_written("24h"), description="as for severity 1")
    severity_4_remediation: RemediatedIn = Field(default=as_written("work hours"), description="as for severity 1")
    severity_4_update_every: Cadence = Field(default=as_written("on progress"), description="as for severity 1")
    opens: TimeOfDay = Field(default=as_written("06:00"), description="when work hours begin")
    closes: Closing = Field(
        default=as_written("16:00"),
        description="when they end, `24:00` at the latest; where it is before `opens`, on the next day",
    )
    zone: Zone = Field(
        default="America/New_York", description="whose clock they follow; `EST` knows no daylight-saving time"
    )
    days: Days = Field(
        default=as_written(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), description="on which they begin"
    )
    response_time: RespondedIn = Field(
        default=as_written("always"),
        description="when the response clock runs; `work hours`: in these alone, for what is remediated in them",
    )

    @check_field("closes")
    @classmethod
    def _is_not_when_they_open(cls, value: time, info: ValidationInfo) -> time:
        if value == info.data.get("opens") != time(0):
            raise ValueError('must not be when they open; a whole day is opens = "00:00", closes = "24:00"')
        return value

    @property
    def levels(self) -> ServiceLevels:
        """What is owed for each severity, and by when."""
        hours = WorkHours(self.opens, self.closes, self.zone, self.days)
        by_severity = {severity: self._level(f"severity_{severity:d}") for severity in Severity}
        return ServiceLevels(MappingProxyType(by_severity), hours, self.response_time)

    def _level(self, severity: str) -> ServiceLevel:
        every = getattr(self, f"{severity}_update_every")
        return ServiceLevel(
            timedelta(seconds=getattr(self, f"{severity}_respond_within")),
            getattr(self, f"{severity}_remediation"),
            None if every is None else timedelta(seconds=every),
        )


class Desk(Table):
    """Who decides, and how."""

    default_role: Role = Field(default=Role.ADMIN, description="of those whom no list below names")
    viewers: People = Field(default=(), description="operating-system users who may look", examples=[["ada"]])
    operators: People = Field(default=(), description="who may also decide and publish", examples=[["ada", "grace"]])
    admins: People = Field(default=(), description="who may also change what is set up", examples=[["ada"]])
    allow_as: Switch = Field(
        default=False, description="true: `--as NAME` may be used to act as somebody else", examples=[True]
    )
    hold: Duration = Field(
        default=as_written("0s"), le=600, description="how long a notice waits before it leaves, and can be undone"
    )
    two_person: Severities = Field(
        default=as_written([]), description="severities whose notices need a second person", examples=[[1, 2]]
    )
    zone: Zone = Field(
        default="America/New_York", description="in which local times are written, and windows are repeated"
    )
    reports_needed: Whole = Field(
        default=3, ge=2, le=10_000, description="that many clients reporting one component suggest an incident"
    )
    reports_within: Duration = Field(
        default=as_written("1h"), ge=60, le=86_400, description="in which time they must have reported it"
    )

    @check_field("operators", "admins")
    @classmethod
    def _names_nobody_twice(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for other in ("viewers", "operators"):
            both = sorted(set(value) & set(info.data.get(other, ())))
            if both:
                raise ValueError(f"must not name '{both[0]}', who is among the {other} already")
        return value

    def role_of(self, user: str) -> Role:
        """Return what an operating-system user may do."""
        lists = {Role.VIEWER: self.viewers, Role.OPERATOR: self.operators, Role.ADMIN: self.admins}
        return next((role for role, names in lists.items() if user in names), self.default_role)


class Oncall(Table):
    """Who is told of deadlines, wherever they are."""

    addresses: OncallAddresses = Field(
        default=(), description="Apprise addresses; keep those that hold a password or a token among the secrets"
    )
    remind_before: Leads = Field(
        default=as_written(["10m"]), description="how long before a deadline they are reminded; `[]`: not at all"
    )
    repeat: Duration = Field(
        default=as_written("60m"), ge=60, le=86_400, description="how often they are told again while it is not met"
    )
