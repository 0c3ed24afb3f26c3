"""`python app.py`: everything starts, what dies comes back, and nothing is left behind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dunning import create_app
from dunning.jobs.ways.channels import make_partner
from dunning.machine import supervise
from dunning.machine.supervise import Child, Supervisor
from dunning.outside.partner.talk import advance_handover
from dunning.records import db
from dunning.settings import Settings
from tests.builders import a_vendor
from tests.clusters import free_port
from tests.outside.partner.partner_server import LETTERS, a_handover

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).parents[1]
NAMES = {"redis-server", "sandbox", "web", "worker", "clock"}


def wait_until(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class House:
    """`python app.py` in a folder of its own, on a database where there is a vendor already."""

    def __init__(self, home: Path, database: Path) -> None:
        self.home, self.port = home, free_port()
        # a proxy of the machine is no way to a process beside us
        self.environ = {**os.environ, "DUNNING_HOME": str(home), "PORT": str(self.port), "no_proxy": "*"}
        shutil.copy(database, home / "dunning.db")

    def start(self, **environ: str) -> subprocess.Popen[str]:
        with (self.home / "out").open("w") as out, (self.home / "err").open("w") as err:
            words = [sys.executable, "app.py"]
            return subprocess.Popen(
                words, cwd=ROOT, env=self.environ | environ, stdout=out, stderr=err, text=True
            )

    def run(self) -> subprocess.Popen[str]:
        """Started, and ready."""
        process = self.start()
        wait_until(lambda: "is ready" in self.read("out") or process.poll() is not None)
        assert process.poll() is None, self.read("err")
        return process

    def read(self, name: str) -> str:
        return (self.home / name).read_text()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:  # nobody listens yet
            return 0, ""

    def count(self, table: str) -> int:
        with contextlib.closing(sqlite3.connect(self.home / "dunning.db")) as connection:
            (found,) = connection.execute(f"select count(*) from {table}").fetchone()
            return int(found)

    def processes(self) -> dict[int, str]:
        """Every living process that was started for this home: its id and name."""
        mark, title = f"DUNNING_HOME={self.home}\0".encode(), f"{self.home}/redis.sock".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                # Redis writes its title over its environment
                if mark in (folder / "environ").read_bytes() or title in (folder / "cmdline").read_bytes():
                    found[int(folder.name)] = (folder / "comm").read_text().strip()
            except OSError:  # it ended meanwhile
                continue
        return found

    def find(self, name: str) -> int:
        """The process of this name that the others of the name come from."""
        return min(pid for pid, called in self.processes().items() if called == name)


@pytest.fixture(scope="module")
def lived_in(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database where there is a vendor, so that no demonstration is loaded."""
    home = tmp_path_factory.mktemp("lived-in")
    shutil.copy(sqlite_template, home / "dunning.db")
    app = create_app(Settings.from_environment({"DUNNING_HOME": str(home)}))
    with app.app_context():
        a_vendor()
        db.session.remove()
        db.engine.dispose()
    return home / "dunning.db"


@contextmanager
def standing(database: Path) -> Iterator[House]:
    """A house whose folder has a short name, because a socket lies in it."""
    house = House(Path(tempfile.mkdtemp(prefix="house-")), database)
    try:
        yield house
    finally:
        for pid in house.processes():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not house.processes())
        shutil.rmtree(house.home)


@pytest.fixture
def house(lived_in: Path) -> Iterator[House]:
    """A house of the test's own, not started yet."""
    with standing(lived_in) as house:
        yield house


@pytest.fixture(scope="module")
def running_house(lived_in: Path) -> Iterator[House]:
    """One that all live in who leave it running: five processes take seconds to start."""
    with standing(lived_in) as house:
        house.run()
        yield house


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_everything_starts_and_one_signal_ends_all_of_it(house: House, how: signal.Signals) -> None:
    process = house.run()
    assert 'name="password"' in house.get("/login")[1]
    assert house.get("/sandbox")[0] == 200
    wait_until(lambda: set(house.processes().values()) >= NAMES)
    assert f"http://127.0.0.1:{house.port}" in house.read("out")

    asked = time.monotonic()
    process.send_signal(how)
    assert process.wait(10) == 0
    assert time.monotonic() - asked < 8
    assert house.processes() == {}
    assert house.read("out").splitlines()[-1] == "Everything has ended."


