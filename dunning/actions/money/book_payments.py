"""Records payments and books them on receivables; each identity once, two equal payments stay two.

Booking never stores "paid" on a receivable: what is open is a sum by value date. Money for a case whose value
date has come is allocated in the same transaction, all other money by the run of its day.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.course.allocate import follow_up
from dunning.actions.dossier.dossier import Dossier, open_dossiers
from dunning.actions.dossier.ledger import NewEntry, post_entry, refresh_sums
from dunning.actions.money.known_payments import KnownPayments
from dunning.actions.money.match_payments import find_waiting, take_home
from dunning.actions.money.order_money import correct_credit, is_told
from dunning.actions.money.reported_twice import find_reported
from dunning.actions.money.reverse_payment import reopen_unpaid
from dunning.actions.money.take_back import Chargeback, take_back
from dunning.desk import Desk
from dunning.records.orders import Order, Payment, Receivable
from dunning.rules.calendar import ONE_DAY
from dunning.rules.incoming import IncomingPayment
from dunning.rules.money.claim import count_open
from dunning.rules.money.matching import DUPLICATE, NOT_CREDITED, UNKNOWN_RATE, Match
from dunning.rules.terms import PaymentSource
from dunning.work import Work, begin_work

BATCH = 500


@dataclass
class Tally:
    """What an intake did, in rows."""

    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0


def take_payments(rows: Iterable[IncomingPayment], desk: Desk, *, source: PaymentSource) -> Tally:
    """Records and books a whole file in one transaction."""
    tally = Tally()
    with begin_work(desk) as work:
        batch: list[IncomingPayment] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                _take_batch(work, batch, source, tally)
                batch = []
        _take_batch(work, batch, source, tally)
    return tally


def _take_batch(work: Work, rows: Sequence[IncomingPayment], source: PaymentSource, tally: Tally) -> None:
    new = record_payments(work, rows, source)
    tally.read += len(rows)
    tally.new += new
    tally.unchanged += len(rows) - new
    work.session.flush()
    work.session.expunge_all()


def record_payments(work: Work, rows: Sequence[IncomingPayment], source: PaymentSource) -> int:
    """Records the payments nobody knows yet and books those of a known order. Returns how many were new."""
    known = KnownPayments(work.session, rows)
    fresh = [
        _make_payment(row, work.desk, source, identity, reason) for row, identity, reason in known.sift(rows)
    ]
    work.session.add_all(fresh)
    matched = take_home(work.session, [payment for payment in fresh if not payment.unmatched_reason])
    work.session.flush()
    book_recorded(work, matched)
    _retry_returns(work, {payment.order_pk for payment, _ in matched if payment.amount_cents > 0})
    return len(fresh)


def _make_payment(
    row: IncomingPayment, desk: Desk, source: PaymentSource, identity: str, reason: str
) -> Payment:
    """One row of `payments`, nobody's yet; with a reason a person decides."""
    return Payment(
        identity=identity,
        fingerprint=row.fingerprint,
        day_opening=row.day_opening,
        unmatched_reason=row.left_out or reason,
        source=source,
        order_id_given=row.order_id or "",
        rate_given=row.rate_number,
        amount_cents=row.amount_cents,
        currency=row.currency,
        value_date=row.value_date,
        transaction_id=row.transaction_id,
        reference=row.reference,
        payer_name=row.payer_name,
        payer_iban=row.payer_iban,
        return_code=row.return_code,
        return_fee_cents=row.return_fee_cents,
        recorded_at=desk.now,
    )


def match_waiting(work: Work, orders: Collection[Order]) -> None:
    """Payments that came before their order, or its rate, find it now."""
    work.session.flush()
    if waiting := find_waiting(work.session, orders):
        book_recorded(work, take_home(work.session, waiting))


def _retry_returns(work: Work, order_pks: set[int | None]) -> None:
    """Money that was taken back before anybody knew that it had come: now it is known."""
    if not order_pks:
        return
    query = select(Payment).where(Payment.order_pk.is_(None), Payment.unmatched_reason == NOT_CREDITED)
    if waiting := list(work.session.scalars(query)):
        found = take_home(work.session, waiting)
        book_recorded(work, found)


