"""Alembic's room: the schema's history, applied in one transaction on SQLite and PostgreSQL alike."""
