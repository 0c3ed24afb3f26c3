"""Counts SQL statements, so that a page that begins to ask once per row is found."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from dunning.records import db


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements executed while inside, as they were sent."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
