"""What people decide about money nobody could place: once, with a line of history, and never a vendor."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dunning.actions.dossier.refusals import AlreadyAssigned, CannotAssign, NotFound, ReasonMissing
from dunning.actions.money.assign_payment import assign_payment, dismiss_payment
from dunning.actions.money.book_by_hand import book_by_hand
from dunning.actions.money.book_payments import take_payments
from dunning.records import db
from dunning.records.journal import History
from dunning.records.queries.money.candidates import list_suggestions
from dunning.records.queries.money.lists import (
    count_overpaid,
    count_unmatched,
    find_overpaid,
    find_payment,
    find_unmatched,
)
from dunning.rules.statuses import Refused
from dunning.work import Actor
from tests.actions.money.test_bank_payments import an_entry, bank, kinds_of, last_payment, returned
from tests.builders import (
    a_case,
    a_desk,
    a_payment_row,
    a_user,
    after,
    an_order,
    find_receivable,
    order_of,
    pay,
    read_case,
    read_history,
    read_receivable,
)

pytestmark = pytest.mark.usefixtures("quick_press")
RECEIVED_ON = after(11)


def support(**changes) -> Actor:
    return Actor("support", a_user("support"), **changes)


def unmatched(text: str = "Danke", cents: int = 100_00, on=RECEIVED_ON, **changes) -> int:
    """A payment that waits for a person."""
    bank(an_entry(text, cents, on, **changes))
    assert last_payment().unmatched_reason
    return last_payment().id


def possibly_same(order_id: str) -> int:
    """A statement's entry that an event has reported before."""
    take_payments([a_payment_row(order_id, 40_00, after(1))], a_desk(after(1)), source="ipn")
    bank(an_entry(order_id, 40_00, after(2)))
    assert last_payment().unmatched_reason == "possibly_same"
    return last_payment().id


# --- It belongs to this order ---


def test_assigned_money_is_booked_and_pays_the_case(each_app: Flask) -> None:
    case_id, payment_id = a_case("running"), unmatched()
    actor = support()
    assign_payment(payment_id, order_of(case_id).order_id, None, actor, a_desk(after(12)))
    assert read_case(case_id).status == "paid"
    assert kinds_of(read_case(case_id).receivable_id) == [("payment", -100_00)]
    note = next(line for line in read_history(case_id) if line.verb == "assign_payment")
    assert (note.user_id, note.detail) == (actor.user_id, {"payment_id": payment_id, "cents": 100_00})
    assert (last_payment().unmatched_reason, last_payment().order_pk) == ("", order_of(case_id).id)


@pytest.mark.parametrize("typed", ["M6B5zL7i", " M6B5zL7i ", "m6b5-zl7i", "M6B5 ZL7I"])
def test_the_order_may_be_typed_as_it_is_read(each_app: Flask, typed: str) -> None:
    an_order(order_id="M6B5zL7i")
    assign_payment(unmatched(), typed, None, support(), a_desk(after(12)))
    assert kinds_of(find_receivable("M6B5zL7i")) == [("payment", -100_00)]


def test_one_rate_can_be_named(each_app: Flask) -> None:
    order_id = an_order(rates=3)
    assign_payment(unmatched(), order_id, 3, support(), a_desk(after(12)))
    kinds = [kinds_of(find_receivable(order_id, rate)) for rate in (1, 2, 3)]
    assert kinds == [[], [], [("payment", -100_00)]]


def test_without_a_case_the_receivable_has_the_line_of_history(each_app: Flask) -> None:
    order_id = an_order()
    assign_payment(unmatched(), order_id, None, support(), a_desk(after(12)))
    row = db.session.scalars(select(History)).one()
    assert (row.verb, row.case_id, row.receivable_id) == (
        "assign_payment",
        None,
        find_receivable(order_id),
    )


def test_it_is_another_payment_after_all(each_app: Flask) -> None:
    order_id = an_order(order_id="M6B5zL7i")
    payment_id = possibly_same(order_id)
    assign_payment(payment_id, order_id, None, support(), a_desk(after(3)))
    assert kinds_of(find_receivable(order_id)) == [("payment", -40_00), ("payment", -40_00)]


def test_a_returned_debit_can_be_assigned(each_app: Flask) -> None:
    order_id = an_order(payment_method="sepa")
    pay(order_id, 100_00, after(1))
    bank(returned("Danke", 60_00))
    assign_payment(last_payment().id, order_id, None, support(), a_desk(after(21)))
    assert kinds_of(find_receivable(order_id)) == [("payment", -100_00), ("chargeback", 60_00)]
    assert read_receivable(find_receivable(order_id)).charged_back_on == after(20)


