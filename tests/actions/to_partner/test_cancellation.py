"""Cancelling a claim that is at the partner: who may ask, who decides, what it costs, and when it is moot."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, update

from dunning import effects
from dunning.actions.at_partner.end_mandate import end_mandate
from dunning.actions.at_partner.hand_over import accept_claim, reject_claim
from dunning.actions.case.cancel import cancel_case
from dunning.actions.case.move_case import list_targets
from dunning.actions.case.reopen import reopen_case
from dunning.actions.dossier.dossier import open_case_dossier
from dunning.actions.dossier.refusals import (
    AlreadyDecided,
    CannotRequest,
    InReview,
    NotFound,
    NotInDoubt,
    ReasonMissing,
)
from dunning.actions.letters.decide_mail import repeat_mail
from dunning.actions.to_partner.cancellation import confirm_request, request_by_system, request_cancellation
from dunning.actions.to_partner.decide_request import approve_request, decline_request, note_refusal
from dunning.errand import StepErrand
from dunning.records import db, transaction
from dunning.records.effects import Effect
from dunning.records.partner import CancellationRequest, Mandate
from dunning.records.people import Vendor
from dunning.rules.partner.messages import PARTNER_CANCEL
from dunning.rules.statuses import Refused
from dunning.work import Actor, begin_work
from tests.actions.at_partner.partner_says import hear
from tests.builders import (
    a_case,
    a_desk,
    a_receivable,
    a_user,
    a_vendor,
    after,
    an_actor,
    an_order_row,
    find_case,
    find_effect,
    import_rows,
    order_of,
    pay,
    play,
    read_case,
    read_history,
)

pytestmark = pytest.mark.usefixtures("quick_press")

DAY = after(40)
REASON = "The buyer has ordered again: X7kQ2mN9"
FEE, CHARGE = 81_24, 59_00


def a_claim(last_name: str = "Muster") -> int:
    """A case that reached the partner on its first day: no letters go before a chargeback's handover."""
    taken_back = {"payment_method": "paypal", "payment_status": "charged_back"}
    receivable_id = a_receivable(a_vendor(auto_chargebacks=True), last_name=last_name, **taken_back)
    play(after(1))
    return find_case(receivable_id)


def ask(case_id: int, actor: Actor | None = None, reason: str = REASON) -> None:
    request_cancellation(case_id, reason, actor or an_actor(case_id), a_desk(DAY))


def list_requests(case_id: int) -> list[CancellationRequest]:
    """All of a case, oldest first."""
    db.session.rollback()
    mine = select(CancellationRequest).where(CancellationRequest.case_id == case_id)
    return list(db.session.scalars(mine.order_by(CancellationRequest.id)))


def states(case_id: int) -> list[str]:
    return [row.state for row in list_requests(case_id)]


def newest(case_id: int) -> int:
    return list_requests(case_id)[-1].id


def told(case_id: int) -> list[str]:
    """States of the messages that ask the partner to cancel."""
    db.session.rollback()
    receivable_id = read_case(case_id).receivable_id
    mine = (Effect.receivable_id == receivable_id, Effect.kind == PARTNER_CANCEL)
    return list(db.session.scalars(select(Effect.state).where(*mine).order_by(Effect.id)))


def verbs(case_id: int) -> list[str]:
    return [row.verb for row in read_history(case_id)]


def confirm(case_id: int) -> bool:
    """What the news of the partner do when it has cancelled on our request."""
    with begin_work(a_desk(DAY)) as work:
        _, case = open_case_dossier(work.session, case_id, None)
        confirmed = confirm_request(work, case)
    if read_case(case_id).status == "handed_over":
        end_mandate(case_id, a_desk(DAY), terminated=True, reason="canceled_by_client")
    return confirmed


def ask_by_system(case_id: int, reason: str = "order_cancelled") -> None:
    with begin_work(a_desk(DAY)) as work:
        _, case = open_case_dossier(work.session, case_id, None)
        request_by_system(work, case, reason)


