"""What a checked configuration is: sections, checks, and what should be mended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from omwatch.config.desk_models import Desk, Oncall, ServiceLevelsTable
from omwatch.config.models import Broadcast, Controls, Dashboard, Judge, Page, Sandbox, Site, Watcher
from omwatch.config.problems import Problem


@dataclass(frozen=True, slots=True)
class Check:
    """A probe pointed at something."""

    name: str
    probe: str
    component: str
    every_seconds: float
    """How often each subject is tried."""
    deadline_seconds: float
    """How long one attempt may take."""
    population: tuple[str, ...] | int
    """The subjects' names, or how many there are."""
    supporting: bool
    """True for a supporting component, which is never worse than minor."""
    minimum: int
    """Fewer attempts than this say nothing yet."""
    noise_per_mille: int
    """The share of attempts that fails on an ordinary day."""
    max_body_bytes: int
    """How much of a reply is read, decompressed."""
    enabled: bool
    settings: BaseModel | None
    """The probe's own settings; None when its file is broken."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that operators configure, checked."""

    page: Page
    site: Site
    sandbox: Sandbox
    watcher: Watcher
    judge: Judge
    broadcast: Broadcast
    dashboard: Dashboard
    checks: Mapping[str, Check]
    warnings: tuple[Problem, ...]
    """What works, and should be mended all the same."""
    controls: Controls = field(default_factory=Controls)
    service_levels: ServiceLevelsTable = field(default_factory=ServiceLevelsTable)
    desk: Desk = field(default_factory=Desk)
    oncall: Oncall = field(default_factory=Oncall)