@pytest.mark.parametrize(
    ("order_id", "rate", "changes", "reason"),
    [
        ("NOPE", None, {}, "order_unknown"),
        ("", None, {}, "order_unknown"),
        ("M6B5zL7i", 9, {}, "unknown_rate"),
        ("M6B5zL7i", None, {"currency": "USD"}, "other_currency"),
        ("M6B5zL7i", None, {"cents": -5_00}, "not_credited"),
        ("m6b5ZL7i", None, {}, "several_orders"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    each_app: Flask, order_id, rate, changes, reason
) -> None:
    for known in ("M6B5zL7i", "M6B5-zL7i"):
        an_order(order_id=known)
    payment_id = unmatched(**changes)
    before = last_payment().unmatched_reason
    with pytest.raises(CannotAssign) as refused:
        assign_payment(payment_id, order_id, rate, support(), a_desk(after(12)))
    assert refused.value.reason == reason
    assert (last_payment().order_pk, last_payment().unmatched_reason) == (None, before)
    assert kinds_of(find_receivable("M6B5zL7i")) == []


def test_a_payment_is_assigned_once(each_app: Flask) -> None:
    order_id, payment_id = an_order(), unmatched()
    assign_payment(payment_id, order_id, None, support(), a_desk(after(12)))
    with pytest.raises(AlreadyAssigned):
        assign_payment(payment_id, order_id, None, support(), a_desk(after(12)))
    assert len(kinds_of(find_receivable(order_id))) == 1


def test_a_payment_that_is_none_is_not_found(each_app: Flask) -> None:
    for verb in (
        lambda: assign_payment(999, an_order(), None, support(), a_desk()),
        lambda: dismiss_payment(999, "", support(), a_desk()),
    ):
        with pytest.raises(NotFound):
            verb()


# --- It is the payment that was reported before ---


def test_a_payment_found_to_be_the_same_is_kept_and_never_booked(each_app: Flask) -> None:
    order_id = an_order(order_id="M6B5zL7i")
    payment_id = possibly_same(order_id)
    dismiss_payment(payment_id, "same reference at the bank", support(), a_desk(after(3)))
    assert last_payment().unmatched_reason == "duplicate"
    assert kinds_of(find_receivable(order_id)) == [("payment", -40_00)]
    note = db.session.scalars(select(History)).one()
    assert (note.verb, note.reason) == ("dismiss_payment", "same reference at the bank")
    assert count_unmatched(db.session()).rows == 0
    with pytest.raises(AlreadyAssigned):
        assign_payment(payment_id, order_id, None, support(), a_desk(after(3)))


def test_a_new_order_does_not_wake_what_was_dismissed(each_app: Flask) -> None:
    dismiss_payment(possibly_same(an_order(order_id="M6B5zL7i")), "", support(), a_desk(after(3)))
    an_order(order_id="OTHER1")
    assert last_payment().unmatched_reason == "duplicate"


def test_only_what_may_be_the_same_can_be_dismissed(each_app: Flask) -> None:
    with pytest.raises(AlreadyAssigned):
        dismiss_payment(unmatched(), "", support(), a_desk(after(12)))
    assert last_payment().unmatched_reason == "no_reference"


# --- Support knows of money ---


def test_money_booked_by_hand_pays_the_case_with_who_and_why(each_app: Flask) -> None:
    case_id, actor = a_case("running"), support()
    book_by_hand(case_id, 100_00, after(11), " cash at the desk ", actor, a_desk(after(12)))
    assert read_case(case_id).status == "paid"
    verbs = [(line.verb, line.user_id, line.reason) for line in read_history(case_id)][-2:]
    assert verbs == [("book_payment", actor.user_id, "cash at the desk"), ("pay", None, "")]
    assert (last_payment().source, last_payment().value_date) == ("support", after(11))


def test_one_form_books_once(each_app: Flask) -> None:
    case_id, actor = a_case("running"), support(form_key="K", location="/")
    book_by_hand(case_id, 10_00, after(11), "cash", actor, a_desk(after(12)))
    with pytest.raises(IntegrityError):
        book_by_hand(case_id, 10_00, after(11), "cash", actor, a_desk(after(12)))
    assert kinds_of(read_case(case_id).receivable_id) == [("payment", -10_00)]


def test_two_forms_book_twice(each_app: Flask) -> None:
    case_id = a_case("running")
    for _ in range(2):
        book_by_hand(case_id, 10_00, after(11), "cash", support(), a_desk(after(12)))
    assert read_case(case_id).outstanding_cents == 80_00


@pytest.mark.parametrize("status", ["paid", "closed", "cancelled", "failed", "blocked", "handed_over"])
def test_money_can_be_booked_whatever_the_status(each_app: Flask, status: str) -> None:
    case_id = a_case(status)
    book_by_hand(case_id, 10_00, after(37), "cash", support(), a_desk(after(37)))
    assert ("payment", -10_00) in kinds_of(read_case(case_id).receivable_id)
    assert read_case(case_id).status == status


@pytest.mark.parametrize("cents", [0, -5])
def test_nothing_is_no_payment(each_app: Flask, cents: int) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        book_by_hand(a_case("running"), cents, after(11), "cash", support(), a_desk(after(12)))


def test_who_books_says_why(each_app: Flask) -> None:
    with pytest.raises(ReasonMissing):
        book_by_hand(a_case("running"), 1, after(11), "  ", support(), a_desk(after(12)))


def test_a_vendor_decides_about_no_money(each_app: Flask) -> None:
    case_id, payment_id = a_case("running"), unmatched()
    vendor = Actor("vendor", a_user(), read_case(case_id).vendor_id)
    for verb in (
        lambda: book_by_hand(case_id, 100_00, after(11), "paid", vendor, a_desk(after(12))),
        lambda: assign_payment(payment_id, order_of(case_id).order_id, None, vendor, a_desk(after(12))),
        lambda: dismiss_payment(payment_id, "", vendor, a_desk(after(12))),
    ):
        with pytest.raises(Refused):
            verb()
    assert read_case(case_id).status == "running"


# --- What support reads ---


def test_the_newest_waiting_money_comes_first_and_pages_go_on(each_app: Flask) -> None:
    ids = [unmatched(f"Danke {day}", on=after(day)) for day in range(1, 6)]
    first = find_unmatched(db.session(), "", 2)
    second = find_unmatched(db.session(), "", 2, first.after)
    assert [row.id for row in (*first.rows, *second.rows)] == ids[:0:-1]
    assert (first.before, second.before is not None) == (None, True)
    assert count_unmatched(db.session()).rows == 5


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 3), ("danke", 2), ("MUSTER", 1), ("muster danke", 1), ("12,34", 1), ("de0212", 1), ("%", 0)],
)
def test_waiting_money_is_found_by_its_words_or_its_amount(each_app: Flask, text: str, found: int) -> None:
    unmatched("Danke", payer_name="Anna Muster")
    unmatched("Danke schön", payer_iban="DE02120300000000202051")
    unmatched("Hallo", 12_34)
    assert len(find_unmatched(db.session(), text, 25).rows) == found
    assert count_unmatched(db.session(), text).rows == found


