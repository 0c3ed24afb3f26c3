"""Orders come in: new, changed, unchanged; what an import may never undo; payments that came before their order."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask

from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.money.book_payments import Tally, take_payments
from dunning.actions.orders.import_orders import check_orders
from tests.builders import (
    DUE,
    a_case,
    a_desk,
    a_payment_row,
    a_receivable,
    a_vendor,
    after,
    an_actor,
    an_order,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    ledger_of,
    order_of,
    pay,
    play,
    play_until,
    read_case,
    read_case_dossier,
    read_dossier,
    read_history,
    read_order,
    read_receivable,
)

pytestmark = pytest.mark.usefixtures("quick_press")

ADDRESS = Address("Neuer Weg", "7", "", "50674", "Köln", "DE")


def import_again(receivable_id: int, on: dt.date, **changes) -> Tally:
    """The same row with changes; what `a_receivable` made of it stands in `imported`."""
    values = dict(read_receivable(receivable_id).imported)
    days = ("order_date", "due_date")
    values |= {name: dt.date.fromisoformat(values[name]) for name in days if values[name]}
    return import_rows(an_order_row(values.pop("vendor_id"), **values | changes), on=on)


def test_the_same_file_twice_changes_nothing(each_app: Flask) -> None:
    rows = [an_order_row(a_vendor()) for _ in range(3)]
    assert import_rows(*rows) == Tally(read=3, new=3)
    version = read_receivable(find_receivable(rows[0].order_id)).version
    assert import_rows(*rows) == Tally(read=3, unchanged=3)
    receivable_id = find_receivable(rows[0].order_id)
    assert ledger_of(receivable_id) == [("principal", 100_00, DUE)]
    assert read_receivable(receivable_id).version >= version


def test_the_line_of_a_row_in_its_file_is_no_change(each_app: Flask) -> None:
    row = an_order_row(a_vendor())
    import_rows(row)
    assert import_rows(replace(row, row=99)) == Tally(read=1, unchanged=1)


def test_an_unchanged_row_disturbs_nobody_who_is_sending(each_app: Flask) -> None:
    row = an_order_row(a_vendor())
    import_rows(row)
    before = read_receivable(find_receivable(row.order_id)).version
    import_rows(row)
    assert read_receivable(find_receivable(row.order_id)).version == before


def test_new_updated_and_unchanged_rows_are_counted_apart(each_app: Flask) -> None:
    vendor_id = a_vendor()
    same, changed, new = (an_order_row(vendor_id) for _ in range(3))
    import_rows(same, changed)
    assert import_rows(same, replace(changed, product_name="Anderes"), new) == Tally(3, 1, 1, 1)
    assert read_order(find_receivable(changed.order_id)).product_name == "Anderes"


def test_a_changed_amount_is_one_more_entry(each_app: Flask) -> None:
    receivable_id = a_receivable()
    import_again(receivable_id, after(1), amount_cents=80_00)
    assert ledger_of(receivable_id) == [("principal", 100_00, DUE), ("principal", -20_00, DUE)]
    assert read_receivable(receivable_id).original_cents == 80_00
    assert read_order(receivable_id).amount_cents == 80_00


def test_a_case_whose_amount_is_lowered_to_what_was_paid_is_paid(app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    pay(order_of(case_id).order_id, 70_00, after(10))
    assert read_case(case_id).status == "awaiting_approval"
    import_again(read_case(case_id).receivable_id, after(11), amount_cents=70_00)
    case = read_case(case_id)
    assert (case.status, case.outstanding_cents, case.ended_on) == ("paid", 0, after(11))


def test_a_due_date_without_one_is_the_order_date(each_app: Flask) -> None:
    assert read_receivable(a_receivable()).due_date == DUE


def test_a_changed_due_date_moves_the_dunning_date(each_app: Flask) -> None:
    receivable_id = a_receivable()
    import_again(receivable_id, DUE, due_date=after(30))
    play(after(10))
    assert read_receivable(receivable_id).next_step_on == after(31)


def test_an_uncorrected_address_follows_the_import(each_app: Flask) -> None:
    receivable_id = a_receivable(house_number="")
    import_again(receivable_id, after(1), house_number="9")
    assert read_order(receivable_id).buyer.house_number == "9"


def test_a_corrected_address_stays_and_the_imported_one_waits_as_a_proposal(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    correct_address(case_id, ADDRESS, an_actor(case_id), a_desk(after(11)))
    receivable_id = read_case(case_id).receivable_id
    import_again(receivable_id, after(12), email="anna@example.net")
    buyer = read_case_dossier(case_id).buyer
    assert (buyer.street, buyer.proposal, buyer.email) == ("Neuer Weg", None, "anna@example.net")
    import_again(receivable_id, after(13), street="Dritter Weg")
    buyer = read_case_dossier(case_id).buyer
    assert buyer.street == "Neuer Weg"
    assert buyer.proposal["street"] == "Dritter Weg"


def test_an_import_moves_no_case(each_app: Flask) -> None:
    case_id = a_case("awaiting_approval")
    import_again(read_case(case_id).receivable_id, after(11), product_name="Anderes")
    assert read_case(case_id).status == "awaiting_approval"


def test_paid_is_booked_on_the_order_date(each_app: Flask) -> None:
    receivable_id = a_receivable(payment_status="paid", on=after(40))
    assert ledger_of(receivable_id) == [("principal", 100_00, DUE), ("payment", -100_00, DUE)]
    play_until(after(50))
    assert read_receivable(receivable_id).next_step_on is None
    assert read_order(receivable_id).paid_cents == 100_00


def test_the_first_real_payment_takes_the_orders_own_back(each_app: Flask) -> None:
    order_id = an_order(payment_status="paid")
    pay(order_id, 60_00, after(3))
    assert ledger_of(find_receivable(order_id))[2:] == [
        ("payment", -60_00, after(3)),
        ("reversal", 100_00, DUE),
    ]
    assert read_order(find_receivable(order_id)).paid_cents == 60_00
    pay(order_id, 40_00, after(4))
    assert len(ledger_of(find_receivable(order_id))) == 5


def test_an_open_case_whose_order_comes_in_as_paid_is_paid(each_app: Flask) -> None:
    case_id = a_case("running")
    import_again(read_case(case_id).receivable_id, after(11), payment_status="paid")
    assert read_case(case_id).status == "paid"
    play_until(after(40))
    assert [step.kind for step in read_case_dossier(case_id).steps if step.state == "done"][
        -1
    ] == "first_letter"


@pytest.mark.parametrize(
    ("status", "end"), [("awaiting_approval", "closed"), ("running", "cancelled"), ("failed", "closed")]
)
def test_a_refund_in_full_ends_the_case(each_app: Flask, status: str, end: str) -> None:
    case_id = a_case(status)
    import_again(read_case(case_id).receivable_id, after(11), payment_status="refunded")
    case = read_case(case_id)
    assert (case.status, case.ended_on, case.outstanding_cents) == (end, after(11), 0)
    assert read_history(case_id)[-1].reason == "order_refunded"


def test_a_refund_of_what_was_paid_is_paid_out_again(each_app: Flask) -> None:
    order_id = an_order()
    pay(order_id, 100_00, after(2))
    import_again(find_receivable(order_id), after(5), payment_status="refunded")
    assert ledger_of(find_receivable(order_id))[2:] == [
        ("refund", -100_00, after(5)),
        ("reversal", 100_00, after(5)),
    ]
    assert read_order(find_receivable(order_id)).paid_cents == 0


def test_a_refunded_order_is_never_dunned(each_app: Flask) -> None:
    receivable_id = a_receivable(payment_status="refunded")
    play_until(after(20))
    assert read_receivable(receivable_id).next_step_on is None
    assert read_dossier(receivable_id).case is None


def test_a_chargeback_opens_a_case_at_once(each_app: Flask) -> None:
    receivable_id = a_receivable(
        a_vendor(auto_chargebacks=True), payment_method="paypal", payment_status="charged_back", on=after(3)
    )
    play(after(3))
    case = read_dossier(receivable_id).case
    assert (case.status, case.handover_consent, case.handed_over_on) == ("handed_over", "automatic", after(3))
    assert case.outstanding_cents == 100_00


@pytest.mark.parametrize(
    ("settings", "status", "consent"),
    [({}, "awaiting_approval", "none"), ({"auto_chargebacks": True}, "running", "automatic")],
)
def test_a_chargeback_reopens_the_paid_case_as_a_new_round(
    each_app: Flask, settings: dict, status: str, consent: str
) -> None:
    case_id = a_case("paid", vendor=settings)
    import_again(read_case(case_id).receivable_id, after(20), payment_status="charged_back")
    case = read_case(case_id)
    assert (case.status, case.handover_consent, case.round) == (status, consent, 2)
    assert (case.ended_on, case.outstanding_cents) == (None, 100_00)


def test_a_reopened_chargeback_goes_straight_to_the_partner(each_app: Flask) -> None:
    debit = {"payment_method": "sepa", "payment_status": "failed"}
    case_id = a_case("paid", vendor={"auto_chargebacks": True}, **debit)
    import_again(read_case(case_id).receivable_id, after(20), payment_status="charged_back")
    play(after(20))
    assert read_case(case_id).status == "handed_over"


def test_a_chargeback_takes_back_what_was_forgiven(each_app: Flask) -> None:
    case_id = a_case("running", day=21)
    pay(order_of(case_id).order_id, 100_00, after(22))
    receivable_id = read_case(case_id).receivable_id
    assert ("remainder_forgiven", -1_07, after(22)) in ledger_of(receivable_id)
    import_again(receivable_id, after(30), payment_status="charged_back")
    assert ledger_of(receivable_id)[-2:] == [("chargeback", 100_00, after(30)), ("reversal", 1_07, after(30))]


def test_a_chargeback_of_a_paid_claim_returns_to_the_partner(each_app: Flask) -> None:
    case_id = a_case("handed_over")
    pay(order_of(case_id).order_id, 100_00, after(37))
    assert read_case(case_id).status == "paid"
    import_again(read_case(case_id).receivable_id, after(40), payment_status="charged_back")
    assert (read_case(case_id).status, read_case(case_id).round) == ("handed_over", 1)


@pytest.mark.parametrize("status", ["running", "closed", "cancelled"])
def test_a_chargeback_of_an_open_or_ended_case_changes_the_ledger_only(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    import_again(read_case(case_id).receivable_id, after(20), payment_status="charged_back")
    assert (read_case(case_id).status, read_case(case_id).outstanding_cents) == (status, 100_00)


def test_a_cancelled_order_ends_all_its_cases(each_app: Flask) -> None:
    vendor_id = a_vendor()
    order_id = an_order(vendor_id, rates=2)
    play_until(after(45))
    cases = [find_case(find_receivable(order_id, rate)) for rate in (1, 2)]
    import_again(find_receivable(order_id, 2), after(46), payment_status="cancelled")
    assert [read_case(case_id).status for case_id in cases] == ["handed_over", "cancelled"]
    assert order_of(cases[1]).cancelled_on == after(46)


def test_a_rate_that_comes_in_as_cancelled_cancels_its_order(each_app: Flask) -> None:
    vendor_id = a_vendor()
    row = an_order_row(vendor_id, rates=2, payment_plan="breakdown_payment")
    import_rows(row)
    play_until(after(10))
    case_id = find_case(find_receivable(row.order_id))
    cancelled = replace(row, rate_number=2, due_date=after(30), payment_status="cancelled")
    import_rows(cancelled, on=after(12))
    assert (read_case(case_id).status, order_of(case_id).cancelled_on) == ("cancelled", after(12))
    play_until(after(60))
    assert read_dossier(find_receivable(row.order_id, 2)).steps == []


def test_a_real_payment_replaces_as_much_of_the_credit_a_chargeback_implies(each_app: Flask) -> None:
    order_id = an_order(payment_status="charged_back")
    receivable_id = find_receivable(order_id)
    pay(order_id, 60_00, DUE)
    assert sum(cents for _, cents, _ in ledger_of(receivable_id)) == 100_00
    pay(order_id, 40_00, DUE)
    assert sum(cents for kind, cents, _ in ledger_of(receivable_id) if kind == "payment") == -240_00
    assert sum(cents for kind, cents, _ in ledger_of(receivable_id) if kind == "reversal") == 140_00
    pay(order_id, 100_00, after(5))
    assert sum(cents for _, cents, _ in ledger_of(receivable_id)) == 0


def test_an_order_cancelled_before_anything_happened_gets_no_steps(each_app: Flask) -> None:
    receivable_id = a_receivable(payment_status="cancelled")
    play_until(after(20))
    assert read_dossier(receivable_id).steps == []


def test_a_failed_debit_takes_the_full_way_from_its_due_date(each_app: Flask) -> None:
    receivable_id = a_receivable(payment_method="sepa", payment_status="failed")
    play_until(after(10))
    assert read_dossier(receivable_id).case.status == "running"


def test_an_unknown_vendor_and_anothers_order_are_objected_to_by_row(each_app: Flask) -> None:
    mine, other = a_vendor(), a_vendor()
    order_id = an_order(mine)
    rows = [
        an_order_row(mine, order_id=order_id, row=2),
        an_order_row(other, order_id=order_id, row=3),
        an_order_row(5, row=4),
    ]
    found = [(o.row, o.column, o.code, o.value) for o in check_orders(rows)]
    assert found == [(3, "order_id", "other_vendor", order_id), (4, "vendor_id", "unknown_vendor", "5")]


def test_payments_before_their_order_wait_and_are_booked_with_it(each_app: Flask) -> None:
    row = an_order_row(a_vendor())
    take_payments([a_payment_row(row.order_id, 100_00, after(1))], a_desk(after(1)), source="csv")
    import_rows(row, on=after(2))
    assert ledger_of(find_receivable(row.order_id))[1] == ("payment", -100_00, after(1))
    play_until(after(20))
    assert read_dossier(find_receivable(row.order_id)).case is None


def test_a_payment_in_another_currency_waits_for_a_person(each_app: Flask) -> None:
    order_id = an_order()
    take_payments([a_payment_row(order_id, 100_00, currency="CHF")], a_desk(), source="csv")
    assert len(ledger_of(find_receivable(order_id))) == 1


def test_an_order_knows_its_amount_before_all_its_rates_are_in(each_app: Flask) -> None:
    vendor_id = a_vendor()
    row = an_order_row(vendor_id, rates=4, payment_plan="breakdown_payment", amount_cents=25_00)
    import_rows(row)
    assert read_order(find_receivable(row.order_id)).amount_cents == 100_00
    import_rows(replace(row, rate_number=2, due_date=after(30)))
    assert read_order(find_receivable(row.order_id)).amount_cents == 100_00
