"""Writes what the events of an order say together: only what has changed since they were last applied.

So what an orders file or a person has changed meanwhile stays, until the events tell something new.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.dossier import File, open_files, read_files
from dunning.actions.dossier.ledger import refresh_sums
from dunning.actions.money.book_payments import match_waiting, record_payments
from dunning.actions.money.order_money import IPN, follow_money, state_money_back
from dunning.actions.orders import order_rows
from dunning.actions.orders.import_orders import find_vendors
from dunning.desk import Desk
from dunning.records.orders import Order
from dunning.rules.orders.picture import KnownRate, OrderPicture, Rate

# of an order that only events have told of
UNTOLD: dict[str, Any] = {
    "payment_plan": "one_time_payment",
    "rates": 1,
    "currency": "EUR",
    "test_payment": False,
    **dict.fromkeys(("product_id", "product_name"), ""),
    **dict.fromkeys((*order_rows.PERSON_FIELDS, *order_rows.ADDRESS_FIELDS), ""),
}


def list_known(files: Sequence[File]) -> dict[int, KnownRate]:
    """The order's receivables as an orders file gave them."""
    known = {}
    for receivable in (file.receivable for file in files):
        if row := receivable.imported:
            due = dt.date.fromisoformat(row["due_date"] or row["order_date"])
            known[receivable.rate_number] = KnownRate(row["amount_cents"], due)
    return known


def apply_picture(
    session: Session, vendor_id: int, order_id: str, picture: OrderPicture, files: list[File], desk: Desk
) -> None:
    """Brings the order, its receivables and their ledgers to the picture. `files` are its receivables, locked."""
    if not files and not picture.rates:  # all of it waits for the sale
        return
    order = files[0].order if files else _add_order(session, vendor_id, order_id, picture, desk)
    reported = order.reported or {}
    if files:
        _change_fields(order, files[0].receivable.imported or {}, picture.fields, reported.get("fields", {}))
    _write_rates(session, order, picture.rates, files, reported.get("rates", {}), desk)
    order.amount_cents = order_rows.sum_order(order)
    order.reported = _freeze_picture(picture)
    receivable_ids = sorted(receivable.id for receivable in order.receivables)
    for file in read_files(session, receivable_ids):
        _state_money(session, file, picture, desk)
    if len(order.receivables) > len(files):
        match_waiting(session, [order], desk)
    record_payments(session, picture.payments, desk, IPN)
    session.flush()
    files = open_files(session, receivable_ids)
    for file in files:
        follow_money(session, file, desk)
    if picture.cancelled_on and order.cancelled_on is None:
        cancel_order(session, files[0], desk, reason="order_cancelled")


def _add_order(session: Session, vendor_id: int, order_id: str, picture: OrderPicture, desk: Desk) -> Order:
    several = picture.fields.get("rates", 1) > 1 or len(picture.rates) > 1
    plan = {"payment_plan": "breakdown_payment"} if several else {}
    return order_rows.add_order(session, vendor_id, order_id, UNTOLD | plan | picture.fields, desk)


def _change_fields(
    order: Order, imported: Mapping[str, Any], fields: dict[str, Any], reported: dict[str, Any]
) -> None:
    told = _freeze(fields)
    changed = {name: fields[name] for name, value in told.items() if reported.get(name) != value}
    order_rows.change_order(order, changed)
    address = {name: fields[name] for name in order_rows.ADDRESS_FIELDS if name in fields}
    order_rows.change_buyer(order.buyer, changed)
    if address:
        order_rows.take_address(order.buyer, address, {**imported, **reported})


def _write_rates(
    session: Session,
    order: Order,
    rates: Sequence[Rate],
    files: Sequence[File],
    reported: Mapping[str, Any],
    desk: Desk,
) -> None:
    by_rate = {file.receivable.rate_number: file for file in files}
    fresh = []
    for rate in rates:
        file = by_rate.get(rate.rate_number)
        if file is None:
            fresh.append(_add_rate(session, order, rate))
        else:
            _change_rate(session, file, rate, reported.get(str(rate.rate_number), {}), desk)
    session.flush()
    for file in fresh:
        order_rows.open_ledger(session, file, desk)
    session.flush()


def _add_rate(session: Session, order: Order, rate: Rate) -> File:
    vendor, settings = find_vendors(session, {order.vendor_id})[order.vendor_id]
    file = order_rows.add_receivable(
        order,
        vendor,
        settings,
        rate_number=rate.rate_number,
        due_date=rate.due_date,
        amount_cents=rate.amount_cents,
    )
    file.receivable.failed_on = rate.failed_on
    return file


def _change_rate(session: Session, file: File, rate: Rate, reported: Mapping[str, Any], desk: Desk) -> None:
    told = _freeze_rate(rate)
    changed = {name for name, value in told.items() if reported.get(name) != value}
    if "amount_cents" in changed:
        order_rows.take_amount(session, file, rate.amount_cents, desk)
    if "due_date" in changed:
        file.receivable.due_date = rate.due_date
    if "failed_on" in changed:
        file.receivable.failed_on = rate.failed_on


def _state_money(session: Session, file: File, picture: OrderPicture, desk: Desk) -> None:
    """Before the payments are booked: one that was taken back already covers nothing in between."""
    back = [part for part in picture.money_back if part.rate_number == file.receivable.rate_number]
    state_money_back(session, file, back, desk)
    withdrawn = [part.value_date for part in back if part.kind == "chargeback"]
    if withdrawn:
        file.receivable.charged_back_on = max(withdrawn)
    refresh_sums(session, file, desk.today)


def _freeze_picture(picture: OrderPicture) -> dict[str, Any]:
    rates = {str(rate.rate_number): _freeze_rate(rate) for rate in picture.rates}
    return {"fields": _freeze(picture.fields), "rates": rates}


def _freeze_rate(rate: Rate) -> dict[str, Any]:
    return _freeze(
        {"amount_cents": rate.amount_cents, "due_date": rate.due_date, "failed_on": rate.failed_on}
    )


def _freeze(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()
    }
