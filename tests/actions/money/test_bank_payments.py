"""Money of a bank's statement: booked on what its text names, taken back when a debit returns, once in any file."""

import dataclasses
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.money.book_payments import Tally, take_payments
from dunning.outside.bank.entry import BankEntry
from dunning.records import db
from dunning.records.orders import Payment
from dunning.rules.money.reference import creditor_reference, group_reference
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_payment_row,
    a_receivable,
    a_vendor,
    after,
    an_order,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    ledger_of,
    order_of,
    pay,
    play_until,
    read_case,
    read_history,
    read_order,
    read_receivable,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")
numbers = count(1)


def an_entry(text: str = "", cents: int = 100_00, on=DUE, **changes) -> BankEntry:
    """A payment of a statement; one of its own unless `identity` says otherwise."""
    fields = {
        "amount_cents": cents,
        "moved_cents": cents,
        "currency": "EUR",
        "value_date": on,
        "booked_on": on,
        "identity": f"bank:{next(numbers)}",
        "reference": text,
    }
    return BankEntry(**fields | changes)


def bank(*entries: BankEntry, on=None, source: str = "camt") -> Tally:
    return take_payments(entries, a_desk(on or entries[0].value_date), source=source)


def only_payment() -> Payment:
    db.session.rollback()
    return db.session.scalars(select(Payment)).one()


def last_payment() -> Payment:
    db.session.rollback()
    return db.session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()


def kinds_of(receivable_id: int) -> list[tuple[str, int]]:
    return [(kind, cents) for kind, cents, _ in ledger_of(receivable_id)][1:]


# --- Whose money ---


def test_the_reference_of_a_letter_pays_its_receivable_and_no_other_rate(each_app: Flask) -> None:
    order_id = an_order(rates=3)
    second = find_receivable(order_id, 2)
    text = group_reference(creditor_reference(read_receivable(second).reference))
    bank(an_entry(text))
    paid = [read_receivable(find_receivable(order_id, rate)).paid_cents for rate in (1, 2, 3)]
    assert paid == [0, 100_00, 0]


@pytest.mark.parametrize("text", ["M6B5zL7i", "order m6b5 zl7i thanks", "M6B5\nzL7i"])
def test_an_order_id_in_the_text_pays_the_oldest_rate_first(each_app: Flask, text: str) -> None:
    an_order(order_id="M6B5zL7i", rates=2)
    bank(an_entry(text, 150_00))
    paid = [read_receivable(find_receivable("M6B5zL7i", rate)).paid_cents for rate in (1, 2)]
    assert paid == [100_00, 50_00]


def test_the_rate_a_buyer_names_is_paid(each_app: Flask) -> None:
    an_order(order_id="M6B5zL7i", rates=3)
    bank(an_entry("M6B5zL7i Rate 2/3"))
    paid = [read_receivable(find_receivable("M6B5zL7i", rate)).paid_cents for rate in (1, 2, 3)]
    assert paid == [0, 100_00, 0]


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("Danke", "EUR", "no_reference"),
        ("ABCD1 and ABCD2", "EUR", "several_orders"),
        ("ABCD1 Rate 9", "EUR", "unknown_rate"),
        ("ABCD1", "USD", "other_currency"),
        (creditor_reference("M99999999999"), "EUR", "order_unknown"),
    ],
)
def test_what_names_no_single_order_waits_for_a_person(each_app: Flask, text, currency, reason) -> None:
    for order_id in ("ABCD1", "ABCD2"):
        an_order(order_id=order_id)
    bank(an_entry(text, currency=currency))
    payment = only_payment()
    assert (payment.order_pk, payment.vendor_id, payment.unmatched_reason) == (None, None, reason)
    assert [kinds_of(find_receivable(order_id)) for order_id in ("ABCD1", "ABCD2")] == [[], []]


def test_two_orders_that_read_alike_are_left_to_a_person(each_app: Flask) -> None:
    for order_id in ("M6B5zL7i", "m6b5ZL7I"):
        an_order(order_id=order_id)
    bank(an_entry("M6B5zL7i"))
    assert only_payment().unmatched_reason == "several_orders"


def test_equal_amount_and_name_alone_book_nothing(each_app: Flask) -> None:
    receivable_id = a_receivable()
    bank(an_entry("Danke", payer_name="Anna Muster"))
    assert kinds_of(receivable_id) == []


def test_a_csv_row_without_an_order_id_is_matched_by_its_text(each_app: Flask) -> None:
    order_id = an_order(order_id="M6B5zL7i")
    row = a_payment_row(None, 100_00, DUE, reference="Bestellung M6B5-zL7i")
    take_payments([row], a_desk(), source="csv")
    assert read_order(find_receivable(order_id)).paid_cents == 100_00


def test_a_csv_row_with_an_order_id_is_taken_by_its_word(each_app: Flask) -> None:
    an_order(order_id="M6B5zL7i")
    row = a_payment_row("m6b5zl7i", 100_00, DUE, reference="M6B5zL7i")
    take_payments([row], a_desk(), source="csv")
    assert last_payment().unmatched_reason == "order_unknown"


