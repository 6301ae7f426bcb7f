"""A home's own words for drafts: ``templates/NAME.txt`` takes the place of what omwatch would write.

A template is Jinja, sandboxed, and gets plain text: ``default`` (what omwatch would write), ``title``, ``components``,
``severity``, ``since``, ``starts`` and ``ends``. It is only ever a draft; an operator reads it before it leaves.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from omwatch.domain.safetext import clean, clean_block
from omwatch.domain.wording import FACTS, Wording

_SUFFIX = ".txt"
_LONGEST = 100_000  # bytes of a template file


class BadTemplate(ValueError):
    """A template cannot be used; the message says where and why."""


def file_of(folder: Path, wording: Wording) -> Path:
    """Return the file with a home's own words for a draft."""
    return folder / f"{wording}{_SUFFIX}"


def render(folder: Path, wording: Wording, facts: dict[str, str]) -> str:
    """Return a draft in the home's own words.

    Raises:
        BadTemplate: the template cannot be used.
    """
    file = file_of(folder, wording)
    try:
        _check_size(file)
        return clean_block(_environment(folder).get_template(file.name).render(facts))
    except Exception as error:  # noqa: BLE001 - Jinja's filters let through whatever Python raises
        raise BadTemplate(_complaint(file, error)) from None


def _check_size(file: Path) -> None:
    if file.stat().st_size > _LONGEST:
        raise ValueError(f"must be at most {_LONGEST:,} bytes")


def problems(folder: Path) -> Iterator[str]:
    """Return what is wrong with the templates of a folder: strange names, and drafts that cannot be made."""
    if not folder.is_dir():
        return
    for file in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            render(folder, Wording(file.stem), dict.fromkeys(FACTS, "example"))
        except BadTemplate as error:
            yield str(error)
        except ValueError:
            yield f"templates/{clean(file.name)}: no draft has this name; there are {', '.join(Wording)}"


@functools.cache
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    # A draft is plain text; whatever shows it, escapes it.
    return ImmutableSandboxedEnvironment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False)


def _complaint(file: Path, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    where = f"templates/{file.name}" + (f":{line}" if line else "")
    facts = f"; it may use {', '.join(FACTS)}" if "undefined" in str(error) else ""
    return f"{where}: {clean(str(error))}{facts}"
