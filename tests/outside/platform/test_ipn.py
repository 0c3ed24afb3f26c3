"""An event off the wire: who signed it, what it says, and what is wrong with it."""

import datetime as dt
import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.outside.platform.ipn import parse_event
from dunning.outside.signed import BodyProblem
from dunning.rules.orders.events import OrderEvent, Verdict
from dunning.rules.orders.picture import fold_order
from tests.events import an_ipn, write_ipn

BERLIN = ZoneInfo("Europe/Berlin")
RECEIVED = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)  # the second of March in Berlin


def parse(body: dict) -> OrderEvent:
    return parse_event(write_ipn(body), RECEIVED, BERLIN)


def read(**changes) -> OrderEvent:
    return parse(an_ipn(**changes))


def complain(body: bytes) -> str:
    with pytest.raises(BodyProblem) as caught:
        parse_event(body, RECEIVED, BERLIN)
    return str(caught.value)


# --- What it says ---


def test_an_event_is_read_field_by_field() -> None:
    event = read(
        rate_number=2, total_number_of_payments="6", next_payment_at="2026-02-02", due_date="16.01.2026"
    )
    assert event == OrderEvent(
        key=event.key,
        event_type="payment.pending",
        order_id="M6B5zL7i",
        identity=f"event:{event.key}",
        value_date=dt.date(2026, 1, 2),
        transaction_id="T1",
        happened_at=dt.datetime(2026, 1, 2, 9, 15, tzinfo=dt.UTC),
        amount_cents=100_50,
        rate_number=2,
        order_date=dt.date(2026, 1, 2),
        due_date=dt.date(2026, 1, 16),
        next_payment_at=dt.date(2026, 2, 2),
        fields={
            "payment_method": "invoice",
            "payment_plan": "one_time_payment",
            "rates": 6,
            "currency": "EUR",
            "product_id": "4711",
            "product_name": "Onlinekurs Bildbearbeitung",
            "test_payment": False,
            "buyer_id": "B-1",
            "first_name": "Anna",
            "last_name": "Muster",
            "email": "anna@example.org",
            "phone": "+49 30 123456",
            "street": "Am Beispielbach",
            "house_number": "4",
            "zipcode": "80804",
            "city": "München",
            "country": "DE",
        },
    )


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(100, 100_00), (100.5, 100_50), ("1234.56", 1234_56), ("1.234,56", 1234_56), (-20.1, -20_10), (0.07, 7)],
)
def test_an_amount_may_be_a_number_or_a_text(amount: object, cents: int) -> None:
    assert read(transaction_amount=amount).amount_cents == cents


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize(
    "written", ["99.989999999999995", "0.9999e2", "9999e-2", "99.9900", "9.999E+1", "99.99000000001"]
)
def test_a_number_is_read_as_php_and_ruby_write_it(written: str, quote: str) -> None:
    body = write_ipn(an_ipn()).replace(b"100.5", f"{quote}{written}{quote}".encode())
    assert parse_event(body, RECEIVED, BERLIN).amount_cents == 99_99


def test_a_json_number_with_three_decimals_is_no_thousand() -> None:
    body = write_ipn(an_ipn()).replace(b"100.5", b"99.990")
    assert parse_event(body, RECEIVED, BERLIN).amount_cents == 99_99


def test_no_cent_gets_lost_in_a_float() -> None:
    body = write_ipn(an_ipn()).replace(b"100.5", b"9999999.99")
    assert parse_event(body, RECEIVED, BERLIN).amount_cents == 999999999


def test_without_a_transaction_the_body_is_the_event() -> None:
    body = write_ipn(an_ipn(transaction_id=""))
    event, digest = parse_event(body, RECEIVED, BERLIN), hashlib.sha256(body).hexdigest()
    assert (event.key, event.identity, event.transaction_id) == (digest, f"event:{digest}", "")


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({}, dt.date(2026, 1, 2)),
        ({"transaction_date": "2026-01-02T23:30:00Z"}, dt.date(2026, 1, 3)),
        ({"transaction_date": "2026-01-02 23:30:00"}, dt.date(2026, 1, 2)),
        ({"transaction_date": ..., "transaction_processed_at": "2026-01-05T08:00:00Z"}, dt.date(2026, 1, 5)),
        ({"transaction_date": None, "transaction_processed_at": ""}, dt.date(2026, 3, 2)),
    ],
)
def test_the_value_date_is_the_transactions_local_day_else_when_it_was_processed_else_received(
    changes: dict, day: dt.date
) -> None:
    assert read(**changes).value_date == day


def test_the_order_date_may_be_a_time() -> None:
    assert read(order_date=..., order_time="2026-01-01T23:15:00Z").order_date == dt.date(2026, 1, 2)
    assert read(order_date=...).order_date is None


