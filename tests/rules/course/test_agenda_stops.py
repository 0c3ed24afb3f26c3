"""What stops or delays a story: payments by value date, promises, disputes, blocks, refunds and cancelling."""

from dataclasses import replace

import pytest

from dunning.rules.course.agenda import may_remind
from tests.rules.course.story import CENTS, Story, a_story
from tests.rules.course.test_agenda_opening import ON_TIME, running_story, tell_letters, tell_to_dunning_date


def late_story(**changes) -> Story:
    """Both letters and both calls are made, the handover is due on day 34."""
    return tell_letters(running_story(**changes))


# payments ------------------------------------------------------------------------------------------------


def test_nothing_happens_after_a_payment_before_the_due_date():
    story = a_story()
    story.quiet_until(0)
    story.pay()
    story.quiet_until(100)


@pytest.mark.parametrize(
    ("value_date", "made"),
    [
        (1, []),
        (2, ["service_call"]),
        (5, ["service_call"]),
        (6, ["service_call", "payment_reminder"]),
        (10, ["service_call", "payment_reminder"]),
    ],
)
def test_a_payment_with_the_value_date_of_a_step_stops_that_step(value_date, made):
    story = a_story()
    story.pay(on=value_date)
    for day in range(1, 40):
        seen = story.day(day)
        seen.expect(*seen.told)
    assert [word for _, word in story.log] == made
    assert story.status == "none"


def test_a_payment_known_before_its_value_date_stops_nothing_before_it():
    story = a_story()
    story.pay(on=11)
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")
    story.day(11).expect("paid")
    story.quiet_until(100)


@pytest.mark.parametrize("value_date", [11, 15, 20, 21, ON_TIME])
def test_a_covered_case_is_paid_on_the_value_date_and_nothing_follows(value_date):
    story = running_story()
    story.pay(on=value_date)
    for day in range(11, value_date):
        seen = story.day(day)
        seen.expect(*seen.told)
    story.day(value_date).expect("paid")
    story.quiet_until(100)


@pytest.mark.parametrize("review", [True, False])
def test_a_case_without_letters_is_paid_too(review):
    story = a_story(review=review, city="")
    tell_to_dunning_date(story, "open awaiting_approval" if review else "open failed: city")
    story.pay(on=12)
    story.day(12).expect("paid")


def test_a_part_payment_stops_nothing():
    story = a_story()
    story.pay(99_99, on=3)
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_the_rest_of_a_part_payment_covers_the_case():
    story = running_story()
    story.pay(60_00)
    story.day(11).expect("first_call")
    story.pay(40_00)
    story.day(12).expect("paid")


def test_a_case_waiting_for_consent_is_paid():
    story = late_story(threshold=CENTS)
    story.day(ON_TIME).expect("lapse second_call", "await_consent")
    story.pay(CENTS + 5_00)
    story.day(35).expect("paid")


def test_a_case_at_the_partner_is_paid():
    story = late_story()
    story.day(ON_TIME).expect("lapse second_call", "handover")
    story.pay(CENTS + 5_00)
    story.day(35).expect("paid")


# remainders ----------------------------------------------------------------------------------------------


def test_a_small_remainder_of_fee_and_interest_is_forgiven():
    story = late_story()
    story.pay()
    story.day(22).expect("paid")
    kinds = [entry.kind for entry in story.facts.entries]
    assert kinds == ["principal", "fee", "payment", "interest", "remainder_forgiven"]
    assert sum(entry.cents for entry in story.facts.entries) == 0


def test_a_pursued_small_remainder_stays_open_and_is_never_handed_over():
    story = late_story(remainder="pursue")
    story.pay()
    story.quiet_until(ON_TIME - 1)
    story.day(ON_TIME).expect("lapse second_call")
    story.quiet_until(90)
    assert story.status == "running"


def test_a_pursued_remainder_is_no_reason_to_ask_for_consent():
    story = late_story(remainder="pursue", threshold=CENTS)
    story.pay()
    story.quiet_until(ON_TIME - 1)
    story.day(ON_TIME).expect("lapse second_call")
    story.quiet_until(90)
    assert story.status == "running"


