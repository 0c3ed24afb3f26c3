"""Instalments, payment methods, failed debits and chargebacks as stories, on both databases."""

import pytest
from flask import Flask

from tests.actions.course.calendar import CENTS, Story, a_plan, a_story, tell_first_letter, tell_letters
from tests.builders import ledger_of, read_history

pytestmark = pytest.mark.usefixtures("quick_press")

AUTOMATIC = {"auto_chargebacks": True}


def kinds_of(story: Story) -> set[str]:
    return {kind for kind, _, _ in ledger_of(story.receivable_id())}


# instalments ---------------------------------------------------------------------------------------------


def test_two_overdue_instalments_are_two_cases_each_with_its_own_days(each_app: Flask) -> None:
    """The second rate is due on day 12. Only the first one gets a service call, both are announced."""
    story = a_plan(2, every=12)
    story.day(-5).expect("1: upcoming_reminder")
    story.day(1).expect("1: service_call")
    story.day(5).expect("1: payment_reminder")
    story.day(7).expect("2: upcoming_reminder")
    story.day(10).expect("1: opened", "1: service_call lapsed", "1: first_letter")
    story.day(11).expect("1: first_call")
    story.day(17).expect("2: payment_reminder")
    story.day(20).expect("1: first_call lapsed", "1: second_letter")
    story.day(21).expect("1: second_call")
    story.day(22).expect("2: opened", "2: first_letter")
    story.day(23).expect("2: first_call")
    story.day(32).expect("2: first_call lapsed", "2: second_letter")
    story.day(33).expect("1: second_call lapsed", "1: handover", "2: second_call")
    # the deadline of the second rate's second letter is 13 February, a Friday
    story.day(46).expect("2: second_call lapsed", "2: handover")


def test_paying_one_instalment_leaves_the_other_its_course(each_app: Flask) -> None:
    story = a_plan(2, every=12)
    story.day(-5).expect("1: upcoming_reminder")
    story.quiet_until(0)
    story.pay(rate=1).expect()
    story.day(7).expect("2: upcoming_reminder")
    story.day(17).expect("2: payment_reminder")
    story.day(22).expect("2: opened", "2: first_letter")
    story.pay(rate=2).expect("2: paid")
    story.quiet_until(45)


def test_an_order_the_platform_cancels_ends_its_cases_and_future_instalments_get_nothing(
    each_app: Flask,
) -> None:
    story = a_plan(3, {"incasso_review": True}, every=8)
    story.day(-5).expect("1: upcoming_reminder")
    story.day(1).expect("1: service_call")
    story.day(3).expect("2: upcoming_reminder")
    story.day(5).expect("1: payment_reminder")
    story.day(10).expect("1: opened awaiting_approval")
    story.start().expect("1: service_call lapsed", "1: first_letter")
    story.day(11).expect("1: first_call", "3: upcoming_reminder")
    story.day(13).expect("2: payment_reminder")
    story.day(18).expect("2: opened awaiting_approval")
    story.report(payment_status="cancelled").expect(
        "1: cancelled", "1: first_call superseded: order_cancelled", "2: closed"
    )
    story.quiet_until(40)
    assert story.status(3) == "none"


# payment methods -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sepa", "credit_card"])
def test_an_unpaid_order_of_a_self_paying_method_is_only_reminded(each_app: Flask, method: str) -> None:
    story = a_story(payment_method=method)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(25)


def test_a_credit_card_that_failed_is_only_reminded(each_app: Flask) -> None:
    story = a_story(payment_method="credit_card", payment_status="failed")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(25)


@pytest.mark.parametrize(
    "changes", [{"test_payment": True}, {"payment_method": "test"}], ids=["flag", "method"]
)
def test_a_test_order_is_left_alone(each_app: Flask, changes: dict) -> None:
    a_story(**changes).quiet_until(15)


def test_a_failed_debit_takes_the_full_timeline(each_app: Flask) -> None:
    story = tell_letters(a_story(payment_method="sepa", payment_status="failed"))
    story.day(33).expect("second_call lapsed", "handover")


def test_a_debit_that_failed_after_the_dunning_date_opens_its_case_with_the_next_run(each_app: Flask) -> None:
    story = a_story(payment_method="sepa")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(12)
    story.report(payment_status="failed").expect()
    story.day(13).expect("opened", "service_call lapsed", "first_letter")


# chargebacks ---------------------------------------------------------------------------------------------


