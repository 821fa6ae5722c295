"""Run by Alembic; the connection comes from `hub.migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import context

from hub.migrate import metadata

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

connection: Connection = context.config.attributes["connection"]
# SQLite cannot alter a column: Alembic copies the table then.
context.configure(connection=connection, target_metadata=metadata(), render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
