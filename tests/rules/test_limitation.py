"""Limitation: the V table of the law facts."""

from datetime import date

import pytest

from dunning.rules.limitation import limitation_end, title_end


@pytest.mark.parametrize(
    ("due", "end"),
    [
        ("2022-12-31", "2025-12-31"),
        ("2023-01-01", "2026-12-31"),
        ("2023-05-10", "2026-12-31"),
        ("2025-02-14", "2028-12-31"),
        ("2024-02-29", "2027-12-31"),
    ],
)
def test_a_claim_is_barred_three_years_after_the_end_of_its_year(due, end):
    assert limitation_end(date.fromisoformat(due)) == date.fromisoformat(end)


def test_what_the_creditor_learns_later_starts_later():
    assert limitation_end(date(2022, 12, 31), known=date(2023, 1, 2)) == date(2026, 12, 31)
    assert limitation_end(date(2023, 1, 1), known=date(2022, 12, 1)) == date(2026, 12, 31)


def test_a_part_payment_starts_three_new_years_on_its_day():
    assert limitation_end(date(2023, 5, 10), restarts=[date(2026, 3, 10)]) == date(2029, 3, 10)


def test_an_early_part_payment_never_shortens_the_time():
    assert limitation_end(date(2023, 5, 10), restarts=[date(2023, 6, 1)]) == date(2026, 12, 31)


def test_a_payment_on_a_leap_day_ends_on_the_last_of_february():
    assert limitation_end(date(2021, 5, 10), restarts=[date(2024, 2, 29)]) == date(2027, 2, 28)


def test_a_payment_after_limitation_revives_nothing():
    assert limitation_end(date(2022, 5, 10), restarts=[date(2026, 1, 1)]) == date(2025, 12, 31)


def test_each_payment_counts_from_its_own_day():
    paid = [date(2028, 12, 1), date(2026, 3, 10)]
    assert limitation_end(date(2023, 5, 10), restarts=paid) == date(2031, 12, 1)


def test_court_dunning_suspends_and_the_rest_follows():
    suspended = (date(2026, 12, 20), date(2027, 7, 8))
    assert limitation_end(date(2023, 5, 10), suspensions=[suspended]) == date(2027, 7, 20)


def test_a_suspension_after_limitation_adds_nothing():
    late = (date(2027, 1, 1), date(2027, 7, 8))
    assert limitation_end(date(2023, 5, 10), suspensions=[late]) == date(2026, 12, 31)


def test_a_title_lasts_thirty_years():
    assert title_end(date(2026, 6, 1)) == date(2056, 6, 1)
