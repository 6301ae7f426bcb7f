"""The reference of config.toml as Markdown, written from the models themselves, so that it cannot grow old."""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from omwatch.config.keys import CHECKS, fields_of, is_secret
from omwatch.config.models import CheckTable, Sections

_HEAD = """# Configuration

`config.toml` in the home folder. `omwatch check` finds every mistake at once and says what to write instead.
This page is written from the settings models by `make docs`; a test holds the two together.

Any key can come from the environment, which goes above the secrets folder, which goes above the file:
`OMWATCH_CHECKS__AGENT_LOGIN__EVERY=30s` sets `every` in `[checks.agent-login]`. A file of the secrets folder is named
after its key: `secrets/checks.agent-login.password`.

Durations are written `"500ms"`, `"10s"`, `"2m"` or `"1.5h"`; sizes `"64 KiB"` or `"1 MiB"`; shares `30` or `"30%"`.
An address written `sandbox:NAME` is looked up in the running sandbox of the home.
"""


def reference(probes: Mapping[str, type[BaseModel]]) -> str:
    """Return the whole reference.

    Args:
        probes: the settings model of each shipped probe.
    """
    parts = [_HEAD]
    for name, field in Sections.model_fields.items():
        if name != CHECKS and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            parts.append(_section(f"[{name}]", field.annotation))
    parts.append(_section("[checks.NAME]", CheckTable))
    parts += [_section(f"Keys of probe `{name}`", model) for name, model in sorted(probes.items())]
    return "\n".join(parts)


def _section(title: str, model: type[BaseModel]) -> str:
    summary = (model.__doc__ or "").strip().split("\n")[0]
    return "\n".join([f"## {title}", "", summary, "", *_table(model)]) + "\n"


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | default | what it is |"
    yield "|---|---|---|"
    for name, field in fields_of(model).items():
        yield f"| `{name}` | {_default(field)} | {field.description or ''} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=False)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or (is_secret(field) and not value):
        return "–"
    return f"`{json.dumps(value, ensure_ascii=False)}`"
