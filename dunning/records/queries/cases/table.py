"""The rows of the case table, for a page or for a download."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlakeyset import select_page
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case, Step
from dunning.records.effects import Effect
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.partner import CancellationRequest
from dunning.records.people import IncassoSettings, Vendor
from dunning.records.queries.cases.filter import CaseFilter, list_conditions
from dunning.records.queries.cases.sorts import order_columns
from dunning.rules.statuses import TERMINAL
from dunning.rules.terms import OPEN_REQUESTS, SECOND_LETTER, NextStep, Status

Rows = Select[*tuple[Any, ...]]
BATCH = 1_000  # rows held in memory by a download


@dataclass(frozen=True)
class CaseRow:
    """One row. Amounts in cents; order amount and paid are those of the whole order."""

    id: int
    receivable_id: int
    vendor_id: int
    vendor_name: str
    order_id: str
    rate: int
    rates: int
    plan: str
    method: str
    currency: str
    first_name: str
    last_name: str
    company: str
    zipcode: str
    city: str
    # the day a letter came back from there
    undeliverable_on: dt.date | None
    status: Status
    opened_on: dt.date
    started_on: dt.date | None
    ended_on: dt.date | None
    handed_over_on: dt.date | None
    hold_until: dt.date | None
    claim_in_review: bool
    # a cancellation request waits or is under way
    cancellation_asked: bool
    blocked_reason: str | None
    blocked_until: dt.date | None
    failure_reasons: list[str]
    failure_note: str
    due_date: dt.date | None
    failed_on: dt.date | None
    charged_back_on: dt.date | None
    chargeback: bool
    # the second letter was sent
    letters_out: bool
    next_step_kind: NextStep | None
    next_step_on: dt.date | None
    outstanding: int
    order_amount: int
    paid: int
    cancellation: int
    scheme: int
    # a step has failed and waits for a person
    stuck: bool = False

    @property
    def name(self) -> str:
        """Who owes the money."""
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()

    def days_overdue(self, today: dt.date) -> int | None:
        """Days since the claim became due; None when it is not due or the case has ended."""
        if self.status in TERMINAL or self.due_date is None:
            return None
        days = (today - max(self.due_date, self.failed_on or self.due_date)).days
        return days if days > 0 else None


@dataclass(frozen=True)
class CasePage:
    """Rows of a page and the places before and after it, None at the ends."""

    rows: list[CaseRow]
    before: str | None
    after: str | None


def _select_rows() -> Rows:
    open_request = (CancellationRequest.case_id == Case.id, CancellationRequest.state.in_(OPEN_REQUESTS))
    asked = select(CancellationRequest.id).where(*open_request).exists()
    second = (Step.receivable_id == Case.receivable_id, Step.kind == SECOND_LETTER, Step.state == "done")
    letters_out = select(Step.id).where(*second).exists()
    failed = (Effect.receivable_id == Case.receivable_id, Effect.state == "failed")
    stuck = select(Effect.id).where(*failed, Effect.step_id.is_not(None)).exists()
    return (
        select(
            Case.id,
            Case.receivable_id,
            Case.vendor_id,
            Vendor.name.label("vendor_name"),
            Order.order_id,
            Receivable.rate_number.label("rate"),
            Order.rates,
            Order.payment_plan.label("plan"),
            Order.payment_method.label("method"),
            Order.currency,
            *(Buyer.first_name, Buyer.last_name, Buyer.company, Buyer.zipcode, Buyer.city),
            Buyer.undeliverable_on,
            *(Case.status, Case.opened_on, Case.started_on, Case.ended_on, Case.handed_over_on),
            *(Case.hold_until, Case.claim_in_review, Case.blocked_reason, Case.blocked_until),
            *(asked.label("cancellation_asked"), Case.failure_reasons, Case.failure_note),
            *(Receivable.due_date, Receivable.failed_on, Receivable.charged_back_on),
            *(Case.chargeback, letters_out.label("letters_out")),
            *(Receivable.next_step_kind, Receivable.next_step_on),
            Case.outstanding_cents.label("outstanding"),
            Order.amount_cents.label("order_amount"),
            Order.paid_cents.label("paid"),
            Case.cancellation_cents.label("cancellation"),
            func.coalesce(Case.scheme, IncassoSettings.incasso_schema).label("scheme"),
            stuck.label("stuck"),
        )
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .join(Vendor, Vendor.id == Case.vendor_id)
        .join(IncassoSettings, IncassoSettings.user_id == Case.vendor_id)
    )


def _select_wanted(wanted: CaseFilter, vendor_id: int | None, today: dt.date) -> Rows:
    conditions = list_conditions(wanted, vendor_id, today)
    return _select_rows().where(*conditions).order_by(*order_columns(wanted.sort))


def find_page(
    session: Session, wanted: CaseFilter, vendor_id: int | None, today: dt.date, place: str | None = None
) -> CasePage:
    """One page, in one statement. `place` is a `before` or `after` of another page in the same order."""
    page = select_page(session, _select_wanted(wanted, vendor_id, today), per_page=wanted.per, page=place)
    paging = page.paging
    return CasePage(
        rows=[CaseRow(**row._mapping) for row in page],
        before=paging.bookmark_previous if paging.has_previous else None,
        after=paging.bookmark_next if paging.has_next else None,
    )


def find_row(session: Session, case_id: int, vendor_id: int | None) -> CaseRow | None:
    """One row; None when there is no such case for this vendor."""
    query = _select_rows().where(Case.id == case_id)
    if vendor_id is not None:
        query = query.where(Case.vendor_id == vendor_id)
    row = session.execute(query).one_or_none()
    return CaseRow(**row._mapping) if row else None


def iterate_rows(
    session: Session, wanted: CaseFilter, vendor_id: int | None, today: dt.date
) -> Iterator[CaseRow]:
    """All rows, read in batches: for downloads of any size."""
    query = _select_wanted(wanted, vendor_id, today).execution_options(yield_per=BATCH)
    for row in session.execute(query):
        yield CaseRow(**row._mapping)
