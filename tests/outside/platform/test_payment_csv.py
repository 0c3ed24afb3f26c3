"""What a payments file says, and how the same payment is known again."""

import datetime as dt
from pathlib import Path

import pytest

from dunning.outside.platform.payment_csv import PaymentRow, read_payments
from dunning.rules.incoming import name_former, name_transaction
from tests.outside.tables.csv_builders import a_payment, problem_lines, split_result, write_rows

LEDGER = Path(__file__).parents[2] / "data" / "payments.csv"


@pytest.fixture
def read(tmp_path):
    return lambda *payments, **how: split_result(
        read_payments(write_rows(tmp_path / "payments.csv", *payments, **how))
    )


@pytest.fixture
def lines(tmp_path):
    return lambda *payments: problem_lines(read_payments(write_rows(tmp_path / "payments.csv", *payments)))


def identities(result):
    rows, problems = result
    assert problems == []
    return [row.identity for row in rows]


def test_a_full_row_gives_every_column_typed(read):
    rows, problems = read(a_payment(amount="-1.234,56", value_date="10.02.2026", transaction_id="t1"))
    assert problems == []
    assert rows == [
        PaymentRow(
            row=2,
            order_id="A1",
            rate_number=1,
            amount_cents=-123456,
            currency="EUR",
            value_date=dt.date(2026, 2, 10),
            transaction_id="t1",
            reference="Rechnung A1",
            identity=name_transaction("t1", "A1", -1234_56),
            former=name_former("t1"),
        )
    ]


def test_a_row_without_order_rate_and_transaction_says_so(read):
    rows, problems = read(a_payment(order_id="", rate_number="", currency="", reference=""))
    assert problems == []
    assert (rows[0].order_id, rows[0].rate_number, rows[0].transaction_id) == (None, None, None)
    assert (rows[0].currency, rows[0].reference) == ("EUR", "")


def test_order_id_amount_and_value_date_are_required_columns(lines):
    assert lines({"order": "A1", "sum": "1", "date": "2026-01-01"}) == [
        f"row 1, column {name}: this column is required and missing"
        for name in ("order_id", "amount", "value_date")
    ]


def test_amount_and_value_date_must_be_filled(lines):
    assert lines(a_payment(amount="", value_date="")) == [
        "row 2, column amount: a value is required",
        "row 2, column value_date: a value is required",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "0,00"}, "amount_zero"),
        ({"amount": "-1.234"}, "ambiguous_amount"),
        ({"amount": "-10000000,01"}, "amount_too_large"),
        ({"amount": "fünf"}, "bad_amount"),
        ({"value_date": "31.02.2026"}, "bad_date"),
        ({"rate_number": "0"}, "bad_number"),
        ({"order_id": "A 1"}, "bad_identifier"),
        ({"currency": "EU"}, "bad_currency"),
        ({"transaction_id": "t" * 129}, "too_long"),
        ({"reference": "r" * 256}, "too_long"),
        ({"reference": "r\0"}, "control_character"),
    ],
)
def test_a_value_outside_its_column_s_rule_is_refused(read, changes, code):
    rows, problems = read(a_payment(**changes))
    assert (rows, [(problem.code, problem.row, problem.column) for problem in problems]) == (
        [],
        [(code, 2, next(iter(changes)))],
    )


def test_a_transaction_id_is_the_identity_with_its_order_and_amount(read):
    first = identities(read(a_payment(transaction_id="t1")))
    assert identities(read(a_payment(transaction_id="t1", reference="other", rate_number="2"))) == first
    for change in ({"transaction_id": "t2"}, {"order_id": "B2"}, {"amount": "1"}):
        assert identities(read(a_payment(**({"transaction_id": "t1"} | change)))) != first


def test_a_transaction_id_used_twice_names_both_rows(lines):
    assert lines(a_payment(transaction_id="t1"), a_payment(), a_payment(transaction_id="t1")) == [
        "row 4, column transaction_id: transaction t1 stands already in row 2"
    ]
    assert lines(a_payment(transaction_id="t1"), a_payment(transaction_id="t1", amount="9")) == []


def test_two_equal_payments_of_one_file_are_two_and_the_same_two_next_time(read):
    first = identities(read(a_payment(), a_payment()))
    assert len(set(first)) == 2
    assert identities(read(a_payment(), a_payment())) == first
    assert identities(read(a_payment(), a_payment(), a_payment()))[:2] == first


def test_a_payment_keeps_its_identity_among_others_and_in_other_spellings(read):
    alone = identities(read(a_payment()))
    others = [
        a_payment(reference="x"),
        a_payment(amount="55,94", value_date="10.02.2026"),
        a_payment(amount="2"),
    ]
    among = identities(read(*others, delimiter=",", encoding="cp1252"))
    assert among[1:2] == alone


@pytest.mark.parametrize(
    "changes",
    [
        {"order_id": "A2"},
        {"order_id": ""},
        {"rate_number": "2"},
        {"rate_number": ""},
        {"amount": "55.95"},
        {"amount": "-55.94"},
        {"value_date": "2026-02-11"},
        {"reference": ""},
    ],
)
def test_a_payment_that_differs_in_anything_is_another_one(read, changes):
    assert identities(read(a_payment(**changes))) != identities(read(a_payment()))


def test_the_identity_of_a_line_never_changes_between_releases(read):
    assert identities(read(a_payment())) == [
        "line:738e2032e5d0d75f065de331901e758d7b575d9af5d62eaf953bb85c49dc2eb5"
    ]


def test_the_ledger_is_read_without_a_problem():
    rows, problems = split_result(read_payments(LEDGER))
    assert (len(rows), problems) == (1200, [])
    assert len({row.identity for row in rows}) == 1200
