"""A statement and the platform's events speak of the same orders: whatever comes first, money is booked once."""

import datetime as dt

import pytest
from flask import Flask

from dunning.actions.orders.take_events import apply_inbox
from tests.actions.money.test_bank_payments import an_entry, bank, kinds_of, last_payment, returned
from tests.builders import a_desk, a_vendor, after, find_receivable, read_receivable
from tests.events import an_ipn, put_event, write_ipn

pytestmark = pytest.mark.usefixtures("quick_press")
ORDER_ID = "M6B5zL7i"
PLAN = {"payment_plan": "breakdown_payment", "total_number_of_payments": 3}


def arrive(vendor_id: int, event_type: str, transaction: str, day: int = 0, **changes) -> None:
    """An event comes in and is applied."""
    on = after(day)
    told = {
        "transaction_id": transaction,
        "transaction_date": on.isoformat(),
        "transaction_processed_at": f"{on}T10:00:00",
        "transaction_amount": 100,
        "payment_method": "sepa",
    }
    put_event(
        vendor_id,
        write_ipn(an_ipn(event_type, **told | changes)),
        dt.datetime.combine(on, dt.time(9), dt.UTC),
    )
    assert apply_inbox(a_desk(on)) == 0


def test_an_event_after_the_statement_may_be_the_same_payment(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "pending", "T1")
    bank(an_entry(ORDER_ID, on=after(2)))
    arrive(vendor_id, "made", "T1", 3)
    assert last_payment().unmatched_reason == "possibly_same"
    assert kinds_of(find_receivable(ORDER_ID)) == [("payment", -100_00)]


def test_money_waits_for_a_rate_that_an_event_brings(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "pending", "T1", rate_number=1, **PLAN)
    bank(an_entry(f"{ORDER_ID} Rate 2", on=after(2)))
    assert last_payment().unmatched_reason == "unknown_rate"
    arrive(vendor_id, "pending", "T2", 30, rate_number=2, **PLAN)
    assert kinds_of(find_receivable(ORDER_ID, 2)) == [("payment", -100_00)]


def test_money_waits_for_an_order_that_an_event_brings(each_app: Flask) -> None:
    vendor_id = a_vendor()
    bank(an_entry("Bestellung M6B5 zL7i"))
    arrive(vendor_id, "pending", "T1", 1)
    assert kinds_of(find_receivable(ORDER_ID)) == [("payment", -100_00)]


def test_what_the_bank_returns_is_taken_from_what_an_event_told(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "made", "T1", 1)
    bank(returned(ORDER_ID, return_fee_cents=4_00))
    receivable_id = find_receivable(ORDER_ID)
    assert kinds_of(receivable_id) == [("payment", -100_00), ("chargeback", 100_00), ("return_fee", 4_00)]
    assert read_receivable(receivable_id).charged_back_on == after(20)


def test_a_return_before_the_event_of_its_payment_waits_for_it(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "pending", "T1", 1)
    bank(returned(ORDER_ID))
    assert last_payment().unmatched_reason == "not_credited"
    arrive(vendor_id, "made", "T1", 21, transaction_date=after(1).isoformat())
    assert kinds_of(find_receivable(ORDER_ID)) == [("payment", -100_00), ("chargeback", 100_00)]


def test_bank_and_event_tell_of_one_return_and_nothing_is_owed_twice(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "made", "T1", 1)
    arrive(vendor_id, "charged_back", "T2", 19)
    bank(returned(ORDER_ID))
    assert last_payment().unmatched_reason == "not_credited"
    assert sum(cents for _, cents in kinds_of(find_receivable(ORDER_ID))) == 0