def test_an_automatic_chargeback_is_handed_over_at_once_without_letters_fee_or_interest(
    each_app: Flask,
) -> None:
    story = a_story(AUTOMATIC | {"incasso_review": True}, payment_method="sepa", payment_status="paid")
    story.quiet_until(20)
    story.report(payment_status="charged_back").expect()
    story.day(21).expect("opened", "handover")
    story.quiet_until(50)
    assert kinds_of(story) == {"principal", "payment", "chargeback"}


def test_a_chargeback_overtakes_the_service_call_nobody_made(each_app: Flask) -> None:
    story = a_story(AUTOMATIC, payment_method="sepa")
    story.day(1).expect("service_call")
    story.quiet_until(3)
    story.report(payment_status="charged_back").expect()
    story.day(4).expect("opened", "service_call lapsed", "handover")


def test_a_chargeback_waits_for_the_vendor_and_is_handed_over_with_start(each_app: Flask) -> None:
    story = a_story(payment_method="credit_card", payment_status="paid")
    story.quiet_until(20)
    story.report(payment_status="charged_back").expect()
    story.day(21).expect("opened awaiting_approval")
    story.quiet_until(24)
    story.start().expect("handover")
    assert kinds_of(story) == {"principal", "payment", "chargeback"}


def test_a_chargeback_of_a_vendor_who_only_duns_cancels_the_order(each_app: Flask) -> None:
    story = a_story(AUTOMATIC | {"incasso_schema": 1}, payment_method="sepa", payment_status="paid")
    story.quiet_until(3)
    story.report(payment_status="charged_back").expect()
    story.day(4).expect("opened", "cancelled")


def test_an_invoice_is_never_dunned_for_a_chargeback(each_app: Flask) -> None:
    story = a_story(AUTOMATIC, payment_status="paid")
    story.quiet_until(3)
    story.report(payment_status="charged_back").expect()
    story.quiet_until(20)


def tell_paid_case(vendor: dict, paid_on: int = 12) -> Story:
    """A failed debit paid after the first letter."""
    story = tell_first_letter(a_story(vendor, payment_method="sepa", payment_status="failed"))
    story.day(11).expect("first_call")
    story.quiet_until(paid_on)
    story.pay().expect("paid", "first_call superseded: paid")
    story.quiet_until(25)
    return story


def test_a_paid_case_that_is_charged_back_returns_for_the_handover_only(each_app: Flask) -> None:
    story = tell_paid_case(AUTOMATIC)
    story.report(payment_status="charged_back").expect("running")
    story.day(26).expect("handover")
    story.quiet_until(45)
    assert story.step("handover").round == 2
    assert [row.to_status for row in read_history(story.case().id) if row.to_status] == [
        "running",
        "paid",
        "running",
        "handed_over",
    ]


def test_a_charged_back_case_waits_for_approval_when_chargebacks_are_reviewed(each_app: Flask) -> None:
    story = tell_paid_case({})
    story.report(payment_status="charged_back").expect("awaiting_approval")
    story.quiet_until(28)
    story.start().expect("handover")


def test_a_chargeback_of_a_claim_paid_at_the_partner_goes_back_there(each_app: Flask) -> None:
    story = tell_letters(a_story(payment_method="sepa", payment_status="failed"))
    story.day(33).expect("second_call lapsed", "handover")
    story.pay(130_00).expect("paid")
    story.quiet_until(36)
    story.report(payment_status="charged_back").expect("handed_over")
    story.quiet_until(45)


def test_a_payment_taken_back_from_an_open_case_changes_its_ledger_and_no_step(each_app: Flask) -> None:
    story = tell_first_letter(a_story(AUTOMATIC, payment_method="sepa", payment_status="failed"))
    story.pay(50_00).expect()
    story.report(payment_status="charged_back").expect()
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "handover")


@pytest.mark.parametrize("way", ["cancelled", "closed"])
def test_a_chargeback_leaves_an_ended_case_ended(each_app: Flask, way: str) -> None:
    story = a_story(
        AUTOMATIC | {"incasso_review": way == "closed"}, payment_method="sepa", payment_status="failed"
    )
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    if way == "closed":
        story.day(10).expect("opened awaiting_approval")
        story.cancel().expect("closed", "service_call superseded: cancelled")
    else:
        story.day(10).expect("opened", "service_call lapsed", "first_letter")
        story.cancel().expect("cancelled")
    story.pay(CENTS).expect()
    story.report(payment_status="charged_back").expect()
    story.quiet_until(20)
    assert story.status() == way
