"""Web, worker and clock as processes of their own with real PostgreSQL and Redis; a worker dies in the middle."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import redis

from tests.clusters import free_port
from tests.replay.comparison import compare
from tests.replay.product import DATA, Product, read_lines, run_command
from tests.replay.walk import Receivable, daily_lines, days, read_ledger, total_line, walk_ledger

pytestmark = pytest.mark.timeout(900)

# The clock beside us lives in the present: its working hours begin too late to play a day of its own.
NO_WORKING_HOURS = "[working_hours]\nstart = 23:59:59\n"
DONE = "select count(*) from effects where state = 'done'"
RECEIVABLES = 30
UNDER_WAY = "select count(*) from effects where state in ('taken', 'sending')"


def neighbours_in_time(number: int) -> list[Receivable]:
    """Receivables whose orders lie close together, so that many effects fall on one day."""
    ledger = read_ledger(DATA / "orders.csv", DATA / "payments.csv")
    in_time = sorted(ledger, key=lambda receivable: (receivable.anchor, receivable.order_id))
    middle = len(in_time) // 2
    return in_time[middle : middle + number]


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)


def descendants(pid: int) -> list[int]:
    """The processes below one, whatever group they moved to."""
    below = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            below += [int(child), *descendants(int(child))]
    return below


def pull_the_plug(process: subprocess.Popen[str]) -> None:
    """kill -9 for a process and all below it, as a power cut would."""
    doomed = [process.pid, *descendants(process.pid)]
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(timeout=10)


@contextmanager
def kept_running(product: Product, name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is taken down at the end; what it says is in `<name>.out` and `.err` of its home."""
    with (product.home / f"{name}.out").open("a") as out, (product.home / f"{name}.err").open("a") as err:
        process = product.start(*arguments, stdout=out, stderr=err)
        try:
            yield process
        finally:
            pull_the_plug(process)


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own on a socket; its path must be short, so it is not below the test's folder."""
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    address = folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(address), "--save", "", "--dir", str(folder))
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: address.exists() and answers(address), 10, "redis-server")
        yield f"unix://{address}"
    finally:
        server.terminate()
        server.wait(timeout=10)
        shutil.rmtree(folder)


def answers(address: Path) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(address)).ping())
    except redis.ConnectionError:
        return False


def is_alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    receivables = neighbours_in_time(RECEIVABLES)
    walked = walk_ledger(receivables)
    first = min(receivable.anchor for receivable in receivables)
    last = max(receivable.paid_on for receivable in receivables) + days(1)
    policy, port = tmp_path / "policy.toml", free_port()
    policy.write_text(NO_WORKING_HOURS, encoding="utf-8")

    with ExitStack() as running:
        redis_url = running.enter_context(redis_server())
        product = Product(
            tmp_path,
            DATABASE_URL=postgres_url,
            REDIS_URL=redis_url,
            DUNNING_POLICY=str(policy),
            PORT=str(port),
        )
        product.prepare(receivables)
        address = f"127.0.0.1:{port}"
        running.enter_context(kept_running(product, "web", "gunicorn", "--bind", address, "app:app"))
        clock = running.enter_context(kept_running(product, "clock", "flask", "clock"))
        worker = running.enter_context(kept_running(product, "worker", "flask", "work"))
        wait_until(lambda: is_alive(port), 30, "the web process")

        started = time.monotonic()
        run = running.enter_context(kept_running(product, "run", "flask", *run_command(first, last)))
        wait_until(lambda: product.rows(DONE)[0][0] >= 20, 300, "twenty effects done")
        wait_until(lambda: product.rows(UNDER_WAY)[0][0] > 0, 60, "an effect under way")
        pull_the_plug(worker)
        done_at_the_kill = product.rows(DONE)[0][0]
        assert run.poll() is None
        running.enter_context(kept_running(product, "worker", "flask", "work"))
        run.wait(timeout=600)
        with capsys.disabled():
            print(
                f"\n{RECEIVABLES} receivables in processes: {time.monotonic() - started:.0f} s",
                file=sys.stderr,
            )

        assert run.returncode == 0
        assert clock.poll() is None
        assert is_alive(port)

    lines = daily_lines(walked, first, last)
    assert done_at_the_kill < product.rows(DONE)[0][0]
    assert product.rows("select distinct state from effects") == [("done",)]
    assert read_lines((product.home / "run.out").read_text()) == [*lines, total_line(lines)]
    assert {view: rows for view, rows in compare(product, receivables).items() if rows} == {}
    product.flask("check")
