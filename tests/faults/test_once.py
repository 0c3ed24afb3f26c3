"""A mail that is out is never sent again, whatever fails between the server's 250 and our commit (F01, F07, F18, F28).

Every buyer gets exactly one, or the mail is shown to a person as in doubt.
"""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from dunning import effects
from dunning.actions.people.password_reset import ask_reset
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.jobs import carry_out
from dunning.jobs.carry import post_mail
from dunning.jobs.ways.channels import close_channels
from dunning.records import db
from dunning.records.effects import Effect
from tests.builders import (
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_order_row,
    empty_queue,
    find_effect,
    import_rows,
)
from tests.faults.disturbing import CUTS, admin_engine, cut_connections, hold_file
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.usefixtures("quick_press"), pytest.mark.timeout(60)]
LATER = dt.timedelta(hours=3)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer("ok") as server:
        yield server


# --- What can fail once the content was taken ---


def cut_finish(app: Flask) -> None:
    """PostgreSQL: the connection of whoever is about to note it is cut while it waits for a lock."""
    with admin_engine(app) as engine, engine.connect() as holder:
        holder.execute(text("begin"))
        holder.execute(text("lock table effects in exclusive mode"))
        waiting = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'"
        with engine.connect() as killer:
            while not killer.execute(text(waiting)).all():
                time.sleep(0.01)
        holder.execute(text("rollback"))


def fail_once(app: Flask, server: SmtpServer) -> threading.Event:
    """The first message taken is the moment at which the database fails; set once it has."""
    failed = threading.Event()
    is_file = app.config["SETTINGS"].database_url.startswith("sqlite")

    def fail() -> None:
        (hold_file if is_file else cut_finish)(app)
        failed.set()

    def strike() -> None:
        server.on_content = lambda: None
        threading.Thread(target=fail, daemon=True).start()
        time.sleep(0.2)  # until it holds what it is to hold

    server.on_content = strike
    return failed


# --- One mail ---


def a_reminder() -> str:
    a_receivable()
    run_day(a_desk(after(5)))
    return "payment_reminder"


def a_letter() -> str:
    a_receivable(due_date=after(-10))
    run_day(a_desk(after(0)))
    return "first_letter"


def a_notice() -> str:
    a_user(email="somebody@example.com")
    ask_reset("somebody@example.com", "de", a_desk(now=read_now()))
    return "password_reset"


@pytest.mark.parametrize(
    "make",
    [
        a_reminder,
        pytest.param(a_letter, marks=pytest.mark.long),
        pytest.param(a_notice, marks=pytest.mark.long),
    ],
)
def test_a_mail_whose_end_cannot_be_noted_at_once_is_noted_later_and_not_sent_again(
    make_app: Callable[..., Flask],
    smtp: SmtpServer,
    impatient: Callable[[], None],
    make: Callable[[], str],
) -> None:
    app = make_app(SMTP_URL=smtp.url)
    kind = make()
    impatient()
    failed = fail_once(app, smtp)
    carry_out(find_effect(kind).id)
    assert failed.wait(10)
    assert (find_effect(kind).state, len(smtp.deliveries)) == ("done", 1)


def test_a_mail_whose_end_cannot_be_noted_for_long_is_shown_to_a_person(
    make_app: Callable[..., Flask],
    smtp: SmtpServer,
    impatient: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(SMTP_URL=smtp.url)
    kind = a_reminder()
    impatient()
    monkeypatch.setattr(post_mail, "FINISH_PAUSES", ())
    failed = fail_once(app, smtp)
    with suppress(SQLAlchemyError):  # a database that is still away
        carry_out(find_effect(kind).id)
    assert failed.wait(10)
    assert (find_effect(kind).state, find_effect(kind).phase) == ("sending", "data")
    for number in (1, 2, 3):
        empty_queue(now=read_now() + number * LATER)
        assert (find_effect(kind).state, len(smtp.deliveries)) == ("in_doubt", 1)


# --- Many at once ---

NUMBER, WORKERS = 60, 4


def sixty_reminders() -> None:
    vendor_id = a_vendor()
    import_rows(*(an_order_row(vendor_id, email=f"buyer{n}@example.com") for n in range(NUMBER)))
    run_day(a_desk(after(5)))


def carry_all(app: Flask) -> None:
    """Workers beside each other until nothing is ready; a job that the database fails is rung for again."""

    def work(effect_id: int) -> None:
        with app.app_context():
            try:
                carry_out(effect_id)
            except SQLAlchemyError:
                db.session.rollback()

    def leave(_number: int) -> None:
        time.sleep(0.05)
        close_channels()

    with ThreadPoolExecutor(WORKERS) as pool:
        while effect_ids := list_all_ready():
            list(pool.map(work, effect_ids))
        list(pool.map(leave, range(WORKERS)))


def list_all_ready() -> list[int]:
    while True:
        try:
            db.session.rollback()
            return list(effects.list_ready(read_now()))
        except SQLAlchemyError:
            db.session.remove()


def expect_each_once_or_in_doubt(server: SmtpServer) -> None:
    """Once every lease has run out."""
    empty_queue(now=read_now() + LATER)
    found = db.session.scalars(select(Effect).where(Effect.kind == "payment_reminder")).all()
    copies = {e.id: sum(e.reference.encode() in d.content for d in server.deliveries) for e in found}
    ends = [(effect.state, copies[effect.id]) for effect in found]
    assert len(ends) == NUMBER
    assert set(ends) <= {("done", 1), ("in_doubt", 1), ("in_doubt", 0)}, Counter(ends)
    assert ends.count(("done", 1)) > NUMBER / 2


@pytest.mark.parametrize("_run", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 20))])
def test_reminders_go_out_once_while_connections_are_cut(
    open_app: Callable[..., AbstractContextManager[Flask]], postgres_url: str, smtp: SmtpServer, _run: int
) -> None:
    with open_app(DATABASE_URL=postgres_url, SMTP_URL=smtp.url) as app:
        sixty_reminders()
        done = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            cuts = pool.submit(cut_connections, app, done)
            carry_all(app)
            done.set()
        assert cuts.result() == CUTS
        expect_each_once_or_in_doubt(smtp)


@pytest.mark.long
@pytest.mark.timeout(120)
def test_reminders_go_out_once_while_a_large_file_is_imported(
    open_app: Callable[..., AbstractContextManager[Flask]], sqlite_url: str, smtp: SmtpServer
) -> None:
    with open_app(DATABASE_URL=sqlite_url, SMTP_URL=smtp.url) as app:
        sixty_reminders()
        other = a_vendor()

        def bring() -> None:
            with app.app_context():
                import_rows(*(an_order_row(other) for _ in range(9_500)), on=after(5))

        with ThreadPoolExecutor(1) as pool:
            imported = pool.submit(bring)
            time.sleep(2)
            while not imported.done():
                carry_all(app)
            imported.result()
        expect_each_once_or_in_doubt(smtp)
