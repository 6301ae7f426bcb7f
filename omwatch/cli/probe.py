"""``omwatch probe``: list probes, run one by hand with every timing, start a new one."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from omwatch.cli.common import ExitStatus, HomeOption, Misused, Refused, load_home
from omwatch.cli.options import Number

if TYPE_CHECKING:
    from omwatch.config.home import Home
    from omwatch.domain.attempt import Attempt, Step
    from omwatch.watcher.attempter import Walk

app = App(name="probe")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PHASES = ("dns", "connect", "tls", "first_byte")
_NEW = '''"""{title}: say in one line what works when this passes."""

from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has."""

    path: str = "/health"
    answer_within: float = 2.0  # seconds


@probe(Settings, unit="interaction", noun="request")
async def {name}(journey: Journey, settings: Settings) -> None:
    """Ask once, and see that the answer is the right one."""
    async with journey.step("ask", within=settings.answer_within):
        reply = expect(await journey.http.get(settings.path), 200)
    async with journey.step("read the answer"):
        if not reply.content:
            raise Unmet("an empty answer instead of a page")
'''


@app.command(name="list")
def list_(*, home: HomeOption = Path()) -> int:
    """List the probes of a home and the checks that use them; exit status 1 when a probe is broken.

    Args:
        home: The folder with config.toml, probes and data.
    """
    _, config, discovery = load_home(home)
    for name, probe in sorted(discovery.probes.items()):
        users = ", ".join(check.name for check in config.checks.values() if check.probe == name) or "no check"
        print(f"{name:<20} {probe.unit:<12} {probe.summary}  [{users}]")
    for name, trouble in sorted(discovery.troubles.items()):
        print(f"{name:<20} broken       {trouble}")
    return ExitStatus.UNHEALTHY if discovery.troubles else ExitStatus.FINE


@app.command
async def run(name: str, /, *, subject: str | None = None, times: Number = 1, home: HomeOption = Path()) -> int:
    """Run a check's probe and print each step with its timings; exit status 1 when an attempt did not pass.

    Args:
        name: A check's name, such as agent-login; or a probe's, which stands for the first check that uses it.
        subject: Whom to try; the check's first subject unless told.
        times: How many attempts, one after the other.
        home: The folder with config.toml, probes and data.
    """
    if times < 1:
        raise Misused(f"--times {times}: give a whole number from 1")
    found, walk = _walk(name, home)
    from omwatch.clock import SystemClock  # noqa: PLC0415 - needed by this command only
    from omwatch.domain.attempt import Outcome  # noqa: PLC0415
    from omwatch.watcher.attempter import attempt_once  # noqa: PLC0415
    from omwatch.watcher.population import subjects  # noqa: PLC0415

    whom = subject or subjects(walk.check.population, walk.probe.noun)[0]
    passed = True
    for _ in range(times):
        attempt = await attempt_once(walk, whom, found, SystemClock())
        print("\n".join(_report(attempt)))
        passed = passed and attempt.outcome is Outcome.PASSED
    return ExitStatus.FINE if passed else ExitStatus.UNHEALTHY


@app.command
def new(name: str, /, *, home: HomeOption = Path()) -> None:
    """Write a new probe to start from, and say how to use it; an existing file is never touched.

    Args:
        name: The probe's name: small letters, digits and underscores.
        home: The folder with config.toml, probes and data.
    """
    if not _NAME.fullmatch(name):
        raise Misused(f"{name!r}: a probe is named like a function: small letters, digits, underscores")
    file = home / "probes" / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(_NEW.format(name=name, title=name.replace("_", " ").capitalize()))
    except FileExistsError:
        raise Refused(f"{file} is there already; nothing was changed") from None
    print(f"wrote {file}; use it in config.toml like this:\n")
    table = name.replace("_", "-")
    print(f'[checks.{table}]\ncomponent = "{table.capitalize()}"\nbase_url = "https://…"\n')
    print(f"then try it once: omwatch probe run {table}")


def _walk(name: str, home_dir: Path) -> "tuple[Home, Walk]":
    home, config, discovery = load_home(home_dir)
    from omwatch.watcher.attempter import walk_of  # noqa: PLC0415 - needed by this command only

    check = config.checks.get(name.replace("_", "-"))
    if check is None:
        check = next((item for item in config.checks.values() if item.probe == name.replace("-", "_")), None)
    if check is None:
        raise Refused(f"no check runs {name!r}; the checks are {', '.join(config.checks) or 'none yet'}")
    walk = walk_of(check, discovery)
    if walk is None:
        raise Refused(discovery.troubles.get(check.probe, f"probe {check.probe!r} cannot be run"))
    return home, walk


def _report(attempt: "Attempt") -> list[str]:
    total = f"{attempt.duration_ms:.0f} ms"
    lines = [f"{attempt.check} {attempt.subject} at {attempt.at:%H:%M:%S} UTC: {attempt.outcome} in {total}"]
    lines += [_step_line(step) for step in attempt.steps]
    if attempt.error:
        lines.append(f"  {attempt.error}")
    return lines


def _step_line(step: "Step") -> str:
    phases = [(phase, getattr(step.phases, f"{phase}_ms")) for phase in _PHASES]
    shown = "  ".join(f"{phase.replace('_', ' ')} {took:.1f}" for phase, took in phases if took is not None)
    mark = "✗" if step.error else "✓"
    return f"  {mark} {step.name:<24} {step.total_ms:8.1f} ms  {shown}".rstrip()