@pytest.mark.parametrize(
    ("line", "street", "number"),
    [
        ("Am Beispielbach 4", "Am Beispielbach", "4"),
        ("Straße des 17. Juni 12a", "Straße des 17. Juni", "12a"),
        ("Hauptstr. 12 - 14", "Hauptstr.", "12 - 14"),
        ("Q7, 24", "Q7,", "24"),
        ("Postfach", "Postfach", ""),
        ("Schlossallee 5 Hinterhaus", "Schlossallee 5 Hinterhaus", ""),
    ],
)
def test_an_address_in_one_line_is_split_when_its_parts_are_missing(
    line: str, street: str, number: str
) -> None:
    fields = read(buyer_street=..., buyer_house_number=None, buyer_address=line).fields
    assert (fields["street"], fields["house_number"]) == (street, number)


def test_an_address_line_beside_its_parts_says_nothing_new() -> None:
    assert read(buyer_house_number=..., buyer_address="Ganz anders 9").fields["street"] == "Am Beispielbach"


@pytest.mark.parametrize(
    ("changes", "country"),
    [
        ({"buyer_country_code": "at"}, "AT"),
        ({"buyer_country_code": ..., "buyer_country": "CH"}, "CH"),
        ({"buyer_country_code": "Germany"}, ""),
    ],
)
def test_a_country_is_known_by_its_code(changes: dict, country: str) -> None:
    assert read(**changes).fields["country"] == country


def test_what_nobody_asked_for_is_left_alone() -> None:
    told, plain = read(affiliate={"deep": [1]}, tags=["x"], is_upsell=True), read()
    assert replace(told, key=plain.key, identity=plain.identity) == plain


def test_the_amount_of_an_announced_instalment_may_be_that_of_the_next_payments() -> None:
    event = read(event_type="recurring.upcoming", transaction_amount=None, next_payments="49.90")
    assert event.amount_cents == 49_90


@pytest.mark.parametrize("event_type", ["recurring.cancelled", "trial", "something.new"])
def test_an_event_that_moves_no_money_needs_its_type_and_order_only(event_type: str) -> None:
    event = parse({"event_type": f"payment.{event_type}", "order_id": "A1"})
    assert (event.amount_cents, event.fields) == (None, {})


def test_a_refund_needs_an_amount_and_no_more() -> None:
    assert (
        parse({"event_type": "payment.refunded", "order_id": "A1", "transaction_amount": -5}).amount_cents
        == -5_00
    )


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        ("100.50", (("4711", 100_50),)),
        ([60], (("4711", 60_00),)),
        ({"P1": 60, "P2": "40.50"}, (("P1", 60_00), ("P2", 40_50))),
        (
            [{"product_id": "P1", "amount": 60}, {"id": "P2", "transaction_amount": "40.5"}],
            (("P1", 60_00), ("P2", 40_50)),
        ),
        (None, ()),
        ([], ()),
        (
            {"P1": {"amount": 60, "quantity": 2}, "P\0002": {"transaction_amount": "40.50"}},
            (("P1", 60_00), ("P2", 40_50)),
        ),
        ([{"product_id": "P1", "amount": 60}, {"product_id": "P1", "amount": 40.5}], (("P1", 100_50),)),
        (
            {"products": [{"id": "P1", "amount": 60}, {"id": "P2", "amount": 40.5}]},
            (("P1", 60_00), ("P2", 40_50)),
        ),
        ([1, 2], ()),
        ("ten", ()),
    ],
)
def test_amounts_of_single_products_are_read(sent: object, lines: tuple) -> None:
    assert read(transaction_amount_per_product=sent).lines == lines


@pytest.mark.parametrize(("written", "rate"), [("1.0", 1), (2.0, 2), ("0.3e1", 3), ("0.0", None), (0, None)])
def test_a_count_is_read_as_php_and_ruby_write_it(written: object, rate: int | None) -> None:
    event = read(rate_number=written, total_number_of_payments=written)
    assert (event.rate_number, event.fields.get("rates"), event.odd, event.unclear) == (rate, rate, (), ())


def test_a_moment_is_read_as_ruby_writes_it() -> None:
    moment = dt.datetime(2026, 1, 2, 23, 30, tzinfo=dt.UTC)
    for written in ("2026-01-02 23:30:00 UTC", "2026-01-03 00:30:00 +0100"):
        event = read(transaction_date=written, transaction_processed_at=written)
        assert (event.happened_at, event.value_date, event.odd) == (moment, dt.date(2026, 1, 3), ())


