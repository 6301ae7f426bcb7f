"""Alembic's entry: runs the migrations on the database that omwatch.store.migrate names."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event, pool

from omwatch.store.tables import metadata

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)


# Python's driver would run DDL outside any transaction; like this, a migration that dies leaves nothing behind.
@event.listens_for(engine, "connect")
def _leave_transactions_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    connection.isolation_level = None


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
