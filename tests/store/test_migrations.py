"""A database is brought to the present schema once, whole or not at all, and never backwards."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from omwatch.store import migrate as migrating
from omwatch.store.migrate import MIGRATIONS, NewerDatabase, current, head, migrate
from omwatch.store.tables import metadata

MIGRATE = """
import sys
from pathlib import Path
from omwatch.store import migrate
migrate.MIGRATIONS = Path(sys.argv[1])
migrate.migrate(Path(sys.argv[2]))
"""
NEXT = '''
"""A later table."""
import sys
import sqlalchemy as sa
from alembic import op

revision = "0999_later"
down_revision = "{down}"

def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE subscribers SET address = 'changed@example.com'")
    {then}
'''
HANG = 'print("half-way", flush=True); sys.stdin.read()'
Migrations = Callable[..., Path]


@pytest.fixture
def migrations(tmp_path: Path) -> Migrations:
    """Make a folder of migrations that go one further than ours, and may hang in the middle of that one."""

    def make(then: str = "pass") -> Path:
        folder = tmp_path / f"migrations-{len(then)}"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "0999_later.py").write_text(NEXT.format(down=head(), then=then))
        return folder

    return make


def rows(database: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def tables(database: Path) -> set[str]:
    return {name for (name,) in rows(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def insert_ada(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        columns = "(address, created_at, created_by)"
        connection.execute(f"INSERT INTO subscribers {columns} VALUES ('ada@example.com', 0, 'ada')")  # noqa: S608 - ours


def shape(database: Path) -> dict[str, Any]:
    """Describe every table as SQLite sees it: columns, keys in their order, indexes, foreign keys."""
    names = sorted(tables(database) - {"alembic_version"})
    found: dict[str, Any] = {}
    for name in names:
        indexes = {
            (unique, origin, tuple(column for _, _, column in rows(database, f"PRAGMA index_info('{index}')")))
            for _, index, unique, origin, _ in rows(database, f"PRAGMA index_list('{name}')")
        }
        columns = sorted(row[1:] for row in rows(database, f"PRAGMA table_info('{name}')"))
        foreign = sorted(row[2:5] for row in rows(database, f"PRAGMA foreign_key_list('{name}')"))
        found[name] = (columns, indexes, foreign)
    return found


def start(folder: Path, database: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MIGRATE, str(folder), str(database)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_half_way(folder: Path, database: Path) -> None:
    with start(folder, database) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half-way\n"
        process.kill()


def test_the_migrations_lead_to_the_tables(database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrations_lead_to_the_very_keys_and_indexes_of_the_tables(database: Path, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert shape(database) == shape(tmp_path / "direct.db")


def test_alembic_agrees_on_the_newest_revision_and_the_order_of_all() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [head()]
    walked = [script.revision for script in scripts.walk_revisions()]
    assert sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py")) == walked[::-1]


def test_a_new_database_is_created_at_the_newest_revision(tmp_path: Path) -> None:
    database = tmp_path / "omwatch.db"
    assert current(database) is None
    migrate(database)
    assert current(database) == head()
    assert not (tmp_path / "backups").exists()


def test_migrating_again_touches_nothing(database: Path) -> None:
    before = database.read_bytes()
    migrate(database)
    assert database.read_bytes() == before
    assert not database.with_name("migrate.lock").exists()


def test_a_database_of_a_newer_omwatch_is_refused_untouched(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    before = database.read_bytes()
    with pytest.raises(NewerDatabase, match="its schema is '9999_from_the_future'") as caught:
        migrate(database)
    assert "install the newer omwatch" in str(caught.value)
    assert head() in str(caught.value)
    assert database.read_bytes() == before
    assert not database.with_name("backups").exists()


def test_an_older_database_is_copied_before_it_is_upgraded(
    database: Path, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_ada(database)
    old = head()
    monkeypatch.setattr(migrating, "MIGRATIONS", migrations())
    migrate(database)
    assert current(database) == head() == "0999_later"
    assert rows(database, "SELECT address FROM subscribers") == [("changed@example.com",)]
    (copy,) = database.with_name("backups").iterdir()
    assert copy.name == f"omwatch-before-0999_later-was-{old}.db"
    assert current(copy) == old
    assert rows(copy, "SELECT address FROM subscribers") == [("ada@example.com",)]
    assert rows(copy, "PRAGMA integrity_check") == [("ok",)]


def test_a_migration_that_raises_leaves_the_old_schema(
    database: Path, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_ada(database)
    old, before = head(), tables(database)
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "MIGRATIONS", migrations("raise KeyError('torn')"))
        with pytest.raises(KeyError, match="torn"):
            migrate(database)
    assert (current(database), tables(database)) == (old, before)
    assert rows(database, "SELECT address FROM subscribers") == [("ada@example.com",)]


def test_a_migration_killed_half_way_leaves_the_old_schema_and_can_be_repeated(
    database: Path, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_ada(database)
    old, before = head(), tables(database)
    kill_half_way(migrations(HANG), database)
    assert (current(database), tables(database)) == (old, before)
    assert rows(database, "SELECT address FROM subscribers") == [("ada@example.com",)]
    monkeypatch.setattr(migrating, "MIGRATIONS", migrations())
    migrate(database)
    assert current(database) == "0999_later"
    (copy,) = database.with_name("backups").iterdir()
    assert rows(copy, "SELECT address FROM subscribers") == [("ada@example.com",)]


def test_a_first_migration_killed_half_way_leaves_nothing(tmp_path: Path, migrations: Migrations) -> None:
    database = tmp_path / "omwatch.db"
    folder = migrations("pass")
    first = folder / "versions" / f"{head()}.py"
    first.write_text(f"{first.read_text()}    import sys\n    {HANG}\n")
    kill_half_way(folder, database)
    assert current(database) is None
    assert tables(database) == set()
    migrate(database)
    assert current(database) == head()


def test_processes_that_migrate_at_once_wait_for_each_other(
    tmp_path: Path, migrations: Migrations, database: Path
) -> None:
    insert_ada(database)
    folder = migrations()
    fresh = tmp_path / "fresh" / "omwatch.db"
    fresh.parent.mkdir()
    processes = [start(folder, target) for target in (database, fresh) * 2]
    for process in processes:
        assert process.communicate() == ("", "")
        assert process.returncode == 0
    for target in (database, fresh):
        assert rows(target, "SELECT version_num FROM alembic_version") == [("0999_later",)]
        assert "later" in tables(target)
    assert len(list(database.with_name("backups").iterdir())) == 1
    assert not fresh.with_name("backups").exists()


def test_what_an_older_omwatch_knew_becomes_timelines_and_topics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, old = tmp_path / "old.db", tmp_path / "first"
    shutil.copytree(MIGRATIONS, old, ignore=shutil.ignore_patterns("__pycache__", "0002*", "0003*"))
    with monkeypatch.context() as patched:
        patched.setattr(migrating, "MIGRATIONS", old)
        migrate(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(
            """
            INSERT INTO subscribers VALUES (1, 'ada@example.com', 0, 'ada');
            INSERT INTO events (id, kind, title, severity, status, started_at, created_at, created_by) VALUES
                (1, 'incident', 'Over', 1, 'resolved', 0, 1, 'ada'),
                (2, 'incident', 'Goes on', 2, 'identified', 0, 1, 'ada');
            INSERT INTO event_components VALUES (1, 'Chat', 'operational'), (2, 'Chat', 'partial_outage');
            INSERT INTO updates (id, event_id, status, text, at, author) VALUES
                (1, 1, 'identified', 'a', 1, 'ada'), (2, 1, 'resolved', 'b', 2, 'ada'),
                (3, 2, 'identified', 'c', 3, 'ada');
            """
        )
    migrate(database)
    told = rows(database, "SELECT severity, components FROM updates ORDER BY id")
    assert told == [(1, '{"Chat":"major_outage"}'), (None, '{"Chat":"operational"}'), (2, '{"Chat":"partial_outage"}')]
    topics = rows(database, "SELECT topic FROM subscriptions WHERE subscriber_id = 1 ORDER BY topic")
    assert topics == [("hotfix",), ("incident",), ("maintenance",)]


@pytest.mark.parametrize("change", ["UPDATE audit SET operator = 'eve'", "DELETE FROM audit"])
def test_the_audit_log_refuses_changes(database: Path, change: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO audit (at, operator, action, noun, noun_id) VALUES (0, 'ada', 'x', 'y', 1)")
        with pytest.raises(sqlite3.IntegrityError, match="the audit log is append-only"):
            connection.execute(change)
