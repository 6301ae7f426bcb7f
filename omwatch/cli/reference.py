"""``python -m omwatch.cli.reference``: prints docs/configuration.md, for ``make docs``."""

from omwatch.config.reference import reference
from omwatch.config.shipped import defaults
from omwatch.watcher.discovery import discover


def shipped_reference() -> str:
    """Return the reference of config.toml with the keys of the probes that ship."""
    probes = discover(defaults() / "probes").probes
    return reference({name: probe.settings for name, probe in probes.items()})


if __name__ == "__main__":
    print(shipped_reference(), end="")
