"""Finds the orders that payments name, in the database: by order ID, by RF reference, by what their text spells.

A few statements for a batch of payments, whatever their number. What follows is `rules.matching`'s to decide.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from dunning.records.database import insert_once
from dunning.records.orders import Order, Payment, PaymentClue, Receivable
from dunning.rules.money.matching import (
    NO_REFERENCE,
    NOT_CREDITED,
    ORDER_UNKNOWN,
    OTHER_CURRENCY,
    UNKNOWN_RATE,
    Match,
    Target,
    decide_match,
    read_clues,
)

# what more orders, rates or payments can answer
WAITING = ("", NO_REFERENCE, ORDER_UNKNOWN, UNKNOWN_RATE, NOT_CREDITED)
MOST_AT_ONCE = 500
MOST_VALUES = 10_000  # of one IN list; both databases have a limit above it


@dataclass(frozen=True)
class Named:
    """What a payment says about whose it is: an order ID with perhaps a rate, else a text."""

    order_id: str
    rate: int | None
    currency: str
    text: str


def name_payment(payment: Payment) -> Named:
    """What a recorded payment says."""
    return Named(payment.order_id_given, payment.rate_given, payment.currency, payment.reference)


def find_matches(session: Session, payments: Sequence[Named]) -> list[Match]:
    """Where each payment belongs, in order; several orders or none leave it to a person."""
    clues = [read_clues("" if payment.order_id else payment.text) for payment in payments]
    given = _find_orders(session, Order.order_id, {p.order_id for p in payments if p.order_id})
    spelled = _find_orders(
        session, Order.order_id_folded, {folded for clue in clues for folded in clue.order_ids}
    )
    references = _find_receivables(session, {body for clue in clues for body in clue.references})
    return [
        _match_given(payment, given)
        if payment.order_id
        else decide_match(clue, payment.currency, references, spelled)
        for payment, clue in zip(payments, clues, strict=True)
    ]


def _match_given(payment: Named, orders: Mapping[str, list[Target]]) -> Match:
    """An order ID in a field of its own is taken as it is written."""
    targets = orders.get(payment.order_id)
    if not targets:
        return Match(reason=ORDER_UNKNOWN)
    if targets[0].currency != payment.currency:
        return Match(reason=OTHER_CURRENCY)
    return Match(targets[0], payment.rate)


def _find_orders(
    session: Session, column: InstrumentedAttribute[str], values: Collection[str]
) -> dict[str, list[Target]]:
    query = select(column, Order.id, Order.vendor_id, Order.currency)
    found: dict[str, list[Target]] = {}
    for some in _split(values):
        for value, order_pk, vendor_id, currency in session.execute(query.where(column.in_(some))):
            found.setdefault(value, []).append(Target(order_pk, vendor_id, currency))
    return found


def _find_receivables(session: Session, bodies: Collection[str]) -> dict[str, Target]:
    query = select(
        Receivable.reference, Order.id, Order.vendor_id, Order.currency, Receivable.rate_number
    ).join(Order, Order.id == Receivable.order_pk)
    found: dict[str, Target] = {}
    for some in _split(bodies):
        for row in session.execute(query.where(Receivable.reference.in_(some))):
            found[row.reference] = Target(row.id, row.vendor_id, row.currency, row.rate_number)
    return found


def _split(values: Collection[str]) -> Iterator[list[str]]:
    rest = iter(sorted(values))
    while some := list(islice(rest, MOST_VALUES)):
        yield some


def find_waiting(session: Session, orders: Collection[Order]) -> list[Payment]:
    """Payments without an order that may name one of these; most orders have none waiting for them."""
    _note_clues(session)
    names = {order.order_id_folded for order in orders}
    names |= {receivable.reference for order in orders for receivable in order.receivables}
    clued = select(PaymentClue.payment_id).where(PaymentClue.clue.in_(names))
    given = Payment.order_id_given.in_({order.order_id for order in orders})
    waiting = (Payment.order_pk.is_(None), Payment.unmatched_reason.in_(WAITING))
    ids = union(select(Payment.id).where(given, *waiting), clued)
    return list(session.scalars(select(Payment).where(Payment.id.in_(ids), *waiting).order_by(Payment.id)))


def _note_clues(session: Session) -> None:
    """Writes down what texts may name that nobody has looked at: those that just came, and all after an upgrade."""
    new = select(Payment).where(Payment.order_pk.is_(None), ~Payment.clued).limit(MOST_AT_ONCE)
    while payments := session.scalars(new).all():
        rows: list[dict[str, object]] = []
        for payment in payments:
            payment.clued = True
            if payment.order_id_given or payment.unmatched_reason not in WAITING:
                continue
            clues = read_clues(payment.reference)
            rows += [{"clue": clue, "payment_id": payment.id} for clue in clues.order_ids | clues.references]
        session.flush()
        if rows:  # two may look at the same payments
            session.execute(insert_once(session, PaymentClue), rows)


def take_home(session: Session, payments: Sequence[Payment]) -> list[tuple[Payment, Match]]:
    """Gives payments to the orders they name; those that found one, each with its match, are to be booked."""
    found: list[tuple[Payment, Match]] = []
    for payment, match in zip(
        payments, find_matches(session, list(map(name_payment, payments))), strict=True
    ):
        payment.unmatched_reason = match.reason
        if match.target:
            payment.order_pk, payment.vendor_id = match.target.order_pk, match.target.vendor_id
            found.append((payment, match))
    return found
