"""Where values come from: environment over secrets folder over config.toml, and which of them said what."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from omwatch.config.document import Document
from omwatch.config.home import Home
from omwatch.config.keys import CHECKS, PREFIX, Vocabulary, dotted, is_secret, same, variable
from omwatch.config.lines import KeyPath
from omwatch.config.problems import Problem, suggest

_DEPTH, _CHECK_DEPTH = 2, 3


@dataclass(slots=True)
class Layer:
    """Values from one kind of place, each with the place's name."""

    tree: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)
    """Path of a value to the variable or the file that gave it."""
    problems: list[Problem] = field(default_factory=list)

    def take(self, parts: Sequence[str], text: str, origin: str, vocabulary: Vocabulary) -> None:
        """Put a value where its name says, or note what is wrong with the name."""
        path, trouble = _spelled(parts, vocabulary)
        if trouble:
            self.problems.append(Problem(origin, dotted(path), trouble))
            return
        table = self.tree
        for part in path[:-1]:
            inner = table.setdefault(part, {})
            table = inner if isinstance(inner, dict) else {}
        table[path[-1]] = _value(text, vocabulary.field(path))
        self.origins[path] = origin


@dataclass(frozen=True, slots=True)
class Layers:
    """All values, merged, and the place that gave each."""

    tree: dict[str, Any]
    document: Document
    above: Sequence[Layer]
    """What goes above the document, highest first."""

    def where(self, path: KeyPath) -> str:
        """Return the variable, secret file or line of config.toml that gave a value, or stands nearest to it."""
        for layer in self.above:
            for length in range(len(path), 0, -1):
                if path[:length] in layer.origins:
                    return layer.origins[path[:length]]
        within = [origin for layer in self.above for key, origin in layer.origins.items() if key[: len(path)] == path]
        # A table that only variables or secret files speak of has no line.
        return within[0] if within and path not in self.document.lines else self.document.where(path)


def read_layers(home: Home, document: Document, vocabulary: Vocabulary, environ: Mapping[str, str]) -> Layers:
    """Merge the environment and the secrets folder over a document."""
    above = (_environment(vocabulary, environ), _secrets(home, vocabulary))
    trees = [layer.tree for layer in above]
    return Layers(_merge([*trees, document.tree]), document, above)


def _environment(vocabulary: Vocabulary, environ: Mapping[str, str]) -> Layer:
    layer = Layer()
    for name in sorted(environ):
        if name.startswith(PREFIX):
            parts = name.removeprefix(PREFIX).lower().split("__")
            layer.take(parts, environ[name], name, vocabulary)
    return layer


def _secrets(home: Home, vocabulary: Vocabulary) -> Layer:
    layer = Layer()
    try:
        files = sorted(file for file in home.secrets.iterdir() if not file.name.startswith(".") and file.is_file())
        files = [file for file in files if file != home.key]
    except FileNotFoundError:
        return layer
    except OSError as error:
        layer.problems.append(Problem("secrets", "", f"cannot be read: {error.strerror}"))
        return layer
    for file in files:
        origin = f"secrets/{file.name}"
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            layer.problems.append(Problem(origin, "", f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError:
            layer.problems.append(Problem(origin, "", "is not UTF-8; save the file as UTF-8"))
        else:
            layer.take(file.name.split("."), text, origin, vocabulary)
    return layer


def _spelled(parts: Sequence[str], vocabulary: Vocabulary) -> tuple[tuple[str, ...], str]:
    """Return the path spelled as the places it names spell it, and what is wrong with it, if anything."""
    path: tuple[str, ...] = ()
    for part in parts:
        known = vocabulary.names(path)
        name = next((name for name in known or () if same(name, part)), part)
        if known is not None and name not in known:
            what = "config.toml has no such check" if path == (CHECKS,) else "unknown key"
            return (*path, *parts[len(path) :]), what + suggest(part, known)
        path = (*path, name)
    if len(path) < (_CHECK_DEPTH if path[0] == CHECKS else _DEPTH):
        example = next(iter(vocabulary.names(path) or ()), "KEY")
        return path, f"is a table; name one of its keys too, as in {variable((*path, example))}"
    return path, ""


def _value(text: str, field: FieldInfo | None) -> object:
    # Lists and tables are written as in config.toml; anything else is text that its field knows how to read.
    is_text = field is None or field.annotation is str or is_secret(field)
    if is_text or not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(trees: Sequence[dict[str, Any]]) -> dict[str, Any]:
    class Merged(BaseSettings):
        """Everything that any layer says, unjudged."""

        model_config = SettingsConfigDict(extra="allow")

        @classmethod
        def settings_customise_sources(  # type: ignore[override] # the built-in sources are none of ours
            cls, settings_cls: type[BaseSettings], **_: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(_Source(settings_cls, tree) for tree in trees)

    return dict(Merged().model_extra or {})


class _Source(PydanticBaseSettingsSource):
    """Hands a layer to pydantic-settings, which merges them in order."""

    def __init__(self, settings_cls: type[BaseSettings], tree: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._tree = tree

    def __call__(self) -> dict[str, Any]:
        return self._tree

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic-settings' signature
        return self._tree.get(field_name), field_name, False
