"""One row of an orders file becomes, or changes, an order, its buyer and a receivable with its ledger."""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from dunning.actions.course.allocate import follow_up
from dunning.actions.course.stop_order import cancel_order
from dunning.actions.dossier.dossier import Dossier
from dunning.actions.dossier.ledger import NewEntry, post_entry, refresh_sums
from dunning.actions.money.order_money import correct_credit, follow_money, reports
from dunning.records.orders import Buyer, Order, Receivable
from dunning.records.people import IncassoSettings, Vendor
from dunning.rules.money.claim import sum_entries
from dunning.rules.names import search_text
from dunning.work import Work

ORDER_FIELDS = (
    "order_date",
    "payment_method",
    "payment_plan",
    "rates",
    "currency",
    "product_id",
    "product_name",
    "test_payment",
)
PERSON_FIELDS = ("buyer_id", "first_name", "last_name", "company", "email", "phone")
ADDRESS_FIELDS = ("street", "house_number", "details", "zipcode", "city", "country")
# no vowels and no look-alikes: a reference is read aloud and spells no word
REFERENCE_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXZ"


class IncomingOrder(Protocol):
    """One receivable of an order as a parsed file or event gives it; a dataclass. Cents and local dates."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def row(self) -> int: ...
    @property
    def order_id(self) -> str: ...
    @property
    def vendor_id(self) -> int: ...
    @property
    def order_date(self) -> dt.date: ...
    @property
    def due_date(self) -> dt.date | None: ...
    @property
    def rate_number(self) -> int: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def payment_status(self) -> str: ...


def freeze_row(row: IncomingOrder) -> dict[str, Any]:
    """The row's values as they are kept for the next import's comparison; its line number says nothing."""
    values = dataclasses.asdict(row)
    values.pop("row", None)
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in values.items()}


def make_reference() -> str:
    """A random case reference of 12 characters, the body of the RF reference in letters."""
    return "M" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(11))


def add_order(work: Work, vendor_id: int, order_id: str, values: Mapping[str, Any]) -> Order:
    """The order with its buyer; `values` holds every column of both."""
    order = Order(
        vendor_id=vendor_id,
        order_id=order_id,
        created_at=work.now,
        amount_cents=0,
        paid_cents=0,
        receivables=[],
        **{name: values[name] for name in ORDER_FIELDS},
    )
    columns = (*PERSON_FIELDS, *ADDRESS_FIELDS)
    order.buyer = Buyer(vendor_id=vendor_id, **{name: values[name] for name in columns})
    index_buyer(order.buyer)
    work.session.add(order)
    return order


def index_buyer(buyer: Buyer) -> None:
    """Keeps the folded names that the text filter searches."""
    buyer.search_text = search_text(buyer.first_name, buyer.last_name, buyer.company)


@dataclasses.dataclass(frozen=True)
class NewRate:
    """A rate nobody knew; a whole order is its only one. `imported` is the row of the file it came from."""

    rate_number: int
    due_date: dt.date | None
    amount_cents: int
    payment_status: str = "pending"
    imported: dict[str, Any] | None = None


def add_receivable(order: Order, vendor: Vendor, settings: IncassoSettings, rate: NewRate) -> Dossier:
    """A new receivable of the order."""
    receivable = Receivable(
        vendor_id=order.vendor_id,
        rate_number=rate.rate_number,
        due_date=rate.due_date,
        original_cents=rate.amount_cents,
        paid_cents=0,
        reference=make_reference(),
        payment_status=rate.payment_status,
        imported=rate.imported,
        disputed=False,
    )
    order.receivables.append(receivable)
    return Dossier(receivable, order, order.buyer, vendor, settings, None, [], [])


def open_ledger(work: Work, dossier: Dossier) -> None:
    """The principal, and what the row's payment status says happened already."""
    order_date = dossier.order.order_date
    post_entry(
        work, dossier, NewEntry("principal", dossier.receivable.original_cents, order_date, source="order")
    )
    apply_status(work, dossier)
    correct_credit(work, dossier)
    refresh_sums(work, dossier)


