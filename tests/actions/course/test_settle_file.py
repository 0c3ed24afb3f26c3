"""The ledger follows from what became known, whenever that was; every correction names the entry it corrects."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.course.allocate import settle_dossier
from dunning.actions.dossier.dossier import open_dossier
from dunning.jobs.carry import letter
from dunning.records import db
from dunning.records.cases import Letter
from dunning.work import begin_work
from tests.builders import (
    a_case,
    a_desk,
    after,
    an_order,
    an_order_row,
    find_receivable,
    import_rows,
    ledger_of,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    read_order,
)

pytestmark = pytest.mark.usefixtures("quick_press")


def report(receivable_id: int, status: str, on: dt.date) -> None:
    """The order comes in again with another payment status."""
    order = read_order(receivable_id)
    row = an_order_row(order.vendor_id, order_id=order.order_id)
    import_rows(replace(row, payment_status=status), on=on)


def corrections_of(receivable_id: int) -> list[tuple[int, tuple]]:
    """Cents of every reversal with the entry it points at, oldest first."""
    entries = {entry.id: entry for entry in read_dossier(receivable_id).entries}
    named = [(entry, entries[entry.reverses_id]) for entry in entries.values() if entry.reverses_id]
    return [(entry.cents, (target.kind, target.cents, target.value_date)) for entry, target in named]


def test_a_payment_known_late_takes_back_the_fee_of_a_letter_that_was_not_due_any_more(
    each_app: Flask,
) -> None:
    case_id = a_case("running", day=22)
    pay(order_of(case_id).order_id, 100_00, after(18), booked=after(22))
    receivable_id = read_case(case_id).receivable_id
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)
    assert corrections_of(receivable_id) == [(-1_00, ("fee", 1_00, after(20)))]
    assert ledger_of(receivable_id)[-1] == ("reversal", -1_00, after(20))


def test_a_payment_known_late_is_allocated_as_of_its_value_date(each_app: Flask) -> None:
    """Three days on 10,000 EUR were posted; two of them ran on half of it, less the interest of the first."""
    case_id = a_case("running", day=19, amount_cents=10_000_00)
    order_id, receivable_id = order_of(case_id).order_id, read_case(case_id).receivable_id
    pay(order_id, 100_00, after(21))
    posted = next(cents for kind, cents, _ in ledger_of(receivable_id) if kind == "interest")
    pay(order_id, 5_000_00, after(19), booked=after(23))
    kind, cents, value_date = ledger_of(receivable_id)[-1]
    assert (kind, value_date) == ("reversal", after(21))
    assert corrections_of(receivable_id) == [(cents, ("interest", posted, after(21)))]
    assert ledger_of(receivable_id)[-2] == ("interest", 1_72, after(19))
    assert posted + cents == 1_72  # two days on 5,001.72 EUR


def test_an_earlier_payment_known_late_corrects_a_paid_case_and_leaves_an_overpayment(
    each_app: Flask,
) -> None:
    case_id = a_case("running", day=21)
    order_id, receivable_id = order_of(case_id).order_id, read_case(case_id).receivable_id
    pay(order_id, 100_00, after(22))
    assert ("remainder_forgiven", -1_07, after(22)) in ledger_of(receivable_id)
    pay(order_id, 100_00, after(15), booked=after(24))
    play(after(24))
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents) == ("paid", -100_00)
    assert sorted(corrections_of(receivable_id)) == [
        (-1_00, ("fee", 1_00, after(20))),
        (-7, ("interest", 7, after(22))),
        (1_07, ("remainder_forgiven", -1_07, after(22))),
    ]


@pytest.mark.parametrize("paid_on", [18, 20])
def test_a_payment_known_while_the_letter_goes_out_leaves_no_fee(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch, paid_on: int
) -> None:
    case_id = a_case("running", day=19)
    order_id, finish = order_of(case_id).order_id, letter.finish_letter

    def pay_meanwhile(*claimed_desk_receipt: Any) -> None:
        pay(order_id, 100_00, after(paid_on), booked=after(20))
        finish(*claimed_desk_receipt)

    monkeypatch.setattr(letter, "finish_letter", pay_meanwhile)
    play(after(20))
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents) == ("paid", 0)
    assert (-1_00, ("fee", 1_00, after(20))) in corrections_of(case.receivable_id)


def test_a_letter_about_a_pursued_remainder_says_what_the_ledger_holds(app: Flask) -> None:
    case_id = a_case("running", day=19, amount_cents=10_000_00, vendor={"remainder": "pursue"})
    pay(order_of(case_id).order_id, 10_000_00, after(19))
    play(after(20))
    totals = db.session.scalars(select(Letter.total_cents).order_by(Letter.number)).all()
    ledger = ledger_of(read_case(case_id).receivable_id)
    assert totals == [10_000_00, 1_72]
    assert sum(cents for _, cents, _ in ledger) == 1_72
    assert "fee" not in {kind for kind, _, _ in ledger}


def test_money_known_after_the_refund_it_was_paid_before_is_paid_out(each_app: Flask) -> None:
    order_id = an_order()
    receivable_id = find_receivable(order_id)
    report(receivable_id, "refunded", after(5))
    pay(order_id, 100_00, after(2), booked=after(6))
    play(after(6))
    assert corrections_of(receivable_id) == [(100_00, ("refund", -100_00, after(5)))]
    assert ledger_of(receivable_id)[-1] == ("reversal", 100_00, after(5))
    assert read_order(receivable_id).paid_cents == 0


def test_a_chargeback_restores_the_remainder_and_names_what_was_forgiven(each_app: Flask) -> None:
    case_id = a_case("running", day=21)
    receivable_id = read_case(case_id).receivable_id
    pay(order_of(case_id).order_id, 100_00, after(22))
    report(receivable_id, "charged_back", after(30))
    assert read_case(case_id).outstanding_cents == 101_07
    assert corrections_of(receivable_id) == [(1_07, ("remainder_forgiven", -1_07, after(22)))]


def test_a_chargeback_of_money_paid_twice_leaves_the_case_paid(each_app: Flask) -> None:
    case_id = a_case("paid")
    pay(order_of(case_id).order_id, 100_00, after(12))
    play(after(12))
    report(read_case(case_id).receivable_id, "charged_back", after(20))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == ("paid", 0)


def test_an_overpayment_of_a_case_at_the_partner_shows_and_ends_it(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    pay(order_of(case_id).order_id, 150_00, after(40))
    case = read_case(case_id)
    interest = sum(cents for kind, cents, _ in ledger_of(case.receivable_id) if kind == "interest")
    assert (case.status, case.outstanding_cents) == ("paid", 100_00 + 1_00 + interest - 150_00)


def test_after_handover_the_claim_as_handed_over_decides(each_app: Flask) -> None:
    """A year of interest on 100 EUR is more than the 5.00 EUR that are forgiven; what was handed over is less."""
    case_id = a_case("handed_over")
    pay(order_of(case_id).order_id, 100_00, after(400))
    case = read_case(case_id)
    kind, cents, value_date = ledger_of(case.receivable_id)[-1]
    assert (case.status, case.outstanding_cents) == ("paid", 0)
    assert (kind, value_date) == ("remainder_forgiven", after(400))
    assert cents < -5_00


def test_settling_again_posts_nothing(each_app: Flask) -> None:
    case_id = a_case("running", day=21, paid=60_00)
    receivable_id = read_case(case_id).receivable_id
    before = ledger_of(receivable_id)
    with begin_work(a_desk(after(21))) as work:
        settle_dossier(work, open_dossier(work.session, receivable_id))
    assert ledger_of(receivable_id) == before


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_a_case_that_ended_otherwise_keeps_its_ledger(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    pay(order_of(case_id).order_id, 100_00, after(12))
    play_until(after(13))
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == (status, 0)
    assert [kind for kind, _, _ in ledger_of(read_case(case_id).receivable_id)] == ["principal", "payment"]
