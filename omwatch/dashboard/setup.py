"""What the dashboard needs of a home, and nothing else of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from omwatch.config.themes import Theme
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator, Role

NOBODY = Operator("nobody", Role.VIEWER)
"""Who sits there until told: somebody who may only look."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the dashboard needs of a home."""

    database: Path
    organisation: str
    page_url: str
    outage_percent: int
    themes: Mapping[str, Theme]
    theme: str
    zone: tzinfo | None = None
    """Where times are told; None is this machine's own zone."""
    operator: Operator = NOBODY
    policy: Policy = field(default_factory=Policy)