def change_mandate(case_id: int, **changes) -> None:
    """What the last look at the partner has brought."""
    with transaction() as session:
        session.execute(update(Mandate).where(Mandate.case_id == case_id).values(**changes))


def let_partner(decision: str, case_id: int) -> None:
    """The partner's answer to a claim under review."""
    effect = find_effect("handover")
    with transaction() as session:
        session.get_one(Effect, effect.id).not_before = a_desk(DAY).now
    held = effects.take(effect.id, a_desk(DAY).now, DAY)
    assert isinstance(held, StepErrand)
    if decision == "accept":
        accept_claim(held, a_desk(DAY), "claim-1", "mandate-1")
    else:
        reject_claim(held, a_desk(DAY), "claim-1", ("The claim is not founded",))


# --- Asking ---


def test_a_vendors_request_waits_for_support_and_tells_the_partner_nothing_yet(each_app: Flask) -> None:
    case_id = a_claim()
    vendor = an_actor(case_id)
    ask(case_id, vendor, f"  {REASON} ")
    (row,) = list_requests(case_id)
    assert (row.state, row.asked_by, row.user_id, row.reason) == ("waiting", "vendor", vendor.user_id, REASON)
    assert (row.fee_cents, row.partner_cents, row.on_date) == (FEE, CHARGE, DAY)
    assert (read_case(case_id).status, read_case(case_id).cancellation_cents) == ("handed_over", 0)
    assert told(case_id) == []
    line = read_history(case_id)[-1]
    assert (line.verb, line.reason, line.detail["fee_cents"]) == ("request_cancellation", REASON, FEE)


def test_the_request_of_a_vip_vendor_goes_straight_to_the_partner(each_app: Flask) -> None:
    case_id = a_claim()
    with transaction() as session:
        session.get_one(Vendor, read_case(case_id).vendor_id).vip = True
    ask(case_id)
    assert (states(case_id), told(case_id)) == (["sent"], ["due"])
    message = find_effect(PARTNER_CANCEL)
    payload = message.payload
    assert (payload["case_id"], message.mandate_id) == (case_id, read_case(case_id).mandate_id)
    assert (payload["request_id"], payload["reason"]) == (newest(case_id), REASON)


def test_support_passes_on_the_vendors_written_request_by_entering_it(each_app: Flask) -> None:
    case_id = a_claim()
    support = an_actor(case_id, "support")
    ask(case_id, support, "Mail of 9 February: please stop")
    (row,) = list_requests(case_id)
    assert (row.state, row.asked_by, row.decided_by) == ("sent", "support", support.user_id)
    assert row.fee_cents == FEE
    assert told(case_id) == ["due"]


def test_a_request_without_a_reason_is_none(each_app: Flask) -> None:
    case_id = a_claim()
    with pytest.raises(ReasonMissing):
        ask(case_id, reason=" \n ")
    assert states(case_id) == []


@pytest.mark.parametrize("status", ["running", "awaiting_approval", "ready_for_handover", "paid", "rejected"])
def test_what_is_not_at_the_partner_needs_no_request(app: Flask, status: str) -> None:
    case_id = a_case(status)
    with pytest.raises(Refused):
        ask(case_id)
    assert states(case_id) == []


def test_another_vendors_case_is_not_found(each_app: Flask) -> None:
    case_id, other = a_claim(), a_vendor()
    with pytest.raises(NotFound):
        ask(case_id, Actor("vendor", a_user(vendor_id=other), other))
    assert states(case_id) == []


