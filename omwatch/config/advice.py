"""What works and should be mended all the same: secrets in plain text, and who else can read them."""

import re
import stat
from collections.abc import Iterator, Mapping

from omwatch.config.addresses import PREFIX
from omwatch.config.document import Document
from omwatch.config.home import Home
from omwatch.config.keys import CHECKS, Vocabulary, dotted, is_secret, variable
from omwatch.config.lines import KeyPath
from omwatch.config.models import Sections
from omwatch.config.problems import Problem
from omwatch.config.settings import Check
from omwatch.config.validation import Places

_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s@:]*:[^/\s@]+@|[?&]pass(word)?=[^&\s]")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+|[\w.-]+:\d{1,5}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def warnings_about(home: Home, document: Document, vocabulary: Vocabulary) -> tuple[Problem, ...]:
    """Return the warnings about a configuration that can be used."""
    return (*_plain_secrets(document, vocabulary), *_open_secrets(home), *_nothing_to_do(document))


def advice_on_controls(sections: Sections, checks: Mapping[str, Check], places: Places) -> Iterator[Problem]:
    """Return the advice to name controls where only they could tell an outage from a fault of the site's network."""
    if any(map(_leads_out, checks.values())) and not sections.controls.addresses:
        path = ("controls", "addresses")
        example = 'name addresses of others, such as ["https://example.org", "tcp://9.9.9.9:53"]'
        message = f"no [controls]: a fault of this site's own network would look like an outage; {example}"
        yield Problem(places.where(path), dotted(path), message)


def _plain_secrets(document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    for path, text in _texts(document.tree, ()):
        field = vocabulary.field(path)
        has_password = bool(_PASSWORD_IN_ADDRESS.search(text))
        is_plain_secret = field is not None and is_secret(field) and "://" not in text and text[:8] != "sandbox:"
        if text and (is_plain_secret or has_password):
            # An entry of a list has no variable and no file of its own; the list has.
            key = tuple(part for part in path if isinstance(part, str))
            what = "a password in an address" if has_password else "a secret"
            message = f"{what}, in plain text; keep it in {variable(key)} or in the file secrets/{dotted(key)}"
            yield Problem(document.where(path), dotted(key), message)


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


def _leads_out(check: Check) -> bool:
    if not check.enabled or check.settings is None:
        return False
    texts = [value for _, value in check.settings if isinstance(value, str)]
    inside = [text for text in texts if text.startswith(PREFIX)]
    return not inside or any(_ADDRESS.fullmatch(text) for text in texts if text not in inside)


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place))
    elif isinstance(value, str):
        yield path, value
