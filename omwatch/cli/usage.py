"""What is said to somebody whose words make no command."""

import difflib
from collections.abc import Sequence

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from omwatch.config.problems import suggest
from omwatch.domain.safetext import clean

_LONGEST = 2000  # characters
_KINDS: dict[object, str] = {int: "a whole number", float: "a number", bool: "true or false"}


def in_words(error: CycloptsError, commands: Sequence[str]) -> str:
    """Return what is wrong with a command line, what was found, and where to read on.

    Args:
        error: what cyclopts found.
        commands: the names of the commands.
    """
    said = _said(error, commands)
    reading_on = f"'{' '.join(['omwatch', *(error.command_chain or ()), '--help'])}'"
    return clean(f"{said} See {reading_on}" if said.endswith("?") else f"{said}; see {reading_on}", _LONGEST)


def _said(error: CycloptsError, commands: Sequence[str]) -> str:
    unused, chain = error.unused_tokens or [], error.command_chain or ()
    said = str(error).rstrip(".")
    match error:
        case UnusedCliTokensError() if unused and not chain:
            said = f"no command '{unused[0]}'{suggest(unused[0], commands)}"
        case UnusedCliTokensError():
            said = f"too many words: {' '.join(unused)}"
        case UnknownCommandError(app=app) if unused and app is not None:
            known = [name for name in app if not name.startswith("-")]
            said = f"no command '{' '.join([*chain, unused[0]])}'{suggest(unused[0], known)}"
        case UnknownOptionError(token=token):
            said = _no_option(token.keyword or token.value, error)
        case MissingArgumentError(argument=argument, keyword=keyword) if argument is not None:
            said = f"{keyword} needs a value" if keyword else f"{argument.name} is missing"
        case RepeatArgumentError(token=token):
            said = f"{token.keyword} is given more than once, and takes one value"
        case CoercionError():
            said = _not_understood(error)
    return said


def _no_option(written: str, error: UnknownOptionError) -> str:
    names = [name for argument in error.argument_collection for name in argument.names if name.startswith("--")]
    # Compared without their dashes, which would make any two short options alike.
    known = {name.removeprefix("--"): name for name in names}
    near = difflib.get_close_matches(written.lstrip("-").lower(), known, n=1)
    hint = f"did you mean {known[near[0]]}?" if near else f"known here: {', '.join(names)}"
    return f"no option {written}; {hint}"


def _not_understood(error: CoercionError) -> str:
    argument, token = error.argument, error.token
    if argument is None or token is None:
        return str(error).rstrip(".")
    name, found = token.keyword or argument.name, f'found "{token.value}"'
    choices = argument.get_choices()
    if choices:
        return f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, {found}"
    kind = _KINDS.get(error.target_type)
    return f"{name} {error.msg or f'must be {kind}'}, {found}" if error.msg or kind else str(error).rstrip(".")
