"""How long it is today, so that no test sees two days."""

import datetime as dt

import pytest

from tests.midnight import Daily, find_rest

MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-12-31 22:59", MINUTE),
        ("2026-12-31 23:59", MINUTE),
        ("2026-06-30 21:59", MINUTE),
        ("2026-06-30 12:00", 600 * MINUTE),
        ("2027-03-28 00:30", 21 * 60 * MINUTE + 30 * MINUTE),
        ("2027-10-31 00:30", 22 * 60 * MINUTE + 30 * MINUTE),
        ("2028-02-29 22:58", 2 * MINUTE),
    ],
)
def test_a_day_ends_in_berlin_or_in_utc_whichever_is_first(now: str, left: dt.timedelta) -> None:
    assert find_rest(dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)) == left


def test_what_is_filled_is_filled_once_a_day() -> None:
    numbers = iter(range(9))
    daily = Daily(lambda: next(numbers))
    assert [daily.get(), daily.get()] == [0, 0]
    daily._filled = {day - dt.timedelta(1): filled for day, filled in daily._filled.items()}
    assert [daily.get(), daily.get()] == [1, 1]
