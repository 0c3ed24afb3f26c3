"""Up to six events in every order, some of them twice, each applied as it arrives: one order, one ledger (F13)."""

import datetime as dt
import itertools
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dunning.actions.dossier.dossier import Dossier, find_order_dossiers
from dunning.actions.orders.take_events import apply_inbox
from dunning.records import db
from dunning.rules.course.eligibility import check
from dunning.rules.money.claim import sum_entries
from tests.builders import a_desk, a_vendor, after
from tests.events import an_ipn, put_event, write_ipn

numbers = itertools.count(1)
TODAY = after(90)
PLAN = {"payment_plan": "breakdown_payment", "total_number_of_payments": 3}


def one(event_type: str, day: int, amount: object = 100, **changes: Any) -> dict[str, Any]:
    """An event of rate 1 of three, so many days after the order's date."""
    on = after(day)
    dated = {"transaction_date": on.isoformat(), "transaction_processed_at": f"{on}T10:00:00"}
    body = {"transaction_id": f"T{day}", "transaction_amount": amount, "rate_number": 1, **PLAN}
    return an_ipn(event_type, **body | dated | changes)


EVENTS = (
    one("pending", 0, payment_method="sepa"),
    one("failed", 2, payment_method="sepa", buyer_city="Köln"),
    one("made", 3, payment_method="sepa", buyer_lastname="Neu"),
    one("made", 8, 30, payment_method="sepa"),
    one("charged_back", 20, payment_method="sepa"),
    one("charged_back", 21, -40, payment_method="sepa"),
    one("refunded", 12, -20, payment_method="sepa"),
    one("refunded", 45, 170, payment_method="sepa", rate_number=None),
    one("pending", 30, 50, rate_number=2, due_date=after(40).isoformat()),
    one("made", 33, 50, rate_number=2),
    one("recurring.upcoming", 50, 50, rate_number=3, next_payment_at=after(60).isoformat()),
    one("recurring.cancelled", 55, None),
    one("trial", 1, 0),
    one("made", 4, 25, transaction_id=None),
    # numbers that repeat: another product, its refund, another amount, a version that names the products or fails
    one("made", 8, 30, payment_method="sepa", product_id="P2"),
    one(
        "made",
        9,
        30,
        payment_method="sepa",
        transaction_id="T8",
        transaction_amount_per_product={"P1": 20, "P2": 10},
    ),
    one("refunded", 13, 30, payment_method="sepa", transaction_id="T8", payment_status="refunded"),
    one("refunded", 14, 30, payment_method="sepa", transaction_id="T8", payment_status="failed_refunded"),
    one("refunded", 15, 10, payment_method="sepa", transaction_id="T8", product_id="P2", rate_number=None),
    one("pending", 1, 60, payment_method="sepa", product_id="P2"),
    one("pending", 0, 90, payment_method="sepa", transaction_processed_at=f"{after(0)}T11:00:00"),
)


@st.composite
def two_ways(draw: st.DrawFn) -> tuple[list[dict], list[dict]]:
    """Some events, and the same ones in another order with some of them twice."""
    events = draw(st.lists(st.sampled_from(EVENTS), min_size=2, max_size=6, unique_by=write_ipn))
    again = draw(st.lists(st.sampled_from(events), max_size=2))
    return events, draw(st.permutations([*events, *again]))


def arrive(vendor_id: int, order_id: str, events: list[dict]) -> None:
    """One after the other, each applied before the next comes. A transaction belongs to its order alone."""
    for event in events:
        transaction = event["transaction_id"] and f"{order_id}-{event['transaction_id']}"
        body = write_ipn(event | {"order_id": order_id, "transaction_id": transaction})
        desk = a_desk(TODAY)
        put_event(vendor_id, body, desk.now)
        assert apply_inbox(desk) == 0


def describe(vendor_id: int, order_id: str) -> list[dict[str, Any]]:
    """What the order, its buyer, its receivables and ledgers are like; nothing of how they came to be."""
    db.session.rollback()
    return [describe_rate(file) for file in find_order_dossiers(db.session(), order_id, vendor_id)]


def describe_rate(file: Dossier) -> dict[str, Any]:
    facts, policy = file.read_facts(), a_desk().policy
    sums: dict[tuple[str, dt.date], int] = {}
    for entry in facts.entries:
        key = (entry.subject, entry.value_date)
        sums[key] = sums.get(key, 0) + entry.cents
    points = [(p.key, p.ok, p.detail) for g in check(facts, policy, TODAY).groups for p in g.points]
    return {
        "order": (facts.order.method, facts.order.plan, facts.order.rates, file.order.cancelled_on),
        "sums": (file.order.amount_cents, file.order.paid_cents, file.receivable.paid_cents),
        "buyer": facts.buyer,
        "rate": (facts.rate_number, facts.due_date, facts.original_cents),
        "happened": (facts.failed_on, facts.charged_back_on),
        "ledger": {key: cents for key, cents in sums.items() if cents},
        "balance": [sum_entries(facts.entries, after(day)) for day in (0, 10, 20, 30, 90)],
        "points": points,
        "next": (file.receivable.next_step_kind, file.receivable.next_step_on),
    }


def test_every_order_and_repetition_gives_the_same_order_ledger_and_points(each_app: Flask) -> None:
    vendor_id = a_vendor()

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(two_ways())
    def compare(ways: tuple[list[dict], list[dict]]) -> None:
        one_id, other_id = (f"A{next(numbers)}" for _ in ways)
        arrive(vendor_id, one_id, ways[0])
        arrive(vendor_id, other_id, ways[1])
        assert describe(vendor_id, one_id) == describe(vendor_id, other_id)

    compare()
