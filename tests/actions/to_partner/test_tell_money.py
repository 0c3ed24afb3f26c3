"""What the partner is told of money: everything that moves while it has the claim, nothing that it told us itself."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from dunning import effects
from dunning.actions.at_partner.take_news import withdraw_acceptance
from dunning.actions.at_partner.wake_handovers import wake_handovers
from dunning.actions.case.start import start_case
from dunning.actions.money.book_payments import take_payments
from dunning.actions.money.reverse_payment import reverse_payment
from dunning.actions.run_day import run_day
from dunning.clock import read_now
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.orders import Payment
from dunning.records.partner import CancellationRequest, Mandate
from dunning.sandbox.review import accept_claim, reject_claim
from dunning.sandbox.tables import SandboxClaim
from tests.actions.money.test_bank_payments import an_entry
from tests.builders import (
    a_case,
    a_desk,
    a_payment_row,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    an_order_row,
    empty_queue,
    find_case,
    find_effect,
    import_rows,
    order_of,
    pay,
    play,
    read_case,
    read_history,
    read_order,
    states_of,
)

pytestmark = pytest.mark.usefixtures("each_app", "quick_press")

TAKEN_BACK = {"payment_method": "paypal", "payment_status": "charged_back"}
LATER = after(40)


def a_claim(**order) -> int:
    """A case of 100 € that went straight to the partner on the day after its chargeback; returns its id."""
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK | order)
    run_day(a_desk(after(1)))
    empty_queue()
    return find_case(receivable_id)


def money_told() -> list[dict[str, Any]]:
    """The partner's messages about money, oldest first."""
    db.session.rollback()
    query = select(Effect.payload).where(Effect.kind == "partner_payment").order_by(Effect.id)
    return [{key: told[key] for key in ("what", "cents", "value_date")} for told in db.session.scalars(query)]


def end_at_partner(case_id: int) -> None:
    """The partner's news: the mandate is over."""
    case = read_case(case_id)
    with transaction() as session:
        mandate = session.scalar(select(Mandate).where(Mandate.mandate_id == case.mandate_id))
        if mandate is None:
            mandate = Mandate(vendor_id=case.vendor_id, case_id=case_id, mandate_id=case.mandate_id)
            mandate.claim_id, mandate.accepted_on = case.claim_id, case.handed_over_on
            session.add(mandate)
        mandate.ended_on = LATER


def pay_in_full(case_id: int) -> None:
    """The payment that was taken back becomes known, and the buyer pays once more."""
    order_id = order_of(case_id).order_id
    pay(order_id, 100_00, after(0), booked=LATER)
    pay(order_id, 100_00, LATER)
    assert read_case(case_id).status == "paid"


def test_a_payment_before_the_handover_is_part_of_the_claim():
    case_id = a_case("running")
    pay(order_of(case_id).order_id, 10_00, after(11))
    assert money_told() == []


def test_a_payment_after_the_handover_is_told_once():
    case_id = a_claim()
    order_id = order_of(case_id).order_id
    row = a_payment_row(order_id, 30_00, LATER)
    for _ in range(2):
        take_payments([row], a_desk(LATER), source="csv")
    assert money_told()[-1] == {"what": "payment", "cents": 30_00, "value_date": str(LATER)}
    assert len([told for told in money_told() if told["cents"] == 30_00]) == 1


def test_two_equal_payments_on_one_day_are_two():
    case_id = a_claim()
    before = len(money_told())
    for _ in range(2):
        pay(order_of(case_id).order_id, 5_00, LATER)
    assert [told["cents"] for told in money_told()[before:]] == [5_00, 5_00]


def test_what_the_partner_reported_is_not_told_back():
    case_id = a_claim()
    take_payments([a_payment_row(order_of(case_id).order_id, 30_00, LATER)], a_desk(LATER), source="partner")
    assert money_told() == []


def test_money_taken_back_after_the_handover_is_told():
    case_id = a_claim()
    pay(order_of(case_id).order_id, 30_00, LATER)
    pay(order_of(case_id).order_id, -30_00, after(41))
    assert money_told()[-1] == {"what": "taken_back", "cents": -30_00, "value_date": str(after(41))}
    assert read_case(case_id).status == "handed_over"


