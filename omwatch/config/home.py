"""The home: the folder that holds one installation's configuration, probes, themes and data."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Where one installation keeps everything; nothing outside this folder is ever written."""

    root: Path
    config_file: Path | None = None
    """Instead of its own config.toml, to try another out."""

    @property
    def config(self) -> Path:
        """The file that operators edit."""
        return self.config_file or self.root / "config.toml"

    @property
    def probes(self) -> Path:
        """The folder of probe files, plain Python."""
        return self.root / "probes"

    @property
    def themes(self) -> Path:
        """The folder of theme files, one TOML file each."""
        return self.root / "themes"

    @property
    def templates(self) -> Path:
        """The folder of the home's own words for drafts, one text file each; there need be none."""
        return self.root / "templates"

    @property
    def secrets(self) -> Path:
        """The folder of secrets, one file each, named like ``checks.agent-login.password``."""
        return self.root / "secrets"

    @property
    def key(self) -> Path:
        """The home's key, by which addresses are sealed and links signed; no secret of the configuration."""
        return self.secrets / "omwatch.key"

    @property
    def data(self) -> Path:
        """The folder that running processes write: database, logs, locks, records of addresses."""
        return self.root / "data"

    @property
    def database(self) -> Path:
        """The SQLite database, unless config.toml names another store."""
        return self.data / "omwatch.db"

    @property
    def sandbox_record(self) -> Path:
        """Where a running sandbox records its process and its addresses."""
        return self.data / "sandbox.json"

    @property
    def sandbox_lock(self) -> Path:
        """The lock file that a running sandbox holds."""
        return self.data / "sandbox.lock"

    @property
    def watcher_lock(self) -> Path:
        """The lock file that the home's watcher holds."""
        return self.data / "watcher.lock"

    @property
    def key_record(self) -> Path:
        """Where it is written down that the home has a key, and which."""
        return self.data / "key.id"

    def make_data(self) -> Path:
        """Create the data folder, readable by its owner alone, and return it."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.data


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content so that readers see the old or the new text, never a part of it."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
