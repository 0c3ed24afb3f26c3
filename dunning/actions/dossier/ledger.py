"""Posts ledger entries and keeps the sums the tables show. A balance is a sum; an entry is never changed.

Money that moves while the partner has the claim is told to it here, whichever verb posts it.
"""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.tell_money import tell_money
from dunning.desk import Desk
from dunning.records.orders import LedgerEntry, Order
from dunning.rules.money.claim import sum_entries


def post_entry(
    session: Session,
    dossier: Dossier,
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
        vendor_id=dossier.receivable.vendor_id,
        receivable_id=dossier.receivable.id,
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
    dossier.entries.append(entry)
    tell_money(session, dossier, entry, desk)
    return entry


def refresh_sums(session: Session, dossier: Dossier, on: dt.date) -> None:
    """Writes the sums of entries up to `on` to the rows that tables filter and sort by (invariant I2)."""
    balance = sum_entries(dossier.read_facts().entries, on)
    if dossier.case:
        dossier.case.outstanding_cents = balance.outstanding
    if change := balance.paid - dossier.receivable.paid_cents:
        dossier.receivable.paid_cents = balance.paid
        # several receivables of an order may change at once: add, never overwrite
        added = update(Order).where(Order.id == dossier.order.id).values(paid_cents=Order.paid_cents + change)
        session.execute(added.execution_options(synchronize_session=False))
