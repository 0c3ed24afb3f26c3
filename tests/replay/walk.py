"""The written rules of a dunning case, walked on paper for the ledger in tests/data.

This is a second, independent reading of the product page: it takes nothing from the product, so that a
mistake there cannot repeat itself here. It covers exactly what the ledger holds, consumers' invoices
bought in one payment and paid in one payment, of vendors with scheme 2, automatic handover without a
limit and the remainder rule "forgive small"; anything else raises `OutsideTheWalk`.

Money is integer cents, days are local dates, `n days` are calendar days unless they say "working".

The timeline, from the anchor (the order date, as the ledger's due dates are empty):

    service_call      anchor + 1
    payment_reminder  anchor + 5
    opened            anchor + 10, the dunning date
    first_letter      anchor + 10; deadline + 7, moved to a working day (§ 193 BGB)
    first_call        first letter + 1
    second_letter     anchor + 20, but first letter + 10 at least, and after the first deadline
    second_call       second letter + 1
    handover          second working day after the second deadline (second letter + 10, § 193 BGB)
    paid              the value date, if a case was open by then

Where a literal reading leaves a question, this walk answers:

- A payment counts from its value date on, and a day's run books payments first. So on the value date
  itself nothing happens any more: no step, no case on the dunning date, no handover.
- `paid` is a status of a case. A receivable paid up to its dunning date never had one and is not counted.
- Steps fall on weekends and holidays as they come: only deadlines and the handover know working days.
- A call is the task that is created, on its own date, whether or not somebody makes the call.
- A deadline may be moved so far (Good Friday, Christmas) that "day after the first letter's deadline" is
  later than anchor + 20: then the second letter waits, and everything behind it moves along.
- The second working day after a deadline does not count the deadline's own day.
- A letter goes by e-mail and on paper, so the second one always carries the fee of 1.00 €.
- A payment of the principal pays costs first (§ 367 BGB) and leaves a rest of fee and interest up to the
  day before the value date. Before handover that rest must be under 5.00 € to be forgiven; after it the
  rest of the claim as handed over (interest up to the day of handover). Forgiven is in both cases all
  that is open: nothing stays on the ledger of a paid case.
- No day is cut off at the end of a run: `daily_lines` leaves out what happens after its last day, and
  nobody gets a step because a range ends.
"""

import csv
from calendar import isleap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import groupby
from pathlib import Path

from holidays import country_holidays

SECOND_LETTER_FEE = 100
FORGIVEN_BELOW = 500
POINTS_ABOVE_BASE = Fraction(5)

# § 247 BGB, percent a year, valid from the day on until the next line.
BASE_RATES = (
    (date(2012, 1, 1), Fraction("0.12")),
    (date(2013, 1, 1), Fraction("-0.13")),
    (date(2013, 7, 1), Fraction("-0.38")),
    (date(2014, 1, 1), Fraction("-0.63")),
    (date(2014, 7, 1), Fraction("-0.73")),
)

# The fifteen postcodes of the ledger, each lying in one Land only.
LAND_OF_POSTCODE = {
    "01067": "SN",  # Dresden
    "04109": "SN",  # Leipzig
    "10115": "BE",  # Berlin
    "18055": "MV",  # Rostock
    "20095": "HH",  # Hamburg
    "28195": "HB",  # Bremen
    "30159": "NI",  # Hannover
    "40213": "NW",  # Düsseldorf
    "50667": "NW",  # Köln
    "55116": "RP",  # Mainz
    "60311": "HE",  # Frankfurt am Main
    "70173": "BW",  # Stuttgart
    "80331": "BY",  # München
    "90402": "BY",  # Nürnberg
    "99084": "TH",  # Erfurt
}

# What a receivable can get, in the order of its life.
EVENTS = (
    "service_call",
    "payment_reminder",
    "opened",
    "first_letter",
    "first_call",
    "second_letter",
    "second_call",
    "handover",
    "paid",
)
STEPS = tuple(event for event in EVENTS if event not in ("opened", "paid"))
LETTERS = ("first_letter", "second_letter")

# The counters of one line of `flask dunning run`, in its order.
COUNTERS = (
    "opened",
    "upcoming_reminder",
    "service_call",
    "payment_reminder",
    "first_letter",
    "first_call",
    "second_letter",
    "second_call",
    "handover",
    "paid",
    "failed",
)


class OutsideTheWalk(ValueError):
    """A row of the files asks for a rule that this walk does not know."""


@dataclass(frozen=True)
class Receivable:
    """One order of the ledger and the one payment that pays its principal (cents) in full."""

    order_id: str
    vendor_id: str
    anchor: date
    principal: int
    land: str
    paid_on: date


@dataclass(frozen=True)
class Plan:
    """The days a receivable would see if nobody ever paid."""

    first_letter: date
    first_deadline: date
    second_letter: date
    second_deadline: date
    handover: date


# --- the two files -------------------------------------------------------------------------------------


def read_ledger(orders: Path, payments: Path) -> list[Receivable]:
    """Every receivable of the two files, in the order of the orders file."""
    paid = {row["order_id"]: row for row in _rows(payments)}
    return [_receivable(row, paid[row["order_id"]]) for row in _rows(orders)]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _receivable(order: Mapping[str, str], payment: Mapping[str, str]) -> Receivable:
    _refuse_unknown_rules(order, payment)
    return Receivable(
        order_id=order["order_id"],
        vendor_id=order["vendor_id"],
        anchor=date.fromisoformat(order["order_date"]),
        principal=_cents(order["transaction_amount"]),
        land=LAND_OF_POSTCODE[order["buyer_zipcode"]],
        paid_on=date.fromisoformat(payment["value_date"]),
    )


