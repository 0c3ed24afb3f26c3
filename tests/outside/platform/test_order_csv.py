"""What an orders file says about a receivable, and every way a row can be wrong."""

import csv
import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.outside.platform.order_csv import COLUMNS, OrderRow, read_orders
from dunning.outside.tables.problem import Problem
from tests.outside.tables.csv_builders import an_order, csv_text, problem_lines, split_result, write_rows

LEDGER = Path(__file__).parents[2] / "data" / "orders.csv"


@pytest.fixture
def read(tmp_path):
    return lambda *orders, **how: split_result(
        read_orders(write_rows(tmp_path / "orders.csv", *orders, **how))
    )


@pytest.fixture
def lines(tmp_path):
    return lambda *orders: problem_lines(read_orders(write_rows(tmp_path / "orders.csv", *orders)))


def test_a_full_row_gives_every_column_typed(read):
    order = an_order(
        due_date="14.02.2026",
        rate_number="2",
        total_number_of_payments="6",
        transaction_amount="1.234,56",
        transaction_currency="eur",
        payment_method="SEPA",
        payment_plan="breakdown_payment",
        payment_status="failed",
        product_id="p1",
        product_name="Onlinekurs",
        buyer_id="b1",
        buyer_firstname="Ada",
        buyer_company_name="Ada GmbH",
        buyer_email="ada@example.org",
        buyer_phone_number="+49 30 1234",
        buyer_street="Lindenweg",
        buyer_house_number="7a",
        buyer_address_details="Hinterhaus",
        buyer_zipcode="01067",
        buyer_country_code="de",
        test_payment="true",
    )
    assert read(order) == (
        [
            OrderRow(
                row=2,
                order_id="A1",
                vendor_id=79424,
                order_date=dt.date(2026, 1, 31),
                due_date=dt.date(2026, 2, 14),
                rate_number=2,
                rates=6,
                amount_cents=123456,
                currency="EUR",
                payment_method="sepa",
                payment_plan="breakdown_payment",
                payment_status="failed",
                product_id="p1",
                product_name="Onlinekurs",
                buyer_id="b1",
                first_name="Ada",
                last_name="Müller",
                company="Ada GmbH",
                email="ada@example.org",
                phone="+49 30 1234",
                street="Lindenweg",
                house_number="7a",
                details="Hinterhaus",
                zipcode="01067",
                city="Köln",
                country="DE",
                test_payment=True,
            )
        ],
        [],
    )


def test_the_five_required_columns_are_enough(read):
    names = ("order_id", "vendor_id", "order_date", "transaction_amount", "payment_method")
    rows, problems = read({name: an_order()[name] for name in names})
    assert problems == []
    order = rows[0]
    assert (order.due_date, order.rate_number, order.rates, order.currency) == (None, 1, 1, "EUR")
    assert (order.payment_plan, order.payment_status) == ("one_time_payment", "pending")
    assert (order.last_name, order.country, order.test_payment) == ("", "", False)


def test_every_required_cell_must_be_filled(lines):
    assert lines(
        an_order(order_id="", vendor_id=" ", order_date="", transaction_amount="\t", payment_method="")
    ) == [
        f"row 2, column {name}: a value is required"
        for name in ("order_id", "vendor_id", "order_date", "transaction_amount", "payment_method")
    ]


def test_one_row_may_have_several_problems_and_good_rows_are_still_read(read):
    rows, problems = read(
        an_order(), an_order(order_id="A2", order_date="x", payment_method="cash"), an_order(order_id="A3")
    )
    assert [row.order_id for row in rows] == ["A1", "A3"]
    assert [(problem.row, problem.column) for problem in problems] == [
        (3, "order_date"),
        (3, "payment_method"),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", dt.date(2026, 1, 31)),
        ("31.01.2026", dt.date(2026, 1, 31)),
        ("1.2.2026", dt.date(2026, 2, 1)),
        ("29.02.2024", dt.date(2024, 2, 29)),
        (" 1990-01-01 ", dt.date(1990, 1, 1)),
        ("31.12.2100", dt.date(2100, 12, 31)),
    ],
)
def test_dates_are_iso_or_german(read, text, day):
    assert read(an_order(order_date=text))[0][0].order_date == day


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2026",
        "2026-02-31",
        "29.02.2026",
        "01/31/2026",
        "31.01.26",
        "20260131",
        "2026-1-31",
        "2026-W05-6",
        "46053",
        "2026-01-31 00:00",
        "٣١.٠١.٢٠٢٦",
        "0000-00-00",
        "gestern",
    ],
)
@pytest.mark.parametrize("column", ["order_date", "due_date"])
def test_any_other_date_is_refused_with_the_value_seen(lines, text, column):
    assert lines(an_order(**{column: text})) == [
        f"row 2, column {column}: '{text}' is not a date (2026-12-31 or 31.12.2026)"
    ]


