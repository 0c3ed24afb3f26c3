"""Orders from CSV: one row per receivable, columns named as in the IPN. Parsing only.

Whether a vendor exists, an order belongs to another vendor already or a value changed is the importer's to
say; it does so with a Problem of the row's own line.
"""

import datetime as dt
from array import array
from dataclasses import dataclass
from pathlib import Path

from dunning.outside.tables.cells import (
    choice_reader,
    identifier_reader,
    letters_reader,
    number_reader,
    phone_reader,
    read_date,
    read_flag,
    read_positive,
    text_reader,
)
from dunning.outside.tables.header import Column
from dunning.outside.tables.problem import Problem, show_value
from dunning.outside.tables.table import CsvRows, Values

PAYMENT_METHODS = ("credit_card", "sepa", "sofort", "paypal", "invoice", "test")
PAYMENT_PLANS = ("one_time_payment", "breakdown_payment", "abonnement")
PAYMENT_STATUSES = ("pending", "paid", "failed", "refunded", "charged_back", "cancelled")
MAX_RATES = 999

_text = text_reader()
_rates = number_reader(MAX_RATES)
COLUMNS = (
    Column("order_id", "order_id", identifier_reader(64), needed=True, filled=True),
    Column("vendor_id", "vendor_id", number_reader(10**12), needed=True, filled=True),
    Column("order_date", "order_date", read_date, needed=True, filled=True),
    Column("due_date", "due_date", read_date, empty=None),
    Column("rate_number", "rate_number", _rates, empty=1),
    Column("total_number_of_payments", "rates", _rates, empty=1),
    Column("transaction_amount", "amount_cents", read_positive, needed=True, filled=True),
    Column("transaction_currency", "currency", letters_reader(3, "bad_currency"), empty="EUR"),
    Column("payment_method", "payment_method", choice_reader(PAYMENT_METHODS), needed=True, filled=True),
    Column("payment_plan", "payment_plan", choice_reader(PAYMENT_PLANS)),
    Column("payment_status", "payment_status", choice_reader(PAYMENT_STATUSES), empty="pending"),
    Column("product_id", "product_id", _text),
    Column("product_name", "product_name", _text),
    Column("buyer_id", "buyer_id", _text),
    Column("buyer_firstname", "first_name", _text),
    Column("buyer_lastname", "last_name", _text),
    Column("buyer_company_name", "company", _text),
    Column("buyer_email", "email", _text),
    Column("buyer_phone_number", "phone", phone_reader()),
    Column("buyer_street", "street", _text),
    Column("buyer_house_number", "house_number", _text),
    Column("buyer_address_details", "details", _text),
    Column("buyer_zipcode", "zipcode", _text),
    Column("buyer_city", "city", _text),
    Column("buyer_country_code", "country", letters_reader(2, "bad_country")),
    Column("test_payment", "test_payment", read_flag, empty=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One receivable of an order as the file gives it; texts are "" where the file is silent.

    `row` is the file line. `due_date` None means the order date. `rates` is the number of payments of the
    plan; a subscription has no end, so its `rate_number` may be greater. An e-mail address is not judged.
    """

    row: int
    order_id: str
    vendor_id: int
    order_date: dt.date
    due_date: dt.date | None
    rate_number: int
    rates: int
    amount_cents: int
    currency: str
    payment_method: str
    payment_plan: str
    payment_status: str
    product_id: str
    product_name: str
    buyer_id: str
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    street: str
    house_number: str
    details: str
    zipcode: str
    city: str
    country: str
    test_payment: bool


def read_orders(path: Path) -> CsvRows[OrderRow]:
    """The receivables of an orders file: iterate for `OrderRow | Problem`, as often as needed."""
    return CsvRows(path, COLUMNS, _OrderCheck)


class _OrderCheck:
    """What one cell cannot tell: rate against total, and whether the file said the same before.

    Earlier rows are remembered by 64-bit hashes, about 130 bytes a row; of files with a million rows, one in
    thirty million has two that collide by chance.
    """

    def __init__(self) -> None:
        # of plans by order; of a one-off order by the row of its only receivable, which takes eight bytes
        self._vendors: dict[int, int] = {}
        self._row_vendors = array("q")
        self._rows: dict[int, int] = {}

    def __call__(self, row: int, values: Values) -> OrderRow | Problem:
        values["payment_plan"] = values["payment_plan"] or _usual_plan(values["rates"])
        order = OrderRow(row=row, **values)
        return _plan_problem(order) or self._seen_before(order) or order

    def _seen_before(self, order: OrderRow) -> Problem | None:
        if self._find_vendor(order) != order.vendor_id:
            return Problem("other_vendor", order.row, "vendor_id", show_value(order.order_id))
        first = self._rows.setdefault(hash((order.order_id, order.rate_number)), order.row)
        if first != order.row:
            return Problem(
                "duplicate_receivable", order.row, "order_id", show_value(order.order_id), str(first)
            )
        self._row_vendors.extend([0] * (order.row + 1 - len(self._row_vendors)))
        self._row_vendors[order.row] = order.vendor_id
        return None

    def _find_vendor(self, order: OrderRow) -> int:
        """Whose order the rows before said it is; this row's, when it is the first."""
        one_off = self._rows.get(hash((order.order_id, 1)))
        said = order.vendor_id if one_off is None else self._row_vendors[one_off]
        if order.payment_plan == "one_time_payment":
            return self._vendors.get(hash(order.order_id), said)
        return self._vendors.setdefault(hash(order.order_id), said)


def _usual_plan(rates: int) -> str:
    return "one_time_payment" if rates == 1 else "breakdown_payment"


def _plan_problem(order: OrderRow) -> Problem | None:
    if order.payment_plan == "one_time_payment" and order.rates > 1:
        return Problem("plan_and_total", order.row, "payment_plan", str(order.rates))
    if order.payment_plan != "abonnement" and order.rate_number > order.rates:
        return Problem("rate_above_total", order.row, "rate_number", str(order.rate_number), str(order.rates))
    return None
