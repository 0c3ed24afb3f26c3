"""Events become orders, receivables and ledgers: every type of event, early and late, with and without a file."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from dunning.actions.case.correct_address import Address, correct_address
from dunning.actions.money.book_payments import take_payments
from dunning.actions.money.order_money import list_standing
from dunning.actions.orders.inbox import apply_again
from dunning.actions.orders.take_events import apply_inbox, apply_order
from dunning.actions.run_day import run_day
from dunning.records import db
from dunning.records.orders import Order, Payment
from dunning.records.queries.cases.filter import CaseFilter
from dunning.records.queries.vendors.events import (
    count_events,
    count_stuck,
    find_event,
    find_events,
)
from dunning.rules.incoming import name_transaction
from dunning.rules.orders.events import thaw_event
from dunning.work import Actor
from tests.actions.orders.telling import ORDER, PLAN, arrive, ledger, outstanding, states, tell
from tests.builders import (
    DUE,
    a_desk,
    a_payment_row,
    a_user,
    a_vendor,
    after,
    an_order_row,
    find_case,
    find_receivable,
    import_rows,
    ledger_of,
    pay,
    play,
    play_until,
    read_case,
    read_dossier,
    read_history,
    read_order,
    read_receivable,
)
from tests.events import read_inbox

pytestmark = pytest.mark.usefixtures("quick_press")

# --- Each type of event ---


def test_a_pending_sale_is_an_order_with_its_receivable(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending", 0, "100.50", due_date="2026-01-16")
    receivable = read_receivable(find_receivable(ORDER))
    order, buyer = receivable.order, receivable.order.buyer
    assert (order.vendor_id, order.order_date, order.payment_method) == (vendor_id, DUE, "invoice")
    assert (order.payment_plan, order.rates, order.currency) == ("one_time_payment", 1, "EUR")
    assert (order.amount_cents, order.paid_cents, order.product_id) == (100_50, 0, "4711")
    assert (buyer.first_name, buyer.last_name, buyer.company) == ("Anna", "Muster", "")
    assert (buyer.street, buyer.house_number, buyer.zipcode, buyer.city) == (
        "Am Beispielbach",
        "4",
        "80804",
        "München",
    )
    assert (receivable.due_date, receivable.original_cents) == (dt.date(2026, 1, 16), 100_50)
    assert ledger_of(receivable.id) == [("principal", 100_50, DUE)]
    (row,) = read_inbox()
    assert (row.state, row.reason, row.applied_at is None) == ("applied", "", False)


def test_silence_after_a_pending_invoice_is_dunned(each_app: Flask) -> None:
    arrive(a_vendor(), "pending")
    play(DUE)
    play_until(after(10))
    assert read_case(find_case(find_receivable(ORDER))).status == "running"


def test_a_sale_that_was_paid_owes_nothing(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    tell(vendor_id, "made", 3)
    assert ledger() == {("principal", DUE): 100_00, ("payment", after(3)): -100_00}
    assert read_order(find_receivable(ORDER)).paid_cents == 100_00
    play_until(after(20))
    assert read_dossier(find_receivable(ORDER)).case is None


def test_a_payment_of_a_running_case_covers_it(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    play_until(after(10))
    case_id = find_case(find_receivable(ORDER))
    tell(vendor_id, "made", 11, on=11)
    assert (read_case(case_id).status, read_case(case_id).ended_on) == ("paid", after(11))


def test_a_failed_debit_counts_from_the_day_it_failed(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending", payment_method="sepa", on=0)
    tell(vendor_id, "failed", 4, payment_method="sepa", on=4)
    assert read_receivable(find_receivable(ORDER)).failed_on == after(4)
    play_until(after(13))
    assert read_dossier(find_receivable(ORDER)).case is None
    play_until(after(14))
    assert read_case(find_case(find_receivable(ORDER))).status == "running"


@pytest.mark.parametrize("cents", [-100, 100])
def test_a_refund_in_full_ends_the_case(each_app: Flask, cents: int) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    play_until(after(10))
    tell(vendor_id, "refunded", 12, cents, on=12)
    case = read_case(find_case(find_receivable(ORDER)))
    assert (case.status, case.outstanding_cents, case.ended_on) == ("cancelled", 0, after(12))
    assert read_history(case.id)[-1].reason == "order_refunded"
    assert ledger()["refund", after(12)] == -100_00


def test_a_part_refund_lowers_the_claim_and_is_paid_out_as_far_as_it_was_paid(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    tell(vendor_id, "refunded", 5, -30)
    assert outstanding() == 70_00
    tell(vendor_id, "made", 4, 100)
    assert ledger()["payout", after(5)] == 30_00
    assert outstanding() == 0


def test_a_chargeback_opens_a_case_at_once(each_app: Flask) -> None:
    vendor_id = a_vendor(auto_chargebacks=True)
    for event_type, day in (("pending", 0), ("made", 1), ("charged_back", 6)):
        tell(vendor_id, event_type, day, payment_method="paypal", on=6)
    play(after(6))
    case = read_case(find_case(find_receivable(ORDER)))
    assert (case.status, case.opened_on, case.outstanding_cents) == ("handed_over", after(6), 100_00)


def test_a_chargeback_reopens_the_paid_case_with_its_history(each_app: Flask) -> None:
    vendor_id = a_vendor()
    sepa = {"payment_method": "sepa"}
    tell(vendor_id, "failed", **sepa)
    play_until(after(10))
    case_id = find_case(find_receivable(ORDER))
    tell(vendor_id, "made", 11, on=11, **sepa)
    tell(vendor_id, "charged_back", 20, on=20, **sepa)
    assert (read_case(case_id).status, read_case(case_id).round) == ("awaiting_approval", 2)
    assert [row.to_status for row in read_history(case_id) if row.to_status] == [
        "running",
        "paid",
        "awaiting_approval",
    ]


def test_a_payment_and_its_chargeback_that_come_together_never_pay_the_case(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    play_until(after(10))
    arrive(vendor_id, "made", 11)
    tell(vendor_id, "charged_back", 12, on=13)
    case_id = find_case(find_receivable(ORDER))
    assert [row.to_status for row in read_history(case_id) if row.to_status] == ["running"]
    assert read_case(case_id).outstanding_cents == 100_00


def test_a_chargeback_before_its_sale_opens_nothing_and_waits(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "charged_back", 20, payment_method="paypal")
    assert states() == [("waiting", "sale unknown")]
    assert db.session.scalars(select(Order)).all() == []
    db.session.rollback()
    tell(vendor_id, "pending", payment_method="paypal")
    assert states() == [("applied", ""), ("applied", "")]
    assert (outstanding(19), outstanding(20)) == (0, 100_00)
    assert read_receivable(find_receivable(ORDER)).charged_back_on == after(20)


def test_a_chargeback_implies_the_credit_until_the_payment_is_known(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    tell(vendor_id, "charged_back", 20)
    assert ledger() == {
        ("principal", DUE): 100_00,
        ("payment", DUE): -100_00,
        ("chargeback", after(20)): 100_00,
    }
    tell(vendor_id, "made", 3)
    assert ledger() == {
        ("principal", DUE): 100_00,
        ("payment", after(3)): -100_00,
        ("chargeback", after(20)): 100_00,
    }


def test_an_announced_instalment_is_reminded_of_before_it_is_due(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "made", on=0, rate_number=1, **PLAN)
    announced = {"rate_number": 2, "next_payment_at": after(30).isoformat(), **PLAN}
    tell(vendor_id, "recurring.upcoming", 20, on=20, **announced)
    assert read_receivable(find_receivable(ORDER, 2)).due_date == after(30)
    play_until(after(25))
    assert [step.kind for step in read_dossier(find_receivable(ORDER, 2)).steps] == ["upcoming_reminder"]


def test_a_trial_and_what_nobody_knows_are_ignored_with_the_reason(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "trial", 0, 0)
    tell(vendor_id, "hiccup", 1, 0)
    assert states() == [("ignored", "a trial owes nothing"), ("ignored", "unknown event type")]


@pytest.mark.parametrize("changes", [{"test_payment": True}, {"payment_method": "test"}])
def test_a_test_payment_is_never_dunned(each_app: Flask, changes: dict) -> None:
    tell(a_vendor(), "pending", **changes)
    play_until(after(30))
    assert read_dossier(find_receivable(ORDER)).steps == []


def test_of_six_instalments_two_overdue_are_two_cases_of_one_order(each_app: Flask) -> None:
    vendor_id = a_vendor()
    for rate in (1, 2, 3):
        tell(vendor_id, "pending", 30 * (rate - 1), 50, on=0, rate_number=rate, **PLAN)
    tell(vendor_id, "made", 2, 50, on=2, rate_number=1, **PLAN)
    play_until(after(72))
    papers = [read_dossier(find_receivable(ORDER, rate)) for rate in (1, 2, 3)]
    assert [paper.case and paper.case.status for paper in papers] == [None, "handed_over", "running"]
    order = papers[0].order
    assert (order.amount_cents, order.paid_cents) == (300_00, 50_00)


# --- The same once, and never more than what changed ---


def test_an_event_that_came_before_disturbs_nobody(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending", transaction_id="T")
    before = read_receivable(find_receivable(ORDER)).version
    tell(vendor_id, "pending", transaction_id="T")
    assert read_receivable(find_receivable(ORDER)).version == before
    assert len(states()) == 1


def test_what_events_tell_anew_is_written_and_nothing_else(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending", buyer_lastname="Alt", product_name="Kurs")
    import_rows(an_order_row(vendor_id, order_id=ORDER, product_name="Aus der Datei", last_name="Alt"))
    tell(vendor_id, "failed", 5, buyer_lastname="Neu", product_name="Kurs")
    order = read_order(find_receivable(ORDER))
    assert (order.buyer.last_name, order.product_name) == ("Neu", "Aus der Datei")
    assert order.buyer.search_text == " anna neu "


def test_a_corrected_address_stays_and_the_new_one_waits_as_a_proposal(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    play_until(after(10))
    case_id = find_case(find_receivable(ORDER))
    actor = Actor("vendor", a_user(vendor_id=vendor_id), vendor_id)
    correct_address(case_id, Address("Neuer Weg", "7", "", "50674", "Köln", "DE"), actor, a_desk(after(11)))
    tell(vendor_id, "failed", 12)
    assert read_order(find_receivable(ORDER)).buyer.proposal is None
    import_rows(an_order_row(vendor_id, order_id=ORDER), on=after(12))
    assert read_order(find_receivable(ORDER)).buyer.proposal is None
    tell(vendor_id, "failed", 13, buyer_street="Dritter Weg")
    buyer = read_order(find_receivable(ORDER)).buyer
    assert (buyer.street, buyer.proposal["street"], buyer.proposal["city"]) == (
        "Neuer Weg",
        "Dritter Weg",
        "München",
    )


def test_a_refund_without_a_rate_is_shared_anew_when_another_rate_gets_known(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending", 30, 50, rate_number=2, **PLAN)
    tell(vendor_id, "refunded", 40, 80)
    assert ledger(2)["refund", after(40)] == -80_00
    tell(vendor_id, "pending", 0, 50, rate_number=1, **PLAN)
    assert ledger(1)["refund", after(40)] == -50_00
    assert ledger(2)["refund", after(40)] == -30_00


def test_what_takes_money_back_waits_for_its_day(each_app: Flask) -> None:
    vendor_id = a_vendor()
    arrive(vendor_id, "pending")
    arrive(vendor_id, "refunded", 15)
    run_day(a_desk(after(0)))
    assert states() == [("applied", ""), ("waiting", "its day has not come")]
    play_until(after(14))
    case_id = find_case(find_receivable(ORDER))
    version = read_receivable(find_receivable(ORDER)).version
    run_day(a_desk(after(14)))
    assert (read_case(case_id).status, read_receivable(find_receivable(ORDER)).version) == (
        "running",
        version,
    )
    run_day(a_desk(after(15)))
    assert (read_case(case_id).status, states()[1]) == ("cancelled", ("applied", ""))


# --- Whose it is ---


def test_an_order_of_another_vendor_is_left_alone(each_app: Flask) -> None:
    vendor_id, other = a_vendor(), a_vendor()
    tell(vendor_id, "pending")
    tell(other, "made", 3, transaction_id="T-other")
    assert states()[1] == ("ignored", "the order belongs to another vendor")
    assert read_order(find_receivable(ORDER)).vendor_id == vendor_id
    assert ledger() == {("principal", DUE): 100_00}


def test_a_poison_order_is_set_aside_and_stops_nobody_else(each_app: Flask, monkeypatch) -> None:
    vendor_id = a_vendor()
    for number in range(1, 4):
        arrive(vendor_id, "pending", order_id=f"A{number}")

    def choke(vendor: int, order_id: str, desk) -> None:
        if order_id == "A2":
            raise ValueError("poison")
        apply_order(vendor, order_id, desk)

    with monkeypatch.context() as patched:
        patched.setattr("dunning.actions.orders.take_events.apply_order", choke)
        assert apply_inbox(a_desk()) == 1
        assert states() == [("applied", ""), ("new", "ValueError('poison')"), ("applied", "")]
        assert apply_inbox(a_desk()) == 0
    assert apply_inbox(a_desk(), again=True) == 0
    assert states()[1] == ("applied", "")


# --- One order, told by events and by files ---


def test_a_file_that_brings_the_sale_wakes_what_waits_for_it(each_app: Flask) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "refunded", 15, -40)
    import_rows(an_order_row(vendor_id, order_id=ORDER))
    assert apply_inbox(a_desk(after(20))) == 0
    assert (states(), outstanding()) == ([("applied", "")], 60_00)


@pytest.mark.parametrize("file_first", [True, False])
def test_a_payment_known_from_a_file_and_an_event_is_one(each_app: Flask, file_first: bool) -> None:
    vendor_id = a_vendor()
    row = a_payment_row(
        ORDER,
        100_00,
        after(3),
        transaction_id="T9",
        identity=name_transaction("T9", ORDER, 100_00),
        rate_number=1,
    )
    if file_first:
        take_payments([row], a_desk(after(3)), source="csv")
    tell(vendor_id, "pending")
    tell(vendor_id, "made", 3, transaction_id="T9")
    if not file_first:
        take_payments([row], a_desk(after(5)), source="csv")
    assert ledger() == {("principal", DUE): 100_00, ("payment", after(3)): -100_00}
    assert len(db.session.scalars(select(Payment)).all()) == 1


@pytest.mark.parametrize("kind", ["refund", "chargeback"])
@pytest.mark.parametrize("file_first", [True, False])
def test_money_back_known_from_a_file_and_an_event_is_one(app: Flask, kind: str, file_first: bool) -> None:
    event = {"refund": "refunded", "chargeback": "charged_back"}[kind]
    vendor_id, identity = a_vendor(), name_transaction("R9", ORDER, -40_00)
    row = a_payment_row(ORDER, -40_00, after(6), transaction_id="R9", identity=identity)
    tell(vendor_id, "made", 3)
    if file_first:
        take_payments([row], a_desk(after(6)), source="csv")
    tell(vendor_id, event, 6, 40, transaction_id="R9")
    if not file_first:
        take_payments([row], a_desk(after(7)), source="csv")
    told = [
        (entry.kind, entry.cents)
        for entry in list_standing(read_dossier(find_receivable(ORDER)), kind, "chargeback")
    ]
    assert told == [(kind, -40_00 if kind == "refund" else 40_00)]
    assert outstanding() == (0 if kind == "refund" else 40_00)


@pytest.mark.parametrize("status", ["pending", "paid", "failed", "refunded", "charged_back"])
@pytest.mark.parametrize("file_first", [True, False])
def test_events_know_the_amount_and_the_day_better_than_a_files_status(
    each_app: Flask, status: str, file_first: bool
) -> None:
    vendor_id = a_vendor()
    row = an_order_row(vendor_id, order_id=ORDER, payment_status=status)
    if file_first:
        import_rows(row, on=after(60))
    for event_type, day, amount in (("made", 3, 100), ("refunded", 20, 10), ("charged_back", 30, 40)):
        tell(vendor_id, event_type, day, amount)
    if not file_first:
        import_rows(row, on=after(60))
    assert ledger() == {
        ("principal", DUE): 100_00,
        ("payment", after(3)): -100_00,
        ("refund", after(20)): -10_00,
        ("payout", after(20)): 10_00,
        ("chargeback", after(30)): 40_00,
    }
    assert outstanding() == 40_00
    assert read_receivable(find_receivable(ORDER)).charged_back_on == after(30)


def test_a_payment_event_alone_does_not_lower_what_a_file_says_is_owed(each_app: Flask) -> None:
    vendor_id = a_vendor()
    import_rows(an_order_row(vendor_id, order_id=ORDER))
    tell(vendor_id, "made", 3, 60)
    assert (read_receivable(find_receivable(ORDER)).original_cents, outstanding()) == (100_00, 40_00)


def test_a_bank_payment_of_an_order_told_by_events_is_its_payment(each_app: Flask) -> None:
    tell(a_vendor(), "pending")
    pay(ORDER, 100_00, after(4))
    assert outstanding() == 0


@pytest.mark.parametrize("file_after", [0, 1, 2])
def test_two_products_of_one_transaction_are_two_payments_whenever_a_file_tells_of_one(
    app: Flask, file_after: int
) -> None:
    vendor_id = a_vendor()
    name = name_transaction("T7", ORDER, 100_00)
    row = a_payment_row(ORDER, 100_00, after(3), transaction_id="T7", identity=name)
    tell(vendor_id, "pending", 0, 200, product_id=...)
    for told, product in enumerate(("P1", "P2", "P2", "P1")):
        if told == file_after:
            take_payments([row], a_desk(after(9)), source="csv")
        tell(vendor_id, "made", 3, transaction_id="T7", product_id=product, metadata=told)
    take_payments([row], a_desk(after(9)), source="csv")
    assert [payment.amount_cents for payment in db.session.scalars(select(Payment))] == [100_00, 100_00]


@pytest.mark.parametrize("file_first", [True, False])
@pytest.mark.parametrize("event_sent_twice", [True, False])
def test_refunds_of_two_amounts_under_one_number_are_two_wherever_they_are_told(
    app: Flask, file_first: bool, event_sent_twice: bool
) -> None:
    vendor_id = a_vendor()
    name = name_transaction("T1", ORDER, -20_00)
    row = a_payment_row(ORDER, -20_00, after(5), transaction_id="T1", identity=name)
    tell(vendor_id, "pending", 0, 200)
    tell(vendor_id, "made", 2, 150, transaction_id="T1")
    if file_first:
        take_payments([row], a_desk(after(9)), source="csv")
    for city in ["Bonn", "Köln"][: 1 + event_sent_twice]:
        tell(vendor_id, "refunded", 5, 30, transaction_id="T1", buyer_city=city)
    if not file_first:
        take_payments([row], a_desk(after(9)), source="csv")
    standing = list_standing(read_dossier(find_receivable(ORDER)), "refund", "chargeback")
    assert sorted((e.kind, e.cents) for e in standing) == [("chargeback", 20_00), ("refund", -30_00)]
    assert outstanding() == 200_00 - 150_00 + 20_00  # a refund of what was paid is paid out


@pytest.mark.parametrize("days", [(3, 5), (5, 3)])
def test_a_payment_stands_on_the_day_that_its_latest_version_says(
    each_app: Flask, days: tuple[int, int]
) -> None:
    vendor_id = a_vendor()
    tell(vendor_id, "pending")
    for day in days:
        tell(vendor_id, "made", day, 60, transaction_id="T7")
        tell(vendor_id, "made", day, 60, transaction_id="T7", buyer_city="Bonn")
    assert ledger() == {("principal", DUE): 100_00, ("payment", after(5)): -60_00}
    assert [p.value_date for p in db.session.scalars(select(Payment))] == [after(5)]
    assert len(ledger_of(find_receivable(ORDER))) == (4 if days == (3, 5) else 2)


def test_what_waits_for_a_person_is_found_by_vendor_and_order_and_applied_again(each_app: Flask) -> None:
    vendor_id, support = a_vendor(), Actor("support", a_user("support"))
    tell(vendor_id, "pending", rate_number="first", order_id="R1")
    tell(a_vendor(), "refunded", order_id="R1x", payment_status="in_review")
    assert count_stuck(db.session()) == 2
    chosen = CaseFilter(text="r1", vendor=vendor_id)
    assert count_events(db.session(), chosen) == {"open": 1, "waiting": 0, "ignored": 0, "odd": 0}
    (row,) = find_events(db.session(), "open", chosen, None).rows
    assert find_event(db.session(), row.id) == row
    readable = replace(thaw_event(row.body["event"]), rate_number=1, unclear=())
    for _ in range(2):
        apply_again(row.id, lambda _body, _at: readable, support, a_desk(after(91)))
        assert apply_inbox(a_desk(after(91))) == 0
    assert (states()[0], count_stuck(db.session())) == (("applied", ""), 1)
    assert read_receivable(find_receivable("R1")).original_cents == 100_00