def test_what_the_bank_charges_for_a_return_after_the_handover_is_told():
    case_id = a_claim(order_id="M6B5zL7i")
    pay(order_of(case_id).order_id, 30_00, LATER)
    returned = an_entry(
        order_of(case_id).order_id, -30_00, after(41), return_code="MD06", return_fee_cents=3_00
    )
    take_payments([returned], a_desk(after(41)), source="camt")
    assert money_told()[-2:] == [
        {"what": "taken_back", "cents": -30_00, "value_date": str(after(41))},
        {"what": "return_fee", "cents": -3_00, "value_date": str(after(41))},
    ]


def test_a_payment_booked_in_error_is_told_to_be_none():
    case_id = a_claim()
    pay(order_of(case_id).order_id, 30_00, LATER)
    reverse_newest(case_id)
    assert money_told()[-1] == {"what": "taken_back", "cents": -30_00, "value_date": str(LATER)}


@pytest.mark.parametrize("cents", [70_00, 120_00])
def test_an_orders_amount_that_changes_after_the_handover_is_told(cents):
    case_id = a_claim()
    order = order_of(case_id)
    vendor_id, order_id = order.vendor_id, order.order_id
    import_rows(an_order_row(vendor_id, order_id=order_id, amount_cents=cents, **TAKEN_BACK), on=LATER)
    assert money_told() == [{"what": "amended", "cents": 100_00 - cents, "value_date": str(after(0))}]


def test_the_partner_does_not_hear_of_a_payment_before_its_value_date():
    case_id = a_claim()
    pay(order_of(case_id).order_id, 30_00, after(50), booked=LATER)
    db.session.rollback()
    message = db.session.scalars(select(Effect).where(Effect.kind == "partner_payment")).one()
    assert message.not_before == dt.datetime(2026, 2, 20, 23, tzinfo=dt.UTC)
    assert (message.on_date, effects.count_open(LATER)) == (after(50), 0)


def test_money_that_was_booked_before_the_handover_and_dated_after_it_is_told_on_its_day():
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), **TAKEN_BACK)
    pay(read_order(receivable_id).order_id, 30_00, after(50), booked=after(1))
    play(after(1))
    claim = find_effect("handover").payload["handover"]
    assert (read_case(find_case(receivable_id)).status, claim["payments"]) == ("handed_over", [])
    assert money_told() == [{"what": "payment", "cents": 30_00, "value_date": str(after(50))}]
    assert find_effect("partner_payment").on_date == after(50)


def test_a_payment_during_a_review_that_ends_in_a_rejection_goes_along_with_the_next_claim_only():
    case_id = a_claim(last_name="SLOW-Muster")
    pay(order_of(case_id).order_id, 30_00, LATER)
    pay(order_of(case_id).order_id, 20_00, after(50), booked=LATER)
    with transaction() as session:
        reject_claim(session, session.get_one(SandboxClaim, 1), ["The house number is missing."])
    wake_handovers(read_now())
    empty_queue(after(1))
    assert (read_case(case_id).status, find_effect("partner_payment").state) == ("failed", "superseded")
    start_case(case_id, an_actor(case_id), a_desk(LATER))
    empty_queue(LATER)
    claim = find_effect("handover").payload["handover"]
    assert [payment["cents"] for payment in claim["payments"]] == [30_00]
    query = select(Effect.payload["cents"].as_integer(), Effect.state).where(Effect.kind == "partner_payment")
    assert db.session.execute(query.order_by(Effect.id)).all() == [
        (30_00, "superseded"),
        (20_00, "superseded"),
        (20_00, "due"),
    ]


def test_a_payment_during_the_review_waits_for_the_mandate():
    case_id = a_claim(last_name="SLOW-Muster")
    pay(order_of(case_id).order_id, 30_00, LATER)
    db.session.rollback()
    message = db.session.scalars(select(Effect).where(Effect.kind == "partner_payment")).one()
    assert (message.claim_id, message.mandate_id) == (None, None)


def test_a_payment_nobody_was_told_of_yet_is_dropped_with_an_acceptance_that_is_withdrawn():
    case_id = a_claim(last_name="SLOW-Muster")
    pay(order_of(case_id).order_id, 30_00, LATER)
    empty_queue(LATER)
    with transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    wake_handovers(read_now())
    empty_queue(after(1))
    assert (read_case(case_id).status, find_effect("partner_payment").state) == ("handed_over", "retry_wait")
    assert withdraw_acceptance(read_case(case_id).claim_id, ("Irrtum.",), a_desk(LATER))
    assert (read_case(case_id).status, find_effect("partner_payment").state) == ("failed", "superseded")


