"""Where in a TOML file each key is: tomllib tells values, and forgets their lines."""

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""The way to a value: table names, keys, and places in arrays."""

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]*")


def locate(text: str) -> Mapping[KeyPath, int]:
    """Return the line of every key, table and array item of a valid TOML document, counted from 1.

    A table that only its parts mention, such as ``checks`` in ``[checks.agent-login]``, has the line of its first
    mention. Lines inside invalid TOML mean nothing; let tomllib refuse that first.
    """
    return _Scanner(text).document()


class _Scanner:
    """Walks a document once, remembering where each path began."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._line_at = 0
        self._lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}

    def document(self) -> Mapping[KeyPath, int]:
        """Return the line of every path."""
        table: KeyPath = ()
        self._skip(_SPACE)
        while self._at < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)
        return self._lines

    def _header(self) -> KeyPath:
        is_array = self._peek("[[")
        self._at += 2 if is_array else 1
        *parents, last = self._key()
        path: KeyPath = ()
        for part in parents:
            path = self._latest(self._note((*path, part)))
        path = self._note((*path, last))
        if is_array:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            path = self._note(self._latest(path))
        self._at += 2 if is_array else 1
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for part in self._key():
            path = self._note((*path, part))
        self._at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._peek("["):
            self._items(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif self._peek('"') or self._peek("'"):
            self._skip(_TEXT)
        else:
            self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_SPACE)
        place = 0
        while not self._peek("]"):
            self._value(self._note((*path, place)))
            place += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_SPACE)
        while not self._peek("}"):
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_SPACE)
        if self._peek(","):
            self._at += 1
            self._skip(_SPACE)

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._peek("."):
            self._at += 1
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        self._skip(_BLANK)
        if self._peek('"') or self._peek("'"):
            quoted = self._skip(_TEXT)
            part = str(tomllib.loads(f"key = {quoted}")["key"])
        else:
            part = self._skip(_BARE_KEY)
        self._skip(_BLANK)
        return part

    def _latest(self, path: KeyPath) -> KeyPath:
        # "[[servers]] … [servers.disk]": the second header is about the latest server.
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _note(self, path: KeyPath) -> KeyPath:
        self._line += self._text.count("\n", self._line_at, self._at)
        self._line_at = self._at
        self._lines.setdefault(path, self._line)
        return path

    def _peek(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        end = found.end() if found else self._at + 1  # never stand still, even in what is no TOML
        skipped = self._text[self._at : end]
        self._at = end
        return skipped
