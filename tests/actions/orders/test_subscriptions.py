"""A subscription that is cancelled ends what is due later, and nothing before."""

import pytest
from flask import Flask

from dunning.records import db
from tests.actions.orders.telling import ORDER, PLAN, tell
from tests.builders import (
    a_vendor,
    after,
    find_case,
    find_receivable,
    play_until,
    read_case,
    read_dossier,
    read_order,
    read_receivable,
)

pytestmark = pytest.mark.usefixtures("quick_press")


SUBSCRIPTION = {"payment_plan": "abonnement", "total_number_of_payments": None}


def a_subscription(vendor_id: int, on: int = 0, **plan) -> None:
    """Three months, the first of which is not paid."""
    for rate in (1, 2, 3):
        tell(vendor_id, "pending", 30 * (rate - 1), on=on, rate_number=rate, **(SUBSCRIPTION | plan))


def list_ended() -> list[bool]:
    db.session.rollback()
    return [read_receivable(find_receivable(ORDER, rate)).cancelled_on is not None for rate in (1, 2, 3)]


def test_a_cancelled_subscription_ends_what_is_due_later_and_no_arrears(each_app: Flask) -> None:
    vendor_id = a_vendor()
    a_subscription(vendor_id)
    play_until(after(15))
    tell(vendor_id, "recurring.cancelled", 16, None, on=16, is_cancelled_for=after(40).isoformat())
    assert list_ended() == [False, False, True]
    play_until(after(75))
    cases = [read_case(find_case(find_receivable(ORDER, rate))).status for rate in (1, 2)]
    assert "cancelled" not in cases
    assert [bool(read_dossier(find_receivable(ORDER, rate)).steps) for rate in (2, 3)] == [True, False]


def test_without_a_day_the_subscription_ends_on_that_of_the_event(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "recurring.cancelled", 16, None, on=16)
    a_subscription(vendor_id, on=16)
    assert list_ended() == [False, True, True]


def test_a_notice_that_is_moved_brings_its_periods_back(each_app: Flask) -> None:
    vendor_id = a_vendor()
    a_subscription(vendor_id)
    for day, until in ((16, 20), (17, 45)):
        tell(vendor_id, "recurring.cancelled", day, None, on=day, is_cancelled_for=after(until).isoformat())
    assert list_ended() == [False, False, True]
    play_until(after(45))
    assert read_dossier(find_receivable(ORDER, 2)).steps != []


def test_what_is_paid_in_instalments_stays_owed_in_full(each_app: Flask) -> None:
    vendor_id = a_vendor()
    a_subscription(vendor_id, **PLAN)
    tell(vendor_id, "recurring.cancelled", 16, None, on=16)
    assert (list_ended(), read_order(find_receivable(ORDER)).cancelled_on) == ([False] * 3, None)


@pytest.mark.parametrize("plan", [None, "monthly"])
def test_where_nobody_tells_the_plan_no_arrears_end_either(each_app: Flask, plan: str | None) -> None:
    vendor_id = a_vendor()
    a_subscription(vendor_id, payment_plan=plan)
    tell(vendor_id, "recurring.cancelled", 40, None, on=40, payment_plan=plan)
    assert (list_ended(), read_order(find_receivable(ORDER)).cancelled_on) == ([False, False, True], None)


@pytest.mark.parametrize("until", [None, "", "soon", True, ["2026-12-31"]])
def test_a_day_of_the_end_that_nobody_can_read_is_that_of_the_event(app: Flask, until: object) -> None:
    vendor_id = a_vendor()
    a_subscription(vendor_id)
    tell(vendor_id, "recurring.cancelled", 31, None, on=31, is_cancelled_for=until)
    assert list_ended() == [False, False, True]
