"""A home to configure, and the probes that its checks may run."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.problems import ConfigError
from omwatch.config.settings import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]


class LoginSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="where")
    password: SecretStr = SecretStr("")
    ready_within: float = 3.0
    via: Literal["http", "imap"] = "http"
    port: int | None = None
    tags: list[str] = []
    pause: int | list[int] = 0

    @field_validator("password")
    @classmethod
    def _has_no_spaces(cls, value: SecretStr) -> SecretStr:
        if " " in value.get_secret_value():
            raise ValueError(f"must not be {value.get_secret_value()}")
        return value

    @model_validator(mode="after")
    def _port_goes_with_imap(self) -> Self:
        if self.port and self.via == "http":
            raise ValueError("port goes with via = 'imap'")
        return self


PROBES: dict[str, type[BaseModel] | None] = {"agent_login": LoginSettings, "chat_routing": LoginSettings, "torn": None}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.themes.mkdir()
    (home.themes / "dark.toml").write_text("")
    (home.themes / "light.toml").write_text("")
    home.secrets.mkdir(mode=0o700)
    return home


@pytest.fixture
def load_text(home: Home) -> Load:
    """Load a config.toml of this text."""

    def load_it(text: str, environ: Mapping[str, str] | None = None) -> Config:
        home.config.write_text(text)
        return load(home, PROBES, environ or {})

    return load_it


@pytest.fixture
def problems_of(load_text: Load) -> Problems:
    """Return the lines that a config.toml of this text makes omwatch print."""

    def problems(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load_text(text, environ)
        return [str(problem) for problem in caught.value.problems]

    return problems
