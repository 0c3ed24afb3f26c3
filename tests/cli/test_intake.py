"""`flask intake …`: one line per problem with row and column, all or nothing, the result as JSON."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from dunning.records import db
from dunning.records.orders import Order, Payment, Receivable
from tests.builders import a_vendor, find_receivable, ledger_of

ORDER = {
    "order_id": "M6B5zL7i",
    "vendor_id": "79424",
    "order_date": "2026-01-02",
    "transaction_amount": "1.234,56",
    "payment_method": "invoice",
    "buyer_firstname": "Anna",
    "buyer_lastname": "Müller",
}
PAYMENT = {"order_id": "M6B5zL7i", "amount": "1000.00", "value_date": "02.02.2026", "transaction_id": "T-1"}


@pytest.fixture
def runner(each_app: Flask) -> FlaskCliRunner:
    a_vendor(79424)
    return each_app.test_cli_runner()


@pytest.fixture
def reader(app: Flask) -> FlaskCliRunner:
    """For files that never reach the database: one kind of it will do."""
    a_vendor(79424)
    return app.test_cli_runner()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """`write(rows)` or `write(b"…")`: the path of a file with this content."""

    def write_file(content: list[dict] | bytes, name: str = "file.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        return str(path)

    return write_file


def as_csv(rows: list[dict]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def count_rows(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def test_orders_come_in_and_the_result_is_one_line_of_json(runner: FlaskCliRunner, write) -> None:
    path = write([ORDER, ORDER | {"order_id": "B2"}])
    first = runner.invoke(args=["intake", "orders", path])
    assert (first.exit_code, first.stderr) == (0, "")
    assert json.loads(first.stdout) == {"read": 2, "new": 2, "updated": 0, "unchanged": 0}
    second = runner.invoke(args=["intake", "orders", path])
    assert json.loads(second.stdout) == {"read": 2, "new": 0, "updated": 0, "unchanged": 2}
    assert db.session.scalars(select(Receivable.original_cents)).all() == [123_456, 123_456]


def test_payments_come_in_once(runner: FlaskCliRunner, write) -> None:
    runner.invoke(args=["intake", "orders", write([ORDER])])
    path = write([PAYMENT, PAYMENT | {"transaction_id": "", "amount": "34,56"}], "payments.csv")
    for new, unchanged in ((2, 0), (0, 2)):
        result = runner.invoke(args=["intake", "payments", path])
        assert result.exit_code == 0
        assert json.loads(result.stdout) == {"read": 2, "new": new, "updated": 0, "unchanged": unchanged}
    assert sorted(cents for _, cents, _ in ledger_of(find_receivable("M6B5zL7i"))) == [
        -1000_00,
        -34_56,
        123_456,
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order_date": "31.02.2026"}, "row 3, column order_date: '31.02.2026' is not a date"),
        ({"transaction_amount": "1.234"}, "row 3, column transaction_amount: '1.234' is ambiguous"),
        ({"transaction_amount": "-5"}, "row 3, column transaction_amount: '-5' must be more than zero"),
        ({"vendor_id": "4711"}, "row 3, column vendor_id: vendor 4711 does not exist"),
        ({"payment_method": "cash"}, "row 3, column payment_method: 'cash' is not one of"),
        ({"order_id": ""}, "row 3, column order_id: a value is required"),
        ({"buyer_lastname": "Mü\x00ller"}, "row 3, column buyer_lastname: 'Mü\\x00ller' holds a control"),
        ({"order_id": "M6B5zL7i"}, "row 3, column order_id: order M6B5zL7i has this rate already in row 2"),
    ],
)
def test_one_bad_row_stops_the_whole_file_and_is_named(reader: FlaskCliRunner, write, change, said) -> None:
    result = reader.invoke(args=["intake", "orders", write([ORDER, ORDER | {"order_id": "B2"} | change])])
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(said)
    assert count_rows(Order) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file: the file is empty"),
        ("order_id;vendor_id".encode("utf-16"), "file: the file is UTF-16 or UTF-32"),
        (
            b"order_id;vendor_id;order_date;payment_method\n",
            "column transaction_amount: this column is required",
        ),
        (b"PK\x03\x04 not a table", "file: the file is a spreadsheet"),
        (b"order\x00_id;vendor_id\n", "the header holds NUL bytes"),
        (
            b";".join(b"c%d" % number for number in range(10_000)) + b"\n",
            "row 1: the header has 10,000 columns",
        ),
        (as_csv([ORDER]).replace("ü".encode(), b"\x81"), "row 2, column buyer_lastname:"),
    ],
    ids=["empty", "utf-16", "column missing", "spreadsheet", "nul", "10,000 columns", "encoding"],
)
def test_a_file_that_is_none_is_refused_with_one_line(reader: FlaskCliRunner, write, content, said) -> None:
    result = reader.invoke(args=["intake", "orders", write(content)])
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert count_rows(Order) == 0


def test_every_problem_has_a_line_of_its_own(reader: FlaskCliRunner, write) -> None:
    rows = [ORDER | {"order_id": f"B{n}", "order_date": "31.02.2026", "vendor_id": "1"} for n in range(3)]
    result = reader.invoke(args=["intake", "orders", write([*rows, ORDER | {"vendor_id": "1"}])])
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "row 2, column order_date",
        "row 3, column order_date",
        "row 4, column order_date",
        "row 5, column vendor_id",
    ]


def test_an_order_of_another_vendor_is_refused(runner: FlaskCliRunner, write) -> None:
    a_vendor(5)
    runner.invoke(args=["intake", "orders", write([ORDER])])
    result = runner.invoke(args=["intake", "orders", write([ORDER | {"vendor_id": "5"}])])
    assert result.exit_code == 1
    assert result.stderr.startswith("row 2, column order_id: order M6B5zL7i belongs to another vendor")


def test_an_unknown_column_is_reported_and_not_fatal(runner: FlaskCliRunner, write) -> None:
    result = runner.invoke(args=["intake", "orders", write([ORDER | {"colour": "red"}])])
    assert (result.exit_code, json.loads(result.stdout)["new"]) == (0, 1)
    assert result.stderr.startswith("warning: row 1: 'colour' is not a known column")


def test_bad_payments_are_named_and_none_is_booked(runner: FlaskCliRunner, write) -> None:
    rows = [PAYMENT, PAYMENT | {"transaction_id": "T-2", "amount": "0"}, PAYMENT]
    result = runner.invoke(args=["intake", "payments", write(rows)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "row 3, column amount",
        "row 4, column transaction_id",
    ]
    assert count_rows(Payment) == 0


def test_a_file_that_is_not_there_is_no_traceback(reader: FlaskCliRunner, tmp_path: Path) -> None:
    result = reader.invoke(args=["intake", "orders", str(tmp_path / "gone.csv")])
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
