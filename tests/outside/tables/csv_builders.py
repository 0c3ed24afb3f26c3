"""Builds CSV files for the reading tests: a good row of each kind, changed where a test says so."""

import csv
import io
from pathlib import Path

from dunning.outside.tables.problem import Problem

ORDER = {
    "order_id": "A1",
    "vendor_id": "79424",
    "order_date": "2026-01-31",
    "due_date": "",
    "rate_number": "1",
    "total_number_of_payments": "1",
    "transaction_amount": "55.94",
    "payment_method": "invoice",
    "buyer_lastname": "Müller",
    "buyer_city": "Köln",
}
PAYMENT = {
    "order_id": "A1",
    "rate_number": "1",
    "amount": "55.94",
    "currency": "EUR",
    "value_date": "2026-02-10",
    "transaction_id": "",
    "reference": "Rechnung A1",
}


def an_order(**changes):
    return ORDER | changes


def a_payment(**changes):
    return PAYMENT | changes


def csv_text(rows, delimiter=";", quoting=csv.QUOTE_MINIMAL):
    """The rows under a header of the first row's keys, quoted where needed, lines ended by LF."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_rows(path: Path, *rows, encoding="utf-8", **dialect):
    path.write_bytes(csv_text(rows, **dialect).encode(encoding))
    return path


def split_result(rows):
    """What was read and what was wrong, apart."""
    items = list(rows)
    return (
        [item for item in items if not isinstance(item, Problem)],
        [item for item in items if isinstance(item, Problem)],
    )


def problem_lines(rows):
    return [str(problem) for problem in split_result(rows)[1]]
