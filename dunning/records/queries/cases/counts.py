"""Counts and sums of the case table: of the saved views, of the status list and of what the filter leaves.

One statement for all of them, so that the figures of a page always belong together.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.queries.cases.filter import CaseFilter, find_start, list_conditions, list_scope
from dunning.rules.statuses import PAID


@dataclass(frozen=True)
class Sums:
    """How many cases, and their outstanding and cancellation costs in cents."""

    cases: int = 0
    outstanding: int = 0
    cancellation: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.cases + other.cases,
            self.outstanding + other.outstanding,
            self.cancellation + other.cancellation,
        )


@dataclass(frozen=True)
class CaseCounts:
    """Of whose cases are looked at: all by status; what the filter leaves; and what was paid lately."""

    by_status: dict[str, Sums]
    hits: Sums
    lately_paid: Sums  # `outstanding` is what came in on these receivables

    def of(self, *statuses: str) -> Sums:
        """The sum over some statuses, whatever the filter."""
        return sum((self.by_status.get(status, Sums()) for status in statuses), Sums())

    @property
    def total(self) -> Sums:
        """All cases, whatever the filter."""
        return sum(self.by_status.values(), Sums())


def count_cases(
    session: Session, wanted: CaseFilter, vendor_id: int | None, today: dt.date, *, lately: str = "30d"
) -> CaseCounts:
    """All counts of a page, in one statement."""
    conditions = list_conditions(wanted, vendor_id, today)
    hit = and_(true(), *conditions)
    paid = and_(Case.status == PAID, Case.ended_on >= find_start(lately, today))
    query: Select[*tuple[Any, ...]] = select(
        Case.status,
        func.count(),
        func.sum(Case.outstanding_cents),
        func.sum(Case.cancellation_cents),
        func.count().filter(hit),
        func.coalesce(func.sum(Case.outstanding_cents).filter(hit), 0),
        func.coalesce(func.sum(Case.cancellation_cents).filter(hit), 0),
        func.count().filter(paid),
        func.coalesce(func.sum(Receivable.paid_cents).filter(paid), 0),
    ).join(Receivable, Receivable.id == Case.receivable_id)
    if wanted.text:
        query = query.join(Order, Order.id == Receivable.order_pk).join(Buyer, Buyer.order_pk == Order.id)
    query = query.where(*list_scope(wanted, vendor_id))
    rows = session.execute(query.group_by(Case.status)).all()
    return CaseCounts(
        by_status={row[0]: Sums(row[1], int(row[2]), int(row[3])) for row in rows},
        hits=sum((Sums(row[4], int(row[5]), int(row[6])) for row in rows), Sums()),
        lately_paid=sum((Sums(row[7], int(row[8])) for row in rows), Sums()),
    )
