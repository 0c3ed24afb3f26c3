"""Limitation of claims: the last day a claim can be enforced against the plea of § 214 BGB.

Three years from the end of the year (§§ 195, 199(1)); a part payment or acknowledgment starts three new
years on its own day (§ 212); suspended days are added (§ 209); a title lasts thirty years (§ 197).
A reminder letter does not stop it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

REGULAR_YEARS = 3
TITLE_YEARS = 30

Span = tuple[date, date]


def limitation_end(
    due: date, *, known: date | None = None, restarts: Iterable[date] = (), suspensions: Iterable[Span] = ()
) -> date:
    """The last day before limitation, from the due date and the day the creditor knew of the claim.

    `restarts` are days of part payments and acknowledgments, `suspensions` first and last days, both
    included; what happens after the claim is barred changes nothing.
    """
    end = date(max(due, known or due).year + REGULAR_YEARS, 12, 31)
    events: list[Span | tuple[date]] = [*suspensions, *((day,) for day in restarts)]
    for event in sorted(events):
        if event[0] <= end:
            end = max(end, add_years(event[0], REGULAR_YEARS)) if len(event) == 1 else extend_end(end, event)
    return end


def title_end(final: date) -> date:
    """The last day of a claim with a title that became final on that day (§ 197(1) no. 3)."""
    return add_years(final, TITLE_YEARS)


def extend_end(end: date, suspension: Span) -> date:
    """Suspended days, the first and the last included, do not count (§ 209)."""
    first, last = suspension
    return end + timedelta(days=max((last - first).days + 1, 0))


def add_years(day: date, years: int) -> date:
    """The same day years later; 29 February becomes 28 February (§ 188(3))."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
