"""What a case's page reads beside the facts: letters, history, payments and the other instalments of its order.

`vendor_id` None asks for all vendors (staff); a vendor never gets a row of another one.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, case, exists, select
from sqlalchemy.orm import Session, aliased

from dunning.records.cases import Case, Letter, Step
from dunning.records.effects import Effect
from dunning.records.journal import History
from dunning.records.orders import LedgerEntry, Payment, Receivable
from dunning.records.people import User
from dunning.records.queries.money.lists import shares_number
from dunning.rules import terms


@dataclass(frozen=True)
class LetterLine:
    """A letter that was made; `total` in cents, days local. `step_state` tells whether it went out."""

    number: int
    kind: terms.LetterKind
    on: dt.date
    deadline: dt.date
    total: int
    sha256: str
    mailed_at: dt.datetime | None
    posted_on: dt.date | None
    undeliverable_on: dt.date | None
    step_state: terms.StepState


@dataclass(frozen=True)
class HistoryLine:
    """One change: who (role, and the person's name), what, from and to which status, why."""

    at: dt.datetime
    on: dt.date
    role: terms.Role
    name: str
    verb: terms.Verb
    source: terms.CaseStatus | None
    target: terms.CaseStatus | None
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class PaymentLine:
    """Money on the ledger, in cents as the claim sees it: a payment is negative."""

    kind: terms.EntryKind
    cents: int
    value_date: dt.date
    source: terms.EntrySource
    reference: str
    # set while the payment can be taken back
    payment_id: int | None
    # another payment or refund came under the same number
    shared: bool


@dataclass(frozen=True)
class Sibling:
    """A receivable of the same order; without a case both `case_id` and `status` are None. Cents."""

    rate_number: int
    due_date: dt.date | None
    original: int
    paid: int
    case_id: int | None
    status: terms.CaseStatus | None
    outstanding: int | None


def find_receivable(session: Session, case_id: int, vendor_id: int | None) -> int | None:
    """The receivable of a case; None when there is no such case for this vendor."""
    query = select(Case.receivable_id).where(Case.id == case_id)
    if vendor_id is not None:
        query = query.where(Case.vendor_id == vendor_id)
    return session.scalar(query)


def list_letters(session: Session, case_id: int) -> list[LetterLine]:
    """All letters of a case in their order, the superseded ones too."""
    query = (
        select(Letter, Step.state)
        .join(Step, Step.id == Letter.step_id)
        .where(Letter.case_id == case_id)
        .order_by(Letter.number, Letter.id)
    )
    return [
        LetterLine(
            number=letter.number,
            kind=letter.kind,
            on=letter.on_date,
            deadline=letter.deadline,
            total=letter.total_cents,
            sha256=letter.sha256,
            mailed_at=letter.mailed_at,
            posted_on=letter.posted_on,
            undeliverable_on=letter.undeliverable_on,
            step_state=state,
        )
        for letter, state in session.execute(query)
    ]


def find_letter(session: Session, case_id: int, number: int, vendor_id: int | None) -> Letter | None:
    """A letter by its number in its case; None for another vendor's."""
    query = select(Letter).where(Letter.case_id == case_id, Letter.number == number)
    if vendor_id is not None:
        query = query.where(Letter.vendor_id == vendor_id)
    return session.scalar(query.order_by(Letter.id.desc()).limit(1))


def list_history(session: Session, case_id: int) -> list[HistoryLine]:
    """Everything that ever changed a case, oldest first."""
    return read_history(session, History.case_id == case_id, History.id.asc())


def read_history(
    session: Session, wanted: ColumnElement[bool], order: UnaryExpression[int], most: int | None = None
) -> list[HistoryLine]:
    """Lines of the history with the names of those who acted."""
    query = select(History, User.name, User.email).outerjoin(User, User.id == History.user_id)
    query = query.where(wanted).order_by(order).limit(most)
    return [
        HistoryLine(
            at=row.recorded_at,
            on=row.on_date,
            role=row.actor,
            name=name or email or "",
            verb=row.verb,
            source=row.from_status,
            target=row.to_status,
            reason=row.reason,
            detail=row.detail or {},
        )
        for row, name, email in session.execute(query)
    ]


def list_failed_steps(session: Session, receivable_id: int) -> set[terms.StepKind]:
    """Steps of the receivable that could not be carried out and wait for a person."""
    failed = (Effect.receivable_id == receivable_id, Effect.state == "failed", Step.state == "planned")
    return set(session.scalars(select(Step.kind).join(Effect, Effect.step_id == Step.id).where(*failed)))


def list_payments(session: Session, receivable_id: int) -> list[PaymentLine]:
    """Money on a receivable's ledger by value date, with what the payer wrote."""
    reversal = aliased(LedgerEntry)
    stands = and_(LedgerEntry.kind == "payment", ~exists().where(reversal.reverses_id == LedgerEntry.id))
    query = (
        select(LedgerEntry, Payment, case((stands, Payment.id)), shares_number())
        .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        .where(LedgerEntry.receivable_id == receivable_id, LedgerEntry.kind.in_(terms.MONEY_KINDS))
        .order_by(LedgerEntry.value_date, LedgerEntry.id)
    )
    rows = session.execute(query).all()
    numbers = {payment.transaction_id for _, payment, _, _ in rows if payment and payment.transaction_id}
    # an event's refund is no payment of its own: its number stands in its name
    named = {n for n in numbers for entry, *_ in rows if f":{n}:" in (entry.dedupe_key or "")}
    return [
        PaymentLine(
            *(entry.kind, entry.cents, entry.value_date, entry.source),
            payment.reference if payment else "",
            payment_id,
            shared or bool(payment and payment.transaction_id in named),
        )
        for entry, payment, payment_id, shared in rows
    ]


def list_siblings(session: Session, order_pk: int, receivable_id: int) -> list[Sibling]:
    """The other instalments of an order, by rate."""
    query = (
        select(Receivable, Case.id, Case.status, Case.outstanding_cents)
        .outerjoin(Case, Case.receivable_id == Receivable.id)
        .where(Receivable.order_pk == order_pk, Receivable.id != receivable_id)
        .order_by(Receivable.rate_number)
    )
    return [
        Sibling(
            rate_number=receivable.rate_number,
            due_date=receivable.due_date,
            original=receivable.original_cents,
            paid=receivable.paid_cents,
            case_id=case_id,
            status=status,
            outstanding=outstanding,
        )
        for receivable, case_id, status, outstanding in session.execute(query)
    ]
