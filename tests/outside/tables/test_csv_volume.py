"""A hundred thousand rows: how long reading takes and how much memory it holds."""

import time
import tracemalloc
from itertools import islice

import pytest

from dunning.outside.platform.order_csv import COLUMNS, read_orders
from dunning.outside.platform.payment_csv import PaymentRow, read_payments
from dunning.outside.tables.problem import ProblemList
from tests.outside.tables.csv_builders import a_payment, an_order, csv_text

ROWS = 100_000
SLICE = 25_000
# what a row leaves behind: its number, to find it again
BYTES = 200


def write_many(path, row, count):
    """The row `count` times, its first field counted up."""
    header, line = csv_text([row]).splitlines()
    rest = line.split(";", 1)[1]
    with path.open("w", encoding="utf-8") as stream:
        stream.write(header + "\n")
        stream.writelines(f"{number:08};{rest}\n" for number in range(count))
    return path


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    filled = {
        column.name: "Schloßallee" for column in COLUMNS if column.name.startswith(("buyer", "product"))
    }
    row = an_order(**(filled | {"buyer_country_code": "DE"}))
    return write_many(tmp_path_factory.mktemp("volume") / "orders.csv", row, ROWS)


def test_a_hundred_thousand_orders_are_read_in_ten_seconds(orders):
    started = time.process_time()
    assert sum(1 for _ in read_orders(orders)) == ROWS
    seconds = time.process_time() - started
    print(f"{ROWS} orders read in {seconds:.1f} s")
    assert seconds < 10


def peak_of(rows):
    tracemalloc.start()
    try:
        count = sum(1 for _ in rows)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("rows", [SLICE, pytest.param(ROWS, marks=pytest.mark.long)])
def test_orders_never_hold_more_than_two_hundred_bytes_a_row(orders, rows):
    count, peak = peak_of(islice(read_orders(orders), rows))
    assert count == rows
    assert peak < BYTES * rows


@pytest.mark.parametrize("first", ["order_id", "transaction_id"])
def test_payments_with_and_without_transaction_ids_hold_as_little(tmp_path, first):
    payment = {first: ""} | a_payment()
    path = write_many(tmp_path / "payments.csv", payment, SLICE)
    count, peak = peak_of(row for row in read_payments(path) if isinstance(row, PaymentRow))
    assert count == SLICE
    assert peak < BYTES * SLICE


def test_bad_rows_hold_nothing(tmp_path):
    path = write_many(tmp_path / "orders.csv", an_order(order_date="31.02.2026"), SLICE)
    problems = ProblemList()

    def collect():
        for problem in read_orders(path):
            problems.add(problem)
            yield problem

    count, peak = peak_of(collect())
    assert (count, problems.total) == (SLICE, SLICE)
    assert peak < 5_000_000
