"""What all events of an order say together: the same in whatever order, and however often, they came."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.rules.orders.events import OrderEvent, Verdict, freeze_event, thaw_event
from dunning.rules.orders.lines import KnownRate
from dunning.rules.orders.picture import MoneyBack, Rate, fold_order

DAY = dt.date(2026, 1, 2)
HOUR = dt.timedelta(hours=1)
SALE = {
    "payment_method": "sepa",
    "currency": "EUR",
    "first_name": "Anna",
    "last_name": "Muster",
    "company": "",
}
WAITS = Verdict("waiting", "sale unknown")


def on(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def an_event(event_type: str, day: int = 0, cents: int | None = 100_00, **changes) -> OrderEvent:
    """An event of one order, so many days after its date."""
    transaction = changes.pop("transaction_id", f"T{day}")
    event_type = event_type if event_type.startswith("other") else f"payment.{event_type}"
    return OrderEvent(
        key=f"{event_type}:{transaction}",
        event_type=event_type,
        order_id="M6B5zL7i",
        identity=f"transaction:{transaction}",
        value_date=on(day),
        transaction_id=transaction,
        happened_at=dt.datetime.combine(on(day), dt.time(8), dt.UTC),
        amount_cents=cents,
        fields=changes.pop("fields", SALE),
        **{"order_date": DAY} | changes,
    )


PENDING = an_event("pending")
MADE = an_event("made", 3)
FAILED = an_event("failed", 2)
CHARGED_BACK = an_event("charged_back", 20)


def a_part(kind: str, **changes) -> MoneyBack:
    """All of it of the only rate."""
    fields = {"transaction": "T9", "product_id": "", "told_cents": 100_00, "value_date": on(9)}
    return MoneyBack(kind, **fields | {"rate_number": 1, "cents": 100_00} | changes)


def verdicts(*events: OrderEvent) -> list[Verdict]:
    """One per event, in the order given."""
    picture = fold_order(events)
    return [picture.verdicts[event.key] for event in events]


# --- Receivables and their principal ---


def test_pending_made_and_failed_of_a_sale_share_one_principal() -> None:
    picture = fold_order([PENDING, FAILED, MADE])
    assert picture.rates == (Rate(1, 100_00, DAY, on(2)),)
    assert [(p.amount_cents, p.value_date) for p in picture.payments] == [(100_00, on(3))]


def test_each_transaction_of_payment_made_is_one_payment() -> None:
    two = [an_event("made", day, 50_00) for day in (3, 4)]
    assert [p.transaction_id for p in fold_order([*two, *two]).payments] == ["T3", "T4"]


def test_what_was_asked_for_is_the_principal_not_what_was_paid() -> None:
    assert fold_order([PENDING, an_event("made", 3, 60_00)]).rates[0].amount_cents == 100_00


def test_what_was_paid_is_the_principal_when_nobody_asked_for_anything() -> None:
    assert fold_order([an_event("made", 3, 60_00)]).rates[0].amount_cents == 60_00


def test_a_payment_alone_does_not_lower_a_principal_known_from_a_file() -> None:
    known = {1: KnownRate(100_00, DAY)}
    assert fold_order([an_event("made", 3, 60_00)], known).rates[0].amount_cents == 100_00


def test_of_two_amounts_asked_for_the_later_counts() -> None:
    assert fold_order([an_event("failed", 5, 90_00), PENDING]).rates[0].amount_cents == 90_00


def test_a_debit_that_fails_twice_failed_on_the_first_day() -> None:
    picture = fold_order([PENDING, an_event("failed", 9), FAILED])
    assert picture.rates[0].failed_on == on(2)


# --- Due dates ---


def test_a_due_date_that_was_sent_counts() -> None:
    assert fold_order([replace(PENDING, due_date=on(14))]).rates[0].due_date == on(14)


def test_without_one_a_one_off_order_is_due_on_its_own_date() -> None:
    assert fold_order([an_event("failed", 6), an_event("pending", 4)]).rates[0].due_date == DAY


def test_without_any_order_date_the_first_sale_is_the_date() -> None:
    later, first = (an_event(kind, day, order_date=None) for kind, day in (("made", 6), ("pending", 4)))
    picture = fold_order([later, first])
    assert (picture.fields["order_date"], picture.rates[0].due_date) == (on(4), on(4))


def test_a_later_rate_is_due_when_it_was_first_asked_for() -> None:
    rate = [an_event(kind, day, rate_number=2) for kind, day in (("failed", 33), ("pending", 30))]
    assert fold_order([an_event("made", rate_number=1), *rate]).rates[1].due_date == on(30)


def test_an_announced_rate_is_expected_on_the_next_payment_day_until_it_is_asked_for() -> None:
    first = an_event("made", rate_number=1, next_payment_at=on(30))
    upcoming = an_event("recurring.upcoming", 25, 50_00, rate_number=2)
    assert fold_order([first, upcoming]).rates[1] == Rate(2, 50_00, on(30), None)
    told = replace(upcoming, next_payment_at=on(31))
    assert fold_order([first, told]).rates[1].due_date == on(31)
    asked = an_event("pending", 32, 50_00, rate_number=2)
    assert fold_order([first, told, asked]).rates[1].due_date == on(32)


def test_a_rate_announced_without_any_day_has_no_due_date_yet() -> None:
    upcoming = an_event("recurring.upcoming", 25, rate_number=2)
    assert fold_order([an_event("made", rate_number=1), upcoming]).rates[1].due_date is None


# --- Order and buyer ---


def test_the_latest_event_says_what_order_and_buyer_are_like() -> None:
    moved = an_event("made", 5, fields=SALE | {"last_name": "Neu", "payment_method": "paypal"})
    picture = fold_order([moved, PENDING])
    assert (picture.fields["last_name"], picture.fields["payment_method"]) == ("Neu", "paypal")


def test_an_event_processed_later_counts_as_later_whatever_its_transactions_day() -> None:
    late = replace(PENDING, happened_at=MADE.happened_at + dt.timedelta(1), fields={"email": "b@example.org"})
    assert (
        fold_order([late, replace(MADE, fields={"email": "a@example.org"})]).fields["email"]
        == "b@example.org"
    )


def test_what_the_latest_event_does_not_tell_stays_known() -> None:
    assert fold_order([PENDING, replace(CHARGED_BACK, fields={})]).fields == SALE | {"order_date": DAY}


def test_an_address_is_never_half_old_and_half_new() -> None:
    old = replace(PENDING, fields=SALE | {"street": "Alter Weg", "house_number": "1", "details": "c/o Amt"})
    new = an_event("made", 5, fields={"street": "Neuer Weg 7", "zipcode": "50674"})
    fields = fold_order([new, old]).fields
    assert (fields["street"], fields["house_number"], fields["details"]) == ("Neuer Weg 7", "", "")
    assert fields["last_name"] == "Muster"


# --- Money back ---


@pytest.mark.parametrize(("event_type", "kind"), [("refunded", "refund"), ("charged_back", "chargeback")])
@pytest.mark.parametrize("cents", [40_00, -40_00])
def test_money_back_counts_by_its_absolute_amount(event_type: str, kind: str, cents: int) -> None:
    back = an_event(event_type, 9, cents)
    assert fold_order([back, PENDING]).money_back == (a_part(kind, told_cents=40_00, cents=40_00),)


@pytest.mark.parametrize("event_type", ["refunded", "charged_back", "recurring.cancelled"])
def test_what_takes_back_an_unknown_sale_waits(event_type: str) -> None:
    event = an_event(event_type, 9)
    assert verdicts(event) == [WAITS]
    picture = fold_order([event])
    assert (picture.rates, picture.money_back, picture.cancelled_on) == ((), (), None)
    assert fold_order([event, PENDING]).verdicts[event.key] == Verdict("applied")


def test_a_refund_of_a_rate_nobody_knows_waits_for_that_rate() -> None:
    refund = an_event("refunded", 9, rate_number=2)
    assert verdicts(refund, PENDING) == [WAITS, Verdict("applied")]
    assert verdicts(refund, an_event("pending", 5, rate_number=2))[0] == Verdict("applied")


def test_a_sale_known_from_a_file_is_known() -> None:
    refund = an_event("refunded", 9)
    picture = fold_order([refund], {1: KnownRate(100_00, DAY)})
    assert (picture.rates, picture.verdicts[refund.key]) == ((), Verdict("applied"))
    assert picture.money_back == (a_part("refund"),)


def test_a_refund_that_names_no_rate_goes_to_the_oldest_due_first() -> None:
    rates = [an_event("pending", 30 * n, 50_00, rate_number=n + 1) for n in range(3)]
    refunds = an_event("refunded", 70, 80_00), an_event("refunded", 71, 90_00)
    shares = [(b.transaction, b.rate_number, b.cents) for b in fold_order([*refunds, *rates]).money_back]
    assert shares == [("T70", 1, 50_00), ("T70", 2, 30_00), ("T71", 2, 20_00), ("T71", 3, 70_00)]


# --- What opens nothing ---


def test_the_first_cancellation_counts() -> None:
    both = [an_event("recurring.cancelled", day, None) for day in (40, 35)]
    assert fold_order([PENDING, *both]).cancelled_on == on(35)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (an_event("trial"), "a trial owes nothing"),
        (an_event("other.event"), "unknown event type"),
        (an_event("made", cents=0), "nothing to be paid"),
        (an_event("pending", cents=-5_00), "nothing to be paid"),
        (an_event("refunded", cents=0), "nothing to be paid"),
    ],
)
def test_an_event_that_owes_nothing_is_ignored_with_its_reason(event: OrderEvent, reason: str) -> None:
    picture = fold_order([event])
    assert picture.verdicts[event.key] == Verdict("ignored", reason)
    assert (picture.rates, picture.payments, picture.money_back) == ((), (), ())


def test_a_trial_tells_nothing_of_the_buyer() -> None:
    assert (
        "email" not in fold_order([PENDING, an_event("trial", 9, fields={"email": "x@example.org"})]).fields
    )


def test_an_instalment_announced_with_all_of_its_order_opens_it() -> None:
    upcoming = an_event("recurring.upcoming", 25, rate_number=2, next_payment_at=on(30))
    assert fold_order([upcoming]).rates == (Rate(2, 100_00, on(30), None),)
    assert verdicts(replace(upcoming, order_date=None)) == [WAITS]


# --- Any order, any repetition (F13) ---

ANY = (
    PENDING,
    MADE,
    FAILED,
    CHARGED_BACK,
    an_event("made", 8, 30_00),
    an_event("refunded", 12, -20_00),
    an_event("pending", 30, rate_number=2, due_date=on(40)),
    an_event("refunded", 45, 170_00, rate_number=None),
    an_event("charged_back", 46, rate_number=2),
    an_event("recurring.upcoming", 50, rate_number=3, next_payment_at=on(60)),
    an_event("recurring.cancelled", 55, None),
    an_event("made", 3, 100_00, transaction_id="", fields=SALE | {"city": "Köln"}),
    an_event("trial", 1, 0),
)


@st.composite
def repeated_and_shuffled(draw: st.DrawFn) -> tuple[list[OrderEvent], list[OrderEvent]]:
    """Up to six events, and the same ones in another order with some of them twice."""
    events = draw(st.lists(st.sampled_from(ANY), min_size=1, max_size=6, unique_by=lambda e: e.key))
    again = draw(st.lists(st.sampled_from(events), max_size=3))
    return events, draw(st.permutations([*events, *again]))


@given(repeated_and_shuffled())
@settings(max_examples=300, deadline=None)
def test_every_order_and_repetition_gives_the_same_picture(
    pair: tuple[list[OrderEvent], list[OrderEvent]],
) -> None:
    events, shuffled = pair
    assert fold_order(shuffled) == fold_order(events)


@given(st.sampled_from(ANY))
def test_an_event_survives_the_inbox(event: OrderEvent) -> None:
    assert thaw_event(freeze_event(event)) == event


# --- Several products ---


def of_product(event: OrderEvent, product: str, **changes) -> OrderEvent:
    return replace(event, fields=SALE | {"product_id": product}, **changes)


def principal(*events: OrderEvent, known: KnownRate | None = None) -> int:
    amounts = [
        fold_order(order, {1: known} if known else {}).rates[0].amount_cents for order in permutations(events)
    ]
    assert len(set(amounts)) == 1
    return amounts[0]


COURSE = of_product(an_event("pending", 0, 100_00), "P1")
ADDON = of_product(an_event("pending", 1, 50_00), "P2")


def test_the_principal_is_the_sum_of_the_products() -> None:
    assert principal(COURSE, ADDON) == 150_00
    assert principal(COURSE, of_product(an_event("made", 1, 50_00), "P2")) == 150_00


def test_what_is_asked_for_a_product_again_replaces_its_line_only() -> None:
    assert principal(COURSE, ADDON, of_product(an_event("failed", 5, 90_00), "P1")) == 140_00


def test_an_event_without_a_product_speaks_of_the_only_one() -> None:
    assert principal(COURSE, an_event("failed", 5, 90_00)) == 90_00
    assert principal(COURSE, ADDON, an_event("failed", 5, 90_00)) == 150_00


def test_a_payment_without_a_product_adds_nothing_to_what_is_asked() -> None:
    assert principal(COURSE, an_event("made", 5, 90_00)) == 100_00


def test_an_event_may_set_all_its_products_at_once() -> None:
    both = an_event("pending", 0, 150_00, lines=(("P1", 100_00), ("P2", 50_00)))
    assert principal(both) == 150_00
    assert principal(both, of_product(an_event("failed", 5, 40_00), "P2")) == 140_00


def test_what_a_transaction_has_not_named_yet_is_owed_already() -> None:
    first, second = (
        of_product(an_event("pending", 0, 150_00), product, key=product, lines=((product, cents),))
        for product, cents in (("P1", 100_00), ("P2", 50_00))
    )
    assert principal(first) == principal(first, second) == 150_00


def test_a_row_of_a_file_is_a_line_that_events_replace() -> None:
    row = KnownRate(100_00, DAY, "P1")
    assert principal(of_product(an_event("made", 3, 50_00), "P2"), known=row) == 100_00
    assert principal(ADDON, known=row) == 150_00
    assert principal(of_product(an_event("failed", 5, 90_00), "P1"), known=row) == 90_00


# --- Versions of one event, and IDs that repeat ---


def test_of_two_versions_of_an_event_the_later_counts() -> None:
    refund = an_event("refunded", 9, 30_00)
    later = replace(refund, key="later", happened_at=refund.happened_at + dt.timedelta(1), value_date=on(10))
    for events in permutations([PENDING, refund, later]):
        (part,) = fold_order(events).money_back
        assert (part.cents, part.value_date) == (30_00, on(10))


def test_one_transaction_with_two_amounts_is_two() -> None:
    refunds = [an_event("refunded", 9, cents, transaction_id="T1") for cents in (30_00, 20_00)]
    both = [replace(event, key=str(event.amount_cents)) for event in refunds]
    assert sorted(part.cents for part in fold_order([PENDING, *both]).money_back) == [20_00, 30_00]
    paid = [replace(MADE, key=str(cents), amount_cents=cents) for cents in (60_00, 40_00)]
    assert len({payment.identity for payment in fold_order(paid).payments}) == 2


def test_an_event_that_names_no_product_says_the_same_as_one_that_does() -> None:
    """Sent again with the amounts of its products, a transaction is still one."""
    for kind in ("made", "refunded"):
        first = of_product(an_event(kind, 3, transaction_id="T1"), "P1")
        again = replace(first, key="again", lines=(("P1", 60_00), ("P2", 40_00)))
        for events in permutations([PENDING, first, again]):
            picture = fold_order(events)
            assert len(picture.payments) + len(picture.money_back) == 1
        other = replace(of_product(first, "P2"), key="other")
        assert len(fold_order([first, again, other]).payments) == (2 if kind == "made" else 0)


def test_of_two_versions_at_one_instant_the_greater_body_counts() -> None:
    versions = [
        replace(PENDING, key=key, amount_cents=cents, fields=SALE | {"last_name": key})
        for key, cents in (("a", 90_00), ("b", 80_00))
    ]
    for events in permutations(versions):
        picture = fold_order(events)
        assert (picture.rates[0].amount_cents, picture.fields["last_name"]) == (80_00, "b")


# --- Money back that did not go back ---


def test_a_refund_that_failed_after_it_was_reported_moves_no_money() -> None:
    told = an_event("refunded", 9, 30_00, payment_status="refunded")
    failed = replace(told, key="later", payment_status="failed_refunded", happened_at=told.happened_at + HOUR)
    for events in permutations([PENDING, told, failed]):
        assert fold_order(events).money_back == ()
    unknown = replace(failed, payment_status="in_review")
    assert len(fold_order([PENDING, told, unknown]).money_back) == 1
    assert (
        len(fold_order([PENDING, replace(failed, happened_at=told.happened_at - HOUR), told]).money_back) == 1
    )


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("", Verdict("applied")),
        ("refunded", Verdict("applied")),
        ("failed_refunded", Verdict("ignored", "it failed, the platform says")),
        ("chargeback_failed", Verdict("ignored", "it failed, the platform says")),
        ("in_review", Verdict("waiting", "nobody knows the payment_status 'in_review'")),
    ],
)
@pytest.mark.parametrize("event_type", ["refunded", "charged_back"])
def test_a_status_says_whether_the_money_went_back(event_type: str, status: str, verdict: Verdict) -> None:
    back = an_event(event_type, 9, payment_status=status)
    picture = fold_order([PENDING, back])
    assert picture.verdicts[back.key] == verdict
    assert len(picture.money_back) == (verdict.state == "applied")
