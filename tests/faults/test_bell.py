"""Redis is only the bell: down, flushed or rung ten times over, nothing is lost and nothing is done twice (F04-F06)."""

import datetime as dt
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from rq import SimpleWorker

from dunning.actions.run_day import run_day
from dunning.actions.start import start_case
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.jobs.bell import JOB, open_queue, ring, ring_ready
from dunning.jobs.minute import tick
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    after,
    an_actor,
    find_effect,
    play,
    read_case,
    states_of,
)
from tests.clusters import wait_for_redis
from tests.faults.ringing import ringing

pytestmark = pytest.mark.usefixtures("quick_press")


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
def rung_app(make_app: Callable[..., Flask], bell_server: Redis) -> Iterator[Flask]:
    """An app that rings after its commits; it stops listening with the test."""
    app = make_app(REDIS_URL=bell_server.url)
    with ringing(app):
        yield app


def work(app: Flask) -> None:
    """A worker that ends when the queue is empty."""
    queue = open_queue(app.config["SETTINGS"])
    worker = SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer)
    with app.app_context():
        worker.work(burst=True, logging_level="ERROR")


def count_rung(app: Flask) -> int:
    """Bells for effects; the partner's have jobs of their own."""
    return sum(job.func_name == JOB for job in open_queue(app.config["SETTINGS"]).jobs)


def count_mails(app: Flask) -> int:
    return len(list((app.config["SETTINGS"].home / "mail").glob("*.eml")))


def test_a_commit_rings_for_what_it_put(rung_app: Flask) -> None:
    receivable_id = a_receivable()
    run_day(a_desk(after(5)))
    assert count_rung(rung_app) == 1
    work(rung_app)
    assert states_of(receivable_id)["payment_reminder"] == "done"
    assert count_mails(rung_app) == 1


def test_a_start_while_redis_is_down_is_made_up_by_the_relay(rung_app: Flask, bell_server: Redis) -> None:
    case_id = a_case("awaiting_approval")
    bell_server.stop()
    began = time.monotonic()
    start_case(case_id, an_actor(case_id), a_desk(after(11)))
    assert time.monotonic() - began < 5
    assert (read_case(case_id).status, find_effect("first_letter").state) == ("running", "due")
    assert ring_ready() == 0
    bell_server.start()
    assert ring_ready() == 1
    work(rung_app)
    assert find_effect("first_letter").state == "done"


def test_a_redis_that_hangs_keeps_no_click_waiting(rung_app: Flask, bell_server: Redis) -> None:
    case_id = a_case("awaiting_approval")
    bell_server.server.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        start_case(case_id, an_actor(case_id), a_desk(after(11)))
        assert time.monotonic() - began < 8
    finally:
        bell_server.server.send_signal(signal.SIGCONT)
    assert read_case(case_id).status == "running"
    for _ in range(2):  # the queue may still hold what was rung before
        ring_ready()
        work(rung_app)
    assert find_effect("first_letter").state == "done"


def test_a_flushed_redis_loses_nothing(rung_app: Flask) -> None:
    receivables = [a_receivable() for _ in range(3)]
    run_day(a_desk(after(5)))
    assert count_rung(rung_app) == 3
    open_queue(rung_app.config["SETTINGS"]).connection.flushall()
    work(rung_app)
    assert count_mails(rung_app) == 0
    assert ring_ready() == 3
    work(rung_app)
    assert {states_of(r)["payment_reminder"] for r in receivables} == {"done"}
    assert count_mails(rung_app) == 3


def test_the_relay_rings_only_into_an_empty_queue(rung_app: Flask) -> None:
    a_receivable()
    run_day(a_desk(after(5)))
    assert (ring_ready(), count_rung(rung_app)) == (0, 1)


def test_ten_rings_on_four_workers_do_it_once(rung_app: Flask) -> None:
    a_receivable()
    run_day(a_desk(after(5)))
    queue = open_queue(rung_app.config["SETTINGS"])
    ring(queue, [find_effect("payment_reminder").id] * 10)

    def burst(_worker: int) -> None:
        work_quietly(rung_app)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(burst, range(4)))
    assert (find_effect("payment_reminder").attempt, count_mails(rung_app)) == (1, 1)
    assert queue.count == 0


def work_quietly(app: Flask) -> None:
    """Takes jobs off the queue in a thread, where a worker cannot catch signals."""
    queue = open_queue(app.config["SETTINGS"])
    while (job_id := queue.connection.lpop(queue.key)) is not None:
        job = queue.fetch_job(job_id.decode())
        with app.app_context():
            carry_out(*job.args)


def test_a_bell_for_nothing_does_nothing(rung_app: Flask) -> None:
    a_receivable()
    ring(open_queue(rung_app.config["SETTINGS"]), [4711])
    work(rung_app)
    assert count_mails(rung_app) == 0


def test_a_verb_that_failed_rings_for_nothing(rung_app: Flask) -> None:
    case_id = a_case("awaiting_approval", house_number="")
    before = count_rung(rung_app)
    with pytest.raises(Exception, match="house_number"):
        start_case(case_id, an_actor(case_id), a_desk(after(11)))
    play(after(11))
    assert count_rung(rung_app) == before


# --- The clock ---


def test_the_clock_plays_the_local_day_from_working_hours_on(rung_app: Flask) -> None:
    receivable_id = a_receivable()
    settings = rung_app.config["SETTINGS"]
    early = dt.datetime.combine(after(5), dt.time(7, 59), dt.UTC)
    tick(settings, early, play=True)
    assert states_of(receivable_id) == {}
    tick(settings, early + dt.timedelta(minutes=1), play=False)
    assert states_of(receivable_id) == {}
    tick(settings, early + dt.timedelta(minutes=1), play=True)
    assert states_of(receivable_id)["payment_reminder"] == "planned"
    assert find_effect("payment_reminder").not_before < read_now()
    assert count_rung(rung_app) == 1
