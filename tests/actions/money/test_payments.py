"""Money: each payment is booked once, the oldest receivable first; what covers a claim ends its case."""

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.money.book_payments import Tally, take_payments
from dunning.records import db
from dunning.records.orders import Payment
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_payment_row,
    a_receivable,
    a_vendor,
    after,
    an_order,
    find_receivable,
    ledger_of,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    read_history,
    read_order,
    states_of,
)

pytestmark = pytest.mark.usefixtures("quick_press")


def book(*rows, on=DUE) -> Tally:
    return take_payments(rows, a_desk(on), source="csv")


def test_the_same_file_twice_books_each_payment_once(each_app: Flask) -> None:
    rows = [a_payment_row(an_order(), 40_00), a_payment_row(an_order(), 50_00)]
    assert book(*rows) == Tally(read=2, new=2)
    assert book(*rows) == Tally(read=2, unchanged=2)
    assert ledger_of(find_receivable(rows[0].order_id)) == [
        ("principal", 100_00, DUE),
        ("payment", -40_00, DUE),
    ]


def test_two_equal_payments_stay_two(each_app: Flask) -> None:
    order_id = an_order()
    book(a_payment_row(order_id, 30_00, identity="line:1"), a_payment_row(order_id, 30_00, identity="line:2"))
    assert read_order(find_receivable(order_id)).paid_cents == 60_00


def test_without_a_rate_the_oldest_due_receivable_comes_first(each_app: Flask) -> None:
    order_id = an_order(rates=3)
    pay(order_id, 150_00, after(1))
    paid = [read_dossier(find_receivable(order_id, rate)).receivable.paid_cents for rate in (1, 2, 3)]
    assert paid == [100_00, 50_00, 0]
    assert read_order(find_receivable(order_id)).paid_cents == 150_00


def test_the_interest_of_the_oldest_comes_before_the_next_rate(app: Flask) -> None:
    """10,000 EUR bear 1.72 EUR a day from the second day after the first letter's deadline on: two days' 3.44 EUR."""
    order_id = an_order(a_vendor(remainder="pursue"), rates=2, amount_cents=10_000_00)
    play_until(after(19))
    pay(order_id, 10_003_00, after(20))
    paid = [read_dossier(find_receivable(order_id, rate)).receivable.paid_cents for rate in (1, 2)]
    assert paid == [10_003_00, 0]


def test_with_a_rate_only_that_one_is_paid(each_app: Flask) -> None:
    order_id = an_order(rates=2)
    book(a_payment_row(order_id, 100_00, rate_number=2))
    assert [len(ledger_of(find_receivable(order_id, rate))) for rate in (1, 2)] == [1, 2]


def test_a_rate_nobody_knows_waits_for_a_person(each_app: Flask) -> None:
    order_id = an_order()
    book(a_payment_row(order_id, rate_number=7))
    assert len(ledger_of(find_receivable(order_id))) == 1
    assert db.session.scalars(select(Payment)).one().order_pk is None


def test_more_than_is_owed_shows_as_overpaid(each_app: Flask) -> None:
    case_id = a_case("running")
    pay(order_of(case_id).order_id, 130_00, after(11))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", -30_00)


def test_money_that_comes_back_is_owed_again(each_app: Flask) -> None:
    order_id = an_order()
    pay(order_id, 100_00, after(1))
    pay(order_id, -100_00, after(4))
    play_until(after(10))
    assert read_dossier(find_receivable(order_id)).case.outstanding_cents == 100_00


def test_a_payment_before_a_case_exists_is_only_recorded(each_app: Flask) -> None:
    order_id = an_order()
    pay(order_id, 100_00, after(2))
    assert read_dossier(find_receivable(order_id)).case is None
    play_until(after(40))
    assert states_of(find_receivable(order_id)) == {"service_call": "superseded"}


def test_a_payment_ends_an_open_case_in_the_same_transaction(each_app: Flask) -> None:
    case_id = a_case("running")
    pay(order_of(case_id).order_id, 100_00, after(11))
    case = read_case(case_id)
    assert (case.status, case.ended_on, case.outstanding_cents) == ("paid", after(11), 0)
    assert read_history(case_id)[-1].verb == "pay"