def test_foreign_money_does_not_count_into_the_sum(each_app: Flask) -> None:
    unmatched(cents=10_00)
    unmatched(cents=99_00, currency="USD")
    assert count_unmatched(db.session()).cents == 10_00


def test_what_came_in_too_much_is_listed_with_and_without_a_case(each_app: Flask) -> None:
    case_id = a_case("paid", order_id="CASE1")
    pay("CASE1", 30_00, after(11))
    an_order(order_id="FREE1")
    pay("FREE1", 120_00, after(11))
    an_order(order_id="EXACT")
    pay("EXACT", 100_00, after(11))
    rows = find_overpaid(db.session(), "", 25).rows
    assert [(row.order_id, row.case_id, row.status, row.cents) for row in rows] == [
        ("FREE1", None, None, 20_00),
        ("CASE1", case_id, "paid", 30_00),
    ]
    assert count_overpaid(db.session()) == count_overpaid(db.session(), "muster")
    assert (count_overpaid(db.session()).cents, count_overpaid(db.session(), "free").rows) == (50_00, 1)


def test_what_is_paid_on_an_order_refunded_before_is_too_much(each_app: Flask) -> None:
    order_id = an_order(payment_status="refunded")
    assert find_overpaid(db.session(), "", 25).rows == []
    pay(order_id, 40_00, after(1))
    assert [row.cents for row in find_overpaid(db.session(), "", 25).rows] == [40_00]


def test_suggestions_come_from_text_amount_and_name(each_app: Flask) -> None:
    an_order(order_id="ABCD1", amount_cents=77_00)
    an_order(order_id="ABCD2", amount_cents=88_00)
    an_order(order_id="OTHER", amount_cents=100_00, last_name="Beispiel")
    case_id = a_case("running", order_id="NAMED", amount_cents=100_00)
    payment_id = unmatched("ABCD1 and ABCD2", payer_name="MUSTER ANNA")
    (found,) = list_suggestions(db.session(), [find_payment(db.session(), payment_id)]).values()
    assert [(s.candidate.order_id, s.why) for s in found] == [
        ("ABCD1", ("order_in_text", "same_name")),
        ("ABCD2", ("order_in_text", "same_name")),
        ("NAMED", ("same_amount", "same_name")),
    ]
    assert read_case(case_id).status == "running"


def test_another_currency_is_suggested_nothing(each_app: Flask) -> None:
    an_order(order_id="ABCD1")
    payment_id = unmatched("ABCD1", currency="USD")
    assert list_suggestions(db.session(), [find_payment(db.session(), payment_id)]) == {payment_id: []}
