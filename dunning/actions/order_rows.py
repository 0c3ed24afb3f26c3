"""One row of an orders file becomes, or changes, an order, its buyer and a receivable with its ledger."""

import dataclasses
import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from dunning.actions.advance import schedule_anew
from dunning.actions.allocate import settle_file
from dunning.actions.charge_back import reopen_paid
from dunning.actions.desk import Desk
from dunning.actions.facts import File
from dunning.actions.ledger import post_entry, refresh_sums
from dunning.actions.stop_order import cancel_order, end_case
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.people import IncassoSettings, Vendor
from dunning.rules.claim import sum_entries
from dunning.rules.names import search_text

if TYPE_CHECKING:
    from dunning.actions.import_orders import IncomingOrder

ORDER_FIELDS = (
    "order_date",
    "payment_method",
    "payment_plan",
    "rates",
    "currency",
    "product_id",
    "product_name",
)
PERSON_FIELDS = ("buyer_id", "first_name", "last_name", "company", "email", "phone")
ADDRESS_FIELDS = ("street", "house_number", "details", "zipcode", "city", "country")
# no vowels and no look-alikes: a reference is read aloud and spells no word
REFERENCE_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXZ"


def freeze_row(row: "IncomingOrder") -> dict[str, Any]:
    """The row's values as they are kept for the next import's comparison; its line number says nothing."""
    values = dataclasses.asdict(row)
    values.pop("row", None)
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in values.items()}


def make_reference() -> str:
    """A random case reference of 12 characters, the body of the RF reference in letters."""
    return "M" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(11))


def add_order(session: Session, row: "IncomingOrder", desk: Desk) -> Order:
    """The order with its buyer."""
    values = dataclasses.asdict(row)
    order = Order(
        vendor_id=row.vendor_id,
        order_id=row.order_id,
        test_payment=values["test_payment"],
        created_at=desk.now,
        amount_cents=0,
        paid_cents=0,
        receivables=[],
        **{name: values[name] for name in ORDER_FIELDS},
    )
    order.buyer = Buyer(
        vendor_id=row.vendor_id, **{name: values[name] for name in (*PERSON_FIELDS, *ADDRESS_FIELDS)}
    )
    index_buyer(order.buyer)
    if row.payment_status == "cancelled":
        order.cancelled_on = desk.today
    session.add(order)
    return order


def index_buyer(buyer: Buyer) -> None:
    """Keeps the folded names that the text filter searches."""
    buyer.search_text = search_text(buyer.first_name, buyer.last_name, buyer.company)


def add_receivable(row: "IncomingOrder", order: Order, vendor: Vendor, settings: IncassoSettings) -> File:
    """A new receivable; its due date is the order date when the row gives none."""
    receivable = Receivable(
        vendor_id=row.vendor_id,
        rate_number=row.rate_number,
        due_date=row.due_date or row.order_date,
        original_cents=row.amount_cents,
        paid_cents=0,
        reference=make_reference(),
        payment_status=row.payment_status,
        imported=freeze_row(row),
        disputed=False,
    )
    order.receivables.append(receivable)
    return File(receivable, order, order.buyer, vendor, settings, None, [], [])


def open_ledger(session: Session, file: File, desk: Desk) -> None:
    """The principal, and what the row's payment status says happened already."""
    order_date = file.order.order_date
    post_entry(session, file, "principal", file.receivable.original_cents, order_date, desk, source="order")
    apply_status(session, file, desk)
    refresh_sums(session, file, desk.today)


def apply_status(session: Session, file: File, desk: Desk) -> None:
    """Books `payment_status`: paid on the order date; refunded and charged back in full, today."""
    receivable, status = file.receivable, file.receivable.payment_status
    original, order_date = receivable.original_cents, file.order.order_date
    unpaid = sum_entries(file.facts.entries, dt.date.max).open_principal
    if status == "paid":
        post_entry(session, file, "payment", -max(unpaid, 0), order_date, desk, source="order")
    elif status == "failed":
        receivable.failed_on = receivable.due_date
    elif status == "refunded":
        principal = sum_entries(file.facts.entries, dt.date.max).principal
        post_entry(session, file, "refund", -principal, desk.today, desk, source="order")
    elif status == "charged_back":
        # only what had been credited can be taken back
        post_entry(session, file, "payment", -max(unpaid, 0), order_date, desk, source="order")
        post_entry(session, file, "chargeback", original, desk.today, desk, source="order")
        receivable.charged_back_on = desk.today


def update_receivable(session: Session, file: File, row: "IncomingOrder", desk: Desk) -> None:
    """Takes over what changed since the last import; a corrected address stays, the new one waits as a proposal."""
    values, before = dataclasses.asdict(row), file.receivable.imported or {}
    for name in ORDER_FIELDS:
        setattr(file.order, name, values[name])
    file.order.test_payment = values["test_payment"]
    if values["email"] != file.buyer.email:
        file.buyer.email_refused_at = None
    for name in PERSON_FIELDS:
        setattr(file.buyer, name, values[name])
    _take_address(file.buyer, {name: values[name] for name in ADDRESS_FIELDS}, before)
    index_buyer(file.buyer)
    _take_amount(session, file, row, desk)
    file.receivable.due_date = row.due_date or row.order_date
    file.receivable.imported = freeze_row(row)
    changed = row.payment_status != file.receivable.payment_status
    if changed:
        file.receivable.payment_status = row.payment_status
        apply_status(session, file, desk)
    refresh_sums(session, file, desk.today)
    schedule_anew(file, desk)
    if changed:
        move_case(session, file, desk)


def move_case(session: Session, file: File, desk: Desk) -> None:
    """What a changed payment status means for a case: paid, ended with its order, or back again."""
    status = file.receivable.payment_status
    if status == "paid":
        settle_file(session, file, desk)
    elif status == "refunded":
        settle_file(session, file, desk)
        end_case(session, file, desk, reason="order_refunded")
    elif status == "charged_back":
        reopen_paid(session, file, desk)
        settle_file(session, file, desk)
        schedule_anew(file, desk)
    elif status == "cancelled":
        cancel_order(session, file, desk, reason="order_cancelled")


def _take_address(buyer: Buyer, address: dict[str, str], before: dict[str, Any]) -> None:
    if all(before.get(name) == value for name, value in address.items()):
        return
    if buyer.corrected_at:
        buyer.proposal = address
        return
    for name, value in address.items():
        setattr(buyer, name, value)


def _take_amount(session: Session, file: File, row: "IncomingOrder", desk: Desk) -> None:
    """A changed amount is one more principal entry; the first is never touched."""
    change = row.amount_cents - file.receivable.original_cents
    post_entry(session, file, "principal", change, file.order.order_date, desk, source="order")
    file.receivable.original_cents = row.amount_cents


def sum_order(order: Order) -> int:
    """The order's amount: its receivables, or the known rate × rates while not all of a plan are known."""
    known = [receivable.original_cents for receivable in order.receivables]
    if order.payment_plan == "breakdown_payment" and len(known) < order.rates:
        return max(known, default=0) * order.rates
    return sum(known)
