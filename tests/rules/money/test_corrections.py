"""From the ledger as it is to the ledger as it should be, entry by entry."""

import datetime as dt

from dunning.rules.facts import Entry
from dunning.rules.money.corrections import Posting, list_corrections

MONDAY = dt.date(2026, 6, 1)
TUESDAY, WEDNESDAY = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=2)
FORGIVEN = "remainder_forgiven"


def forgiven(cents: int, on: dt.date, number: int | None = None) -> Entry:
    return Entry(FORGIVEN, -cents, on, id=number)


def restored(cents: int, on: dt.date, number: int, of: int) -> Entry:
    return Entry("reversal", cents, on, FORGIVEN, id=number, reverses_id=of)


def correct(posted: list[Entry], due: list[Entry], today: dt.date = WEDNESDAY) -> list[Posting]:
    return list_corrections(posted, due, today)


def test_what_is_missing_is_posted_to_the_cent():
    assert correct([], [forgiven(1, MONDAY)]) == [Posting(FORGIVEN, -1, MONDAY, id=-1)]


def test_what_stands_as_it_should_is_left_alone():
    assert correct([forgiven(5, MONDAY, 1)], [forgiven(5, MONDAY)]) == []


def test_more_of_it_is_a_new_entry_over_the_difference():
    assert correct([forgiven(5, MONDAY, 1)], [forgiven(7, MONDAY)]) == [Posting(FORGIVEN, -2, MONDAY, id=-1)]


def test_less_of_it_takes_the_days_own_entry_back():
    posted = [forgiven(5, MONDAY, 1), forgiven(5, TUESDAY, 2)]
    due = [forgiven(5, MONDAY), forgiven(3, TUESDAY)]
    assert correct(posted, due) == [Posting("reversal", 2, TUESDAY, 2)]


def test_an_entry_is_taken_back_once_then_the_one_before_it():
    posted = [forgiven(2, MONDAY, 1), forgiven(5, TUESDAY, 2)]
    due = [forgiven(2, MONDAY), Entry(FORGIVEN, 2, WEDNESDAY)]
    assert correct(posted, due) == [Posting("reversal", 5, TUESDAY, 2), Posting("reversal", 2, WEDNESDAY, 1)]


def test_what_was_taken_back_before_is_not_taken_back_again():
    posted = [forgiven(2, MONDAY, 1), forgiven(5, MONDAY, 2), restored(5, TUESDAY, 3, of=2)]
    due = [forgiven(7, MONDAY), Entry(FORGIVEN, 7, TUESDAY)]
    assert correct(posted, due) == [Posting("reversal", 2, TUESDAY, 1)]


def test_two_entries_are_taken_back_where_one_is_not_enough():
    posted = [forgiven(2, MONDAY, 1), forgiven(5, TUESDAY, 2)]
    due = [*posted, Entry(FORGIVEN, 7, WEDNESDAY)]
    assert correct(posted, due) == [
        Posting("reversal", 5, WEDNESDAY, 2),
        Posting("reversal", 2, WEDNESDAY, 1),
    ]


def test_a_reversal_may_point_at_what_is_posted_with_it():
    due = [forgiven(5, MONDAY), Entry(FORGIVEN, 5, TUESDAY)]
    assert correct([], due) == [Posting(FORGIVEN, -5, MONDAY, id=-1), Posting("reversal", 5, TUESDAY, -1)]


def test_when_nothing_up_to_the_day_is_left_a_later_entry_is_taken_back():
    posted = [forgiven(5, MONDAY, 1), restored(5, TUESDAY, 2, of=1)]
    assert correct(posted, []) == [Posting(FORGIVEN, -5, TUESDAY, id=-1), Posting("reversal", 5, MONDAY, -1)]


def test_interest_and_remainder_are_corrected_apart():
    due = [Entry("interest", 4, MONDAY), forgiven(4, MONDAY)]
    assert correct([], due) == [
        Posting("interest", 4, MONDAY, id=-1),
        Posting(FORGIVEN, -4, MONDAY, id=-2),
    ]


def test_what_is_dated_after_today_waits():
    assert correct([], [forgiven(5, WEDNESDAY)], today=TUESDAY) == []
