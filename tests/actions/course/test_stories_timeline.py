"""The life of a receivable, day by day, on both databases: which step comes when, also late and after an outage."""

import datetime as dt

import pytest
from flask import Flask

from dunning.actions.dossier.refusals import RedPoints
from tests.actions.course.calendar import a_story, tell_first_letter, tell_letters

pytestmark = pytest.mark.usefixtures("quick_press")


# the table -----------------------------------------------------------------------------------------------


def test_an_unpaid_invoice_takes_every_step_on_its_day_and_goes_to_the_partner_by_itself(
    each_app: Flask,
) -> None:
    story = a_story()
    story.quiet_until(0)
    tell_letters(story)
    story.day(33).expect("second_call lapsed", "handover")
    story.quiet_until(45)
    assert story.status() == "handed_over"
    first, second = story.step("first_letter"), story.step("second_letter")
    # the tenth day of the second letter is a Sunday
    assert (first.deadline, second.deadline) == (story.date(17), story.date(31))


def test_the_day_of_import_plays_no_part_but_what_is_long_over_is_not_made_up(each_app: Flask) -> None:
    story = a_story(imported=30)
    story.day(31).expect(
        "service_call skipped: missed", "payment_reminder skipped: missed", "opened", "first_letter"
    )
    story.day(32).expect("first_call")
    story.day(41).expect("first_call lapsed", "second_letter")


def test_deadlines_and_grace_count_working_days_only(each_app: Flask) -> None:
    """Good Friday and Easter Monday 2026 lie on 3 and 6 April."""
    story = a_story(order_date=dt.date(2026, 3, 4))
    tell_first_letter(story)
    story.day(11).expect("first_call")
    story.on("2026-03-24").expect("first_call lapsed", "second_letter")
    story.on("2026-03-25").expect("second_call")
    assert story.step("second_letter").deadline == dt.date(2026, 4, 7)
    story.on("2026-04-09").expect("second_call lapsed", "handover")


@pytest.mark.parametrize(
    ("zipcode", "city", "deadline"), [("80804", "München", 7), ("10115", "Berlin", 6)], ids=["BY", "BE"]
)
def test_the_holidays_of_the_buyers_land_move_the_deadline(
    each_app: Flask, zipcode: str, city: str, deadline: int
) -> None:
    """Epiphany, 6 January, is a holiday in Bavaria and none in Berlin."""
    story = a_story(order_date=dt.date(2025, 12, 20), zipcode=zipcode, city=city)
    tell_first_letter(story)
    assert story.step("first_letter").deadline == dt.date(2026, 1, deadline)


# late starts ---------------------------------------------------------------------------------------------


def test_a_late_start_sends_the_first_letter_at_once_and_the_second_ten_days_after(each_app: Flask) -> None:
    story = a_story({"incasso_review": True})
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("opened awaiting_approval")
    story.quiet_until(12)
    story.start().expect("service_call lapsed", "first_letter")
    story.day(13).expect("first_call")
    story.day(22).expect("first_call lapsed", "second_letter")
    story.day(23).expect("second_call")
    story.day(34).expect("second_call lapsed", "handover")


def test_a_start_after_everything_was_due_keeps_all_distances(each_app: Flask) -> None:
    story = a_story({"incasso_review": True}, imported=59)
    story.day(60).expect(
        "service_call skipped: missed", "payment_reminder skipped: missed", "opened awaiting_approval"
    )
    story.start().expect("first_letter")
    story.day(61).expect("first_call")
    story.day(70).expect("first_call lapsed", "second_letter")
    story.day(71).expect("second_call")
    story.day(82).expect("second_call lapsed", "handover")


# outages -------------------------------------------------------------------------------------------------


def test_a_missed_step_of_stage_one_is_made_up_for_three_days_and_then_skipped(each_app: Flask) -> None:
    story = a_story()
    story.outage_until(4)
    story.day(4).expect("service_call")
    story.outage_until(9)
    story.day(9).expect("payment_reminder skipped: missed")
    story.day(10).expect("opened", "service_call lapsed", "first_letter")


