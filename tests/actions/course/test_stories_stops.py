"""Everything that pauses or ends a receivable's story, and how it goes on, on both databases."""

import pytest
from flask import Flask

from dunning.actions.dossier.refusals import RedPoints
from dunning.rules.statuses import Refused
from tests.actions.course.calendar import DIGEST, Story, a_story, tell_first_letter, tell_letters

pytestmark = pytest.mark.usefixtures("quick_press")

REVIEW = {"incasso_review": True}
AWAITING = "opened awaiting_approval"


def tell_waiting(vendor: dict | None = None, *told: str) -> Story:
    """A reviewed case on its dunning date."""
    story = a_story(vendor or REVIEW)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect(*(told or (AWAITING,)))
    return story


# block and unblock ---------------------------------------------------------------------------------------


def test_a_block_that_ends_before_the_next_step_moves_no_date(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.quiet_until(12)
    story.block().expect("blocked: unsure")
    story.quiet_until(15)
    story.unblock().expect("unblocked")
    story.day(20).expect("first_call lapsed", "second_letter")


def test_a_step_that_came_due_while_blocked_is_made_on_the_day_of_unblocking(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.block().expect("blocked: unsure")
    story.quiet_until(24)
    story.unblock().expect("unblocked", "first_call lapsed", "second_letter")
    assert story.step("second_letter").due_on == story.date(24)
    story.day(25).expect("second_call")
    # the deadline of 5 February and two working days after it
    story.day(38).expect("second_call lapsed", "handover")


def test_a_block_with_an_end_ends_by_itself_on_the_day_after(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.block(until=24).expect("blocked: unsure")
    story.day(25).expect("unblocked", "first_call lapsed", "second_letter")


def test_a_block_over_the_handovers_day_hands_over_on_the_day_of_unblocking(each_app: Flask) -> None:
    story = tell_letters(a_story())
    story.block("insolvency").expect("blocked: insolvency")
    story.quiet_until(40)
    story.unblock().expect("unblocked", "second_call lapsed", "handover")


def test_a_case_blocked_while_it_waits_goes_back_to_waiting(each_app: Flask) -> None:
    story = tell_waiting()
    story.block(until=14).expect("blocked: unsure")
    story.day(15).expect("unblocked")
    assert story.status() == "awaiting_approval"
    story.start().expect("service_call lapsed", "first_letter")


def test_a_case_blocked_while_ready_for_handover_goes_back_to_that(each_app: Flask) -> None:
    story = tell_letters(a_story({"handover_threshold": 10_000_00}))
    story.day(33).expect("second_call lapsed", "ready_for_handover", DIGEST)
    story.block(until=35).expect("blocked: unsure")
    story.day(36).expect("unblocked", DIGEST)
    assert story.status() == "ready_for_handover"
    story.start().expect("handover")


# promises ------------------------------------------------------------------------------------------------


def test_a_promise_before_a_case_moves_the_dunning_date_to_the_day_after_it(each_app: Flask) -> None:
    story = a_story()
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.promise(until=13).expect()
    story.day(14).expect("opened", "service_call lapsed", "first_letter")
    story.day(15).expect("first_call")
    story.day(24).expect("first_call lapsed", "second_letter")


def test_a_promise_holds_back_the_reminder_too(each_app: Flask) -> None:
    story = a_story()
    story.day(1).expect("service_call")
    story.promise(until=6).expect()
    story.day(7).expect("payment_reminder")


def test_a_promise_kept_before_a_case_ends_the_story(each_app: Flask) -> None:
    story = a_story()
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.promise(until=13).expect()
    story.quiet_until(12)
    story.pay().expect()
    story.day(13).expect("service_call superseded: paid")
    story.quiet_until(20)
    assert story.status() == "none"


def test_a_broken_promise_lets_the_case_go_on_at_the_same_step_the_day_after(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.promise(until=22).expect("blocked: promise")
    story.day(23).expect("unblocked", "first_call lapsed", "second_letter")


def test_a_promise_kept_on_a_case_pays_it(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.promise(until=22).expect("blocked: promise")
    story.quiet_until(21)
    story.pay().expect("paid", "first_call superseded: paid")
    story.quiet_until(25)


def test_a_promise_given_again_for_a_later_day_lasts_until_that_day(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.promise(until=22).expect("blocked: promise")
    story.quiet_until(21)
    story.promise(until=26).expect()
    story.day(27).expect("unblocked", "first_call lapsed", "second_letter")


def test_a_promise_given_again_lasts_when_a_cancel_is_undone(app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.promise(until=12).expect("blocked: promise")
    story.promise(until=26).expect()
    story.cancel().expect("cancelled")
    story.undo().expect("reopened")
    story.day(27).expect("unblocked", "first_call skipped: overtaken", "second_letter")


def test_support_may_end_a_promises_block_before_its_day(each_app: Flask) -> None:
    story = tell_letters(a_story())
    story.promise(until=40).expect("blocked: promise")
    story.quiet_until(34)
    story.unblock().expect("unblocked", "second_call lapsed", "handover")


# disputes ------------------------------------------------------------------------------------------------


def test_a_dispute_before_an_automatic_case_fails_it_until_it_is_settled(each_app: Flask) -> None:
    story = a_story()
    story.day(1).expect("service_call")
    story.dispute().expect()
    story.day(10).expect("opened failed: no_dispute")
    with pytest.raises(RedPoints):
        story.start()
    story.quiet_until(12)
    story.resolve().expect()
    story.start().expect("payment_reminder skipped: missed", "service_call lapsed", "first_letter")


def test_a_dispute_before_a_reviewed_case_is_a_red_point_of_its_start(each_app: Flask) -> None:
    story = a_story(REVIEW)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.dispute().expect()
    story.day(10).expect(AWAITING)
    with pytest.raises(RedPoints):
        story.start()
    story.resolve().expect()
    story.start().expect("service_call lapsed", "first_letter")


def test_a_disputed_case_goes_on_when_the_dispute_is_resolved_and_support_unblocks_it(
    each_app: Flask,
) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.dispute().expect("blocked: dispute")
    story.quiet_until(22)
    with pytest.raises(Refused):
        story.unblock()
    story.resolve().expect()
    story.quiet_until(23)
    story.unblock().expect("unblocked", "first_call lapsed", "second_letter")


def test_a_dispute_at_the_partner_leaves_the_status(each_app: Flask) -> None:
    story = tell_letters(a_story())
    story.day(33).expect("second_call lapsed", "handover")
    story.dispute().expect()
    story.quiet_until(36)
    assert story.status() == "handed_over"


# undo, cancel --------------------------------------------------------------------------------------------


def test_a_start_taken_back_within_half_a_minute_sends_nothing_and_can_be_pressed_again(
    each_app: Flask,
) -> None:
    story = tell_waiting()
    story.start_and_undo().expect("undone", "first_letter superseded: undone", "service_call lapsed")
    story.quiet_until(15)
    story.start().expect("first_letter")
    story.day(16).expect("first_call")
    story.day(25).expect("first_call lapsed", "second_letter")


def test_a_case_cancelled_before_any_letter_is_closed_for_good(each_app: Flask) -> None:
    story = tell_waiting()
    story.cancel().expect("closed", "service_call superseded: cancelled")
    story.quiet_until(40)


def test_a_case_cancelled_after_a_letter_gets_nothing_more(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.cancel().expect("cancelled")
    story.quiet_until(40)


def test_a_cancel_undone_on_the_same_day_goes_on_with_its_own_dates(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.cancel().expect("cancelled", "first_call superseded: cancelled")
    story.undo().expect("reopened")
    story.day(12).expect("first_call")
    story.day(20).expect("first_call lapsed", "second_letter")


def test_a_waiting_case_whose_cancel_was_undone_waits_again(each_app: Flask) -> None:
    story = tell_waiting()
    story.cancel().expect("closed", "service_call superseded: cancelled")
    story.undo().expect("reopened")
    story.quiet_until(12)
    story.start().expect("service_call skipped: missed", "first_letter")


def test_a_cancel_cannot_be_undone_the_next_day(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.cancel().expect("cancelled")
    story.quiet_until(11)
    with pytest.raises(Refused):
        story.undo()


def test_a_case_support_reopens_later_goes_on_with_the_step_that_is_due(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.day(11).expect("first_call")
    story.cancel().expect("cancelled", "first_call superseded: cancelled")
    story.quiet_until(30)
    story.reopen().expect("reopened")
    story.day(31).expect("first_call skipped: overtaken", "second_letter")
    story.day(32).expect("second_call")


def test_a_case_paid_while_it_was_cancelled_is_paid_when_it_is_reopened(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.cancel().expect("cancelled")
    story.pay().expect()
    story.quiet_until(14)
    story.reopen().expect("reopened", "paid")
    story.quiet_until(25)