def apply_status(work: Work, dossier: Dossier) -> None:
    """Books `payment_status`: paid on the order date; refunded and charged back in full, today.

    What the order's events have told gives amount and day; then the status has nothing to add.
    """
    receivable, status = dossier.receivable, dossier.receivable.payment_status
    balance = sum_entries(dossier.read_facts().entries, dt.date.max)
    if status == "paid" and not reports(dossier, "payment"):
        unpaid = max(balance.open_principal, 0)
        post_entry(work, dossier, NewEntry("payment", -unpaid, dossier.order.order_date, source="order"))
    elif status == "failed":
        receivable.failed_on = receivable.failed_on or receivable.due_date
    elif status == "refunded" and not reports(dossier, "refund"):
        post_entry(work, dossier, NewEntry("refund", -balance.principal, work.today, source="order"))
    elif status == "charged_back" and not reports(dossier, "chargeback"):
        original = receivable.original_cents
        post_entry(work, dossier, NewEntry("chargeback", original, work.today, source="order"))
        receivable.charged_back_on = work.today


def update_receivable(work: Work, dossier: Dossier, row: IncomingOrder) -> None:
    """Takes over what changed since the last import; a corrected address stays, the new one waits as a proposal."""
    values = dataclasses.asdict(row)
    told = dossier.receivable.imported or (dossier.order.reported or {}).get("fields", {})
    change_order(dossier.order, {name: values[name] for name in ORDER_FIELDS})
    change_buyer(dossier.buyer, {name: values[name] for name in PERSON_FIELDS})
    take_address(dossier.buyer, {name: values[name] for name in ADDRESS_FIELDS}, told)
    take_amount(work, dossier, row.amount_cents)
    dossier.receivable.due_date = row.due_date or row.order_date
    dossier.receivable.imported = freeze_row(row)
    if row.payment_status != dossier.receivable.payment_status:
        dossier.receivable.payment_status = row.payment_status
        apply_status(work, dossier)
        follow_money(work, dossier)
        if row.payment_status == "cancelled":
            cancel_order(work, dossier, reason="order_cancelled")
    else:
        follow_up(work, dossier)  # a lower amount may be covered by what was paid


def change_order(order: Order, values: Mapping[str, Any]) -> None:
    """Writes the columns of the order among `values`."""
    for name in ORDER_FIELDS:
        if name in values:
            setattr(order, name, values[name])


def change_buyer(buyer: Buyer, values: Mapping[str, Any]) -> None:
    """Writes the columns of the person among `values`; another address is one that can be written to again."""
    if values.get("email", buyer.email) != buyer.email:
        buyer.email_refused_at = None
    for name in PERSON_FIELDS:
        if name in values:
            setattr(buyer, name, values[name])
    index_buyer(buyer)


def take_address(buyer: Buyer, address: dict[str, str], told: Mapping[str, Any]) -> None:
    """An address that is not the one told before; beside one corrected here it waits as a proposal."""
    if all(told.get(name) == value for name, value in address.items()):
        return
    if buyer.corrected_at:
        buyer.proposal = address
        return
    if any(getattr(buyer, name) != value for name, value in address.items()):
        buyer.undeliverable_on = None
    for name, value in address.items():
        setattr(buyer, name, value)


def take_amount(work: Work, dossier: Dossier, amount_cents: int) -> None:
    """A changed amount is one more principal entry; the first is never touched."""
    change = amount_cents - dossier.receivable.original_cents
    post_entry(work, dossier, NewEntry("principal", change, dossier.order.order_date, source="order"))
    dossier.receivable.original_cents = amount_cents


def sum_order(order: Order) -> int:
    """The order's amount: its receivables, or the known rate × rates while not all of a plan are known."""
    known = [receivable.original_cents for receivable in order.receivables]
    if order.payment_plan == "breakdown_payment" and len(known) < order.rates:
        return max(known, default=0) * order.rates
    return sum(known)
