"""Finding probes: every Python file of the home's probes folder, each of which can break only itself."""

import importlib.util
import os
import re
import stat
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from omwatch.config.models import CheckTable
from omwatch.domain.safetext import clean
from omwatch.probe import Probe, Settings

_PRIVATE = "_omwatch_probes"
_DEFINITION = re.compile(r"^@(?:\w+\.)?probe\b.*?^async def (?P<name>\w+)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The probes of a home, and what is wrong with the files that gave none."""

    probes: dict[str, Probe]
    troubles: dict[str, str]
    """One clean line each, by the name of the probe that is missing for it: as a rule the file's, without .py."""

    @property
    def models(self) -> Mapping[str, type[Settings] | None]:
        """The settings model of each probe, as configuration is checked with; None for a broken one."""
        return {**dict.fromkeys(self.troubles), **{name: probe.settings for name, probe in self.probes.items()}}


class Unusable(Exception):
    """The file must not be run, or gives no probe; the message says why."""


def discover(folder: Path) -> Discovery:
    """Load every probe of a folder; a folder that does not exist holds none.

    Files whose names start with an underscore are skipped. Nothing is added to ``sys.path``, and no module stays in
    ``sys.modules`` that did not import to its end.
    """
    probes: dict[str, Probe] = {}
    files: dict[str, Path] = {}
    troubles: dict[str, str] = {}
    for file in sorted(file for file in folder.glob("*.py") if not file.name.startswith("_")):
        try:
            found = _probes_in(file)
        except KeyboardInterrupt:
            raise
        except BaseException as trouble:  # noqa: BLE001 - whatever a probe file raises, SystemExit too, breaks it alone
            troubles |= dict.fromkeys(_names_promised(file), _told(file, trouble))
            continue
        for probe in found:
            if probe.name in files:
                other = _shown(files[probe.name])
                troubles[probe.name] = (
                    f"{_shown(file)}: defines the probe '{probe.name}', and so does {other}; rename one"
                )
            probes[probe.name], files[probe.name] = probe, file
    return Discovery({name: probe for name, probe in probes.items() if name not in troubles}, troubles)


def _probes_in(file: Path) -> list[Probe]:
    name = f"{_PRIVATE}.{file.stem}"
    loader = _Loader(name, str(file))
    spec = ModuleSpec(name, loader, origin=str(file))
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    # Pydantic looks up a model's annotations through sys.modules, so the module must be there while it runs.
    sys.modules[name] = module
    try:
        loader.exec_module(module)
        return _usable_probes(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise


def _usable_probes(module: ModuleType) -> list[Probe]:
    found = list(dict.fromkeys(value for value in vars(module).values() if isinstance(value, Probe)))
    if not found:
        raise Unusable("defines no probe; decorate an async function with @probe(…)")
    for probe in found:
        taken = sorted(CheckTable.model_fields.keys() & probe.settings.model_fields.keys())
        if taken:
            raise Unusable(f"its setting '{taken[0]}' has the name of a key that every check has; rename it")
    return found


class _Loader(SourceFileLoader):
    """Compiles what it has checked: no cached bytecode, and no time between looking at a file and reading it."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - importlib's signature
        try:
            _refuse_unsafe(Path(self.path).parent.stat(), "its folder ")
            # Not blocking: opening a named pipe must not wait for its writer.
            with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                _refuse_unsafe(status := os.fstat(file.fileno()))
                if not stat.S_ISREG(status.st_mode):
                    raise Unusable("is no regular file")
                source = file.read()
        except OSError as error:
            raise Unusable(f"cannot be read: {error.strerror}") from None
        return self.source_to_code(source, self.path)


def _refuse_unsafe(status: os.stat_result, what: str = "") -> None:
    """Refuse what somebody else can write: whoever can acts with the watcher's rights.

    Raises:
        Unusable: with the reason.
    """
    # Whoever owns omwatch itself acts with its rights anyway, as in a checkout of another user's that root runs.
    trusted = {0, os.geteuid(), Path(__file__).stat().st_uid}
    if status.st_uid not in trusted:
        raise Unusable(f"{what}belongs to another user, so it is not run; take it over with chown")
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise Unusable(f"{what}can be written by everybody, so it is not run; mend that with chmod o-w")


def _told(file: Path, trouble: BaseException) -> str:
    """Return ``probes/foo.py:7: NameError: name 'x' is not defined``."""
    if isinstance(trouble, Unusable):
        return clean(f"{_shown(file)}: {trouble}")
    said = str(trouble.msg if isinstance(trouble, SyntaxError) else trouble).strip()
    line = _line(file, trouble)
    place = f"{_shown(file)}:{line}" if line else _shown(file)
    name = type(trouble).__name__
    return clean(f"{place}: {name}: {said}" if said else f"{place}: {name}")


def _line(file: Path, trouble: BaseException) -> int | None:
    if isinstance(trouble, SyntaxError):
        return trouble.lineno
    frames = traceback.extract_tb(trouble.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file)), None)


def _names_promised(file: Path) -> list[str]:
    """Return the probes that a broken file would have defined, as far as its text tells; else the file's own name."""
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return [file.stem]
    return [found["name"] for found in _DEFINITION.finditer(text)] or [file.stem]


def _shown(file: Path) -> str:
    return clean(f"{file.parent.name}/{file.name}")