def test_a_pursued_small_remainder_is_no_reason_to_cancel_the_order():
    story = late_story(remainder="pursue", scheme=1)
    story.pay()
    story.quiet_until(ON_TIME - 1)
    story.day(ON_TIME).expect("lapse second_call")
    story.quiet_until(90)
    assert not story.facts.order.cancelled


def test_a_pursued_remainder_of_ten_euros_and_more_is_handed_over():
    story = late_story(remainder="pursue", company="Muster AG")
    story.pay()
    story.quiet_until(ON_TIME - 1)
    story.day(ON_TIME).expect("lapse second_call", "handover")


def test_a_large_remainder_is_not_small_but_can_be_forgiven_always():
    small = late_story(remainder="forgive_small", company="Muster AG")
    small.pay()
    small.quiet_until(ON_TIME - 1)
    small.day(ON_TIME).expect("lapse second_call", "handover")
    always = late_story(remainder="forgive", company="Muster AG")
    always.pay()
    always.day(22).expect("paid")


# promises ------------------------------------------------------------------------------------------------


def test_an_open_promise_moves_the_dunning_date_to_the_day_after():
    story = a_story()
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.promise(until=14)
    story.quiet_until(14)
    story.day(15).expect("open", "lapse service_call", "first_letter")


def test_a_promise_for_a_day_before_the_dunning_date_moves_nothing():
    story = a_story()
    story.day(1).expect("service_call")
    story.promise(until=3)
    story.day(5).expect("payment_reminder")
    story.day(10).expect("open", "lapse service_call", "first_letter")


def test_nobody_is_reminded_while_a_promise_is_open_and_the_reminder_is_made_up_after():
    story = a_story()
    story.day(1).expect("service_call")
    story.promise(until=6)
    story.quiet_until(6)
    story.day(7).expect("payment_reminder")


def test_a_case_waits_until_the_day_after_the_promised_date_and_goes_on_at_the_same_step():
    story = running_story()
    story.day(11).expect("first_call")
    story.promise(until=25)
    assert story.status == "blocked"
    story.quiet_until(25)
    story.day(26).expect("unblock", "lapse first_call", "second_letter")


def test_a_promise_kept_ends_the_case():
    story = running_story()
    story.day(11).expect("first_call")
    story.promise(until=25)
    story.pay(on=24)
    story.quiet_until(23)
    story.day(24).expect("paid")
    story.quiet_until(60)


def test_a_promise_does_not_delay_a_chargeback():
    story = a_story(method="sepa", auto_chargebacks=True)
    story.promise(until=30)
    story.pay(on=0)
    story.quiet_until(3)
    story.charge_back()
    story.day(4).expect("open", "handover")


# disputes ------------------------------------------------------------------------------------------------


def test_an_open_dispute_stops_reminders_and_is_a_red_point_when_the_case_opens():
    story = a_story()
    story.day(1).expect("service_call")
    story.dispute()
    story.day(10).expect("open failed: no_dispute")
    story.settle_dispute()
    story.quiet_until(12)  # a failed case waits for Start, its reminders too
    story.start().expect("skip payment_reminder: missed", "lapse service_call", "first_letter")


def test_a_disputed_case_is_blocked_until_the_dispute_is_settled():
    story = running_story()
    story.day(11).expect("first_call")
    story.dispute()
    story.quiet_until(60)
    story.settle_dispute()
    story.day(61).expect("lapse first_call", "second_letter")


def test_a_disputed_claim_is_never_handed_over_even_when_nobody_blocked_it():
    story = late_story()
    story.change(disputed=True)
    story.quiet_until(60)
    story.change(disputed=False)
    story.day(61).expect("lapse second_call", "handover")


def test_a_dispute_about_a_waiting_case_returns_it_to_waiting():
    story = tell_to_dunning_date(a_story(review=True), "open awaiting_approval")
    story.dispute()
    story.quiet_until(20)
    story.settle_dispute()
    assert story.status == "awaiting_approval"
    story.quiet_until(30)


