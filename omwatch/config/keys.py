"""The names of keys: as dots in messages, as environment variables, as secret files, and which are known where."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from omwatch.config.lines import KeyPath
from omwatch.config.models import CheckTable, Sections

PREFIX = "OMWATCH_"
CHECKS = "checks"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: KeyPath) -> str:
    """Return ``checks.agent-login.every``, with quotes around parts that TOML would quote."""
    return ".".join(_part(part) for part in path)


def variable(path: KeyPath) -> str:
    """Return the environment variable that sets a key: ``OMWATCH_CHECKS__AGENT_LOGIN__EVERY``."""
    return PREFIX + "__".join(str(part).upper().replace("-", "_") for part in path)


def same(one: str, other: str) -> bool:
    """Tell whether two names are the same where case doesn't count and dashes are underscores."""
    return one.lower().replace("-", "_") == other.lower().replace("-", "_")


def default_probe(check: str) -> str:
    """Return the probe that a check runs unless it names one: its own name, with underscores."""
    return check.replace("-", "_")


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a field's value must never be shown."""
    return any(kind.__name__ in repr(field.annotation) for kind in (SecretStr, SecretBytes))


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by the names that a file uses."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which keys exist where, given the checks that config.toml names and the probes that the home has."""

    tree: Mapping[str, Any]
    probes: Mapping[str, type[BaseModel] | None]

    def names(self, path: KeyPath) -> tuple[str, ...] | None:
        """Return the keys that may stand in the table at a path; None when any may."""
        match path:
            case ():
                return tuple(Sections.model_fields)
            case ("checks",):
                return tuple(self._checks())
            case ("checks", str() as check):
                model = self.settings(check)
                return (*CheckTable.model_fields, *fields_of(model)) if model else None
            case (str() as section,):
                return tuple(fields_of(model)) if (model := _section(section)) else None
        return None

    def field(self, path: KeyPath) -> FieldInfo | None:
        """Return the field behind a path, or None when there is none."""
        match path:
            case ("checks", str() as check, str() as key, *_):
                return CheckTable.model_fields.get(key) or self._settings_fields(check).get(key)
            case (str() as section, str() as key, *_):
                return fields_of(model).get(key) if (model := _section(section)) else None
        return None

    def settings(self, check: str, table: Mapping[str, Any] | None = None) -> type[BaseModel] | None:
        """Return the model of the keys that a check's probe adds; None when the probe is unknown or broken."""
        found = self._checks().get(check) if table is None else table
        named = found.get("probe") if isinstance(found, Mapping) else None
        return self.probes.get(named if isinstance(named, str) else default_probe(check))

    def _checks(self) -> Mapping[str, Any]:
        found = self.tree.get(CHECKS)
        return found if isinstance(found, dict) else {}

    def _settings_fields(self, check: str) -> dict[str, FieldInfo]:
        model = self.settings(check)
        return fields_of(model) if model else {}


def _section(name: str) -> type[BaseModel] | None:
    field = Sections.model_fields.get(name)
    kind = field.annotation if field else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _part(part: str | int) -> str:
    text = str(part)
    return text if _BARE.fullmatch(text) else json.dumps(text)
