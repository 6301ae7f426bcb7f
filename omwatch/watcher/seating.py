"""Who sits where on the bench: as the configuration says, or, where it says nothing, as a recording shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from omwatch.config.keys import CHECKS
from omwatch.config.models import CheckTable, Sections
from omwatch.config.settings import Check, Config
from omwatch.domain.assessment import Trouble
from omwatch.domain.attempt import Attempt, Unit
from omwatch.watcher.bench import Bench, judged, spans
from omwatch.watcher.discovery import Discovery
from omwatch.watcher.population import subjects

_SHORTEST, _LONGEST = 1.0, 86_400.0


def take_seat(
    bench: Bench, check: Check, config: Config, unit: Unit, noun: str, trouble: Trouble | None = None
) -> None:
    """Give a check its place on the bench, with the trouble that is known of it from the start."""
    look_back = spans(check, config.judge.look_back)
    bench.seat(judged(check, config, unit, noun), look_back, subjects(check.population, noun), trouble)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a recording shows of one check."""

    every_seconds: float
    """How often each subject was tried: the median of the time between two attempts of one subject."""
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedRules:
    """By what rules the checks of a recording are judged."""

    config: Config
    discovery: Discovery
    """The probes that say what a configured check counts."""
    seen: Mapping[str, Seen]
    unit: Unit | None = None
    """What to count, whatever the probes say."""

    def seat(self, bench: Bench, name: str) -> None:
        """Give a check that occurs in the recording its place."""
        check = self.config.checks.get(name)
        probe = self.discovery.probes.get(check.probe) if check else None
        unit = self.unit or (probe.unit if probe else Unit.INTERACTION)
        noun = probe.noun if probe else "subject" if unit is Unit.SUBJECT else "attempt"
        take_seat(bench, check or self._inferred(name), self.config, unit, noun)

    def _inferred(self, name: str) -> Check:
        component = name.replace("-", " ").capitalize()
        usual = CheckTable(component="Any")
        seen = self.seen.get(name, Seen(usual.every, ()))
        return Check(
            name=name,
            probe="",
            component=component,
            every_seconds=seen.every_seconds,
            deadline_seconds=usual.deadline,
            population=seen.subjects,
            supporting=usual.supporting,
            minimum=self.config.judge.minimum,
            noise_per_mille=usual.noise,
            max_body_bytes=usual.max_body,
            enabled=True,
            settings=None,
        )


def without_config() -> Config:
    """Return the configuration that says nothing: every default, and no checks."""
    sections = Sections()
    tables = {name: getattr(sections, name) for name in Sections.model_fields if name != CHECKS}
    return Config(**tables, checks={}, warnings=())


def seen_in(attempts: Iterable[Attempt]) -> dict[str, Seen]:
    """Return what attempts, in order, show of each check."""
    latest: dict[str, dict[str, datetime]] = {}
    gaps: dict[str, list[float]] = {}
    for attempt in attempts:
        subjects_of = latest.setdefault(attempt.check, {})
        before = subjects_of.get(attempt.subject)
        if before is not None:
            gaps.setdefault(attempt.check, []).append((attempt.at - before).total_seconds())
        subjects_of[attempt.subject] = attempt.at
    usual = CheckTable(component="Any").every
    return {check: Seen(_cadence(gaps.get(check), usual), tuple(sorted(its))) for check, its in latest.items()}


def _cadence(gaps: list[float] | None, usual: float) -> float:
    return min(_LONGEST, max(_SHORTEST, round(median(gaps), 1))) if gaps else usual
