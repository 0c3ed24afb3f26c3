"""What an order's own reports say of money: refunds, chargebacks, and the credit that a chargeback implies.

The ledger is brought from what it holds to what is reported now. Posting twice posts nothing; what turns out to have
been otherwise is taken back by an entry on its own value date.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from dunning.actions.course.allocate import follow_up
from dunning.actions.course.charge_back import reopen_paid
from dunning.actions.course.stop_order import end_case
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.ledger import NewEntry, post_entry
from dunning.actions.money.reverse_payment import reopen_unpaid
from dunning.records.orders import LedgerEntry, Payment
from dunning.rules.incoming import IncomingPayment
from dunning.rules.money.claim import sum_entries
from dunning.rules.money.credit import ORDER, find_missing_credit
from dunning.rules.orders.picture import MoneyBack
from dunning.rules.terms import EntryKind
from dunning.work import Work

IPN: Final = "ipn"
# how the key of an entry begins: now, and when a transaction alone named it
FORM, FORMER = "event", "ipn"
# the kind of the entry that takes an entry back: a reversal of a refund is money paid out
RETRACTED_BY: dict[EntryKind, EntryKind] = {
    "payment": "reversal",
    "chargeback": "reversal",
    "refund": "refund",
}
SIGNS: dict[EntryKind, int] = {"refund": -1, "chargeback": 1}


def reports(dossier: Dossier, kind: EntryKind) -> bool:
    """Whether events told of such money: then they know amount and day better than an order's status."""
    return any(entry.kind == kind and entry.source == IPN for entry in dossier.entries)


def is_told(transaction: str | None, cents: int, dossiers: Sequence[Dossier]) -> bool:
    """Whether events told of just this money given back by this transaction: the platform's files bring it again."""
    vendors = {dossier.receivable.vendor_id for dossier in dossiers}
    names = [f"{kind}:{vendor}:{transaction}:" for kind in SIGNS for vendor in vendors]
    known, former = (
        tuple(form + name + told for name in names)
        for form, told in ((f"{FORM}:", f"{cents}:"), (f"{FORMER}:", ""))
    )
    standing = [entry for dossier in dossiers for entry in list_standing(dossier, *SIGNS)]
    keys = {entry.dedupe_key or "": abs(entry.cents) for entry in standing}
    # the name of old said nothing of the amount: it is what all rates had of it
    once = sum(share for key, share in keys.items() if key.startswith(former))
    return bool(transaction) and (once == cents or any(key.startswith(known) for key in keys))


def state_money_back(work: Work, dossier: Dossier, reported: Sequence[MoneyBack]) -> None:
    """Refunds and chargebacks as the order's events tell them.

    Those that its status implied give way, and those that a payments file told of the same transaction.
    """
    work.session.flush()
    wanted = Wanted(dossier, reported)
    told_before = _find_payments(
        work.session, dossier, {(back.transaction, -back.told_cents) for back in reported}
    )
    for entry in list_standing(dossier, *SIGNS):
        implied = entry.source == ORDER and any(back.kind == entry.kind for back in reported)
        gone = entry.source == IPN and wanted.find(entry) is None
        if implied or gone or entry.payment_id in told_before:
            retract_entry(work, dossier, entry)
    work.session.flush()
    standing = {wanted.find(entry) for entry in list_standing(dossier, *SIGNS)}
    for key, back in wanted.by_name.items():
        if key not in standing:
            number = sum(base_key(entry) == key for entry in dossier.entries) + 1
            cents = SIGNS[back.kind] * back.cents
            dedupe_key = f"{key}#{number}"
            post_entry(
                work, dossier, NewEntry(back.kind, cents, back.value_date, source=IPN, dedupe_key=dedupe_key)
            )


def _find_payments(session: Session, dossier: Dossier, told: set[tuple[str, int]]) -> set[int | None]:
    """The payments of these transactions, each with its cents, that took money back here."""
    booked = {entry.payment_id for entry in list_standing(dossier, *SIGNS)} - {None}
    if not booked or not told:
        return set()
    payments = session.scalars(select(Payment).where(Payment.id.in_(booked)))
    return {payment.id for payment in payments if (payment.transaction_id, payment.amount_cents) in told}


def move_payments(work: Work, dossiers: Sequence[Dossier], told: Sequence[IncomingPayment]) -> None:
    """Payments that only events told of stand on the day that the latest version of their event says."""
    # by the whole name, else by what stands before the product
    days = {name: one.value_date for one in told for name in (one.identity.rpartition("/")[0], one.identity)}
    numbers = {one.transaction_id for one in told} - {None}
    query = select(Payment).where(Payment.transaction_id.in_(numbers), Payment.source == IPN)
    for payment in work.session.scalars(query) if numbers else ():
        day = days.get(payment.identity) or days.get(payment.identity.rpartition("/")[0])
        if day not in (None, payment.value_date):
            payment.value_date = day
            _move_entries(work, dossiers, payment)


