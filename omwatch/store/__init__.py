"""One SQL database, the only meeting point of all processes: tables, engine, migrations, queries per noun."""

from omwatch.store.engine import Store

__all__ = ["Store"]
