"""Redis is only the bell: down, flushed or rung ten times over, nothing is lost and nothing is done twice (F04-F06)."""

import datetime as dt
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from rq import SimpleWorker
from sqlalchemy import select

from dunning.actions.at_partner.deliveries import store_delivery
from dunning.actions.case.start import start_case
from dunning.actions.heartbeats import take_turn
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.jobs.bell import JOB, NEWS_JOB, POLL_JOB, open_queue, ring, ring_ready
from dunning.jobs.minute import tick
from dunning.records import db, transaction
from dunning.records.journal import Heartbeat, RunDay
from dunning.records.partner import PartnerDelivery
from tests.actions.at_partner.partner_says import cases_at_partner
from tests.builders import (
    DUE,
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
from tests.faults.conftest import Redis
from tests.faults.ringing import ringing

pytestmark = pytest.mark.usefixtures("quick_press")


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
    return count_jobs(app, JOB)


def count_jobs(app: Flask, name: str) -> int:
    return sum(job.func_name == name for job in open_queue(app.config["SETTINGS"]).jobs)


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


def test_webhooks_ring_together_and_a_worker_looks(rung_app: Flask) -> None:
    cases_at_partner()
    for number in range(3):
        body = {"event": "statement.created", "data": {}}
        store_delivery(f"D{number}", "statement.created", body, read_now())
    assert count_jobs(rung_app, NEWS_JOB) == 1
    work(rung_app)
    db.session.rollback()
    assert [row.state for row in db.session.query(PartnerDelivery)] == ["applied"] * 3


def test_a_webhook_whose_bell_was_lost_is_rung_for_by_the_clock(rung_app: Flask, bell_server: Redis) -> None:
    cases_at_partner()
    bell_server.stop()
    store_delivery("D1", "statement.created", {"event": "statement.created", "data": {}}, read_now())
    bell_server.start()
    tick(rung_app.config["SETTINGS"], read_now(), play=False)
    assert count_jobs(rung_app, NEWS_JOB) == 1


def test_eight_clocks_ask_for_one_look_at_the_partner(rung_app: Flask) -> None:
    now, every = read_now(), dt.timedelta(minutes=15)

    def ask(moment: dt.datetime) -> bool:
        with rung_app.app_context():
            return take_turn("partner_poll", moment, every)

    assert ask(now)
    with ThreadPoolExecutor(8) as clocks:
        assert sum(clocks.map(ask, [now + every] * 8)) == 1
    assert not ask(now + every + dt.timedelta(minutes=14))
    assert ask(now + 2 * every)


def test_a_look_that_is_due_is_rung_for_and_done_by_a_worker(rung_app: Flask) -> None:
    cases_at_partner()
    tick(rung_app.config["SETTINGS"], read_now(), play=True)
    assert count_jobs(rung_app, POLL_JOB) == 1
    with transaction() as session:
        session.query(Heartbeat).filter_by(name="partner").delete()
    work(rung_app)
    db.session.rollback()
    assert db.session.get(Heartbeat, "partner")


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


# --- A clock that is wrong ---


def test_one_tick_of_a_clock_that_is_a_year_ahead_stops_nothing(rung_app: Flask) -> None:
    settings = rung_app.config["SETTINGS"]
    morning = a_desk(after(1)).now
    tick(settings, morning + dt.timedelta(days=366), play=True)
    for day in range(1, 8):
        queue = open_queue(settings)
        queue.empty()
        tick(settings, morning + dt.timedelta(days=day - 1), play=True)
        assert POLL_JOB in {job.func_name for job in queue.jobs}
    db.session.rollback()
    played = db.session.scalars(select(RunDay.on_date).order_by(RunDay.on_date)).all()
    assert [(day - DUE).days for day in played] == [*range(1, 8), 367]
