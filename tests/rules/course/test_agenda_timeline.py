"""The timeline told by day: what happens when nobody pays, with holidays, outages and letters that do not leave."""

import pytest

from tests.rules.course.story import Story, a_story, some_facts

COLOGNE = {"zipcode": "50667", "city": "Köln"}
VIENNA = {"country": "AT", "zipcode": "1010", "city": "Wien"}


def story_at_first_letter(**changes) -> Story:
    """The first letter went out on day 10, nobody has called."""
    story = a_story(**changes)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("open", "lapse service_call", "first_letter")
    return story


def story_at_second_letter(**changes) -> Story:
    """Both letters are out, nobody has called."""
    story = story_at_first_letter(**changes)
    story.day(11).expect("first_call")
    story.day(20).expect("lapse first_call", "second_letter")
    return story


def deadline(story: Story, kind: str) -> str:
    return story.facts.done(kind).deadline.isoformat()


# the whole life -----------------------------------------------------------------------------------------


def test_an_unpaid_invoice_walks_the_whole_timeline():
    story = a_story(due="2013-01-02")
    story.quiet_until(0)
    story.day(1).expect("service_call")
    story.quiet_until(4)
    story.day(5).expect("payment_reminder")
    story.quiet_until(9)
    story.day(10).expect("open", "lapse service_call", "first_letter")
    story.day(11).expect("first_call")
    story.quiet_until(19)
    story.day(20).expect("lapse first_call", "second_letter")
    story.day(21).expect("second_call")
    story.on("2013-02-05").expect("lapse second_call", "handover")
    assert story.status == "handed_over"
    story.quiet_until(120)


def test_calls_that_were_made_do_not_lapse():
    story = a_story()
    for day, call, told in (
        (1, "service_call", ("service_call",)),
        (5, None, ("payment_reminder",)),
        (10, None, ("open", "first_letter")),
        (11, "first_call", ("first_call",)),
        (20, None, ("second_letter",)),
        (21, "second_call", ("second_call",)),
        (34, None, ("handover",)),
    ):
        story.day(day).expect(*told)
        if call:
            story.finish(call)


def test_a_call_made_late_does_not_move_the_letter():
    story = story_at_first_letter()
    story.day(11).expect("first_call")
    story.quiet_until(18)
    story.finish("first_call")
    story.day(20).expect("second_letter")


def test_a_call_is_due_on_its_own_date_even_on_a_sunday():
    story = story_at_first_letter(due="2013-01-02")
    assert story.date(11).isoweekday() == 7
    story.day(11).expect("first_call")


def test_nothing_happens_on_the_due_date_itself():
    a_story().quiet_until(0)


def test_the_first_case_day_is_ten_days_after_the_due_date_and_not_the_order_date():
    story = a_story(due="2013-01-02", order_date=some_facts("2012-12-01").due_date)
    story.quiet_until(0)
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.on("2013-01-12").expect("open", "lapse service_call", "first_letter")


# § 193 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "place", "expected"),
    [
        ("2013-01-09", {}, "2013-01-28"),  # a Saturday
        ("2013-01-10", {}, "2013-01-28"),  # a Sunday
        ("2013-01-11", {}, "2013-01-28"),  # a Monday stays
        ("2013-04-14", {}, "2013-05-02"),  # 1 May
        ("2013-10-15", COLOGNE, "2013-11-04"),  # All Saints in North Rhine-Westphalia, a Friday
        ("2013-10-15", {}, "2013-11-01"),  # a working day in Berlin
        (
            "2013-10-14",
            {"zipcode": "14467", "city": "Potsdam"},
            "2013-11-01",
        ),  # Reformation Day in Brandenburg
        ("2013-10-14", {"zipcode": "17337", "city": "Uckerland"}, "2013-10-31"),  # lies in two Länder
        ("2013-10-15", VIENNA, "2013-11-01"),  # All Saints there too, but only German holidays count
        ("2013-09-16", VIENNA, "2013-10-04"),  # German Unity Day
    ],
)
def test_a_first_letters_deadline_is_moved_to_a_working_day_of_the_buyers_land(due, place, expected):
    story = story_at_first_letter(due=due, **place)
    assert deadline(story, "first_letter") == expected


def test_christmas_eve_and_new_years_eve_are_working_days():
    story = story_at_first_letter(due="2013-12-07")
    assert deadline(story, "first_letter") == "2013-12-24"
    story = story_at_first_letter(due="2013-12-14")
    assert deadline(story, "first_letter") == "2013-12-31"


def test_the_second_letter_waits_for_the_day_after_a_deadline_moved_by_easter():
    story = story_at_first_letter(due="2013-03-12")
    assert deadline(story, "first_letter") == "2013-04-02"
    story.day(11).expect("first_call")
    story.on("2013-04-03").expect("lapse first_call", "second_letter")


def test_the_second_letters_deadline_is_ten_days_moved_to_a_working_day():
    story = story_at_second_letter(due="2013-01-04")
    assert (story.today.isoformat(), deadline(story, "second_letter")) == ("2013-01-24", "2013-02-04")


def test_two_working_days_of_grace_lie_between_the_last_deadline_and_the_handover():
    story = story_at_second_letter(due="2013-02-26")
    assert deadline(story, "second_letter") == "2013-03-28"  # then Good Friday to Easter Monday
    story.day(21).expect("second_call")
    story.on("2013-04-03").expect("lapse second_call", "handover")


