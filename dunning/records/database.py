"""The one database handle: engine rules for SQLite and PostgreSQL, the transaction every verb runs in, the rehearsal.

SQLite begins *deferred* for readers and *immediate* for verbs. With the library's default (no BEGIN before a SELECT)
two writers lose updates without an error, so the dialect's own transaction handling is switched off.
"""

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

import structlog
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as AppSession
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Engine, Integer, MetaData, Table, Text, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

Found = TypeVar("Found")
log = structlog.get_logger()
# what is the database's doing, and no doing of what it was asked for
DISTURBED = (OperationalError, InterfaceError, PoolTimeout)
PAUSES = tuple(dt.timedelta(milliseconds=ms) for ms in (200, 1_000, 5_000))
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_rehearsal: ContextVar[Connection | None] = ContextVar("rehearsal", default=None)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant. Refuses naive values; SQLite, which forgets the zone, gets it back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"an instant needs its zone: {value!r}")
        return value.astimezone(dt.UTC) if value else None

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# SQLite gives a rowid (and its speed) only to INTEGER keys; PostgreSQL should never run out of them.
Key = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Tables of Mahnlauf. Every constraint has a name, so that a migration can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        dt.datetime: UtcDateTime,
        str: Text,
        Literal: Text,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


@dataclass
class Ring:
    """What a transaction leaves for others to take up: effects by id, events in the inbox, word of the partner."""

    effects: list[int] = field(default_factory=list)
    inbox: bool = False
    partner_news: bool = False


# each hears what a commit of this process left; to ring is theirs, and a ring that is lost loses nothing
bells: list[Callable[[Ring], None]] = []


class OurSession(AppSession):
    """Works on the engine; in a rehearsal on its one connection, where every commit ends a savepoint only.

    `ring` is told after the commit: what is rolled back, or only rehearsed, rings for nothing.
    """

    ring: Ring

    def get_bind(
        self,
        mapper: object = None,
        clause: object = None,
        bind: Engine | Connection | None = None,
        **options: object,
    ) -> Engine | Connection:
        """The library's own choice, unless this is a rehearsal."""
        return _rehearsal.get() or super().get_bind(mapper, clause, bind, **options)


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": OurSession, "join_transaction_mode": "create_savepoint"},
)


@contextmanager
def transaction() -> Iterator[OurSession]:
    """One verb's transaction: everything in it is committed together or not at all.

    Reads made before it are ended first: what a verb decides on must be read inside it.
    """
    session = cast(OurSession, db.session())
    if _writing.get():
        raise RuntimeError("a verb does not call another verb's transaction")
    session.rollback()
    session.ring = ring = Ring()
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)
    if _rehearsal.get() is None:
        for bell in bells:
            bell(ring)


def insist(verb: Callable[[], Found], pauses: Sequence[dt.timedelta] | None = None) -> Found:
    """Does a verb that does nothing the second time; again, after each pause, while the database fails it.

    A connection that was cut, a lock held too long, a full disk are nobody's fault but the house's. The last attempt
    raises what happened.
    """
    for pause in PAUSES if pauses is None else pauses:
        try:
            return verb()
        except DISTURBED as error:
            log.warning("the database failed, tried again", error=type(error).__name__, pause=str(pause))
            db.session.rollback()
            time.sleep(pause.total_seconds())
    return verb()


@contextmanager
def rehearse() -> Iterator[None]:
    """All that verbs of this thread commit inside is undone at the end; only numbers drawn from sequences are lost.

    What the rehearsal has written stays locked until then: on SQLite nobody else can write meanwhile.
    """
    db.session.rollback()
    token = _writing.set(True)  # SQLite has to begin as a writer
    try:
        connection = db.engine.connect()
        connection.begin()
    finally:
        _writing.reset(token)
    held = _rehearsal.set(connection)
    try:
        yield
    finally:
        db.session.remove()
        _rehearsal.reset(held)
        connection.close()  # rolls back


def refuse_stray_write(_session: Session, *_: object) -> None:
    """A flush outside `transaction()` is a programming error: it would read and write without the lock."""
    if not _writing.get():
        raise RuntimeError("a write outside of transaction()")


def prepare_engine(engine: Engine) -> None:
    """Teaches an SQLite engine to begin and to wait; PostgreSQL needs nothing."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # full: what is committed survives a power cut; a mail whose phase were forgotten would go out twice
        for pragma in ("journal_mode=wal", "foreign_keys=on", "busy_timeout=15000", "synchronous=full"):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


event.listen(Session, "before_flush", refuse_stray_write)


def insert_once(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """INSERT … ON CONFLICT DO NOTHING: both databases know it, each in a dialect of its own."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    once: postgresql.Insert | sqlite.Insert = insert(cast(Table, table.__table__)).on_conflict_do_nothing()
    return once
