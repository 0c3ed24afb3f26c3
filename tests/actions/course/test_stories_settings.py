"""What a vendor's settings and the operator's policy change in the story, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from dunning.actions.dossier.refusals import ReasonMissing, RedPoints
from tests.actions.course.calendar import CENTS, DIGEST, Story, a_story, tell_first_letter, tell_letters
from tests.builders import ledger_of, read_order

pytestmark = pytest.mark.usefixtures("quick_press")

REVIEW = {"incasso_review": True}


def tell_opening(story: Story, *told: str) -> Story:
    """A receivable up to its dunning date."""
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect(*told)
    return story


# review and automatic ------------------------------------------------------------------------------------


def test_nothing_happens_to_a_reviewed_case_until_the_vendor_presses_start(each_app: Flask) -> None:
    story = tell_opening(a_story(REVIEW), "opened awaiting_approval")
    story.quiet_until(60)


def test_the_vendors_start_is_the_consent_for_letters_and_handover_whatever_the_limit(
    each_app: Flask,
) -> None:
    story = tell_opening(a_story(REVIEW | {"handover_threshold": 10_000_00}), "opened awaiting_approval")
    story.start().expect("service_call lapsed", "first_letter")
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "handover")


def test_supports_start_sends_letters_and_leaves_the_handover_to_the_vendor(each_app: Flask) -> None:
    story = tell_opening(a_story(REVIEW), "opened awaiting_approval")
    story.start("support").expect("service_call lapsed", "first_letter")
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "ready_for_handover", DIGEST)
    with pytest.raises(ReasonMissing):
        story.start("support")
    story.quiet_until(38)
    story.start("support", request="Mail of 9 February: please go on").expect("handover")


def test_a_claim_of_exactly_the_limit_is_not_over_it_and_waits_for_start(each_app: Flask) -> None:
    story = tell_letters(a_story({"handover_threshold": CENTS}))
    story.day(33).expect("second_call lapsed", "ready_for_handover", DIGEST)
    story.quiet_until(40)
    story.start().expect("handover")
    assert story.step("handover").due_on == story.date(40)


def test_a_cent_over_the_limit_is_handed_over_and_a_later_part_payment_does_not_change_that(
    each_app: Flask,
) -> None:
    story = tell_letters(a_story({"handover_threshold": CENTS - 1}))
    story.pay(60_00).expect()
    story.day(33).expect("second_call lapsed", "handover")


def test_what_was_paid_before_the_case_opened_counts_for_the_limit(each_app: Flask) -> None:
    story = a_story({"handover_threshold": CENTS - 1})
    story.quiet_until(0)
    story.pay(1).expect()
    tell_letters(story)
    story.day(33).expect("second_call lapsed", "ready_for_handover", DIGEST)


def test_changed_settings_move_no_open_case(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.choose(review=True, threshold=10_000_00, scheme=1, auto_chargebacks=True).expect()
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "handover")


# schemes -------------------------------------------------------------------------------------------------


def test_without_a_scheme_an_automatic_case_fails_and_no_start_is_possible(each_app: Flask) -> None:
    story = tell_opening(a_story({"incasso_schema": 0}), "opened failed: scheme_chosen")
    with pytest.raises(RedPoints):
        story.start()
    story.quiet_until(12)
    story.choose(scheme=3).expect()
    story.quiet_until(13)
    story.start().expect("service_call lapsed", "first_letter")


def test_a_waiting_case_follows_the_vendors_present_scheme_and_a_running_one_its_own(each_app: Flask) -> None:
    story = tell_opening(a_story(REVIEW | {"incasso_schema": 2}), "opened awaiting_approval")
    story.choose(scheme=1).expect()
    story.start().expect("service_call lapsed", "first_letter")
    story.choose(scheme=3).expect()
    story.day(11).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")
    story.day(21).expect("second_call")
    story.day(33).expect("second_call lapsed", "cancelled")
    assert read_order(story.receivable_id()).cancelled_on == story.date(33)
    story.quiet_until(45)


@pytest.mark.parametrize("threshold", [0, 10_000_00], ids=["consented", "without consent"])
def test_dunning_and_cancel_ends_on_the_handovers_day_with_consent_and_without(
    each_app: Flask, threshold: int
) -> None:
    story = tell_letters(a_story({"incasso_schema": 1, "handover_threshold": threshold}))
    story.day(33).expect("second_call lapsed", "cancelled")


def test_collection_and_court_is_handed_over_like_collection_and_cancel(each_app: Flask) -> None:
    story = tell_letters(a_story({"incasso_schema": 3}))
    story.day(33).expect("second_call lapsed", "handover")
    assert story.case().scheme == 3


# policy --------------------------------------------------------------------------------------------------

OWN_POLICY = """
[steps.service_call]
after_days = 2
[steps.payment_reminder]
after_days = 4
[steps.first_letter]
after_days = 14
deadline_days = 14
[steps.second_letter]
after_days = 28
gap_days = 14
[steps.second_call]
gap_days = 3
[steps.handover]
working_days = 5
[fees]
business_lump_sum = 2500
[claims]
countries = ["FR"]
[limits]
minimum_claim = 10000
[methods.paypal]
unpaid = "dunning"
"""


@pytest.fixture
def use_policy(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[[str], Flask]:
    """`use_policy(toml)`: an app whose operator laid this over the built-in policy."""

    def use(text: str) -> Flask:
        file = tmp_path / "policy.toml"
        file.write_text(text)
        return make_app(DUNNING_POLICY=str(file))

    return use


def test_an_operators_policy_moves_days_fees_countries_and_methods(use_policy) -> None:
    use_policy(OWN_POLICY)
    abroad = {"country": "FR", "zipcode": "75001", "city": "Paris", "company": "Muster SARL"}
    story = a_story(payment_method="paypal", **abroad)
    story.day(2).expect("service_call")
    story.day(4).expect("payment_reminder")
    story.day(14).expect("opened", "service_call lapsed", "first_letter")
    story.day(15).expect("first_call")
    # fourteen days lie between the letters, and the first deadline, 30 January, has passed
    story.day(29).expect("first_call lapsed", "second_letter")
    story.day(32).expect("second_call")
    assert story.step("second_letter").deadline == story.date(39)
    assert ("lump_sum", 25_00) in [entry[:2] for entry in ledger_of(story.receivable_id())]
    story.day(46).expect("second_call lapsed", "handover")


def test_the_second_letter_waits_for_the_day_after_the_first_ones_deadline(use_policy) -> None:
    """A deadline of 25 days runs past the twentieth day, until 6 February."""
    use_policy("[steps.first_letter]\ndeadline_days = 25")
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.day(36).expect("first_call lapsed", "second_letter")


def test_below_the_minimum_claim_no_case_opens(use_policy) -> None:
    use_policy("[limits]\nminimum_claim = 10001")
    story = a_story()
    story.quiet_until(20)


def test_a_case_that_fell_below_the_minimum_claim_is_not_handed_over(use_policy) -> None:
    use_policy("[limits]\nminimum_claim = 5000")
    story = tell_letters(a_story())
    story.pay(60_00).expect()
    story.day(33).expect("second_call lapsed", "failed: open_amount")
