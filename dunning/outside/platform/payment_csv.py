"""Payments from CSV: one row per payment, each with the identity that makes importing it twice harmless."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from dunning.outside.platform.order_csv import MAX_RATES
from dunning.outside.tables.cells import (
    identifier_reader,
    letters_reader,
    number_reader,
    read_date,
    read_signed,
    text_reader,
)
from dunning.outside.tables.header import Column
from dunning.outside.tables.problem import Problem, show_value
from dunning.outside.tables.table import CsvRows, Values
from dunning.rules.incoming import OfPlatform, name_former, name_transaction

# a file without the order_id column is more likely misnamed than without any order: single cells may be empty
COLUMNS = (
    Column("order_id", "order_id", identifier_reader(64), empty=None, needed=True),
    Column("rate_number", "rate_number", number_reader(MAX_RATES), empty=None),
    Column("amount", "amount_cents", read_signed, needed=True, filled=True),
    Column("currency", "currency", letters_reader(3, "bad_currency"), empty="EUR"),
    Column("value_date", "value_date", read_date, needed=True, filled=True),
    Column("transaction_id", "transaction_id", text_reader(128), empty=None),
    Column("reference", "reference", text_reader()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow(OfPlatform):
    """One payment as the file gives it. `amount_cents` is negative for money back and never 0.

    `row` is the file line. `identity` is the same whenever the same payment is read again, also from a file
    with other payments around it, in another order or with dates and amounts written otherwise.
    """

    row: int
    order_id: str | None
    rate_number: int | None
    amount_cents: int
    currency: str
    value_date: dt.date
    transaction_id: str | None
    reference: str
    identity: str
    former: str = ""


def read_payments(path: Path) -> CsvRows[PaymentRow]:
    """The payments of a file: iterate for `PaymentRow | Problem`, as often as needed."""
    return CsvRows(path, COLUMNS, _PaymentCheck)


class _PaymentCheck:
    """Numbers equal payments without a transaction ID and refuses one with a transaction ID that stands there twice.

    The same ID with another order or amount is another payment.

    Two equal payments on one day are two: the n-th such line of a file is the n-th such payment. What is
    remembered is one hash per row.
    """

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._equal_lines: dict[int, int] = {}

    def __call__(self, row: int, values: Values) -> PaymentRow | Problem:
        transaction_id = values["transaction_id"]
        if transaction_id is None:
            return PaymentRow(row=row, identity=self._line_identity(values), **values)
        said = (transaction_id, values["order_id"], values["amount_cents"])
        first = self._rows.setdefault(hash(said), row)
        if first != row:
            shown = show_value(transaction_id)
            return Problem("duplicate_transaction", row, "transaction_id", shown, str(first))
        return PaymentRow(
            row=row, identity=name_transaction(*said), former=name_former(transaction_id), **values
        )

    def _line_identity(self, values: Values) -> str:
        """`line:` and the SHA-256 of order ID, rate, cents, value date, reference and n."""
        names = ("order_id", "rate_number", "amount_cents", "value_date", "reference")
        content = [str(values[name]) if name == "value_date" else values[name] for name in names]
        key = hash(tuple(content))
        nth = self._equal_lines.get(key, 0) + 1
        self._equal_lines[key] = nth
        return "line:" + hashlib.sha256(json.dumps([*content, nth]).encode()).hexdigest()
