"""Forty connections that send a byte now and then stop nobody: a real gunicorn, as production starts it."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from flask import Flask

from tests.clusters import free_port
from tests.replay.product import Product

pytestmark = pytest.mark.timeout(120)
SLOW, FORM = 40, "application/x-www-form-urlencoded"


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The web part on a port of its own, on the database of `app`."""
    settings = app.config["SETTINGS"]
    product, port = Product(settings.home, DATABASE_URL=settings.database_url), free_port()
    options = ("--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4")
    server = product.start("gunicorn", "app:app", *options, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError):
                ask(port, "/livez")
                break
            time.sleep(0.05)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def ask(port: int, path: str, body: bytes = b"", **headers: str) -> tuple[int, float]:
    """Status and seconds."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST" if body else "GET", path, body or None, headers)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - began


def begin_slowly(port: int, length: int = 1000) -> socket.socket:
    """A form of which only the beginning comes."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    lines = (
        "POST /login HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {FORM}",
        f"Content-Length: {length}",
        "",
        "",
    )
    connection.sendall("\r\n".join(lines).encode() + b"a=")
    return connection


def test_slow_bodies_occupy_no_thread_that_others_need(port: int) -> None:
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(begin_slowly(port)) for _ in range(SLOW)]
        spent = []
        for _ in range(5):
            for connection in slow:
                with suppress(OSError):
                    connection.sendall(b"b")
            for path in ("/livez", "/login"):
                status, seconds = ask(port, path)
                assert status == 200
                spent.append(seconds)
            assert ask(port, "/ipn/1", b"{}", **{"Content-Type": "application/json"})[0] == 401
        assert max(spent) < 2
        answers = [read_status(connection) for connection in slow[-SLOW // 2 :]]
        assert answers.count(408) >= SLOW // 2 - 4


def read_status(connection: socket.socket) -> int:
    """Of the answer that has come; 0 for none."""
    connection.settimeout(0.05)
    try:
        return int(connection.recv(64).split()[1])
    except (OSError, IndexError):
        return 0


def test_a_body_that_comes_slowly_but_comes_is_taken(port: int) -> None:
    content = b"x" * 400_000
    with begin_slowly(port, len(content) + 2) as connection:
        for start in range(0, len(content), 40_000):
            connection.sendall(content[start : start + 40_000])
            time.sleep(0.1)
        connection.settimeout(10)
        assert (
            int(connection.recv(64).split()[1]) == 400
        )  # it was read whole: what it lacks is the form's token
