"""What money does to the story: paid at any point, in part, late known, refunded, charged, forgiven; both databases."""

import pytest
from flask import Flask

from tests.actions.course.calendar import CENTS, DIGEST, Story, a_story, tell_first_letter, tell_letters
from tests.builders import ledger_of

pytestmark = pytest.mark.usefixtures("quick_press")

LIFE = {
    1: ["service_call"],
    5: ["payment_reminder"],
    10: ["opened", "service_call lapsed", "first_letter"],
    11: ["first_call"],
    20: ["first_call lapsed", "second_letter"],
    21: ["second_call"],
    33: ["second_call lapsed", "handover"],
}


def tell_until(story: Story, last: int) -> Story:
    """The whole timeline up to and with that day."""
    for number, words in LIFE.items():
        if number <= last:
            story.day(number).expect(*words)
    if story.number < last:
        story.quiet_until(last)
    return story


def sums_of(story: Story) -> dict[str, int]:
    """Cents by kind of entry."""
    sums: dict[str, int] = {}
    for kind, cents, _ in ledger_of(story.receivable_id()):
        sums[kind] = sums.get(kind, 0) + cents
    return sums


# paid ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [0, 1, 4, 5, 9])
def test_what_is_paid_before_a_case_opens_brings_nothing_more(each_app: Flask, day: int) -> None:
    story = tell_until(a_story(), day)
    story.pay().expect()
    story.day(day + 1).expect(*(["service_call superseded: paid"] if day else []))
    story.quiet_until(35)
    assert story.status() == "none"


@pytest.mark.parametrize(
    ("day", "dropped"),
    [
        (10, []),
        (11, ["first_call superseded: paid"]),
        (20, []),
        (32, ["second_call superseded: paid"]),
        (33, []),
    ],
)
def test_a_case_paid_on_any_day_also_in_the_grace_ends_there(
    each_app: Flask, day: int, dropped: list[str]
) -> None:
    story = tell_until(a_story(), day)
    story.pay(CENTS + 50_00).expect("paid", *dropped)
    story.quiet_until(40)


def test_a_transfer_known_ahead_stops_the_letter_of_its_value_date(each_app: Flask) -> None:
    story = tell_until(a_story(), 12)
    story.pay(on=20).expect()
    story.day(20).expect("paid", "first_call superseded: paid")
    story.quiet_until(35)


def test_a_transfer_known_late_pays_the_case_at_once(each_app: Flask) -> None:
    story = tell_until(a_story(), 25)
    story.pay(on=9).expect("paid", "second_call superseded: paid")
    story.quiet_until(35)


def test_a_part_payment_stops_nothing_and_the_rest_ends_the_case(each_app: Flask) -> None:
    story = tell_until(a_story(), 12)
    story.pay(60_00).expect()
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.quiet_until(30)
    story.pay(CENTS - 60_00 + 5_00).expect("paid", "second_call superseded: paid")
    story.quiet_until(35)


def test_a_waiting_case_is_paid_too(each_app: Flask) -> None:
    story = a_story({"incasso_review": True})
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("opened awaiting_approval")
    story.pay().expect("paid", "service_call superseded: paid")