def test_a_chargeback_of_a_paid_case_the_partner_still_has_goes_back_there_and_is_told():
    case_id = a_claim()
    pay_in_full(case_id)
    pay(order_of(case_id).order_id, -100_00, after(41))
    case = read_case(case_id)
    assert (case.status, case.round) == ("handed_over", 1)
    assert money_told()[-1] == {"what": "taken_back", "cents": -100_00, "value_date": str(after(41))}


def test_a_chargeback_of_a_paid_case_whose_mandate_has_ended_is_a_new_round():
    case_id = a_claim()
    pay_in_full(case_id)
    first, told = read_case(case_id).claim_id, len(money_told())
    end_at_partner(case_id)
    pay(order_of(case_id).order_id, -100_00, after(41))
    case = read_case(case_id)
    assert (case.status, case.round, len(money_told())) == ("running", 2, told)
    play(after(42))
    case = read_case(case_id)
    assert (case.status, states_of(case.receivable_id)["handover"]) == ("handed_over", "done")
    assert case.claim_id != first


def test_a_chargeback_during_the_review_waits_for_the_answer_to_the_one_claim():
    case_id = a_claim(last_name="SLOW-Muster")
    pay_in_full(case_id)
    pay(order_of(case_id).order_id, -100_00, after(41))
    case = read_case(case_id)
    assert (case.status, case.round, case.claim_in_review) == ("running", 1, True)


def accept_too_late() -> int:
    """A case that was paid during the review; the partner has accepted it since and is asked to cancel."""
    case_id = a_claim(last_name="SLOW-Muster")
    pay_in_full(case_id)
    with transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    wake_handovers(read_now())
    empty_queue(after(1))
    assert (read_case(case_id).status, find_effect("partner_cancel").state) == ("paid", "retry_wait")
    return case_id


def reverse_newest(case_id: int) -> None:
    payment_id = db.session.scalars(select(Payment.id).order_by(Payment.id.desc())).first()
    db.session.rollback()
    reverse_payment(payment_id, "another order", an_actor(case_id, "support"), a_desk(after(41)))


@pytest.mark.parametrize("returned", [True, False])
def test_nobody_wants_a_claim_back_that_was_accepted_too_late_and_is_open_again(returned):
    case_id = accept_too_late()
    if returned:
        pay(order_of(case_id).order_id, -100_00, after(41))
    else:
        reverse_newest(case_id)
    assert (read_case(case_id).status, find_effect("partner_cancel").state) == ("handed_over", "superseded")
    request = db.session.scalars(select(CancellationRequest)).one()
    assert (request.state, request.decision_reason) == ("declined", "open_again")


def test_an_error_found_after_a_late_acceptance_was_taken_back_asks_for_consent_to_a_new_round():
    case_id = accept_too_late()
    end_at_partner(case_id)
    reverse_newest(case_id)
    case = read_case(case_id)
    assert (case.status, case.round, case.handover_consent) == ("awaiting_approval", 2, "none")


def test_a_chargeback_of_a_claim_accepted_too_late_finds_the_partner_still_at_it():
    case_id = a_claim(last_name="SLOW-Muster")
    pay_in_full(case_id)
    with transaction() as session:
        accept_claim(session, session.get_one(SandboxClaim, 1))
    empty_queue(now=read_now() + dt.timedelta(hours=3))
    assert (read_case(case_id).status, read_case(case_id).handed_over_on) == ("paid", None)
    pay(order_of(case_id).order_id, -100_00, after(41))
    case = read_case(case_id)
    assert (case.status, case.round, case.handed_over_on) == ("handed_over", 1, after(41))


def test_an_error_found_after_the_mandate_has_ended_asks_for_consent_to_a_new_round():
    case_id = a_claim()
    pay_in_full(case_id)
    end_at_partner(case_id)
    reverse_newest(case_id)
    case = read_case(case_id)
    assert (case.status, case.round, case.handover_consent) == ("awaiting_approval", 2, "none")
    assert read_history(case_id)[-1].to_status == "awaiting_approval"