def test_a_status_is_known_however_its_words_are_joined() -> None:
    for written in ("Charged Back", "charged-back", " charged_back "):
        assert read(payment_status=written).payment_status == "charged_back"


@pytest.mark.parametrize("status", [{"code": 7}, ["refunded"], True, 3])
def test_a_status_that_is_no_word_moves_no_money(status: object) -> None:
    back = read(event_type="refunded", payment_status=status)
    picture = fold_order([read(), back])
    assert (picture.money_back, picture.verdicts[back.key].state) == ((), "waiting")
    assert "payment_status" in picture.verdicts[back.key].reason


# --- What is wrong with it ---


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff{}", "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes, said: str) -> None:
    assert complain(body).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event_type": None}, "event_type: a value is required"),
        ({"order_id": "  "}, "order_id: a value is required"),
        ({"order_id": "A 1"}, "order_id: 'A 1' is not an ID (1 to 64 visible characters, no spaces)"),
        ({"transaction_amount": None}, "transaction_amount: a value is required"),
        ({"transaction_amount": "1.234"}, "transaction_amount: '1.234' is ambiguous"),
        ({"transaction_amount": "ten"}, "transaction_amount: 'ten' is not an amount"),
        ({"transaction_amount": 10**12}, "transaction_amount: '1000000000000' is"),
        ({"transaction_amount": float("nan")}, "transaction_amount: 'NaN' is not an amount"),
        ({"transaction_amount": [1]}, "transaction_amount: '[1]' is not one of"),
        ({"payment_method": ""}, "payment_method: a value is required"),
    ],
)
def test_a_required_field_that_is_missing_or_unreadable_is_named_with_its_rule(
    changes: dict, said: str
) -> None:
    assert complain(write_ipn(an_ipn() | changes)).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payment_method": "klarna"}, "payment_method: 'klarna' is not one of credit_card"),
        ({"rate_number": -1}, "rate_number: '-1' is not a whole number"),
        ({"transaction_currency": "EURO"}, "transaction_currency: 'EURO' is"),
        (
            {"event_type": "payment.recurring.upcoming", "transaction_amount": "ten"},
            "transaction_amount: 'ten'",
        ),
    ],
)
def test_what_money_hangs_on_and_nobody_can_read_is_for_a_person(changes: dict, said: str) -> None:
    event = read(**changes)
    assert event.unclear[0].startswith(said)
    assert fold_order([event]).verdicts[event.key] == Verdict("waiting", event.unclear[0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"order_date": "yesterday"}, "order_date: 'yesterday' is not a date"),
        ({"order_date": "2026-02-30"}, "order_date: '2026-02-30' is not a date"),
        ({"transaction_date": "0001-01-01T00:00:00+14:00"}, "transaction_date: "),
        ({"buyer_email": {"a": 1}}, "buyer_email: "),
        ({"payment_plan": "monthly"}, "payment_plan: 'monthly' is not one of"),
        ({"test_payment": "perhaps"}, "test_payment: 'perhaps' is"),
        ({"total_number_of_payments": 5000}, "total_number_of_payments: '5000' is"),
        ({"transaction_id": "x" * 200}, "transaction_id: "),
    ],
)
def test_what_is_odd_costs_nothing_but_itself(changes: dict, said: str) -> None:
    event = read(**changes)
    assert event.odd[0].startswith(said)
    assert (event.amount_cents, event.unclear, len(event.odd)) == (100_50, (), 1)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"buyer_lastname": "x" * 300}, "last_name", "x" * 255),
        ({"product_name": "Kurs " * 60}, "product_name", ("Kurs " * 51).strip()),
        ({"buyer_lastname": "a\0b"}, "last_name", "ab"),
        ({"buyer_city": "\ud800Bonn"}, "city", "Bonn"),
        ({"total_number_of_payments": 0}, "rates", None),
    ],
)
def test_a_text_is_cleaned_and_cut(changes: dict, column: str, value: object) -> None:
    event = read(**changes)
    assert (event.fields.get(column), event.odd) == (value, ())


def test_a_sale_without_any_date_is_refused() -> None:
    dates = ("order_date", "order_time", "transaction_date", "transaction_processed_at")
    said = complain(write_ipn(an_ipn(**dict.fromkeys(dates))))
    assert (
        said
        == "order_date or order_time or transaction_date or transaction_processed_at: a value is required"
    )


@given(
    st.dictionaries(
        st.sampled_from(list(an_ipn())), st.one_of(st.none(), st.text(), st.integers(), st.floats())
    )
)
def test_whatever_is_sent_is_read_or_refused_with_a_reason(changes: dict) -> None:
    said = "read"
    try:
        parse(an_ipn() | changes)
    except BodyProblem as problem:
        said = str(problem)
    assert said.isprintable()
