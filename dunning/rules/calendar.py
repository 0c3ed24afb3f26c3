"""Working days as § 193 BGB means them, by the debtor's Land.

No working day is a Saturday, a Sunday, a nationwide German holiday or a holiday of the whole Land;
holidays of single towns or of catholic parishes do not count. 24 and 31 December are working days.
Days are local dates; `land` is a two-letter code or None: then only nationwide holidays count, as for
every buyer outside Germany.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from holidays.countries.germany import Germany

from dunning.rules.postcodes import known_lands

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class GermanHolidays(Germany):
    """The library's table, which begins in 1991, from 1990 on (17 June 1990 was a Sunday)."""

    start_year = 1990


def land_of(country: str, postcode: str) -> str | None:
    """The Land of a German postcode, None when it lies in several, is unknown or not German."""
    lands = known_lands(postcode) if country == "DE" else ()
    return lands[0] if len(lands) == 1 else None


@cache
def list_holidays(land: str | None, year: int) -> frozenset[date]:
    """Nationwide holidays of a year and, with a Land, those of the whole Land."""
    return frozenset(GermanHolidays(subdiv=land, years=year, expand=False))


def is_working_day(day: date, land: str | None = None) -> bool:
    """True unless the day is a Saturday, a Sunday or a holiday there (§ 193 BGB)."""
    return day.weekday() < SATURDAY and day not in list_holidays(land, day.year)


def next_working_day(day: date, land: str | None = None) -> date:
    """The day itself if it is a working day, else the next one: § 193 BGB."""
    while not is_working_day(day, land):
        day += ONE_DAY
    return day


def nth_working_day_after(day: date, n: int, land: str | None = None) -> date:
    """The n-th working day after `day`, which itself does not count; n is at least 1."""
    if n < 1:
        raise ValueError("n must be at least 1")
    days = working_days_after(day, land)
    return [next(days) for _ in range(n)][-1]


def working_days_after(day: date, land: str | None = None) -> Iterator[date]:
    """The working days after `day`, without end."""
    while True:
        day = next_working_day(day + ONE_DAY, land)
        yield day