def test_a_covering_payment_ends_the_case_of_the_letter(each_app: Flask) -> None:
    case_id = a_case("running", day=11)
    text = creditor_reference(read_receivable(read_case(case_id).receivable_id).reference)
    bank(an_entry(text, on=after(12)))
    assert read_case(case_id).status == "paid"


# --- Once ---


def test_the_same_statement_twice_changes_nothing(each_app: Flask) -> None:
    order_id = an_order(order_id="M6B5zL7i")
    entry = an_entry("M6B5zL7i", 40_00)
    assert bank(entry) == Tally(read=1, new=1)
    assert bank(entry, source="mt940") == Tally(read=1, unchanged=1)
    assert read_order(find_receivable(order_id)).paid_cents == 40_00


def test_two_equal_payments_of_one_statement_are_both_booked(each_app: Flask) -> None:
    order_id = an_order(order_id="M6B5zL7i")
    bank(an_entry("M6B5zL7i", 40_00), an_entry("M6B5zL7i", 40_00))
    assert read_order(find_receivable(order_id)).paid_cents == 80_00


@pytest.mark.parametrize("first", ["ipn", "camt"])
@pytest.mark.parametrize(
    ("days", "cents", "same"), [(0, 40_00, True), (5, 40_00, True), (6, 40_00, False), (0, 41_00, False)]
)
def test_event_and_statement_may_speak_of_one_payment(each_app: Flask, first, days, cents, same) -> None:
    order_id = an_order(order_id="M6B5zL7i", amount_cents=300_00)
    event, entry = a_payment_row(order_id, 40_00, after(1)), an_entry("M6B5zL7i", cents, after(1 + days))
    reports = {"ipn": event, "camt": entry}
    second = {"ipn": "camt", "camt": "ipn"}[first]
    for source in (first, second):
        take_payments([reports[source]], a_desk(after(9)), source=source)
    assert last_payment().unmatched_reason == ("possibly_same" if same else "")
    assert read_order(find_receivable(order_id)).paid_cents == (40_00 if same else 40_00 + cents)


def test_payments_of_two_rates_are_never_the_same(each_app: Flask) -> None:
    order_id = an_order(rates=2)
    event = a_payment_row(order_id, 100_00, after(1), rate_number=1)
    take_payments([event], a_desk(after(1)), source="ipn")
    text = creditor_reference(read_receivable(find_receivable(order_id, 2)).reference)
    bank(an_entry(text, 100_00, after(2)))
    assert read_order(find_receivable(order_id)).paid_cents == 200_00


# --- Before the order is known ---


@pytest.mark.parametrize("by", ["order ID", "given order ID"])
def test_a_payment_before_its_order_waits_and_finds_it_later(each_app: Flask, by: str) -> None:
    if by == "order ID":
        bank(an_entry("Order M6B5 zL7i", 60_00))
    else:
        pay("M6B5zL7i", 60_00, DUE)
    assert only_payment().unmatched_reason in ("no_reference", "order_unknown")
    receivable_id = a_receivable(order_id="M6B5zL7i")
    assert kinds_of(receivable_id) == [("payment", -60_00)]
    assert only_payment().unmatched_reason == ""


def test_a_payment_for_a_rate_that_comes_later_finds_it(each_app: Flask) -> None:
    vendor_id = a_vendor()
    plan = {"order_id": "M6B5zL7i", "rates": 2, "payment_plan": "breakdown_payment"}
    import_rows(an_order_row(vendor_id, **plan))
    bank(an_entry("M6B5zL7i Rate 2"))
    assert only_payment().unmatched_reason == "unknown_rate"
    import_rows(an_order_row(vendor_id, rate_number=2, due_date=after(30), **plan))
    assert kinds_of(find_receivable("M6B5zL7i", 2)) == [("payment", -100_00)]


def test_a_new_order_takes_no_money_that_names_others_too(each_app: Flask) -> None:
    bank(an_entry("ABCD1 and ABCD2"))
    an_order(order_id="ABCD1")
    assert kinds_of(find_receivable("ABCD1")) == [("payment", -100_00)]


def test_a_new_order_leaves_the_money_of_others_alone(each_app: Flask) -> None:
    bank(an_entry("Danke"), an_entry("ZZZZ9"))
    an_order(order_id="ABCD1")
    assert kinds_of(find_receivable("ABCD1")) == []


# --- Debits that return ---

# spelled out: shorter ones are no order IDs in a text
ORDER_ID = {"order_id": "M6B5zL7i"}
SEPA = ORDER_ID | {"payment_method": "sepa"}
RETURNED_ON = after(20)


def returned(text: str, cents: int = 100_00, on=RETURNED_ON, **changes) -> BankEntry:
    return an_entry(text, -cents, on, **{"return_code": "MD06"} | changes)


