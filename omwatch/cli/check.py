"""``omwatch check``: is everything that operators wrote in order?"""

import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from omwatch.cli.common import ExitStatus, print_json
from omwatch.cli.options import READ, Reading
from omwatch.domain.judge import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omwatch.config.home import Home
    from omwatch.config.problems import Problem
    from omwatch.config.settings import Config
    from omwatch.watcher.discovery import Discovery


@dataclass(slots=True)
class _Findings:
    """What was looked at, and what is wrong with it."""

    problems: "list[Problem]" = field(default_factory=list)
    warnings: "list[Problem]" = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)


def check(*, how: Reading = READ) -> int:
    """Check config.toml, probes, templates and themes; show every mistake at once.

    Args:
        how: What is checked, and in which form the findings are printed.
    """
    from omwatch.config.home import Home  # noqa: PLC0415 - `omwatch --help` must not wait for pydantic

    findings = _look_at(Home(how.home))
    if how.json:
        print_json(asdict(findings))
    else:
        _print(findings)
    return ExitStatus.CONFIG if findings.problems else ExitStatus.FINE


def _look_at(home: "Home") -> _Findings:
    from omwatch.broadcast import rendering  # noqa: PLC0415 - as above
    from omwatch.config.load import load  # noqa: PLC0415 - as above
    from omwatch.config.problems import ConfigError  # noqa: PLC0415
    from omwatch.config.themes import read_themes  # noqa: PLC0415
    from omwatch.desk import templating  # noqa: PLC0415
    from omwatch.watcher.discovery import discover  # noqa: PLC0415

    findings = _Findings()
    discovery = discover(home.probes)
    try:
        config = load(home, discovery.models)
        findings.checks = list(config.checks)
        findings.warnings = [*config.warnings, *_never_judged(config, discovery)]
    except ConfigError as error:
        findings.problems += error.problems
    for trouble in dict.fromkeys(discovery.troubles.values()):
        findings.problems.append(_placed(trouble))
    complaints = [*templating.problems(home.templates), *rendering.problems(home.templates / "mail")]
    findings.problems += [_placed(complaint) for complaint in complaints]
    findings.templates = sorted(file.stem for file in home.templates.glob("*.txt"))
    themes, problems = read_themes(home)
    findings.problems += problems
    findings.probes = list(discovery.probes)
    findings.themes = list(themes)
    return findings


def _placed(complaint: str) -> "Problem":
    from omwatch.config.problems import Problem  # noqa: PLC0415 - as above

    where, _, message = complaint.partition(": ")
    return Problem(where, "", message)


def _never_judged(config: "Config", discovery: "Discovery") -> "Iterator[Problem]":
    from omwatch.config.problems import Problem  # noqa: PLC0415 - as above
    from omwatch.domain.attempt import Unit  # noqa: PLC0415

    for check in config.checks.values():
        probe = discovery.probes.get(check.probe)
        subjects = check.population if isinstance(check.population, int) else len(check.population)
        if probe is not None and probe.unit is Unit.SUBJECT and subjects < check.minimum:
            message = f"{subjects} subjects are fewer than the minimum of {check.minimum}, so it is never judged"
            yield Problem("config.toml", f"checks.{check.name}.population", f"{message}; set its minimum to {subjects}")


def _print(findings: _Findings) -> None:
    for problem in findings.problems:
        print(problem, file=sys.stderr)
    for warning in findings.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if findings.problems:
        return
    print(f"config.toml: fine ({_counted(findings.checks, 'check')})")
    print(f"probes: fine ({_counted(findings.probes, 'probe')})")
    if findings.templates:
        print(f"templates: fine ({_counted(findings.templates, 'template')})")
    print(f"themes: fine ({_counted(findings.themes, 'theme')})")


def _counted(names: list[str], noun: str) -> str:
    return f"{len(names)} {plural(noun, len(names))}"
