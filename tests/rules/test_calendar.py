"""Working days by Land: § 193 BGB, day by day (the H table of the law facts)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.calendar import (
    is_working_day,
    land_of,
    list_holidays,
    next_working_day,
    nth_working_day_after,
)

LANDS = ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
lands = st.sampled_from([None, *LANDS])


@pytest.mark.parametrize(
    ("day", "land", "rolled"),
    [
        ("2026-12-25", "NW", "2026-12-28"),
        ("2026-10-31", "SN", "2026-11-02"),
        ("2026-06-04", "BY", "2026-06-05"),
        ("2026-06-04", "BE", "2026-06-04"),
        ("2026-11-01", "NW", "2026-11-02"),
        ("2026-04-03", "HH", "2026-04-07"),
        ("2026-08-15", "SL", "2026-08-17"),
        ("2027-01-01", "BY", "2027-01-04"),
        ("2027-01-06", "BY", "2027-01-07"),
        ("2026-11-18", "SN", "2026-11-19"),
        ("2026-11-18", "BE", "2026-11-18"),
        ("2026-12-24", "NW", "2026-12-24"),
        ("2026-12-31", None, "2026-12-31"),
    ],
)
def test_a_deadline_rolls_to_a_working_day_of_the_land(day, land, rolled):
    assert next_working_day(date.fromisoformat(day), land) == date.fromisoformat(rolled)


@pytest.mark.parametrize("land", [None, *LANDS])
def test_a_weekend_rolls_to_monday_everywhere(land):
    assert next_working_day(date(2026, 9, 26), land) == date(2026, 9, 28)
    assert next_working_day(date(2027, 5, 1), land) == date(2027, 5, 3)


def test_a_holiday_of_one_land_does_not_count_for_a_foreign_buyer():
    corpus_christi = date(2026, 6, 4)
    assert is_working_day(corpus_christi, None)
    assert not is_working_day(corpus_christi, "NW")


def test_assumption_day_is_a_holiday_of_the_whole_land_in_saarland_only():
    assumption_day = date(2025, 8, 15)
    assert [land for land in LANDS if not is_working_day(assumption_day, land)] == ["SL"]


def test_augsburg_keeps_its_peace_festival_to_itself():
    assert is_working_day(date(2025, 8, 8), "BY")


def test_holidays_begin_when_the_law_says():
    reformation = {year: is_working_day(date(year, 10, 31), "NI") for year in (2016, 2017, 2018)}
    assert reformation == {2016: True, 2017: False, 2018: False}
    assert not is_working_day(date(1994, 11, 16), "NW")
    assert is_working_day(date(1995, 11, 22), "NW")
    assert not is_working_day(date(2025, 5, 8), "BE")
    assert not is_working_day(date(2023, 3, 8), "MV")


def test_the_numbers_of_holidays_of_2026_are_those_of_the_laender():
    counted = {land: len(list_holidays(land, 2026)) for land in LANDS}
    assert counted == dict(
        zip(LANDS, [12, 10, 12, 12, 10, 10, 10, 11, 10, 11, 11, 10, 12, 11, 11, 11], strict=True)
    )


@pytest.mark.parametrize("year", [1990, 2060])
def test_easter_and_christmas_are_known_at_both_ends_of_the_years(year):
    good_friday = {1990: date(1990, 4, 13), 2060: date(2060, 4, 16)}[year]
    assert next_working_day(good_friday) == good_friday + timedelta(days=4)
    assert {date(year, 10, 3), date(year, 12, 25), date(year, 12, 26)} <= list_holidays(None, year)


def test_handover_is_the_second_working_day_after_the_deadline():
    assert nth_working_day_after(date(2026, 12, 2), 2) == date(2026, 12, 4)
    assert nth_working_day_after(date(2026, 12, 3), 2) == date(2026, 12, 7)
    assert nth_working_day_after(date(2026, 12, 23), 2) == date(2026, 12, 28)
    assert nth_working_day_after(date(2026, 6, 3), 1, "BY") == date(2026, 6, 5)


def test_there_is_no_working_day_number_zero():
    with pytest.raises(ValueError, match="at least 1"):
        nth_working_day_after(date(2026, 12, 2), 0)


@given(days, lands)
def test_rolling_ends_on_the_first_working_day_not_before(day, land):
    rolled = next_working_day(day, land)
    assert is_working_day(rolled, land)
    assert not any(is_working_day(day + timedelta(days=n), land) for n in range((rolled - day).days))
    assert (rolled - day).days <= 5


@given(days, lands, st.integers(1, 12))
def test_the_nth_working_day_has_n_minus_one_between(day, land, n):
    found = nth_working_day_after(day, n, land)
    between = [day + timedelta(days=k) for k in range(1, (found - day).days)]
    assert is_working_day(found, land)
    assert sum(is_working_day(step, land) for step in between) == n - 1


@pytest.mark.parametrize(
    ("country", "postcode", "land"),
    [
        ("DE", "10115", "BE"),
        ("DE", "01067", "SN"),
        ("DE", "20095", "HH"),
        ("DE", "50674", "NW"),
        ("DE", "80331", "BY"),
        ("DE", "66111", "SL"),
        ("DE", "69434", None),
        ("DE", "21039", None),
        ("DE", "11011", None),
        ("DE", "", None),
        ("AT", "1010", None),
        ("CH", "8001", None),
        ("FR", "67000", None),
    ],
)
def test_a_postcode_tells_the_land_only_when_it_lies_in_one(country, postcode, land):
    assert land_of(country, postcode) == land
