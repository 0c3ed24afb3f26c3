"""Records payments and books them on receivables; each identity once, two equal payments stay two.

Booking never stores "paid" on a receivable: what is open is a sum by value date. Money for an open case whose value
date has come is allocated in the same transaction, all other money by the run of its day.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.advance import schedule_anew
from dunning.actions.allocate import settle_file
from dunning.actions.desk import Desk
from dunning.actions.facts import File, open_files
from dunning.actions.ledger import post_entry, refresh_sums
from dunning.records.database import transaction
from dunning.records.orders import Order, Payment, Receivable
from dunning.rules.claim import sum_entries
from dunning.rules.statuses import TERMINAL

BATCH = 500


class IncomingPayment(Protocol):
    """A payment as a parsed file gives it: cents (negative = money back), local value date."""

    @property
    def order_id(self) -> str | None: ...
    @property
    def rate_number(self) -> int | None: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def value_date(self) -> dt.date: ...
    @property
    def transaction_id(self) -> str | None: ...
    @property
    def reference(self) -> str: ...
    @property
    def identity(self) -> str: ...


@dataclass
class Tally:
    """What an intake did, in rows."""

    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0


def take_payments(rows: Iterable[IncomingPayment], desk: Desk, *, source: str) -> Tally:
    """Records and books a whole file in one transaction."""
    tally = Tally()
    with transaction() as session:
        batch: list[IncomingPayment] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                _take_batch(session, batch, desk, source, tally)
                batch = []
        _take_batch(session, batch, desk, source, tally)
    return tally


def _take_batch(
    session: Session, rows: Sequence[IncomingPayment], desk: Desk, source: str, tally: Tally
) -> None:
    new = record_payments(session, rows, desk, source)
    tally.read += len(rows)
    tally.new += new
    tally.unchanged += len(rows) - new
    session.flush()
    session.expunge_all()


def record_payments(session: Session, rows: Sequence[IncomingPayment], desk: Desk, source: str) -> int:
    """Records the payments nobody knows yet and books those of a known order. Returns how many were new."""
    known_query = select(Payment.identity).where(Payment.identity.in_([row.identity for row in rows]))
    known = set(session.scalars(known_query))
    fresh = [row for row in rows if row.identity not in known]
    given = {row.order_id for row in fresh if row.order_id}
    orders = {
        order.order_id: order for order in session.scalars(select(Order).where(Order.order_id.in_(given)))
    }
    payments = [_record(session, row, orders.get(row.order_id or ""), desk, source) for row in fresh]
    session.flush()
    matched = [
        (payment, row.rate_number) for payment, row in zip(payments, fresh, strict=True) if payment.order_pk
    ]
    book_recorded(session, matched, desk)
    return len(fresh)


def _record(session: Session, row: IncomingPayment, order: Order | None, desk: Desk, source: str) -> Payment:
    """One row of `payments`; without a known order, or in another currency, it stays unmatched."""
    fits = order is not None and order.currency == row.currency
    payment = Payment(
        vendor_id=order.vendor_id if order and fits else None,
        order_pk=order.id if order and fits else None,
        identity=row.identity,
        source=source,
        order_id_given=row.order_id or "",
        rate_given=row.rate_number,
        amount_cents=row.amount_cents,
        currency=row.currency,
        value_date=row.value_date,
        transaction_id=row.transaction_id,
        reference=row.reference,
        recorded_at=desk.now,
    )
    session.add(payment)
    return payment


def book_recorded(session: Session, payments: Sequence[tuple[Payment, int | None]], desk: Desk) -> None:
    """Writes the ledger entries of payments that belong to an order; a rate nobody knows stays unmatched."""
    order_pks = {payment.order_pk for payment, _ in payments}
    receivable_ids = select(Receivable.id).where(Receivable.order_pk.in_(order_pks)).order_by(Receivable.id)
    by_order: dict[int, list[File]] = {}
    for file in open_files(session, session.scalars(receivable_ids).all()):
        by_order.setdefault(file.order.id, []).append(file)
    for payment, rate_number in payments:
        files = [
            f
            for f in by_order.get(payment.order_pk or 0, [])
            if rate_number in (None, f.receivable.rate_number)
        ]
        if not files:
            payment.order_pk = payment.vendor_id = None
            continue
        _book(session, payment, files, desk)


def _book(session: Session, payment: Payment, files: list[File], desk: Desk) -> None:
    shares = [(file, cents) for file, cents in split_payment(payment.amount_cents, files) if cents]
    for file, cents in shares:
        _reverse_order_payment(session, file, desk)
        post_entry(
            session,
            file,
            "payment",
            -cents,
            payment.value_date,
            desk,
            source=payment.source,
            payment_id=payment.id,
        )
    open_cases = [file for file, _ in shares if file.case and file.case.status not in TERMINAL]
    if open_cases and payment.value_date <= desk.today:
        payment.allocated_on = desk.today
        for file, _ in shares:
            settle_file(session, file, desk)
            schedule_anew(file, desk)
    else:
        for file, _ in shares:
            refresh_sums(session, file, desk.today)


def split_payment(cents: int, files: list[File]) -> list[tuple[File, int]]:
    """The oldest due receivable first, the rest onward; what is left over stays with the last one.

    Money back (negative) is taken from the last one.
    """
    ordered = sorted(files, key=lambda f: (f.receivable.due_date or dt.date.max, f.receivable.rate_number))
    if cents < 0 or len(ordered) == 1:
        return [(ordered[-1], cents)]
    shares: list[tuple[File, int]] = []
    for file in ordered[:-1]:
        share = min(cents, max(sum_entries(file.facts.entries, dt.date.max).outstanding, 0))
        shares.append((file, share))
        cents -= share
    return [*shares, (ordered[-1], cents)]


def _reverse_order_payment(session: Session, file: File, desk: Desk) -> None:
    """An order that came in as paid was booked on its own date; the first real payment takes that back."""
    reversed_ids = {entry.reverses_id for entry in file.entries}
    for entry in list(file.entries):
        if entry.kind == "payment" and entry.source == "order" and entry.id not in reversed_ids:
            post_entry(
                session,
                file,
                "reversal",
                -entry.cents,
                entry.value_date,
                desk,
                source="order",
                reverses=entry,
            )
