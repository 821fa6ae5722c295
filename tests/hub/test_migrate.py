"""Fresh databases and the tables in the code agree; a database of another revision is told."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from fleet.errors import KioskError
from hub import migrate
from hub.database import Database


def test_the_revisions_lead_to_the_tables(database_url: str) -> None:
    database = Database(database_url)
    assert migrate.upgrade(database) == migrate.newest() == migrate.revision(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, migrate.metadata()) == []
    database.close()


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    migrate.upgrade(database)
    migrate.upgrade(database)
    migrate.check(database)
    database.close()


def test_an_empty_database_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/hub.db")
    with pytest.raises(KioskError, match="empty: run kiosk hub migrate"):
        migrate.check(database)
    assert inspect(database.engine).get_table_names() == []
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@h/x", "oracle://x"])
def test_a_wrong_address_is_one_line(url: str) -> None:
    with pytest.raises(KioskError, match="database") as told:
        Database(url)
    assert "\n" not in told.value.message
