"""How long it takes to replay a million recorded attempts: `python benchmarks/replay.py [LINES]`.

Four checks with fifty subjects each, every subject tried every ten seconds, one attempt in a hundred failing on an
ordinary day, and in the middle an outage of half an hour in which every second attempt of two checks fails. The
recording is written to a temporary file and replayed by the command that operators use.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from omwatch.clock import FakeClock, SystemClock
from omwatch.domain.schedule import phase

LINES = 1_000_000
LIMIT_SECONDS = 60.0
_CHECKS = ("agent-login", "screen-pop", "chat-routing", "email-routing")
_DOWN = frozenset(_CHECKS[:2])
_SUBJECTS = 50
_EVERY = 10.0
_OUTAGE = timedelta(minutes=30)
_START = datetime(2026, 11, 16, tzinfo=UTC)


def lines(number: int) -> Iterator[str]:
    """Return a recording of that many attempts."""
    dice = FakeClock(seed=7)
    names = [(check, f"subject-{place:02}") for check in _CHECKS for place in range(1, _SUBJECTS + 1)]
    due = sorted((phase(check, subject) * _EVERY, check, subject) for check, subject in names)
    rounds = -(-number // len(due))
    middle = _START + timedelta(seconds=rounds * _EVERY / 2)
    for place in range(number):
        offset, check, subject = due[place % len(due)]
        at = _START + timedelta(seconds=place // len(due) * _EVERY + offset)
        down = check in _DOWN and middle <= at < middle + _OUTAGE
        failed = dice.random() < (0.5 if down else 0.01)
        yield json.dumps(
            {
                "at": at.isoformat().replace("+00:00", "Z"),
                "check": check,
                "subject": subject,
                "outcome": "failed" if failed else "passed",
                "ms": round(50 + 200 * dice.random(), 3),
                "error": f"log in: POST /login answered 503, expected 200: 'request {place}'" if failed else "",
            }
        )


def main() -> int:
    """Write a recording, replay it, and print the figures; exit status 1 when it took too long."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.jsonl"
        recording.write_text("".join(f"{line}\n" for line in lines(number)))
        size = recording.stat().st_size / 1e6
        started = clock.monotonic()
        command = [sys.executable, "-m", "omwatch", "replay", str(recording), "--home", folder, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
        took = clock.monotonic() - started
    told = [json.loads(line) for line in done.stdout.splitlines()]
    suggested = [f"{item['at']} {item['type']} severity {item['severity']}" for item in told if "suggestion" in item]
    print(f"{number:,} attempts ({size:.0f} MB) in {took:.1f} s: {number / took:,.0f} a second")
    print(f"{len(told)} changes; suggestions: {'; '.join(suggested) or 'none'}")
    return int(took > LIMIT_SECONDS * number / LINES)


if __name__ == "__main__":
    raise SystemExit(main())
