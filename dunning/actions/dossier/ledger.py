"""Posts ledger entries and keeps the sums the tables show. A balance is a sum; an entry is never changed.

Money that moves while the partner has the claim is told to it here, whichever verb posts it.
"""

import datetime as dt

from sqlalchemy import update

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.tell_money import tell_money
from dunning.records.orders import LedgerEntry, Order
from dunning.rules.money.claim import sum_entries
from dunning.work import Work


def post_entry(
    work: Work,
    dossier: Dossier,
    kind: str,
    cents: int,
    value_date: dt.date,
    *,
    source: str,
    payment_id: int | None = None,
    reverses: LedgerEntry | None = None,
    dedupe_key: str | None = None,
) -> LedgerEntry | None:
    """Adds one entry, signed by what it does to the claim; nothing for zero cents."""
    if cents == 0:
        return None
    if reverses in work.session.new:  # it has no id to point at yet
        work.session.flush()
    entry = LedgerEntry(
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
        kind=kind,
        cents=cents,
        value_date=value_date,
        on_date=work.today,
        recorded_at=work.now,
        source=source,
        payment_id=payment_id,
        reverses_id=reverses.id if reverses else None,
        dedupe_key=dedupe_key,
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