def test_a_returned_debit_opens_a_case_at_once(each_app: Flask) -> None:
    order_id = an_order(**SEPA)
    pay(order_id, 100_00, after(1))
    play_until(after(19))
    bank(returned(order_id, return_fee_cents=7_50))
    receivable_id = find_receivable(order_id)
    assert kinds_of(receivable_id) == [("payment", -100_00), ("chargeback", 100_00), ("return_fee", 7_50)]
    assert read_receivable(receivable_id).charged_back_on == after(20)
    play_until(after(20))
    case = read_case(find_case(receivable_id))
    assert (case.status, case.opened_on, case.outstanding_cents) == ("awaiting_approval", after(20), 107_50)
    assert states_of(receivable_id).keys() <= {"service_call", "payment_reminder"}


@pytest.mark.parametrize("consent", [True, False])
def test_a_returned_debit_reopens_a_paid_case_with_its_history(each_app: Flask, consent: bool) -> None:
    case_id = a_case("running", payment_status="failed", vendor={"auto_chargebacks": consent}, **SEPA)
    order_id = order_of(case_id).order_id
    pay(order_id, 100_00, after(11))
    assert read_case(case_id).status == "paid"
    bank(returned(order_id, on=after(20)))
    case = read_case(case_id)
    assert (case.status, case.round) == ("running" if consent else "awaiting_approval", 2)
    assert case.outstanding_cents == 100_00
    verbs = [line.verb for line in read_history(case_id)]
    assert verbs == ["open", "letter_sent", "pay", "take_back", "charge_back"]


def test_the_return_of_one_of_two_payments_leaves_a_covered_case_paid(each_app: Flask) -> None:
    case_id = a_case("paid", **ORDER_ID)
    order_id = order_of(case_id).order_id
    pay(order_id, 100_00, after(12))
    bank(returned(order_id, on=after(13)))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_an_ended_case_stays_ended_and_its_history_tells(each_app: Flask, status: str) -> None:
    case_id = a_case(status, **ORDER_ID)
    order_id = order_of(case_id).order_id
    pay(order_id, 40_00, after(11))
    bank(returned(order_id, 40_00, after(12)))
    assert read_case(case_id).status == status
    assert (read_history(case_id)[-1].verb, read_history(case_id)[-1].reason) == ("take_back", "MD06")


def test_of_an_open_case_only_the_ledger_changes(each_app: Flask) -> None:
    case_id = a_case("running", day=11, paid=40_00, **ORDER_ID)
    bank(returned(order_of(case_id).order_id, 40_00, after(12)))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("running", 100_00)


def test_no_more_is_taken_back_than_was_credited(each_app: Flask) -> None:
    order_id = an_order(**SEPA)
    pay(order_id, 100_00, after(1))
    bank(returned(order_id, 107_50))
    assert kinds_of(find_receivable(order_id)) == [("payment", -100_00), ("chargeback", 100_00)]


def test_the_latest_credited_rate_is_taken_back_first(each_app: Flask) -> None:
    order_id = an_order(rates=3, **SEPA)
    pay(order_id, 200_00, after(1))
    bank(returned(order_id, 150_00, return_fee_cents=5_00))
    kinds = [kinds_of(find_receivable(order_id, rate)) for rate in (1, 2, 3)]
    assert kinds == [
        [("payment", -100_00), ("chargeback", 50_00)],
        [("payment", -100_00), ("chargeback", 100_00), ("return_fee", 5_00)],
        [],
    ]


def test_a_return_waits_until_its_payment_is_known(each_app: Flask) -> None:
    order_id = an_order(**SEPA)
    bank(returned("M6B5zL7i"))
    assert only_payment().unmatched_reason == "not_credited"
    pay(order_id, 100_00, after(1), booked=after(21))
    assert kinds_of(find_receivable(order_id)) == [("payment", -100_00), ("chargeback", 100_00)]
    assert db.session.scalars(select(Payment).where(Payment.order_pk.is_(None))).all() == []


def test_in_one_file_the_return_may_stand_before_its_payment(each_app: Flask) -> None:
    order_id = an_order(**SEPA)
    bank(returned("M6B5zL7i", on=after(2)), an_entry("M6B5zL7i", on=after(1)))
    assert [kind for kind, _ in kinds_of(find_receivable(order_id))] == ["payment", "chargeback"]


def test_an_invoice_that_is_paid_back_goes_on_where_it_was(each_app: Flask) -> None:
    order_id = an_order(**ORDER_ID)
    pay(order_id, 100_00, after(1))
    bank(returned(order_id, on=after(4)))
    assert read_receivable(find_receivable(order_id)).charged_back_on is None
    play_until(after(10))
    assert read_case(find_case(find_receivable(order_id))).status == "running"


def test_a_return_that_comes_twice_is_one(each_app: Flask) -> None:
    order_id = an_order(**SEPA)
    pay(order_id, 100_00, after(1))
    entry = returned(order_id, 40_00)
    assert [bank(entry).new, bank(dataclasses.replace(entry, row=7)).new] == [1, 0]
    assert kinds_of(find_receivable(order_id)) == [("payment", -100_00), ("chargeback", 40_00)]
