"""How many events a second `POST /ipn/<vendor_id>` takes, beside a bare route that only verifies and inserts.

`python -m tests.bench.ipn_rate`: gunicorn as configured, PostgreSQL and Redis of its own, client on the same machine.
"""

import contextlib
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.clusters import postgres_cluster, redis_server
from tests.events import SECRET, an_ipn, sign, write_ipn

ROOT = Path(__file__).parents[2]
VENDOR = 79424
EVENTS, CONNECTIONS = 4000, 8
ROUNDS = 3  # taken in turns, the best of each counts: others may be at work on the machine
ROUTES = {"product": "app:app", "verifies and inserts only": "tests.bench.bare_ipn:app"}
READY_SECONDS = 30


def make_requests(number: int) -> list[bytes]:
    """Signed requests, ready to be written to a socket; each is another event of another order."""
    requests = []
    for count in range(number):
        body = write_ipn(an_ipn(order_id=f"A{count}", transaction_id=f"T{count}"))
        head = f"POST /ipn/{VENDOR} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        head += f"X-Copecart-Signature: {sign(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
        requests.append(head.encode() + body)
    return requests


def send_all(port: int, requests: list[bytes]) -> None:
    """Sends over one connection that is kept open, the next when the last was answered."""
    connection = socket.create_connection(("127.0.0.1", port))
    for request in requests:
        connection.sendall(request)
        answer = read_answer(connection)
        if b"connection: close" in answer.lower():
            connection.close()
            connection = socket.create_connection(("127.0.0.1", port))
    connection.close()


def read_answer(connection: socket.socket) -> bytes:
    """Head and body, which may come one after the other."""
    answer = b""
    while not answer.endswith(b"\r\n\r\nOK"):
        part = connection.recv(65536)
        answer += part
        if not part or not answer.startswith(b"HTTP/1.1 200"):
            raise AssertionError(answer[:500])
    return answer


def press(port: int, requests: list[bytes]) -> None:
    """All connections of the client, in one process."""
    threads = [
        threading.Thread(target=send_all, args=(port, requests[n::CONNECTIONS])) for n in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def gunicorn(target: str, port: int, environment: dict[str, str]) -> Iterator[None]:
    """The web part, as `make run` starts it."""
    words = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", target]
    server = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def prepare(environment: dict[str, str]) -> None:
    """A database with a vendor."""
    add = ["--id", str(VENDOR), "--name", "N", "--email", "n@example.com", "--ipn-secret", SECRET]
    for words in (["db", "upgrade"], ["vendor", "add", *add]):
        subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment, check=True)


def measure(target: str, port: int, environment: dict[str, str]) -> float:
    """Events per second, the first few left out."""
    engine = create_engine(environment["DATABASE_URL"])
    requests = make_requests(EVENTS)
    with engine.begin() as connection:
        connection.execute(text("truncate inbox_events"))
    with gunicorn(target, port, environment):
        press(port, requests[:200])
        began = time.monotonic()
        client = multiprocessing.Process(target=press, args=(port, requests[200:]))
        client.start()
        client.join()
        spent = time.monotonic() - began
    with engine.connect() as connection:
        stored = connection.scalar(text("select count(*) from inbox_events"))
    engine.dispose()
    assert stored == EVENTS, stored
    return (EVENTS - 200) / spent


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        cluster, redis = stack.enter_context(postgres_cluster()), stack.enter_context(redis_server())
        engine = create_engine(cluster.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("create database bench"))
        engine.dispose()
        services = {"DATABASE_URL": cluster.format(name="bench"), "REDIS_URL": redis, "DUNNING_HOME": home}
        environment = os.environ | services | {"BENCH_SECRET": SECRET}
        prepare(environment)
        measured = [
            {name: measure(target, find_port(), environment) for name, target in ROUTES.items()}
            for _ in range(ROUNDS)
        ]
    rates = {name: max(one[name] for one in measured) for name in ROUTES}
    for name, rate in rates.items():
        print(f"{name}: {rate:.0f} events/s")
    product, bare = rates.values()
    print(f"{product / bare:.0%} of the bare route, on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
