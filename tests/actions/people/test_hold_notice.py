"""The vendor is reminded three days before a hold ends, once, in the vendor's language."""

import datetime as dt
import email
from email.policy import default

import pytest
from flask import current_app
from sqlalchemy import select

from dunning.actions.run_day import run_day
from dunning.actions.to_partner.hold_case import hold_case
from dunning.records import db, transaction
from dunning.records.effects import Effect
from tests.builders import (
    a_desk,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_case,
    order_of,
    read_case,
)

pytestmark = pytest.mark.usefixtures("each_app")

HELD_FROM = after(10)
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


def a_held_case(days: int) -> int:
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    run_day(a_desk(after(1)))
    empty_queue()
    case_id = find_case(receivable_id)
    hold_case(case_id, days, an_actor(case_id), a_desk(HELD_FROM))
    return case_id


def read_reminders() -> list[Effect]:
    db.session.rollback()
    return list(db.session.scalars(select(Effect).where(Effect.kind == "hold_reminder").order_by(Effect.id)))


def days_on(days: int) -> dt.date:
    return HELD_FROM + dt.timedelta(days)


def test_it_goes_out_three_days_before_the_last_day_once():
    case_id = a_held_case(14)
    run_day(a_desk(days_on(10)))
    assert read_reminders() == []
    for day in (11, 11, 12, 14):
        run_day(a_desk(days_on(day)))
    (reminder,) = read_reminders()
    assert reminder.on_date == days_on(11)
    empty_queue()
    (mail,) = (
        mail
        for file in (current_app.config["SETTINGS"].home / "mail").glob("*.eml")
        if "endet" in (mail := email.message_from_bytes(file.read_bytes(), policy=default))["Subject"]
    )
    assert (
        mail["Subject"]
        == f"Mahnstopp endet am {days_on(14):%d.%m.%Y}: Bestellung {order_of(case_id).order_id}"
    )
    assert f"/cases/{case_id}" in mail.get_body(("plain",)).get_content()


def test_after_an_outage_it_is_made_up_for_while_the_hold_runs():
    a_held_case(14)
    run_day(a_desk(days_on(14)))
    assert [reminder.on_date for reminder in read_reminders()] == [days_on(14)]


@pytest.mark.parametrize("days", [1, 3])
def test_a_hold_no_longer_than_the_notice_needs_none(days):
    a_held_case(days)
    for day in range(1, days + 2):
        run_day(a_desk(days_on(day)))
    assert read_reminders() == []


def test_a_hold_that_ended_meanwhile_sends_nothing():
    case_id = a_held_case(14)
    run_day(a_desk(days_on(11)))
    with transaction() as session:
        session.merge(read_case(case_id)).hold_until = None
    empty_queue()
    assert [reminder.state for reminder in read_reminders()] == ["superseded"]


def test_the_renewed_hold_has_a_reminder_of_its_own():
    case_id = a_held_case(14)
    run_day(a_desk(days_on(11)))
    run_day(a_desk(days_on(15)))
    hold_case(case_id, 10, an_actor(case_id), a_desk(days_on(15)))
    run_day(a_desk(days_on(22)))
    assert [reminder.on_date for reminder in read_reminders()] == [days_on(11), days_on(22)]
