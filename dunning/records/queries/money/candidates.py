"""Receivables that money without an order might be for: those its text names, and those with just that amount open."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from dunning.records.cases import Case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.queries.money.lists import UnmatchedPayment
from dunning.rules.money.matching import Candidate, Clues, Suggestion, rank_candidates, read_clues
from dunning.rules.statuses import OPEN

MOST = 500

Found = tuple[str, str, str, Candidate]


def list_suggestions(
    session: Session, payments: Sequence[UnmatchedPayment]
) -> Mapping[int, list[Suggestion]]:
    """The likeliest receivables for each payment, in three statements for a whole page."""
    clues = {payment.id: read_clues(f"{payment.order_id_given}\n{payment.reference}") for payment in payments}
    amounts = {payment.cents for payment in payments if payment.cents > 0}
    found = _read_candidates(session, clues.values(), amounts)
    return {payment.id: _suggest(payment, clues[payment.id], found) for payment in payments}


def _suggest(payment: UnmatchedPayment, clues: Clues, found: Iterable[Found]) -> list[Suggestion]:
    candidates = [
        candidate if folded in clues.order_ids or reference in clues.references else _unnamed(candidate)
        for folded, reference, currency, candidate in found
        if currency == payment.currency
    ]
    return rank_candidates(payment.cents, payment.payer_name, candidates)


def _unnamed(candidate: Candidate) -> Candidate:
    return Candidate(**{**vars(candidate), "named": False})


def _read_candidates(session: Session, clues: Iterable[Clues], amounts: set[int]) -> list[Found]:
    """Each with its folded order ID, its reference and its currency."""
    clues = list(clues)
    folded = {order_id for clue in clues for order_id in clue.order_ids}
    bodies = {body for clue in clues for body in clue.references}
    named = _select_candidates().where(
        or_(Order.order_id_folded.in_(folded), Receivable.reference.in_(bodies))
    )
    rows = {row.id: row for row in session.execute(named.limit(MOST))}
    if amounts:
        equal = _select_candidates().where(Receivable.id.in_(_list_equal(session, amounts)))
        rows |= {row.id: row for row in session.execute(equal.limit(MOST))}
    return [
        (
            row.order_id_folded,
            row.reference,
            row.currency,
            Candidate(
                order_id=row.order_id,
                rate=row.rate_number,
                rates=row.rates,
                names=(f"{row.first_name} {row.last_name}", row.company),
                open=row.outstanding_cents if row.outstanding_cents is not None else row.principal,
                principal=row.principal,
                named=True,
            ),
        )
        for row in rows.values()
    ]


def _select_candidates() -> Select[*tuple[object, ...]]:
    return (
        select(
            *(Receivable.id, Receivable.reference, Receivable.rate_number),
            *(Order.order_id, Order.order_id_folded, Order.currency, Order.rates),
            *(Buyer.first_name, Buyer.last_name, Buyer.company),
            Case.outstanding_cents,
            (Receivable.original_cents - Receivable.paid_cents).label("principal"),
        )
        .join(Order, Order.id == Receivable.order_pk)
        .join(Buyer, Buyer.order_pk == Order.id)
        .outerjoin(Case, Case.receivable_id == Receivable.id)
        .order_by(Receivable.id.desc())
    )


def _list_equal(session: Session, amounts: set[int]) -> list[int]:
    """Receivables with one of these amounts open, with costs or without; each table is asked by itself."""
    cases = select(Case.receivable_id).where(Case.outstanding_cents.in_(amounts), Case.status.in_(OPEN))
    principals = select(Receivable.id).where((Receivable.original_cents - Receivable.paid_cents).in_(amounts))
    found = session.scalars(cases.union(principals).limit(MOST))
    return list(found)
