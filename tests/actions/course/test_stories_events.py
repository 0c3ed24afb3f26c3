"""What the platform's events and returned debits do to a story that is under way, on both databases."""

import pytest
from flask import Flask

from tests.actions.course.calendar import CENTS, a_plan, a_story, tell_first_letter
from tests.builders import ledger_of

pytestmark = pytest.mark.usefixtures("quick_press")


def total(story, kind: str) -> int:
    """Cents of all entries of a kind."""
    return sum(cents for found, cents, _ in ledger_of(story.receivable_id()) if found == kind)


# failed debits -------------------------------------------------------------------------------------------


def test_a_debit_that_failed_later_counts_from_the_day_it_failed(each_app: Flask) -> None:
    story = a_story(payment_method="sepa")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(8)
    story.notify("failed").expect()
    story.day(18).expect("opened", "service_call lapsed", "first_letter")
    story.day(19).expect("first_call")
    story.day(28).expect("first_call lapsed", "second_letter")


def test_a_failed_instalment_is_dunned_while_the_others_are_debited(each_app: Flask) -> None:
    story = a_plan(2, payment_method="sepa")
    story.day(-5).expect("1: upcoming_reminder")
    story.quiet_until(0)
    story.notify("failed").expect()
    story.day(1).expect("1: service_call")
    story.day(5).expect("1: payment_reminder")
    story.day(10).expect("1: opened", "1: service_call lapsed", "1: first_letter")
    story.notify("made").expect("1: paid")
    story.day(25).expect("2: upcoming_reminder")
    story.quiet_until(30)
    story.notify("made", rate=2).expect()
    story.quiet_until(45)


# refunds -------------------------------------------------------------------------------------------------


def test_a_part_refund_lowers_the_claim_and_stops_nothing(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.notify("refunded", 30_00).expect()
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "handover")
    assert total(story, "principal") + total(story, "refund") == CENTS - 30_00


def test_a_refund_in_full_ends_the_case(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.notify("refunded").expect("cancelled")
    story.quiet_until(25)


def test_a_subscription_that_was_cancelled_ends_later_periods_and_no_arrears(each_app: Flask) -> None:
    story = a_plan(2, every=20, payment_plan="abonnement")
    story.day(-5).expect("1: upcoming_reminder")
    story.day(1).expect("1: service_call")
    story.day(5).expect("1: payment_reminder")
    story.day(10).expect("1: opened", "1: service_call lapsed", "1: first_letter")
    story.notify("recurring.cancelled", rate=2).expect()
    story.day(11).expect("1: first_call")
    story.day(20).expect("1: first_call lapsed", "1: second_letter")
    story.day(21).expect("1: second_call")
    story.day(33).expect("1: second_call lapsed", "1: handover")


# money taken back ----------------------------------------------------------------------------------------


def test_a_withdrawn_debit_opens_a_case_at_once_and_a_payment_in_time_closes_it(each_app: Flask) -> None:
    story = a_story(payment_method="sepa")
    story.quiet_until(0)
    story.notify("made").expect()
    story.quiet_until(20)
    story.notify("charged_back").expect()
    story.day(21).expect("opened awaiting_approval")
    story.pay().expect("paid")
    story.quiet_until(25)


def test_a_payment_made_and_withdrawn_during_dunning_moves_no_step(each_app: Flask) -> None:
    story = tell_first_letter(
        a_story({"auto_chargebacks": True}, payment_method="sepa", payment_status="failed")
    )
    story.notify("made", 50_00).expect()
    story.day(11).expect("first_call")
    story.notify("charged_back", 50_00).expect()
    story.day(20).expect("first_call lapsed", "second_letter")


def test_an_invoice_whose_transfer_came_back_goes_on_as_if_nothing_had_been_paid(each_app: Flask) -> None:
    story = a_story()
    story.day(1).expect("service_call")
    story.pay().expect()
    story.day(2).expect("service_call superseded: paid")
    story.quiet_until(7)
    story.pay(-CENTS).expect()
    story.day(8).expect("service_call skipped: missed", "payment_reminder")
    story.day(10).expect("opened", "first_letter")


@pytest.mark.parametrize("auto", [False, True])
def test_a_paid_invoice_whose_transfer_came_back_goes_on_with_its_letters(app: Flask, auto: bool) -> None:
    story = tell_first_letter(a_story({"auto_chargebacks": auto}))
    story.pay().expect("paid")
    story.quiet_until(14)
    story.pay(-CENTS).expect("running" if auto else "awaiting_approval")
    if not auto:
        story.start().expect("first_call")
    else:
        story.day(15).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "handover")


def test_a_paid_case_whose_debit_the_bank_returned_comes_back_for_the_handover(each_app: Flask) -> None:
    story = tell_first_letter(
        a_story({"auto_chargebacks": True}, payment_method="sepa", payment_status="failed")
    )
    story.pay().expect("paid")
    story.quiet_until(16)
    story.pay(-CENTS).expect("running")
    story.day(17).expect("handover")