def test_a_blocked_case_is_paid_too(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.block(until=15).expect("blocked: unsure")
    story.pay().expect("paid")
    story.quiet_until(20)


def test_a_case_that_waits_for_the_handover_is_paid_too(each_app: Flask) -> None:
    story = tell_letters(a_story({"handover_threshold": 10_000_00}))
    story.day(33).expect("second_call lapsed", "ready_for_handover", DIGEST)
    story.pay(CENTS + 5_00).expect("paid")
    story.quiet_until(36)


def test_a_payment_booked_in_error_lets_the_case_go_on_where_it_was(each_app: Flask) -> None:
    story = tell_until(a_story(), 11)
    story.pay().expect("paid", "first_call superseded: paid")
    story.quiet_until(24)
    story.reverse().expect("reopened")
    story.day(25).expect("first_call skipped: overtaken", "second_letter")
    story.day(26).expect("second_call")


def test_money_that_goes_back_on_a_later_day_reopens_the_case_on_that_day(app: Flask) -> None:
    story = tell_until(
        a_story({"auto_chargebacks": True}, payment_method="sepa", payment_status="failed"), 10
    )
    story.pay().expect("paid")
    story.quiet_until(12)
    story.pay(-CENTS, on=15).expect()
    story.day(15).expect("running", "handover")


def test_a_claim_lowered_to_what_was_paid_is_paid(app: Flask) -> None:
    story = tell_until(a_story(), 10)
    story.pay(60_00).expect()
    story.report(amount_cents=60_00).expect("paid")


def test_an_order_that_was_not_paid_after_all_goes_on_where_it_was(app: Flask) -> None:
    story = tell_until(a_story(), 10)
    story.report(payment_status="paid").expect("paid")
    story.day(12).expect()
    story.report(payment_status="pending").expect("reopened")
    story.day(13).expect("first_call")


def test_a_part_payment_of_an_order_told_as_paid_opens_its_case_again(app: Flask) -> None:
    story = tell_until(a_story(), 10)
    story.report(payment_status="paid").expect("paid")
    story.pay(40_00).expect("reopened")
    assert story.case().outstanding_cents == 60_00


def test_a_payment_booked_in_error_before_a_case_lets_the_steps_go_on(each_app: Flask) -> None:
    story = tell_until(a_story(), 4)
    story.pay().expect()
    story.day(5).expect("service_call superseded: paid")
    story.quiet_until(7)
    story.reverse().expect()
    story.day(8).expect("service_call skipped: missed", "payment_reminder")
    story.day(10).expect("opened", "first_letter")


# refunds -------------------------------------------------------------------------------------------------


def test_an_order_refunded_in_full_before_a_case_gets_nothing_more(each_app: Flask) -> None:
    story = tell_until(a_story(), 3)
    story.report(payment_status="refunded").expect("service_call superseded: order_refunded")
    story.quiet_until(15)


@pytest.mark.parametrize("review", [True, False])
def test_an_order_refunded_in_full_ends_its_case(each_app: Flask, review: bool) -> None:
    story = a_story({"incasso_review": review})
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    if review:
        story.day(10).expect("opened awaiting_approval")
        story.report(payment_status="refunded").expect("closed", "service_call superseded: order_refunded")
    else:
        story.day(10).expect("opened", "service_call lapsed", "first_letter")
        story.report(payment_status="refunded").expect("cancelled")
    story.quiet_until(35)


# remainders ----------------------------------------------------------------------------------------------


def test_the_fee_and_a_few_cents_of_interest_are_forgiven_by_default(each_app: Flask) -> None:
    story = tell_until(a_story(), 32)
    story.pay().expect("paid", "second_call superseded: paid")
    sums = sums_of(story)
    assert (sums["fee"], sums["remainder_forgiven"]) == (1_00, -1_00 - sums["interest"])


def test_a_pursued_remainder_under_ten_euros_stays_open_and_is_never_handed_over(each_app: Flask) -> None:
    story = tell_until(a_story({"remainder": "pursue"}), 32)
    story.pay().expect()
    story.day(33).expect("second_call lapsed")
    story.quiet_until(45)
    assert story.status() == "running"


def test_a_business_owes_its_lump_sum_after_the_principal_and_it_is_handed_over(each_app: Flask) -> None:
    story = tell_until(a_story(company="Muster AG"), 25)
    story.pay().expect()
    assert sums_of(story)["lump_sum"] == 40_00
    story.day(33).expect("second_call lapsed", "handover")


def test_a_vendor_who_always_forgives_ends_the_case_with_the_principal(each_app: Flask) -> None:
    story = tell_until(a_story({"remainder": "forgive"}, company="Muster AG"), 25)
    story.pay().expect("paid", "second_call superseded: paid")
    story.quiet_until(35)