def book_recorded(work: Work, payments: Sequence[tuple[Payment, Match]]) -> None:
    """Writes the ledger entries of payments that belong to an order; what cannot be booked stays unmatched."""
    by_order = _open_orders(work.session, {payment.order_pk for payment, _ in payments})
    reported = find_reported(work.session, [payment for payment, _ in payments])
    # what came in is known before what went back
    for payment, match in sorted(payments, key=lambda pair: pair[0].amount_cents < 0):
        dossiers, first = choose_dossiers(by_order.get(payment.order_pk or 0, []), match)
        # a sale and its refund may share a transaction: what came in is never the refund over again
        told = payment.amount_cents < 0 and is_told(
            payment.transaction_id, -payment.amount_cents, by_order.get(payment.order_pk or 0, [])
        )
        reason = UNKNOWN_RATE if not dossiers else DUPLICATE if told else reported.judge(payment, dossiers)
        if not reason and payment.amount_cents > 0:
            book_on(work, payment, split_payment(payment, dossiers, work.desk, first))
        elif not reason and not book_return(
            work, payment, [d for d in dossiers if not first or rate_of(d) in first]
        ):
            reason = NOT_CREDITED
        if reason:
            payment.order_pk = payment.vendor_id = None
            payment.unmatched_reason = reason


def _open_orders(session: Session, order_pks: set[int | None]) -> dict[int, list[Dossier]]:
    """The receivables of orders, locked and in the order of their ids."""
    receivable_ids = select(Receivable.id).where(Receivable.order_pk.in_(order_pks)).order_by(Receivable.id)
    by_order: dict[int, list[Dossier]] = {}
    for dossier in open_dossiers(session, session.scalars(receivable_ids).all()):
        by_order.setdefault(dossier.order.id, []).append(dossier)
    return by_order


def book_on(work: Work, payment: Payment, shares: Sequence[tuple[Dossier, int]]) -> None:
    """Books a payment on receivables, cents on each; allocated at once when its value date has come."""
    booked = [(dossier, cents) for dossier, cents in shares if cents]
    for dossier, cents in booked:
        post_entry(
            work,
            dossier,
            NewEntry("payment", -cents, payment.value_date, source=payment.source, payment_id=payment.id),
        )
        # an order that came in as paid was booked on its own date: the first real payment takes that back
        if correct_credit(work, dossier):
            reopen_unpaid(work.by_system, dossier)
    dossiers = [dossier for dossier, _ in booked]
    _note_allocation(payment, dossiers, work.desk)
    for dossier in dossiers:
        if payment.allocated_on:
            follow_up(work, dossier)
        else:
            refresh_sums(work, dossier)


def _note_allocation(payment: Payment, dossiers: Sequence[Dossier], desk: Desk) -> None:
    """Without a case the run of the value date allocates it: only then it is looked at again on that day."""
    if payment.value_date <= desk.today and any(dossier.case for dossier in dossiers):
        payment.allocated_on = desk.today


def book_return(work: Work, payment: Payment, dossiers: Sequence[Dossier]) -> bool:
    """Books money back on what it was credited to, the latest due first; False when nothing was credited."""
    left, fee = -payment.amount_cents, payment.return_fee_cents
    for dossier in reversed(sort_dossiers(dossiers)):
        back = Chargeback(left, payment.value_date, payment.source, payment.id, fee, payment.return_code)
        if taken := take_back(work, dossier, back):
            left, fee = left - taken, 0
            _note_allocation(payment, [dossier], work.desk)
    return left < -payment.amount_cents


def sort_dossiers(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """By due date, then by rate; one without a due date last."""
    return sorted(dossiers, key=lambda f: (f.receivable.due_date or dt.date.max, f.receivable.rate_number))


def choose_dossiers(dossiers: list[Dossier], match: Match) -> tuple[list[Dossier], Collection[int]]:
    """The receivables a payment may go to, none when it names a rate that is not there; and the rates named first."""
    if match.rate is not None:
        return [dossier for dossier in dossiers if rate_of(dossier) == match.rate], ()
    due = [(rate_of(dossier), dossier.receivable.due_date) for dossier in dossiers]
    first = match.hint.choose(due, dossiers[0].order.rates) if dossiers else ()
    return ([], ()) if first is None else (dossiers, first)


def rate_of(dossier: Dossier) -> int:
    """The number of its rate."""
    return dossier.receivable.rate_number


def split_payment(
    payment: Payment, dossiers: Sequence[Dossier], desk: Desk, first: Collection[int] = ()
) -> list[tuple[Dossier, int]]:
    """The rates named `first`, then the oldest due receivable, the rest onward; what is left stays with the last."""
    *before, last = sorted(sort_dossiers(dossiers), key=lambda dossier: rate_of(dossier) not in first)
    shares: list[tuple[Dossier, int]] = []
    cents, through = payment.amount_cents, payment.value_date - ONE_DAY
    for dossier in before:
        share = min(cents, max(count_open(dossier.read_facts(), desk.policy, through), 0))
        shares.append((dossier, share))
        cents -= share
    return [*shares, (last, cents)]
