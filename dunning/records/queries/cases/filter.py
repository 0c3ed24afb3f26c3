"""Which cases a table shows: one filter for the page, its totals and its downloads.

Amounts in cents, days local. `vendor_id` None asks for all vendors, for staff only.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order
from dunning.rules.names import fold
from dunning.rules.terms import CaseStatus

PERIODS = {"30d": 30, "90d": 90, "year": 365}  # days back from today
LARGEST_ID = 2**63 - 1  # what a key of the database can hold


@dataclass(frozen=True)
class CaseFilter:
    """What is looked for, in which order, how many on a page. All bounds are inclusive."""

    statuses: tuple[CaseStatus, ...] = ()
    # of the day the case opened; "" = by opened_from and opened_to
    period: str = ""
    opened_from: dt.date | None = None
    opened_to: dt.date | None = None
    # of the outstanding amount
    amount_min: int | None = None
    amount_max: int | None = None
    text: str = ""
    # staff's own choice of one vendor: whatever else is taken off, this stays until it is
    vendor: int | None = None
    # only cases that ended in this period
    ended: str = ""
    sort: str = "-overdue"
    per: int = 50

    @property
    def narrowed(self) -> bool:
        """Whether any case of whose are looked at is left out."""
        return any((self.statuses, self.period, self.opened_from, self.opened_to, self.text, self.ended)) or (
            self.amount_min is not None or self.amount_max is not None
        )


def list_conditions(wanted: CaseFilter, vendor_id: int | None, today: dt.date) -> list[ColumnElement[bool]]:
    """The filter as conditions; with a text they speak of orders and buyers too."""
    found = list_scope(wanted, vendor_id)
    if wanted.statuses:
        found.append(Case.status.in_(wanted.statuses))
    if wanted.ended:
        found.append(Case.ended_on >= find_start(wanted.ended, today))
    found += _match_opening(wanted, today)
    if wanted.amount_min is not None:
        found.append(Case.outstanding_cents >= wanted.amount_min)
    if wanted.amount_max is not None:
        found.append(Case.outstanding_cents <= wanted.amount_max)
    if wanted.text:
        found.append(_match_text(wanted.text, staff=vendor_id is None))
    return found


def list_scope(wanted: CaseFilter, vendor_id: int | None) -> list[ColumnElement[bool]]:
    """Whose cases: the reader's own, or those of the vendor that staff have chosen."""
    return [Case.vendor_id == scope for scope in (vendor_id, wanted.vendor) if scope is not None]


def find_start(period: str, today: dt.date) -> dt.date:
    """The first day of a period that ends today."""
    return today - dt.timedelta(days=PERIODS[period])


def _match_opening(wanted: CaseFilter, today: dt.date) -> list[ColumnElement[bool]]:
    first = find_start(wanted.period, today) if wanted.period else wanted.opened_from
    bounds = []
    if first:
        bounds.append(Case.opened_on >= first)
    if wanted.opened_to:
        bounds.append(Case.opened_on <= wanted.opened_to)
    return bounds


def _match_text(text: str, *, staff: bool) -> ColumnElement[bool]:
    """An order ID's beginning, or the beginnings of words of the buyer's names; staff search more."""
    ways = [func.lower(Order.order_id).startswith(text.lower(), autoescape=True)]
    if words := fold(text).split():
        ways.append(and_(*(Buyer.search_text.contains(f" {word}", autoescape=True) for word in words)))
    if staff:
        ways.append(func.lower(Buyer.email).startswith(text.lower(), autoescape=True))
        if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
            ways.append(Case.vendor_id == int(text))
    return or_(*ways)