def test_a_holiday_of_the_land_lengthens_the_grace():
    berlin = story_at_second_letter(due="2013-10-01")
    assert deadline(berlin, "second_letter") == "2013-10-31"
    berlin.day(21).expect("second_call")
    berlin.on("2013-11-04").expect("lapse second_call", "handover")
    cologne = story_at_second_letter(due="2013-10-01", **COLOGNE)
    cologne.day(21).expect("second_call")
    cologne.on("2013-11-05").expect("lapse second_call", "handover")


# stage 1 after an outage ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first_run", [2, 3, 4])
def test_a_missed_service_call_is_made_up_within_three_days(first_run):
    story = a_story()
    story.outage_until(first_run)
    story.day(first_run).expect("service_call")


def test_a_service_call_missed_for_longer_is_skipped_and_stays_visible():
    story = a_story()
    story.outage_until(5)
    story.day(5).expect("skip service_call: missed", "payment_reminder")
    assert story.facts.step("service_call").due_on == story.date(1)


@pytest.mark.parametrize("first_run", [6, 7, 8])
def test_a_missed_reminder_is_made_up_within_three_days(first_run):
    story = a_story()
    story.day(1).expect("service_call")
    story.outage_until(first_run)
    story.day(first_run).expect("payment_reminder")


def test_a_reminder_missed_for_longer_is_skipped():
    story = a_story()
    story.day(1).expect("service_call")
    story.outage_until(9)
    story.day(9).expect("skip payment_reminder: missed")


@pytest.mark.parametrize("email", ["", "kunde", "kunde@"])
def test_without_a_good_address_the_reminder_is_skipped_and_letters_go_out(email):
    story = a_story(email=email)
    story.day(1).expect("service_call")
    story.day(5).expect("skip payment_reminder: no_email")
    story.day(10).expect("open", "lapse service_call", "first_letter")


def test_an_address_the_server_refused_for_good_gets_no_reminder():
    story = a_story(email_refused=True)
    story.day(1).expect("service_call")
    story.day(5).expect("skip payment_reminder: no_email")


# distances kept ------------------------------------------------------------------------------------------


def test_after_a_long_outage_the_first_letter_goes_at_once_and_the_second_ten_days_later():
    story = a_story(due="2013-01-02")
    story.outage_until(40)
    story.day(40).expect("skip service_call: missed", "skip payment_reminder: missed", "open", "first_letter")
    story.day(41).expect("first_call")
    story.day(50).expect("lapse first_call", "second_letter")
    story.day(51).expect("second_call")
    assert deadline(story, "second_letter") == "2013-03-04"
    story.on("2013-03-06").expect("lapse second_call", "handover")


def test_a_second_letter_missed_by_an_outage_keeps_its_distance_to_the_handover():
    story = story_at_first_letter()
    story.outage_until(60)
    story.day(60).expect("skip first_call: overtaken", "second_letter")
    story.day(61).expect("second_call")
    assert deadline(story, "second_letter") == "2013-03-13"
    story.on("2013-03-15").expect("lapse second_call", "handover")


def test_a_missed_handover_is_made_by_the_next_run():
    story = story_at_second_letter()
    story.outage_until(60)
    story.day(60).expect("skip second_call: overtaken", "handover")


def test_a_first_call_missed_by_an_outage_is_made_while_the_second_letter_is_not_due():
    story = story_at_first_letter()
    story.outage_until(15)
    story.day(15).expect("first_call")
    story.day(20).expect("lapse first_call", "second_letter")


# letters that do not leave -------------------------------------------------------------------------------


def story_with_letter_under_way() -> Story:
    story = a_story()
    story.letters_leave = False
    story.day(1).expect("service_call")
    story.day(5).expect("payment_reminder")
    story.day(10).expect("open", "lapse service_call", "first_letter")
    return story


def test_later_steps_wait_until_a_letter_is_out_and_then_count_from_that_day():
    story = story_with_letter_under_way()
    story.quiet_until(14)
    story.finish("first_letter")
    story.day(15).expect("first_call")
    story.day(24).expect("lapse first_call", "second_letter")


def test_a_letter_in_doubt_counts_as_not_sent():
    story = story_with_letter_under_way()
    story.change_step("first_letter", state="in_doubt")
    story.quiet_until(60)
    assert story.status == "running"


def test_a_superseded_letter_is_made_anew_on_the_next_day():
    story = story_with_letter_under_way()
    story.change_step("first_letter", state="superseded")
    story.day(11).expect("first_letter")
    assert [(s.round, s.state) for s in story.facts.steps if s.kind == "first_letter"] == [
        (1, "superseded"),
        (2, "planned"),
    ]


def test_a_letter_made_anew_starts_the_distances_again():
    story = story_with_letter_under_way()
    story.quiet_until(13)
    story.change_step("first_letter", state="superseded")
    story.letters_leave = True
    story.day(14).expect("first_letter")
    story.day(15).expect("first_call")
    story.day(24).expect("lapse first_call", "second_letter")


def test_a_second_letter_under_way_holds_up_the_handover():
    story = story_at_first_letter()
    story.day(11).expect("first_call")
    story.letters_leave = False
    story.day(20).expect("lapse first_call", "second_letter")
    story.quiet_until(60)
