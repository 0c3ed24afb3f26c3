"""What an outage of the mail server means for one mail: never a failure, judged anew after it; and a server that says
"later" of one recipient only (A5).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.people.password_reset import ask_reset
from dunning.actions.run_day import run_day
from dunning.fuse import MAIL_FUSE
from dunning.records import db
from dunning.records.cases import Letter
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
    read_dossier,
    states_of,
)
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("quick_press")

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
Start = Callable[..., SmtpServer]
# 9 o'clock on a Wednesday
BEGIN = dt.datetime.combine(after(5), dt.time(9), dt.UTC)


@pytest.fixture
def smtp(make_app: Callable[..., Flask]) -> Iterator[Start]:
    """`smtp("421 at banner")`: a server that plays scripts, and an app that logs in and sends through it."""
    servers: list[SmtpServer] = []

    def start(*scripts: str, query: str = "") -> SmtpServer:
        servers.append(SmtpServer(*scripts))
        make_app(SMTP_URL=servers[-1].url.replace("//", "//shop:hush-hush@") + query)
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def due_reminders(number: int) -> None:
    """So many payment reminders, all due at BEGIN."""
    vendor_id = a_vendor()
    import_rows(*(an_order_row(vendor_id, email=f"b{n}@example.org") for n in range(number)))
    run_day(a_desk(after(5), pinned=False))


def count_states() -> dict[str, int]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Effect.state)))


@pytest.mark.parametrize(
    "fault", ["refused connection", "no TLS", "535 at AUTH", "550 at MAIL", "421 at RCPT", "421 at DATA"]
)
def test_a_server_that_takes_no_mail_at_all_is_no_failure_of_any(smtp: Start, fault: str) -> None:
    server = smtp(fault if fault[0].isdigit() else "ok", query="?starttls=1" if fault == "no TLS" else "")
    if fault == "refused connection":
        server.close()
    due_reminders(3)
    for hours in (0, 1, 20, 40):
        empty_queue(now=BEGIN + hours * HOUR)
    assert count_states() == {"retry_wait": 3}
    assert server.connections <= 4
    effect = find_effect("payment_reminder")
    assert (effect.attempt, effect.phase, server.deliveries) == (0, "mail_away", [])
    assert "hush-hush" not in effect.last_error + MAIL_FUSE.read_breaker().last_error


def test_of_many_mails_one_asks_for_all_and_the_outage_ends_by_itself(smtp: Start) -> None:
    server = smtp("421 at banner")
    due_reminders(60)
    for minutes in (0, 0.1, 0.9, 1, 1.5, 60, 48 * 60):
        empty_queue(now=BEGIN + minutes * MINUTE)
        assert count_states() == {"retry_wait": 60}
    assert server.connections == 4
    breaker = MAIL_FUSE.read_breaker()
    assert (breaker.since, breaker.paused_until) == (BEGIN, BEGIN + 49 * HOUR)
    assert breaker.last_error == "421 4.3.2 come back later (session)"
    server.scripts = ("ok",)
    empty_queue(now=BEGIN + 49 * HOUR)
    assert count_states() == {"done": 60}
    assert len(server.deliveries) == len({taken.recipient for taken in server.deliveries}) == 60
    assert {attempt for (attempt,) in db.session.execute(select(Effect.attempt))} == {1}
    assert MAIL_FUSE.read_breaker().paused_until is None


def test_an_outage_is_asked_after_less_and_less_but_every_hour(smtp: Start) -> None:
    server = smtp("421 at banner")
    due_reminders(2)
    asked = []
    for minutes in range(0, 6 * 60, 1):
        before = server.connections
        empty_queue(now=BEGIN + minutes * MINUTE)
        asked += [minutes] * (server.connections - before)
    assert asked == [0, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244, 304]


def test_a_mail_that_the_server_hangs_up_on_holds_up_no_other(smtp: Start) -> None:
    server = smtp("421 at RCPT", "ok")
    due_reminders(3)
    empty_queue(now=BEGIN)
    server.scripts = ("ok",)
    empty_queue(now=BEGIN + MINUTE)
    assert [taken.recipient for taken in server.deliveries] == [f"b{n}@example.org" for n in (1, 2, 0)]


@pytest.mark.parametrize("fault", ["421 at RCPT", "421 at DATA", "drop at RCPT"])
def test_hung_up_on_for_one_recipient_alone_is_that_mails_own_and_no_outage(smtp: Start, fault: str) -> None:
    smtp(fault, "ok", fault)
    due_reminders(2)
    empty_queue(now=BEGIN)
    assert count_states() == {"retry_wait": 2}
    for minutes in (1, 3, 10, 60):
        empty_queue(now=BEGIN + minutes * MINUTE)
    assert count_states() == {"done": 1, "retry_wait": 1}
    assert MAIL_FUSE.read_breaker().paused_until is None
    empty_queue(now=BEGIN + 2 * DAY)  # the first time of its own was a minute after BEGIN
    assert count_states() == {"done": 1, "retry_wait": 1}
    empty_queue(now=BEGIN + 2 * DAY + 3 * HOUR)
    assert count_states() == {"done": 1, "failed": 1}


def test_letters_that_only_the_post_carries_wait_for_no_mail_server(smtp: Start) -> None:
    server = smtp("421 at banner")
    due_reminders(1)
    receivable_id = a_receivable(email="", due_date=after(-10))
    run_day(a_desk(after(5), pinned=False))
    empty_queue(now=BEGIN)
    assert (find_effect("payment_reminder").state, find_effect("first_letter").state) == (
        "retry_wait",
        "done",
    )
    assert (states_of(receivable_id)["first_letter"], server.connections) == ("planned", 1)


def test_what_leaves_after_an_outage_is_judged_anew(smtp: Start) -> None:
    server = smtp("421 at banner")
    vendor_id = a_vendor()
    plan = {"payment_plan": "breakdown_payment", "rates": 2, "order_date": after(-30)}
    rates = [
        an_order_row(vendor_id, order_id="R", rate_number=n, due_date=day, **plan)
        for n, day in enumerate((after(-30), after(9)), start=1)
    ]
    import_rows(*rates, on=after(-25))
    late, fresh = (a_receivable(vendor_id, due_date=after(day), on=after(5)) for day in (0, 2))
    dunned = a_receivable(vendor_id, due_date=after(-5), order_date=after(-5), on=after(5))
    for day in (5, 7):
        run_day(a_desk(after(day), pinned=False))
        empty_queue(now=a_desk(after(day)).now)
    waiting = [
        (find_effect(kind).state) for kind in ("upcoming_reminder", "payment_reminder", "first_letter")
    ]
    assert waiting == ["retry_wait"] * 3
    server.scripts = ("ok",)
    empty_queue(now=a_desk(after(10)).now)
    assert (states_of(late)["payment_reminder"], states_of(fresh)["payment_reminder"]) == ("skipped", "done")
    announced = find_effect("upcoming_reminder")
    assert (announced.state, states_of(announced.receivable_id)["upcoming_reminder"]) == ("superseded",) * 2
    (letter,) = db.session.scalars(select(Letter).join(Effect).where(Effect.receivable_id == dunned))
    (step,) = [step for step in read_dossier(dunned).steps if step.kind == "first_letter"]
    assert (letter.on_date, step.done_on, step.deadline) == (after(10), after(10), letter.deadline)
    assert letter.content["on_date"] == after(10).isoformat()
    assert letter.deadline > after(14)


def test_a_recipient_put_off_for_two_working_days_gets_the_letter_by_post(smtp: Start) -> None:
    server = smtp("450 at RCPT")
    receivable_id = a_receivable(due_date=after(-10))
    friday = dt.datetime.combine(after(7), dt.time(9), dt.UTC)
    run_day(a_desk(after(7), pinned=False))
    for day in range(4):
        empty_queue(now=friday + day * DAY)
        assert find_effect("first_letter").state == "retry_wait"
    assert MAIL_FUSE.read_breaker() is None
    empty_queue(now=friday + 4 * DAY)
    effect = find_effect("first_letter")
    assert (effect.state, effect.evidence["post_only"]) == ("done", True)
    assert "450 4.2.1 mailbox busy" in effect.evidence["refused"]
    assert states_of(receivable_id)["first_letter"] == "planned"
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.on_date, letter.mailed_at) == (after(11), None)
    assert read_dossier(receivable_id).buyer.email_refused_at is None
    assert server.deliveries == []


def test_a_notice_put_off_for_two_working_days_waits_for_a_person(smtp: Start) -> None:
    smtp("450 at RCPT", "450 at RCPT", "450 at RCPT", "ok")
    a_user("support", email="berta@example.com")
    ask_reset("berta@example.com", "de", a_desk(after(5)))
    for days in (0, 1, 2):
        empty_queue(now=BEGIN + days * DAY)
    effect = find_effect("password_reset")
    assert (effect.state, effect.evidence) == ("failed", {})
