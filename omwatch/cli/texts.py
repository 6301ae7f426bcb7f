"""Long texts in commands: written out, or from standard input."""

import sys
from typing import Annotated

from cyclopts import Parameter

from omwatch.cli.common import Misused

TextOption = Annotated[str, Parameter(name="--text", allow_leading_hyphen=True)]
"""The ``--text TEXT`` of commands that publish; :func:`said` returns what it says."""
_MOST_READ = 1_000_000  # bytes; what is too long to be published is for the desk to say


def said(text: str) -> str:
    """Return a text as it was given, or what standard input says where it is "-".

    Raises:
        Misused: it looks like another option.
    """
    if text.startswith("--"):
        raise Misused(f"--text needs a text, found the option {text!r}; write --text 'What happened', or --text -")
    if text != "-":
        return text
    if sys.stdin.isatty():
        print("write the text, and end it with Ctrl+D on a line of its own", file=sys.stderr)
    return sys.stdin.buffer.read(_MOST_READ).decode(errors="replace")