def test_letters_missed_by_an_outage_keep_their_distance(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.outage_until(45)
    story.day(45).expect("first_call skipped: overtaken", "second_letter")
    story.day(46).expect("second_call")
    story.day(59).expect("second_call lapsed", "handover")


def test_a_clock_off_at_the_start_catches_up_one_letter_at_a_time(each_app: Flask) -> None:
    story = a_story()
    story.outage_until(100)
    story.day(100).expect(
        "service_call skipped: missed", "payment_reminder skipped: missed", "opened", "first_letter"
    )
    story.day(101).expect("first_call")
    story.day(110).expect("first_call lapsed", "second_letter")


def test_a_missed_handover_is_made_by_the_next_run(each_app: Flask) -> None:
    story = tell_letters(a_story())
    story.outage_until(36)
    story.day(36).expect("second_call lapsed", "handover")


# addresses and countries ---------------------------------------------------------------------------------


def test_without_an_e_mail_address_reminders_are_skipped_and_the_letter_waits_for_the_post(
    each_app: Flask,
) -> None:
    story = a_story(email="")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder skipped: no_email")
    story.day(10).expect("opened", "service_call lapsed", "first_letter planned")
    story.quiet_until(40)
    assert story.status() == "running"


def test_a_buyer_in_vienna_is_dunned_like_one_in_berlin(each_app: Flask) -> None:
    story = tell_letters(a_story(country="AT", zipcode="1010", city="Wien"))
    story.day(33).expect("second_call lapsed", "handover")


def test_a_buyer_in_paris_is_not_dunned(each_app: Flask) -> None:
    story = a_story(country="FR", zipcode="75001", city="Paris")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("opened failed: country")
    with pytest.raises(RedPoints):
        story.start()
    story.quiet_until(40)


def test_an_address_mended_after_the_dunning_date_lets_start_go_on_where_it_stopped(each_app: Flask) -> None:
    story = a_story(house_number="")
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("opened failed: house_number")
    story.quiet_until(14)
    story.correct(house_number="4").expect()
    story.start().expect("service_call lapsed", "first_letter")
    story.day(15).expect("first_call")
    story.day(24).expect("first_call lapsed", "second_letter")


def test_an_address_lost_before_a_letter_holds_the_letter_until_it_is_mended(each_app: Flask) -> None:
    story = tell_first_letter(a_story())
    story.correct(city="").expect()
    story.day(11).expect("first_call")
    story.quiet_until(23)
    story.correct(city="München").expect("first_call lapsed", "second_letter")
    story.day(24).expect("second_call")


def test_an_address_lost_before_the_handover_fails_the_case_until_start(each_app: Flask) -> None:
    story = tell_letters(a_story())
    story.correct(city="").expect()
    story.day(33).expect("second_call lapsed", "failed: city")
    story.quiet_until(36)
    story.correct(city="München").expect()
    story.start().expect("handover")
    assert story.status() == "handed_over"


def test_a_claim_found_time_barred_when_it_comes_in_fails(each_app: Flask) -> None:
    """Due in January 2022: barred from 1 January 2026, which is day 1459."""
    story = a_story(order_date=dt.date(2022, 1, 3), imported=1458)
    story.on("2026-01-01").expect(
        "service_call skipped: missed", "payment_reminder skipped: missed", "opened failed: not_time_barred"
    )
    with pytest.raises(RedPoints):
        story.start()


def test_a_claim_the_partner_rejected_is_handed_over_again_after_start(each_app: Flask) -> None:
    story = tell_letters(a_story(last_name="REJECT-Muster"))
    story.day(33).expect("second_call lapsed", "failed: rejected", "handover superseded: rejected")
    story.quiet_until(36)
    story.report(last_name="Muster").expect()
    story.start().expect("handover")
    assert story.step("handover").round == 2
