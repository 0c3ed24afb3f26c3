"""How far each order goes: instalments, failed debits, methods that are only reminded, and chargebacks."""

import datetime as dt

import pytest

from dunning.rules.course.agenda import next_decision, next_look
from dunning.rules.facts import CaseFacts, StepFacts
from dunning.rules.money.claim import compute_claim
from tests.rules.course.story import CENTS, POLICY, Story, a_story, some_facts
from tests.rules.course.test_agenda_opening import ON_TIME, tell_letters, tell_to_dunning_date

ORDERED = dt.date(2012, 11, 1)


# instalments ---------------------------------------------------------------------------------------------


def an_instalment(number: int, **changes) -> Story:
    return a_story(plan="instalments", rates=6, rate_number=number, order_date=ORDERED, **changes)


def test_an_instalment_is_announced_and_only_the_first_gets_a_service_call():
    story = an_instalment(1)
    story.day(-5).expect("upcoming_reminder")
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")


def test_a_later_instalment_gets_no_service_call():
    story = an_instalment(2)
    story.day(-5).expect("upcoming_reminder")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("open", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_one_off_order_is_not_announced():
    story = a_story(order_date=ORDERED)
    story.quiet_until(0)


@pytest.mark.parametrize(
    ("first_run", "told"),
    [(-4, "upcoming_reminder"), (-2, "upcoming_reminder"), (-1, "skip upcoming_reminder: missed")],
)
def test_an_announcement_is_made_up_within_three_days(first_run, told):
    story = an_instalment(2)
    story.outage_until(first_run)
    story.day(first_run).expect(told)


def test_an_instalment_paid_ahead_is_not_announced():
    story = an_instalment(2)
    story.pay(on=-30)
    story.quiet_until(100)


def test_without_an_address_an_announcement_is_skipped():
    an_instalment(2, email="").day(-5).expect("skip upcoming_reminder: no_email")


# methods -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["sepa", "credit_card", "paypal", "sofort"])
def test_an_unpaid_order_of_a_self_paying_method_is_only_reminded(method):
    story = a_story(method=method)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(90)
    assert next_look(story.facts, POLICY, story.today) is None


@pytest.mark.parametrize("method", ["credit_card", "paypal", "sofort"])
def test_a_failed_payment_of_these_methods_is_only_reminded(method):
    story = a_story(method=method, failed_on=dt.date(2013, 1, 2))
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.quiet_until(90)


@pytest.mark.parametrize("method", ["test", "barter"])
def test_test_orders_and_unknown_methods_are_never_dunned(method):
    a_story(method=method).quiet_until(90)


def test_an_invoice_cannot_fail_to_be_debited():
    a_story(failed_on=dt.date(2013, 1, 2)).quiet_until(90)


def test_a_failed_direct_debit_takes_the_full_timeline():
    story = a_story(method="sepa", failed_on=dt.date(2013, 1, 2))
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


@pytest.mark.parametrize(
    ("failed_on", "letter_on"), [("2013-01-06", "2013-01-16"), ("2012-12-20", "2013-01-12")]
)
def test_a_failed_debit_counts_from_the_later_of_due_date_and_failing(failed_on, letter_on):
    story = a_story(method="sepa", failed_on=dt.date.fromisoformat(failed_on))
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.on(letter_on).expect("open", "lapse service_call", "first_letter")


# chargebacks ---------------------------------------------------------------------------------------------


def a_chargeback(**changes) -> Story:
    """Paid by direct debit on the due date, taken back on day 3."""
    story = a_story(method="sepa", **changes)
    story.pay(on=0)
    story.quiet_until(3)
    story.charge_back()
    return story


@pytest.mark.parametrize("method", ["sepa", "credit_card", "paypal", "sofort"])
def test_a_consented_chargeback_is_handed_over_at_once(method):
    story = a_story(method=method, auto_chargebacks=True)
    story.pay(on=0)
    story.quiet_until(3)
    story.charge_back()
    story.day(4).expect("open", "handover")
    story.quiet_until(100)


def test_a_chargeback_waits_for_approval_unless_the_vendor_wants_it_automatic():
    story = a_chargeback(review=False)
    story.day(4).expect("open awaiting_approval")
    story.quiet_until(50)
    story.start().expect("handover")


def test_an_automatic_chargeback_knows_no_limit():
    a_chargeback(auto_chargebacks=True, threshold=10_000_00).day(4).expect("open", "handover")


def test_chargebacks_are_automatic_even_when_orders_are_reviewed():
    a_chargeback(auto_chargebacks=True, review=True).day(4).expect("open", "handover")


def test_an_automatic_chargeback_with_red_points_fails():
    a_chargeback(auto_chargebacks=True, city="").day(4).expect("open failed: city")


def test_a_chargeback_of_a_vendor_who_only_duns_cancels_the_order():
    a_chargeback(auto_chargebacks=True, scheme=1).day(4).expect("open", "cancel_order")


def test_an_invoice_cannot_be_charged_back():
    story = a_story()
    story.pay(on=0)
    story.quiet_until(3)
    story.charge_back()
    story.quiet_until(100)


def test_a_chargeback_bears_no_interest_and_no_fee_while_no_letter_went_out():
    story = a_chargeback(auto_chargebacks=True)
    story.day(4).expect("open", "handover")
    story.quiet_until(90)
    claim = compute_claim(story.facts, POLICY, story.today)
    assert (claim.total, claim.interest, claim.balance.fees) == (CENTS, 0, 0)


def paid_after_a_letter(**changes) -> Story:
    """A failed debit whose case was paid on day 12 and charged back on day 30."""
    story = a_story(method="sepa", failed_on=dt.date(2013, 1, 2), **changes)
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")
    story.day(11).expect("first_call")
    story.pay()
    story.day(12).expect("paid")
    story.quiet_until(30)
    story.charge_back()
    return story


def test_a_paid_case_that_is_charged_back_is_reopened_for_the_handover_only():
    story = paid_after_a_letter(auto_chargebacks=True)
    story.day(31).expect("handover")
    assert story.facts.step("handover").round == 2
    assert story.facts.done("first_letter")
    story.quiet_until(100)


def test_a_reopened_case_waits_for_approval_without_automatic_chargebacks():
    story = paid_after_a_letter()
    story.quiet_until(40)
    assert story.status == "awaiting_approval"
    story.start().expect("handover")


def test_a_reopened_case_was_in_default_and_bears_interest():
    story = paid_after_a_letter(auto_chargebacks=True)
    story.day(31).expect("handover")
    story.quiet_until(90)
    assert compute_claim(story.facts, POLICY, story.today).interest > 0


def test_at_most_one_letter_or_handover_per_case_and_day():
    today = dt.date(2013, 1, 12)
    letter = StepFacts("first_letter", "done", today, done_on=today, deadline=dt.date(2013, 1, 21))
    facts = some_facts(
        method="sepa",
        charged_back_on=today,
        steps=(letter,),
        case=CaseFacts(1, "running", today, "automatic", 2, chargeback=True),
    )
    assert next_decision(facts, POLICY, today) is None
    tomorrow = today + dt.timedelta(days=1)
    assert next_look(facts, POLICY, today) == ("handover", tomorrow)
    assert next_decision(facts, POLICY, tomorrow).kind == "handover"
