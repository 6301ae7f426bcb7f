"""What works and should be mended all the same: secrets in plain text, and who else can read them."""

import re
import stat
from collections.abc import Iterator

from omwatch.config.document import Document
from omwatch.config.home import Home
from omwatch.config.keys import CHECKS, Vocabulary, dotted, is_secret, variable
from omwatch.config.lines import KeyPath
from omwatch.config.problems import Problem

_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s@:]*:[^/\s@]+@|[?&]pass(word)?=[^&\s]")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def warnings_about(home: Home, document: Document, vocabulary: Vocabulary) -> tuple[Problem, ...]:
    """Return the warnings about a configuration that can be used."""
    return (*_plain_secrets(document, vocabulary), *_open_secrets(home), *_nothing_to_do(document))


def _plain_secrets(document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    for path, text in _texts(document.tree, ()):
        field = vocabulary.field(path)
        has_password = bool(_PASSWORD_IN_ADDRESS.search(text))
        is_plain_secret = field is not None and is_secret(field) and "://" not in text and text[:8] != "sandbox:"
        if text and (is_plain_secret or has_password):
            what = "a password in an address" if has_password else "a secret"
            message = f"{what}, in plain text; keep it in {variable(path)} or in the file secrets/{dotted(path)}"
            yield Problem(document.where(path), dotted(path), message)


def _open_secrets(home: Home) -> Iterator[Problem]:
    try:
        mode = stat.S_IMODE(home.secrets.stat().st_mode)
    except OSError:
        return
    if mode & _OTHERS:
        yield Problem("secrets", "", f"others may look into this folder (mode {mode:04o}); chmod 700 secrets")


def _nothing_to_do(document: Document) -> Iterator[Problem]:
    if not document.tree.get(CHECKS):
        yield Problem(document.name, CHECKS, "no checks, so nothing is watched; write a [checks.NAME] table")


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place))
    elif isinstance(value, str):
        yield path, value
