"""What the dashboard needs of a home, and nothing else of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from omwatch.config.themes import Theme


@dataclass(frozen=True, slots=True)
class Setup:
    """What the dashboard needs of a home."""

    database: Path
    organisation: str
    page_url: str
    mail_domain: str
    outage_percent: int
    themes: Mapping[str, Theme]
    theme: str
    zone: tzinfo | None = None
    """Where times are told; None is this machine's own zone."""
