"""``omwatch replay``: recorded attempts judged again, so that thresholds can be tuned on real history."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

from cyclopts import Parameter

from omwatch.cli.common import Misused, Refused, load_home, print_json

if TYPE_CHECKING:
    from omwatch.config.settings import Config
    from omwatch.domain.attempt import Attempt
    from omwatch.watcher.discovery import Discovery
    from omwatch.watcher.replay import Replay

_LOOKED_AT = 20_000
"""So many attempts show how often an unconfigured check is tried, and by which subjects."""
_STDIN = Path("-")


def replay(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    config: Path | None = None,
    home: Path | None = None,
    unit: Literal["subject", "interaction"] | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Judge recorded attempts again, and print each change of an assessment or a suggestion as it would have come.

    Args:
        file: Attempts, one JSON object a line, as 'omwatch attempts export' writes them; - reads standard input.
        config: Judge by this file instead of the home's config.toml.
        home: The folder with config.toml and probes; the working folder unless told. Checks that no config.toml
            names are judged by the defaults, at the pace that the recording shows.
        unit: Count subjects or interactions, whatever the probes say.
        json: Print one JSON object a line instead of words.
    """
    from omwatch.watcher.recording import BadLine, attempts_of  # noqa: PLC0415 - `omwatch --help` must not wait for it

    settings, discovery = _rules(config, home)
    with _opened(file) as lines:
        try:
            attempts = attempts_of(lines, "standard input" if file == _STDIN else str(file))
            replaying, changes = _replayed(attempts, settings, discovery, unit)
            for change in changes:
                if json:
                    print_json(change)
                else:
                    print(_in_words(change))
        except BadLine as bad:
            raise Misused(str(bad)) from None
    print(_ending(replaying), file=sys.stderr)


def _rules(config: Path | None, home: Path | None) -> "tuple[Config, Discovery]":
    from omwatch.config.shipped import defaults  # noqa: PLC0415 - as above
    from omwatch.watcher.discovery import Discovery  # noqa: PLC0415
    from omwatch.watcher.seating import without_config  # noqa: PLC0415

    root = home or (config.parent if config else Path())
    if config is None and not (root / "config.toml").exists():
        print(f"no config.toml in {root}: judging by the defaults, at the pace of the recording", file=sys.stderr)
        return without_config(), Discovery({}, {})
    if config is not None and home is None and not (root / "probes").is_dir():
        root = defaults()
    _, settings, discovery = load_home(root, config)
    return settings, discovery


def _replayed(
    attempts: "Iterable[Attempt]", settings: "Config", discovery: "Discovery", unit: str | None
) -> "tuple[Replay, Iterator[Mapping[str, Any]]]":
    from omwatch.domain.attempt import Unit  # noqa: PLC0415 - as above
    from omwatch.watcher.bench import Bench  # noqa: PLC0415
    from omwatch.watcher.replay import Replay  # noqa: PLC0415
    from omwatch.watcher.seating import RecordedRules, seen_in  # noqa: PLC0415

    passing = iter(attempts)
    first = list(islice(passing, _LOOKED_AT))
    rules = RecordedRules(settings, discovery, seen_in(first), Unit(unit) if unit else None)
    bench = Bench()
    replaying = Replay(bench, lambda check: rules.seat(bench, check))
    return replaying, replaying.run(chain(first, passing))


@contextmanager
def _opened(file: Path) -> "Iterator[TextIO]":
    if file == _STDIN:
        yield sys.stdin
        return
    try:
        lines = file.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None
    with lines:
        yield lines


def _in_words(change: Mapping[str, Any]) -> str:
    # Without a severity the reason itself begins with what it waits for.
    severity = f"severity {change['severity']}: " if change["severity"] else ""
    if change["type"] == "assessment":
        why = change["trouble"] or change["reason"]
        return f"{change['at']}  {change['component']}: {severity}{why}"
    return f"{change['at']}  {change['type'].upper()} suggestion {change['suggestion']}, {severity}{change['reason']}"


def _ending(replaying: "Replay") -> str:
    waiting = len(replaying.docket.open)
    return f"{replaying.attempts:,} attempts; {waiting or 'no'} suggestion{'s' * (waiting != 1)} open at the end"
