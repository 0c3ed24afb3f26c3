"""Limitation: the V table of the law facts."""

from datetime import date

import pytest

from dunning.rules.facts import Entry
from dunning.rules.money.limitation import Limitation, judge_limitation, limitation_end


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


# --- alarms ---


def paid(on: str, cents: int = 30_00) -> Entry:
    return Entry("payment", -cents, date.fromisoformat(on))


def judge(today: str, *entries: Entry, due: str = "2023-05-10") -> Limitation:
    found = judge_limitation(date.fromisoformat(due), entries, date.fromisoformat(today))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("today", "days", "alarm"),
    [
        ("2026-07-03", 181, None),
        ("2026-07-04", 180, 180),
        ("2026-10-01", 91, 180),
        ("2026-10-02", 90, 90),
        ("2026-11-22", 39, 90),  # the V table's own example
        ("2026-12-01", 30, 30),
        ("2026-12-31", 0, 30),
        ("2027-01-01", -1, 0),
    ],
)
def test_the_alarm_rises_180_90_and_30_days_before_the_end(today, days, alarm):
    found = judge(today)
    assert (found.days_left, found.alarm, found.barred) == (days, alarm, days < 0)


def test_a_part_payment_in_the_ledger_silences_the_alarm():
    found = judge("2026-11-22", paid("2026-03-10"))
    assert (found.last_day, found.alarm) == (date(2029, 3, 10), None)


def test_a_payment_of_a_later_day_is_not_known_yet():
    assert judge("2026-11-22", paid("2026-11-23")).last_day == date(2026, 12, 31)


def test_a_payment_booked_in_error_restarts_nothing():
    taken_back = Entry("reversal", 30_00, date(2026, 3, 10), "payment")
    assert judge("2026-11-22", paid("2026-03-10"), taken_back).last_day == date(2026, 12, 31)


def test_a_payment_that_was_charged_back_restarts_nothing_but_a_later_one_does():
    charged_back = Entry("chargeback", 30_00, date(2026, 4, 1))
    assert judge("2026-11-22", paid("2026-03-10"), charged_back).last_day == date(2026, 12, 31)
    later = judge("2026-11-22", paid("2026-03-10"), charged_back, paid("2026-05-02"))
    assert later.last_day == date(2029, 5, 2)


def test_a_refund_or_a_fee_restarts_nothing():
    others = [Entry(kind, -5_00, date(2026, 3, 10)) for kind in ("refund", "remainder_forgiven", "fee")]
    assert judge("2026-11-22", *others).last_day == date(2026, 12, 31)


def test_without_a_due_date_there_is_nothing_to_judge():
    assert judge_limitation(None, [], date(2026, 11, 22)) is None
