"""How a case opens, what Start and the vendor's settings mean for it, and how it reaches the handover."""

import datetime as dt
from dataclasses import replace

import pytest

from dunning.rules.course.agenda import next_decision
from dunning.rules.facts import CaseFacts, StepFacts
from dunning.rules.policy import load_policy
from dunning.rules.statuses import Refused
from tests.rules.course.story import CENTS, POLICY, Story, a_story, some_facts

STAGE_ONE = tuple(
    StepFacts(kind, "done", dt.date(2013, 1, 7)) for kind in ("service_call", "payment_reminder")
)
ON_TIME = 34  # the handover's day for an invoice due on 2 January 2013


def tell_to_dunning_date(story: Story, *told: str) -> Story:
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect(*told)
    return story


def running_story(**changes) -> Story:
    """An automatic case whose first letter is out."""
    return tell_to_dunning_date(a_story(**changes), "open", "lapse service_call", "first_letter")


def tell_letters(story: Story) -> Story:
    story.day(11).expect("first_call")
    story.day(20).expect("lapse first_call", "second_letter")
    story.day(21).expect("second_call")
    return story


def change_settings(story: Story, **changes) -> None:
    vendor = story.facts.vendor
    settings = type(vendor.settings)(**(vars(vendor.settings) | changes))
    story.change(vendor=type(vendor)(vendor.id, vendor.name, vendor.active, settings))


# review and automatic ------------------------------------------------------------------------------------


def test_a_reviewed_case_waits_until_the_vendor_presses_start():
    story = tell_to_dunning_date(a_story(review=True), "open awaiting_approval")
    story.quiet_until(90)


def test_a_case_started_late_gets_its_first_letter_at_once_and_the_second_ten_days_after():
    story = tell_to_dunning_date(a_story(review=True), "open awaiting_approval")
    story.quiet_until(25)
    story.start().expect("lapse service_call", "first_letter")
    story.day(26).expect("first_call")
    story.day(35).expect("lapse first_call", "second_letter")
    story.day(36).expect("second_call")
    story.on("2013-02-20").expect("lapse second_call", "handover")


def test_the_vendors_start_is_the_consent_for_letters_and_handover():
    story = tell_to_dunning_date(a_story(review=True, threshold=10_000_00), "open awaiting_approval")
    story.start().expect("lapse service_call", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_start_by_support_sets_no_consent_and_the_handover_waits_for_the_vendor():
    story = tell_to_dunning_date(a_story(review=True), "open awaiting_approval")
    story.start("support").expect("lapse service_call", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "await_consent")
    assert story.status == "ready_for_handover"


def test_an_automatic_case_is_handed_over_by_itself():
    tell_letters(running_story()).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_case_over_the_limit_is_handed_over_by_itself():
    story = running_story(threshold=CENTS - 1)
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_case_of_exactly_the_limit_waits_for_start():
    story = running_story(threshold=CENTS)
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "await_consent")
    story.quiet_until(60)
    story.start().expect("handover")
    assert story.status == "handed_over"


def test_the_limit_is_compared_with_the_open_principal_of_the_day_the_case_opened():
    story = a_story(threshold=CENTS - 1)
    story.quiet_until(0)
    story.pay(1, on=0)
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "await_consent")


def test_a_part_payment_after_opening_does_not_take_the_consent_back():
    story = running_story(threshold=CENTS - 1)
    story.pay(60_00)
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_changed_settings_move_no_open_case():
    story = running_story()
    change_settings(story, review=True, threshold=10_000_00, scheme=1)
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_case_is_never_opened_twice():
    story = tell_to_dunning_date(a_story(review=True), "open awaiting_approval")
    story.cancel()
    assert story.status == "closed"
    story.quiet_until(100)


# red points ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"city": ""}, "city"),
        ({"house_number": "", "zipcode": "123"}, "house_number, zipcode"),
        ({"country": "FR", "zipcode": "75001", "city": "Paris"}, "country"),
        ({"first_name": ""}, "name"),
        ({"active": False}, "vendor_active"),
        ({"scheme": 0}, "scheme_chosen"),
    ],
)
def test_an_automatic_case_with_red_start_points_opens_as_failed_with_its_reasons(changes, points):
    story = tell_to_dunning_date(a_story(**changes), f"open failed: {points}")
    story.quiet_until(100)


def test_a_reviewed_case_opens_with_red_points_and_start_answers_no():
    story = tell_to_dunning_date(a_story(review=True, city=""), "open awaiting_approval")
    assert not story.may_start
    story.correct(city="Berlin")
    story.start().expect("lapse service_call", "first_letter")


def test_a_failed_case_goes_on_at_the_first_step_not_done_after_its_address_was_mended():
    story = tell_to_dunning_date(a_story(city=""), "open failed: city")
    story.quiet_until(30)
    story.correct(city="Berlin")
    story.quiet_until(31)
    story.start().expect("lapse service_call", "first_letter")
    story.day(32).expect("first_call")
    story.day(41).expect("lapse first_call", "second_letter")


def test_a_time_barred_claim_fails():
    story = a_story(due="2013-01-02")
    story.outage_until(story.number_of("2017-01-01"))
    story.on("2017-01-01").expect(
        "skip service_call: missed", "skip payment_reminder: missed", "open failed: not_time_barred"
    )


