"""What the tests of faults can ask for: servers that can be taken away."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clusters import wait_for_redis


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
