"""The defaults that ship with omwatch: config.toml, probes and themes, and writing them to a new home."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omwatch.config.home import Home

_PACKAGE = Path(__file__).parent.parent
_READABLE, _SEARCHABLE = 0o644, 0o755  # whatever the umask: a probe that everybody can write is refused


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each default, by its path in the home."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    """Was there already and was left alone."""


def defaults(package: Path = _PACKAGE) -> Path:
    """Return the folder with the shipped defaults: a checkout's own, else the copy inside the package.

    The checkout comes first because an editable install may leave a copy that goes stale.
    """
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").is_file() and (checkout / "config.toml").is_file()
    return checkout if is_checkout else package / "shipped"


def write_defaults(home: Home, source: Path) -> Written:
    """Write the defaults to a home, never over anything; make its private folders.

    Raises:
        OSError: something cannot be made or written; its ``filename`` says what.
    """
    for folder in (home.root, home.probes, home.themes):
        folder.mkdir(_SEARCHABLE, parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for file in _files(source):
        name = file.relative_to(source).as_posix()
        (written if _write_new(home.root / name, file.read_bytes()) else kept).append(name)
    home.make_data()
    home.secrets.mkdir(mode=0o700, exist_ok=True)
    return Written(tuple(written), tuple(kept))


def _files(source: Path) -> Iterator[Path]:
    yield source / "config.toml"
    yield from sorted(file for file in (source / "probes").glob("*.py") if not file.name.startswith("_"))
    yield from sorted((source / "themes").glob("*.toml"))


def _write_new(path: Path, content: bytes) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _READABLE)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return True
