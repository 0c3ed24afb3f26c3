"""Orders come in: one row per receivable, compared with what was imported before. The same file twice changes nothing.

`check_orders` says what only the database knows (vendors, orders of others); `take_orders` writes in one transaction.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from dunning.actions.course.advance import schedule_from_start
from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.dossier import Dossier, open_dossier, read_dossiers
from dunning.actions.money.book_payments import BATCH, Tally, match_waiting
from dunning.actions.orders import order_rows
from dunning.actions.orders.inbox import wake_waiting
from dunning.actions.orders.order_rows import IncomingOrder
from dunning.desk import Desk
from dunning.records.database import db
from dunning.records.orders import Order
from dunning.records.people import IncassoSettings, Vendor
from dunning.work import Work, begin_work


@dataclasses.dataclass(frozen=True)
class Objection:
    """A row the database refuses: `code` is unknown_vendor or other_vendor."""

    row: int
    column: str
    code: str
    value: str


def check_orders(rows: Iterable[IncomingOrder]) -> Iterator[Objection]:
    """Reads only: unknown vendors, and order IDs that belong to another vendor."""
    vendors = set(db.session.scalars(select(Vendor.id)))
    for batch in split_batches(rows):
        query = select(Order.order_id, Order.vendor_id).where(
            Order.order_id.in_({row.order_id for row in batch})
        )
        owners = dict(db.session.execute(query).all())
        for row in batch:
            if row.vendor_id not in vendors:
                yield Objection(row.row, "vendor_id", "unknown_vendor", str(row.vendor_id))
            elif owners.get(row.order_id, row.vendor_id) != row.vendor_id:
                yield Objection(row.row, "order_id", "other_vendor", row.order_id)


def take_orders(rows: Iterable[IncomingOrder], desk: Desk) -> Tally:
    """Writes a whole file in one transaction; rows equal to their last import are left alone."""
    tally = Tally()
    with begin_work(desk) as work:
        for batch in split_batches(rows):
            _take_batch(work, batch, tally)
            work.session.flush()
            work.session.expunge_all()
    return tally


def split_batches(rows: Iterable[IncomingOrder]) -> Iterator[list[IncomingOrder]]:
    """Lists of at most BATCH rows."""
    batch: list[IncomingOrder] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _take_batch(work: Work, rows: Sequence[IncomingOrder], tally: Tally) -> None:
    orders = _find_orders(work.session, {row.order_id for row in rows})
    known = [receivable.id for order in orders.values() for receivable in order.receivables]
    dossiers = {
        (f.order.order_id, f.receivable.rate_number): f for f in read_dossiers(work.session, sorted(known))
    }
    vendors = find_vendors(work.session, {row.vendor_id for row in rows})
    fresh: list[Dossier] = []
    for row in rows:
        tally.read += 1
        dossier = dossiers.get((row.order_id, row.rate_number))
        if dossier is None:
            if row.order_id not in orders:
                values = dataclasses.asdict(row)
                orders[row.order_id] = order_rows.add_order(work, row.vendor_id, row.order_id, values)
            fresh.append(_add_receivable(row, orders[row.order_id], *vendors[row.vendor_id]))
            tally.new += 1
        elif dossier.receivable.imported != order_rows.freeze_row(row):
            # only what changes is locked and counted up: an unchanged row disturbs nobody who is sending
            order_rows.update_receivable(work, open_dossier(work.session, dossier.receivable.id), row)
            tally.updated += 1
        else:
            tally.unchanged += 1
    work.session.flush()
    _open_ledgers(work, orders, fresh)


def _open_ledgers(work: Work, orders: dict[str, Order], fresh: Sequence[Dossier]) -> None:
    for dossier in fresh:
        order_rows.open_ledger(work, dossier)
        schedule_from_start(work, dossier)
    for order in orders.values():
        order.amount_cents = order_rows.sum_order(order)
    match_waiting(work, orders.values())
    wake_waiting(work, set(orders))
    for dossier in fresh:
        if dossier.receivable.payment_status == "cancelled":
            cancel_order(work, dossier, reason="order_cancelled")


def _add_receivable(row: IncomingOrder, order: Order, vendor: Vendor, settings: IncassoSettings) -> Dossier:
    """Its due date is the order date when the row gives none."""
    due_date, imported = row.due_date or row.order_date, order_rows.freeze_row(row)
    rate = order_rows.NewRate(row.rate_number, due_date, row.amount_cents, row.payment_status, imported)
    return order_rows.add_receivable(order, vendor, settings, rate)


def _find_orders(session: Session, order_ids: set[str]) -> dict[str, Order]:
    query = select(Order).where(Order.order_id.in_(order_ids)).options(selectinload(Order.receivables))
    return {order.order_id: order for order in session.scalars(query)}


def find_vendors(session: Session, vendor_ids: set[int]) -> dict[int, tuple[Vendor, IncassoSettings]]:
    """The vendors with their settings, by id."""
    query = select(Vendor, IncassoSettings).join(IncassoSettings).where(Vendor.id.in_(vendor_ids))
    return {vendor.id: (vendor, settings) for vendor, settings in session.execute(query)}