# blocks --------------------------------------------------------------------------------------------------


def test_a_block_ends_on_the_day_after_until_and_dates_are_not_moved():
    story = running_story()
    story.day(11).expect("first_call")
    story.block(until=15)
    story.quiet_until(15)
    story.day(16).expect("unblock")
    story.day(20).expect("lapse first_call", "second_letter")


def test_a_step_that_came_due_during_a_block_is_due_on_the_day_of_unblocking():
    story = running_story()
    story.day(11).expect("first_call")
    story.block(until=29)
    story.quiet_until(29)
    story.day(30).expect("unblock", "lapse first_call", "second_letter")
    assert story.facts.step("second_letter").due_on == story.date(30)


def test_a_call_whose_letter_came_due_during_the_block_is_not_made_any_more():
    story = running_story()
    story.block(until=29)
    story.quiet_until(29)
    story.day(30).expect("unblock", "skip first_call: overtaken", "second_letter")


def test_a_block_without_an_end_lasts_until_support_ends_it():
    story = late_story()
    story.block()
    story.quiet_until(90)
    story.unblock()
    story.day(91).expect("lapse second_call", "handover")


def test_a_blocked_case_waiting_for_consent_returns_to_that():
    story = late_story(threshold=CENTS)
    story.day(ON_TIME).expect("lapse second_call", "await_consent")
    story.block(until=40)
    story.quiet_until(40)
    story.day(41).expect("unblock")
    assert story.status == "ready_for_handover"
    story.start().expect("handover")


def test_a_blocked_case_is_paid():
    story = running_story()
    story.block(until=30)
    story.pay(on=12)
    story.quiet_until(11)
    story.day(12).expect("paid")


# refunds and cancelling ----------------------------------------------------------------------------------


def test_a_full_refund_before_the_dunning_date_opens_no_case():
    story = a_story()
    story.day(1).expect("service_call")
    story.book("refund", -CENTS)
    story.quiet_until(100)


def test_a_partial_refund_lowers_the_claim_and_dunning_goes_on():
    story = a_story()
    story.day(1).expect("service_call")
    story.book("refund", -60_00)
    story.day(5).expect("payment_reminder")
    story.day(10).expect("open", "lapse service_call", "first_letter")
    story.pay(40_00)
    story.day(11).expect("paid")


def test_a_cancelled_order_gets_no_steps():
    story = a_story()
    story.day(1).expect("service_call")
    story.change(order=replace(story.facts.order, cancelled=True))
    story.quiet_until(100)


@pytest.mark.parametrize(("review", "status"), [(True, "closed"), (False, "cancelled")])
def test_a_case_ended_by_the_vendor_stays_ended(review, status):
    story = a_story(review=review)
    told = ("open awaiting_approval",) if review else ("open", "lapse service_call", "first_letter")
    tell_to_dunning_date(story, *told)
    story.cancel()
    assert story.status == status
    story.quiet_until(100)


def test_money_for_an_ended_case_changes_no_status():
    story = running_story()
    story.cancel()
    story.pay(on=12)
    story.quiet_until(100)
    assert story.status == "cancelled"


# asked again before a mail leaves ------------------------------------------------------------------------


def test_a_reminder_may_leave_while_the_claim_is_open_undisputed_and_not_promised():
    story = a_story()
    facts, today = story.facts, story.date(5)

    def allowed(**changes) -> bool:
        return may_remind(replace(facts, **changes), story.policy, today)

    assert allowed()
    assert not allowed(disputed=True)
    assert not allowed(promised_until=today)
    assert allowed(promised_until=story.date(4))
    assert not allowed(order=replace(facts.order, cancelled=True))
    assert not allowed(entries=())


def test_no_reminder_leaves_for_a_case_that_ended_or_waits():
    story = running_story()
    assert may_remind(story.facts, story.policy, story.today)
    story.block()
    assert not may_remind(story.facts, story.policy, story.today)
