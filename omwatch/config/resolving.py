"""A probe's settings with the addresses of the running sandbox filled in."""

from typing import TypeVar

from pydantic import BaseModel

from omwatch.config.addresses import PREFIX, resolve
from omwatch.config.home import Home

M = TypeVar("M", bound=BaseModel)


def resolved(settings: M, home: Home) -> M:
    """Return the settings with every text that starts with ``sandbox:`` replaced by the address behind it.

    Raises:
        SandboxNotRunning: no sandbox runs in this home, or it offers no such name.
    """
    fields = {name: getattr(settings, name) for name in type(settings).model_fields}
    addresses = {name: value for name, value in fields.items() if isinstance(value, str) and value.startswith(PREFIX)}
    return settings.model_copy(update={name: resolve(home, value) for name, value in addresses.items()})