@pytest.mark.parametrize(
    "status", ["awaiting_approval", "failed", "blocked", "ready_for_handover", "handed_over"]
)
def test_a_covering_payment_ends_a_case_of_any_open_status(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    pay(order_of(case_id).order_id, 200_00, after(37))
    assert read_case(case_id).status == "paid"


def test_a_later_value_date_does_not_count_yet(each_app: Flask) -> None:
    case_id = a_case("running")
    order_id = order_of(case_id).order_id
    pay(order_id, 100_00, after(14), booked=after(11))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("running", 100_00)
    play(after(13))
    assert read_case(case_id).status == "running"
    play(after(14))
    assert (read_case(case_id).status, read_case(case_id).ended_on) == ("paid", after(14))


def test_a_part_leaves_the_case_open_and_its_steps_go_on(each_app: Flask) -> None:
    case_id = a_case("running", day=21, paid=60_00)
    assert read_case(case_id).status == "running"
    assert states_of(read_case(case_id).receivable_id)["second_letter"] == "done"


def test_an_allocation_posts_the_interest_up_to_the_day_before(each_app: Flask) -> None:
    case_id = a_case("running", day=19)
    pay(order_of(case_id).order_id, 50_00, after(21))
    entries = ledger_of(read_case(case_id).receivable_id)
    # 20 to 22 January: 3 days, 100 € at 6.27 %, ACT/ACT
    assert ("interest", 5, after(21)) in entries


@pytest.mark.parametrize(
    ("remainder", "cents", "status"),
    [
        ("forgive_small", 100_00, "paid"),
        ("forgive_small", 99_00, "running"),
        ("pursue", 100_00, "running"),
        ("pursue", 102_00, "paid"),
        ("forgive", 100_00, "paid"),
    ],
)
def test_what_is_left_after_the_principal_follows_the_vendors_choice(
    each_app: Flask, remainder: str, cents: int, status: str
) -> None:
    case_id = a_case("running", day=21, vendor={"remainder": remainder})
    pay(order_of(case_id).order_id, cents, after(22))
    case = read_case(case_id)
    assert case.status == status
    assert (case.outstanding_cents <= 0) == (status == "paid")


def test_forgiving_posts_the_interest_and_one_entry_over_the_rest(each_app: Flask) -> None:
    case_id = a_case("running", day=21)
    pay(order_of(case_id).order_id, 100_00, after(22))
    assert ledger_of(read_case(case_id).receivable_id)[1:] == [
        ("fee", 1_00, after(20)),
        ("payment", -100_00, after(22)),
        ("interest", 7, after(22)),
        ("remainder_forgiven", -1_07, after(22)),
    ]
    assert read_case(case_id).outstanding_cents == 0


def test_a_small_rest_that_is_pursued_is_never_handed_over(each_app: Flask) -> None:
    case_id = a_case("running", day=21, vendor={"remainder": "pursue"})
    pay(order_of(case_id).order_id, 100_00, after(22))
    play_until(after(45))
    assert read_case(case_id).status == "running"


def test_a_second_payment_on_an_ended_case_is_allocated_by_the_next_run(each_app: Flask) -> None:
    case_id = a_case("paid")
    pay(order_of(case_id).order_id, 25_00, after(12))
    play(after(12))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", -25_00)


def test_a_payment_drops_the_calls_nobody_made(each_app: Flask) -> None:
    case_id = a_case("running", day=11)
    assert states_of(read_case(case_id).receivable_id)["first_call"] == "planned"
    pay(order_of(case_id).order_id, 100_00, after(12))
    assert states_of(read_case(case_id).receivable_id)["first_call"] == "superseded"


def test_a_payment_of_one_vendor_touches_no_other(each_app: Flask) -> None:
    mine, other = a_receivable(a_vendor()), a_receivable(a_vendor())
    pay(read_order(mine).order_id, 100_00, after(1))
    assert len(ledger_of(other)) == 1
