"""A database that fails: connections cut, a file held by somebody else."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import Engine, create_engine, text

CUTS = 25


@contextmanager
def admin_engine(app: Flask) -> Iterator[Engine]:
    engine = create_engine(app.config["SETTINGS"].database_url, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()


def hold_file(app: Flask) -> None:
    """SQLite: somebody else writes for longer than we wait."""
    file = app.config["SETTINGS"].database_url.partition(":///")[2]
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("begin immediate")
        time.sleep(0.7)
        other.execute("rollback")
    other.close()


def cut_connections(app: Flask, done: threading.Event) -> int:
    """Ends what others do on the database, so often and a little apart; returns how often."""
    others = text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
    )
    cut = 0
    with admin_engine(app) as engine, engine.connect() as killer:
        while cut < CUTS and not done.wait(0.005):
            cut += bool(killer.execute(others).scalar())
    return cut
