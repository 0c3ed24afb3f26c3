"""Default interest to the cent: the Z, P and S tables of the law facts, base rates, and what always holds."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.rules.money.interest import (
    BASE_RATES,
    accrue_interest,
    base_rate,
    default_after_deadline,
    is_rate_missing,
    sum_interest,
)

days = st.dates(date(2002, 1, 1), date(2035, 12, 31))
principals = st.integers(0, 100_000_00)
points = st.sampled_from([5, 8, 9])


def interest(principal, first, last, pp=5, convention="act/act"):
    return sum_interest(
        accrue_interest(
            principal, date.fromisoformat(first), date.fromisoformat(last), points=pp, convention=convention
        )
    )


@pytest.mark.parametrize(
    ("principal", "first", "last", "pp", "act_act", "act_365"),
    [
        (10000, "2026-07-01", "2026-07-31", 5, 55, 55),
        (119000, "2026-01-15", "2026-11-22", 5, 6496, 6496),
        (119000, "2026-01-15", "2026-11-22", 9, 10565, 10565),
        (25050, "2025-12-01", "2026-08-31", 5, 1189, 1189),
        (500000, "2023-12-15", "2024-03-15", 9, 15752, 15788),
        (4990, "2026-09-03", "2026-11-22", 5, 72, 72),
        (100000, "2012-12-01", "2014-08-31", 5, 8070, 8071),
        (100000, "2024-01-01", "2024-12-31", 5, 8494, 8517),
        (1, "2026-07-01", "2026-12-31", 5, 0, 0),
    ],
)
def test_interest_is_exact_in_both_conventions(principal, first, last, pp, act_act, act_365):
    assert interest(principal, first, last, pp) == act_act
    assert interest(principal, first, last, pp, "act/365") == act_365


def test_half_years_with_the_same_rate_are_one_line_and_the_lines_add_up():
    lines = accrue_interest(25050, date(2025, 12, 1), date(2026, 8, 31), points=5)
    assert [(line.days, line.rate, line.cents) for line in lines] == [
        (212, Decimal("6.27"), 912),
        (62, Decimal("6.52"), 277),
    ]


def test_a_leap_year_starts_a_line_of_its_own_under_act_act_only():
    span = date(2019, 12, 1), date(2020, 1, 31)
    assert [line.year_days for line in accrue_interest(10000, *span, points=5)] == [365, 366]
    assert len(accrue_interest(10000, *span, points=5, convention="act/365")) == 1


def test_the_sample_letter_has_its_two_lines_of_interest():
    assert interest(49000, "2026-09-24", "2026-10-11") == 158
    assert interest(39158, "2026-10-12", "2026-11-23") == 301


def test_no_days_and_no_principal_bear_no_interest():
    assert accrue_interest(10000, date(2026, 7, 2), date(2026, 7, 1), points=5) == ()
    assert accrue_interest(0, date(2026, 7, 1), date(2026, 7, 31), points=5) == ()
    assert accrue_interest(-500, date(2026, 7, 1), date(2026, 7, 31), points=5) == ()


def test_days_before_the_first_known_base_rate_bear_no_interest():
    late = accrue_interest(100000, date(2002, 1, 1), date(2002, 1, 31), points=5)
    assert accrue_interest(100000, date(1995, 1, 1), date(2002, 1, 31), points=5) == late
    assert accrue_interest(100000, date(1995, 1, 1), date(2001, 12, 31), points=5) == ()


# Base rates, § 247 BGB


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        ("2002-01-01", "2.57"),
        ("2013-06-30", "-0.13"),
        ("2013-07-01", "-0.38"),
        ("2016-06-30", "-0.83"),
        ("2022-12-31", "-0.88"),
        ("2025-07-01", "1.27"),
        ("2026-06-30", "1.27"),
        ("2026-07-01", "1.52"),
        ("2031-01-01", "1.52"),
    ],
)
def test_the_base_rate_changes_on_the_first_of_a_half_year(day, percent):
    assert base_rate(date.fromisoformat(day)) == Decimal(percent)


def test_there_is_no_base_rate_before_2002():
    with pytest.raises(LookupError, match="2001-12-31"):
        base_rate(date(2001, 12, 31))


def test_the_table_has_every_half_year_once():
    half_years = [(day.year - 2002) * 2 + (day.month == 7) for day, _ in BASE_RATES]
    assert half_years == list(range(len(BASE_RATES)))
    assert {(day.month, day.day) for day, _ in BASE_RATES} == {(1, 1), (7, 1)}


def test_a_missing_base_rate_is_noticed_ten_days_after_the_half_year_began():
    last = BASE_RATES[-1][0]
    begun = date(last.year + 1, 1, 1) if last.month == 7 else date(last.year, 7, 1)
    assert not is_rate_missing(begun + timedelta(days=9))
    assert is_rate_missing(begun + timedelta(days=10))


# First interest day, § 286 BGB


def test_interest_begins_on_the_day_after_a_reminders_deadline():
    assert default_after_deadline(date(2026, 10, 20)) == date(2026, 10, 21)


# What always holds


@given(principals, days, st.integers(0, 2000), points, st.sampled_from(["act/act", "act/365"]))
def test_segments_cover_every_day_once(principal, first, length, pp, convention):
    last = first + timedelta(days=length)
    lines = accrue_interest(principal + 1, first, last, points=pp, convention=convention)
    assert (lines[0].first_day, lines[-1].last_day) == (first, last)
    assert all(after.first_day - before.last_day == timedelta(days=1) for before, after in pairwise(lines))
    assert all(
        (before.rate, before.year_days) != (after.rate, after.year_days) for before, after in pairwise(lines)
    )
    assert sum(line.days for line in lines) == length + 1


@given(principals, days, st.integers(1, 1500), st.data())
def test_splitting_a_period_changes_at_most_a_cent_per_split(principal, first, length, data):
    last = first + timedelta(days=length)
    cut = first + timedelta(days=data.draw(st.integers(0, length - 1)))
    whole = sum_interest(accrue_interest(principal, first, last, points=5))
    before = sum_interest(accrue_interest(principal, first, cut, points=5))
    after = sum_interest(accrue_interest(principal, cut + timedelta(days=1), last, points=5))
    assert abs(before + after - whole) <= 1


@given(principals, days, st.integers(0, 1500), points)
def test_interest_never_falls_with_another_day_or_another_cent(principal, first, length, pp):
    last = first + timedelta(days=length)
    today = sum_interest(accrue_interest(principal, first, last, points=pp))
    assert sum_interest(accrue_interest(principal, first, last + timedelta(days=1), points=pp)) >= today
    assert sum_interest(accrue_interest(principal + 1, first, last, points=pp)) >= today


@given(principals, days, st.integers(0, 1500), points)
def test_act_act_never_claims_more_than_act_365(principal, first, length, pp):
    last = first + timedelta(days=length)
    actual = accrue_interest(principal, first, last, points=pp)
    fixed = accrue_interest(principal, first, last, points=pp, convention="act/365")
    # each line is rounded, and ACT/ACT has more of them
    assert sum_interest(actual) <= sum_interest(fixed) + len(actual)
