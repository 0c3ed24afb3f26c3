"""A hold pauses a case at the partner for at most 42 days, ends by itself and can then be renewed."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.dossier.refusals import NotFound, ReasonMissing
from dunning.actions.run_day import run_day
from dunning.actions.to_partner.hold_case import HoldRunning, hold_case
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.partner import Hold
from dunning.rules.statuses import Refused
from dunning.work import Actor
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_actor,
    empty_queue,
    find_case,
    order_of,
    pay,
    read_case,
    read_history,
)

pytestmark = pytest.mark.usefixtures("each_app", "quick_press")

HELD_FROM = after(40)
TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}


def a_claim(**order) -> int:
    """A case that went straight to the partner on the day after its chargeback; returns its id."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK | order)
    run_day(a_desk(after(1)))
    empty_queue()
    case_id = find_case(receivable_id)
    assert read_case(case_id).status == "handed_over"
    return case_id


def a_held_case(days: int = 42) -> int:
    """A case at the partner whose vendor has paused it on HELD_FROM; returns its id."""
    case_id = a_claim()
    hold_case(case_id, days, an_actor(case_id), a_desk(HELD_FROM))
    return case_id


def list_holds(case_id: int) -> list[Hold]:
    db.session.rollback()
    return list(db.session.scalars(select(Hold).where(Hold.case_id == case_id).order_by(Hold.id)))


def list_messages(kind: str) -> list[Effect]:
    db.session.rollback()
    return list(db.session.scalars(select(Effect).where(Effect.kind == kind).order_by(Effect.id)))


def test_a_hold_of_42_days_is_noted_and_told_to_the_partner():
    case_id = a_held_case()
    until = HELD_FROM + dt.timedelta(42)
    assert read_case(case_id).hold_until == until
    (hold,) = list_holds(case_id)
    assert (hold.started_on, hold.until, hold.vendor_id) == (HELD_FROM, until, read_case(case_id).vendor_id)
    row = read_history(case_id)[-1]
    assert (row.verb, row.actor, row.to_status, row.detail) == ("hold", "vendor", None, {"until": str(until)})
    (message,) = list_messages("partner_hold")
    assert message.payload["until"] == str(until)
    assert message.mandate_id == read_case(case_id).mandate_id


@pytest.mark.parametrize("days", [43, 0, -1])
def test_a_hold_of_another_length_changes_nothing(days):
    case_id = a_claim()
    with pytest.raises(ValueError, match="1 to 42 days"):
        hold_case(case_id, days, an_actor(case_id), a_desk(HELD_FROM))
    assert read_case(case_id).hold_until is None
    assert list_messages("partner_hold") == []


def test_a_running_hold_refuses_a_second_until_the_day_after_its_last():
    case_id = a_held_case(10)
    last = HELD_FROM + dt.timedelta(10)
    for day in (HELD_FROM, last):
        with pytest.raises(HoldRunning) as refused:
            hold_case(case_id, 42, an_actor(case_id), a_desk(day))
        assert refused.value.until == last
    run_day(a_desk(last + dt.timedelta(1)))
    hold_case(case_id, 42, an_actor(case_id), a_desk(last + dt.timedelta(1)))
    assert [hold.until for hold in list_holds(case_id)] == [last, last + dt.timedelta(43)]
    assert len(list_messages("partner_hold")) == 2


def test_it_can_be_renewed_before_the_run_of_the_day_after_has_ended_it():
    case_id = a_held_case(10)
    hold_case(case_id, 5, an_actor(case_id), a_desk(HELD_FROM + dt.timedelta(11)))
    assert read_case(case_id).hold_until == HELD_FROM + dt.timedelta(16)


def test_it_ends_by_itself_on_the_day_after_its_last_once():
    case_id = a_held_case(10)
    last = HELD_FROM + dt.timedelta(10)
    run_day(a_desk(last))
    assert read_case(case_id).hold_until == last
    for _ in range(2):
        run_day(a_desk(last + dt.timedelta(1)))
    assert read_case(case_id).hold_until is None
    ends = [row for row in read_history(case_id) if row.verb == "end_hold"]
    assert [(row.on_date, row.actor, row.detail["until"]) for row in ends] == [
        (last + dt.timedelta(1), "system", str(last))
    ]


def test_days_are_counted_across_both_daylight_saving_days():
    for start, end in (
        (dt.date(2026, 3, 20), dt.date(2026, 5, 1)),
        (dt.date(2026, 10, 20), dt.date(2026, 12, 1)),
    ):
        case_id = a_claim()
        assert hold_case(case_id, 42, an_actor(case_id), a_desk(start)) == end


def test_support_holds_only_on_the_vendors_written_request_and_quotes_it():
    case_id = a_claim()
    support = an_actor(case_id, "support")
    for request in ("", "  "):
        with pytest.raises(ReasonMissing, match="request"):
            hold_case(case_id, 14, support, a_desk(HELD_FROM), request=request)
    hold_case(case_id, 14, support, a_desk(HELD_FROM), request="Please wait two weeks")
    assert read_history(case_id)[-1].reason == "Please wait two weeks"
    assert list_holds(case_id)[0].request == "Please wait two weeks"


@pytest.mark.parametrize("life", ["running", "blocked", "paid", "closed"])
def test_only_a_case_at_the_partner_is_held(life):
    case_id = a_case(life)
    with pytest.raises(Refused):
        hold_case(case_id, 14, an_actor(case_id), a_desk(HELD_FROM))
    assert list_holds(case_id) == []


def test_another_vendors_case_is_not_found():
    case_id = a_claim()
    stranger = Actor("vendor", a_user(), a_vendor())
    with pytest.raises(NotFound):
        hold_case(case_id, 14, stranger, a_desk(HELD_FROM))


@pytest.mark.parametrize("end", ["paid", "cancelled"])
def test_a_case_that_is_over_is_no_longer_on_hold(end):
    case_id = a_held_case()
    if end == "paid":
        pay(order_of(case_id).order_id, 100_00, after(0), booked=after(41))
        pay(order_of(case_id).order_id, 500_00, after(41))
    else:
        end_mandate(case_id, a_desk(after(41)), terminated=True, reason="asked for")
    assert (read_case(case_id).status, read_case(case_id).hold_until) == (end, None)


def test_nobody_holds_twice_on_a_day_even_when_the_first_hold_ended_with_its_status():
    case_id = a_held_case(14)
    with transaction() as session:
        session.merge(read_case(case_id)).hold_until = None
    with pytest.raises(HoldRunning):
        hold_case(case_id, 14, an_actor(case_id), a_desk(HELD_FROM))


def test_the_form_that_comes_twice_holds_once():
    case_id = a_claim()
    actor = an_actor(case_id, form_key="once", location=f"/cases/{case_id}")
    hold_case(case_id, 14, actor, a_desk(HELD_FROM))
    with pytest.raises(IntegrityError):
        hold_case(case_id, 14, actor, a_desk(HELD_FROM))
    assert len(list_holds(case_id)) == 1
