"""One TOML file, read: its values, the line of each, or a problem that names line and column."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omwatch.config.lines import KeyPath, locate
from omwatch.config.problems import ConfigError, Problem
from omwatch.domain.safetext import clean

_POSITION = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
_HINTS = (
    ("Expected '=' after a key", "a key needs '=' and a value: key = \"text\""),
    ("Invalid value", 'no value here that TOML knows; text needs quotes: key = "text"'),
    ("Invalid statement", "a line starts with a key or a [table]; a key of other letters than A-Z needs quotes"),
    ("Invalid initial character for a key", "no key here; keys with spaces or dots need quotes"),
    ("Expected newline or end of document", "something follows the value; one key a line, and text needs quotes"),
    ("Expected ']' at the end of a table declaration", "a table's name ends with ']': [page]"),
    ("Expected ']]' at the end of an array declaration", "an array's name ends with ']]'"),
    ("Unclosed array", "a list has no closing ']', or a comma is missing in it"),
    ("Unclosed inline table", "an inline table has no closing '}', or a comma is missing in it"),
    ("Unterminated string", 'text has no closing quote: key = "text"'),
    ('Expected "\'"', "text has no closing quote: key = 'text'"),
    ('Expected \'"""\'', 'text has no closing """'),
    ("Illegal character '\\n'", 'text has no closing quote: key = "text"'),
    ("Illegal character", "a control character stands here; take it out"),
    ("Found invalid character '\\n'", "text has no closing quote: key = 'text'"),
    ("Found invalid character", "a control character stands here; take it out"),
    ("Unescaped '\\' in a string", r"a backslash in text is written '\\', or put the text in 'single quotes'"),
    ("Cannot overwrite a value", "this key is here for the second time; keep one of them"),
    ("Duplicate inline table key", "this key is here for the second time; keep one of them"),
    ("Cannot declare", "this table is here for the second time; put its keys into one"),
    ("Cannot mutate immutable namespace", "this table is complete already; put the key into it"),
    ("Cannot redefine namespace", "this table is complete already; put the key into it"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file that could be read."""

    name: str
    """As problems call it, relative to the home: ``config.toml``."""
    tree: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def where(self, path: KeyPath) -> str:
        """Return "config.toml:17" for a path, or for the nearest thing around it that has a line."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return f"{self.name}:{self.lines[path[:length]]}"
        return self.name


def read_document(path: Path, name: str) -> Document:
    """Read a TOML file.

    Raises:
        FileNotFoundError: there is none.
        ConfigError: it cannot be read, is not UTF-8, or is not TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Document(name, tomllib.loads(text), locate(text))
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError([Problem(f"{name}:{line}", "", message)]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(name, text, str(error))]) from None
    except RecursionError:
        raise ConfigError([Problem(name, "", "lists or tables are nested too deeply")]) from None
    except OSError as error:
        raise ConfigError([Problem(name, "", f"cannot be read: {error.strerror}")]) from None


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    found = _POSITION.fullmatch(message)
    what = found["what"] if found else message
    if found and found["line"]:
        line, column = int(found["line"]), int(found["column"])
    else:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    hint = next((hint for start, hint in _HINTS if what.startswith(start)), f"not TOML: {clean(what)}")
    return Problem(f"{name}:{line}:{column}", "", hint)