def _move_entries(work: Work, dossiers: Sequence[Dossier], payment: Payment) -> None:
    for dossier in dossiers:
        for entry in list_standing(dossier, "payment"):
            if entry.payment_id == payment.id:
                retract_entry(work, dossier, entry)
                there = NewEntry("payment", entry.cents, payment.value_date, IPN, payment_id=payment.id)
                post_entry(work, dossier, there)


class Wanted:
    """What events tell of money back on one receivable, by the names of its entries."""

    def __init__(self, dossier: Dossier, reported: Sequence[MoneyBack]) -> None:
        vendor = dossier.receivable.vendor_id
        self.by_name = {_name_entry(vendor, back): back for back in reported}
        self._by_former: dict[str, list[str]] = {}
        for name, back in self.by_name.items():
            former = f"{FORMER}:{back.kind}:{vendor}:{back.transaction}:{back.rate_number}"
            self._by_former.setdefault(former, []).append(name)

    def find(self, entry: LedgerEntry) -> str | None:
        """The name under which the entry is wanted as it stands."""
        name = base_key(entry)
        names = [name] if name in self.by_name else self._by_former.get(name, [])
        stated = (entry.kind, entry.cents, entry.value_date)
        return next((name for name in names if _state(self.by_name[name]) == stated), None)


def _state(back: MoneyBack) -> tuple[EntryKind, int, dt.date]:
    return back.kind, SIGNS[back.kind] * back.cents, back.value_date


def _name_entry(vendor_id: int, back: MoneyBack) -> str:
    """What is stated once: one transaction's refund or chargeback of a product, on one rate."""
    what = f"{back.transaction}:{back.told_cents}:{back.product_id}:{back.rate_number}"
    return f"{FORM}:{back.kind}:{vendor_id}:{what}"


def correct_credit(work: Work, dossier: Dossier) -> bool:
    """The payment that the order's own reports imply, on the order's date: as much as is needed, and no more.

    An order that came in as paid keeps its credit until the first real payment is known. Whether it became less.
    """
    work.session.flush()
    standing = [entry for entry in list_standing(dossier, "payment") if entry.source == ORDER]
    credit = -sum(entry.cents for entry in standing)
    needed = find_missing_credit(dossier.read_facts().entries)
    real = any(entry.source != ORDER for entry in list_standing(dossier, "payment"))
    if dossier.receivable.payment_status == "paid" and not real:
        needed = max(needed, credit)
    if needed == credit:
        return False
    for entry in standing:
        retract_entry(work, dossier, entry)
    post_entry(work, dossier, NewEntry("payment", -needed, dossier.order.order_date, source=ORDER))
    return needed < credit


def follow_money(work: Work, dossier: Dossier) -> None:
    """After money moved by the order's reports: settles, reopens what is open again, ends what was refunded in full."""
    retracted = correct_credit(work, dossier)
    balance = sum_entries(dossier.read_facts().entries, work.today)
    if balance.open_principal > 0 and dossier.receivable.charged_back_on:
        reopen_paid(work, dossier)
    elif retracted:
        reopen_unpaid(work.by_system, dossier)
    follow_up(work, dossier)
    if balance.principal <= 0:
        end_case(work, dossier, reason="order_refunded")


def list_standing(dossier: Dossier, *kinds: EntryKind) -> list[LedgerEntry]:
    """The entries of these kinds that nothing has taken back."""
    kind_of = {entry.id: entry.kind for entry in dossier.entries}
    gone = {
        entry.reverses_id
        for entry in dossier.entries
        if entry.reverses_id and entry.kind == RETRACTED_BY.get(kind_of[entry.reverses_id])
    }
    return [e for e in dossier.entries if e.kind in kinds and e.reverses_id is None and e.id not in gone]


def retract_entry(work: Work, dossier: Dossier, entry: LedgerEntry) -> None:
    """The entry never was, as of its own value date."""
    kind = RETRACTED_BY[entry.kind]
    post_entry(
        work, dossier, NewEntry(kind, -entry.cents, entry.value_date, source=entry.source, reverses=entry)
    )


def base_key(entry: LedgerEntry) -> str:
    """The name of an entry without its number: one that was taken back may be stated again."""
    return (entry.dedupe_key or "").rpartition("#")[0]
