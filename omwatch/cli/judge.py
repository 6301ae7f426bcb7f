"""``omwatch judge``: "12 of 45 agents called in, what is that?"."""

from pathlib import Path
from typing import Any, Literal

from omwatch.cli.common import HomeOption, JsonOption, Misused, load_home, print_json
from omwatch.cli.options import Number, Switch
from omwatch.domain.attempt import Unit
from omwatch.domain.judge import Count, Rules, Verdict, Window, interval_in_words
from omwatch.domain.judge import judge as grade
from omwatch.domain.plain import figures
from omwatch.domain.sla import BRIEF, ServiceLevels, in_words


def judge(
    failing: Number,
    tried: Number,
    /,
    *,
    unit: Literal["subject", "interaction"] = "subject",
    supporting: Switch = False,
    json: JsonOption = False,
    home: HomeOption = Path(),
) -> None:
    """Answer what severity a count of failures is, and what we owe for it.

    Args:
        failing: How many fail.
        tried: How many were tried or asked.
        unit: Whether these are subjects (agents, one of whom alone is minor) or interactions.
        supporting: The component does not affect core functionality, so it is minor at worst.
        json: Print one JSON object.
        home: The folder whose config.toml says what is owed; where it has none, the brief's service levels hold.
    """
    try:
        count = Count(failing, tried)
    except ValueError as error:
        raise Misused(f"{error}; write it as 'omwatch judge FAILING TRIED'") from None
    noun = "agent" if unit == "subject" else "interaction"
    verdict = grade([Window("", count)], Rules(Unit(unit), noun, core=not supporting))
    if json:
        print_json(_answer(verdict, _levels(home)))
    else:
        print(_in_words(verdict, _levels(home)))


def _levels(home: Path) -> ServiceLevels:
    if not (home / "config.toml").exists():
        return BRIEF
    _, config, _ = load_home(home)
    return config.service_levels.levels


def _answer(verdict: Verdict, levels: ServiceLevels) -> dict[str, Any]:
    level = levels[verdict.severity] if verdict.severity else None
    return {
        "severity": verdict.severity,
        "name": verdict.severity.label if verdict.severity else "gathering",
        **figures(verdict.count, verdict.interval),
        "respond_within": in_words(level.respond_within) if level else None,
        "remediation": level.remediation_in_words(levels.hours) if level else None,
        "update_every": level.update_every_in_words if level else None,
        "reason": verdict.reason,
    }


def _in_words(verdict: Verdict, levels: ServiceLevels) -> str:
    count, interval = verdict.count, interval_in_words(verdict.interval)
    share = f"{count.failing} of {count.tried} = {count.percent:.1f} %, 95 % interval {interval}"
    if verdict.severity is None:
        return f"No verdict yet ({verdict.reason})\n{share}"
    level = levels[verdict.severity]
    return "\n".join(
        [
            f"Severity {verdict.severity:d}: {verdict.severity.label}",
            share,
            f"Respond within  {in_words(level.respond_within)}",
            f"Remediation     {level.remediation_in_words(levels.hours)}",
            f"Updates         {level.update_every_in_words}",
        ]
    )
