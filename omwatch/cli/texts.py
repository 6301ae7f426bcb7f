"""Long texts in commands: written out, or from standard input."""

import signal
import sys
from typing import Annotated

from cyclopts import Parameter

from omwatch.cli.common import Misused, Refused

TextOption = Annotated[str, Parameter(name="--text", allow_leading_hyphen=True)]
"""The ``--text TEXT`` of commands that publish or keep one; :func:`said` returns what it says."""
OwnTextOption = Annotated[str | None, Parameter(name="--text", allow_leading_hyphen=True)]
"""The same, of commands that have a draft of their own; :func:`instead` returns what it says."""
_MOST_READ = 1_000_000  # bytes; what is too long to be published is for the desk to say


def said(text: str) -> str:
    """Return a text as it was given, or what standard input says where it is "-".

    Raises:
        Misused: it looks like another option.
    """
    if text.startswith("--"):
        raise Misused(f"--text needs a text, found the option {text!r}; write --text 'What happened', or --text -")
    return _from_standard_input() if text == "-" else text


def instead(text: str | None) -> str:
    """Return what shall be said instead of a draft; empty where nothing was given.

    Raises:
        Misused: it looks like another option.
        Refused: it was given, and is empty: what was meant is not the draft.
    """
    if text is None:
        return ""
    spoken = said(text)
    if not spoken.strip():
        raise Refused("the text is empty; leave --text out to use the draft; nothing was changed")
    return spoken


def _from_standard_input() -> str:
    if sys.stdin is None:
        return ""
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read(_MOST_READ).decode(errors="replace")
    # The event loop would take the first Ctrl+C for itself, and go on reading; nothing is open yet that must be closed.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        print("write the text, and end it with Ctrl+D on a line of its own", file=sys.stderr)
        return sys.stdin.buffer.read(_MOST_READ).decode(errors="replace")
    finally:
        signal.signal(signal.SIGINT, before)
