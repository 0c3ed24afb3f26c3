"""Which payments of a file are known already, by all that may tell an entry of a bank apart."""

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dunning.records.orders import Payment
from dunning.rules.incoming import IncomingPayment
from dunning.rules.money.matching import POSSIBLY_SAME


class KnownPayments:
    """The payments on record that rows of a file may be."""

    def __init__(self, session: Session, rows: Sequence[IncomingPayment]) -> None:
        names = {name for row in rows for name in (row.identity, row.former, row.fingerprint, _rename(row))}
        transactions = {row.transaction_id for row in rows} - {None}
        known = or_(
            Payment.identity.in_(names),
            Payment.fingerprint.in_(names - {""}),
            Payment.transaction_id.in_(transactions),
        )
        self._by_identity: dict[str, Payment] = {}
        self._by_fingerprint: dict[str, Payment] = {}
        self._by_transaction: dict[str, list[Payment]] = {}
        # who stands for one row stands for no other: a file that names no product tells of one of them
        self._claimed = {row.identity for row in rows}
        for payment in session.scalars(select(Payment).where(known)):
            self._by_identity[payment.identity] = payment
            if payment.fingerprint:
                self._by_fingerprint[payment.fingerprint] = payment
            if payment.transaction_id:
                self._by_transaction.setdefault(payment.transaction_id, []).append(payment)

    def sift(self, rows: Sequence[IncomingPayment]) -> Iterator[tuple[IncomingPayment, str, str]]:
        """The rows nobody knows, each with its identity and with POSSIBLY_SAME where only a person can tell."""
        taken: set[str] = set()
        for row in rows:
            identity, reason = row.identity, self._judge(row)
            if reason == POSSIBLY_SAME:
                identity = _rename(row)
            if reason is not None and identity not in taken and identity not in self._by_identity:
                taken.add(identity)
                yield row, identity, reason

    def _judge(self, row: IncomingPayment) -> str | None:
        """None for a payment that is known."""
        if row.transaction_id:
            return None if row.identity in self._by_identity or self._claim(row) else ""
        if same := self._by_identity.get(row.identity):
            return None if _is_same_day(row, same) else POSSIBLY_SAME
        former = self._by_identity.get(row.former)
        if former and _says_the_same(row, former):
            return None
        twin = self._by_fingerprint.get(row.fingerprint)
        # one has a reference of the bank's and the other none: exports of two kinds
        named = [name.startswith("bank:") for name in (row.identity, twin.identity)] if twin else []
        return POSSIBLY_SAME if len(set(named)) == 2 else ""

    def _claim(self, row: IncomingPayment) -> bool:
        """Whether a payment on record that says less or more of the same transaction is this one."""
        for known in self._by_transaction.get(row.transaction_id or "", ()):
            if known.identity not in self._claimed and _is_same_transaction(row, known):
                self._claimed.add(known.identity)
                return True
        return False


def _is_same_transaction(row: IncomingPayment, known: Payment) -> bool:
    """One that names no order or no product says the same as one that does."""
    if row.amount_cents != known.amount_cents:
        return False
    if row.order_id and known.order_id_given and row.order_id != known.order_id_given:
        return False
    products = {name.rpartition("/")[2] for name in (row.identity, known.identity) if "/" in name} - {""}
    return len(products) < 2


def _rename(row: IncomingPayment) -> str:
    return f"{row.identity}@{row.day_opening}"


def _is_same_day(row: IncomingPayment, known: Payment) -> bool:
    """An export that begins inside a day counts anew, and its account held something else when the day began."""
    unsure = row.identity == row.fingerprint and None not in (row.day_opening, known.day_opening)
    return not unsure or row.day_opening == known.day_opening


def _says_the_same(row: IncomingPayment, known: Payment) -> bool:
    """A position in a statement was another entry's in another export: then payer or text are others."""
    same_text = set(known.reference.splitlines()) <= set(row.reference.splitlines())
    return same_text and known.payer_name.startswith(row.payer_name)
