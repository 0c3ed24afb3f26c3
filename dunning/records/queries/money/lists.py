"""What support reads about money: payments nobody could place, and receivables on which too much came in."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlakeyset import select_page
from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from dunning.records.cases import Case
from dunning.records.orders import Buyer, LedgerEntry, Order, Payment, Receivable
from dunning.records.people import Vendor
from dunning.rules.cents import AmountError, parse_amount
from dunning.rules.money.matching import DUPLICATE, QUIET
from dunning.rules.names import fold
from dunning.rules.terms import CaseStatus, PaymentSource

Rows = Select[*tuple[Any, ...]]
NEWEST = (Payment.value_date.desc(), Payment.id.desc())


@dataclass(frozen=True)
class UnmatchedPayment:
    """Money without an order; cents, negative for money back. `reason` says why nobody could place it."""

    id: int
    value_date: dt.date
    cents: int
    currency: str
    source: PaymentSource
    payer_name: str
    payer_iban: str
    reference: str
    order_id_given: str
    rate_given: int | None
    reason: str
    return_code: str
    return_fee: int
    # another payment came under the same number
    shared: bool


@dataclass(frozen=True)
class Overpaid:
    """A receivable on which `cents` more came in than was owed; without a case both case fields are None."""

    receivable_id: int
    order_id: str
    rate: int
    rates: int
    plan: str
    first_name: str
    last_name: str
    company: str
    vendor_id: int
    vendor_name: str
    case_id: int | None
    status: CaseStatus | None
    cents: int

    @property
    def name(self) -> str:
        return self.company.strip() or f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class MoneyPage:
    """Rows of a page and the places before and after it, None at the ends."""

    rows: list[Any]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class MoneyCount:
    """How many rows a list has, and their sum in cents (of unmatched payments: those in euros)."""

    rows: int
    cents: int


def _select_loose(text: str) -> Rows:
    """Entries without an order."""
    return select(
        Payment.id,
        Payment.value_date,
        Payment.amount_cents.label("cents"),
        *(Payment.currency, Payment.source, Payment.payer_name, Payment.payer_iban, Payment.reference),
        *(Payment.order_id_given, Payment.rate_given, Payment.unmatched_reason.label("reason")),
        Payment.return_code,
        Payment.return_fee_cents.label("return_fee"),
        shares_number().label("shared"),
    ).where(Payment.order_pk.is_(None), *_match_payment(text))


def shares_number() -> ColumnElement[bool]:
    """Whether a payment's transaction ID is another payment's too: of another order, amount, product or sign."""
    other = aliased(Payment)
    return exists().where(other.transaction_id == Payment.transaction_id, other.id != Payment.id)


def _select_unmatched(text: str) -> Rows:
    return _select_loose(text).where(Payment.unmatched_reason.not_in((DUPLICATE, *QUIET)))


def _select_left_out(text: str) -> Rows:
    return _select_loose(text).where(Payment.unmatched_reason.in_(QUIET))


def _match_payment(text: str) -> list[ColumnElement[bool]]:
    """Every word somewhere in what the payment says, or its amount."""
    said = func.lower(
        Payment.payer_name + " " + Payment.reference + " " + Payment.order_id_given + " " + Payment.payer_iban
    )
    return [
        or_(said.contains(word.lower(), autoescape=True), *_match_amount(word, Payment.amount_cents))
        for word in text.split()
    ]


def _match_amount(word: str, column: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - any column of cents
    try:
        cents = parse_amount(word)
    except AmountError:
        return []
    return [column.in_((cents, -cents))]


def _select_overpaid(text: str) -> Rows:
    refunds = (
        select(cast(func.coalesce(func.sum(LedgerEntry.cents), 0), BigInteger))
        .where(LedgerEntry.receivable_id == Receivable.id, LedgerEntry.kind == "refund")
        .scalar_subquery()
    )
    refunded = select(LedgerEntry.receivable_id).where(LedgerEntry.kind == "refund")
    principal = case(
        (Receivable.id.in_(refunded), Receivable.original_cents + refunds), else_=Receivable.original_cents
    )
    overpaid = case(
        (Case.id.is_not(None), -Case.outstanding_cents), else_=Receivable.paid_cents - principal
    ).label("cents")
    return (
        select(
            Receivable.id.label("receivable_id"),
            Order.order_id,
            Receivable.rate_number.label("rate"),
            *(Order.rates, Order.payment_plan.label("plan")),
            *(Buyer.first_name, Buyer.last_name, Buyer.company),
            *(Receivable.vendor_id, Vendor.name.label("vendor_name")),
            *(Case.id.label("case_id"), Case.status),
            overpaid,
        )
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .join(Vendor, Vendor.id == Receivable.vendor_id)
        .outerjoin(Case, Case.receivable_id == Receivable.id)
        .where(or_(Case.outstanding_cents < 0, and_(Case.id.is_(None), Receivable.paid_cents > principal)))
        .where(*_match_overpaid(text))
    )


def _match_overpaid(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    ways = [func.lower(Order.order_id).startswith(text.lower(), autoescape=True)]
    if words := fold(text).split():
        ways.append(and_(*(Buyer.search_text.contains(f" {word}", autoescape=True) for word in words)))
    return [or_(*ways)]


def find_unmatched(session: Session, text: str, per: int, place: str | None = None) -> MoneyPage:
    """One page of payments without an order, newest value date first."""
    query = _select_unmatched(text).order_by(*NEWEST)
    return _find_page(session, query, per, place, UnmatchedPayment)


def find_left_out(session: Session, text: str, per: int, place: str | None = None) -> MoneyPage:
    """One page of entries that are no payment of a buyer, newest value date first."""
    return _find_page(session, _select_left_out(text).order_by(*NEWEST), per, place, UnmatchedPayment)


def find_overpaid(session: Session, text: str, per: int, place: str | None = None) -> MoneyPage:
    """One page of overpaid receivables, newest first."""
    query = _select_overpaid(text).order_by(Receivable.id.desc())
    return _find_page(session, query, per, place, Overpaid)


def _find_page(session: Session, query: Rows, per: int, place: str | None, row_type: type) -> MoneyPage:
    page = select_page(session, query, per_page=per, page=place)
    paging = page.paging
    return MoneyPage(
        rows=[row_type(**row._mapping) for row in page],
        before=paging.bookmark_previous if paging.has_previous else None,
        after=paging.bookmark_next if paging.has_next else None,
    )


def find_payment(session: Session, payment_id: int) -> UnmatchedPayment | None:
    """One payment that waits for a person; None when there is none."""
    waiting = Payment.unmatched_reason != DUPLICATE
    row = session.execute(_select_loose("").where(Payment.id == payment_id, waiting)).one_or_none()
    return UnmatchedPayment(**row._mapping) if row else None


def count_unmatched(session: Session, text: str = "") -> MoneyCount:
    """How many payments wait, and how much money in euros."""
    return _count_loose(session, _select_unmatched(text))


def count_left_out(session: Session, text: str = "") -> MoneyCount:
    """How many entries are no payment of a buyer, and what they moved in euros."""
    return _count_loose(session, _select_left_out(text))


def _count_loose(session: Session, query: Rows) -> MoneyCount:
    rows = query.subquery()
    euros = func.sum(case((rows.c.currency == "EUR", rows.c.cents), else_=0))
    return _count(session, select(func.count(), euros).select_from(rows))


def count_overpaid(session: Session, text: str = "") -> MoneyCount:
    """How many receivables are overpaid, and by how much."""
    rows = _select_overpaid(text).subquery()
    return _count(session, select(func.count(), func.sum(rows.c.cents)).select_from(rows))


def _count(session: Session, query: Select[int, Any]) -> MoneyCount:
    number, cents = session.execute(query).one()
    return MoneyCount(number, int(cents or 0))
