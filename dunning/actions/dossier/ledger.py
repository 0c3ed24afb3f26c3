"""Posts ledger entries and keeps the sums the tables show. A balance is a sum; an entry is never changed.

Money that moves while the partner has the claim is told to it here, whichever verb posts it.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import update

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.tell_money import tell_money
from dunning.records.orders import LedgerEntry, Order
from dunning.rules.money.claim import sum_entries
from dunning.rules.terms import EntryKind, EntrySource
from dunning.work import Work


@dataclass(frozen=True)
class NewEntry:
    """What is to be posted: cents signed by what they do to the claim, from their value date on.

    `source` says where we know it from. The `dedupe_key` of one that has a name of its own keeps it from coming twice.
    """

    kind: EntryKind
    cents: int
    value_date: dt.date
    source: EntrySource
    payment_id: int | None = None
    reverses: LedgerEntry | None = None
    dedupe_key: str | None = None


def post_entry(work: Work, dossier: Dossier, new: NewEntry) -> LedgerEntry | None:
    """Adds one entry; nothing for zero cents."""
    if new.cents == 0:
        return None
    if new.reverses in work.session.new:  # it has no id to point at yet
        work.session.flush()
    entry = LedgerEntry(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        kind=new.kind,
        cents=new.cents,
        value_date=new.value_date,
        on_date=work.today,
        recorded_at=work.now,
        source=new.source,
        payment_id=new.payment_id,
        reverses_id=new.reverses.id if new.reverses else None,
        dedupe_key=new.dedupe_key,
    )
    work.session.add(entry)
    dossier.entries.append(entry)
    tell_money(work, dossier, entry)
    return entry


def refresh_sums(work: Work, dossier: Dossier) -> None:
    """Writes the sums of entries up to today to the rows that tables filter and sort by (invariant I2)."""
    balance = sum_entries(dossier.read_facts().entries, work.today)
    if dossier.case:
        dossier.case.outstanding_cents = balance.outstanding
    if change := balance.paid - dossier.receivable.paid_cents:
        dossier.receivable.paid_cents = balance.paid
        # several receivables of an order may change at once: add, never overwrite
        added = update(Order).where(Order.id == dossier.order.id).values(paid_cents=Order.paid_cents + change)
        work.session.execute(added.execution_options(synchronize_session=False))