@pytest.mark.parametrize("text", ["1989-12-31", "01.01.2101", "0201-01-31", "9999-12-31"])
def test_a_date_outside_1990_to_2100_is_a_typing_mistake(lines, text):
    assert lines(an_order(due_date=text)) == [
        f"row 2, column due_date: '{text}' is not between the years 1990 to 2100"
    ]


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1234.56", 123456), ("1.234,56", 123456), ("0,01", 1), ("12", 1200), ("10000000", 1_000_000_000)],
)
def test_amounts_are_read_to_the_cent(read, text, cents):
    assert read(an_order(transaction_amount=text))[0][0].amount_cents == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234", "ambiguous_amount"),
        ("1,234", "ambiguous_amount"),
        ("12.345", "ambiguous_amount"),
        ("0", "amount_zero"),
        ("0,00", "amount_zero"),
        ("-5", "amount_not_positive"),
        ("10000000.01", "amount_too_large"),
        ("1e3", "bad_amount"),
        ("NaN", "bad_amount"),
        ("1.2.3", "bad_amount"),
        ("55.945", "ambiguous_amount"),
        ("5,9456", "bad_amount"),
        ("55.94 EUR", "bad_amount"),
        ("=1+1", "bad_amount"),
        ("٥", "bad_amount"),
        ("9" * 5000, "bad_amount"),
    ],
)
def test_any_other_amount_is_refused(read, text, code):
    rows, problems = read(an_order(transaction_amount=text))
    assert (rows, [(problem.code, problem.column) for problem in problems]) == (
        [],
        [(code, "transaction_amount")],
    )


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("order_id", "A 1", "bad_identifier"),
        ("order_id", "A\u00a01", "bad_identifier"),
        ("order_id", "A\u200b1", "bad_identifier"),
        ("order_id", "A\n1", "bad_identifier"),
        ("order_id", "A" * 65, "bad_identifier"),
        ("vendor_id", "0", "bad_number"),
        ("vendor_id", "079424", "bad_number"),
        ("vendor_id", "79424.0", "bad_number"),
        ("vendor_id", "-1", "bad_number"),
        ("vendor_id", "1_000", "bad_number"),
        ("vendor_id", "9" * 100, "bad_number"),
        ("rate_number", "0", "bad_number"),
        ("rate_number", "1000", "bad_number"),
        ("total_number_of_payments", "six", "bad_number"),
        ("transaction_currency", "€", "bad_currency"),
        ("transaction_currency", "EURO", "bad_currency"),
        ("payment_method", "cash", "not_allowed"),
        ("payment_plan", "monthly", "not_allowed"),
        ("payment_status", "overdue", "not_allowed"),
        ("buyer_country_code", "DEU", "bad_country"),
        ("buyer_country_code", "ÄÖ", "bad_country"),
        ("buyer_city", "x" * 256, "too_long"),
        ("test_payment", "maybe", "not_allowed"),
    ],
)
def test_a_value_outside_its_column_s_rule_is_refused(read, column, text, code):
    rows, problems = read(an_order(**{column: text}))
    assert (rows, [(problem.code, problem.column) for problem in problems]) == ([], [(code, column)])


def test_a_refused_choice_names_the_choices(lines):
    assert lines(an_order(payment_method="cash")) == [
        "row 2, column payment_method: 'cash' is not one of credit_card, sepa, sofort, paypal, invoice, test"
    ]


@pytest.mark.parametrize(
    ("text", "flag"),
    [("true", True), ("TRUE", True), ("1", True), ("ja", True), ("false", False), ("0", False), ("", False)],
)
def test_a_test_payment_is_marked_in_any_usual_way(read, text, flag):
    assert read(an_order(test_payment=text))[0][0].test_payment is flag


def test_line_breaks_in_a_name_become_one_space(read):
    rows, problems = read(an_order(buyer_lastname=" Müller\r\nBcc: x@example.org\t\u2028 "))
    assert (rows[0].last_name, problems) == ("Müller Bcc: x@example.org", [])


def test_a_decomposed_umlaut_is_the_same_name(read):
    assert read(an_order(buyer_lastname="Mu\u0308ller"))[0][0].last_name == "Müller"


def test_markup_and_formulas_are_text(read):
    order = an_order(buyer_lastname="<script>", buyer_city="=HYPERLINK(1)", buyer_email="nonsense")
    rows, problems = read(order | {"buyer_street": "a;b,c"})
    assert problems == []
    assert (rows[0].last_name, rows[0].city, rows[0].email) == ("<script>", "=HYPERLINK(1)", "nonsense")


def test_an_empty_plan_follows_from_the_number_of_payments(read):
    rows, _ = read(
        an_order(payment_plan=""), an_order(payment_plan="", order_id="A2", total_number_of_payments="2")
    )
    assert [row.payment_plan for row in rows] == ["one_time_payment", "breakdown_payment"]


