"""The shipped defaults, and writing them to a new home."""

import os
import stat
import tomllib
from pathlib import Path

from omwatch.config.desk_models import Desk, Oncall
from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.shipped import defaults, write_defaults
from omwatch.domain.sla import BRIEF
from omwatch.watcher.discovery import discover

NAMES = ["agent-login", "screen-pop", "chat-routing", "email-routing"]


def test_the_shipped_configuration_is_in_order() -> None:
    home = Home(defaults())
    config = load(home, discover(home.probes).models, {})
    assert list(config.checks) == NAMES
    assert config.warnings == ()
    assert config.sandbox.enabled


def test_what_is_shipped_promises_what_the_brief_does_and_shows_the_desks_defaults() -> None:
    home = Home(defaults())
    config = load(home, discover(home.probes).models, {})
    assert config.service_levels.levels == BRIEF
    assert (config.desk, config.oncall) == (Desk(), Oncall())


def test_every_shipped_check_points_at_the_sandbox() -> None:
    checks = tomllib.loads((defaults() / "config.toml").read_text())["checks"]
    assert {name: table["base_url"] for name, table in checks.items()} == {name: f"sandbox:{name}" for name in NAMES}
    assert (checks["email-routing"]["smtp"], checks["email-routing"]["imap"]) == ("sandbox:smtp", "sandbox:imap")


def test_the_shipped_load_is_gentle_and_judged_within_15_seconds() -> None:
    home = Home(defaults())
    rates = {}
    for check in load(home, discover(home.probes).models, {}).checks.values():
        subjects = check.population if isinstance(check.population, int) else len(check.population)
        rates[check.name] = subjects / check.every_seconds
        assert rates[check.name] * 15 >= check.minimum
    assert sum(rates.values()) <= 10


def test_the_shipped_configuration_is_short_enough_to_read() -> None:
    lines = (defaults() / "config.toml").read_text().splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 120


def test_a_home_made_of_the_defaults_works(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    done = write_defaults(home, defaults())
    assert done.kept == ()
    assert done.written[0] == "config.toml"
    assert {"probes/agent_login.py", "themes/dark.toml", "themes/light.toml"} < set(done.written)
    assert list(load(home, discover(home.probes).models, {}).checks) == NAMES


def test_what_is_there_already_is_never_touched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.probes.mkdir()
    home.config.write_text("mine")
    (home.probes / "agent_login.py").write_text("mine too")
    (home.root / "themes").mkdir()
    (home.themes / "dark.toml").symlink_to("nowhere")
    done = write_defaults(home, defaults())
    assert set(done.kept) == {"config.toml", "probes/agent_login.py", "themes/dark.toml"}
    assert home.config.read_text() == "mine"
    assert (home.probes / "agent_login.py").read_text() == "mine too"
    assert (home.themes / "dark.toml").is_symlink()
    assert not (home.themes / "nowhere").exists()


def test_the_private_folders_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_defaults(home, defaults())
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (home.data, home.secrets)]
    assert modes == [0o700, 0o700]


def test_written_probes_are_safe_to_run_under_any_umask(tmp_path: Path) -> None:

    before = os.umask(0)
    try:
        home = Home(tmp_path)
        write_defaults(home, defaults())
    finally:
        os.umask(before)
    assert discover(home.probes).troubles == {}


def test_a_checkout_gives_its_own_files_and_a_package_alone_its_copy(tmp_path: Path) -> None:
    package = tmp_path / "omwatch"
    assert defaults(package) == package / "shipped"
    (tmp_path / "pyproject.toml").write_text("")
    assert defaults(package) == package / "shipped"
    (tmp_path / "config.toml").write_text("")
    assert defaults(package) == tmp_path


def test_only_the_checkout_itself_counts_as_one(tmp_path: Path) -> None:
    # A package installed in the .venv of somebody else's project must not ship that project's config.toml.
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "config.toml").write_text("")
    package = tmp_path / ".venv" / "lib" / "omwatch"
    assert defaults(package) == package / "shipped"