def _refuse_unknown_rules(order: Mapping[str, str], payment: Mapping[str, str]) -> None:
    known = {
        "due_date": "",
        "rate_number": "1",
        "total_number_of_payments": "1",
        "transaction_currency": "EUR",
        "payment_method": "invoice",
        "payment_plan": "one_time_payment",
        "payment_status": "pending",
        "buyer_company_name": "",
        "buyer_country_code": "DE",
        "test_payment": "false",
    }
    strange = [column for column, value in known.items() if order[column] != value]
    if payment["amount"] != order["transaction_amount"]:
        strange.append("amount")
    if strange:
        raise OutsideTheWalk(f"order {order['order_id']}: {', '.join(strange)}")


def _cents(text: str) -> int:
    return int(Decimal(text) * 100)


# --- days ----------------------------------------------------------------------------------------------


def days(number: int) -> timedelta:
    return timedelta(days=number)


@cache
def _holidays(land: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays("DE", subdiv=land, years=year))


def is_working_day(day: date, land: str) -> bool:
    """§ 193 BGB: neither Saturday nor Sunday nor a holiday, nationwide or of the whole Land."""
    return day.weekday() < 5 and day not in _holidays(land, day.year)


def roll_forward(day: date, land: str) -> date:
    """The day itself when it is a working day, otherwise the next one."""
    while not is_working_day(day, land):
        day += days(1)
    return day


def second_working_day_after(day: date, land: str) -> date:
    first = roll_forward(day + days(1), land)
    return roll_forward(first + days(1), land)


# --- one receivable ------------------------------------------------------------------------------------


def plan_unpaid(anchor: date, land: str) -> Plan:
    first_letter = anchor + days(10)
    first_deadline = roll_forward(first_letter + days(7), land)
    second_letter = max(anchor + days(20), first_letter + days(10), first_deadline + days(1))
    second_deadline = roll_forward(second_letter + days(10), land)
    handover = second_working_day_after(second_deadline, land)
    return Plan(first_letter, first_deadline, second_letter, second_deadline, handover)


def walk_receivable(receivable: Receivable) -> dict[str, date]:
    """Every event of one receivable with its day; what is missing never happens."""
    plan = plan_unpaid(receivable.anchor, receivable.land)
    unpaid = {
        "service_call": receivable.anchor + days(1),
        "payment_reminder": receivable.anchor + days(5),
        "opened": plan.first_letter,
        "first_letter": plan.first_letter,
        "first_call": plan.first_letter + days(1),
        "second_letter": plan.second_letter,
        "second_call": plan.second_letter + days(1),
        "handover": plan.handover,
    }
    happened = {event: day for event, day in unpaid.items() if day < receivable.paid_on}
    if "opened" in happened:
        _expect_forgiven(receivable, plan.handover)
        happened["paid"] = receivable.paid_on
    return happened


def walk_ledger(receivables: Iterable[Receivable]) -> dict[str, dict[str, date]]:
    """Order ID -> event -> day."""
    return {receivable.order_id: walk_receivable(receivable) for receivable in receivables}


# --- money ---------------------------------------------------------------------------------------------


def rest_after_payment(receivable: Receivable) -> int:
    """Cents of fee and interest still open on the value date, once the principal is paid."""
    return _rest_on(receivable, receivable.paid_on - days(1))


def _rest_on(receivable: Receivable, last_interest_day: date) -> int:
    plan = plan_unpaid(receivable.anchor, receivable.land)
    fee = SECOND_LETTER_FEE if plan.second_letter < receivable.paid_on else 0
    return fee + interest(receivable.principal, plan.first_deadline + days(1), last_interest_day)


def _expect_forgiven(receivable: Receivable, handover: date) -> None:
    rest = _rest_on(receivable, min(receivable.paid_on - days(1), handover))
    if rest >= FORGIVEN_BELOW:
        raise OutsideTheWalk(f"order {receivable.order_id}: {rest} cents stay open after the payment")


def interest(principal: int, first: date, last: date) -> int:
    """§ 288 (1) BGB in cents, ACT/ACT, both days included, rounded per stretch of one rate and year."""
    every_day = [first + days(n) for n in range((last - first).days + 1)]
    return sum(
        _round_half_up(principal * (rate + POINTS_ABOVE_BASE) / 100 * len(list(stretch)) / year_days)
        for (rate, year_days), stretch in groupby(every_day, key=_rate_and_year)
    )


def _rate_and_year(day: date) -> tuple[Fraction, int]:
    rate = [rate for valid_from, rate in BASE_RATES if valid_from <= day][-1]
    return rate, 366 if isleap(day.year) else 365


def _round_half_up(cents: Fraction) -> int:
    return int(cents + Fraction(1, 2))


# --- what `flask dunning run` prints -------------------------------------------------------------------


def daily_lines(walked: Mapping[str, Mapping[str, date]], first: date, last: date) -> list[dict[str, object]]:
    """One line per day of the range, counters in the command's order."""
    counted = Counter((day, event) for events in walked.values() for event, day in events.items())
    every_day = (first + days(n) for n in range((last - first).days + 1))
    return [
        {"date": day.isoformat(), **{counter: counted[day, counter] for counter in COUNTERS}}
        for day in every_day
    ]


def total_line(lines: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """The sums of the range, marked as the command marks its last line."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums.update({counter: int(str(line[counter])) for counter in COUNTERS})
    return {"total": True, **{counter: sums[counter] for counter in COUNTERS}}
