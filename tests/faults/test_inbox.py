"""Events of orders under fire: twenty at once, killed around every commit, rung or not, one effect (F12, F14)."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import func, select
from werkzeug.serving import make_server

from dunning.actions.orders.take_events import apply_inbox
from dunning.jobs.bell import INBOX_PAUSE, INBOX_RUNG, RUNG_SECONDS, open_queue
from dunning.jobs.minute import tick
from dunning.records import db
from dunning.records.orders import LedgerEntry, Order, Payment
from tests.builders import a_desk, after, find_receivable, ledger_of
from tests.events import a_signing_vendor, an_ipn, read_inbox, send_ipn, sign, write_ipn
from tests.faults.crash_points import AFTER, BEFORE, Killed, crash_points
from tests.faults.ringing import ringing

ORDER = "M6B5zL7i"
MADE = write_ipn(an_ipn("made", transaction_amount=100))


@pytest.fixture
def wide_app(make_app: Callable[..., Flask], database: str) -> Flask:
    """An app on each database; races are PostgreSQL's, the other one waits in line."""
    return make_app()


@pytest.fixture
def server(wide_app: Flask) -> Iterator[str]:
    """The app over real HTTP, a thread for each request."""
    http = make_server("127.0.0.1", 0, wide_app, threaded=True)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def count(entity: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(entity)) or 0


def test_twenty_deliveries_at_once_have_one_effect(server: str, wide_app: Flask) -> None:
    vendor_id = a_signing_vendor()
    gate = threading.Barrier(20)

    def deliver(_: int) -> tuple[int, str]:
        gate.wait()
        headers = {"X-Copecart-Signature": sign(MADE)}
        answer = requests.post(f"{server}/ipn/{vendor_id}", data=MADE, headers=headers, timeout=30)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(deliver, range(20))) == {(200, "OK")}
    assert len(read_inbox()) == 1
    apply_at_once(wide_app, 4)
    assert (count(Order), count(Payment)) == (1, 1)
    assert [entry[:2] for entry in ledger_of(find_receivable(ORDER))] == [
        ("principal", 100_00),
        ("payment", -100_00),
    ]


def apply_at_once(app: Flask, workers: int) -> None:
    """So many workers hear the bell in the same moment; whoever is second finds nothing to do."""
    gate = threading.Barrier(workers)

    def work(_: int) -> int:
        with app.app_context():
            gate.wait()
            return apply_inbox(a_desk(after(90)))

    with ThreadPoolExecutor(workers) as pool:
        assert list(pool.map(work, range(workers))) == [0] * workers


def test_workers_that_apply_many_orders_together_apply_each_event_once(wide_app: Flask) -> None:
    vendor_id = a_signing_vendor()
    for number in range(8):
        for event_type in ("charged_back", "made", "pending"):
            body = an_ipn(event_type, order_id=f"A{number}", transaction_id=f"T{number}-{event_type}")
            assert send_ipn(wide_app, vendor_id, write_ipn(body)).status_code == 200
    apply_at_once(wide_app, 4)
    assert {(row.state, row.reason) for row in read_inbox()} == {("applied", "")}
    assert (count(Order), count(Payment), count(LedgerEntry)) == (8, 8, 24)


@pytest.mark.parametrize(("moment", "stored"), [(BEFORE, 0), (AFTER, 1)])
def test_killed_around_the_commit_it_is_sent_again_and_applied_once(
    each_app: Flask, moment: str, stored: int
) -> None:
    vendor_id = a_signing_vendor()
    with crash_points("store_event", moment), pytest.raises(Killed):
        send_ipn(each_app, vendor_id, MADE)
    assert len(read_inbox()) == stored
    assert send_ipn(each_app, vendor_id, MADE).text == "OK"
    assert len(read_inbox()) == 1
    apply_inbox(a_desk(after(1)))
    assert len(ledger_of(find_receivable(ORDER))) == 2


def test_every_commit_of_an_event_has_its_expectation(app: Flask) -> None:
    vendor_id = a_signing_vendor()
    with crash_points() as passed:
        send_ipn(app, vendor_id, MADE)
        apply_inbox(a_desk(after(1)))
    assert passed == ["store_event", "apply_order"]


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
def test_killed_while_it_is_applied_it_is_applied_once(each_app: Flask, moment: str) -> None:
    send_ipn(each_app, a_signing_vendor(), MADE)
    with crash_points("apply_order", moment), pytest.raises(Killed):
        apply_inbox(a_desk(after(1)))
    assert apply_inbox(a_desk(after(1))) == 0
    assert len(ledger_of(find_receivable(ORDER))) == 2
    assert read_inbox()[0].state == "applied"


# --- The bell ---


@pytest.fixture
def rung_app(make_app: Callable[..., Flask], redis_url: str) -> Iterator[Flask]:
    """An app that rings into an empty Redis."""
    app = make_app(REDIS_URL=redis_url)
    Redis.from_url(redis_url).flushall()
    with ringing(app):
        yield app


def test_many_events_ring_once_and_one_job_applies_them_all(rung_app: Flask) -> None:
    vendor_id, queue = a_signing_vendor(), open_queue(rung_app.config["SETTINGS"])
    for number in range(5):
        body = write_ipn(an_ipn(order_id=f"A{number}", transaction_id=f"T{number}"))
        assert [send_ipn(rung_app, vendor_id, body).text for _ in "ab"] == ["OK", "OK"]
    await_ring(queue)
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    assert [row.state for row in read_inbox()] == ["applied"] * 5
    send_ipn(rung_app, vendor_id, write_ipn(an_ipn("made")))
    await_ring(queue)


def await_ring(queue: Queue) -> None:
    """Returns when the bell has rung; more than once would be one too many."""
    until = time.monotonic() + 10
    while not queue.count and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(3 * INBOX_PAUSE)
    assert queue.count == 1


def test_a_bell_that_got_lost_ends_by_itself_and_the_clock_applies_anyway(rung_app: Flask) -> None:
    settings = rung_app.config["SETTINGS"]
    queue = open_queue(settings)
    send_ipn(rung_app, a_signing_vendor(), MADE)
    await_ring(queue)
    queue.empty()
    assert 0 < queue.connection.ttl(INBOX_RUNG) <= RUNG_SECONDS
    tick(settings, dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC), play=True)
    assert read_inbox()[0].state == "applied"


def test_without_redis_events_are_stored_all_the_same(make_app: Callable[..., Flask]) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1")
    with ringing(app):
        assert send_ipn(app, a_signing_vendor(), MADE).text == "OK"
    assert len(read_inbox()) == 1
