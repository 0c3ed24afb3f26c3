"""What the tests of faults can ask for: servers that can be taken away."""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from dunning.records import db
from dunning.settings import Settings
from tests.clusters import wait_for_redis
from tests.conftest import run_app


class Redis:
    """A redis-server that can be taken away and come back empty."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.server: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        words = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(self.socket.parent),
        ]
        self.server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        wait_for_redis(str(self.socket))

    def stop(self) -> None:
        if self.server:
            self.server.kill()
            self.server.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
def bell_server() -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="rd-"))
    server = Redis(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def impatient() -> Iterator[Callable[[], None]]:
    """`impatient()`: on SQLite nobody waits long for another writer."""

    def hurry(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.execute("pragma busy_timeout=200")

    engines: list[Engine] = []

    def start() -> None:
        if db.engine.dialect.name == "sqlite":
            engines.append(db.engine)
            event.listen(db.engine, "checkout", hurry)

    yield start
    for engine in engines:
        event.remove(engine, "checkout", hurry)
        engine.dispose()


@pytest.fixture
def open_app(
    make_settings: Callable[..., Settings], request: pytest.FixtureRequest
) -> Callable[..., AbstractContextManager[Flask]]:
    """`with open_app(DATABASE_URL=url) as app`: an app on the database of the test's choice."""
    return lambda **environ: contextmanager(run_app)(make_settings(**environ), request)
