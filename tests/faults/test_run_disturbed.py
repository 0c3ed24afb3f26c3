"""A database that fails in the middle of the day's run is no fault of a receivable: none waits for tomorrow (F07)."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from dunning.actions.orders.take_events import apply_inbox
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.records import database, db
from dunning.records.cases import Step
from dunning.records.journal import History
from tests.builders import a_desk, a_receivable, a_vendor, after, an_order_row, import_rows, states_of
from tests.events import an_ipn, put_event, read_inbox, write_ipn
from tests.faults.disturbing import CUTS, cut_connections, hold_file

NUMBER, SHORT = 60, dt.timedelta(milliseconds=10)


def a_day() -> None:
    vendor_id = a_vendor()
    import_rows(*(an_order_row(vendor_id) for _ in range(NUMBER)))


def expect_all_reminded() -> None:
    db.session.rollback()
    due = select(func.count(Step.id)).where(Step.kind == "payment_reminder", Step.created_on == after(5))
    assert db.session.scalar(due) == NUMBER
    assert db.session.scalar(select(func.count(History.id)).where(History.verb == "run_failed")) == 0


def test_a_run_whose_connections_are_cut_sets_nobody_aside(
    open_app: Callable[..., AbstractContextManager[Flask]],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "PAUSES", (SHORT,) * 2 * CUTS)
    with open_app(DATABASE_URL=postgres_url) as app:
        a_day()
        done = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            cuts = pool.submit(cut_connections, app, done)
            try:
                run_day(a_desk(after(5)))
            finally:
                done.set()
        assert cuts.result() > 0
        expect_all_reminded()


def test_a_run_that_waits_for_another_writer_sets_nobody_aside(
    app: Flask, impatient: Callable[[], None]
) -> None:
    a_day()
    impatient()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold_file, app)
        time.sleep(0.1)
        run_day(a_desk(after(5)))
        held.result()
    expect_all_reminded()


def test_a_database_that_stays_away_stops_the_run_and_the_next_one_goes_on(
    app: Flask, impatient: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    receivable_id = a_receivable()
    impatient()
    monkeypatch.setattr(database, "PAUSES", (SHORT,))
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold_file, app)
        time.sleep(0.1)
        with pytest.raises(OperationalError):
            run_day(a_desk(after(5)))
        held.result()
    run_day(a_desk(after(5)))
    db.session.rollback()
    assert "payment_reminder" in states_of(receivable_id)


def test_an_event_whose_database_failed_is_not_set_aside(app: Flask, impatient: Callable[[], None]) -> None:
    put_event(a_vendor(), write_ipn(an_ipn()), read_now())
    impatient()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold_file, app)
        time.sleep(0.1)
        with pytest.raises(OperationalError):
            apply_inbox(a_desk(after(5)))
        held.result()
    assert [(row.state, row.reason) for row in read_inbox()] == [("new", "")]
