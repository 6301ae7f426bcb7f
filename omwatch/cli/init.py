"""``omwatch init``: make a home."""

import shlex
from pathlib import Path

from omwatch.cli.common import HomeOption, Refused


def init(directory: Path | None = None, /, *, home: HomeOption = Path()) -> None:
    """Make a home: config.toml, probes and themes, pointed at the sandbox; nothing that exists is touched.

    Args:
        directory: Where to make it; the same as --home.
        home: The folder that becomes the home.

    Raises:
        Refused: something stands in the way.
    """
    from omwatch.config.home import Home  # noqa: PLC0415 - `omwatch --help` needs none of it
    from omwatch.config.shipped import defaults, write_defaults  # noqa: PLC0415

    root = home if directory is None else directory
    try:
        done = write_defaults(Home(root), defaults())
    except (FileExistsError, NotADirectoryError) as error:
        raise Refused(f"{error.filename} is in the way: a folder must be there; nothing was overwritten") from None
    except OSError as error:
        raise Refused(f"cannot write {error.filename}: {error.strerror}") from None
    for name in done.written:
        print(f"wrote {root / name}")
    for name in done.kept:
        print(f"kept  {root / name}, which was there already")
    _print_next_steps(root)


def _print_next_steps(root: Path) -> None:
    option = "" if root == Path() else f" --home {shlex.quote(str(root))}"
    print(
        f"""
Next:
  omwatch{option}         open the dashboard, over the sandbox for now
  edit {root / "config.toml"}, to point the checks at your contact centre
  omwatch check{option}   see whether everything in it is right"""
    )