def test_a_rate_beyond_the_number_of_payments_is_refused(lines):
    assert lines(an_order(rate_number="7", total_number_of_payments="6")) == [
        "row 2, column rate_number: rate 7 is more than the total number of payments, 6"
    ]


def test_a_one_time_payment_has_one_payment(lines):
    assert lines(an_order(payment_plan="one_time_payment", total_number_of_payments="3")) == [
        "row 2, column payment_plan: a one-time payment cannot have 3 payments"
    ]


def test_a_subscription_has_no_last_rate(read):
    rows, problems = read(an_order(payment_plan="abonnement", rate_number="14", total_number_of_payments=""))
    assert (rows[0].rate_number, rows[0].rates, problems) == (14, 1, [])


def test_the_rates_of_one_order_are_rows_of_their_own(read):
    rates = [an_order(rate_number=str(rate), total_number_of_payments="3") for rate in (1, 3, 2)]
    rows, problems = read(*rates)
    assert ([row.rate_number for row in rows], problems) == ([1, 3, 2], [])


def test_the_same_receivable_twice_names_both_rows(lines):
    assert lines(an_order(), an_order(order_id="A2"), an_order(transaction_amount="1")) == [
        "row 4, column order_id: order A1 has this rate already in row 2"
    ]


def test_an_order_under_two_vendors_of_one_file_is_refused(read):
    rows, problems = read(
        an_order(total_number_of_payments="2"),
        an_order(rate_number="2", total_number_of_payments="2", vendor_id="80110"),
    )
    assert len(rows) == 1
    assert problems == [Problem("other_vendor", 3, "vendor_id", "A1")]


@pytest.mark.parametrize("turned", [False, True])
def test_a_rate_of_another_vendors_one_off_order_is_refused(read, turned):
    found = [an_order(), an_order(rate_number="2", total_number_of_payments="2", vendor_id="80110")]
    rows, problems = read(*(reversed(found) if turned else found))
    assert len(rows) == 1
    assert problems == [Problem("other_vendor", 3, "vendor_id", "A1")]


def test_order_ids_differ_by_case_and_by_leading_zeros(read):
    rows, problems = read(*(an_order(order_id=order_id) for order_id in ("m6b5", "M6B5", "007", "7")))
    assert (len(rows), problems) == (4, [])


def test_the_ledger_is_read_without_a_problem():
    file = read_orders(LEDGER)
    rows, problems = split_result(file)
    assert (len(rows), problems, file.warnings) == (1200, [], ())
    assert Counter(row.payment_method for row in rows) == {"invoice": 1200}
    assert rows[0].last_name == "Žižek"
    assert sum(row.amount_cents for row in rows) == ledger_cents()


def ledger_cents():
    lines = LEDGER.read_text(encoding="utf-8").splitlines()[1:]
    return sum(int(Decimal(line.split(";")[6]) * 100) for line in lines)


ANY_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\r\t;,\"'"), max_size=40
)


@given(cities=st.lists(ANY_TEXT, min_size=1, max_size=8), delimiter=st.sampled_from(";,"))
@settings(deadline=None)
def test_any_text_survives_quoting_and_every_row_knows_its_line(tmp_path_factory, cities, delimiter):
    path = tmp_path_factory.mktemp("round_trip") / "orders.csv"
    orders = [an_order(order_id=f"A{number}", buyer_city=city) for number, city in enumerate(cities)]
    # left to itself the csv writer of Python 3.11 does not quote a lone CR
    write_rows(path, *orders, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    rows, problems = split_result(read_orders(path))
    assert problems == []
    assert [row.city for row in rows] == [normalize("NFC", " ".join(city.split())) for city in cities]
    breaks = [len(re.findall("\r\n|\r|\n", city)) for city in cities]
    assert [row.row for row in rows] == [2 + number + sum(breaks[:number]) for number in range(len(rows))]


@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
@settings(deadline=None)
def test_no_content_whatever_breaks_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "orders.csv"
    header = ";".join(column.name for column in COLUMNS).encode()
    for file in (content, header + b"\n" + content):
        path.write_bytes(file)
        for line in problem_lines(read_orders(path)):
            assert line.isprintable()


@pytest.mark.parametrize("column", ["order_id", "buyer_phone_number"])
@pytest.mark.parametrize("text", ["1,23457E+12", "4.91517E+11"])
def test_a_number_that_a_spreadsheet_has_shortened_is_refused(read, column, text):
    rows, problems = read(an_order(**{column: text}))
    assert (rows, [(problem.code, problem.column) for problem in problems]) == (
        [],
        [("shortened_number", column)],
    )


@pytest.mark.parametrize("line", ["sep=;", "SEP=,", '"sep=;"'])
def test_a_line_that_names_the_delimiter_is_no_header(tmp_path, line):
    path = tmp_path / "orders.csv"
    path.write_text(line + "\n" + csv_text([an_order()]), encoding="utf-8")
    assert len(list(read_orders(path))) == 1