def test_a_claim_is_not_time_barred_on_the_last_day_of_the_third_year():
    story = a_story(due="2013-01-02")
    story.outage_until(story.number_of("2016-12-31"))
    story.on("2016-12-31").expect(
        "skip service_call: missed", "skip payment_reminder: missed", "open", "first_letter"
    )


def test_below_the_minimum_claim_nothing_happens():
    story = Story(some_facts(), load_policy("[limits]\nminimum_claim = 10001"))
    story.quiet_until(100)


def test_a_claim_of_exactly_the_minimum_is_dunned():
    story = Story(some_facts(), load_policy("[limits]\nminimum_claim = 10000"))
    tell_to_dunning_date(story, "open", "lapse service_call", "first_letter")


@pytest.mark.parametrize("changes", [{"test_payment": True}, {"method": "test"}, {"currency": "USD"}])
def test_some_orders_are_left_alone(changes):
    a_story(**changes).quiet_until(100)


def test_a_letter_waits_while_the_address_is_incomplete():
    story = running_story()
    story.day(11).expect("first_call")
    story.correct(city="")
    story.quiet_until(30)
    story.correct(city="Berlin")
    story.day(31).expect("lapse first_call", "second_letter")


def test_a_red_point_on_the_day_of_the_handover_makes_the_case_fail():
    story = tell_letters(running_story())
    story.correct(city="", zipcode="")
    story.day(ON_TIME).expect("lapse second_call", "fail: zipcode, city")
    story.correct(city="Berlin", zipcode="10115")
    story.quiet_until(40)
    story.start().expect("handover")


# schemes -------------------------------------------------------------------------------------------------


def test_dunning_and_cancel_ends_on_the_day_the_handover_would_be_due():
    story = tell_letters(running_story(scheme=1))
    story.day(ON_TIME).expect("lapse second_call", "cancel_order")
    assert story.facts.order.cancelled
    story.quiet_until(100)


def test_dunning_and_cancel_needs_no_consent_and_knows_no_limit():
    story = tell_letters(running_story(scheme=1, threshold=10_000_00))
    story.day(ON_TIME).expect("lapse second_call", "cancel_order")


@pytest.mark.parametrize("scheme", [2, 3])
def test_both_collection_schemes_hand_over(scheme):
    tell_letters(running_story(scheme=scheme)).day(ON_TIME).expect("lapse second_call", "handover")


def test_a_waiting_case_follows_the_vendors_present_scheme_and_a_running_one_its_own():
    story = tell_to_dunning_date(a_story(review=True, scheme=2), "open awaiting_approval")
    change_settings(story, scheme=1)
    story.start().expect("lapse service_call", "first_letter")
    change_settings(story, scheme=3)
    tell_letters(story).day(ON_TIME).expect("lapse second_call", "cancel_order")


def test_without_a_scheme_no_start_is_possible():
    story = tell_to_dunning_date(a_story(review=True, scheme=0), "open awaiting_approval")
    assert not story.may_start
    change_settings(story, scheme=2)
    story.start().expect("lapse service_call", "first_letter")


# at the partner ------------------------------------------------------------------------------------------


def test_nothing_is_decided_while_a_claim_is_in_review():
    story = tell_letters(running_story())
    story.partner_answers = None
    story.day(ON_TIME).expect("lapse second_call", "handover")
    assert story.facts.case.claim_in_review
    story.quiet_until(60)
    story.answer("accepted")
    assert story.status == "handed_over"


def test_a_claim_in_review_stops_even_a_step_that_is_due():
    case = CaseFacts(1, "running", dt.date(2013, 1, 12), "automatic", 2)
    today = dt.date(2013, 1, 20)
    waits = some_facts(case=replace(case, claim_in_review=True), steps=STAGE_ONE)
    assert next_decision(waits, POLICY, today) is None
    goes_on = replace(waits, case=case)
    assert next_decision(goes_on, POLICY, today).kind == "first_letter"


def test_a_rejected_claim_is_handed_over_again_after_start_in_a_round_of_its_own():
    story = tell_letters(running_story())
    story.partner_answers = "rejected"
    story.day(ON_TIME).expect("lapse second_call", "handover")
    assert story.status == "failed"
    story.quiet_until(50)
    story.partner_answers = "accepted"
    story.start().expect("handover")
    rounds = [(s.round, s.state) for s in story.facts.steps if s.kind == "handover"]
    assert rounds == [(1, "superseded"), (2, "done")]


def test_start_makes_the_handover_due_on_its_own_day():
    story = tell_letters(running_story(threshold=CENTS))
    story.day(ON_TIME).expect("lapse second_call", "await_consent")
    story.quiet_until(50)
    story.start().expect("handover")
    assert story.facts.step("handover").due_on == story.date(50)


def test_a_case_at_the_partner_cannot_be_started_or_cancelled_here():
    story = tell_letters(running_story())
    story.day(ON_TIME).expect("lapse second_call", "handover")
    with pytest.raises(Refused):
        story.cancel()
    with pytest.raises(Refused):
        story.start()


def test_the_day_of_import_plays_no_part():
    story = a_story(due="2013-01-02", order_date=dt.date(2012, 12, 20))
    story.outage_until(7)
    story.day(7).expect("skip service_call: missed", "payment_reminder")
    story.day(10).expect("open", "first_letter")
