"""Rows as a database keeps them, to take down and to put back: nothing is read as what it means but instants."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Engine

from dunning.records import Base
from dunning.records.database import UtcDateTime

Row = tuple[Any, ...]
Move = Callable[[dt.datetime], dt.datetime]
SEQUENCES = "select sequencename, last_value from pg_sequences where last_value is not null"


class Rows(Protocol):
    """One open transaction on either kind of database."""

    def read(self, table: str) -> list[Row]: ...
    def write(self, table: str, rows: list[Row]) -> None: ...
    def empty(self, table: str) -> None: ...
    def read_sequences(self) -> dict[str, int]: ...
    def set_sequences(self, sequences: dict[str, int]) -> None: ...


class SqliteRows:
    """SQLite gives the next key by itself: it has no sequences."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        connection.execute("begin immediate")
        connection.execute("pragma defer_foreign_keys = on")

    def read(self, table: str) -> list[Row]:
        return self.connection.execute(f"select {list_columns(table)} from {table}").fetchall()

    def write(self, table: str, rows: list[Row]) -> None:
        marks = ", ".join("?" for _ in Base.metadata.tables[table].columns)
        self.connection.executemany(f"insert into {table} ({list_columns(table)}) values ({marks})", rows)

    def empty(self, table: str) -> None:
        self.connection.execute(f"delete from {table}")

    def read_sequences(self) -> dict[str, int]:
        return {}

    def set_sequences(self, sequences: dict[str, int]) -> None:
        assert not sequences


class PostgresRows:
    """PostgreSQL copies rows in and out as text."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        connection.execute("set local timezone to 'UTC'")
        connection.execute("set local session_replication_role = replica")  # in any order

    def read(self, table: str) -> list[Row]:
        with self.connection.cursor().copy(f"copy {table} ({list_columns(table)}) to stdout") as copied:
            return list(copied.rows())

    def write(self, table: str, rows: list[Row]) -> None:
        with self.connection.cursor().copy(f"copy {table} ({list_columns(table)}) from stdin") as copied:
            for row in rows:
                copied.write_row(row)

    def empty(self, table: str) -> None:
        self.connection.execute(f"delete from {table}")

    def read_sequences(self) -> dict[str, int]:
        return dict(self.connection.execute(SEQUENCES).fetchall())

    def set_sequences(self, sequences: dict[str, int]) -> None:
        if sequences:
            calls = ", ".join(f"setval('{name}', {value})" for name, value in sequences.items())
            self.connection.execute(f"select {calls}")


@contextmanager
def open_rows(engine: Engine) -> Iterator[Rows]:
    """A transaction beside the app's own; committed at its end."""
    connection = engine.raw_connection()
    try:
        kind = SqliteRows if engine.dialect.name == "sqlite" else PostgresRows
        yield kind(connection.driver_connection)
        connection.commit()
    finally:
        connection.close()


def list_columns(table: str) -> str:
    """All columns, in the order of the model."""
    return ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)


def move_instants(table: str, row: Row, move: Move) -> Row:
    """The row with its instants moved."""
    columns = Base.metadata.tables[table].columns
    return tuple(
        move_text(value, move) if value is not None and isinstance(column.type, UtcDateTime) else value
        for column, value in zip(columns, row, strict=True)
    )


def move_text(value: str, move: Move) -> str:
    """An instant as either kind of database writes it: one with its zone, the other without."""
    instant = dt.datetime.fromisoformat(value)
    moved = move(instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC))
    return (moved if instant.tzinfo else moved.replace(tzinfo=None)).isoformat(" ", "microseconds")