def test_people_read_standard_output_and_machines_standard_error(running_house: House) -> None:
    running_house.get("/login")
    assert all(json.loads(line)["event"] for line in running_house.read("err").splitlines())
    assert "{" not in running_house.read("out")


def test_what_the_sandbox_decides_reaches_the_web_part_by_itself(running_house: House) -> None:
    client = make_partner(Settings.from_environment({"DUNNING_HOME": str(running_house.home)}))
    wait_until(lambda: running_house.count("sandbox_webhooks"))
    advance_handover(client, a_handover(), LETTERS, {}, lambda _: None)
    wait_until(lambda: running_house.count("partner_deliveries where state = 'ignored'") == 2)
    wait_until(lambda: running_house.count("sandbox_deliveries") == 0)


@pytest.mark.parametrize("name", ["web", "worker", "clock", "sandbox", "redis-server"])
def test_a_child_that_is_killed_comes_back_and_one_line_says_so(running_house: House, name: str) -> None:
    house = running_house
    wait_until(lambda: set(house.processes().values()) >= NAMES)
    before, killed = house.read("out").count("starting again"), house.find(name)
    os.kill(killed, signal.SIGKILL)
    said = "redis" if name == "redis-server" else name
    wait_until(lambda: f"{said} was killed by SIGKILL, starting again in 0.5 s" in house.read("out"))
    wait_until(lambda: name in house.processes().values() and killed not in house.processes())
    wait_until(lambda: (house.get("/readyz")[0], house.get("/sandbox")[0]) == (200, 200))
    assert house.read("out").count("starting again") == before + 1


def test_nothing_outlives_a_supervisor_that_is_killed(house: House) -> None:
    process = house.run()
    wait_until(lambda: set(house.processes().values()) >= NAMES)
    process.kill()
    process.wait(10)
    wait_until(lambda: not house.processes(), 10)


def test_a_taken_port_is_said_in_one_line_and_nothing_stays(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        assert house.start().wait(30) == 1
    assert house.read("err") == (f"mahnlauf: 127.0.0.1:{house.port} is taken; choose another HOST or PORT\n")
    assert house.read("out") == ""
    assert house.processes() == {}


def test_two_do_not_live_in_one_folder(running_house: House) -> None:
    house = running_house
    before = house.processes()
    second = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=house.environ | {"PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr == f"mahnlauf: DUNNING_HOME: {house.home} is in use by another `python app.py`\n"
    assert set(before) <= set(house.processes())


def test_a_wrong_setting_is_said_in_one_line(house: House) -> None:
    assert house.start(PORT="many").wait(30) == 1
    assert house.read("err") == "mahnlauf: PORT: must be a whole number from 1 to 65535\n"


def test_what_dies_again_and_again_is_started_later_and_later() -> None:
    child = Child("short", lambda: sys.exit(3))
    lines: list[str] = []
    until = time.monotonic() + 30
    while len(lines) < 3 and time.monotonic() < until:
        if line := child.look():
            lines.append(line)
        time.sleep(0.01)
    waits = [f"short ended with 3, starting again in {wait} s" for wait in ("0.5", "1", "2")]
    assert lines == waits


def test_what_does_not_listen_is_killed_with_all_it_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "GRACE_SECONDS", 0.3)
    reader, writer = os.pipe()

    def play_deaf() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(["sleep", "60"], pass_fds=[writer])
        os.write(writer, b"!")
        time.sleep(60)

    child = Child("deaf", play_deaf)
    supervisor = Supervisor([child], lambda _line: None)
    child.start()
    os.close(writer)
    assert os.read(reader, 1) == b"!"
    supervisor.end_children()
    assert os.read(reader, 1) == b""  # nobody holds the other end any more
    os.close(reader)
