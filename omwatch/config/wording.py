"""What pydantic says, in an operator's words: what must stand there, what was found, and an example."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from omwatch.config.keys import is_secret
from omwatch.config.units import Unit
from omwatch.domain.safetext import clean

_LONGEST_FOUND = 40
_PASSWORD_IN_ADDRESS = re.compile(r"//[^/\s]*@")
_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list in square brackets",
    "tuple_type": "a list in square brackets",
    "set_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "path_type": "a path in quotes",
    "path_not_file": "the path of a file that exists",
    "path_not_directory": "the path of a folder that exists",
    "greater_than": "more than {gt}{unit}",
    "greater_than_equal": "at least {ge}{unit}",
    "less_than": "less than {lt}{unit}",
    "less_than_equal": "at most {le}{unit}",
    "string_too_short": "at least {min_length} characters long",
    "string_too_long": "at most {max_length} characters long",
    "string_pattern_mismatch": "text that matches {pattern}",
    "too_short": "at least {min_length} entries long",
    "too_long": "at most {max_length} entries long",
    "literal_error": "{expected}",
    "enum": "{expected}",
}


def in_words(error: ErrorDetails, value: object, field: FieldInfo | None) -> str:
    """Return a message about one of pydantic's errors.

    Args:
        error: what pydantic found.
        value: what stands in the file, before any conversion; never shown when the field is a secret.
        field: the field it was meant for, if there is one.
    """
    if error["type"] == "missing":
        example = example_of(field)
        return f"missing; write for example {example}" if example else "missing"
    must = _must(error, field)
    if field is None and isinstance(value, dict) and error["type"] in {"value_error", "assertion_error"}:
        return must
    if field is not None and is_secret(field):
        return _without(must, value) + f", found {_kind(value)}"
    example = example_of(field)
    shown = found(value)
    return f"{must}, found {shown}" + (f"; for example {example}" if example not in {"", shown} else "")


def found(value: object) -> str:
    """Return a value as a message quotes it: short, harmless, and without the password of an address."""
    if isinstance(value, str):
        shown = clean(_PASSWORD_IN_ADDRESS.sub("//…@", value), _LONGEST_FOUND)
        return json.dumps(shown, ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return clean(literal(value), _LONGEST_FOUND)
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return _kind(value)


def example_of(field: FieldInfo | None) -> str:
    """Return something that may be written for a field, as TOML; empty when nothing is known."""
    if field is None:
        return ""
    candidates = [*(field.examples or ()), field.default]
    usable = [value for value in candidates if value is not PydanticUndefined and value not in (None, "", [], {})]
    return literal(usable[0]) if usable else ""


def literal(value: object) -> str:
    """Return a default or an example as TOML writes it; empty for a secret."""
    if isinstance(value, SecretStr | SecretBytes):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return literal(value.value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(str(value), ensure_ascii=False)


def _must(error: ErrorDetails, field: FieldInfo | None) -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] in {"value_error", "assertion_error"}:
        return clean(str(context.get("error", error["msg"])))
    if error["type"] in _EXPECTED:
        return "must be " + _EXPECTED[error["type"]].format_map({**_plain(context), "unit": _unit(field)})
    said = clean(error["msg"]).replace("Input should be", "must be")
    return said[:1].lower() + said[1:]


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: int(bound) if isinstance(bound, float) and bound.is_integer() else bound
        for name, bound in context.items()
    }


def _unit(field: FieldInfo | None) -> str:
    units = [extra.name for extra in (field.metadata if field else ()) if isinstance(extra, Unit)]
    return f" {units[0]}" if units else ""


def _without(text: str, secret: object) -> str:
    return text.replace(secret, "…") if isinstance(secret, str) and secret else text


def _kind(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "text"),
        (bool, "true or false"),
        ((int, float), "a number"),
        (list, "a list"),
        (dict, "a table"),
        ((date, datetime, time), "a date or time"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "something else")
