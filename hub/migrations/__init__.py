"""The database, revision by revision (Alembic)."""
