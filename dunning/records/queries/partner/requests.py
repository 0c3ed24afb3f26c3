"""Cancellation requests: what support reads in its list, and the newest of one case for its page."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlakeyset import select_page
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.partner import CancellationRequest, Mandate
from dunning.records.people import User, Vendor
from dunning.rules.terms import CaseStatus, RequestState, Side

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class RequestRow:
    """One request with its case. Amounts in cents, instants in UTC, `confirmed_on` a local day."""

    id: int
    case_id: int
    state: RequestState
    reason: str
    asked_by: Side
    asked_at: dt.datetime
    fee: int
    partner_fee: int
    decided_at: dt.datetime | None
    decided_by: int | None
    decider: str
    decision_reason: str
    confirmed_on: dt.date | None
    vendor_id: int
    vendor_name: str
    order_id: str
    first_name: str
    last_name: str
    company: str
    outstanding: int
    status: CaseStatus
    claim_in_review: bool
    legal_stage: str

    @property
    def name(self) -> str:
        """Who owes the money."""
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()

    @property
    def dropped(self) -> bool:
        """Whether the system found it moot; no person has declined it."""
        return self.state == "declined" and self.decided_by is None


@dataclass(frozen=True)
class RequestPage:
    """Rows of a page and the places before and after it, None at the ends."""

    rows: list[RequestRow]
    before: str | None
    after: str | None


def find_requests(session: Session, per: int, place: str | None) -> RequestPage:
    """All requests: those that wait first, the longest waiting on top, then the others, the newest on top."""
    waits = CancellationRequest.state == "waiting"
    age = case((waits, CancellationRequest.id), else_=-CancellationRequest.id)
    query = _select_requests().order_by(case((waits, 0), else_=1), age)
    page = select_page(session, query, per_page=per, page=place)
    paging = page.paging
    return RequestPage(
        rows=[RequestRow(**row._mapping) for row in page],
        before=paging.bookmark_previous if paging.has_previous else None,
        after=paging.bookmark_next if paging.has_next else None,
    )


def find_newest_request(session: Session, case_id: int) -> RequestRow | None:
    """The last request of a case; None when nobody ever asked."""
    query = _select_requests().where(CancellationRequest.case_id == case_id)
    row = session.execute(query.order_by(CancellationRequest.id.desc()).limit(1)).one_or_none()
    return RequestRow(**row._mapping) if row else None


def count_requests(session: Session) -> int:
    """How many there are, decided ones included."""
    return session.scalar(select(func.count()).select_from(CancellationRequest)) or 0


def count_waiting(session: Session) -> int:
    """How many wait for support."""
    waiting = select(func.count()).select_from(CancellationRequest)
    return session.scalar(waiting.where(CancellationRequest.state == "waiting")) or 0


def _select_requests() -> Rows:
    request = CancellationRequest
    decider = func.coalesce(func.nullif(User.name, ""), User.email, "")
    return (
        select(
            *(request.id, request.case_id, request.state, request.reason, request.asked_by),
            *(request.asked_at, request.fee_cents.label("fee"), request.partner_cents.label("partner_fee")),
            *(request.decided_at, request.decided_by, decider.label("decider")),
            *(request.decision_reason, request.confirmed_on, request.vendor_id),
            *(Vendor.name.label("vendor_name"), Order.order_id),
            *(Buyer.first_name, Buyer.last_name, Buyer.company),
            *(Case.outstanding_cents.label("outstanding"), Case.status, Case.claim_in_review),
            func.coalesce(Mandate.legal_stage, "").label("legal_stage"),
        )
        .join(Case, Case.id == request.case_id)
        .join(Receivable, Receivable.id == Case.receivable_id)
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .join(Vendor, Vendor.id == request.vendor_id)
        .outerjoin(User, User.id == request.decided_by)
        .outerjoin(Mandate, Mandate.mandate_id == Case.mandate_id)
    )
