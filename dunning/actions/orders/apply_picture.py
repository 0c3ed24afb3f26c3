"""Writes what the events of an order say together: only what has changed since they were last applied.

So what an orders file or a person has changed meanwhile stays, until the events tell something new.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from dunning.actions.course.stop_order import cancel_order, end_case
from dunning.actions.dossier.dossier import Dossier, open_dossiers, read_dossiers
from dunning.actions.dossier.ledger import refresh_sums
from dunning.actions.money.book_payments import match_waiting, record_payments
from dunning.actions.money.order_money import IPN, follow_money, move_payments, state_money_back
from dunning.actions.orders import order_rows
from dunning.actions.orders.import_orders import find_vendors
from dunning.records.orders import Order
from dunning.rules.orders.lines import KnownRate
from dunning.rules.orders.picture import OrderPicture, Rate
from dunning.work import Work

# of an order that only events have told of
UNTOLD: dict[str, Any] = {
    "payment_plan": "one_time_payment",
    "rates": 1,
    "currency": "EUR",
    "test_payment": False,
    **dict.fromkeys(("product_id", "product_name"), ""),
    **dict.fromkeys((*order_rows.PERSON_FIELDS, *order_rows.ADDRESS_FIELDS), ""),
}


def list_known(dossiers: Sequence[Dossier]) -> dict[int, KnownRate]:
    """The order's receivables as an orders file gave them."""
    known = {}
    for receivable in (dossier.receivable for dossier in dossiers):
        if row := receivable.imported:
            due = dt.date.fromisoformat(row["due_date"] or row["order_date"])
            known[receivable.rate_number] = KnownRate(row["amount_cents"], due, row.get("product_id") or "")
    return known


def apply_picture(
    work: Work,
    vendor_id: int,
    order_id: str,
    picture: OrderPicture,
    dossiers: list[Dossier],
) -> None:
    """Brings the order, its receivables and their ledgers to the picture. `dossiers` are its receivables, locked."""
    if not dossiers and not picture.rates:  # all of it waits for the sale
        return
    order = dossiers[0].order if dossiers else _add_order(work, vendor_id, order_id, picture)
    reported = order.reported or {}
    if dossiers:
        _change_fields(
            order, dossiers[0].receivable.imported or {}, picture.fields, reported.get("fields", {})
        )
    _write_rates(work, order, picture.rates, dossiers, reported.get("rates", {}))
    order.amount_cents = order_rows.sum_order(order)
    order.reported = _freeze_picture(picture)
    receivable_ids = sorted(receivable.id for receivable in order.receivables)
    for dossier in read_dossiers(work.session, receivable_ids):
        _state_money(work, dossier, picture)
    if len(order.receivables) > len(dossiers):
        match_waiting(work, [order])
    record_payments(work, picture.payments, IPN)
    work.session.flush()
    dossiers = open_dossiers(work.session, receivable_ids)
    move_payments(work, dossiers, picture.payments)
    ended = [dossier for dossier in dossiers if _mark_end(work, dossier, picture.ends_after)]
    for dossier in dossiers:
        follow_money(work, dossier)
    for dossier in ended:
        end_case(work, dossier, reason="order_cancelled")
    if picture.cancelled_on and order.cancelled_on is None:
        cancel_order(work, dossiers[0], reason="order_cancelled")


def _mark_end(work: Work, dossier: Dossier, ends_after: dt.date | None) -> bool:
    """Instalments due after the end of a subscription are not owed. Whether this one has just ended."""
    receivable = dossier.receivable
    over = ends_after is not None and receivable.due_date is not None and receivable.due_date > ends_after
    was, receivable.cancelled_on = (
        receivable.cancelled_on,
        (receivable.cancelled_on or work.today) if over else None,
    )
    return over and was is None


def _add_order(work: Work, vendor_id: int, order_id: str, picture: OrderPicture) -> Order:
    several = picture.fields.get("rates", 1) > 1 or len(picture.rates) > 1
    plan = {"payment_plan": "breakdown_payment"} if several else {}
    return order_rows.add_order(work, vendor_id, order_id, UNTOLD | plan | picture.fields)


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
    work: Work,
    order: Order,
    rates: Sequence[Rate],
    dossiers: Sequence[Dossier],
    reported: Mapping[str, Any],
) -> None:
    by_rate = {dossier.receivable.rate_number: dossier for dossier in dossiers}
    fresh = []
    for rate in rates:
        dossier = by_rate.get(rate.rate_number)
        if dossier is None:
            fresh.append(_add_rate(work.session, order, rate))
        else:
            _change_rate(work, dossier, rate, reported.get(str(rate.rate_number), {}))
    work.session.flush()
    for dossier in fresh:
        order_rows.open_ledger(work, dossier)
    work.session.flush()


def _add_rate(session: Session, order: Order, rate: Rate) -> Dossier:
    vendor, settings = find_vendors(session, {order.vendor_id})[order.vendor_id]
    new = order_rows.NewRate(rate.rate_number, rate.due_date, rate.amount_cents)
    dossier = order_rows.add_receivable(order, vendor, settings, new)
    dossier.receivable.failed_on = rate.failed_on
    return dossier


def _change_rate(work: Work, dossier: Dossier, rate: Rate, reported: Mapping[str, Any]) -> None:
    told = _freeze_rate(rate)
    changed = {name for name, value in told.items() if reported.get(name) != value}
    if "amount_cents" in changed:
        order_rows.take_amount(work, dossier, rate.amount_cents)
    if "due_date" in changed:
        dossier.receivable.due_date = rate.due_date
    if "failed_on" in changed:
        dossier.receivable.failed_on = rate.failed_on


def _state_money(work: Work, dossier: Dossier, picture: OrderPicture) -> None:
    """Before the payments are booked: one that was taken back already covers nothing in between."""
    back = [part for part in picture.money_back if part.rate_number == dossier.receivable.rate_number]
    state_money_back(work, dossier, back)
    withdrawn = [part.value_date for part in back if part.kind == "chargeback"]
    if withdrawn:
        dossier.receivable.charged_back_on = max(withdrawn)
    refresh_sums(work, dossier)


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
