"""Limitation of claims: the last day a claim can be enforced against the plea of § 214 BGB.

Three years from the end of the year (§§ 195, 199(1)); a part payment or acknowledgment starts three new
years on its own day (§ 212); suspended days are added (§ 209).
A reminder letter does not stop it. Whoever waits to the last day loses: alarms begin half a year before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dunning.rules.facts import Entry

REGULAR_YEARS = 3
ALARM_DAYS = (30, 90, 180)

Span = tuple[date, date]


@dataclass(frozen=True)
class Limitation:
    """Seen from `today`: the last day before limitation, local."""

    last_day: date
    today: date

    @property
    def days_left(self) -> int:
        """Days after today on which the claim can still be enforced; negative when it is barred."""
        return (self.last_day - self.today).days

    @property
    def barred(self) -> bool:
        return self.days_left < 0

    @property
    def alarm(self) -> int | None:
        """The innermost of ALARM_DAYS the claim is within, 0 when it is barred; None while there is time."""
        if self.barred:
            return 0
        return next((days for days in ALARM_DAYS if self.days_left <= days), None)


def judge_limitation(due: date | None, entries: Iterable[Entry], today: date) -> Limitation | None:
    """The limitation of a receivable as its ledger shows it by `today`; None while its due date is not known."""
    return Limitation(limitation_end(due, restarts=list_restarts(entries, today)), today) if due else None


def list_restarts(entries: Iterable[Entry], today: date) -> list[date]:
    """The value dates of part payments (§ 212(1) no. 1), up to `today`.

    A payment booked in error was none. One that was taken back later acknowledges nothing, and as nobody knows which
    of several it was, none before a chargeback counts: the earlier end is the safe one.
    """
    paid: dict[date, int] = {}
    taken_back = date.min
    for entry in entries:
        if entry.value_date > today:
            continue
        if entry.subject == "payment":
            paid[entry.value_date] = paid.get(entry.value_date, 0) - entry.cents
        elif entry.kind == "chargeback":
            taken_back = max(taken_back, entry.value_date)
    return [day for day, cents in paid.items() if cents > 0 and day > taken_back]


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
