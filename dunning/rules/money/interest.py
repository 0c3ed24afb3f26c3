"""Default interest to the cent: § 288(1), (2) BGB above the base rate of § 247 BGB.

Interest is simple (§ 289 BGB), day-exact, first and last day included. The base rate changes on 1 January
and 1 July; each stretch of days with one rate and one year basis is a segment, rounded half up to the cent,
and the sum of rounded segments is the interest, so that the lines of a letter add up. Amounts are cents,
days local dates, rates percent per year.

Who pays from a certain day on less principal calls `accrue_interest` once up to the day before and once
from that day on.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Literal

from dunning.rules.calendar import ONE_DAY
from dunning.rules.cents import round_half_up

Convention = Literal["act/act", "act/365"]

RATE_FILE = Path(__file__).parents[1] / "data" / "base_rates.csv"
RATE_NEWS_BY = timedelta(days=10)


@dataclass(frozen=True)
class Segment:
    """Interest on one principal at one rate: `days` from `first_day` to `last_day`, both included."""

    first_day: date
    last_day: date
    days: int
    principal: int
    base_rate: Decimal
    rate: Decimal
    year_days: int
    cents: int


def read_rates() -> tuple[tuple[date, Decimal], ...]:
    """The base rates as published: day they are valid from, percent."""
    with RATE_FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter=";")
        return tuple((date.fromisoformat(row["valid_from"]), Decimal(row["percent"])) for row in rows)


BASE_RATES = read_rates()
RATE_DAYS = [valid_from for valid_from, _ in BASE_RATES]


def base_rate(day: date) -> Decimal:
    """The base rate on `day` in percent (§ 247 BGB); LookupError before 2002-01-01.

    A day after the last published half-year has the last known rate; see `is_rate_missing`.
    """
    position = bisect_right(RATE_DAYS, day)
    if position == 0:
        raise LookupError(f"no base rate is known for {day.isoformat()}")
    return BASE_RATES[position - 1][1]


def is_rate_missing(today: date) -> bool:
    """True ten days after a half-year began whose base rate is not in the table."""
    return half_year_start(today - RATE_NEWS_BY) > RATE_DAYS[-1]


def accrue_interest(
    principal: int, first_day: date, last_day: date, *, points: int, convention: Convention = "act/act"
) -> tuple[Segment, ...]:
    """Interest on `principal` cents from first to last day, both included, in segments (law.md 1.4).

    `points` are percentage points above the base rate. No segments when nothing is owed or the last day
    comes first. Days before 2002 bear none: their rate is not in the table, and claiming less is safe.
    """
    if principal <= 0:
        return ()
    stretches = split_days(max(first_day, RATE_DAYS[0]), last_day)
    terms = groupby(stretches, key=lambda days: (base_rate(days[0]), count_year(days[0], convention)))
    return tuple(make_segment(principal, list(days), base, points, year) for (base, year), days in terms)


def sum_interest(segments: tuple[Segment, ...]) -> int:
    """Cents: the sum of the rounded lines."""
    return sum(segment.cents for segment in segments)


def make_segment(
    principal: int, stretches: list[tuple[date, date]], base: Decimal, points: int, year_days: int
) -> Segment:
    """One rounded line over neighbouring stretches of days with the same rate and year basis."""
    first_day, last_day = stretches[0][0], stretches[-1][1]
    days = (last_day - first_day).days + 1
    rate = base + points
    cents = round_half_up(Fraction(rate) * principal * days / (100 * year_days))
    return Segment(first_day, last_day, days, principal, base, rate, year_days, cents)


def split_days(first_day: date, last_day: date) -> Iterator[tuple[date, date]]:
    """The days from first to last, cut at every 1 January and 1 July."""
    while first_day <= last_day:
        end = min(last_day, half_year_end(first_day))
        yield first_day, end
        first_day = end + ONE_DAY


def half_year_start(day: date) -> date:
    """The 1 January or 1 July on or before the day."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def half_year_end(day: date) -> date:
    """The 30 June or 31 December on or after the day."""
    return date(day.year, 6, 30) if day.month <= 6 else date(day.year, 12, 31)


def count_year(day: date, convention: Convention) -> int:
    """Days of the year the interest is divided by: 365, or 366 in a leap year under act/act."""
    leap = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    return leap if convention == "act/act" else 365


def default_after_deadline(deadline: date) -> date:
    """First interest day when a reminder set a deadline: the day after it (§§ 286(1), 187(1) BGB)."""
    return deadline + ONE_DAY
