"""Two channels may report one payment: an event of the platform and an entry of the bank. A person decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier
from dunning.records.orders import LedgerEntry, Payment
from dunning.rules.money.matching import COMPARED, POSSIBLY_SAME, Known, is_possibly_same


@dataclass
class Reported:
    """The booked payments of some orders that another channel may report again, by order."""

    by_order: dict[int | None, list[Payment]]

    def judge(self, payment: Payment, dossiers: Sequence[Dossier]) -> str:
        """`possibly_same` for a payment that one booked on these receivables may be; "" for one of its own."""
        if not _is_compared(payment):
            return ""
        booked = {entry.payment_id for dossier in dossiers for entry in dossier.entries}
        others = self.by_order.setdefault(payment.order_pk, [])
        if any(other.id in booked and is_possibly_same(_read(payment), _read(other)) for other in others):
            return POSSIBLY_SAME
        others.append(payment)
        return ""


def _is_compared(payment: Payment) -> bool:
    return payment.source in COMPARED and (payment.source != "csv" or payment.transaction_id is None)


def _read(payment: Payment) -> Known:
    return Known(payment.amount_cents, payment.value_date, payment.source)


def find_reported(session: Session, payments: Sequence[Payment]) -> Reported:
    """The payments that these are to be compared with: one statement, none for channels that are not compared.

    To be read after the receivables are locked, so that a payment booked at the same moment is seen.
    """
    order_pks = {payment.order_pk for payment in payments if _is_compared(payment)}
    by_order: dict[int | None, list[Payment]] = {}
    if order_pks:
        query = select(Payment).where(
            Payment.order_pk.in_(order_pks), Payment.id.not_in([payment.id for payment in payments])
        )
        for payment in filter(_is_compared, session.scalars(query)):
            by_order.setdefault(payment.order_pk, []).append(payment)
    return Reported(by_order)


def find_twins(session: Session, payment: Payment, order_pk: int) -> list[int]:
    """The receivables of an order on which a payment that may be this one is booked."""
    query = (
        select(Payment, LedgerEntry.receivable_id)
        .join(LedgerEntry, LedgerEntry.payment_id == Payment.id)
        .where(Payment.order_pk == order_pk)
    )
    found = {
        receivable_id
        for other, receivable_id in session.execute(query)
        if _is_compared(other) and is_possibly_same(_read(payment), _read(other))
    }
    return sorted(found)
