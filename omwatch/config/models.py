"""Every key of config.toml, as models: the config reference is generated from these descriptions."""

import re
from email.utils import parseaddr
from typing import Any

from pydantic import Field, SecretStr, ValidationInfo
from pydantic import field_validator as check_field

from omwatch.config.controls import Addresses
from omwatch.config.desk_models import Desk, Oncall, ServiceLevelsTable
from omwatch.config.units import ByteSize, Duration, Percent, PerMille, Switch, Whole
from omwatch.config.values import Component, Line, Population, Table, as_written
from omwatch.domain.safetext import is_clean
from omwatch.domain.subscriber import email_address

_WEB_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")
_SERVICE_ADDRESS = re.compile(r"sandbox:[a-z-]+|[a-z][a-z0-9+.-]*://\S+")


class Page(Table):
    """The public status page."""

    name: Line = Field(default="OpenMethods", description="whose services the page and the notices speak of")
    url: str = Field(
        default="https://status.openmethods.com", description="where the public page is, as notices link to it"
    )

    @check_field("url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not _WEB_ADDRESS.fullmatch(value) or not all(map(is_clean, value)):
            raise ValueError("must start with https:// or http://")
        return value.rstrip("/")


class Site(Table):
    """The vantage point this home probes from."""

    name: Line = Field(default="main", description="what to call it, beside other sites")


class Sandbox(Table):
    """The simulated contact centre."""

    enabled: Switch = Field(default=False, description="start the sandbox together with the dashboard", examples=[True])


class Watcher(Table):
    """The monitoring agent."""

    concurrency: Whole = Field(default=50, ge=1, le=1000, description="attempts that may be under way at once")
    hurry_budget: float = Field(
        default=1.0, ge=0, le=100, description="extra attempts per second and check while something fails; 0: none"
    )
    batch: Duration = Field(
        default=as_written("250ms"), gt=0, le=10, description="how often finished attempts are written to the store"
    )


class Controls(Table):
    """Is it us? Addresses of others, tried when attempts get no answer; while none answers, this site is blind."""

    addresses: Addresses = Field(
        default=(),
        description="reached by any HTTP reply (https://…), a connection (tcp://HOST:PORT), or a resolved name (dns://…)",
        examples=[["https://example.org", "tcp://9.9.9.9:53", "dns://example.org"]],
    )
    every: Duration = Field(
        default=as_written("30s"), ge=1, le=3600, description="how often they are tried while the site is blind"
    )
    within: Duration = Field(
        default=as_written("3s"), gt=0, le=30, description="how long to wait for the first of them to answer"
    )


class Judge(Table):
    """The lines that every check is judged by."""

    outage_percent: Percent = Field(
        default=30, ge=1, description="at this share of failures, or more, it is a system outage"
    )
    clear_below_percent: Percent = Field(default=25, ge=1, description="an outage is left only below this share")
    minimum: Whole = Field(default=10, ge=1, le=10_000, description="fewer attempts than this say nothing yet")
    clear_for: Duration = Field(
        default=as_written("60s"), le=86_400, description="how long it must have been better before we say so"
    )
    look_back: Duration = Field(
        default=as_written("5m"), ge=10, le=86_400, description="the longest window that is judged"
    )

    @check_field("clear_below_percent")
    @classmethod
    def _clears_below_the_outage_line(cls, value: int, info: ValidationInfo) -> int:
        outage = info.data.get("outage_percent")
        if outage is not None and value > outage:
            raise ValueError(f"must not be above outage_percent, which is {outage}")
        return value


class Broadcast(Table):
    """How notices leave."""

    email: SecretStr = Field(
        default=SecretStr("sandbox:sink"),
        description="the Apprise address of the e-mail service, or sandbox:sink; a password in it belongs in secrets",
        examples=["mailtos://smtp.example.com:465"],
    )
    sender: str = Field(default="OpenMethods Status <status@openmethods.com>", description="whom notices come from")
    connections: Whole = Field(default=4, ge=1, le=50, description="connections to the e-mail service at once")
    destinations: Whole = Field(default=16, ge=1, le=200, description="other destinations at once")
    per_second: float = Field(
        default=0.0,
        ge=0,
        le=100_000,
        description="messages a second by the e-mail service, and as many to all others, at most; 0: no bound",
    )
    per_hour: Whole = Field(
        default=30,
        ge=0,
        le=10_000,
        description="messages an hour to one subscriber, at most; what is over waits and is folded; 0: no bound",
    )
    alarm_percent: Percent = Field(
        default=20, description="on-call is told when a greater share of a notice's deliveries fails; 100: never"
    )

    @check_field("email")
    @classmethod
    def _is_service_address(cls, value: SecretStr) -> SecretStr:
        address = value.get_secret_value()
        if not _SERVICE_ADDRESS.fullmatch(address) or not all(map(is_clean, address)):
            raise ValueError("must be an Apprise address such as mailtos://HOST, or sandbox:sink")
        return value

    @check_field("sender")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        if not all(map(is_clean, value)):
            raise ValueError("must be one line, without control characters")
        name, address = parseaddr(value)
        try:
            email_address(address)
        except ValueError:
            raise ValueError("must be a name and an address: Name <name@example.com>") from None
        return f"{name} <{address}>" if name else address

    @property
    def mail_domain(self) -> str:
        """The domain that notices come from, for their Message-IDs."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


class Dashboard(Table):
    """What operators look at."""

    theme: str = Field(default="dark", description="a theme of the themes folder, by its file name without .toml")


class CheckTable(Table):
    """A probe pointed at something; the probe's own keys stand in the same table."""

    probe: str | None = Field(default=None, description="the probe to run; the check's own name unless told")
    component: Component = Field(description="what the page calls the thing that is checked", examples=["Agent login"])
    every: Duration = Field(default=as_written("60s"), ge=1, le=86_400, description="how often each subject is tried")
    deadline: Duration = Field(
        default=as_written("10s"), gt=0, le=600, description="how long one attempt may take before it has failed"
    )
    population: Population = Field(default=10, description="how many subjects take turns, or a list of their names")
    supporting: Switch = Field(
        default=False, description="true for a supporting component, which is never worse than minor", examples=[True]
    )
    minimum: Whole | None = Field(default=None, ge=1, le=10_000, description="instead of judge.minimum", examples=[10])
    noise: PerMille = Field(default=as_written("1%"), description="the share of attempts that fails on an ordinary day")
    max_body: ByteSize = Field(
        default=as_written("1 MiB"), ge=1, description="the longest reply that is read, decompressed"
    )
    enabled: Switch = Field(default=True, description="false: keep the check here, and don't run it")


class Sections(Table):
    """The whole of config.toml."""

    page: Page = Page()
    site: Site = Site()
    sandbox: Sandbox = Sandbox()
    watcher: Watcher = Watcher()
    controls: Controls = Controls()
    judge: Judge = Judge()
    broadcast: Broadcast = Broadcast()
    service_levels: ServiceLevelsTable = ServiceLevelsTable()
    desk: Desk = Desk()
    oncall: Oncall = Oncall()
    dashboard: Dashboard = Dashboard()
    checks: dict[str, Any] = Field(default_factory=dict, description="one table a check: [checks.NAME]")