def test_a_case_has_one_open_request_at_most(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    with pytest.raises(CannotRequest, match="already_asked"):
        ask(case_id)
    assert states(case_id) == ["waiting"]


@pytest.mark.parametrize("stage", ["judicial_dunning", "foreclosure", "long_term_monitoring"])
def test_in_court_nothing_can_be_cancelled(app: Flask, stage: str) -> None:
    case_id = a_claim()
    change_mandate(case_id, legal_stage=stage)
    with pytest.raises(CannotRequest, match="in_court"):
        ask(case_id)
    assert states(case_id) == []


def test_a_mandate_that_has_ended_cannot_be_cancelled(app: Flask) -> None:
    case_id = a_claim()
    change_mandate(case_id, ended_on=DAY)
    with pytest.raises(CannotRequest, match="mandate_ended"):
        ask(case_id)


# --- Deciding ---


def test_support_approves_and_the_partner_is_told(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    support = an_actor(case_id, "support")
    approve_request(newest(case_id), support, a_desk(DAY))
    (row,) = list_requests(case_id)
    assert (row.state, row.decided_by, told(case_id)) == ("sent", support.user_id, ["due"])
    assert (read_case(case_id).status, verbs(case_id)[-1]) == ("handed_over", "approve_cancellation")


def test_support_declines_with_a_reason_and_the_vendor_may_ask_again(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    support = an_actor(case_id, "support")
    with pytest.raises(ReasonMissing):
        decline_request(newest(case_id), " ", support, a_desk(DAY))
    decline_request(newest(case_id), "The buyer has not answered", support, a_desk(DAY))
    (row,) = list_requests(case_id)
    assert (row.state, row.decision_reason) == ("declined", "The buyer has not answered")
    assert (told(case_id), verbs(case_id)[-1]) == ([], "decline_cancellation")
    ask(case_id)
    assert states(case_id) == ["declined", "waiting"]


def test_a_request_is_decided_once(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    support, request_id = an_actor(case_id, "support"), newest(case_id)
    decline_request(request_id, "No", support, a_desk(DAY))
    for decide in (
        lambda: approve_request(request_id, support, a_desk(DAY)),
        lambda: decline_request(request_id, "Again", support, a_desk(DAY)),
    ):
        with pytest.raises(AlreadyDecided):
            decide()
    assert (states(case_id), list_requests(case_id)[0].decision_reason) == (["declined"], "No")
    with pytest.raises(NotFound):
        approve_request(request_id + 1, support, a_desk(DAY))


def test_a_claim_that_went_to_court_meanwhile_is_not_approved(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    change_mandate(case_id, legal_stage="judicial_dunning")
    with pytest.raises(CannotRequest, match="in_court"):
        approve_request(newest(case_id), an_actor(case_id, "support"), a_desk(DAY))
    assert (states(case_id), told(case_id)) == (["waiting"], [])


def test_of_two_colleagues_who_decide_at_once_one_is_told_so(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    request_id, support = newest(case_id), an_actor(case_id, "support")
    gate = threading.Barrier(2)

    def decide(act: Callable[[], None]) -> bool:
        with each_app.app_context():
            gate.wait()
            try:
                act()
            except AlreadyDecided:
                return False
            return True

    acts = (
        lambda: approve_request(request_id, support, a_desk(DAY)),
        lambda: decline_request(request_id, "No", support, a_desk(DAY)),
    )
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, acts)) == [False, True]
    assert (states(case_id), told(case_id)) in ((["sent"], ["due"]), (["declined"], []))


# --- Confirmed by the partner ---


def test_the_fee_is_booked_when_the_partner_confirms_and_only_once(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    approve_request(newest(case_id), an_actor(case_id, "support"), a_desk(DAY))
    assert read_case(case_id).cancellation_cents == 0
    assert (confirm(case_id), confirm(case_id)) == (True, False)
    case = read_case(case_id)
    assert (case.status, case.cancellation_cents, case.ended_on) == ("cancelled", FEE, DAY)
    (row,) = list_requests(case_id)
    assert (row.state, row.confirmed_on) == ("confirmed", DAY)
    assert verbs(case_id).count("confirm_cancellation") == 1


def test_a_mandate_the_partner_ends_by_itself_costs_nothing(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    assert confirm(case_id) is False
    case, (row,) = read_case(case_id), list_requests(case_id)
    assert (case.status, case.cancellation_cents) == ("cancelled", 0)
    assert (row.state, row.decided_by, row.decision_reason) == ("declined", None, "mandate_ended")


def test_what_the_partner_refuses_is_not_asked_for_again_by_itself(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    support, request_id = an_actor(case_id, "support"), newest(case_id)
    with pytest.raises(AlreadyDecided):
        note_refusal(request_id, "No", support, a_desk(DAY))
    approve_request(request_id, support, a_desk(DAY))
    with pytest.raises(ReasonMissing):
        note_refusal(request_id, " ", support, a_desk(DAY))
    note_refusal(request_id, "An instalment plan is running", support, a_desk(DAY))
    (row,) = list_requests(case_id)
    assert (row.state, row.decision_reason) == ("declined", "An instalment plan is running")
    assert (told(case_id), verbs(case_id)[-1]) == (["superseded"], "refuse_cancellation")
    assert (confirm(case_id), read_case(case_id).cancellation_cents) == (False, 0)


# --- While the claim is in review ---


def test_a_claim_in_review_cannot_be_cancelled_but_asked_for_and_is_told_when_accepted(
    each_app: Flask,
) -> None:
    case_id = a_claim("SLOW-Muster")
    with pytest.raises(InReview):
        cancel_case(case_id, an_actor(case_id), a_desk(DAY))
    ask(case_id)
    approve_request(newest(case_id), an_actor(case_id, "support"), a_desk(DAY))
    assert (states(case_id), told(case_id)) == (["sent"], [])
    let_partner("accept", case_id)
    assert (read_case(case_id).status, told(case_id)) == ("handed_over", ["due"])
    assert find_effect(PARTNER_CANCEL).mandate_id == "mandate-1"


def test_a_request_nobody_has_decided_yet_still_waits_after_the_acceptance(each_app: Flask) -> None:
    case_id = a_claim("SLOW-Muster")
    ask(case_id)
    let_partner("accept", case_id)
    assert (states(case_id), told(case_id)) == (["waiting"], [])
    approve_request(newest(case_id), an_actor(case_id, "support"), a_desk(DAY))
    assert told(case_id) == ["due"]


def test_a_claim_that_is_rejected_ends_free_of_charge_as_the_vendor_wished(each_app: Flask) -> None:
    case_id = a_case("in_review")
    ask(case_id)
    let_partner("reject", case_id)
    case, (row,) = read_case(case_id), list_requests(case_id)
    assert (case.status, case.ended_on, case.cancellation_cents) == ("cancelled", DAY, 0)
    assert (row.state, row.decision_reason, told(case_id)) == ("declined", "rejected", [])


def test_an_acceptance_that_comes_too_late_asks_the_partner_to_cancel(each_app: Flask) -> None:
    case_id = a_claim("SLOW-Muster")
    ask(case_id)
    pay(order_of(case_id).order_id, 200_00, DAY)
    assert (read_case(case_id).status, states(case_id)) == ("paid", ["declined"])
    let_partner("accept", case_id)
    case, row = read_case(case_id), list_requests(case_id)[-1]
    assert (case.status, told(case_id)) == ("paid", ["due"])
    assert (row.state, row.asked_by, row.reason, row.fee_cents) == ("sent", "system", "late_acceptance", 0)
    confirm(case_id)
    assert (read_case(case_id).status, read_case(case_id).cancellation_cents) == ("paid", 0)


def test_money_taken_back_after_the_recall_of_a_late_acceptance_outlives_the_partners_end(
    each_app: Flask,
) -> None:
    case_id = a_claim("SLOW-Muster")
    pay(order_of(case_id).order_id, 200_00, DAY)
    let_partner("accept", case_id)
    assert (read_case(case_id).status, states(case_id)) == ("paid", ["sent"])
    pay(order_of(case_id).order_id, -200_00, DAY)
    assert (read_case(case_id).status, states(case_id)) == ("handed_over", ["declined"])
    hear(case_id, on=DAY, processing_state="canceled_by_client")
    case = read_case(case_id)
    assert (case.status, case.round, case.cancellation_cents) == ("running", 2, 0)


def test_a_case_that_ended_before_its_claim_was_accepted_is_not_reopened(app: Flask) -> None:
    case_id = a_claim("SLOW-Muster")
    order = order_of(case_id)
    cancelled = {"payment_method": "paypal", "payment_status": "cancelled", "last_name": "SLOW-Muster"}
    import_rows(an_order_row(order.vendor_id, order_id=order.order_id, **cancelled), on=DAY)
    let_partner("accept", case_id)
    assert (read_case(case_id).status, states(case_id)) == ("cancelled", ["sent"])
    assert list_targets(db.session(), read_case(case_id)) == []
    with pytest.raises(Refused):
        reopen_case(case_id, "It was an error", an_actor(case_id, "support"), a_desk(DAY))


# --- Money and the platform ---


@pytest.mark.parametrize("approved", [False, True])
def test_a_covering_payment_wins_and_the_partner_is_not_asked_any_more(
    each_app: Flask, approved: bool
) -> None:
    case_id = a_claim()
    ask(case_id)
    if approved:
        approve_request(newest(case_id), an_actor(case_id, "support"), a_desk(DAY))
    pay(order_of(case_id).order_id, 200_00, DAY)
    (row,) = list_requests(case_id)
    assert (read_case(case_id).status, row.state, row.decision_reason) == ("paid", "declined", "paid")
    assert told(case_id) == (["superseded"] if approved else [])
    assert (confirm(case_id), read_case(case_id).cancellation_cents) == (False, 0)


def test_a_message_that_failed_is_not_sent_again_once_nobody_wants_the_claim_back(app: Flask) -> None:
    case_id = a_claim()
    ask(case_id, an_actor(case_id, "support"))
    effect_id = find_effect(PARTNER_CANCEL).id
    with transaction() as session:
        session.get_one(Effect, effect_id).state = "failed"
    pay(order_of(case_id).order_id, 200_00, DAY)
    assert told(case_id) == ["superseded"]
    with pytest.raises(NotInDoubt):
        repeat_mail(effect_id, an_actor(case_id, "support"), a_desk(DAY))


def test_an_order_the_platform_cancels_is_asked_back_without_a_fee_for_the_vendor(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    order = order_of(case_id)
    row = an_order_row(order.vendor_id, order_id=order.order_id, payment_status="cancelled")
    import_rows(row, on=DAY)
    import_rows(row, on=DAY)
    (asked,) = list_requests(case_id)
    assert (asked.state, asked.asked_by, asked.reason) == ("sent", "system", "order_cancelled")
    assert (asked.fee_cents, asked.partner_cents, told(case_id)) == (0, CHARGE, ["due"])
    assert read_case(case_id).status == "handed_over"
    assert confirm(case_id)
    assert (read_case(case_id).status, read_case(case_id).cancellation_cents) == ("cancelled", 0)


def test_an_order_refunded_in_full_is_asked_back_too(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    order = order_of(case_id)
    import_rows(an_order_row(order.vendor_id, order_id=order.order_id, payment_status="refunded"), on=DAY)
    assert [row.reason for row in list_requests(case_id)] == ["order_refunded"]
    assert (read_case(case_id).status, told(case_id)) == ("handed_over", ["due"])
    play(after(41))
    assert len(list_requests(case_id)) == 1


def test_the_platforms_wish_takes_the_place_of_a_request_that_waits(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id)
    ask_by_system(case_id)
    assert [(row.state, row.asked_by, row.fee_cents) for row in list_requests(case_id)] == [
        ("declined", "vendor", FEE),
        ("sent", "system", 0),
    ]
    assert told(case_id) == ["due"]


def test_the_platforms_wish_adds_nothing_to_a_request_under_way(each_app: Flask) -> None:
    case_id = a_claim()
    ask(case_id, an_actor(case_id, "support"))
    ask_by_system(case_id)
    assert (states(case_id), told(case_id)) == (["sent"], ["due"])


def test_the_platforms_wish_reaches_the_partner_in_court_too(each_app: Flask) -> None:
    case_id = a_claim()
    change_mandate(case_id, legal_stage="judicial_dunning")
    ask_by_system(case_id)
    assert told(case_id) == ["due"]
