"""Posts ledger entries and keeps the sums the tables show. A balance is a sum; an entry is never changed.

Money that moves while the partner has the claim is told to it here, whichever verb posts it.
"""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import File
from dunning.actions.dossier.tell_money import tell_money
from dunning.desk import Desk
from dunning.records.orders import LedgerEntry, Order
from dunning.rules.money.claim import sum_entries


def post_entry(
    session: Session,
    file: File,
    kind: str,
    cents: int,
    value_date: dt.date,
    desk: Desk,
    *,
    source: str,
    payment_id: int | None = None,
    reverses: LedgerEntry | None = None,
    dedupe_key: str | None = None,
) -> LedgerEntry | None:
    """Adds one entry, signed by what it does to the claim; nothing for zero cents."""
    if cents == 0:
        return None
    if reverses in session.new:  # it has no id to point at yet
        session.flush()
    entry = LedgerEntry(
        vendor_id=file.receivable.vendor_id,
        receivable_id=file.receivable.id,
        kind=kind,
        cents=cents,
        value_date=value_date,
        on_date=desk.today,
        recorded_at=desk.now,
        source=source,
        payment_id=payment_id,
        reverses_id=reverses.id if reverses else None,
        dedupe_key=dedupe_key,
    )
    session.add(entry)
    file.entries.append(entry)
    tell_money(session, file, entry, desk)
    return entry


def refresh_sums(session: Session, file: File, on: dt.date) -> None:
    """Writes the sums of entries up to `on` to the rows that tables filter and sort by (invariant I2)."""
    balance = sum_entries(file.facts.entries, on)
    if file.case:
        file.case.outstanding_cents = balance.outstanding
    if change := balance.paid - file.receivable.paid_cents:
        file.receivable.paid_cents = balance.paid
        # several receivables of an order may change at once: add, never overwrite
        added = update(Order).where(Order.id == file.order.id).values(paid_cents=Order.paid_cents + change)
        session.execute(added.execution_options(synchronize_session=False))
