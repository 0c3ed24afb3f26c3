"""What a test sends to its database: whether it wrote, exactly what, and which statements the product knows."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from tests.database_kinds import ROOT, SIGHTINGS, runs_on_one

READERS = ("SELECT", "BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "SHOW", "WITH")


@dataclass
class Sent:
    """The writes of one test in their order, as they were sent; `tables` has those of lives that began in it."""

    path: str
    alone: bool
    writes: list[tuple[str, Any]] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


_by_database: dict[str | None, Sent] = {}


def record(engine: Engine, node: pytest.Item | pytest.Collector) -> Sent:
    """Notes from now on all that this process sends to the engine's database, for a test or for those of a module."""
    alone = isinstance(node, pytest.Item) and runs_on_one(node)
    return _by_database.setdefault(engine.url.database, Sent(node.path.relative_to(ROOT).as_posix(), alone))


def find_sent(engine: Engine) -> Sent | None:
    """What went to the engine's database, if anybody listens."""
    return _by_database.get(engine.url.database)


def forget(engine: Engine) -> None:
    """The test is over; of several apps on one database the first to end says so."""
    _by_database.pop(engine.url.database, None)


# at the class: the sandbox reaches the same database through an engine of its own
@event.listens_for(Engine, "before_cursor_execute")
def note_statement(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> None:
    """Whoever sends it, in whatever thread."""
    sent = _by_database.get(connection.engine.url.database)
    if sent is None:
        return
    if not statement.lstrip()[:9].upper().startswith(READERS):
        sent.writes.append((statement, parameters))
    SIGHTINGS.note(connection.dialect.name, statement, sent.path, alone=sent.alone)
